"""Results that are right but for the rounding of float32."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from course_lib.exercises import run
from course_lib.exercises.compare import difference
from course_lib.exercises.exercise import Exercise, Function

SINGLE, DOUBLE = torch.float32, torch.float64
ROUNDING = 2e-6
"""What adds up in the exercises' sums, relative to the largest number: sixteen roundings to float32."""
CARE = 16
"""How much more than a rounding of the inputs the roundings on the way may change a result."""
NOTE = (
    "your result is right to the precision of float32 only, which is enough here: somewhere `.float()`, "
    "`torch.float32` or float32 numbers of NumPy come in"
)


def is_right_in_single(
    exercise: Exercise, function: Function, arguments: tuple[Any, ...], expected: Any, got: Any
) -> bool:
    """Whether a result differs from the expected one only since it is computed in float32.

    That is so if float32 numbers come up in the computation, and the error is not larger than what they
    make of it. A small number added to a denominator in float64 is thus no rounding.
    """
    if difference(expected, converted(got, torch.bfloat16)):  # another shape, or far off
        return False
    moved = exercise.reference(*_moved(arguments))
    results = zip(*map(_doubles, (expected, moved, got)), strict=True)
    relative = ROUNDING + torch.finfo(SINGLE).eps * _largest_whole(arguments)
    if not all(_is_rounding(*parts, relative=relative) for parts in results):
        return False
    return _is_single(got) or _computes_in_single(function, arguments)


def converted(value: Any, to: torch.dtype) -> Any:
    """A value with its numbers of float32 and float64 in another floating type; named tuples become plain."""
    if isinstance(value, tuple | list):
        parts = (converted(part, to) for part in value)
        return tuple(parts) if isinstance(value, tuple) else list(parts)
    if isinstance(value, float):
        return value if to == DOUBLE else torch.tensor(value, dtype=to)
    is_one = isinstance(value, Tensor) and value.dtype in (SINGLE, DOUBLE)
    return value.to(to) if is_one else value


def of_gradients(result: Any) -> torch.dtype:
    """The precision in which the gradients of a result are compared: that of float32, or of its own half."""
    halves = (torch.float16, torch.bfloat16)
    tensors = (leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor) and leaf.dtype in halves)
    return next((tensor.dtype for tensor in tensors), SINGLE)


def _moved(value: Any) -> Any:
    """A copy whose numbers are as far off as a rounding to float32 can move them, up and down by turns."""
    if isinstance(value, tuple | list):
        return type(value)(_moved(part) for part in value)
    if isinstance(value, Tensor) and value.is_floating_point():
        signs = 1 - 2 * (torch.arange(value.numel()) % 2).view(value.shape)
        return value * (1 + signs * torch.finfo(SINGLE).eps / 2)
    return run.copy(value)


def _doubles(value: Any) -> Iterator[Tensor]:
    return (torch.as_tensor(leaf).detach().double() for leaf in tree_leaves(value))


def _largest_whole(arguments: tuple[Any, ...]) -> int:
    """The largest whole number among the arguments: an angle or a sum of so much has its rounding."""
    wholes = [leaf for leaf in tree_leaves(arguments) if type(leaf) is int]
    for leaf in tree_leaves(arguments):
        if isinstance(leaf, Tensor) and leaf.dtype == torch.int64 and leaf.numel():
            wholes.append(int(leaf.abs().max()))
    return max(map(abs, wholes), default=0)


def _is_rounding(expected: Tensor, moved: Tensor, got: Tensor, *, relative: float) -> bool:
    finite = expected.isfinite()
    if moved.shape != expected.shape or not finite.any():
        return True
    right = expected[finite]
    allowed = relative * right.abs().max() + CARE * (moved[finite] - right).abs().max()
    return bool(((got[finite] - right).abs() <= allowed).all())


def _is_single(value: Any) -> bool:
    return any(
        isinstance(leaf, Tensor) and leaf.dtype in (SINGLE, torch.complex64) for leaf in tree_leaves(value)
    )


def _computes_in_single(function: Function, arguments: tuple[Any, ...]) -> bool:
    with suppress(run.LearnerError), _Watch() as watch:
        run.call(function, run.copy(arguments))
    return watch.saw_single


class _Watch(TorchDispatchMode):
    """Looks for float32 in what PyTorch computes."""

    saw_single = False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.saw_single = self.saw_single or _is_single((args, kwargs, result))
        return result
