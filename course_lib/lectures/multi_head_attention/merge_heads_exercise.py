"""The exercise of lecture 08 on merging the vectors of the heads again."""

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.attention import merge_heads, split_heads


def _case(generator: torch.Generator, heads: int, size: int) -> tuple[Tensor]:
    batch, steps = draw.unequal(generator, 2, 6, 9)
    return (draw.normal(generator, batch, heads, steps, size),)


def _several_heads(generator: torch.Generator) -> tuple[Tensor]:
    return _case(generator, *draw.unequal(generator, 2, 2, 5))


def _one_step(generator: torch.Generator) -> tuple[Tensor]:
    """One sequence of one step, whose heads have some numbers each, or one."""
    return (draw.normal(generator, 1, draw.whole(generator, 2, 5), 1, draw.whole(generator, 1, 5)),)


def _result_of_splitting(generator: torch.Generator) -> tuple[Tensor]:
    heads, size = draw.unequal(generator, 2, 2, 5)
    batch, steps = draw.unequal(generator, 2, 6, 9)
    return (split_heads(draw.normal(generator, batch, steps, heads * size), heads),)


MISTAKES = """
    the heads are merged by `reshape` alone, without a transposition
        x.transpose(1, 2).flatten(start_dim=2) -> x.reshape(len(x), x.shape[2], -1)
    Swap the axes of heads and steps first, so that the vectors of a step are next to each other.

    `view` is used after the transposition
        .flatten(start_dim=2) -> .view(len(x), x.shape[2], -1)
    The error is about the order in memory: `view` copies nothing, and after a transposition numbers have to
    move. Other functions copy where they must.

    the heads are merged by `view` alone, which wants the numbers in order in memory
        x.transpose(1, 2).flatten(start_dim=2) -> x.view(len(x), x.shape[2], -1)
    The error is about the order in memory. But where `view` works it mixes the steps: steps and heads change
    places first.

    steps and heads are taken for each other when the shape is read
        .flatten(start_dim=2) -> .reshape(len(x), x.shape[1], -1)
    The axes of x are batch, heads, steps and d: it is the steps that remain.

    the last two axes are swapped instead of heads and steps
        .transpose(1, 2) -> .transpose(2, 3)
    The heads' axis, the second, has to come beside the last one.

    all but the batch becomes one axis
        start_dim=2 -> start_dim=1
    The steps keep their axis: only the last two axes become one.

    everything becomes one axis
        start_dim=2 ->
    Without a start `flatten` merges all axes: batch and steps should stay.

    batch and heads are taken for each other
        x.transpose(1, 2).flatten(start_dim=2) -> torch.cat(list(x), dim=-1)
    The first axis is the batch, and a loop over a tensor goes along its first axis; the heads come second.

    the heads are put one after the other along the batch
        x.transpose(1, 2).flatten(start_dim=2) -> torch.cat(x.unbind(dim=1))
    Without `dim` `torch.cat` lengthens the first axis. It is the vectors that get longer.

    the heads are stacked along a new last axis
        x.transpose(1, 2).flatten(start_dim=2) -> torch.stack(x.unbind(dim=1), dim=-1)
    `stack` makes a new axis. The vectors of a step should become one, end to end.

    the numbers of the heads alternate
        .transpose(1, 2) -> .permute(0, 2, 3, 1)
    First all numbers of the first head, then all of the second: the heads' axis comes before d.

    heads and steps are swapped, but not merged
        .flatten(start_dim=2) ->
    The result has three axes: the last two, heads and d, become one.

    the heads are added up
        .transpose(1, 2).flatten(start_dim=2) -> .sum(dim=1)
    Put side by side, nothing is lost: the result has heads * d numbers per step.

    the heads are averaged
        .transpose(1, 2).flatten(start_dim=2) -> .mean(dim=1)
    A mean mixes what the heads have kept apart: put their vectors side by side.

    the heads are put one after the other along the steps
        .transpose(1, 2).flatten(start_dim=2) -> .flatten(1, 2)
    The number of steps stays as it is; the vectors of each step get longer.

    the steps of each head are put side by side
        .transpose(1, 2) ->
    The steps stay, and the heads' axis goes: at each step the vectors of all heads become one.

    the steps come before the batch
        .transpose(1, 2) -> .permute(2, 0, 1, 3)
    The batch stays in front: swap the axes of heads and steps, 1 and 2.

    only the first head is returned
        .transpose(1, 2).flatten(start_dim=2) -> [:, 0]
    Every head has something to say: put their vectors side by side.

    the last two axes are swapped before `reshape`, instead of heads and steps
        x.transpose(1, 2).flatten(start_dim=2) -> x.transpose(2, 3).reshape(len(x), x.shape[2], -1)
    `reshape` makes the shape right, not the order: with the last two axes swapped the heads still come before
    the steps. Bring the heads next to their numbers.

    heads and steps are swapped, and then merged with each other
        .flatten(start_dim=2) -> .flatten(1, 2)
    After the swap the heads are on axis 2 and their numbers on axis 3: merge these two, and leave the steps.

    heads and numbers are merged by `reshape`, across the steps between them
        x.transpose(1, 2).flatten(start_dim=2) -> x.reshape(len(x), -1, x.shape[2]).transpose(1, 2)
    `reshape` merges axes that are next to each other. The steps lie between heads and numbers, so swap first.
"""

EXERCISE = Exercise(
    reference=merge_heads,
    cases={
        "several heads": _several_heads,
        "what `split_heads` returns": _result_of_splitting,
        "a single step of a single sequence": _one_step,
        "a single head": lambda generator: _case(generator, 1, draw.whole(generator, 2, 5)),
    },
    mistakes=mistakes(merge_heads, MISTAKES),
    hints=(
        "It is `split_heads` backwards. What was its last step, and what undoes it?",
        "`x.transpose(1, 2)` has the shape (batch, steps, heads, d). Now the last two axes become one. "
        "`view` needs numbers that are in order in memory; `reshape` and `flatten` copy where they must.",
        "Swap heads and steps first; then `flatten` makes one axis of several. From which axis on, "
        "counted from 0?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    differentiable=True,
    library="`course_lib.models.attention.merge_heads` is the same. `torch.cat(x.unbind(dim=1), dim=-1)` "
    "says it head by head.",
)
