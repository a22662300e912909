"""The exercise of lecture 11 on what a decoder reads while it is taught."""

import torch
from jaxtyping import Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase

SYMBOLS = 30


def shift_right(targets: Int[Tensor, "batch steps"], start: int) -> Int[Tensor, "batch steps"]:
    """Return what a decoder reads while it is taught: the start symbol, then all targets but the last."""
    first = torch.full_like(targets[:, :1], start)
    return torch.cat([first, targets[:, :-1]], dim=1)


def _targets(batch: tuple[int, int], steps: tuple[int, int]) -> MakeCase:
    """Rows without repeats, and a start symbol that is no target."""

    def draw_case(generator: torch.Generator) -> tuple[Tensor, int]:
        rows, columns = draw.whole(generator, *batch), draw.whole(generator, *steps)
        targets = [torch.randperm(SYMBOLS, generator=generator)[:columns] for _ in range(rows)]
        return torch.stack(targets), SYMBOLS + draw.whole(generator, 0, 3)

    return draw_case


MISTAKES = """
    the targets are not shifted
        torch.cat([first, targets[:, :-1]], dim=1) -> targets.clone()
    The decoder would read at each step the very symbol that it has to predict there.

    the start is written over the first target, and the others stay where they are
        targets[:, :-1] -> targets[:, 1:]
    All targets move one place to the right: the first one becomes the second.

    the targets are shifted to the left
        first, targets[:, :-1] -> targets[:, 1:], first
    At step t the decoder reads target t - 1: drop the last column and put the start in front.

    the last target is kept as well
        targets[:, :-1] -> targets
    There are as many inputs as targets: nothing is left to predict after the last one, so drop it.

    the start is put at the end
        first, targets[:, :-1] -> targets[:, :-1], first
    The start is what the decoder reads first: it is the first column.

    the targets are rolled around and the last one comes first
        torch.cat([first, targets[:, :-1]], dim=1) -> targets.roll(1, dims=1)
    `roll` brings the last target to the front, where the decoder must read the start symbol.

    the whole batch is rolled as one sequence
        torch.cat([first, targets[:, :-1]], dim=1) -> targets.roll(1)
    Without an axis `roll` moves the end of one row to the front of the next: shift along dim=1, and write the
    start into the first column.

    the batch is shifted as one sequence, with a single start
        [first, targets[:, :-1]], dim=1) -> [first[0], targets.flatten()[:-1]]).view_as(targets)
    Each row is a sequence of its own and gets the start symbol: the whole first column.

    the rows are shifted, not the steps
        targets[:, :1] -> targets[:1]
        targets[:, :-1] -> targets[:-1]
        dim=1 -> dim=0
    Time runs along dim=1; dim=0 is the batch.

    zeros are put in front in place of the start symbol
        start -> 0
    The first column is the symbol `start`, which need not be 0.
"""

EXERCISE = Exercise(
    reference=shift_right,
    cases={
        "several targets": _targets((2, 4), (5, 8)),
        "a single target": _targets((1, 1), (3, 6)),
        "targets of one step": _targets((2, 4), (1, 1)),
    },
    mistakes=mistakes(shift_right, MISTAKES),
    hints=(
        "At the first step nothing has been said yet. What does the decoder read there, and what at the "
        "second step, if all goes well?",
        "The result is a column of start symbols and after it all columns of the targets but the last: "
        "`torch.cat` along dim=1 joins them.",
        "`torch.cat([torch.full_like(targets[:, :1], start), targets[:, :-1]], dim=1)`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
)
