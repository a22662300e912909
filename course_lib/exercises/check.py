"""Check a learner's function against the exercise of its name."""

import difflib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from types import CodeType
from typing import Any

import torch

from course_lib.exercises import literals, run, start_over
from course_lib.exercises.attempt import Attempt, attempt
from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.cells import failure_of_cell, watch_cells
from course_lib.exercises.compare import kind
from course_lib.exercises.diagnosis import diagnosis
from course_lib.exercises.exercise import Exercise, Function, Mistake
from course_lib.exercises.panel import Result
from course_lib.exercises.quiet import Noise, UnwelcomeError, quiet
from course_lib.exercises.time_limit import TimeLimitReached, time_limit

SECONDS = 5.0
DRAWS = 3
TRIES_BEFORE_ADVICE = 3
LONGEST_PRINTED = 100
"""How many characters of the first line that a function prints are shown."""

Case = tuple[str, tuple[Any, ...]]
"""A title and the arguments drawn for it."""

_failed_tries: Counter[str] = Counter()
_running = threading.Lock()
_owner: threading.Thread | None = None
"""The thread whose check is running."""
watch_cells()


def check(function: object, *, seed: int | None = None) -> Result:
    """Try a function on fresh random cases of the exercise of its name, and say what is right and wrong.

    Never raises for what the function does; only the user's own interrupt passes through. `seed` fixes the
    cases, which otherwise differ from call to call. Each failing try on an exercise after the first shows
    one hint more; a try whose mistake is named shows the mistake's own hint and doesn't count. One check runs
    at a time: in another thread a second one judges nothing.
    """
    global _owner
    if not callable(function) or isinstance(function, Exercise):
        message = f"`check` takes your function itself, as in `check(moving_average)`, not {kind(function)}"
        return Result("your function", 0, 0, message)
    if _owner is threading.current_thread():
        raise UnwelcomeError("calls `check`, which calls it again: move `check` out of it, below it")
    name, message = _name(function)
    if message:
        return Result(name, 0, 0, message)
    if not _running.acquire(blocking=False):
        return Result(name, 0, EXERCISES[name].points, "another check is running: wait until it has ended")
    try:
        _owner = threading.current_thread()
        result = examine(EXERCISES[name], function, torch.Generator().seed() if seed is None else seed)
    finally:
        _owner = None
        _running.release()
    failure = failure_of_cell(function, name)
    if failure:
        return _of_before(result, failure)
    if result.is_solved or result.is_stub or result.mistake:
        return result
    _failed_tries[name] += 1
    advice = start_over.advice(name) if _failed_tries[name] >= TRIES_BEFORE_ADVICE else ""
    return replace(result, hints=EXERCISES[name].hints[: _failed_tries[name] - 1], advice=advice)


def _of_before(result: Result, failure: str) -> Result:
    """Say that a result is not about what the learner has just written."""
    message = (
        f"the cell that defines `{result.name}` failed ({failure}), so this judges the function as it was "
        "before: run that cell without an error first"
    )
    return replace(result, message=message, notes=(f"as it was before: {result.message}", *result.notes))


def examine(
    exercise: Exercise, function: Function, seed: int, draws: int = DRAWS, seconds: float = SECONDS
) -> Result:
    """Try a function on `draws` cases of every title, for `seconds` in all; see `check`."""
    titles = tuple(exercise.cases)
    mismatch = run.call_mismatch(function, exercise.reference)
    if mismatch:
        return Result(exercise.name, 0, exercise.points, mismatch, failed=titles)
    with quiet():
        generator = torch.Generator().manual_seed(seed)
        cases = [(title, make(generator)) for title, make in exercise.cases.items() for _ in range(draws)]
        attempt(exercise, exercise.reference, *cases[0])  # so that PyTorch is loaded before the time runs
    with quiet() as noise:
        attempts = _attempts(exercise, function, cases, seconds)
    if any(one.is_stub for one in attempts):
        message = "write your code, then run this cell again"
        return Result(exercise.name, 0, exercise.points, message, failed=titles, is_stub=True)
    with quiet():
        mistake = _mistake(exercise, function, attempts, generator, seconds)
        return _result(exercise, attempts, mistake, noise)


def _mistake(
    exercise: Exercise,
    function: Function,
    attempts: Sequence[Attempt],
    generator: torch.Generator,
    seconds: float,
) -> Mistake | None:
    def further() -> list[Attempt]:
        cases = [(title, make(generator)) for title, make in exercise.cases.items()]
        return _attempts(exercise, function, cases, seconds)

    return diagnosis(exercise, attempts, further)


def _attempts(exercise: Exercise, function: Function, cases: Sequence[Case], seconds: float) -> list[Attempt]:
    """Make an attempt at each case until the time is up."""
    attempts: list[Attempt] = []
    start = call = time.monotonic()
    try:
        with time_limit(seconds):
            for title, arguments in cases:
                call = time.monotonic()
                attempts.append(attempt(exercise, function, title, arguments))
    except TimeLimitReached:
        now, ended = time.monotonic(), len(attempts)
        stopped = f"your function was stopped after {seconds:g} s"
        if now - call >= (now - start) / 2:
            problem = f"{stopped} in one call: it has a loop that never ends, or far too much to do"
        else:
            problem = f"{stopped}, when {ended} of {len(cases)} calls had ended: it is too slow for the check"
        attempts += [Attempt(*case, problem=problem) for case in cases[ended:]]
    return attempts


def _result(exercise: Exercise, attempts: Sequence[Attempt], mistake: Mistake | None, noise: Noise) -> Result:
    failed = tuple(title for title in exercise.cases if any(a.problem for a in attempts if a.title == title))
    passed = tuple(title for title in exercise.cases if title not in failed)
    first = next((a for a in attempts if a.problem), None)
    fault = next((a.fault for a in attempts if a.fault), "")
    message, *remarks = _findings(first, fault)
    return Result(
        name=exercise.name,
        points=_points(exercise, len(passed), is_faulty=bool(fault)),
        possible=exercise.points,
        message=message,
        passed=passed,
        failed=failed,
        case=first.title if first else "",
        difference=first.difference if first else None,
        mistake=mistake,
        notes=(*_notes(noise), *remarks, *dict.fromkeys(note for a in attempts for note in a.notes)),
        example=literals.example(exercise, attempts),
        library=exercise.library,
    )


def _points(exercise: Exercise, passed: int, is_faulty: bool) -> float:
    """What a solution earns: its share of the cases, halved by a fault besides the values.

    Points come in quarters. They are rounded down, but whoever solves a case earns one quarter at least.
    """
    quarters = 4 * exercise.points * passed // (len(exercise.cases) * (2 if is_faulty else 1))
    return max(quarters, min(passed, 1)) / 4


def _findings(first: Attempt | None, fault: str) -> list[str]:
    """What is wrong, the most important first: a changed input may be why the values are wrong."""
    if first and first.fault:
        return [first.fault, first.problem]
    if first:
        return [first.problem, fault] if fault else [first.problem]
    if fault:
        return [fault, "the values are right; what else is wrong costs half of the points"]
    return ["everything passed"]


def _notes(noise: Noise) -> tuple[str, ...]:
    notes = []
    if noise.printed.strip():
        first = noise.printed.strip().splitlines()[0]
        first = first if len(first) <= LONGEST_PRINTED else f"{first[:LONGEST_PRINTED]} ..."
        notes.append(f"your function prints ({first}): good for looking, to be taken out when it works")
    if noise.warned:
        notes.append(f"your function warns: {noise.warned[0]}")
    return tuple(notes)


def _name(function: Function) -> tuple[str, str]:
    """The name of a function, and what is wrong with it; empty if it is that of an exercise."""
    name = _attribute(function, "__name__")
    if not isinstance(name, str):
        return "your function", f"define your function with `def`; this is {kind(function)}"
    if name == "<lambda>":
        return "your function", "define your function with `def`: a `lambda` does not know its name"
    code = _attribute(run.innermost(function), "__code__")
    if name not in EXERCISES:
        return name, _unknown(function, name)
    if isinstance(code, CodeType) and code.co_name != name:
        return name, f"this function says that it is {name}, but it was defined as {code.co_name}"
    return name, ""


def _unknown(function: Function, name: str) -> str:
    for cell in _attribute(function, "__closure__") or ():
        wrapped = _attribute(_attribute(cell, "cell_contents"), "__name__")
        if wrapped in EXERCISES:
            advice = "write `@functools.wraps(...)` with that function above its `def`"
            return f"your function {wrapped} is wrapped in {name}, which hides its name: {advice}"
    close = difflib.get_close_matches(name, EXERCISES, cutoff=0.5)
    advice = f"did you mean {' or '.join(close)}?" if close else "name your function as the exercise asks"
    return f"no exercise is called {name}: {advice}"


def _attribute(value: object, name: str) -> Any:
    """An attribute of any object; None if it has none, be it by raising."""
    try:
        return getattr(value, name, None)
    except Exception:  # by a class of the learner's own, or an empty cell
        return None
