"""One call of the learner's function, compared with the reference."""

import inspect
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises import run
from course_lib.exercises.compare import Difference, axis_names, difference
from course_lib.exercises.exercise import Exercise, Function
from course_lib.exercises.outcome import Raised, raised

STUB_MESSAGES = ("", "write your code here")
GLOBAL_SEED = 0
"""What PyTorch's own generator is seeded with before each call: who draws from it is found out."""


@dataclass(frozen=True)
class Attempt:
    """What came of one call.

    Attributes:
        title: the title of the case.
        arguments: the inputs, as they were before the call.
        got: what the function returned, or how it failed.
        problem: what is wrong, in one line; empty if the values are right.
        difference: how the returned value differs from the expected one.
        fault: what is wrong besides the values: changed inputs or missing gradients.
        is_stub: whether the function has not been written yet.

    """

    title: str
    arguments: tuple[Any, ...]
    got: Any = None
    problem: str = ""
    difference: Difference | None = None
    fault: str = ""
    is_stub: bool = False

    @property
    def was_made(self) -> bool:
        """Whether the call came to an end, be it by raising."""
        return not self.problem or self.difference is not None or isinstance(self.got, Raised)


def attempt(exercise: Exercise, function: Function, title: str, arguments: tuple[Any, ...]) -> Attempt:
    """Call the function on a copy of the arguments, and compare with the reference."""
    given = run.copy(arguments)
    torch.default_generator.manual_seed(GLOBAL_SEED)
    try:
        got = run.call(function, given)
        expected = exercise.reference(*run.copy(arguments))
        found = difference(expected, got, axis_names(exercise.reference))
        fault = _changed_inputs(exercise, arguments, given)
        if found:
            return Attempt(title, arguments, got, found.problem, found, fault)
        if exercise.differentiable and not fault:
            fault = _wrong_gradients(exercise, function, arguments)
        return Attempt(title, arguments, got, fault=fault)
    except run.LearnerError as error:
        unwritten = isinstance(error.cause, NotImplementedError) and error.text in STUB_MESSAGES
        is_stub = unwritten and error.in_own_code  # not in another exercise that it calls
        return Attempt(title, arguments, raised(error.cause), str(error), is_stub=is_stub)


def _changed_inputs(exercise: Exercise, before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    names = inspect.signature(exercise.reference).parameters
    changed = [name for name, old, new in zip(names, before, after, strict=True) if not run.is_same(old, new)]
    if not changed:
        return ""
    inputs = "`, `".join(changed)
    return f"your function changes its input `{inputs}`: copy a tensor by `x.clone()`, a list by `x.copy()`"


def _wrong_gradients(exercise: Exercise, function: Function, arguments: tuple[Any, ...]) -> str:
    """Compare the gradients of a weighted sum of the result; an empty string if they are right."""
    expected = _gradients(exercise.reference, arguments)
    try:
        got = _gradients(function, arguments)
    except run.LearnerError as error:
        return f"with inputs that require gradients, {error}"
    if any(difference(right, gradient) for right, gradient in zip(expected, got, strict=True)):
        return (
            "the gradient of your result is wrong: does `.item()`, `.detach()`, `torch.tensor(...)` or "
            "a result of another kind cut it off?"
        )
    return ""


def _gradients(function: Function, arguments: tuple[Any, ...]) -> list[Tensor]:
    """Differentiate a weighted sum of all results by every floating input; zeros where nothing arrives.

    The gradients get the results' dtype, whose precision they have.
    """
    given = run.copy(arguments, requires_grad=True)
    inputs = [value for value in given if isinstance(value, Tensor) and value.requires_grad]
    returned = run.call(function, given)
    parts = returned if isinstance(returned, tuple | list) else (returned,)
    results = [part for part in parts if isinstance(part, Tensor) and part.requires_grad]
    if not results:
        return [torch.zeros_like(value) for value in inputs]
    # Unequal weights: in a plain sum a gradient could pass that reaches the wrong entries.
    weights = [torch.linspace(0.5, 1.5, part.numel(), dtype=part.dtype).view(part.shape) for part in results]
    try:
        gradients = torch.autograd.grad(results, inputs, weights, allow_unused=True, materialize_grads=True)
    except RuntimeError as error:
        raise run.LearnerError(error, function) from error
    return [gradient.to(results[0].dtype) for gradient in gradients]
