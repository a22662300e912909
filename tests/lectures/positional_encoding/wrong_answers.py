"""Natural answers to the exercises of lecture 09 that only an edge of the cases refuses."""

import itertools
import statistics

import numpy as np
import torch
from torch import Tensor

from course_lib.exercises.exercise import Function
from course_lib.models import positions as library


def ceiling_of_few_symbols(symbols: int, steps: int) -> float:
    rows = itertools.product(range(symbols), repeat=steps - 1)
    return statistics.fmean(max(map(row.count, range(4))) for row in rows) / (steps - 1)


def ceiling_by_digits(symbols: int, steps: int) -> float:
    rows = [np.base_repr(number, symbols).zfill(steps - 1) for number in range(symbols ** (steps - 1))]
    return statistics.fmean(max(map(row.count, row)) for row in rows) / (steps - 1)


def ceiling_that_is_rounded(symbols: int, steps: int) -> float:
    return round(library.reversal_ceiling(symbols, steps), 5)


def encoding_without_axes_of_one(steps: int, d_model: int) -> Tensor:
    return library.sinusoidal_encoding(steps, d_model).squeeze()


def encoding_of_a_fixed_length(steps: int, d_model: int) -> Tensor:
    return library.sinusoidal_encoding(200, d_model)[:steps]


def encoding_with_exponents_by_their_difference(steps: int, d_model: int) -> Tensor:
    exponents = torch.arange(0, d_model, 2) / d_model
    factor = 10_000 ** (exponents[1] - exponents[0])
    angles = torch.arange(steps)[:, None] / factor ** torch.arange(d_model // 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def turned_by_first_place(x: Tensor, positions: Tensor) -> Tensor:
    """Look each position up in the list, which finds the first step that has it."""
    places = positions.tolist()
    turned = torch.zeros_like(x)
    for position in places:
        step = places.index(position)
        turned[..., step, :] = library.rotate(x[..., step : step + 1, :], torch.tensor([position]))[..., 0, :]
    return turned


def turned_without_axes_of_one(x: Tensor, positions: Tensor) -> Tensor:
    return library.rotate(x, positions).squeeze()


def turned_with_exponents_by_their_difference(x: Tensor, positions: Tensor) -> Tensor:
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    exponents = torch.arange(0, x.shape[-1], 2) / x.shape[-1]
    factor = 10_000 ** (exponents[1] - exponents[0])
    angles = positions[:, None] / factor ** torch.arange(len(exponents))
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


def turned_from_zero(x: Tensor, positions: Tensor) -> Tensor:
    return library.rotate(x, positions - positions.min())


def turned_without_gradients(x: Tensor, positions: Tensor) -> Tensor:
    return library.rotate(x.detach(), positions)


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("reversal_ceiling", ceiling_of_few_symbols),
    ("reversal_ceiling", ceiling_by_digits),
    ("reversal_ceiling", ceiling_that_is_rounded),
    ("sinusoidal_encoding", encoding_without_axes_of_one),
    ("sinusoidal_encoding", encoding_of_a_fixed_length),
    ("sinusoidal_encoding", encoding_with_exponents_by_their_difference),
    ("rotate", turned_by_first_place),
    ("rotate", turned_without_axes_of_one),
    ("rotate", turned_with_exponents_by_their_difference),
    ("rotate", turned_from_zero),
    ("rotate", turned_without_gradients),
)
