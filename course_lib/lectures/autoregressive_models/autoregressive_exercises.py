"""The exercises of lecture 02 on autoregressive models."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data.sequences import add_noise
from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models.autoregressive import Autoregressive, fit_least_squares, lag_matrix

Fit = tuple[Tensor, Tensor]


def _series_of_order(generator: torch.Generator, order: int) -> tuple[Any, ...]:
    return draw.normal(generator, order + draw.whole(generator, 5, 9)), order


def _lags_by_column(series: Tensor, order: int) -> Tensor:
    rows = len(series) - order
    return torch.stack([series[order - lag : order - lag + rows] for lag in range(1, order + 1)], dim=1)


def _lags_by_row(series: Tensor, order: int) -> Tensor:
    return torch.stack([series[t - order : t].flip(0) for t in range(order, len(series))])


LAG_MATRIX = Exercise(
    reference=lag_matrix,
    cases={
        "two lags or more": lambda generator: _series_of_order(generator, draw.whole(generator, 2, 4)),
        "a single lag": lambda generator: _series_of_order(generator, 1),
        "a series that gives one row": lambda generator: (draw.normal(generator, 4), 3),
    },
    mistakes=(
        Mistake(
            "the oldest value of each row comes first",
            lambda series, order: lag_matrix(series, order).flip(1),
            "Column 0 is lag 1, the value just before the target; the columns go back in time.",
        ),
        Mistake(
            "each row starts with the target itself",
            lambda series, order: series[1:].unfold(0, order, 1).flip(1),
            "The model may read the past alone: with the target among its inputs it has nothing to predict.",
        ),
        Mistake(
            "a last row stands there without a target",
            lambda series, order: series.unfold(0, order, 1).flip(1),
            "The last `order` values have no value after them to predict: time - order rows.",
        ),
        Mistake(
            "the last row is left out",
            lambda series, order: lag_matrix(series, order)[:-1],
            "The last target is `series[-1]`: 7 values and an order of 3 give 4 rows.",
        ),
        Mistake(
            "the first row is left out",
            lambda series, order: lag_matrix(series, order)[1:],
            "The first target is `series[order]`, which has exactly `order` values before it.",
        ),
        Mistake(
            "lags are rows and targets columns",
            lambda series, order: lag_matrix(series, order).T,
            "One row a target, one column a lag: shape (time - order, order).",
        ),
        Mistake(
            "the series is rolled round its end",
            lambda series, order: torch.stack([series.roll(lag + 1) for lag in range(order)], dim=1),
            "`roll` puts the last values in front of the first; rows without a full past must be left out.",
        ),
        Mistake(
            "the missing past is filled up with zeros",
            lambda series, order: lag_matrix(torch.cat([series.new_zeros(order), series]), order),
            "Values before the series are unknown, not 0; start at the first target with a full past.",
        ),
    ),
    hints=(
        "For the series 1, 2, 3, 4, 5 and order 2, which targets have two values before them?",
        "The rows belong to the targets `series[order:]`. Where does the slice of the values one step "
        "earlier start and end?",
        "Column j is `series[order - 1 - j : len(series) - 1 - j]`; put the columns together with "
        "`torch.stack(columns, dim=1)`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_lags_by_column, _lags_by_row),
)


def fit_autoregression(
    series: Float[Tensor, "time"], order: int
) -> tuple[Float[Tensor, "order"], Float[Tensor, ""]]:
    """Fit weights, the most recent value's first, and the bias of AR(order) by least squares."""
    model = fit_least_squares(series, order)
    return model.weights, model.bias


def _noisy_series(generator: torch.Generator, order: int) -> tuple[Any, ...]:
    level = draw.uniform(generator, 2, 4)
    return add_noise(level.expand(draw.whole(generator, 30, 40)), 1.0, generator), order


def _solve(inputs: Tensor, targets: Tensor) -> Tensor:
    return torch.linalg.lstsq(inputs, targets[:, None]).solution[:, 0]


def _with_ones(inputs: Tensor) -> Tensor:
    return torch.cat([inputs, inputs.new_ones(len(inputs), 1)], dim=1)


def _fit_without_bias(series: Tensor, order: int) -> Fit:
    return _solve(lag_matrix(series, order), series[order:]), torch.tensor(0.0)


def _fit_with_flipped_weights(series: Tensor, order: int) -> Fit:
    weights, bias = fit_autoregression(series, order)
    return weights.flip(0), bias


def _fit_bias_afterwards(series: Tensor, order: int) -> Fit:
    weights, _ = _fit_without_bias(series, order)
    return weights, (series[order:] - lag_matrix(series, order) @ weights).mean()


def _fit_centred(series: Tensor, order: int) -> Fit:
    weights, _ = _fit_without_bias(series - series.mean(), order)
    return weights, series.mean()


def _fit_target_to_itself(series: Tensor, order: int) -> Fit:
    solution = _solve(_with_ones(series[1:].unfold(0, order, 1).flip(1)), series[order:])
    return solution[:-1], solution[-1]


def _fit_two_steps_ahead(series: Tensor, order: int) -> Fit:
    solution = _solve(_with_ones(lag_matrix(series, order)[:-1]), series[order + 1 :])
    return solution[:-1], solution[-1]


def _fit_by_normal_equations(series: Tensor, order: int) -> Fit:
    inputs, targets = _with_ones(lag_matrix(series, order)), series[order:]
    solution = torch.linalg.solve(inputs.T @ inputs, inputs.T @ targets)
    return solution[:-1], solution[-1]


def _fit_by_pseudoinverse(series: Tensor, order: int) -> Fit:
    solution = torch.linalg.pinv(_with_ones(lag_matrix(series, order))) @ series[order:]
    return solution[:-1], solution[-1]


def _fit_around_means(series: Tensor, order: int) -> Fit:
    inputs, targets = lag_matrix(series, order), series[order:]
    weights = _solve(inputs - inputs.mean(dim=0), targets - targets.mean())
    return weights, targets.mean() - inputs.mean(dim=0) @ weights


def _fit_with_bias_misread(series: Tensor, order: int) -> Fit:
    weights, bias = fit_autoregression(series, order)
    solution = torch.cat([bias[None], weights])
    return solution[:-1], solution[-1]


FIT_AUTOREGRESSION = Exercise(
    reference=fit_autoregression,
    cases={
        "two lags or more": lambda generator: _noisy_series(generator, draw.whole(generator, 2, 4)),
        "a single lag": lambda generator: _noisy_series(generator, 1),
    },
    mistakes=(
        Mistake(
            "no bias is fitted",
            _fit_without_bias,
            "The series does not vary about 0: give the inputs a column of ones, whose weight is the bias.",
        ),
        Mistake(
            "the weights come oldest value first",
            _fit_with_flipped_weights,
            "`weights[0]` belongs to the value just before the target, as column 0 of the lag matrix does.",
        ),
        Mistake(
            "the bias is the mean of what the weights alone leave over",
            _fit_bias_afterwards,
            "Weights fitted without a bias are other weights: fit both at once, with a column of ones.",
        ),
        Mistake(
            "the mean of the series is taken for the bias",
            _fit_centred,
            "Centring the series is allowed, but then the bias is about mean * (1 - weights.sum()). A column "
            "of ones gives it exactly.",
        ),
        Mistake(
            "the target is among its own inputs",
            _fit_target_to_itself,
            "Row t of the lag matrix must end before `series[t + order]`; weights of exactly 1, 0, 0 give it "
            "away.",
        ),
        Mistake(
            "the targets start one step too late",
            _fit_two_steps_ahead,
            "The first row of the lag matrix belongs to `series[order]`.",
        ),
        Mistake(
            "the column of ones stands first and the bias is read last",
            _fit_with_bias_misread,
            "The solution has the order of the columns: with the ones first, its first number is the bias.",
        ),
        Mistake(
            "weights and bias are returned in the other order",
            lambda series, order: fit_autoregression(series, order)[::-1],
            "The exercise asks for (weights, bias).",
        ),
    ),
    hints=(
        "Which linear equations should hold for all targets at once, and how does the bias get into them?",
        "Put a column of ones beside the lag matrix, and look up `torch.linalg.lstsq`.",
        "With `inputs = torch.cat([lags, torch.ones(len(lags), 1)], dim=1)`, "
        "`torch.linalg.lstsq(inputs, targets[:, None]).solution[:, 0]` holds the weights and then the bias.",
    ),
    points=3,
    difficulty=3,
    minutes=15,
    variants=(_fit_by_normal_equations, _fit_by_pseudoinverse, _fit_around_means),
)


def forecast(
    history: Float[Tensor, "time"], weights: Float[Tensor, "order"], bias: Float[Tensor, ""], steps: int
) -> Float[Tensor, "steps"]:
    """Continue a history (oldest value first) by `steps` predictions, each fed back as the newest value."""
    return Autoregressive(weights, bias, variance=torch.zeros(())).forecast(history, steps)


def _forecast_case(generator: torch.Generator, order: int, extra: int, steps: int) -> tuple[Any, ...]:
    history = 2 + draw.normal(generator, order + extra)
    return history, draw.uniform(generator, 0.1, 0.6, order), draw.uniform(generator, 0.5, 2), steps


def _long_history(generator: torch.Generator) -> tuple[Any, ...]:
    order = draw.whole(generator, 2, 4)
    return _forecast_case(generator, order, draw.whole(generator, 2, 5), order + draw.whole(generator, 1, 3))


def _short_history(generator: torch.Generator) -> tuple[Any, ...]:
    return _forecast_case(generator, draw.whole(generator, 2, 4), 0, draw.whole(generator, 5, 7))


def _one_step(generator: torch.Generator) -> tuple[Any, ...]:
    return _forecast_case(generator, draw.whole(generator, 2, 4), draw.whole(generator, 1, 4), 1)


def _feed_back_as_oldest(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    window, predictions = history[-len(weights) :].flip(0), []
    for _ in range(steps):
        predictions.append(window @ weights + bias)
        window = torch.cat([window[1:], predictions[-1][None]])
    return torch.stack(predictions)


def _bias_once(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    first = forecast(history, weights, bias, 1)
    if steps == 1:
        return first
    zero = torch.zeros_like(bias)
    return torch.cat([first, forecast(torch.cat([history, first]), weights, zero, steps - 1)])


def _forecast_by_growing(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    values = history
    for _ in range(steps):
        prediction = bias + (weights.flip(0) * values[-len(weights) :]).sum()
        values = torch.cat([values, prediction[None]])
    return values[len(history) :]


def _forecast_with_lists(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    values = history.tolist()
    for _ in range(steps):
        recent = values[: -len(weights) - 1 : -1]
        values.append(sum(w * x for w, x in zip(weights.tolist(), recent, strict=True)) + bias.item())
    return torch.tensor(values[-steps:])


FORECAST = Exercise(
    reference=forecast,
    cases={
        "a history longer than the order": _long_history,
        "a history as long as the order": _short_history,
        "a single step": _one_step,
    },
    mistakes=(
        Mistake(
            "the weights meet the oldest value first",
            lambda history, weights, bias, steps: forecast(history, weights.flip(0), bias, steps),
            "`weights[0]` belongs to the newest value, which is the last of the history: flip one of them.",
        ),
        Mistake(
            "the predictions are not fed back",
            lambda history, weights, bias, steps: forecast(history, weights, bias, 1).expand(steps),
            "From the second step on the newest value is your own prediction; the window has to move.",
        ),
        Mistake(
            "the bias is left out",
            lambda history, weights, bias, steps: forecast(history, weights, torch.zeros_like(bias), steps),
            "A prediction is the weighted sum of the window plus the bias.",
        ),
        Mistake(
            "the bias is added at the first step only",
            _bias_once,
            "Every prediction takes the bias, not the first alone.",
        ),
        Mistake(
            "the window is taken from the start of the history",
            lambda history, weights, bias, steps: forecast(history[: len(weights)], weights, bias, steps),
            "The future follows the newest values: `history[-order:]`.",
        ),
        Mistake(
            "the prediction is fed back as the oldest value",
            _feed_back_as_oldest,
            "In a window with the newest value first, the prediction goes to the front and the last value "
            "falls out.",
        ),
        Mistake(
            "the history is returned as well",
            lambda history, weights, bias, steps: torch.cat(
                [history, forecast(history, weights, bias, steps)]
            ),
            "The result has `steps` values: the predictions alone.",
        ),
    ),
    hints=(
        "What is the newest value when you predict two steps ahead?",
        "Keep a window of the last `order` values; after each prediction the window moves one step on.",
        "Repeat `steps` times: `prediction = window @ weights + bias`, then "
        "`window = torch.cat([prediction[None], window[:-1]])`; the window holds the newest value first.",
    ),
    points=4,
    difficulty=3,
    minutes=15,
    variants=(_forecast_by_growing, _forecast_with_lists),
)

EXERCISES = (LAG_MATRIX, FIT_AUTOREGRESSION, FORECAST)
