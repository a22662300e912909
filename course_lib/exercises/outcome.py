"""What comes of a call: a value, or an error."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises import run
from course_lib.exercises.compare import difference, is_dense
from course_lib.exercises.exercise import Function

GLANCE = 1e-3
"""Numbers that differ by more than this differ by more than any rounding."""


@dataclass(frozen=True)
class Raised:
    """An error that a call ended with.

    Attributes:
        kind: the name of its class.
        text: its words on one line; PyTorch's name the shapes that do not fit.

    """

    kind: str
    text: str


def raised(error: BaseException) -> Raised:
    """Describe an error."""
    return Raised(type(error).__name__, run.message(error))


def outcome(function: Function, arguments: tuple[Any, ...]) -> Any:
    """Call a function on a copy of the arguments: its value, or `Raised`."""
    try:
        return function(*run.copy(arguments))
    except Exception as error:  # mistakes may raise anything
        return raised(error)


def is_same(expected: Any, got: Any) -> bool:
    """Whether two outcomes are equal: values up to rounding, errors to the word."""
    if isinstance(expected, Raised) or isinstance(got, Raised):
        return type(expected) is type(got) and expected == got
    if _is_readable(expected) and _is_readable(got) and _are_unlike(expected, got):
        return False
    return _is_plain(expected) and difference(expected, got) is None


def _is_readable(value: Any) -> bool:
    return isinstance(value, Tensor) and is_dense(value)


def _are_unlike(expected: Tensor, got: Tensor) -> bool:
    """Whether a glance shows that two tensors differ: in their shape, or in the first number by far."""
    if expected.shape != got.shape:
        return True
    if not expected.numel() or not expected.dtype == got.dtype == torch.float64:
        return False
    first, other = expected.flatten()[0].item(), got.flatten()[0].item()
    return abs(first - other) > GLANCE * (1 + abs(first))


def _is_plain(value: Any, depth: int = 3) -> bool:
    """Whether it is what an exercise may ask for: a tensor, a number, or lists of them, `depth` deep."""
    if isinstance(value, tuple | list):
        return depth > 0 and all(_is_plain(part, depth - 1) for part in value)
    return isinstance(value, Tensor | int | float)
