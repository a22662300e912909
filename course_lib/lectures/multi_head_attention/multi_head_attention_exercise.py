"""The exercise of lecture 08 on multi-head attention."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.functional import linear

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models.attention import (
    causal_mask,
    merge_heads,
    multi_head_attention,
    scaled_dot_product_attention,
    split_heads,
)

Rearrange = Callable[..., Tensor]
MakeMask = Callable[[torch.Generator, int], Tensor | None]


def _case(make_mask: MakeMask, heads: int | None = None) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Any, ...]:
        count, size = draw.unequal(generator, 2, 2, 4)
        count = count if heads is None else heads
        batch, steps = draw.unequal(generator, 2, 5, 7)
        d_model = count * size
        weights = [draw.normal(generator, d_model, d_model) / d_model**0.5 for _ in range(4)]
        x = draw.normal(generator, batch, steps, d_model)
        return x, *weights, count, make_mask(generator, steps)

    return draw_case


def _no_mask(_generator: torch.Generator, _steps: int) -> None:
    return None


def _causal(_generator: torch.Generator, steps: int) -> Tensor:
    return causal_mask(steps)


def _any_pairs(generator: torch.Generator, steps: int) -> Tensor:
    """A mask by which every step reads itself, not the next one, and others at random."""
    mask = draw.uniform(generator, 0, 1, steps, steps) < 0.5
    itself = torch.eye(steps, dtype=torch.bool)
    return (mask | itself) & ~itself.roll(1, dims=1)


def _attend(
    x: Tensor,
    weight_query: Tensor,
    weight_key: Tensor,
    weight_value: Tensor,
    weight_output: Tensor,
    heads: int,
    mask: Tensor | None = None,
    split: Rearrange = split_heads,
    merge: Rearrange = merge_heads,
    factor: Callable[[int, int], float] = lambda _d_model, size: size**-0.5,
    over: int = -1,
) -> Tensor:
    """Attention of several heads that are split and merged, scaled or weighted otherwise."""
    query, key, value = (
        split(linear(x, weight), heads) for weight in (weight_query, weight_key, weight_value)
    )
    scores = query @ key.mT * factor(x.shape[-1], query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return linear(merge(scores.softmax(dim=over) @ value), weight_output)


def _split_by_view(x: Tensor, heads: int) -> Tensor:
    return x.reshape(len(x), heads, x.shape[1], -1)


def _merge_by_view(x: Tensor) -> Tensor:
    return x.reshape(len(x), x.shape[2], -1)


def _split_in_turns(x: Tensor, heads: int) -> Tensor:
    return x.unflatten(-1, (-1, heads)).permute(0, 3, 1, 2)


def _merge_in_turns(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).flatten(2)


def _with_weights(change: Callable[..., tuple[Tensor, ...]]) -> Callable[..., Tensor]:
    """Attention of several heads with the four matrices changed."""

    def attend(x: Tensor, *arguments: Any) -> Tensor:
        *weights, heads, mask = arguments
        return multi_head_attention(x, *change(*weights), heads=heads, mask=mask)

    return attend


def _identity_like(weight: Tensor) -> Tensor:
    return torch.eye(len(weight), dtype=weight.dtype)


def _own_part(weight: Tensor, heads: int) -> Tensor:
    """Keep of a matrix what leads from the numbers of a head to the same head."""
    head = torch.arange(len(weight)) // (len(weight) // heads)
    return weight * (head[:, None] == head)


def _embedding_split(
    x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, heads: int, mask: Tensor | None
) -> Tensor:
    w_q, w_k, w_v = (_own_part(weight, heads) for weight in (w_q, w_k, w_v))
    return multi_head_attention(x, w_q, w_k, w_v, w_o, heads, mask)


def _mask_inverted(*arguments: Any) -> Tensor:
    *others, mask = arguments
    return multi_head_attention(*others, mask=None if mask is None else ~mask)


def _with_mask(change: Callable[[Tensor], Tensor | None]) -> Callable[..., Tensor]:
    def attend(*arguments: Any) -> Tensor:
        *others, mask = arguments
        return _attend(*others, mask=None if mask is None else change(mask))

    return attend


def _input_added(x: Tensor, *arguments: Any) -> Tensor:
    return x + multi_head_attention(x, *arguments)


def _not_split(*arguments: Any) -> Tensor:
    *tensors, _heads, mask = arguments
    return multi_head_attention(*tensors, heads=1, mask=mask)


def _averaged(*arguments: Any) -> Tensor:
    return multi_head_attention(*arguments) / arguments[5]


def _head_by_head(
    x: Tensor,
    weight_query: Tensor,
    weight_key: Tensor,
    weight_value: Tensor,
    weight_output: Tensor,
    heads: int,
    mask: Tensor | None = None,
) -> Tensor:
    read = []
    for matrices in zip(*(w.chunk(heads) for w in (weight_query, weight_key, weight_value)), strict=True):
        query, key, value = (x @ matrix.T for matrix in matrices)
        read.append(scaled_dot_product_attention(query, key, value, mask)[0])
    return torch.cat(read, dim=-1) @ weight_output.T


def _by_einsum(
    x: Tensor,
    weight_query: Tensor,
    weight_key: Tensor,
    weight_value: Tensor,
    weight_output: Tensor,
    heads: int,
    mask: Tensor | None = None,
) -> Tensor:
    query, key, value = (
        torch.einsum("btm,hdm->bhtd", x, w.unflatten(0, (heads, -1)))
        for w in (weight_query, weight_key, weight_value)
    )
    scores = torch.einsum("bhqd,bhkd->bhqk", query, key) / math.sqrt(query.shape[-1])
    weights = (scores if mask is None else torch.where(mask, scores, -math.inf)).softmax(dim=-1)
    output = weight_output.unflatten(1, (heads, -1))
    return torch.einsum("bhqk,bhkd,mhd->bqm", weights, value, output)


def _by_torch(x: Tensor, *arguments: Any) -> Tensor:
    *weights, weight_output, heads, mask = arguments
    query, key, value = linear(x, torch.cat(weights)).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
    read = functional.scaled_dot_product_attention(query, key, value, mask)
    return linear(read.transpose(1, 2).reshape(x.shape), weight_output)


def _sum_over_heads(x: Tensor, *arguments: Any) -> Tensor:
    """Apply to each head its columns of the output weights, and add up."""
    *weights, weight_output, heads, mask = arguments
    query, key, value = (linear(x, w).chunk(heads, dim=-1) for w in weights)
    total = torch.zeros_like(x)
    for *parts, columns in zip(query, key, value, weight_output.chunk(heads, dim=1), strict=True):
        total = total + scaled_dot_product_attention(*parts, mask=mask)[0] @ columns.T
    return total


def _in_single_precision(*arguments: Any) -> Tensor:
    *tensors, heads, mask = arguments
    return multi_head_attention(*(tensor.float() for tensor in tensors), heads=heads, mask=mask)


EXERCISE = Exercise(
    reference=multi_head_attention,
    cases={
        "several heads without a mask": _case(_no_mask),
        "several heads with a causal mask": _case(_causal),
        "several heads with another mask": _case(_any_pairs),
        "a single head": _case(_no_mask, heads=1),
    },
    mistakes=(
        Mistake(
            "the scores are divided by the root of d_model",
            partial(_attend, factor=lambda d_model, _size: d_model**-0.5),
            "A score is a dot product of two vectors of a head: the size that counts is d_model // heads.",
        ),
        Mistake(
            "the scores are not scaled",
            partial(_attend, factor=lambda _d_model, _size: 1.0),
            "Divide the scores by the root of a head's size, d_model // heads.",
        ),
        Mistake(
            "the scores are divided by a head's size",
            partial(_attend, factor=lambda _d_model, size: 1 / size),
            "Divide by the root of a head's size.",
        ),
        Mistake(
            "the scores are divided by d_model",
            partial(_attend, factor=lambda d_model, _size: 1 / d_model),
            "Divide by the root, and by that of a head's size, d_model // heads.",
        ),
        Mistake(
            "the softmax is taken over the queries",
            partial(_attend, over=-2),
            "Each query shares out 1 among the keys: `dim=-1`, the last axis.",
        ),
        Mistake(
            "the softmax is taken over the heads",
            partial(_attend, over=1),
            "The heads know nothing of each other: each query of each head shares out 1 among the keys.",
        ),
        Mistake(
            "the heads are split by `view` or `reshape` alone",
            partial(_attend, split=_split_by_view),
            "`view` to (batch, heads, steps, d) deals the numbers out anew: cut the last axis, then swap "
            "steps and heads, as in `split_heads`.",
        ),
        Mistake(
            "the heads are merged by `view` or `reshape` alone",
            partial(_attend, merge=_merge_by_view),
            "Swap heads and steps back before the last two axes become one, as in `merge_heads`.",
        ),
        Mistake(
            "the heads are both split and merged by `view` or `reshape` alone",
            partial(_attend, split=_split_by_view, merge=_merge_by_view),
            "Then a head holds numbers of a few steps, not a part of every vector: use `split_heads` and "
            "`merge_heads`.",
        ),
        Mistake(
            "the heads take the numbers in turns",
            partial(_attend, split=_split_in_turns, merge=_merge_in_turns),
            "The first d rows of a matrix make the first head's vectors: cut the last axis into (heads, d).",
        ),
        Mistake(
            "the heads are merged so that their numbers alternate",
            partial(_attend, merge=_merge_in_turns),
            "First all numbers of the first head, then all of the second: swap heads and steps, then "
            "flatten.",
        ),
        Mistake(
            "the vectors are not split among heads",
            _not_split,
            "One head of size d_model has one set of weights; `split_heads` gives each head its own.",
        ),
        Mistake(
            "the input is split among the heads instead of query, key and value",
            _embedding_split,
            "Multiply first, then split: each head's query is made of the whole vector.",
        ),
        Mistake(
            "the heads are averaged",
            _averaged,
            "The heads stand side by side, and the output weights mix them: nothing is divided.",
        ),
        Mistake(
            "the output weights are left out",
            _with_weights(lambda q, k, v, o: (q, k, v, _identity_like(o))),
            "The merged heads pass one more matrix: `@ weight_output.T`.",
        ),
        Mistake(
            "the output weights are transposed",
            _with_weights(lambda q, k, v, o: (q, k, v, o.T)),
            "Its rows belong to the outputs, as in `torch.nn.Linear`: `@ weight_output.T`.",
        ),
        Mistake(
            "the matrices of query, key and value are transposed",
            _with_weights(lambda q, k, v, o: (q.T, k.T, v.T, o)),
            "Their rows belong to the outputs, as in `torch.nn.Linear`: `x @ weight_query.T`.",
        ),
        Mistake(
            "all four matrices are transposed",
            _with_weights(lambda *weights: tuple(weight.T for weight in weights)),
            "The rows of a matrix belong to its outputs, as in `torch.nn.Linear`: `x @ weight.T`.",
        ),
        Mistake(
            "the output weights multiply the values before the heads are split",
            _with_weights(lambda q, k, v, o: (q, k, o @ v, _identity_like(o))),
            "The output weights come last: they mix what all heads have read.",
        ),
        Mistake(
            "the matrices of query and key are swapped",
            _with_weights(lambda q, k, v, o: (k, q, v, o)),
            "The rows of the scores belong to the queries, `x @ weight_query.T`, the columns to the keys.",
        ),
        Mistake(
            "the matrices of key and value are swapped",
            _with_weights(lambda q, k, v, o: (q, v, k, o)),
            "Keys meet the queries and make the scores; values are what is read.",
        ),
        Mistake(
            "the input itself is the value",
            _with_weights(lambda q, k, v, o: (q, k, _identity_like(v), o)),
            "Values have a matrix of their own: `x @ weight_value.T`.",
        ),
        Mistake(
            "the mask is ignored",
            _with_mask(lambda _mask: None),
            "Hand `mask` on to the attention: it applies to every head.",
        ),
        Mistake(
            "the mask hides where it is true",
            _mask_inverted,
            "True marks what may be read.",
        ),
        Mistake(
            "the mask hides where it is true, and a query that may then read nothing gets NaN",
            _with_mask(torch.logical_not),
            "True marks what may be read: fill the scores where it is false, `~mask`.",
        ),
        Mistake(
            "the input is added to the result",
            _input_added,
            "Adding the input is another part of the Transformer: only the attention is asked for.",
        ),
    ),
    hints=(
        "Five steps: query, key and value by a matrix each; split; attention of all heads at once; merge; "
        "output weights. Which of them did you write already?",
        "`split_heads(x @ weight_query.T, heads)` are the queries; key and value likewise. With the axes "
        "(batch, heads, steps, d) scaled dot-product attention needs no change: it works on the last two.",
        "`output, _ = models.scaled_dot_product_attention(query, key, value, mask)`, and then "
        "`models.merge_heads(output) @ weight_output.T`.",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    variants=(_head_by_head, _by_einsum, _by_torch, _sum_over_heads, _in_single_precision),
    differentiable=True,
)
