"""The exercise of lecture 07 on scores."""

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase
from course_lib.models.attention import attention_scores


def _case(*batch: int) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        queries, keys, d_k = draw.unequal(generator, 3, 4, 7)
        return draw.normal(generator, *batch, queries, d_k), draw.normal(generator, *batch, keys, d_k)

    return draw_case


MISTAKES = """
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
    `view` and `reshape` keep the numbers in order and only cut them differently; `key.transpose(-2, -1)`
    swaps rows and columns.

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
    },
    mistakes=mistakes(attention_scores, MISTAKES),
    hints=(
        "One query and one key have d_k numbers each. Which operation turns them into a single number, and "
        "which one does that for all pairs of rows of two matrices?",
        "`@` pairs rows with columns, so the keys have to become columns: swap their last two axes. "
        "(`.T` reverses all axes, which is something else as soon as there is a batch.)",
        "`query @ key.transpose(-2, -1)`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    differentiable=True,
)
