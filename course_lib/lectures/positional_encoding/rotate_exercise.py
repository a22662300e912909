"""The exercise of lecture 09 on rotary positions."""

import math
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.lectures.positional_encoding.sinusoidal_encoding_exercise import (
    BASE,
    Angles,
    angles_from_one,
    angles_of_one_wave,
    in_turns,
    pair_angles,
)
from course_lib.models import positions as library

Turn = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


def rotate(
    x: Float[Tensor, "*batch steps d"], positions: Int[Tensor, "steps"]
) -> Float[Tensor, "*batch steps d"]:
    """Turn each pair of numbers of a vector by its position, with the base of Su et al. 2021."""
    return library.rotate(x, positions)


def _rotate_case(draw_positions: Callable[[torch.Generator, int], Tensor], *batch: int) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        steps, size = 2 * draw.whole(generator, 2, 3) + 1, 2 * draw.whole(generator, 2, 5)
        return draw.normal(generator, *batch, steps, size), draw_positions(generator, steps)

    return draw_case


def _from_zero(_generator: torch.Generator, steps: int) -> Tensor:
    return torch.arange(steps)


def _from_later(generator: torch.Generator, steps: int) -> Tensor:
    return torch.arange(steps) + draw.whole(generator, 2, 30)


def _in_any_order(generator: torch.Generator, steps: int) -> Tensor:
    return torch.tensor(draw.unequal(generator, steps, 0, 40))


def _neighbours(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[..., 0::2], x[..., 1::2]


def _right_turn(first: Tensor, second: Tensor, angles: Tensor) -> tuple[Tensor, Tensor]:
    sine, cosine = angles.sin(), angles.cos()
    return first * cosine - second * sine, first * sine + second * cosine


def _turned(angles: Angles = pair_angles, turn: Turn = _right_turn) -> Callable[[Tensor, Tensor], Tensor]:
    """The rotation of someone who takes other angles, or turns a pair in another way."""
    return lambda x, positions: in_turns(*turn(*_neighbours(x), angles(positions, x.shape[-1])))


def _sign_forgotten(first: Tensor, second: Tensor, angles: Tensor) -> tuple[Tensor, Tensor]:
    sine, cosine = angles.sin(), angles.cos()
    return first * cosine + second * sine, first * sine + second * cosine


def _second_from_turned_first(first: Tensor, second: Tensor, angles: Tensor) -> tuple[Tensor, Tensor]:
    sine, cosine = angles.sin(), angles.cos()
    first = first * cosine - second * sine
    return first, first * sine + second * cosine


def _sines_alone(first: Tensor, second: Tensor, angles: Tensor) -> tuple[Tensor, Tensor]:
    return _right_turn(first, second, math.pi / 2 - angles)


def _halves_paired(x: Tensor, positions: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat(_right_turn(first, second, pair_angles(positions, x.shape[-1])), dim=-1)


def _put_together_in_halves(x: Tensor, positions: Tensor) -> Tensor:
    return torch.cat(_right_turn(*_neighbours(x), pair_angles(positions, x.shape[-1])), dim=-1)


def _encoding_added(x: Tensor, positions: Tensor) -> Tensor:
    angles = pair_angles(positions, x.shape[-1])
    return x + in_turns(angles.sin(), angles.cos())


def _by_steps(x: Tensor, positions: Tensor) -> Tensor:
    return rotate(x, torch.arange(len(positions)))


def _all_alike(positions: Tensor, size: int) -> Tensor:
    return pair_angles(torch.ones_like(positions), size)


def _rotated_by_complex_numbers(x: Tensor, positions: Tensor) -> Tensor:
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    angles = pair_angles(positions, x.shape[-1])
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


def _rotated_by_matrices(x: Tensor, positions: Tensor) -> Tensor:
    sine, cosine = (wave(pair_angles(positions, x.shape[-1])) for wave in (torch.sin, torch.cos))
    matrices = torch.stack([torch.stack([cosine, -sine], -1), torch.stack([sine, cosine], -1)], dim=-2)
    return torch.einsum("tprc,...tpc->...tpr", matrices, x.unflatten(-1, (-1, 2))).flatten(-2)


def _rotated_by_partners(x: Tensor, positions: Tensor) -> Tensor:
    """Add to each number times the cosine its partner times the sine."""
    angles = pair_angles(positions, x.shape[-1]).repeat_interleave(2, dim=-1)
    partners = torch.stack([-x[..., 1::2], x[..., 0::2]], dim=-1).reshape(x.shape)
    return x * angles.cos() + partners * angles.sin()


def _rotated_pair_by_pair(x: Tensor, positions: Tensor) -> Tensor:
    turned = torch.empty_like(x)
    for i in range(0, x.shape[-1], 2):
        angle = positions / BASE ** (i / x.shape[-1])
        turned[..., i] = x[..., i] * angle.cos() - x[..., i + 1] * angle.sin()
        turned[..., i + 1] = x[..., i] * angle.sin() + x[..., i + 1] * angle.cos()
    return turned


def _rotated_in_single_precision(x: Tensor, positions: Tensor) -> Tensor:
    return rotate(x.float(), positions).float()


EXERCISE = Exercise(
    reference=rotate,
    cases={
        "a single sequence": _rotate_case(_from_zero),
        "a batch whose positions start later": _rotate_case(_from_later, 3),
        "several heads and positions in any order": _rotate_case(_in_any_order, 2, 4),
    },
    mistakes=(
        Mistake(
            "the pairs are turned the other way",
            _turned(lambda positions, size: -pair_angles(positions, size)),
            "Turn from the first number of a pair to the second: the minus stands in the first, "
            "`first * cos - second * sin`.",
        ),
        Mistake(
            "the minus sign is forgotten",
            _turned(turn=_sign_forgotten),
            "A rotation keeps the length of a pair: `first * cos - second * sin`.",
        ),
        Mistake(
            "the second number is computed from the first one when that is turned already",
            _turned(turn=_second_from_turned_first),
            "Both new numbers are made of the two old ones: keep the old first number until the second is "
            "done.",
        ),
        Mistake(
            "sine and cosine are exchanged",
            _turned(turn=_sines_alone),
            "At position 0 nothing turns: the cosine, which is 1 there, belongs to the number itself.",
        ),
        Mistake(
            "the first half of the numbers is paired with the second half",
            _halves_paired,
            "Some code pairs halves; here neighbours make a pair, 0 with 1, 2 with 3: `x[..., 0::2]` and "
            "`x[..., 1::2]`.",
        ),
        Mistake(
            "the turned pairs are put together in halves",
            _put_together_in_halves,
            "Put each number back where it came from: `torch.stack(..., dim=-1)`, then flatten the last two "
            "axes.",
        ),
        Mistake(
            "all pairs are turned by the same angle",
            _turned(angles_of_one_wave),
            "Pair i turns by position / 10000 ** (2i / d): each one slower than the one before.",
        ),
        Mistake(
            "all steps are turned by the same angles",
            _turned(_all_alike),
            "The angle grows with the position: multiply by `positions[:, None]`.",
        ),
        Mistake(
            "the steps are counted and `positions` is ignored",
            _by_steps,
            "The steps may stand anywhere: take the given positions, not `torch.arange(steps)`.",
        ),
        Mistake(
            "positions are counted from 1",
            _turned(angles_from_one),
            "Take the positions as they are: at position 0 nothing turns.",
        ),
        Mistake(
            "the exponent is half as large",
            _turned(partial(pair_angles, exponent=-0.5)),
            "If i counts the pairs, 0, 1, 2, ..., the exponent is 2 * i / d.",
        ),
        Mistake(
            "the exponent is twice as large",
            _turned(partial(pair_angles, exponent=-2.0)),
            "If you count 0, 2, 4, ..., that is 2i already: don't double it again.",
        ),
        Mistake(
            "the position is multiplied by the power of 10000, not divided",
            _turned(partial(pair_angles, exponent=1.0)),
            "The first pair turns fastest, the others more and more slowly: divide.",
        ),
        Mistake(
            "the sinusoidal encoding is added",
            _encoding_added,
            "Nothing is added: each pair of numbers of x is turned, and keeps its length.",
        ),
        Mistake(
            "nothing is turned",
            lambda x, _positions: x.clone(),
            "Return the turned vectors: a new tensor of the shape of x.",
        ),
    ),
    hints=(
        "How is a point of the plane turned by an angle? What does (1, 0) become, and what (0, 1)?",
        "The angles are those of the sinusoidal encoding, with the given positions. The pairs are `x[..., "
        "0::2]` with `x[..., 1::2]`; both have as many numbers as there are angles.",
        "New pairs: `first * cos - second * sin` and `first * sin + second * cos`. Fill them into "
        "`torch.empty_like(x)`, at `[..., 0::2]` and `[..., 1::2]`.",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    variants=(
        _rotated_by_complex_numbers,
        _rotated_by_matrices,
        _rotated_by_partners,
        _rotated_pair_by_pair,
        _rotated_in_single_precision,
    ),
    differentiable=True,
)
