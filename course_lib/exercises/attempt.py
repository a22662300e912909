"""One call of the learner's function, compared with the reference."""

import inspect
from dataclasses import dataclass, replace
from typing import Any

import torch

from course_lib.exercises import precision, run, whole
from course_lib.exercises.compare import Difference, axis_names, difference, kind
from course_lib.exercises.exercise import Exercise, Function
from course_lib.exercises.gradients import gradient_fault
from course_lib.exercises.outcome import Raised, raised
from course_lib.exercises.time_limit import TimeLimitReached

STUB_MESSAGES = ("", "write your code here")
GLOBAL_SEED = 0
"""What PyTorch's own generator is seeded with before each call: who draws from it is found out."""


@dataclass(frozen=True)
class Attempt:
    """What came of one call.

    Attributes:
        title: the title of the case.
        arguments: the inputs, as they were before the call.
        got: a copy of what the function returned, or how it failed.
        problem: what is wrong, in one line; empty if the values are right.
        difference: how the returned value differs from the expected one.
        fault: what is wrong besides the values: changed inputs or missing gradients.
        is_stub: whether the function has not been written yet.
        notes: what the learner should know about a right result.

    """

    title: str
    arguments: tuple[Any, ...]
    got: Any = None
    problem: str = ""
    difference: Difference | None = None
    fault: str = ""
    is_stub: bool = False
    notes: tuple[str, ...] = ()

    @property
    def was_made(self) -> bool:
        """Whether the call came to an end, be it by raising."""
        return not self.problem or self.difference is not None or isinstance(self.got, Raised)


def attempt(exercise: Exercise, function: Function, title: str, arguments: tuple[Any, ...]) -> Attempt:
    """Call the function on a copy of the arguments, and compare with the reference."""
    given = run.copy(arguments)
    torch.default_generator.manual_seed(GLOBAL_SEED)
    try:
        returned = run.call(function, given)
    except run.LearnerError as error:
        unwritten = isinstance(error.cause, NotImplementedError) and error.text in STUB_MESSAGES
        is_stub = unwritten and error.in_own_code  # not in another exercise that it calls
        return Attempt(title, arguments, raised(error.cause), str(error), is_stub=is_stub)
    expected = exercise.reference(*run.copy(arguments))
    try:
        made = Attempt(title, arguments, run.copy(returned))  # which another call may change
        return _judged(exercise, function, made, given, expected)
    except (KeyboardInterrupt, TimeLimitReached):
        raise
    except BaseException as error:  # by a class of the learner's own
        words = run.message(error)
        problem = f"your result, {kind(returned)}, cannot be read: {type(error).__name__}"
        return Attempt(title, arguments, raised(error), f"{problem}{f': {words}' if words else ''}")


def _judged(
    exercise: Exercise, function: Function, returned: Attempt, given: tuple[Any, ...], expected: Any
) -> Attempt:
    arguments = returned.arguments
    got = whole.in_whole_numbers(expected, returned.got)
    found = difference(expected, precision.converted(got, torch.float64), axis_names(exercise.reference))
    is_coarse = bool(found) and precision.is_right_in_single(exercise, function, arguments, expected, got)
    fault = _changed_inputs(exercise, arguments, given)
    if found and not is_coarse:
        return replace(returned, got=got, problem=found.problem, difference=found, fault=fault)
    if exercise.differentiable and not fault:
        dtype = torch.bfloat16 if is_coarse else precision.of_gradients(got)
        fault = gradient_fault(exercise.reference, function, arguments, dtype)
    notes = (precision.NOTE,) * is_coarse + (whole.NOTE,) * (got is not returned.got)
    return replace(returned, got=got, fault=fault, notes=notes)


def _changed_inputs(exercise: Exercise, before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    names = inspect.signature(exercise.reference).parameters
    changed = [
        name for name, old, new in zip(names, before, after, strict=True) if not run.is_unchanged(old, new)
    ]
    if not changed:
        return ""
    inputs = "`, `".join(changed)
    return f"your function changes its input `{inputs}`: copy a tensor by `x.clone()`, a list by `x.copy()`"
