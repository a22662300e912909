"""The exercise of lecture 11 on what a decoder reads while it is taught."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models.translation import shift_right

SYMBOLS = 30
FIRST_COLUMN = (slice(None), 0)


def _targets(batch: tuple[int, int], steps: tuple[int, int]) -> MakeCase:
    """Rows without repeats, and a start symbol that is no target."""

    def draw_case(generator: torch.Generator) -> tuple[Tensor, int]:
        rows, columns = draw.whole(generator, *batch), draw.whole(generator, *steps)
        targets = [torch.randperm(SYMBOLS, generator=generator)[:columns] for _ in range(rows)]
        return torch.stack(targets), SYMBOLS + draw.whole(generator, 0, 3)

    return draw_case


def _starts(targets: Tensor, start: int) -> Tensor:
    return torch.full((len(targets), 1), start)


def _with_start(move: Callable[[Tensor], Tensor], place: Any) -> Callable[[Tensor, int], Tensor]:
    """The targets moved in some way, and the start symbol written over a place."""

    def shift(targets: Tensor, start: int) -> Tensor:
        result = move(targets)
        result[place] = start
        return result

    return shift


def _shift_by_padding(targets: Tensor, start: int) -> Tensor:
    return functional.pad(targets, (1, 0), value=start)[:, :-1]


def _shift_row_by_row(targets: Tensor, start: int) -> Tensor:
    return torch.tensor([[start, *row[:-1]] for row in targets.tolist()])


def _shift_in_place(targets: Tensor, start: int) -> Tensor:
    result = torch.empty_like(targets)
    result[:, 0], result[:, 1:] = start, targets[:, :-1]
    return result


EXERCISE = Exercise(
    reference=shift_right,
    cases={
        "several targets": _targets((2, 4), (5, 8)),
        "a single target": _targets((1, 1), (3, 6)),
        "targets of one step": _targets((2, 4), (1, 1)),
    },
    mistakes=(
        Mistake(
            "the targets are not shifted",
            lambda targets, _start: targets.clone(),
            "The decoder would read at each step the very symbol that it has to predict there.",
        ),
        Mistake(
            "the start stands over the first target, and the others stay where they are",
            _with_start(torch.clone, FIRST_COLUMN),
            "All targets move one place to the right: the first one stands second.",
        ),
        Mistake(
            "the targets are shifted to the left",
            lambda targets, start: torch.cat([targets[:, 1:], _starts(targets, start)], dim=1),
            "At step t the decoder reads target t - 1: drop the last column and put the start in front.",
        ),
        Mistake(
            "the last target is kept as well",
            lambda targets, start: torch.cat([_starts(targets, start), targets], dim=1),
            "There are as many inputs as targets: nothing is left to predict after the last one, so drop it.",
        ),
        Mistake(
            "the start is put at the end",
            lambda targets, start: torch.cat([targets[:, :-1], _starts(targets, start)], dim=1),
            "The start is what the decoder reads first: it is the first column.",
        ),
        Mistake(
            "the targets are rolled around and the last one comes first",
            lambda targets, _start: targets.roll(1, dims=1),
            "`roll` brings the last target to the front, where the decoder must read the start symbol.",
        ),
        Mistake(
            "the whole batch is rolled as one sequence",
            lambda targets, _start: targets.roll(1),
            "Without an axis `roll` moves the end of one row to the front of the next: shift along dim=1, "
            "and write the start into the first column.",
        ),
        Mistake(
            "the batch is shifted as one sequence, with a single start",
            _with_start(lambda targets: targets.roll(1), (0, 0)),
            "Each row is a sequence of its own and gets the start symbol: the whole first column.",
        ),
        Mistake(
            "the rows are shifted, not the steps",
            _with_start(lambda targets: targets.roll(1, dims=0), 0),
            "Time runs along dim=1; dim=0 is the batch.",
        ),
        Mistake(
            "zeros stand in front in place of the start symbol",
            lambda targets, _start: shift_right(targets, 0),
            "The first column is the symbol `start`, which need not be 0.",
        ),
    ),
    hints=(
        "At the first step nothing has been said yet. What does the decoder read there, and what at the "
        "second step, if all goes well?",
        "The result is a column of start symbols and behind it all columns of the targets but the last: "
        "`torch.cat` along dim=1 joins them.",
        "`torch.cat([torch.full_like(targets[:, :1], start), targets[:, :-1]], dim=1)`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(
        _shift_by_padding,
        _shift_row_by_row,
        _shift_in_place,
        _with_start(lambda targets: targets.roll(1, dims=1), FIRST_COLUMN),
    ),
)
