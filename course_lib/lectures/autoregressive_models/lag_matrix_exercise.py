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
    rows = [series[t - order : t].flip(0) for t in range(order, len(series))]
    return torch.stack(rows)


def _series_of_order(generator: torch.Generator, order: int) -> tuple[Any, ...]:
    return draw.normal(generator, order + draw.whole(generator, 5, 9)), order


def _single_row(generator: torch.Generator) -> tuple[Any, ...]:
    order = draw.whole(generator, 2, 5)
    return draw.normal(generator, order + 1), order


MISTAKES = """
    the oldest value of each row comes first
        .flip(0) ->
    Column 0 is lag 1, the value just before the target; the columns go back in time.

    every window of the series is returned, oldest value first
        torch.stack(rows) -> series.unfold(0, order, 1)
    `unfold` also returns the last window, which has no target, and each window oldest value first.

    there is one more row at the end, without a target
        len(series)) -> len(series) + 1)
    The last run of `order` values has no value after it to predict: time - order rows.

    each row holds the target itself
        series[t - order:t] -> series[t - order + 1:t + 1]
    The model may only read the past: with the target among its inputs it has nothing to predict.

    each row starts one lag too far back
        series[t - order:t].flip(0) -> torch.stack([series[t - k - 1] for k in range(1, order + 1)])
    Column 0 is lag 1, the value just before the target. Index -1, in the first row, is the end of the series.

    the first row's slice starts before the series
        series[t - order:t] -> series[t - order - 1:t - 1]
    An index of -1 counts from the end, so the first slice is empty; a row ends just before its target.

    the target stands in the row beside its past
        series[t - order:t] -> series[t - order:t + 1]
    A slice ends before its second number: a row has `order` values, all of them before the target.

    each row lacks its oldest value
        series[t - order:t] -> series[t - order + 1:t]
    A row has `order` values: the last is `order` steps before the target.

    the last row is left out
        len(series)) -> len(series) - 1)
    The last target is `series[-1]`: 7 values and an order of 3 give 4 rows.

    the first row is left out
        range(order, -> range(order + 1,
    The first target is `series[order]`, which has exactly `order` values before it.

    lags are rows and targets columns
        torch.stack(rows) -> torch.stack(rows, dim=1)
    One row per target, one column per lag: shape (time - order, order).

    the rows are reversed, not the values in them
        .flip(0) ->
        torch.stack(rows) -> torch.stack(rows).flip(0)
    `flip(0)` of a matrix turns the order of its rows; the values of a row lie along axis 1.

    the rows are in reverse order
        torch.stack(rows) -> torch.stack(rows[::-1])
    The rows follow their targets, `series[order:]`, first target first; time runs backward only in a row.

    the rows do not overlap
        len(series)) -> len(series), order)
    Every value from `series[order]` on is a target: the next row starts one value later.

    rows begin where there is no full past
        range(order, len(series)) -> range(len(series))
    Before `series[order]` there are fewer than `order` values, so these rows are shorter, and the error says
    that they cannot be stacked.

    a slice goes backwards
        series[t - order:t].flip(0) -> series[t - 1:t - order - 1:-1]
    PyTorch has no negative steps in slices: take the slice forward and `flip` it.

    the slice is not flipped along an axis that is named
        .flip(0) -> .flip()
    A tensor may have many axes, so `flip` has to be told which of them to turn.

    the series is wrapped around its end
        torch.stack(rows) -> torch.stack([series.roll(j + 1) for j in range(order)], dim=1)
    `roll` puts the last values in front of the first; rows without a full past must be left out.

    zeros are put in front of the series as its past
        rows = -> series = torch.cat([series.new_zeros(order), series]); rows =
    Values before the series are unknown, not 0; start at the first target with a full past.
"""

EXERCISE = Exercise(
    reference=lag_matrix,
    cases={
        "two lags or more": lambda generator: _series_of_order(generator, draw.whole(generator, 2, 4)),
        "a single lag": lambda generator: _series_of_order(generator, 1),
        "a series that gives one row": _single_row,
    },
    mistakes=mistakes(lag_matrix, MISTAKES),
    hints=(
        "For the series 1, 2, 3, 4, 5 and order 2, which targets have two values before them?",
        "The rows belong to the targets `series[order:]`. Where does the slice of the values one step "
        "earlier start and end?",
        "The row of the target `series[t]` holds `series[t - order : t]`, turned round by `flip`. What are "
        "the first and the last t?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    library="`series[:-1].unfold(0, order, 1).flip(1)` does the same without a loop; so does "
    "`course_lib.models.autoregressive.lag_matrix`, which refuses an order that leaves no row.",
)
