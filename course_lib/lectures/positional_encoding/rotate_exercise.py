"""The exercise of lecture 09 on rotary positions."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase

Case = tuple[Tensor, Tensor]


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


def _mix(x: Tensor, angles: Tensor, partners: Tensor) -> Tensor:
    return x * angles.cos() + partners * angles.sin()


def _partners_half_a_vector_away(x: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat([-second, first], dim=-1)


def _neighbours(x: Tensor) -> Tensor:
    return torch.stack([-x[..., 1::2], x[..., 0::2]], dim=-1).flatten(-2)


def _one_pair(generator: torch.Generator) -> Case:
    """One step with a vector of one pair, in a batch of one: only the last axis is not of size 1."""
    return draw.normal(generator, 1, 1, 2), torch.tensor([draw.whole(generator, 1, 30)])


def _case(draw_positions: Callable[[torch.Generator, int], Tensor], *batch: int) -> MakeCase:
    def draw_case(generator: torch.Generator) -> Case:
        steps, size = 2 * draw.whole(generator, 2, 3) + 1, 2 * draw.whole(generator, 2, 5)
        return draw.normal(generator, *batch, steps, size), draw_positions(generator, steps)

    return draw_case


def _from_zero(_generator: torch.Generator, steps: int) -> Tensor:
    return torch.arange(steps)


def _from_later(generator: torch.Generator, steps: int) -> Tensor:
    return torch.arange(steps) + draw.whole(generator, 2, 30)


def _in_any_order(generator: torch.Generator, steps: int) -> Tensor:
    return torch.tensor(draw.unequal(generator, steps, 0, 40))


def _after_padding(generator: torch.Generator, steps: int) -> Tensor:
    """Padding on the left, where all positions are 0."""
    return (torch.arange(steps) - draw.whole(generator, 1, steps - 2)).clamp(min=0)


MISTAKES = """
    positions are a row instead of a column
        positions[:, None] -> positions
    The error says that two sizes don't match: each position meets each exponent, so one of the two needs
    another axis.

    every other step is taken instead of every other number
        [..., 0::2] -> [0::2]
        [..., 1::2] -> [1::2]
    The error says that two sizes don't match: `[0::2]` cuts the first axis, `[..., 0::2]` the last one.

    the turned pairs are stacked, but not joined again
        return turned -> return turned.unflatten(-1, (-1, 2))
    The result has the shape of x: the last two axes, pairs and their two numbers, become one.

    only the first number of each pair is returned
        return turned -> return turned[..., 0::2]
    A turned pair has two numbers again. (Of complex numbers the imaginary part counts, too.)

    each number is multiplied by the cosine only
        - second * angles.sin() ->
        first * angles.sin() + second -> second
    A turn mixes the two numbers of a pair: each gets a part of the other, by the sine.

    the partner of a number is looked for in the other half, but the angles are in pairs
        return turned -> return mix(x, angles.repeat_interleave(2, dim=-1), halves(x))
    Two ways are mixed: either neighbours share an angle and are partners, or numbers half a vector apart.

    the partner of a number is its neighbour, but the angles are in halves
        return turned -> return mix(x, torch.cat([angles, angles], dim=-1), neighbours(x))
    Two ways are mixed: neighbours that are turned together must have the same angle.

    positions are counted from the first one
        positions[:, None] -> (positions - positions[0])[:, None]
    Take the positions as they are: the first step need not be at 0.

    the angles are counted in whole turns
        positions[:, None] -> 2 * torch.pi * positions[:, None]
    The angle is in radians as it is: nothing is multiplied by 2 pi.

    the base is e instead of 10000
        10000 ** (torch.arange(0, d, 2) / d) -> torch.exp(torch.arange(0, d, 2) / d)
    A power of 10000 is `exp` of the exponent times the logarithm of 10000.

    10000 is multiplied by the exponent, not raised to it
        10000 ** (torch.arange(0, d, 2) / d) -> (10000 * (torch.arange(0, d, 2) / d))
    What is written small and raised is an exponent: a power, in Python `**`.

    the vectors are multiplied by the sinusoidal encoding
        first * angles.cos() - second * angles.sin() -> first * angles.sin()
        first * angles.sin() + second * angles.cos() -> second * angles.cos()
    A rotation keeps the length of a pair: each new number is made of both old ones.

    the pairs are turned the other way
        - second * angles.sin() -> + second * angles.sin()
        first * angles.sin() -> -first * angles.sin()
    Turn from the first number of a pair to the second: the minus belongs to the new first number.

    the minus sign is forgotten
        - second * angles.sin() -> + second * angles.sin()
    A rotation keeps the length of a pair. At 90 degrees (0, 1) becomes (-1, 0): look for the minus there.

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
    Each pair turns more slowly than the one before, by a power of 10000 that depends on i.

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
        "positions that come more than once": _case(_after_padding, 2),
        "a single step and a single pair": _one_pair,
    },
    mistakes=mistakes(
        rotate, MISTAKES, mix=_mix, halves=_partners_half_a_vector_away, neighbours=_neighbours
    ),
    hints=(
        "How is a point of the plane turned by an angle? What does (1, 0) become, and what (0, 1)?",
        "The angles are those of the sinusoidal encoding, with the given positions. The pairs are `x[..., "
        "0::2]` with `x[..., 1::2]`; both have as many numbers as there are angles.",
        "The new first number is `first * cos - second * sin`; the new second one comes from the old pair as "
        "well. Fill `torch.empty_like(x)`, at `[..., 0::2]` and `[..., 1::2]`.",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    differentiable=True,
    library="`course_lib.models.positions.rotate(x, positions, base)` takes other bases and refuses odd "
    "sizes. `torch.stack` and `flatten` join its pairs, without a tensor to fill.",
)
