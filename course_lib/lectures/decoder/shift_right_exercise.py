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


def _with_repeats(generator: torch.Generator) -> tuple[Tensor, int]:
    """In each row the last target comes twice, and the start symbol is a target, too."""
    targets, _ = _targets((3, 4), (6, 8))(generator)
    targets[:, 1] = targets[:, -1]
    return targets, int(targets[0, 2])


MISTAKES = """
    the targets are not shifted
        torch.cat([first, targets[:, :-1]], dim=1) -> targets.clone()
    The decoder would read at each step the very symbol that it has to predict there.

    the start is written over the first target, and the others stay where they are
        targets[:, :-1] -> targets[:, 1:]
    All targets move one place to the right: the first one becomes the second.

    the targets are shifted to the left
        first, targets[:, :-1] -> targets[:, 1:], first
    At step t the decoder reads target t - 1: there is nothing to read from the future.

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

    the start symbol itself is joined to the targets
        first, -> start,
    The error says that `torch.cat` joins tensors alone. It takes a column that holds the start symbol once a
    row.

    a vector of one number is joined to the targets
        first, -> torch.tensor([start]),
    The error says that one has 1 axis and the other 2. The starts are a column, with the axes (batch, 1).

    a single row of one start is joined to all rows of targets
        first, -> torch.tensor([[start]]),
    The error names two sizes that don't fit: every row of the batch needs a start of its own.

    the starts are joined to the targets along the batch
        dim=1 -> dim=0
    The error names two sizes that don't fit. Inputs follow each other in time, so join along dim=1.

    the last row of the targets is dropped, not the last column
        targets[:, :-1] -> targets[:-1]
    The error names two sizes that don't fit. The first index counts rows; the steps are the second axis.

    one column after the other is copied from its left neighbour
        torch.cat([first, targets[:, :-1]], dim=1) -> first.expand_as(targets)
    Each column then copies what has just been overwritten, and the start spreads over the row. Read from
    `targets`, write to a new tensor.

    only the first row gets the start symbol
        torch.cat([first, targets[:, :-1]], dim=1) -> torch.cat([targets[:, -1:], targets[:, :-1]], 1)
        first = torch.full_like(targets[:, :1], start) -> targets = targets.clone(); targets[0, -1] = start
    Every row is a sequence of its own, and its first input is the start: write to the whole first column.

    a row of starts is put on top of the batch
        first, targets[:, :-1]], dim=1 -> torch.full_like(targets[:1], start), targets], dim=0
    A row on top is one more sequence. The start is a first step of each sequence, so it is a column.

    the targets are shifted by two places
        first, targets[:, :-1] -> first, first, targets[:, :-2]
    At the second step the decoder reads the first target: one start is enough.

    the start is added to all targets but the first
        torch.cat([first, targets[:, :-1]], dim=1) -> torch.cat([first, targets[:, 1:] + start], dim=1)
    `+` adds numbers. To put one tensor in front of another, join them along the axis of the steps.

    zeros are put in front in place of the start symbol
        start -> 0
    The first column is the symbol `start`, which need not be 0.

    one column after the other is copied from its left neighbour, and the start is written last
        targets[:, :-1] -> targets[:, :1].expand(-1, targets.shape[1] - 1)
    A loop from left to right copies what it has just overwritten, so the first target fills the row. Read
    from `targets`, write to a new tensor.

    a copy is shifted into itself, and the start is written last
        first = torch.full_like(targets[:, :1], start) -> new = targets.clone(); new[:, 1:] = new[:, :-1]
        return torch.cat([first, targets[:, :-1]], dim=1) -> new[:, 0] = start; return new
    What is read and what is written share their memory: PyTorch raises an error, or smears numbers over the
    row. Read from `targets`, and write to the copy.

    a copy is shifted into itself, and the start is written first
        first = torch.full_like(targets[:, :1], start) -> new = targets.clone(); new[:, 0] = start
        return torch.cat([first, targets[:, :-1]], dim=1) -> new[:, 1:] = new[:, :-1]; return new
    Both sides of the assignment are the same memory: an error says so, or the start is smeared over the row.
    Move the targets from `targets` itself, and write the start after that.
"""

EXERCISE = Exercise(
    reference=shift_right,
    cases={
        "several targets": _targets((2, 4), (5, 8)),
        "a single target": _targets((1, 1), (3, 6)),
        "targets of one step": _targets((2, 4), (1, 1)),
        "symbols that come twice, the start among them": _with_repeats,
    },
    mistakes=mistakes(shift_right, MISTAKES),
    hints=(
        "At the first step nothing has been said yet. What does the decoder read there, and what at the "
        "second step, if all goes well?",
        "The result is a column of start symbols and after it all columns of the targets but the last: "
        "`torch.cat` along dim=1 joins them.",
        "`torch.full_like(targets[:, :1], start)` is a column of starts. Which part of `targets` comes after "
        "it, so that the result is as wide as `targets`?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`course_lib.models.translation.shift_right(targets, start)` does the same; PyTorch has no such "
    "function, and `targets.roll(1, dims=1)` brings the last target to the front.",
)
