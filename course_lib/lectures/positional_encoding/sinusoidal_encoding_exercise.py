"""The exercise of lecture 09 on sinusoidal positions."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase


def sinusoidal_encoding(steps: int, d_model: int) -> Float[Tensor, "steps d_model"]:
    """Return a vector for each position, with the base of Vaswani et al. 2017."""
    exponents = torch.arange(0, d_model, 2) / d_model
    angles = torch.arange(steps)[:, None] / 10000**exponents
    encoding = torch.zeros(steps, d_model)
    encoding[:, 0::2] = angles.sin()
    encoding[:, 1::2] = angles.cos()
    return encoding


def _case(low: int, high: int, pairs: tuple[int, int]) -> MakeCase:
    return lambda generator: (draw.whole(generator, low, high), 2 * draw.whole(generator, *pairs))


MISTAKES = """
    positions are a row instead of a column
        torch.arange(steps)[:, None] -> torch.arange(steps)
    The error says that two sizes don't match: each position meets each exponent, so one of the two needs
    another axis, `[:, None]`.

    every other row is filled, not every other column
        [:, 0::2] -> [0::2]
        [:, 1::2] -> [1::2]
    The error says that two sizes don't match: the first axis belongs to the positions, which all stay.

    the functions of `math` are applied to a tensor
        angles.sin() -> math.sin(angles)
        angles.cos() -> math.cos(angles)
    The error says that they take one number: `torch.sin` takes a tensor.

    the cosines overwrite the sines
        [:, 1::2] -> [:, 0::2]
    The cosines belong to the odd numbers: a slice that begins at 1.

    the base is e instead of 10000
        10000 ** exponents -> torch.exp(exponents)
    A power of 10000 is `exp` of the exponent times the logarithm of 10000.

    the logarithm is that of base 10
        10000 ** exponents -> torch.exp(exponents * math.log10(10000))
    To `exp` belongs the natural logarithm, `math.log`.

    the base is 1000
        10000 -> 1000
    Count the zeros, or write 10_000.

    the angles are counted in whole turns
        angles.sin() -> (2 * math.pi * angles).sin()
        angles.cos() -> (2 * math.pi * angles).cos()
    The angle is in radians as it is: nothing is multiplied by 2 pi.

    the positions run from 0 to 1
        torch.arange(steps)[:, None] -> torch.arange(steps)[:, None] / steps
    A position has the same vector in a short sequence as in a long one: it is not divided by the length.

    the steps are in the exponent's denominator
        / d_model -> / steps
    An exponent says which number of a vector is meant: it depends on the size of the vector.

    there is an axis for the batch in front
        return encoding -> return encoding[None]
    Much code stores it so. Here the shape is (steps, d_model), and broadcasting does the rest.

    there is an axis for the batch in the middle
        return encoding -> return encoding[:, None]
    PyTorch's tutorial has the batch there. Here the shape is (steps, d_model).

    all sines come first and then all cosines
        encoding[:, 0::2] -> encoding[:, :d_model // 2]
        encoding[:, 1::2] -> encoding[:, d_model // 2:]
    Sines and cosines alternate: 0, 2, 4, ... are sines, 1, 3, 5, ... cosines. (Some code puts them in halves.
    A network doesn't mind, but this check does.)

    sine and cosine are exchanged
        sin -> cos
        cos -> sin
    The numbers 0, 2, 4, ... are sines: at position 0 a vector starts with 0, 1.

    all numbers are sines
        cos -> sin
    The numbers 1, 3, 5, ... are cosines of the same angles.

    all pairs have the same wave
        / 10000 ** exponents ->
    Each pair is slower than the one before. (Is your exponent always 0? Then `//` may have cut it off.)

    10000 is multiplied by the exponent, not raised to it
        10000 ** exponents -> (10000 * exponents)
    What is written small and raised is an exponent: a power, in Python `**`.

    `exp` is taken without the logarithm of 10000
        10000 ** exponents -> torch.exp(10000 * exponents)
    To write a power of 10000 as one of e, the exponent is multiplied by its natural logarithm.

    the exponent is half as large
        torch.arange(0, d_model, 2) -> torch.arange(d_model // 2)
    If i counts the pairs, 0, 1, 2, ..., the exponent is 2 * i / d_model.

    the exponent is twice as large
        torch.arange(0, d_model, 2) -> 2 * torch.arange(0, d_model, 2)
    If you count 0, 2, 4, ..., that is 2i already: don't double it again.

    the exponents run from 0 to 1
        torch.arange(0, d_model, 2) / d_model -> torch.linspace(0, 1, d_model // 2)
    The exponent 2i / d_model stays below 1: when d_model is 8, it takes the values 0, 1/4, 1/2 and 3/4.

    the pairs are counted from 1
        torch.arange(0, d_model, 2) -> torch.arange(2, d_model + 2, 2)
    The first pair has i = 0: its exponent is 0, and its angle is the position itself.

    every number has a wave of its own
        torch.arange(0, d_model, 2) -> torch.arange(d_model)
        angles.sin() -> angles.sin()[:, 0::2]
        angles.cos() -> angles.cos()[:, 1::2]
    A sine and the cosine beside it share an angle: number 2i + 1 has the exponent 2i / d_model, too.

    every number has a wave of its own, and the exponent is twice as large
        torch.arange(0, d_model, 2) -> 2 * torch.arange(d_model)
        angles.sin() -> angles.sin()[:, 0::2]
        angles.cos() -> angles.cos()[:, 1::2]
    In 2i the i counts pairs, not numbers: number n has i = n // 2.

    the position is multiplied by the power of 10000, not divided
        / 10000 -> * 10000
    The waves get slower from pair to pair: the position is divided.

    positions are counted from 1
        torch.arange(steps) -> torch.arange(1, steps + 1)
    The first position is 0: its vector is 0, 1, 0, 1, ...

    each position is a column
        return encoding -> return encoding.T
    A position has a row, of shape (d_model,): swap the axes.

    the slowest pair comes first
        torch.arange(0, d_model, 2) -> torch.arange(0, d_model, 2).flip(0)
    The first pair is the fastest, with the position itself as its angle: the exponents grow from pair to
    pair.
"""

EXERCISE = Exercise(
    reference=sinusoidal_encoding,
    cases={
        "few positions, long vectors": _case(3, 7, (5, 20)),
        "many positions, short vectors": _case(20, 90, (2, 4)),
        "a single position": _case(1, 1, (2, 9)),
        "vectors of a single pair": _case(6, 12, (1, 1)),
        "hundreds of positions": _case(300, 600, (5, 8)),
    },
    mistakes=mistakes(sinusoidal_encoding, MISTAKES, math=math),
    hints=(
        "How many different angles does one position need for d_model numbers? Write the vector of position "
        "0 down by hand.",
        "`torch.arange(0, d_model, 2)` is 2i for all pairs. Positions as a column, `[:, None]`, divided by "
        "10000 ** (2i / d_model) as a row, give all angles at once.",
        "Make zeros of shape (steps, d_model). `encoding[:, 0::2]` are the even columns, as many as "
        "there are angles: what belongs there, and where does the rest go?",
    ),
    points=3,
    difficulty=2,
    minutes=15,
    library="`course_lib.models.positions.sinusoidal_encoding(steps, d_model, base)` takes other bases and "
    "refuses odd sizes. PyTorch has no such function.",
)
