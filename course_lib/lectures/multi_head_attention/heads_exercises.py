"""The exercises of lecture 08 on splitting vectors among heads and merging them again."""

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models.attention import merge_heads, split_heads


def _split_case(generator: torch.Generator, heads: int, size: int) -> tuple[Tensor, int]:
    batch, steps = draw.unequal(generator, 2, 6, 9)
    return draw.normal(generator, batch, steps, heads * size), heads


def _several_heads(generator: torch.Generator) -> tuple[Tensor, int]:
    heads, size = draw.unequal(generator, 2, 2, 5)
    return _split_case(generator, heads, size)


def _steps_in_front(generator: torch.Generator) -> tuple[Tensor, int]:
    """Vectors whose memory holds step after step instead of sequence after sequence."""
    x, heads = _several_heads(generator)
    return x.transpose(0, 1).contiguous().transpose(0, 1), heads


def _split_by_chunks(x: Tensor, heads: int) -> Tensor:
    return torch.stack(x.chunk(heads, dim=-1), dim=1)


def _split_head_by_head(x: Tensor, heads: int) -> Tensor:
    batch, steps, d_model = x.shape
    size = d_model // heads
    parts = torch.empty(batch, heads, steps, size, dtype=x.dtype)
    for head in range(heads):
        parts[:, head] = x[:, :, head * size : (head + 1) * size]
    return parts


def _split_by_permuting(x: Tensor, heads: int) -> Tensor:
    return x.unflatten(-1, (heads, -1)).permute(0, 2, 1, 3).contiguous()


def _split_in_single_precision(x: Tensor, heads: int) -> Tensor:
    return split_heads(x.float(), heads)


SPLIT_HEADS = Exercise(
    reference=split_heads,
    cases={
        "several heads": _several_heads,
        "vectors that lie in memory in another order": _steps_in_front,
        "a single head": lambda generator: _split_case(generator, 1, draw.whole(generator, 2, 5)),
    },
    mistakes=(
        Mistake(
            "the numbers are dealt out anew by `view` or `reshape`, without a transposition",
            lambda x, heads: x.reshape(len(x), heads, x.shape[1], -1),
            "Cut the last axis into (heads, d) first, which keeps each step's numbers together; then swap "
            "the axes of steps and heads.",
        ),
        Mistake(
            "the axes of steps and heads are not swapped",
            lambda x, heads: x.unflatten(-1, (heads, -1)),
            "Each head needs its steps side by side: `.transpose(1, 2)`.",
        ),
        Mistake(
            "the numbers are dealt to the heads in turns",
            lambda x, heads: x.unflatten(-1, (-1, heads)).permute(0, 3, 1, 2),
            "The first head gets the first d numbers, not every heads-th: cut the last axis into (heads, d).",
        ),
        Mistake(
            "the number of heads is taken for the size of a head",
            lambda x, heads: x.unflatten(-1, (-1, heads)).transpose(1, 2),
            "There are `heads` heads, of size d_model // heads each.",
        ),
        Mistake(
            "the axis of the heads comes first",
            lambda x, heads: split_heads(x, heads).transpose(0, 1),
            "The batch keeps its place in front; the heads come second.",
        ),
        Mistake(
            "heads and batch share one axis",
            lambda x, heads: split_heads(x, heads).flatten(0, 1),
            "Some code does it so; here the heads have an axis of their own, the second of four.",
        ),
        Mistake(
            "the axes of the steps and of a head's numbers are swapped",
            lambda x, heads: split_heads(x, heads).mT,
            "The last axis is the head's vector, the one before it the steps. Only scores transpose the "
            "keys.",
        ),
        Mistake(
            "every head gets the whole vector",
            lambda x, heads: x[:, None].expand(-1, heads, -1, -1),
            "The heads share the vector: each gets d_model // heads of its numbers.",
        ),
        Mistake(
            "every head gets the same numbers",
            lambda x, heads: split_heads(x, heads)[:, :1].expand(-1, heads, -1, -1),
            "The second head gets the numbers after those of the first, and so on.",
        ),
    ),
    hints=(
        "Which numbers of each vector does the first head get, and which the second? Which axis of x has to "
        "be cut into two for that?",
        "`x.view(batch, steps, heads, d_model // heads)` cuts the last axis. Which two axes are then in the "
        "wrong order?",
        "`x.view(batch, steps, heads, d_model // heads).transpose(1, 2)`",
    ),
    points=2,
    difficulty=2,
    minutes=10,
    variants=(_split_by_chunks, _split_head_by_head, _split_by_permuting, _split_in_single_precision),
    differentiable=True,
)


def _merge_case(generator: torch.Generator, heads: int, size: int) -> tuple[Tensor]:
    batch, steps = draw.unequal(generator, 2, 6, 9)
    return (draw.normal(generator, batch, heads, steps, size),)


def _heads_to_merge(generator: torch.Generator) -> tuple[Tensor]:
    return _merge_case(generator, *draw.unequal(generator, 2, 2, 5))


def _result_of_splitting(generator: torch.Generator) -> tuple[Tensor]:
    return (split_heads(*_several_heads(generator)),)


def _merge_by_concatenation(x: Tensor) -> Tensor:
    return torch.cat(x.unbind(dim=1), dim=-1)


def _merge_by_reshaping(x: Tensor) -> Tensor:
    batch, heads, steps, size = x.shape
    return x.permute(0, 2, 1, 3).reshape(batch, steps, heads * size)


def _merge_step_by_step(x: Tensor) -> Tensor:
    return torch.stack([x[:, :, step].reshape(len(x), -1) for step in range(x.shape[2])], dim=1)


def _merge_in_single_precision(x: Tensor) -> Tensor:
    return merge_heads(x.float())


MERGE_HEADS = Exercise(
    reference=merge_heads,
    cases={
        "several heads": _heads_to_merge,
        "what `split_heads` returns": _result_of_splitting,
        "a single head": lambda generator: _merge_case(generator, 1, draw.whole(generator, 2, 5)),
    },
    mistakes=(
        Mistake(
            "the numbers are dealt out anew by `reshape`, without a transposition",
            lambda x: x.reshape(len(x), x.shape[2], -1),
            "Swap the axes of heads and steps first, so that a step's vectors stand together.",
        ),
        Mistake(
            "the numbers of the heads alternate",
            lambda x: x.permute(0, 2, 3, 1).flatten(2),
            "First all numbers of the first head, then all of the second: the heads' axis comes before d.",
        ),
        Mistake(
            "heads and steps are swapped, but not merged",
            lambda x: x.transpose(1, 2),
            "The result has three axes: the last two, heads and d, become one.",
        ),
        Mistake(
            "the heads are added up",
            lambda x: x.sum(dim=1),
            "Side by side nothing is lost: the result has heads * d numbers a step.",
        ),
        Mistake(
            "the heads are averaged",
            lambda x: x.mean(dim=1),
            "A mean mixes what the heads have kept apart: put their vectors side by side.",
        ),
        Mistake(
            "the heads are put one after the other along the steps",
            lambda x: x.flatten(1, 2),
            "The number of steps stays as it is; the vectors of each step get longer.",
        ),
        Mistake(
            "the steps of each head are put side by side",
            lambda x: x.flatten(2),
            "It is the heads' axis that goes: for each step the vectors of all heads form one.",
        ),
        Mistake(
            "the steps come before the batch",
            lambda x: merge_heads(x).transpose(0, 1),
            "The batch stays in front: swap the axes of heads and steps, 1 and 2.",
        ),
        Mistake(
            "only the first head is returned",
            lambda x: x[:, 0],
            "Every head has something to say: put their vectors side by side.",
        ),
    ),
    hints=(
        "It is `split_heads` backwards. What was its last step, and what undoes it?",
        "`x.transpose(1, 2)` has the shape (batch, steps, heads, d). Now the last two axes become one. "
        "`view` needs numbers that lie in order in memory; `reshape` and `flatten` copy where they must.",
        "`x.transpose(1, 2).flatten(start_dim=2)`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(_merge_by_concatenation, _merge_by_reshaping, _merge_step_by_step, _merge_in_single_precision),
    differentiable=True,
)

EXERCISES = (SPLIT_HEADS, MERGE_HEADS)
