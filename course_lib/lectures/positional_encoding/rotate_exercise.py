"""The exercise of lecture 09 on rotary positions."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase


def rotate(
    x: Float[Tensor, "*batch steps d"], positions: Int[Tensor, "steps"]
) -> Float[Tensor, "*batch steps d"]:
    """Turn each pair of numbers of a vector by its position, with the base of Su et al. 2021."""
    d = x.shape[-1]
    angles = positions[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    first, second = x[..., 0::2], x[..., 1::2]
    turned = torch.empty_like(x)
    turned[..., 0::2] = first * angles.cos() - second * angles.sin()
    turned[..., 1::2] = first * angles.sin() + second * angles.cos()
    return turned


def _case(draw_positions: Callable[[torch.Generator, int], Tensor], *batch: int) -> MakeCase:
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


MISTAKES = """
    the pairs are turned the other way
        - second * angles.sin() -> + second * angles.sin()
        first * angles.sin() -> -first * angles.sin()
    Turn from the first number of a pair to the second: the minus belongs to the first number,
    `first * cos - second * sin`.

    the minus sign is forgotten
        - second * angles.sin() -> + second * angles.sin()
    A rotation keeps the length of a pair: `first * cos - second * sin`.

    the second number is computed from the first one after the turn
        first * angles.sin() -> turned[..., 0::2] * angles.sin()
    Both new numbers are made of the two old ones: keep the old first number until the second is done.

    sine and cosine are exchanged
        sin -> cos
        cos -> sin
    At position 0 nothing turns: the cosine, which is 1 there, belongs to the number itself.

    the first half of the numbers is paired with the second half
        x[..., 0::2], x[..., 1::2] -> x[..., :d // 2], x[..., d // 2:]
        turned[..., 0::2] -> turned[..., :d // 2]
        turned[..., 1::2] -> turned[..., d // 2:]
    Some code pairs halves; here neighbours make a pair, 0 with 1, 2 with 3: `x[..., 0::2]` and
    `x[..., 1::2]`.

    the turned pairs are put together in halves
        turned[..., 0::2] -> turned[..., :d // 2]
        turned[..., 1::2] -> turned[..., d // 2:]
    Put each number back where it came from: `torch.stack(..., dim=-1)`, then flatten the last two axes.

    all pairs are turned by the same angle
        / 10000 ** (torch.arange(0, d, 2) / d) ->
    Pair i turns by position / 10000 ** (2i / d): each one slower than the one before.

    all steps are turned by the same angles
        positions[:, None] -> 1
    The angle grows with the position: multiply by `positions[:, None]`.

    the steps are counted and `positions` is ignored
        positions[:, None] -> torch.arange(len(positions))[:, None]
    The steps may be anywhere: take the given positions, not `torch.arange(steps)`.

    positions are counted from 1
        positions[:, None] -> (positions[:, None] + 1)
    Take the positions as they are: at position 0 nothing turns.

    the exponent is half as large
        torch.arange(0, d, 2) -> torch.arange(d // 2)
    If i counts the pairs, 0, 1, 2, ..., the exponent is 2 * i / d.

    the exponent is twice as large
        torch.arange(0, d, 2) -> 2 * torch.arange(0, d, 2)
    If you count 0, 2, 4, ..., that is 2i already: don't double it again.

    the position is multiplied by the power of 10000, not divided
        / 10000 -> * 10000
    The first pair turns fastest, the others more and more slowly: divide.

    the sinusoidal encoding is added
        first * angles.cos() - second * angles.sin() -> first + angles.sin()
        first * angles.sin() + second * angles.cos() -> second + angles.cos()
    Nothing is added: each pair of numbers of x is turned, and keeps its length.

    nothing is turned
        return turned -> return x.clone()
    Return the turned vectors: a new tensor of the shape of x.
"""

EXERCISE = Exercise(
    reference=rotate,
    cases={
        "a single sequence": _case(_from_zero),
        "a batch whose positions start later": _case(_from_later, 3),
        "several heads and positions in any order": _case(_in_any_order, 2, 4),
    },
    mistakes=mistakes(rotate, MISTAKES),
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
    differentiable=True,
)
