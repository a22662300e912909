"""Other right answers to the exercises on order and positions, which the check must accept."""

import math
from collections import Counter
from collections.abc import Iterable
from itertools import product

import torch
from torch import Tensor

from course_lib.models import positions as library

Row = tuple[int, ...]
BASE = 10_000.0


def rows_of(symbols: int, steps: int) -> Iterable[Row]:
    return product(range(symbols), repeat=steps)


def reversal_ceiling_by_playing(symbols: int, steps: int) -> float:
    """Guess the mirror image of the first token in all rows; every token has the same chances."""
    seen: dict[tuple[int, Row], Counter[int]] = {}
    for row in rows_of(symbols, steps):
        known = row[0], tuple(sorted(row))
        seen.setdefault(known, Counter())[row[-1]] += 1
    return sum(max(answers.values()) for answers in seen.values()) / symbols**steps


def reversal_ceiling_by_tensors(symbols: int, steps: int) -> Tensor:
    rows = torch.cartesian_prod(*[torch.arange(symbols)] * (steps - 1)).view(-1, steps - 1)
    counts = torch.nn.functional.one_hot(rows, symbols).sum(dim=1)
    return counts.amax(dim=1).double().mean() / (steps - 1)


def reversal_ceiling_by_all_rows(symbols: int, steps: int) -> float:
    right = [row[1:].count(max(set(row[1:]), key=row[1:].count)) for row in rows_of(symbols, steps)]
    return sum(right) / (len(right) * (steps - 1))


def pair_angles(positions: Tensor, size: int) -> Tensor:
    return positions[:, None] * BASE ** (-torch.arange(0, size, 2) / size)


def sinusoidal_encoding_by_the_library(steps: int, d_model: int) -> Tensor:
    return library.sinusoidal_encoding(steps, d_model)


def sinusoidal_encoding_cell_by_cell(steps: int, d_model: int) -> Tensor:
    def cell(position: int, number: int) -> float:
        angle = position / BASE ** (number // 2 * 2 / d_model)
        return math.cos(angle) if number % 2 else math.sin(angle)

    return torch.tensor([[cell(position, number) for number in range(d_model)] for position in range(steps)])


def sinusoidal_encoding_by_logarithm(steps: int, d_model: int) -> Tensor:
    encoding = torch.zeros(steps, d_model)
    frequencies = torch.exp(torch.arange(0, d_model, 2) * (-math.log(BASE) / d_model))
    encoding[:, 0::2] = torch.sin(torch.outer(torch.arange(steps) * 1.0, frequencies))
    encoding[:, 1::2] = torch.cos(torch.outer(torch.arange(steps) * 1.0, frequencies))
    return encoding


def sinusoidal_encoding_by_complex_numbers(steps: int, d_model: int) -> Tensor:
    angles = pair_angles(torch.arange(steps), d_model)
    return torch.view_as_real(torch.polar(torch.ones_like(angles), math.pi / 2 - angles)).flatten(1).clone()


def rotate_by_the_library(x: Tensor, positions: Tensor) -> Tensor:
    return library.rotate(x, positions)


def rotate_by_complex_numbers(x: Tensor, positions: Tensor) -> Tensor:
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    angles = pair_angles(positions, x.shape[-1])
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


def rotate_by_matrices(x: Tensor, positions: Tensor) -> Tensor:
    sine, cosine = (wave(pair_angles(positions, x.shape[-1])) for wave in (torch.sin, torch.cos))
    matrices = torch.stack([torch.stack([cosine, -sine], -1), torch.stack([sine, cosine], -1)], dim=-2)
    return torch.einsum("tprc,...tpc->...tpr", matrices, x.unflatten(-1, (-1, 2))).flatten(-2)


def rotate_by_partners(x: Tensor, positions: Tensor) -> Tensor:
    """Add to each number times the cosine its partner times the sine."""
    angles = pair_angles(positions, x.shape[-1]).repeat_interleave(2, dim=-1)
    partners = torch.stack([-x[..., 1::2], x[..., 0::2]], dim=-1).reshape(x.shape)
    return x * angles.cos() + partners * angles.sin()


def rotate_pair_by_pair(x: Tensor, positions: Tensor) -> Tensor:
    turned = torch.empty_like(x)
    for i in range(0, x.shape[-1], 2):
        angle = positions / BASE ** (i / x.shape[-1])
        turned[..., i] = x[..., i] * angle.cos() - x[..., i + 1] * angle.sin()
        turned[..., i + 1] = x[..., i] * angle.sin() + x[..., i + 1] * angle.cos()
    return turned


def rotate_in_single_precision(x: Tensor, positions: Tensor) -> Tensor:
    return library.rotate(x.float(), positions)


RIGHT_ANSWERS = {
    "reversal_ceiling": (
        library.reversal_ceiling,
        reversal_ceiling_by_playing,
        reversal_ceiling_by_tensors,
        reversal_ceiling_by_all_rows,
    ),
    "sinusoidal_encoding": (
        sinusoidal_encoding_by_the_library,
        sinusoidal_encoding_cell_by_cell,
        sinusoidal_encoding_by_logarithm,
        sinusoidal_encoding_by_complex_numbers,
    ),
    "rotate": (
        rotate_by_the_library,
        rotate_by_complex_numbers,
        rotate_by_matrices,
        rotate_by_partners,
        rotate_pair_by_pair,
        rotate_in_single_precision,
    ),
}
