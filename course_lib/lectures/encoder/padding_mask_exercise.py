"""The exercise of lecture 10 on the mask of padding."""

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.transformer import padding_mask

Case = tuple[Tensor, int]


def _as_long_as_the_longest(generator: torch.Generator) -> Case:
    lengths = draw.unequal(generator, draw.whole(generator, 3, 4), 2, 9)
    return torch.tensor(lengths), max(lengths)


def _longer_than_the_longest(generator: torch.Generator) -> Case:
    lengths = sorted(draw.unequal(generator, draw.whole(generator, 3, 5), 2, 8))
    return torch.tensor(lengths), max(lengths) + draw.whole(generator, 2, 3)


def _with_an_empty_one(generator: torch.Generator) -> Case:
    lengths, steps = _longer_than_the_longest(generator)
    lengths[draw.whole(generator, 0, len(lengths) - 1)] = 0
    return lengths, steps


def _a_single_sequence(generator: torch.Generator) -> Case:
    length = draw.whole(generator, 2, 5)
    return torch.tensor([length]), length + draw.whole(generator, 1, 3)


MISTAKES = """
    true marks the padding
        < -> >=
    Here true marks what may be read. (PyTorch's own masks of padding mean the opposite.)

    the first place of the padding counts as a token
        < -> <=
    Steps are counted from 0: a sequence of 3 tokens has the steps 0, 1 and 2. Compare with `<`.

    the last token counts as padding
        lengths[:, None] -> lengths[:, None] - 1
    A sequence of 3 tokens has three places that are true: take nothing off its length.

    rows and columns are swapped
        torch.arange(steps) -> torch.arange(steps)[:, None]
        lengths[:, None] -> lengths
    A row belongs to a sequence, a column to a step: make a column of the lengths, not of the steps.

    the tokens are taken to be at the end
        < lengths[:, None] -> >= steps - lengths[:, None]
    Here the padding comes after the tokens: the first places of a row are true.

    only the last token is true
        < lengths[:, None] -> == lengths[:, None] - 1
    All places before it hold tokens as well: compare with `<` instead of `==`.

    the mask is only as wide as the longest sequence
        torch.arange(steps) -> torch.arange(lengths.max())
    A batch may be padded further than its longest sequence: `steps` says how far.

    every row is as long as the longest sequence
        lengths[:, None] -> lengths.max().repeat(len(lengths), 1)
    Each sequence has its own length: compare row by row.

    the mask holds what is to be added to the scores
        torch.arange -> torch.where(torch.arange
        lengths[:, None] -> lengths[:, None], 0.0, -torch.inf)
    Numbers to add, 0 and minus infinity, are made from a mask later. The mask holds true and false.

    there is a mask for every pair of tokens
        return -> mask =
        lengths[:, None] -> lengths[:, None]; return mask[:, :, None] & mask[:, None, :]
    One row for each sequence is enough: all its queries may read the same keys.

    the steps are compared with the lengths themselves, not with a column of them
        lengths[:, None] -> lengths
    The error names two sizes that don't fit: steps and sequences both lie along the last axis. Give the
    lengths an axis of their own, so that each is compared with all steps.

    Python's range is compared with the lengths
        torch.arange(steps) -> range(steps)
    A `range` is no tensor and can't be compared with one: PyTorch has a function that makes a tensor of the
    same numbers.

    every place is true
        torch.arange(steps) < lengths[:, None] -> torch.ones(len(lengths), steps)
    That marks the padding as tokens, too. `mask[:length]` without a row does it: it takes whole rows, while a
    length counts places in its own row.

    every row is as long as the first
        lengths[:, None] -> lengths[:1].repeat(len(lengths), 1)
    Row b belongs to sequence b: use the length of that one.

    the mask is causal
        torch.arange(steps) < lengths[:, None] -> torch.ones(steps, steps).tril()
    A causal mask hides what comes later and knows no lengths. Here a row belongs to a
    sequence, not to a query.

    the numbers of the steps are returned where there is a token
        < lengths[:, None] -> * (torch.arange(steps) < lengths[:, None])
    A mask says only whether there is a token. The comparison alone is the mask.

    the steps are counted from 1, but there is one too few
        torch.arange(steps) < lengths[:, None] -> torch.arange(1, steps) <= lengths[:, None]
    `arange(1, steps)` stops before `steps`: then the last place of every row is missing.

    an axis for the queries is there already
        torch.arange(steps) < lengths[:, None] -> (torch.arange(steps) < lengths[:, None])[:, None]
    The result has two axes, (batch, steps). Axes for heads and queries are added when the mask is handed on.

    the axes for heads and queries are there already
        torch.arange(steps) < lengths[:, None] -> (torch.arange(steps) < lengths[:, None])[:, None, None]
    The result has two axes, (batch, steps). `mask[:, None, None]` adds the others when it is handed on.
"""

EXERCISE = Exercise(
    reference=padding_mask,
    cases={
        "the longest sequence fills all steps": _as_long_as_the_longest,
        "every sequence is padded": _longer_than_the_longest,
        "a sequence without any token": _with_an_empty_one,
        "a single sequence": _a_single_sequence,
    },
    mistakes=mistakes(padding_mask, MISTAKES),
    hints=(
        "Write the row of a sequence of 2 tokens in 5 steps by hand. For which numbers of a step is it true?",
        "`torch.arange(steps)` are the numbers of the steps. Compare them with each length: that takes a "
        "column of lengths.",
        "`lengths[:, None]` is a column, `torch.arange(steps)` a row. A comparison of both has a row for "
        "each sequence: which of the two must be smaller, and may they be equal?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`course_lib.models.transformer.padding_mask(lengths, steps)` is this line. PyTorch's "
    "`key_padding_mask` means the opposite: true there is what may not be read.",
)
