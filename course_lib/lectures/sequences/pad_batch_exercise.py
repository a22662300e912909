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


def _lengths(generator: torch.Generator, count: int, low: int, high: int) -> list[int]:
    """Draw different lengths; the longest stands in the middle, where no first or last sequence shows it."""
    lengths = sorted(draw.unequal(generator, count, low, high))
    return [*lengths[:-2], lengths[-1], lengths[-2]]


def _unequal_lengths(generator: torch.Generator) -> tuple[Any, ...]:
    count = draw.whole(generator, 3, 5)
    return _ragged(generator, _lengths(generator, count, 1, 7)), 0.0


def _other_padding(generator: torch.Generator) -> tuple[Any, ...]:
    return _ragged(generator, _lengths(generator, 3, 2, 8)), -float(draw.whole(generator, 2, 9))


def _single_sequence(generator: torch.Generator) -> tuple[Any, ...]:
    return _ragged(generator, [draw.whole(generator, 2, 6)]), 0.0


def _empty_among_them(generator: torch.Generator) -> tuple[Any, ...]:
    lengths = [draw.whole(generator, 4, 6), 0, draw.whole(generator, 1, 3)]
    return _ragged(generator, lengths), 0.0


def _each_holding(generator: torch.Generator, special: float) -> list[Tensor]:
    """Sequences with a special value at their end and at a random place before another value."""
    sequences = _ragged(generator, _lengths(generator, 3, 3, 7))
    for sequence in sequences:
        sequence[[draw.whole(generator, 0, len(sequence) - 3), -1]] = special
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

    the mask takes in the first padded cell
        < lengths -> <= lengths
    A sequence of length 3 fills steps 0, 1 and 2: step 3 is padding.

    the mask is true where a value is not 0
        torch.arange(steps) < lengths[:, None] -> values != 0
    A real value may be 0, and padding need not be: only the lengths tell them apart.

    the mask ends with the last value that is not padding
        torch.arange(steps) < lengths[:, None] -> (values != value).flip(1).cumsum(1).flip(1) > 0
    A sequence may end with a real value that equals the padding; only the lengths tell them apart.

    the mask is true where a number is
        torch.arange(steps) < lengths[:, None] -> ~values.isnan()
    A real value may be NaN, and the padding is a number: only the lengths tell them apart.

    the mask is false where a real value is NaN
        lengths[:, None] -> lengths[:, None].where(~values.isnan(), 0)
    NaN may be a value of a sequence, also where it marks the padding: only the lengths tell them apart.

    real values that are NaN are taken for padding
        value -> torch.nan
        torch.arange(steps) < lengths[:, None] -> ~values.isnan()
        (values, mask) -> (torch.where(mask, values, value), mask)
    A sequence may hold NaN itself, and must keep it: fill with `value` at once; the lengths give the mask.

    only the values have steps as rows
        (values, mask) -> (values.T, mask)
    `pad_sequence` puts time first unless it is told `batch_first=True`. The shape is (batch, time).

    the lengths are returned in place of the mask
        (values, mask) -> (values, lengths)
    The mask has a cell for each cell of the values: compare the number of each step with the length.

    the values are returned without their mask
        (values, mask) -> values
    Return two tensors: `values, mask`.

    the sequences are sorted by their lengths
        lengths = -> sequences = sorted(sequences, key=len, reverse=True); lengths =
    Row b belongs to sequence b: keep their order. (Only packing wants the longest first.)

    empty sequences are dropped
        lengths = -> sequences = [sequence for sequence in sequences if len(sequence)]; lengths =
    Row b belongs to sequence b, also when it is empty: its row is all padding.

    there is one column more than the longest sequence needs
        int(lengths.max()) -> int(lengths.max()) + 1
    The number of columns is the longest length.

    the batch is as wide as its first sequence
        int(lengths.max()) -> len(sequences[0])
    Here a later sequence is longer and does not fit, says the error: the longest one decides.

    the batch is as wide as its last sequence
        int(lengths.max()) -> len(sequences[-1])
    Here an earlier sequence is longer and does not fit, says the error: the longest one decides.

    a whole row is filled with a shorter sequence
        values[row, :len(sequence)] -> values[row]
    The error says that the sizes differ: write to the first `len(sequence)` cells of the row only.

    sequences of unequal length are stacked
        values = torch.full -> values = torch.stack(sequences); torch.full
    `torch.stack` wants tensors of one shape: begin with a batch full of padding, and copy them into it.

    a list of sequences is made a tensor at once
        values = torch.full -> values = torch.tensor(sequences); torch.full
    `torch.tensor` takes numbers in a rectangle, not tensors of unequal length: begin with a batch of padding.
"""

EXERCISE = Exercise(
    reference=pad_batch,
    cases={
        "sequences of unequal length": _unequal_lengths,
        "another padding than zero": _other_padding,
        "a single sequence": _single_sequence,
        "an empty sequence among them": _empty_among_them,
        "values that equal the padding": lambda generator: (_each_holding(generator, 7.0), 7.0),
        "values that are NaN, and infinite padding": lambda generator: (
            _each_holding(generator, math.nan),
            -math.inf,
        ),
    },
    mistakes=mistakes(pad_batch, MISTAKES),
    hints=(
        "How many columns does the batch need so that no value is lost?",
        "`torch.full((batch, time), value)` makes a batch of padding; then copy each sequence into the start "
        "of its row.",
        "`values[row, : len(sequence)]` are the cells that sequence number `row` fills. The mask, all false "
        "at first, becomes true in which cells?",
    ),
    points=4,
    difficulty=2,
    minutes=15,
    library="`torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True, padding_value=value)` does it, "
    "also rows of vectors; it gives no mask.",
)
