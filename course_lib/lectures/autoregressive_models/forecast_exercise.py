"""The exercise of lecture 02 on predictions that are fed back."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def forecast(
    history: Float[Tensor, "time"], weights: Float[Tensor, "order"], bias: Float[Tensor, ""], steps: int
) -> Float[Tensor, "steps"]:
    """Continue a history (oldest value first) by `steps` predictions, each fed back as the newest value."""
    window = history[-len(weights) :].flip(0)
    predictions = []
    for _ in range(steps):
        prediction = window @ weights + bias
        predictions.append(prediction)
        window = torch.cat([prediction[None], window[:-1]])
    return torch.stack(predictions)


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


MISTAKES = """
    the weights meet the oldest value first
        window @ weights -> window @ weights.flip(0)
    `weights[0]` belongs to the newest value, which is the last of the history: flip one of them.

    each weight meets the value one step newer than its own, and `weights[0]` meets none
        window @ weights -> window[:-1] @ weights[1:]
    The weights are numbered from 0, values from the end from -1: number 0 belongs to the newest value, whose
    index is -1.

    each weight meets the value one step newer than its own, and `weights[0]` the oldest of all
        window @ weights -> weights[0] * history[0] + window[:-1] @ weights[1:]
    Index -0 is 0, the start of the history, but `weights[0]` belongs to its last value.

    the newest value is left out of each sum
        window @ weights -> window[1:] @ weights[1:]
    The weights are numbered from 0, and number 0 is that of the newest value.

    the oldest value of the window is left out of each sum
        window @ weights -> window[:-1] @ weights[:-1]
    There are as many products as weights: `range(1, n)` has only n - 1 numbers.

    the predictions are not fed back
        torch.cat([prediction[None], window[:-1]]) -> window
    From the second step on the newest value is your own prediction; the window has to move.

    each prediction is of a known value, from the known values before it
        for _ in range(steps) -> for t in range(len(weights), len(history))
        window @ weights -> history[t - len(weights):t].flip(0) @ weights
    A fit is judged by such predictions. A forecast begins after the last known value, and then reads its own
    results.

    the last known values are predicted, not those that follow them
        for _ in range(steps) -> for t in range(len(history) - steps, len(history))
        window @ weights -> history[t - len(weights):t].flip(0) @ weights
    The values of the history need no prediction: the first one to predict comes after the last of them.

    the window moves over the known values from their start
        for _ in range(steps) -> for t in range(steps)
        window @ weights -> history[t:t + len(weights)].flip(0) @ weights
    The first window holds the newest known values; those after it take in predictions, no more of the
    history.

    the bias is left out
        + bias ->
    A prediction is the weighted sum of the window plus the bias.

    the bias is added at the first step only
        window = torch.cat -> bias = 0; window = torch.cat
    Add the bias to every prediction, not just to the first.

    the window is taken from the start of the history
        history[-len(weights):] -> history[:len(weights)]
    The future follows the newest values: `history[-order:]`.

    the prediction is fed back as the oldest value
        [prediction[None], window[:-1]] -> [window[1:], prediction[None]]
    In a window with the newest value first, the prediction goes to the front and the last value drops out.

    the history is returned as well
        torch.stack(predictions) -> torch.cat([history, torch.stack(predictions)])
    The result has `steps` values: only the predictions.

    the forecast starts with the last known value
        predictions = [] -> predictions = [history[-1]]
        torch.stack(predictions) -> torch.stack(predictions[:-1])
    The first of the `steps` values is the first that is not known, the first prediction.

    the last known value is returned in front of the predictions
        predictions = [] -> predictions = [history[-1]]
    The result has `steps` values, all of them predictions.

    the window ends one value before the last
        history[-len(weights):] -> history[-len(weights) - 1:-1]
    A slice that ends with -1 leaves out the newest value, which the first prediction needs most.

    the last values are cut off in place of being taken
        history[-len(weights):] -> history[:-len(weights)]
    `history[:-order]` is all but the last values, `history[-order:]` the last ones.

    the window grows
        window[:-1]] -> window]
    The error says that the sizes differ: when a new value comes into the window, the oldest drops out.

    a single number is put beside the window
        prediction[None] -> prediction
    A single number has no axis to be joined along: `prediction[None]` gives it one.

    the weights are multiplied with the whole history
        history[-len(weights):] -> history
    The error says that the sizes differ: the window has as many values as there are weights, the last ones.

    only the last prediction is returned
        torch.stack(predictions) -> predictions[-1]
    Collect the predictions of all steps.

    one prediction is missing at the end
        torch.stack(predictions) -> torch.stack(predictions)[:-1]
    `range(steps)` has `steps` numbers; the loop runs once for each of them.

    there is one prediction too many
        range(steps) -> range(steps + 1)
    The result has `steps` values.

    the predictions come newest first
        torch.stack(predictions) -> torch.stack(predictions[::-1])
    Only the window holds the newest value first; the result goes forward in time.

    the bias is added to each product
        window @ weights + bias -> (window * weights + bias).sum()
    Add up the products first, then the bias, once.

    the products are averaged, not summed
        window @ weights -> (window * weights).mean()
    The model is a weighted sum of the window, not a mean: the weights need not sum to one.

    the last known value is fed back again and again
        torch.cat([prediction[None], window[:-1]]) -> torch.cat([history[-1:], window[:-1]])
    From the second step on the newest value is the prediction before it, not the last of the history.
"""

EXERCISE = Exercise(
    reference=forecast,
    cases={
        "a history longer than the order": _long_history,
        "a history as long as the order": _short_history,
        "a single step": _one_step,
        "a single weight": lambda generator: _forecast_case(generator, 1, 3, draw.whole(generator, 3, 5)),
    },
    mistakes=mistakes(forecast, MISTAKES),
    hints=(
        "What is the newest value when you predict two steps ahead?",
        "Keep a window of the last `order` values; after each prediction the window moves one step on.",
        "If the window holds the newest value first, a prediction is `window @ weights + bias`. In the next "
        "window, which value comes to the front, and which drops out?",
    ),
    points=4,
    difficulty=3,
    minutes=15,
    library="`course_lib.models.autoregressive.Autoregressive(weights, bias, variance).forecast(history, "
    "steps)` does the same, for many histories at once.",
)
