"""The exercise of lecture 01 on batches of sequences of unequal length."""

import math
from typing import Any

import torch
from torch import Tensor

from course_lib.data.sequences import pad_batch
from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def _ragged(generator: torch.Generator, lengths: list[int]) -> list[Tensor]:
    return [draw.normal(generator, length) for length in lengths]


def _unequal_lengths(generator: torch.Generator) -> tuple[Any, ...]:
    count = draw.whole(generator, 3, 5)
    return _ragged(generator, draw.unequal(generator, count, 1, 7)), 0.0


def _other_padding(generator: torch.Generator) -> tuple[Any, ...]:
    sequences = _ragged(generator, draw.unequal(generator, 3, 2, 8))
    return sequences, -float(draw.whole(generator, 2, 9))


def _empty_among_them(generator: torch.Generator) -> tuple[Any, ...]:
    lengths = [draw.whole(generator, 4, 6), 0, draw.whole(generator, 1, 3)]
    return _ragged(generator, lengths), 0.0


def _each_holding(generator: torch.Generator, special: float) -> list[Tensor]:
    sequences = _ragged(generator, draw.unequal(generator, 3, 2, 6))
    for sequence in sequences:
        sequence[draw.whole(generator, 0, len(sequence) - 1)] = special
    return sequences


MISTAKES = """
    the padding comes before the values
        values[row, :len(sequence)] -> values[row, steps - len(sequence):]
        torch.arange(steps) < lengths[:, None] -> torch.arange(steps) >= steps - lengths[:, None]
    Step 0 of every row is the first value of its sequence; padding fills the end.

    the mask is true for the padding
        < lengths -> >= lengths
    The mask is true where a cell holds a value of a sequence. (In some libraries a padding mask means the
    opposite: always look it up.)

    the mask is computed from the values
        torch.arange(steps) < lengths[:, None] -> values != value
    A real value may happen to equal the padding; only the lengths tell them apart.

    every sequence is cut to the shortest
        lengths.max() -> lengths.min()
        = sequence -> = sequence[:steps]
    No value may be lost: the number of columns is the longest length.

    the padding is always zero
        value -> 0.0
    The argument `value` says what the padded cells hold.

    steps are rows and sequences columns
        (values, mask) -> (values.T, mask.T)
    The shape is (batch, time): each sequence is a row.

    the mask leaves out the last value of each sequence
        lengths[:, None] -> lengths[:, None] - 1
    A sequence of length 3 fills steps 0, 1 and 2: a step is real if step < length.

    the mask is returned first
        (values, mask) -> (mask, values)
    Return `values, mask` in this order.

    the mask is true everywhere
        torch.arange(steps) < lengths[:, None] -> torch.ones_like(values, dtype=torch.bool)
    Then nobody can tell padding from values; compare the number of each step with the length.
"""

EXERCISE = Exercise(
    reference=pad_batch,
    cases={
        "sequences of unequal length": _unequal_lengths,
        "another padding than zero": _other_padding,
        "an empty sequence among them": _empty_among_them,
        "values that equal the padding": lambda generator: (_each_holding(generator, 7.0), 7.0),
        "values that are NaN": lambda generator: (_each_holding(generator, math.nan), 0.0),
    },
    mistakes=mistakes(pad_batch, MISTAKES),
    hints=(
        "How many columns does the batch need so that no value is lost?",
        "`torch.full((batch, time), value)` makes a batch of padding; then copy each sequence into the start "
        "of its row. Which cells did you write to?",
        "For each row: `values[row, : len(sequence)] = sequence` and `mask[row, : len(sequence)] = True`, "
        "where `mask` starts as `torch.zeros(batch, time, dtype=torch.bool)`.",
    ),
    points=4,
    difficulty=2,
    minutes=15,
)
