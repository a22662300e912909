"""The exercise of lecture 00."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def moving_average(series: Float[Tensor, "time"], window: int) -> Float[Tensor, "runs"]:
    """Return the mean of each run of `window` neighbours."""
    runs = len(series) - window + 1
    return torch.stack([series[start : start + window].mean() for start in range(runs)])


def _short_window(generator: torch.Generator) -> tuple[Any, ...]:
    window = draw.whole(generator, 2, 4)
    return draw.normal(generator, window + draw.whole(generator, 4, 9)), window


def _window_of_one(generator: torch.Generator) -> tuple[Any, ...]:
    return draw.normal(generator, draw.whole(generator, 3, 8)), 1


def _whole_series(generator: torch.Generator) -> tuple[Any, ...]:
    time = draw.whole(generator, 3, 8)
    return draw.normal(generator, time), time


MISTAKES = """
    each run is summed, not averaged
        .mean() -> .sum()
    A mean is the sum divided by the number of values.

    the last run is left out
        range(runs)]) -> range(runs)])[:-1]
    Among 5 values there are 3 runs of 3 neighbours: time - window + 1, not time - window.

    zeros are put in front of the series
        runs = -> series = torch.cat([series.new_zeros(window - 1), series]); runs =
    Only runs that fit entirely inside the series count, so the result is shorter than the series.

    each sum is divided by the length of the series
        .mean() -> .sum() / len(series)
    A run holds `window` values, however long the series is.

    each sum is divided by window - 1
        .mean() -> .sum() / (window - 1)
    A mean divides by the number of values; one less is for the variance of a sample.

    the runs do not overlap
        range(runs) -> range(0, runs, window)
    The next run starts one value later, not `window` values later.

    all values since the start are averaged
        series[start: -> series[:
    When a run takes in a new value at its end, it must drop the oldest one.

    the median of each run is taken
        .mean() -> .median()
    The median is the middle value of a run; the mean is its sum divided by its length.
"""

EXERCISE = Exercise(
    reference=moving_average,
    cases={
        "a window shorter than the series": _short_window,
        "a window of one value": _window_of_one,
        "a window as long as the series": _whole_series,
    },
    mistakes=mistakes(moving_average, MISTAKES),
    hints=(
        "How many runs of 3 neighbours are there among 5 values? Write them down.",
        "The run that starts at `start` is `series[start : start + window]`.",
        "Collect `series[start : start + window].mean()` for every `start` in "
        "`range(len(series) - window + 1)`, and pass the list to `torch.stack`.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
)
