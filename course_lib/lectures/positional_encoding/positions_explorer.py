"""The explorer of lecture 09: vectors that tell positions, and how alike those of two positions are."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.explore.controls import Choice, Stops
from course_lib.explore.explorer import Explorer, explorer
from course_lib.explore.panels import Heat, Lines, Panel, two_digits
from course_lib.models.positions import rotate, sinusoidal_encoding

KINDS = ("sinusoidal", "rotary")
SIZES = (8, 16, 32, 64)
BASES = (10, 100, 1000, 10_000)
LENGTHS = (16, 32, 64)
WAVES = 4
POSITION = "position"


def positions(size: int = 64, base: float = 10_000, length: int = 64) -> Explorer:
    """Encodings of positions as a map and as waves, and the similarity of two positions by their distance.

    The map's rows are places in the vector: a smaller vector has broader rows, of the same waves.

    Args:
        size: d_model at first: 8, 16, 32 or 64.
        base: the base at first: 10, 100, 1000 or 10000.
        length: how many positions at first: 16, 32 or 64.
    """
    longest, largest = max(LENGTHS), max(SIZES)

    @explorer(
        name="positions",
        widths=(1, 1),
        scrub=(POSITION,),
        kind=Choice(KINDS),
        size=Stops(SIZES, at=size),
        base=Stops(BASES, at=base),
        length=Stops(LENGTHS, at=length),
    )
    def picture(kind: str, size: float, base: float, length: float) -> list[Panel]:
        size, length = int(size), int(length)
        encoding, likeness = _encode(kind, size, base, length)
        shown = torch.full((longest, largest), torch.nan)
        shown[:length] = encoding.repeat_interleave(largest // size, dim=1)
        waves = torch.full((WAVES, longest), torch.nan)
        pairs = [round(k * (size // 2 - 1) / (WAVES - 1)) for k in range(WAVES)]
        waves[:, :length] = encoding[:, [2 * pair for pair in pairs]].T
        by_distance = torch.full((1, longest), torch.nan)
        by_distance[0, :length] = likeness
        return [
            Heat(
                title="the encoding of every position",
                data=shown.T,
                x=POSITION,
                y="number in the vector, in 64ths",
                x_start=0,
                y_start=0,
                limits=(-1, 1),
                caption=f"{length} positions, each a vector of {size} numbers between −1 and 1.",
            ),
            Lines(
                title="four of its waves",
                data=waves,
                x=POSITION,
                y="number",
                names=["first pair", "a third on", "two thirds on", "last pair"],
                start=0,
                limits=(-1.05, 1.05),
                caption=_lengths([2 * math.pi * base ** (2 * pair / size) for pair in pairs]),
            ),
            Lines(
                title="similarity of two positions",
                data=by_distance,
                x="distance",
                y="dot product / length squared",
                start=0,
                limits=(-1.05, 1.05),
                caption=_fall(likeness),
            ),
        ]

    return picture


def _encode(
    kind: str, size: int, base: float, length: int
) -> tuple[Float[Tensor, "length size"], Float[Tensor, "length"]]:
    """The vectors of the positions, and the similarity of position 0 to each, relative to that to itself.

    Rotary positions turn vectors: the map shows how they turn (1, 0), and alike are a query and a key of
    ones, turned.
    """
    if kind == "sinusoidal":
        encoding = alike = sinusoidal_encoding(length, size, base)
    else:
        steps = torch.arange(length)
        encoding = rotate(torch.tensor([1.0, 0.0]).repeat(length, size // 2), steps, base)
        alike = rotate(torch.ones(length, size), steps, base)
    return encoding, alike @ alike[0] / alike[0].square().sum()


def _lengths(waves: list[float]) -> str:
    told = "; ".join(f"{wave:,.0f}" if wave >= 100 else f"{wave:.1f}" for wave in waves)
    return f"These waves are {told} positions long."


def _fall(likeness: Float[Tensor, "length"]) -> str:
    below = (likeness < 0.5).nonzero()
    far = f"below one half from distance {int(below[0])}" if len(below) else "never below one half"
    lowest, place = likeness.min(dim=0)
    return f"1 at distance 0, {far}; lowest at {int(place)} ({two_digits(lowest.item())})."
