"""The exercise of lecture 00."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake


def moving_average(series: Float[Tensor, "time"], window: int) -> Float[Tensor, "runs"]:
    """Return the mean of each run of `window` neighbours."""
    return series.unfold(0, window, 1).mean(dim=1)


def _short_window(generator: torch.Generator) -> tuple[Any, ...]:
    window = draw.whole(generator, 2, 4)
    return draw.normal(generator, window + draw.whole(generator, 4, 9)), window


def _window_of_one(generator: torch.Generator) -> tuple[Any, ...]:
    return draw.normal(generator, draw.whole(generator, 3, 8)), 1


def _whole_series(generator: torch.Generator) -> tuple[Any, ...]:
    time = draw.whole(generator, 3, 8)
    return draw.normal(generator, time), time


def _sums(series: Tensor, window: int) -> Tensor:
    return series.unfold(0, window, 1).sum(dim=1)


def _padded(series: Tensor, window: int) -> Tensor:
    return moving_average(torch.cat([series.new_zeros(window - 1), series]), window)


def _running_mean(series: Tensor, window: int) -> Tensor:
    means = series.cumsum(dim=0) / torch.arange(1, len(series) + 1)
    return means[window - 1 :]


def _by_slices(series: Tensor, window: int) -> Tensor:
    runs = len(series) - window + 1
    return torch.stack([series[start : start + window].mean() for start in range(runs)])


def _by_cumulative_sum(series: Tensor, window: int) -> Tensor:
    total = torch.cat([series.new_zeros(1), series.cumsum(dim=0)])
    return (total[window:] - total[:-window]) / window


def _by_convolution(series: Tensor, window: int) -> Tensor:
    kernel = series.new_full((1, 1, window), 1 / window)
    return torch.nn.functional.conv1d(series[None, None], kernel)[0, 0]


EXERCISE = Exercise(
    reference=moving_average,
    cases={
        "a window shorter than the series": _short_window,
        "a window of one value": _window_of_one,
        "a window as long as the series": _whole_series,
    },
    mistakes=(
        Mistake(
            "each run is summed, not averaged",
            _sums,
            "A mean is the sum divided by how many values were summed.",
        ),
        Mistake(
            "the last run is left out",
            lambda series, window: moving_average(series, window)[:-1],
            "Among 5 values there are 3 runs of 3 neighbours: time - window + 1, not time - window.",
        ),
        Mistake(
            "the series is filled up with zeros in front",
            _padded,
            "Only runs that lie wholly inside the series count, so the result is shorter than the series.",
        ),
        Mistake(
            "each sum is divided by the length of the series",
            lambda series, window: _sums(series, window) / len(series),
            "A run holds `window` values, however long the series is.",
        ),
        Mistake(
            "each sum is divided by window - 1",
            lambda series, window: _sums(series, window) / (window - 1),
            "A mean divides by the number of values; one less belongs to the variance of a sample.",
        ),
        Mistake(
            "the runs do not overlap",
            lambda series, window: series.unfold(0, window, window).mean(dim=1),
            "The next run starts one value later, not `window` values later.",
        ),
        Mistake(
            "all values since the start are averaged",
            _running_mean,
            "As a run takes in a new value at its end, it must let go of the oldest one.",
        ),
        Mistake(
            "the median of each run is taken",
            lambda series, window: series.unfold(0, window, 1).median(dim=1).values,
            "The median is the middle value of a run, the mean its sum divided by its length.",
        ),
    ),
    hints=(
        "How many runs of 3 neighbours are there among 5 values? Write them down.",
        "The run that starts at `start` is `series[start : start + window]`.",
        "Collect `series[start : start + window].mean()` for every `start` in "
        "`range(len(series) - window + 1)`, and put the list through `torch.stack`.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(_by_slices, _by_cumulative_sum, _by_convolution),
)
