"""The exercise of lecture 10 on the mask of padding."""

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models.transformer import padding_mask

Case = tuple[Tensor, int]


def _steps(steps: int) -> Tensor:
    return torch.arange(steps)


def _as_long_as_the_longest(generator: torch.Generator) -> Case:
    lengths = draw.unequal(generator, draw.whole(generator, 3, 4), 2, 9)
    return torch.tensor(lengths), max(lengths)


def _longer_than_the_longest(generator: torch.Generator) -> Case:
    lengths = draw.unequal(generator, draw.whole(generator, 3, 5), 2, 8)
    return torch.tensor(lengths), max(lengths) + draw.whole(generator, 2, 3)


def _with_an_empty_one(generator: torch.Generator) -> Case:
    lengths, steps = _longer_than_the_longest(generator)
    lengths[draw.whole(generator, 0, len(lengths) - 1)] = 0
    return lengths, steps


def _from_the_end(lengths: Tensor, steps: int) -> Tensor:
    return _steps(steps) >= steps - lengths[:, None]


def _to_be_added(lengths: Tensor, steps: int) -> Tensor:
    return torch.zeros(len(lengths), steps).masked_fill(~padding_mask(lengths, steps), -torch.inf)


def _pairs(lengths: Tensor, steps: int) -> Tensor:
    mask = padding_mask(lengths, steps)
    return mask[:, :, None] & mask[:, None, :]


def _by_a_loop(lengths: Tensor, steps: int) -> Tensor:
    mask = torch.zeros(len(lengths), steps, dtype=torch.bool)
    for row, length in enumerate(lengths):
        mask[row, :length] = True
    return mask


def _by_lists(lengths: Tensor, steps: int) -> Tensor:
    return torch.tensor([[step < length for step in range(steps)] for length in lengths.tolist()])


def _of_integers(lengths: Tensor, steps: int) -> Tensor:
    return (lengths.view(-1, 1).expand(-1, steps) > _steps(steps)).long()


EXERCISE = Exercise(
    reference=padding_mask,
    cases={
        "the longest sequence fills all steps": _as_long_as_the_longest,
        "every sequence is padded": _longer_than_the_longest,
        "a sequence without any token": _with_an_empty_one,
    },
    mistakes=(
        Mistake(
            "true marks the padding",
            lambda lengths, steps: ~padding_mask(lengths, steps),
            "Here true marks what may be read. (PyTorch's own masks of padding mean the opposite.)",
        ),
        Mistake(
            "the first place of the padding counts as a token",
            lambda lengths, steps: _steps(steps) <= lengths[:, None],
            "Steps are counted from 0: a sequence of 3 tokens has the steps 0, 1 and 2. Compare with `<`.",
        ),
        Mistake(
            "the last token counts as padding",
            lambda lengths, steps: _steps(steps) < lengths[:, None] - 1,
            "A sequence of 3 tokens has three places that are true: nothing is to be taken off its length.",
        ),
        Mistake(
            "rows and columns are swapped",
            lambda lengths, steps: padding_mask(lengths, steps).T,
            "A row belongs to a sequence, a column to a step: make a column of the lengths, "
            "`lengths[:, None]`.",
        ),
        Mistake(
            "the tokens stand at the end",
            _from_the_end,
            "Here the padding stands behind the tokens: the first places of a row are true.",
        ),
        Mistake(
            "only the last token is true",
            lambda lengths, steps: _steps(steps) == lengths[:, None] - 1,
            "All places before it hold tokens as well: compare with `<` instead of `==`.",
        ),
        Mistake(
            "the mask is only as wide as the longest sequence",
            lambda lengths, _steps: padding_mask(lengths, int(lengths.max())),
            "A batch may be padded further than its longest sequence: `steps` says how far.",
        ),
        Mistake(
            "every row is as long as the longest sequence",
            lambda lengths, steps: padding_mask(lengths.max().expand(len(lengths)), steps),
            "Each sequence has its own length: `lengths[:, None]` compares row by row.",
        ),
        Mistake(
            "the mask holds what is to be added to the scores",
            _to_be_added,
            "Numbers to add, 0 and minus infinity, are made of a mask later. It holds true and false.",
        ),
        Mistake(
            "there is a mask for every pair of tokens",
            _pairs,
            "One row a sequence is enough: all its queries may read the same keys.",
        ),
        Mistake(
            "axes for heads and queries are there already",
            lambda lengths, steps: padding_mask(lengths, steps)[:, None, None],
            "The result has two axes, (batch, steps). The others are put in when the mask is handed on.",
        ),
    ),
    hints=(
        "Write the row of a sequence of 2 tokens in 5 steps by hand. For which numbers of a step is it true?",
        "`torch.arange(steps)` are the numbers of the steps. Compare them with each length: that takes a "
        "column of lengths.",
        "`torch.arange(steps) < lengths[:, None]`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(_by_a_loop, _by_lists, _of_integers),
)
