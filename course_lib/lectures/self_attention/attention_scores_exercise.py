"""The exercise of lecture 07 on scores."""

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase
from course_lib.models.attention import attention_scores

Pair = tuple[Tensor, Tensor]


def _case(*batch: int) -> MakeCase:
    def draw_case(generator: torch.Generator) -> Pair:
        queries, keys, d_k = draw.unequal(generator, 3, 4, 7)
        return draw.normal(generator, *batch, queries, d_k), draw.normal(generator, *batch, keys, d_k)

    return draw_case


def _one_of_each(generator: torch.Generator) -> Pair:
    """A batch of one sequence, with one query and one key: every axis but the last has size 1."""
    size = draw.whole(generator, 3, 6)
    return draw.normal(generator, 1, 1, size), draw.normal(generator, 1, 1, size)


MISTAKES = """
    the keys are not transposed
        key.transpose(-2, -1) -> key
    The error says that the shapes don't fit: `@` pairs rows with columns, and here the keys are rows, too.

    all axes of the keys are reversed, as `.T` does it
        key.transpose(-2, -1) -> key.permute(*range(key.ndim)[::-1])
    `.T` turns the batch around as well, so the shapes fit for a single sequence only: swap the last two axes.

    axes 0 and 1 of the keys are swapped
        transpose(-2, -1) -> transpose(0, 1)
    These are the last two axes only if there is none in front. Count them from the end: -2 and -1.

    axes 1 and 2 of the keys are swapped
        transpose(-2, -1) -> transpose(1, 2)
    These are the last two axes only if there is one in front; else the error says that there is no axis 2.
    Count from the end.

    `permute(0, 2, 1)` swaps the axes of the keys
        transpose(-2, -1) -> permute(0, 2, 1)
    `permute` lists all axes, so it works for three axes only. Swap two of them, counted from the end.

    the queries are transposed instead of the keys
        query @ key.transpose(-2, -1) -> query.transpose(-2, -1) @ key
    Then columns of queries meet rows of keys, and the numbers of tokens don't fit. The sum runs over d_k.

    query and key are multiplied number by number, with or without a sum
        query @ key.transpose(-2, -1) -> query * key
    `*` wants equal shapes. Every query meets every key: that is a product of matrices, `@`.

    each query meets only the key of its own place
        query @ key.transpose(-2, -1) -> torch.stack([(q * k).sum() for q, k in zip(query, key)])
    `zip` walks along both together. All pairs are wanted, and there may be axes for the batch in front.

    the queries of each sequence meet the keys of all sequences
        query @ key.transpose(-2, -1) -> torch.tensordot(query, key, dims=([-1], [-1]))
    `torch.inner` and `tensordot` combine all rows with all rows. Sequences and heads stay apart in `@`.

    the scores are already divided by the root of d_k
        key.transpose(-2, -1) -> key.transpose(-2, -1) / key.shape[-1] ** 0.5
    The scores are plain dot products; scaling is the next step.

    the products are averaged over the d_k numbers
        key.transpose(-2, -1) -> key.transpose(-2, -1) / key.shape[-1]
    A dot product is the sum of the products, not their mean.

    the scores have already passed the softmax
        query @ key.transpose(-2, -1) -> torch.softmax(query @ key.transpose(-2, -1), dim=-1)
    Only the dot products are asked for: scaling and softmax come later.

    the scores are already scaled and have passed the softmax
        query @ -> torch.softmax(query @
        key.transpose(-2, -1) -> key.transpose(-2, -1) / key.shape[-1] ** 0.5, dim=-1)
    These are the weights. The scores are what the softmax starts from: plain dot products.

    query and key are swapped
        query @ key -> key @ query
    A row belongs to a query and a column to a key: the query goes on the left of `@`.

    the keys are reshaped instead of transposed
        key.transpose(-2, -1) -> key.reshape(*key.shape[:-2], key.shape[-1], key.shape[-2])
    `view` and `reshape` keep the numbers in order and only cut them differently: rows don't become columns.

    query and key are scaled to length 1 first
        query -> torch.nn.functional.normalize(query, dim=-1)
        key -> torch.nn.functional.normalize(key, dim=-1)
    That is the cosine. In a dot product the lengths count, too: a long key is read more.

    the distance between query and key is computed
        query @ key.transpose(-2, -1) -> torch.cdist(query, key)
    A score is large where query and key agree: it is their dot product, not their distance.

    queries meet queries
        key -> query
    Both factors are `query`: the second one should be `key`, transposed.

    the scores of all sequences are added up
        query @ key.transpose(-2, -1) -> torch.einsum('...qd,...kd->qk', query, key)
    Every sequence of a batch has scores of its own: keep all axes before the last two.
"""

EXERCISE = Exercise(
    reference=attention_scores,
    cases={
        "a single sequence": _case(),
        "a batch of sequences": _case(2),
        "a batch of several heads": _case(3, 2),
        "a single query and a single key": _one_of_each,
    },
    mistakes=mistakes(attention_scores, MISTAKES),
    hints=(
        "One query and one key have d_k numbers each. Which operation turns them into a single number, and "
        "which one does that for all pairs of rows of two matrices?",
        "`@` pairs rows with columns, so the keys have to become columns: swap their last two axes. "
        "(`.T` reverses all axes, which is something else as soon as there is a batch.)",
        "A product of two matrices does it, with the queries on the left, as each of them has a row of "
        "scores. Which two axes of the keys change places, counted from the end?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    differentiable=True,
    library="`torch.einsum('...qd,...kd->...qk', query, key)` does the same and names the axes; "
    "`key.mT` is short for the swap of the last two axes.",
)
