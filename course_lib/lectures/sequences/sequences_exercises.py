"""The exercises of lecture 01 on batches of sequences of unequal length."""

import math
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course_lib.data.sequences import pad_batch
from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake

Batch = tuple[Tensor, Tensor]


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


def _padding_among_values(generator: torch.Generator) -> tuple[Any, ...]:
    sequences = _ragged(generator, draw.unequal(generator, 3, 2, 6))
    for sequence in sequences:
        sequence[draw.whole(generator, 0, len(sequence) - 1)] = 7.0
    return sequences, 7.0


def _nan_among_values(generator: torch.Generator) -> tuple[Any, ...]:
    sequences = _ragged(generator, draw.unequal(generator, 3, 2, 6))
    for sequence in sequences:
        sequence[draw.whole(generator, 0, len(sequence) - 1)] = math.nan
    return sequences, 0.0


def _padded_in_front(sequences: list[Tensor], value: float) -> Batch:
    values, mask = pad_batch([sequence.flip(0) for sequence in sequences], value)
    return values.flip(1), mask.flip(1)


def _inverted_mask(sequences: list[Tensor], value: float) -> Batch:
    values, mask = pad_batch(sequences, value)
    return values, ~mask


def _mask_from_values(sequences: list[Tensor], value: float) -> Batch:
    values, _ = pad_batch(sequences, value)
    return values, values != value


def _cut_to_shortest(sequences: list[Tensor], value: float) -> Batch:
    shortest = min(len(sequence) for sequence in sequences)
    return pad_batch([sequence[:shortest] for sequence in sequences], value)


def _time_first(sequences: list[Tensor], value: float) -> Batch:
    values, mask = pad_batch(sequences, value)
    return values.T, mask.T


def _mask_one_short(sequences: list[Tensor], value: float) -> Batch:
    values, mask = pad_batch(sequences, value)
    lengths = mask.sum(dim=1, keepdim=True)
    return values, torch.arange(values.shape[1]) < lengths - 1


def _mask_all_true(sequences: list[Tensor], value: float) -> Batch:
    values, mask = pad_batch(sequences, value)
    return values, torch.ones_like(mask)


def _pad_with_torch(sequences: list[Tensor], value: float) -> Batch:
    pad = torch.nn.utils.rnn.pad_sequence
    values = pad(sequences, batch_first=True, padding_value=value)
    return values, pad([torch.ones(len(sequence)) for sequence in sequences], batch_first=True)


def _pad_row_by_row(sequences: list[Tensor], value: float) -> list[Tensor]:
    steps = max(len(sequence) for sequence in sequences)
    rows = [torch.cat([row, torch.full((steps - len(row),), value)]) for row in sequences]
    mask = [[step < len(sequence) for step in range(steps)] for sequence in sequences]
    return [torch.stack(rows), torch.tensor(mask)]


PAD_BATCH = Exercise(
    reference=pad_batch,
    cases={
        "sequences of unequal length": _unequal_lengths,
        "another padding than zero": _other_padding,
        "an empty sequence among them": _empty_among_them,
        "values that equal the padding": _padding_among_values,
        "values that are NaN": _nan_among_values,
    },
    mistakes=(
        Mistake(
            "the padding stands in front of the values",
            _padded_in_front,
            "Step 0 of every row is the first value of its sequence; padding fills the end.",
        ),
        Mistake(
            "the mask is true for the padding",
            _inverted_mask,
            "The mask is true where a cell holds a value of a sequence. (Some libraries mean the opposite by "
            "a padding mask: always look it up.)",
        ),
        Mistake(
            "the mask is read off the values",
            _mask_from_values,
            "A real value may happen to equal the padding; only the lengths tell them apart.",
        ),
        Mistake(
            "every sequence is cut to the shortest",
            _cut_to_shortest,
            "Nothing may get lost: the number of columns is the longest length.",
        ),
        Mistake(
            "the padding is always zero",
            lambda sequences, _value: pad_batch(sequences, 0.0),
            "The argument `value` says what the padded cells hold.",
        ),
        Mistake(
            "steps are rows and sequences columns",
            _time_first,
            "The shape is (batch, time): each sequence is a row.",
        ),
        Mistake(
            "the mask leaves out the last value of each sequence",
            _mask_one_short,
            "A sequence of length 3 fills steps 0, 1 and 2: a step is real if step < length.",
        ),
        Mistake(
            "the mask is returned first",
            lambda sequences, value: pad_batch(sequences, value)[::-1],
            "Return `values, mask` in this order.",
        ),
        Mistake(
            "the mask is true everywhere",
            _mask_all_true,
            "Then nobody can tell padding from values; compare the number of each step with the length.",
        ),
    ),
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
    variants=(_pad_with_torch, _pad_row_by_row),
)


def masked_mean(loss: Float[Tensor, "batch time"], mask: Bool[Tensor, "batch time"]) -> Float[Tensor, ""]:
    """Return the mean of `loss` over the cells where `mask` is true; 0 if there is none."""
    return _masked_sum(loss, mask) / mask.sum().clamp(min=1)


def _masked_sum(loss: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, loss, 0).sum()


def _masked_loss(generator: torch.Generator) -> Batch:
    lengths = draw.unequal(generator, draw.whole(generator, 3, 5), 1, 7)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return draw.uniform(generator, 0.5, 4, *mask.shape), mask


def _nan_in_padding(generator: torch.Generator) -> Batch:
    loss, mask = _masked_loss(generator)
    return loss.masked_fill(~mask, math.nan), mask


def _nan_in_a_real_cell(generator: torch.Generator) -> Batch:
    loss, mask = _masked_loss(generator)
    loss[draw.whole(generator, 0, len(loss) - 1), 0] = math.nan
    return loss, mask


def _no_true_cell(generator: torch.Generator) -> Batch:
    loss, mask = _masked_loss(generator)
    return loss, torch.zeros_like(mask)


def _mean_of_means(loss: Tensor, mask: Tensor) -> Tensor:
    means = torch.where(mask, loss, 0).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
    return means.mean()


def _mean_by_selection(loss: Tensor, mask: Tensor) -> Tensor | float:
    return loss[mask].mean() if mask.any() else 0.0


def _mean_by_loop(loss: Tensor, mask: Tensor) -> Tensor:
    total, cells = torch.tensor(0.0), 0
    for loss_row, mask_row in zip(loss, mask, strict=True):
        for cell, is_real in zip(loss_row, mask_row, strict=True):
            if is_real:
                total, cells = total + cell, cells + 1
    return total / max(cells, 1)


MASKED_MEAN = Exercise(
    reference=masked_mean,
    cases={
        "sequences of unequal length": _masked_loss,
        "NaN in the padded cells": _nan_in_padding,
        "NaN in a true cell, which must not be hidden": _nan_in_a_real_cell,
        "no true cell at all": _no_true_cell,
    },
    mistakes=(
        Mistake(
            "the sum is divided by the number of all cells",
            lambda loss, mask: torch.where(mask, loss, 0).mean(),
            "Padded cells must not count below the line either: the more padding, the smaller the loss "
            "would seem.",
        ),
        Mistake(
            "the mask is not used",
            lambda loss, _mask: loss.mean(),
            "The loss of a padded cell says nothing about the model; select the true cells first.",
        ),
        Mistake(
            "the loss is multiplied by the mask and averaged over all cells",
            lambda loss, mask: (loss * mask).mean(),
            "Padded cells must not count below the line: divide by `mask.sum()`. And NaN times 0 is NaN.",
        ),
        Mistake(
            "every NaN is taken for 0",
            lambda loss, mask: torch.where(mask, loss.nan_to_num(), 0).sum() / mask.sum().clamp(min=1),
            "A loss that is NaN in a true cell is a fault of the model that must be seen; only padded cells "
            "may be dropped.",
        ),
        Mistake(
            "the loss is multiplied by the mask, and nothing guards against 0 / 0",
            lambda loss, mask: (loss * mask).sum() / mask.sum(),
            "NaN times 0 is NaN, not 0: choose the cells with `torch.where(mask, loss, 0)` or `loss[mask]`. "
            "And think of a batch without a true cell.",
        ),
        Mistake(
            "the loss is multiplied by the mask",
            lambda loss, mask: (loss * mask).sum() / mask.sum().clamp(min=1),
            "NaN times 0 is NaN, not 0: choose the cells with `torch.where(mask, loss, 0)` or `loss[mask]`.",
        ),
        Mistake(
            "the mean of no cells is taken",
            lambda loss, mask: loss[mask].mean(),
            "Without a true cell the mean is 0 / 0, which is NaN; the exercise asks for 0 there.",
        ),
        Mistake(
            "the mean runs over the padded cells",
            lambda loss, mask: loss[~mask].mean(),
            "The mask is true for the cells that count.",
        ),
        Mistake(
            "the loss is summed, not averaged",
            _masked_sum,
            "Divide by the number of true cells, `mask.sum()`.",
        ),
        Mistake(
            "the mean of the sequences' means is taken",
            _mean_of_means,
            "Then a cell of a short sequence weighs more than one of a long sequence; every true cell should "
            "weigh the same.",
        ),
        Mistake(
            "the sum is divided by the number of sequences",
            lambda loss, mask: _masked_sum(loss, mask) / len(loss),
            "That is the loss of a sequence; the mean over cells divides by the number of true cells.",
        ),
    ),
    hints=(
        "Which cells belong to the sum, and how many are they?",
        "`loss[mask]` holds the true cells alone. What is the mean of an empty tensor?",
        "Divide `torch.where(mask, loss, 0).sum()` by `mask.sum()`, but by no less than 1: `.clamp(min=1)`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_mean_by_selection, _mean_by_loop),
    differentiable=True,
)

EXERCISES = (PAD_BATCH, MASKED_MEAN)
