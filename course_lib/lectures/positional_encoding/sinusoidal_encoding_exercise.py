"""The exercise of lecture 09 on sinusoidal positions."""

import math
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models import positions as library

BASE = 10_000.0
Angles = Callable[[Tensor, int], Tensor]


def sinusoidal_encoding(steps: int, d_model: int) -> Float[Tensor, "steps d_model"]:
    """Return a vector for each position, with the base of Vaswani et al. 2017."""
    return library.sinusoidal_encoding(steps, d_model)


def pair_angles(positions: Tensor, size: int, exponent: float = -1.0) -> Tensor:
    """Return the angle of every pair: position times 10000^(exponent * 2i / size)."""
    return positions[:, None] * BASE ** (exponent * torch.arange(0, size, 2) / size)


def angles_of_one_wave(positions: Tensor, size: int) -> Tensor:
    """Return the position itself as the angle of all pairs."""
    return positions[:, None].expand(-1, size // 2).double()


def _angles_of_products(positions: Tensor, size: int) -> Tensor:
    return positions[:, None] / (BASE * torch.arange(0, size, 2) / size)


def _angles_without_logarithm(positions: Tensor, size: int) -> Tensor:
    return positions[:, None] * torch.exp(-BASE * torch.arange(0, size, 2) / size)


def _angles_from_fastest_to_base(positions: Tensor, size: int) -> Tensor:
    return positions[:, None] * BASE ** -torch.linspace(0, 1, size // 2)


def angles_from_one(positions: Tensor, size: int) -> Tensor:
    """Return the angles of someone who counts positions from 1."""
    return pair_angles(positions + 1, size)


def _angles_of_the_next_pair(positions: Tensor, size: int) -> Tensor:
    return positions[:, None] * BASE ** (-torch.arange(2, size + 2, 2) / size)


def in_turns(first: Tensor, second: Tensor) -> Tensor:
    """Let the numbers of two tensors alternate along the last axis."""
    return torch.stack([first, second], dim=-1).flatten(start_dim=-2)


def _waves_of(angles: Angles) -> Callable[[int, int], Tensor]:
    def encode(steps: int, d_model: int) -> Tensor:
        values = angles(torch.arange(steps), d_model)
        return in_turns(values.sin(), values.cos())

    return encode


def _in_halves(steps: int, d_model: int) -> Tensor:
    angles = pair_angles(torch.arange(steps), d_model)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def _exchanged(steps: int, d_model: int) -> Tensor:
    angles = pair_angles(torch.arange(steps), d_model)
    return in_turns(angles.cos(), angles.sin())


def _without_cosines(steps: int, d_model: int) -> Tensor:
    angles = pair_angles(torch.arange(steps), d_model)
    return in_turns(angles.sin(), angles.sin())


def _wave_of_its_own(steps: int, d_model: int, exponent: float = -1.0) -> Tensor:
    numbers = torch.arange(d_model)
    angles = torch.arange(steps)[:, None] * BASE ** (exponent * numbers / d_model)
    return torch.where(numbers % 2 == 0, angles.sin(), angles.cos())


def _encoding_cell_by_cell(steps: int, d_model: int) -> Tensor:
    def cell(position: int, number: int) -> float:
        angle = position / BASE ** (number // 2 * 2 / d_model)
        return math.cos(angle) if number % 2 else math.sin(angle)

    return torch.tensor([[cell(position, number) for number in range(d_model)] for position in range(steps)])


def _encoding_by_logarithm(steps: int, d_model: int) -> Tensor:
    encoding = torch.zeros(steps, d_model)
    frequencies = torch.exp(torch.arange(0, d_model, 2) * (-math.log(BASE) / d_model))
    encoding[:, 0::2] = torch.sin(torch.outer(torch.arange(steps) * 1.0, frequencies))
    encoding[:, 1::2] = torch.cos(torch.outer(torch.arange(steps) * 1.0, frequencies))
    return encoding


def _encoding_by_complex_numbers(steps: int, d_model: int) -> Tensor:
    angles = pair_angles(torch.arange(steps), d_model)
    return torch.view_as_real(torch.polar(torch.ones_like(angles), math.pi / 2 - angles)).flatten(1).clone()


def _encoding_in_single_precision(steps: int, d_model: int) -> Tensor:
    return sinusoidal_encoding(steps, d_model).float()


def _encoding_case(low: int, high: int, pairs: tuple[int, int]) -> MakeCase:
    return lambda generator: (draw.whole(generator, low, high), 2 * draw.whole(generator, *pairs))


EXERCISE = Exercise(
    reference=sinusoidal_encoding,
    cases={
        "few positions, long vectors": _encoding_case(3, 7, (5, 20)),
        "many positions, short vectors": _encoding_case(20, 90, (2, 4)),
        "a single position": _encoding_case(1, 1, (2, 9)),
    },
    mistakes=(
        Mistake(
            "all sines come first and then all cosines",
            _in_halves,
            "Sines and cosines alternate: 0, 2, 4, ... are sines, 1, 3, 5, ... cosines. (Some code puts them "
            "in halves; for a network it is the same, for this check it is not.)",
        ),
        Mistake(
            "sine and cosine are exchanged",
            _exchanged,
            "The numbers 0, 2, 4, ... are sines: at position 0 a vector starts with 0, 1.",
        ),
        Mistake(
            "all numbers are sines",
            _without_cosines,
            "The numbers 1, 3, 5, ... are cosines of the same angles.",
        ),
        Mistake(
            "all pairs have the same wave",
            _waves_of(angles_of_one_wave),
            "Each pair is slower than the one before: divide the position by 10000 ** (2i / d_model).",
        ),
        Mistake(
            "10000 is multiplied by the exponent, not raised to it",
            _waves_of(_angles_of_products),
            "What is written small and raised is an exponent: `10000 ** (2 * i / d_model)`.",
        ),
        Mistake(
            "`exp` is taken without the logarithm of 10000",
            _waves_of(_angles_without_logarithm),
            "A power of 10000 is one of e with the logarithm in the exponent: `exp(-y * math.log(10000))`.",
        ),
        Mistake(
            "the exponent is half as large",
            _waves_of(partial(pair_angles, exponent=-0.5)),
            "If i counts the pairs, 0, 1, 2, ..., the exponent is 2 * i / d_model.",
        ),
        Mistake(
            "the exponent is twice as large",
            _waves_of(partial(pair_angles, exponent=-2.0)),
            "If you count 0, 2, 4, ..., that is 2i already: don't double it again.",
        ),
        Mistake(
            "the exponents run from 0 to 1",
            _waves_of(_angles_from_fastest_to_base),
            "The exponent 2i / d_model stays below 1: at d_model 8 it takes the values 0, 1/4, 1/2 and 3/4.",
        ),
        Mistake(
            "the pairs are counted from 1",
            _waves_of(_angles_of_the_next_pair),
            "The first pair has i = 0: its exponent is 0 and its angle the position itself.",
        ),
        Mistake(
            "every number has a wave of its own",
            _wave_of_its_own,
            "A sine and the cosine beside it share an angle: number 2i + 1 has the exponent 2i / d_model, "
            "too.",
        ),
        Mistake(
            "every number has a wave of its own, and the exponent is twice as large",
            partial(_wave_of_its_own, exponent=-2.0),
            "In 2i the i counts pairs, not numbers: of number n it is `n // 2`.",
        ),
        Mistake(
            "the position is multiplied by the power of 10000, not divided",
            _waves_of(partial(pair_angles, exponent=1.0)),
            "The waves get slower from pair to pair: the position is divided.",
        ),
        Mistake(
            "positions are counted from 1",
            _waves_of(angles_from_one),
            "The first position is 0: its vector is 0, 1, 0, 1, ...",
        ),
        Mistake(
            "positions stand in columns",
            lambda steps, d_model: sinusoidal_encoding(steps, d_model).T,
            "A position has a row, of shape (d_model,): swap the axes.",
        ),
    ),
    hints=(
        "How many different angles does one position need for d_model numbers? Write the vector of position "
        "0 down by hand.",
        "`torch.arange(0, d_model, 2)` is 2i for all pairs. Positions as a column, `[:, None]`, divided by "
        "10000 ** (2i / d_model) as a row, give all angles at once.",
        "Make zeros of shape (steps, d_model) and fill `encoding[:, 0::2] = angles.sin()` and "
        "`encoding[:, 1::2] = angles.cos()`.",
    ),
    points=3,
    difficulty=2,
    minutes=15,
    variants=(
        _encoding_cell_by_cell,
        _encoding_by_logarithm,
        _encoding_by_complex_numbers,
        _encoding_in_single_precision,
    ),
)
