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
    means = [series[start : start + window].mean() for start in range(runs)]
    return torch.stack(means)


def _even_window(generator: torch.Generator) -> tuple[Any, ...]:
    """Odd windows have a middle, and are centred by answers that know no others."""
    window = 2 * draw.whole(generator, 1, 3)
    return draw.normal(generator, window + draw.whole(generator, 4, 9)), window


def _window_of_one(generator: torch.Generator) -> tuple[Any, ...]:
    return draw.normal(generator, draw.whole(generator, 3, 8)), 1


def _whole_series(generator: torch.Generator) -> tuple[Any, ...]:
    time = draw.whole(generator, 3, 8)
    return draw.normal(generator, time), time


def exponential_average(series: Tensor, window: int) -> Tensor:
    """Average over the past with weights that shrink; the newest value's is 2 / (window + 1)."""
    share, averages = 2 / (window + 1), [series[0]]
    for value in series[1:]:
        averages.append(share * value + (1 - share) * averages[-1])
    return torch.stack(averages)


def running_means(series: Tensor, window: int, back: int) -> Tensor:
    """Average by a sum that drops, for every value it takes in, the one `back` steps before it."""
    sums = [series[:window].sum()]
    for newest in range(window, len(series)):
        sums.append(sums[-1] + series[newest] - series[newest - back])
    return torch.stack(sums) / window


MISTAKES = """
    the last run is left out
        range(runs) -> range(runs - 1)
    Among 5 values there are 3 runs of 3 neighbours: time - window + 1, not time - window.

    each run is summed, not averaged
        .mean() -> .sum()
    A mean is the sum divided by the number of values.

    runs that reach beyond the end are averaged as well
        range(runs) -> range(len(series))
    A slice beyond the end is shorter and raises nothing: the last run starts where `window` values remain.

    one run too many is averaged at the end
        range(runs) -> range(runs + 1)
    The last slice lacks a value and raises nothing: 5 values have 3 runs of 3 neighbours, not 4.

    the mean is taken over all runs, not within each
        torch.stack(means) -> series.unfold(0, window, 1).mean(dim=0)
    `unfold` puts each run in a row, of shape (runs, window): the mean runs along a row, over the last axis.

    the first run is left out
        torch.stack(means) -> torch.stack(means)[1:]
    With running sums the first run is a difference, too: put a 0 in front of `series.cumsum(0)`.

    the last mean is left out
        torch.stack(means) -> torch.stack(means)[:-1]
    The last run ends with the last value: 5 values have 3 runs of 3 neighbours.

    each run takes in one value too many
        start + window -> start + window + 1
    A slice ends before its second number: from `start` to `start + window` there are `window` values.

    each run lacks its last value
        start + window -> start + window - 1
    A slice leaves out its end by itself: from `start` to `start + window` there are `window` values.

    each run lacks its last value, and its sum is divided by the whole window
        start + window -> start + window - 1
        .mean() -> .sum() / window
    Count the values in a slice: `series[0:3]` has three, since a slice leaves out its end by itself.

    every run ends at the same place
        start + window -> window
    The second number of a slice is a place, not a length: the end has to move along with the start.

    the runs are not averaged
        .mean() ->
    The values of each run become one number, their mean.

    zeros are put in front of the series
        runs = -> series = torch.cat([series.new_zeros(window - 1), series]); runs =
    Only runs that fit entirely inside the series count, so the result is shorter than the series.

    zeros are put on both sides of the series
        runs = -> series = torch.nn.functional.pad(series, ((window - 1) // 2, window // 2)); runs =
    That is a convolution with padding="same". Here only runs count that fit inside the series.

    zeros are put on both sides of the series, one more at its start if `window` is even
        runs = -> series = torch.nn.functional.pad(series, (window // 2, (window - 1) // 2)); runs =
    NumPy's `convolve` does so with mode="same". Here only runs count that fit inside the series.

    each sum is divided by the length of the series
        .mean() -> .sum() / len(series)
    A run holds `window` values, however long the series is.

    each sum is divided by window - 1
        .mean() -> .sum() / (window - 1)
    A mean divides by the number of values; one less is for the variance of a sample.

    the runs do not overlap
        range(runs) -> range(0, runs, window)
    The next run starts one value later, not `window` values later. (Pooling layers need `stride=1`.)

    all values since the start are averaged
        series[start: -> series[:
    When a run takes in a new value at its end, it must drop the oldest one.

    a running sum drops the value after the oldest one
        torch.stack(means) -> running_means(series, window, window - 1)
    A run of 3 values that ends with number 4 begins with number 2: when number 5 comes in, number 2 leaves.

    a running sum drops the value before the oldest one
        torch.stack(means) -> running_means(series, window, window + 1)
    Only a value that is in the sum can leave: a run of 3 values that ends with number 4 begins with number 2.

    every value gets the mean of all values up to it
        series[start:start + window] -> series[:start + 1]
        range(runs) -> range(len(series))
    That is a running mean, whose runs grow. Here all runs have `window` values.

    the runs at the start are averaged before they are full
        series[start:start + window] -> series[max(0, start + 1 - window):start + 1]
        range(runs) -> range(len(series))
    The first `window - 1` values have no full run behind them, and so no mean.

    old values fade by a constant factor
        torch.stack(means) -> exponential_average(series, window)
    That is an exponential average. In a moving average all values of a run weigh the same.

    the median of each run is taken
        .mean() -> .median()
    The median is the middle value of a run; the mean is its sum divided by its length.

    `unfold` is not told the axis
        torch.stack(means) -> series.unfold(window, 1).mean(dim=-1)
    `unfold` takes the axis first, then the size of each run and the step from run to run.

    a series without batch and channels is convolved
        torch.stack(means) -> torch.nn.functional.conv1d(series, series.new_full((1, 1, window), 1 / window))
    `conv1d` wants (batch, channels, time): give the series two more axes, and take them off afterwards.
"""

EXERCISE = Exercise(
    reference=moving_average,
    cases={
        "a window shorter than the series": _even_window,
        "a window of one value": _window_of_one,
        "a window as long as the series": _whole_series,
    },
    mistakes=mistakes(moving_average, MISTAKES),
    hints=(
        "How many runs of 3 neighbours are there among 5 values? Write them down.",
        "The run that starts at `start` is `series[start : start + window]`.",
        "Collect the means of these runs in a list, and pass it to `torch.stack`. The last run ends with the "
        "last value: where does it start?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`torch.nn.functional.avg_pool1d(series[None], window, stride=1)[0]` does the same; it "
    "takes many series at once, a row for each.",
)
