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


def _nan_in_padding(generator: torch.Generator) -> Case:
    loss, mask = _masked_loss(generator)
    return loss.masked_fill(~mask, math.nan), mask


def _nan_in_a_real_cell(generator: torch.Generator) -> Case:
    loss, mask = _masked_loss(generator)
    loss[draw.whole(generator, 0, len(loss) - 1), 0] = math.nan
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
    NaN times 0 is NaN, not 0: choose the cells with `torch.where(mask, loss, 0)` or `loss[mask]`.
    And think of a batch without a true cell.

    the loss is multiplied by the mask
        torch.where(mask, loss, 0) -> (loss * mask)
    NaN times 0 is NaN, not 0: choose the cells with `torch.where(mask, loss, 0)` or `loss[mask]`.

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
"""

EXERCISE = Exercise(
    reference=masked_mean,
    cases={
        "sequences of unequal length": _masked_loss,
        "NaN in the padded cells": _nan_in_padding,
        "NaN in a true cell, which must not be hidden": _nan_in_a_real_cell,
        "no true cell at all": _no_true_cell,
    },
    mistakes=mistakes(masked_mean, MISTAKES),
    hints=(
        "Which cells belong in the sum, and how many are there?",
        "`loss[mask]` holds only the true cells. What is the mean of an empty tensor?",
        "Divide `torch.where(mask, loss, 0).sum()` by `mask.sum()`, but by no less than 1: `.clamp(min=1)`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    differentiable=True,
)
