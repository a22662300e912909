"""Which kinds of numbers stand for one another: a right number counts, and another kind gets a note.

| asked for | also right | told |
| --- | --- | --- |
| mask (bool) | 0 and 1 of any dtype | |
| whole number, or a tensor of them | the same in floats | it is a float |
| float, or a tensor of them | the same in whole numbers | |
| number | a tensor without axes, and the other way round | |

`compare` takes all of these for equal but a whole number in a float; that is made one here.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

NOTE = "your result is right, but holds whole numbers in a float: `//` and `int` give whole numbers"


def in_whole_numbers(expected: Any, got: Any) -> Any:
    """Return a result with whole numbers for floats, where they are asked for and nothing is lost."""
    if isinstance(expected, tuple | list) and isinstance(got, tuple | list) and len(expected) == len(got):
        parts = [in_whole_numbers(*pair) for pair in zip(expected, got, strict=True)]
        return got if all(new is old for new, old in zip(parts, got, strict=True)) else parts
    if isinstance(expected, int) and _is_float(got) and float(got).is_integer():
        return int(got)
    if isinstance(expected, Tensor) and _counts(expected) and isinstance(got, Tensor) and _is_whole(got):
        return got.long()
    return got


def _is_float(value: Any) -> bool:
    if isinstance(value, Tensor):
        return not value.ndim and value.is_floating_point()
    return isinstance(value, float | np.floating)


def _counts(tensor: Tensor) -> bool:
    return not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool)


def _is_whole(tensor: Tensor) -> bool:
    return (
        tensor.is_floating_point()
        and bool((tensor == tensor.round()).all())
        and bool(tensor.isfinite().all())
    )
