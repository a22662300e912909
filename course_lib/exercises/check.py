"""Check a learner's function against the exercise of its name."""

import difflib
import inspect
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import torch

from course_lib.exercises import literals, run, start_over
from course_lib.exercises.attempt import Attempt, attempt
from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.compare import kind
from course_lib.exercises.diagnosis import diagnosis
from course_lib.exercises.exercise import Exercise, Function, Mistake
from course_lib.exercises.panel import Result
from course_lib.exercises.time_limit import TimeLimitReached, time_limit

SECONDS = 5.0
DRAWS = 3
TRIES_BEFORE_ADVICE = 3

_failed_tries: Counter[str] = Counter()


def check(function: object, *, seed: int | None = None) -> Result:
    """Try a function on fresh random cases of the exercise of its name, and say what is right and wrong.

    Never raises for what the function does; only the user's own interrupt passes through. `seed` fixes the
    cases, which otherwise differ from call to call. Each failing try on an exercise after the first shows
    one hint more; a try whose mistake is named shows the mistake's own hint and doesn't count.
    """
    if not callable(function) or isinstance(function, Exercise):
        message = f"`check` takes your function itself, as in `check(moving_average)`, not {kind(function)}"
        return Result("your function", 0, 0, message)
    name = getattr(function, "__name__", None)
    if not isinstance(name, str):
        return Result("your function", 0, 0, f"define your function with `def`; this is {kind(function)}")
    message = _name_problem(function, name)
    if message:
        return Result(name, 0, 0, message)
    result = examine(EXERCISES[name], function, torch.Generator().seed() if seed is None else seed)
    if result.is_solved or result.is_stub or result.mistake:
        return result
    _failed_tries[name] += 1
    advice = start_over.ADVICE if _failed_tries[name] >= TRIES_BEFORE_ADVICE else ""
    return replace(result, hints=EXERCISES[name].hints[: _failed_tries[name] - 1], advice=advice)


def examine(
    exercise: Exercise, function: Function, seed: int, draws: int = DRAWS, seconds: float = SECONDS
) -> Result:
    """Try a function on `draws` cases of every title, for `seconds` in all; see `check`."""
    titles = tuple(exercise.cases)
    mismatch = run.call_mismatch(function, exercise.reference)
    if mismatch:
        return Result(exercise.name, 0, exercise.points, mismatch, failed=titles)
    generator = torch.Generator().manual_seed(seed)
    cases = [(title, make(generator)) for title, make in exercise.cases.items() for _ in range(draws)]
    attempts: list[Attempt] = []
    with run.quiet():  # so that PyTorch is loaded before the time runs
        attempt(exercise, exercise.reference, *cases[0])
    with run.quiet() as noise:
        try:
            with time_limit(seconds):
                for title, arguments in cases:
                    attempts.append(attempt(exercise, function, title, arguments))
        except TimeLimitReached:
            message = f"your function was stopped after {seconds:g} s: does a loop never end?"
            attempts += [Attempt(*case, problem=message) for case in cases[len(attempts) :]]
    if any(one.is_stub for one in attempts):
        message = "write your code, then run this cell again"
        return Result(exercise.name, 0, exercise.points, message, failed=titles, is_stub=True)
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
        with time_limit(seconds):
            return [
                attempt(exercise, function, case, make(generator)) for case, make in exercise.cases.items()
            ]

    with run.quiet():
        try:
            return diagnosis(exercise, attempts, further)
        except TimeLimitReached:
            return None


def _result(
    exercise: Exercise, attempts: Sequence[Attempt], mistake: Mistake | None, noise: run.Noise
) -> Result:
    failed = tuple(title for title in exercise.cases if any(a.problem for a in attempts if a.title == title))
    passed = tuple(title for title in exercise.cases if title not in failed)
    first = next((a for a in attempts if a.problem), None)
    fault = next((a.fault for a in attempts if a.fault), "")
    points = exercise.points * len(passed) / len(exercise.cases)
    if fault:
        points /= 2
    message, *remarks = _findings(first, fault)
    return Result(
        name=exercise.name,
        points=math.floor(100 * points) / 100,
        possible=exercise.points,
        message=message,
        passed=passed,
        failed=failed,
        case=first.title if first else "",
        difference=first.difference if first else None,
        mistake=mistake,
        notes=(*_notes(noise), *remarks),
        example=literals.example(exercise, attempts),
        library=exercise.library,
    )


def _findings(first: Attempt | None, fault: str) -> list[str]:
    """What is wrong, the most important first: a changed input may be why the values are wrong."""
    if first and first.fault:
        return [first.fault, first.problem]
    if first:
        return [first.problem, fault] if fault else [first.problem]
    if fault:
        return [fault, "the values are right; what else is wrong costs half of the points"]
    return ["everything passed"]


def _notes(noise: run.Noise) -> tuple[str, ...]:
    notes = []
    if noise.printed.strip():
        first = noise.printed.strip().splitlines()[0]
        notes.append(f"your function prints ({first}): good for looking, to be taken out when it works")
    if noise.warned:
        notes.append(f"your function warns: {noise.warned[0]}")
    return tuple(notes)


def _name_problem(function: Function, name: str) -> str:
    if name not in EXERCISES:
        close = difflib.get_close_matches(name, EXERCISES, cutoff=0.5)
        advice = f"did you mean {' or '.join(close)}?" if close else "name your function as the exercise asks"
        return f"no exercise is called {name}: {advice}"
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code and code.co_name != name:
        return f"this function says that it is {name}, but it was defined as {code.co_name}"
    return ""
