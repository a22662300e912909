"""The exercise of lecture 02 on the inputs of an autoregressive model."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def lag_matrix(series: Float[Tensor, "time"], order: int) -> Float[Tensor, "row order"]:
    """Collect for every value of `series[order:]` the `order` values before it, the most recent first.

    Row `t` is `series[t + order - 1], ..., series[t]` and belongs to the target `series[t + order]`, so
    that there are time - order rows.
    """
    columns = [series[order - 1 - j : len(series) - 1 - j] for j in range(order)]
    return torch.stack(columns, dim=1)


def _series_of_order(generator: torch.Generator, order: int) -> tuple[Any, ...]:
    return draw.normal(generator, order + draw.whole(generator, 5, 9)), order


MISTAKES = """
    the oldest value of each row comes first
        range(order) -> reversed(range(order))
    Column 0 is lag 1, the value just before the target; the columns go back in time.

    each row starts with the target itself
        - 1 - j -> - j
    The model may only read the past: with the target among its inputs it has nothing to predict.

    there is one more row at the end, without a target
        len(series) - 1 - j -> len(series) - j
    The last `order` values have no value after them to predict: time - order rows.

    the last row is left out
        len(series) - 1 - j -> len(series) - 2 - j
    The last target is `series[-1]`: 7 values and an order of 3 give 4 rows.

    the first row is left out
        order - 1 - j -> order - j
    The first target is `series[order]`, which has exactly `order` values before it.

    lags are rows and targets columns
        dim=1 -> dim=0
    One row per target, one column per lag: shape (time - order, order).

    the series is wrapped around its end
        series[order - 1 - j:len(series) - 1 - j] -> series.roll(j + 1)
    `roll` puts the last values in front of the first; rows without a full past must be left out.

    zeros are put in front of the series as its past
        columns = -> series = torch.cat([series.new_zeros(order), series]); columns =
    Values before the series are unknown, not 0; start at the first target with a full past.
"""

EXERCISE = Exercise(
    reference=lag_matrix,
    cases={
        "two lags or more": lambda generator: _series_of_order(generator, draw.whole(generator, 2, 4)),
        "a single lag": lambda generator: _series_of_order(generator, 1),
        "a series that gives one row": lambda generator: (draw.normal(generator, 4), 3),
    },
    mistakes=mistakes(lag_matrix, MISTAKES),
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
)
