"""Batches of sequences of unequal length, and made-up series."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor


def pad_batch(
    sequences: Sequence[Shaped[Tensor, "_"]], value: float = 0.0
) -> tuple[Shaped[Tensor, "batch time"], Bool[Tensor, "batch time"]]:
    """Put sequences of unequal length into one tensor, filled up at the end with `value`.

    Returns the values (batch, time), of the first sequence's dtype, where `time` is the longest length; and
    the mask (batch, time), true where a cell holds a value of a sequence. Raises ValueError if there are no
    sequences.
    """
    if not sequences:
        raise ValueError("pad_batch needs at least one sequence")
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    steps = int(lengths.max())
    values = torch.full((len(sequences), steps), value, dtype=sequences[0].dtype)
    for row, sequence in enumerate(sequences):
        values[row, : len(sequence)] = sequence
    mask = torch.arange(steps) < lengths[:, None]
    return values, mask


def bucket_by_length(lengths: Sequence[int], size: int) -> list[list[int]]:
    """Return the indices of the sequences in batches of `size`, the shortest first.

    Among equal lengths the earlier sequence comes first; the last batch may be smaller than the others.
    Raises ValueError if `size` is less than 1.
    """
    if size < 1:
        raise ValueError("a batch holds at least one sequence")
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    return [order[start : start + size] for start in range(0, len(order), size)]


def sine(steps: int, period: float, phase: float = 0.0) -> Float[Tensor, "time"]:
    """Sample a sine of amplitude 1 at t = 0, 1, ..., steps - 1; `period` in steps, `phase` in radians."""
    return torch.sin(2 * math.pi / period * torch.arange(steps) + phase)


def add_noise(
    series: Float[Tensor, "time"], deviation: float, generator: torch.Generator
) -> Float[Tensor, "time"]:
    """Add independent normal noise of the given standard deviation to every value."""
    return series + deviation * torch.randn(series.shape, generator=generator, dtype=series.dtype)
