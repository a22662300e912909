"""The exercises of lecture 07 on scores and on the causal mask."""

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models.attention import attention_scores, causal_mask


def _scores_case(*batch: int) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        queries, keys, d_k = draw.unequal(generator, 3, 4, 7)
        return draw.normal(generator, *batch, queries, d_k), draw.normal(generator, *batch, keys, d_k)

    return draw_case


def _scaled_scores(query: Tensor, key: Tensor) -> Tensor:
    return attention_scores(query, key) / query.shape[-1] ** 0.5


def _cosines(query: Tensor, key: Tensor) -> Tensor:
    lengths = [vectors.norm(dim=-1, keepdim=True) for vectors in (query, key)]
    return attention_scores(query / lengths[0], key / lengths[1])


def _keys_reshaped(query: Tensor, key: Tensor) -> Tensor:
    return query @ key.reshape(*key.shape[:-2], key.shape[-1], key.shape[-2])


def _scores_by_einsum(query: Tensor, key: Tensor) -> Tensor:
    return torch.einsum("...qd,...kd->...qk", query, key)


def _scores_by_broadcasting(query: Tensor, key: Tensor) -> Tensor:
    return (query[..., :, None, :] * key[..., None, :, :]).sum(dim=-1)


def _scores_key_by_key(query: Tensor, key: Tensor) -> Tensor:
    return torch.stack([(query * one[..., None, :]).sum(dim=-1) for one in key.unbind(dim=-2)], dim=-1)


def _scores_in_another_layout(query: Tensor, key: Tensor) -> Tensor:
    return (key @ query.mT).mT


def _scores_in_single_precision(query: Tensor, key: Tensor) -> Tensor:
    return attention_scores(query.float(), key.float())


ATTENTION_SCORES = Exercise(
    reference=attention_scores,
    cases={
        "a single sequence": _scores_case(),
        "a batch of sequences": _scores_case(2),
        "a batch of several heads": _scores_case(3, 2),
    },
    mistakes=(
        Mistake(
            "the scores are divided by the root of d_k already",
            _scaled_scores,
            "The scores are plain dot products; scaling is the next step.",
        ),
        Mistake(
            "the products are averaged over the d_k numbers",
            lambda query, key: attention_scores(query, key) / query.shape[-1],
            "A dot product is the sum of the products, not their mean.",
        ),
        Mistake(
            "the scores have passed the softmax already",
            lambda query, key: attention_scores(query, key).softmax(dim=-1),
            "Only the dot products are asked for: scaling and softmax come later.",
        ),
        Mistake(
            "the scores are scaled and have passed the softmax already",
            lambda query, key: _scaled_scores(query, key).softmax(dim=-1),
            "These are the weights. The scores are what the softmax starts from: plain dot products.",
        ),
        Mistake(
            "query and key are swapped",
            lambda query, key: attention_scores(key, query),
            "A row belongs to a query and a column to a key: the query stands on the left of `@`.",
        ),
        Mistake(
            "the keys are reshaped instead of transposed",
            _keys_reshaped,
            "`view` and `reshape` deal the numbers out anew; `key.transpose(-2, -1)` swaps rows and columns.",
        ),
        Mistake(
            "query and key are brought to length 1 first",
            _cosines,
            "That is the cosine. In a dot product the lengths count, too: a long key is read more.",
        ),
        Mistake(
            "the distance between query and key is computed",
            torch.cdist,
            "A score is large where query and key agree: it is their dot product, not their distance.",
        ),
        Mistake(
            "queries meet queries",
            lambda query, _key: attention_scores(query, query),
            "Both factors are `query`: the second one is `key`, transposed.",
        ),
        Mistake(
            "the scores of all sequences are added up",
            lambda query, key: torch.einsum("...qd,...kd->qk", query, key),
            "Every sequence of a batch has scores of its own: keep all axes before the last two.",
        ),
    ),
    hints=(
        "One query and one key have d_k numbers each. Which operation makes a single number of them, and "
        "which one does that for all pairs of rows of two matrices?",
        "`@` pairs rows with columns, so the keys have to become columns: swap their last two axes. "
        "(`.T` reverses all axes, which is something else as soon as there is a batch.)",
        "`query @ key.transpose(-2, -1)`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(
        _scores_by_einsum,
        _scores_by_broadcasting,
        _scores_key_by_key,
        _scores_in_another_layout,
        _scores_in_single_precision,
    ),
    differentiable=True,
)


def _additive_mask(steps: int) -> Tensor:
    return torch.zeros(steps, steps).masked_fill(~causal_mask(steps), -torch.inf)


def _equal_shares(steps: int) -> Tensor:
    mask = causal_mask(steps).double()
    return mask / mask.sum(dim=1, keepdim=True)


def _mask_by_comparison(steps: int) -> Tensor:
    return torch.arange(steps) <= torch.arange(steps)[:, None]


def _mask_by_loops(steps: int) -> Tensor:
    return torch.tensor([[key <= query for key in range(steps)] for query in range(steps)])


def _mask_of_integers(steps: int) -> Tensor:
    mask = torch.zeros(steps, steps, dtype=torch.int64)
    for step in range(steps):
        mask[step, : step + 1] = 1
    return mask


CAUSAL_MASK = Exercise(
    reference=causal_mask,
    cases={
        "a few steps": lambda generator: (draw.whole(generator, 4, 9),),
        "many steps": lambda generator: (draw.whole(generator, 20, 60),),
        "a single step": lambda _generator: (1,),
    },
    mistakes=(
        Mistake(
            "each step reads itself and the steps after it",
            lambda steps: causal_mask(steps).T,
            "Rows are queries and columns are keys: in row t the first t + 1 places are true.",
        ),
        Mistake(
            "true marks what must not be read",
            lambda steps: ~causal_mask(steps),
            "Here true allows. (Some libraries mean the opposite: always look it up.)",
        ),
        Mistake(
            "a step does not read itself",
            lambda steps: torch.ones(steps, steps, dtype=torch.bool).tril(-1),
            "The present belongs to what may be read; else the first step could read nothing at all.",
        ),
        Mistake(
            "a step reads the next one as well",
            lambda steps: torch.ones(steps, steps, dtype=torch.bool).tril(1),
            "The next step is the future already: the diagonal is the last that is true in a row.",
        ),
        Mistake(
            "each step reads only itself",
            lambda steps: torch.eye(steps, dtype=torch.bool),
            "The steps before it may be read as well: all that lies below the diagonal is true.",
        ),
        Mistake(
            "every step reads all steps",
            lambda steps: torch.ones(steps, steps, dtype=torch.bool),
            "What lies above the diagonal is the future: it must be false.",
        ),
        Mistake(
            "the mask holds what is to be added to the scores",
            _additive_mask,
            "Numbers to add, 0 and minus infinity, are made of a mask later. It says who may read whom, by "
            "true and false.",
        ),
        Mistake(
            "each row is divided by its sum",
            _equal_shares,
            "A mask holds no weights, only true and false: the softmax will do the dividing.",
        ),
    ),
    hints=(
        "Write the mask for three steps by hand: row 0 may read step 0, row 1 the steps 0 and 1, and row 2?",
        "True is a triangle below the diagonal, with the diagonal. `torch.tril` cuts it out of a matrix; "
        "comparing the numbers of the steps with `<=` works as well.",
        "`torch.ones(steps, steps, dtype=torch.bool).tril()`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(_mask_by_comparison, _mask_by_loops, _mask_of_integers),
)


EXERCISES = (ATTENTION_SCORES, CAUSAL_MASK)
