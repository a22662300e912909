"""The exercise of lecture 02 on least squares."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data.sequences import add_noise
from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.autoregressive import fit_yule_walker, lag_matrix


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
    level = draw.uniform(generator, 2, 4) * (-1) ** draw.whole(generator, 0, 1)
    return add_noise(level.expand(draw.whole(generator, 30, 40)), 1.0, generator), order


def _far_from_zero(generator: torch.Generator) -> tuple[Any, ...]:
    series, order = _noisy_series(generator, draw.whole(generator, 2, 3))
    return series + 30, order


def ridge(inputs: Tensor, targets: Tensor) -> Tensor:
    """Least squares with a penalty of 1 on the squared weights."""
    penalty = torch.eye(inputs.shape[1])
    return torch.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ targets)


def yule_walker(series: Tensor, order: int) -> tuple[Tensor, Tensor]:
    """Weights and bias from the covariances of the series with its own past."""
    model = fit_yule_walker(series, order)
    return model.weights, model.bias


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

    the targets are the first values of the series
        series[order:] -> series[:-order]
    `series[:-order]` leaves out the last values. The first row of the lag matrix belongs to `series[order]`.

    the whole series is taken for the targets
        series[order:] -> series
    The first `order` values have no full past and no row, so the error finds more targets than rows.

    the column of ones is no column
        torch.ones(len(lags), 1) -> torch.ones(len(lags))
    Only tensors with equally many axes can be put side by side: the ones need the shape (rows, 1).

    the ones are put below the lags
        dim=1 -> dim=0
    The ones are one more input of every row: a column, beside the lags. Below them they don't even fit.

    the fields of the solution are not looked up
        .solution[:, 0] -> [:, 0]
    `lstsq` returns several things at once; the weights are in its field `solution`.

    the weights keep the second axis of the solution
        .solution[:, 0] -> .solution
    The solution has a column for each column of targets. Take its only column: the weights have the shape
    (order,), the bias ().

    the bias keeps an axis
        solution[-1] -> solution[-1:]
    A slice keeps its axis; the bias is a single number, of shape ().

    inputs and targets are swapped
        torch.linalg.lstsq(inputs, targets[:, None]) -> torch.linalg.lstsq(targets[:, None], inputs)
    `lstsq(A, B)` looks for X with A X = B: A holds the inputs, B the targets.

    all weights are returned, the bias among them
        (solution[:-1], solution[-1]) -> (solution, solution[-1])
    The last number of the solution belongs to the ones: it is the bias, and no weight of a value.

    the weights are shrunk towards 0
        solution = -> solution = ridge(inputs, targets); _ =
    That is ridge regression, which adds a penalty on large weights. Plain least squares has none.

    the weights are those of Yule and Walker
        (solution[:-1], solution[-1]) -> yule_walker(series, order)
    They come from covariances over the whole series, and differ a little from the least squares of the rows.
"""

EXERCISE = Exercise(
    reference=fit_autoregression,
    cases={
        "two lags or more": lambda generator: _noisy_series(generator, draw.whole(generator, 2, 4)),
        "a single lag": lambda generator: _noisy_series(generator, 1),
        "a series far from 0": _far_from_zero,
    },
    mistakes=mistakes(fit_autoregression, MISTAKES),
    hints=(
        "Which linear equations should hold for all targets at once, and how does the bias get into them?",
        "Put a column of ones beside the lag matrix, and look up `torch.linalg.lstsq`.",
        "`torch.ones(len(lags), 1)` is that column. The solution has a number for each column of the inputs: "
        "which of them is the bias?",
    ),
    points=3,
    difficulty=3,
    minutes=15,
    library="`course_lib.models.autoregressive.fit_least_squares` does the same; it also estimates the "
    "variance of the noise.",
)
