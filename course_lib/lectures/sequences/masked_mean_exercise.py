"""The exercise of lecture 01 on the loss of a padded batch."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise

Case = tuple[Tensor, Tensor]


def masked_mean(loss: Float[Tensor, "batch time"], mask: Bool[Tensor, "batch time"]) -> Float[Tensor, ""]:
    """Return the mean of `loss` over the cells where `mask` is true; 0 if there is none."""
    total = torch.where(mask, loss, 0).sum()
    return total / mask.sum().clamp(min=1)


def _masked_loss(generator: torch.Generator) -> Case:
    lengths = draw.unequal(generator, draw.whole(generator, 3, 5), 1, 7)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return draw.uniform(generator, 0.5, 4, *mask.shape), mask


def _nan_and_infinity_in_padding(generator: torch.Generator) -> Case:
    loss, mask = _masked_loss(generator)
    loss[~mask] = math.nan
    row, step = (~mask).nonzero()[0]
    loss[row, step] = math.inf
    return loss, mask


def _nan_in_a_real_cell(generator: torch.Generator) -> Case:
    loss, mask = _masked_loss(generator)
    loss[draw.whole(generator, 0, len(loss) - 1), 0] = math.nan
    return loss, mask


def _losses_of_zero(generator: torch.Generator) -> Case:
    loss, mask = _masked_loss(generator)
    loss[draw.whole(generator, 0, len(loss) - 1), 0] = 0
    return loss, mask


def _single_true_cell(generator: torch.Generator) -> Case:
    loss, mask = _masked_loss(generator)
    mask = torch.zeros_like(mask)
    batch, time = mask.shape
    mask[draw.whole(generator, 0, batch - 1), draw.whole(generator, 1, time - 1)] = True
    return loss, mask


def _no_true_cell(generator: torch.Generator) -> Case:
    loss, mask = _masked_loss(generator)
    return loss, torch.zeros_like(mask)


MISTAKES = """
    the sum is divided by the number of all cells
        mask.sum().clamp(min=1) -> mask.numel()
    Padded cells must not count in the denominator either, or more padding makes the loss seem smaller.

    the mask is not used
        torch.where(mask, loss, 0) -> loss
        mask.sum().clamp(min=1) -> loss.numel()
    The loss of a padded cell says nothing about the model; select the true cells first.

    the loss is multiplied by the mask and averaged over all cells
        torch.where(mask, loss, 0) -> (loss * mask)
        mask.sum().clamp(min=1) -> mask.numel()
    Padded cells must not count in the denominator: divide by `mask.sum()`. And NaN times 0 is NaN.

    every NaN is replaced by 0
        loss -> loss.nan_to_num()
    NaN in a true cell is a fault of the model and must stay visible; only padded cells may be dropped.

    the loss is multiplied by the mask, and nothing guards against 0 / 0
        torch.where(mask, loss, 0) -> (loss * mask)
        .clamp(min=1) ->
    NaN times 0 is NaN, not 0: select the true cells, do not multiply. And think of a batch without any.

    the loss is multiplied by the mask
        torch.where(mask, loss, 0) -> (loss * mask)
    NaN times 0 is NaN, not 0: padded cells have to be left out or replaced, not multiplied.

    the mean of no cells is taken
        .clamp(min=1) ->
    Without a true cell the mean is 0 / 0, which is NaN; the exercise asks for 0 there.

    the mean runs over the padded cells
        mask -> (~mask)
    The mask is true for the cells that count.

    the loss is summed, not averaged
        / mask.sum().clamp(min=1) ->
    Divide by the number of true cells, `mask.sum()`.

    the mean of the sequences' means is taken
        0).sum() -> 0).sum(dim=1)
        total / mask.sum().clamp(min=1) -> (total / mask.sum(dim=1).clamp(min=1)).mean()
    Then a cell of a short sequence weighs more than one of a long sequence; every true cell should weigh the
    same.

    the sum is divided by the number of sequences
        mask.sum().clamp(min=1) -> len(mask)
    That is the loss per sequence; the mean over cells divides by the number of true cells.

    the sum is divided by the number of steps
        mask.sum().clamp(min=1) -> mask.shape[1]
    That is the loss per step of the whole batch; the mean over cells divides by the number of true cells.

    the mean of the mask is taken
        mask.sum().clamp(min=1) -> mask.mean()
    PyTorch has no mean of true and false; a sum it has, and it counts the true cells.

    cells with a loss of 0 are not counted
        mask.sum() -> (torch.where(mask, loss, 0) != 0).sum()
    A perfect prediction has the loss 0, and counts: the mask tells which cells are real, not their values.

    each sequence gets a mean of its own
        0).sum() -> 0).sum(dim=1)
        mask.sum() -> mask.sum(dim=1)
    The result is one number for the whole batch, of shape ().

    the losses are divided, but not added up
        torch.where(mask, loss, 0).sum() -> torch.where(mask, loss, 0)
    A mean is one number: add up the true cells first.

    the mean skips every NaN
        total / mask.sum().clamp(min=1) -> torch.where(mask, loss, torch.nan).nanmean()
    `nanmean` also skips NaN in true cells, where it must stay visible, and is NaN itself without any
    true cell.

    the mean of the sequences' means is taken, and nothing guards against 0 / 0
        0).sum() -> 0).sum(dim=1)
        total / mask.sum().clamp(min=1) -> (total / mask.sum(dim=1)).mean()
    A mean of the sequences' means divides by 0 where a sequence has no true cell; one sum over all cells and
    one count do not.

    the true cells are set to 0, not the padded ones
        torch.where(mask, loss, 0) -> torch.where(mask, 0, loss)
    `torch.where(mask, a, b)` takes a where the mask is true; `masked_fill` fills where it is true.

    1e-5 is added to the number of cells
        mask.sum().clamp(min=1) -> (mask.sum() + 1e-5)
    A small number in the denominator makes every mean a little wrong. Only a batch without a true cell needs
    help.

    1e-6 is added to the number of cells
        mask.sum().clamp(min=1) -> (mask.sum() + 1e-6)
    Even a tiny number in the denominator makes every mean too small; guard the case of no cell by itself.

    1 is added to the number of cells
        mask.sum().clamp(min=1) -> (mask.sum() + 1)
    One more in the denominator makes every mean too small. Only a batch without a true cell needs help.
"""

EXERCISE = Exercise(
    reference=masked_mean,
    cases={
        "sequences of unequal length": _masked_loss,
        "NaN and infinity in the padded cells": _nan_and_infinity_in_padding,
        "NaN in a true cell, which must not be hidden": _nan_in_a_real_cell,
        "a loss of exactly 0 in a true cell": _losses_of_zero,
        "a single true cell, anywhere": _single_true_cell,
        "no true cell at all": _no_true_cell,
    },
    mistakes=mistakes(masked_mean, MISTAKES),
    hints=(
        "Which cells belong in the sum, and how many are there?",
        "`loss[mask]` holds only the true cells. What is the mean of an empty tensor?",
        "`torch.where` puts 0 into the padded cells, and `mask.sum()` counts the true ones. By which number "
        "can a sum of 0 be divided when there are none?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    differentiable=True,
    library="`loss[mask].mean()` does the same except for a batch without a true cell, where it is NaN; "
    "`torch.nn.functional.cross_entropy` takes such a mean itself, with `ignore_index`.",
)
