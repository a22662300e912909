"""The exercise of lecture 08 on splitting vectors among heads."""

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.attention import split_heads


def _case(generator: torch.Generator, heads: int, size: int) -> tuple[Tensor, int]:
    batch, steps = draw.unequal(generator, 2, 6, 9)
    return draw.normal(generator, batch, steps, heads * size), heads


def _several_heads(generator: torch.Generator) -> tuple[Tensor, int]:
    heads, size = draw.unequal(generator, 2, 2, 5)
    return _case(generator, heads, size)


def _one_number_each(generator: torch.Generator) -> tuple[Tensor, int]:
    return _case(generator, draw.whole(generator, 2, 5), 1)


def _one_step(generator: torch.Generator) -> tuple[Tensor, int]:
    heads, size = draw.unequal(generator, 2, 2, 5)
    return draw.normal(generator, 1, 1, heads * size), heads


def _steps_in_front(generator: torch.Generator) -> tuple[Tensor, int]:
    """Vectors whose memory holds step after step instead of sequence after sequence."""
    x, heads = _several_heads(generator)
    return x.transpose(0, 1).contiguous().transpose(0, 1), heads


MISTAKES = """
    the vectors are cut by `view` or `reshape` alone, without a transposition
        x.view(batch, steps, heads, -> x.reshape(batch, heads, steps,
        .transpose(1, 2) ->
    Cut the last axis into (heads, d) first, which keeps each step's numbers together; then swap the axes of
    steps and heads.

    the vectors are cut by `view` alone, straight into heads and steps
        x.view(batch, steps, heads, -> x.view(batch, heads, steps,
        .transpose(1, 2) ->
    A single `view` mixes the numbers of different steps, and raises where the vectors are not in order in
    memory. Cut the last axis alone, then let steps and heads change places.

    the size of a head is not a whole number
        d_model // heads -> d_model / heads
    The error says that a size can't be a float: `/` always makes one, `//` a whole number.

    every head is meant to have d_model numbers
        d_model // heads -> d_model
    The error says that there are not so many numbers: the heads share those of a vector.

    the pieces stay a tuple
        x.view(batch, steps, heads, d_model // heads).transpose(1, 2) -> x.chunk(heads, dim=-1)
    `chunk` and `split` return a tuple of tensors: stack them along the heads' new axis.

    the batch is cut instead of the vectors
        x.view(batch, steps, heads, d_model // heads).transpose(1, 2) -> torch.stack(x.chunk(heads), dim=1)
    Without `dim` it is the first axis that `chunk` cuts.

    the last two axes are swapped instead of steps and heads
        .transpose(1, 2) -> .transpose(-2, -1)
    The four axes are batch, steps, heads and numbers: the two in the middle change places.

    the axes of steps and batch are swapped
        .transpose(1, 2) -> .transpose(0, 1)
    The batch stays where it is, in front. Axes are counted from 0.

    the axes of steps and heads are not swapped
        .transpose(1, 2) ->
    The heads' axis comes second, so that each head has a matrix of steps by numbers.

    the numbers go to the heads in turn
        heads, d_model // heads -> d_model // heads, heads
        .transpose(1, 2) -> .permute(0, 3, 1, 2)
    The first head gets the first d numbers, not every heads-th: cut the last axis into (heads, d).

    the number of heads is taken for the size of a head
        heads, d_model // heads -> d_model // heads, heads
    There are `heads` heads, of size d_model // heads each. (`split` takes the size of a piece, `chunk` the
    number of pieces.)

    the axis of the heads comes first
        .transpose(1, 2) -> .permute(2, 0, 1, 3)
    The batch stays in front; the heads come second.

    heads and batch share one axis
        .transpose(1, 2) -> .transpose(1, 2).flatten(0, 1)
    Some code does it this way; here the heads have an axis of their own, the second of four.

    the axes of the steps and of a head's numbers are swapped
        .transpose(1, 2) -> .permute(0, 2, 3, 1)
    The last axis is the head's vector, the one before it the steps. Keys are only transposed for scores.

    every head gets the whole vector
        x.view(batch, steps, heads, d_model // heads) -> x[:, :, None].expand(-1, -1, heads, -1)
    The heads share the vector: each gets d_model // heads of its numbers.

    every head gets the same numbers
        .transpose(1, 2) -> .transpose(1, 2)[:, :1].expand(-1, heads, -1, -1)
    The second head gets the numbers after those of the first, and so on.
"""

EXERCISE = Exercise(
    reference=split_heads,
    cases={
        "several heads": _several_heads,
        "vectors that lie in memory in another order": _steps_in_front,
        "heads of one number each": _one_number_each,
        "a single step of a single sequence": _one_step,
        "a single head": lambda generator: _case(generator, 1, draw.whole(generator, 2, 5)),
    },
    mistakes=mistakes(split_heads, MISTAKES),
    hints=(
        "Which numbers of each vector does the first head get, and which the second? Which axis of x has to "
        "be cut into two for that?",
        "`x.view(batch, steps, heads, d_model // heads)` cuts the last axis. Which two axes are then in the "
        "wrong order?",
        "The four axes are now (batch, steps, heads, numbers), and the heads should come second. `transpose` "
        "swaps two axes; which ones, counted from 0?",
    ),
    points=2,
    difficulty=2,
    minutes=10,
    differentiable=True,
    library="`course_lib.models.attention.split_heads` also says so if the vectors can't be divided. In "
    "PyTorch, `x.unflatten(-1, (heads, -1))` cuts an axis without naming the others.",
)
