"""The exercise of lecture 02 on least squares."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data.sequences import add_noise
from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.autoregressive import lag_matrix


def fit_autoregression(
    series: Float[Tensor, "time"], order: int
) -> tuple[Float[Tensor, "order"], Float[Tensor, ""]]:
    """Fit weights, the most recent value's first, and the bias of AR(order) by least squares."""
    lags = lag_matrix(series, order)
    targets = series[order:]
    inputs = torch.cat([lags, torch.ones(len(lags), 1)], dim=1)
    solution = torch.linalg.lstsq(inputs, targets[:, None]).solution[:, 0]
    return solution[:-1], solution[-1]


def _noisy_series(generator: torch.Generator, order: int) -> tuple[Any, ...]:
    level = draw.uniform(generator, 2, 4)
    return add_noise(level.expand(draw.whole(generator, 30, 40)), 1.0, generator), order


MISTAKES = """
    no bias is fitted
        torch.cat([lags, torch.ones(len(lags), 1)], dim=1) -> lags
        (solution[:-1], solution[-1]) -> (solution, torch.tensor(0.0))
    The series does not vary about 0: give the inputs a column of ones, whose weight is the bias.

    the weights come oldest value first
        solution[:-1] -> solution[:-1].flip(0)
    `weights[0]` belongs to the value just before the target, as column 0 of the lag matrix does.

    the bias is the mean of what the weights alone leave over
        torch.cat([lags, torch.ones(len(lags), 1)], dim=1) -> lags
        (solution[:-1], solution[-1]) -> (solution, (targets - lags @ solution).mean())
    Weights fitted without a bias are other weights: fit both at once, with a column of ones.

    the mean of the series is taken for the bias
        lags = -> mean = series.mean(); series = series - mean; lags =
        torch.cat([lags, torch.ones(len(lags), 1)], dim=1) -> lags
        (solution[:-1], solution[-1]) -> (solution, mean)
    You may centre the series, but then the bias is about mean * (1 - weights.sum()). A column of ones gives
    it exactly.

    the target is among its own inputs
        lag_matrix(series, order) -> series[1:].unfold(0, order, 1).flip(1)
    Row t of the lag matrix must end before `series[t + order]`; weights of exactly 1, 0, 0 give it away.

    the targets start one step too late
        lag_matrix(series, order) -> lag_matrix(series, order)[:-1]
        series[order:] -> series[order + 1:]
    The first row of the lag matrix belongs to `series[order]`.

    the column of ones comes first and the bias is read last
        [lags, torch.ones(len(lags), 1)] -> [torch.ones(len(lags), 1), lags]
    The solution has the order of the columns: with the ones first, its first number is the bias.

    weights and bias are returned in the other order
        (solution[:-1], solution[-1]) -> (solution[-1], solution[:-1])
    The exercise asks for (weights, bias).
"""

EXERCISE = Exercise(
    reference=fit_autoregression,
    cases={
        "two lags or more": lambda generator: _noisy_series(generator, draw.whole(generator, 2, 4)),
        "a single lag": lambda generator: _noisy_series(generator, 1),
    },
    mistakes=mistakes(fit_autoregression, MISTAKES),
    hints=(
        "Which linear equations should hold for all targets at once, and how does the bias get into them?",
        "Put a column of ones beside the lag matrix, and look up `torch.linalg.lstsq`.",
        "With `inputs = torch.cat([lags, torch.ones(len(lags), 1)], dim=1)`, "
        "`torch.linalg.lstsq(inputs, targets[:, None]).solution[:, 0]` holds the weights and then the bias.",
    ),
    points=3,
    difficulty=3,
    minutes=15,
)
