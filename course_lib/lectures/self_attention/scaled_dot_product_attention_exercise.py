"""The exercise of lecture 07 on scaled dot-product attention."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models import attention
from course_lib.models.attention import attention_scores, causal_mask

Pair = tuple[Tensor, Tensor]
Attend = Callable[[Tensor, Tensor, Tensor, Tensor | None], Pair]
Case = tuple[Tensor, Tensor, Tensor, Tensor | None]
LARGE = 1e9


def scaled_dot_product_attention(
    query: Float[Tensor, "*batch query d_k"],
    key: Float[Tensor, "*batch key d_k"],
    value: Float[Tensor, "*batch key d_v"],
    mask: Bool[Tensor, "*#batch #query #key"] | None = None,
) -> tuple[Float[Tensor, "*batch query d_v"], Float[Tensor, "*batch query key"]]:
    """Return what each query reads, and the weights, with the scale of Vaswani et al. 2017."""
    return attention.scaled_dot_product_attention(query, key, value, mask)


def _vectors(generator: torch.Generator, *shape: int) -> Tensor:
    """Numbers between -1 and 1 and not near 0: their dot products are neither too large nor too alike."""
    signs = draw.normal(generator, *shape).sign()
    return signs * draw.uniform(generator, 0.5, 1.0, *shape)


def _inputs(generator: torch.Generator, batch: tuple[int, ...], queries: int, keys: int, d_k: int) -> Pair:
    return _vectors(generator, *batch, queries, d_k), _vectors(generator, *batch, keys, d_k)


def _unmasked(generator: torch.Generator) -> Case:
    queries, keys, d_k, d_v = draw.unequal(generator, 4, 3, 6)
    return *_inputs(generator, (), queries, keys, d_k), draw.normal(generator, keys, d_v), None


def _causal(generator: torch.Generator) -> Case:
    steps, d_k, d_v = draw.unequal(generator, 3, 3, 6)
    mask = causal_mask(steps)
    return *_inputs(generator, (2,), steps, steps, d_k), draw.normal(generator, 2, steps, d_v), mask


def _padded(generator: torch.Generator) -> Case:
    """Two sequences of unequal length, each with several heads; all queries read the same keys."""
    queries, keys, d_k, d_v = draw.unequal(generator, 4, 3, 6)
    lengths = torch.tensor([keys, draw.whole(generator, 2, keys - 1)])
    mask = torch.arange(keys) < lengths[:, None, None, None]
    return *_inputs(generator, (2, 7), queries, keys, d_k), draw.normal(generator, 2, 7, keys, d_v), mask


def _nothing_to_read(generator: torch.Generator) -> Case:
    queries, keys, d_k, d_v = draw.unequal(generator, 4, 3, 6)
    mask = torch.arange(keys) <= 1 + torch.arange(queries)[:, None]  # some choice in every row but one
    mask[draw.whole(generator, 0, queries - 1)] = False
    return *_inputs(generator, (2,), queries, keys, d_k), draw.normal(generator, 2, keys, d_v), mask


def _attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    factor: Callable[[Tensor, Tensor, Tensor], float] = lambda _query, key, _value: key.shape[-1] ** -0.5,
    over: int = -1,
    inverted: bool = False,
    hidden: float = -math.inf,
    cleared: bool = True,
) -> Pair:
    """Attend with another factor, axis or mask, another score of hidden keys, or weights not set to zero."""
    scores = attention_scores(query, key) * factor(query, key, value)
    if mask is None:
        weights = scores.softmax(dim=over)
    else:
        hides = mask if inverted else ~mask
        weights = scores.masked_fill(hides, hidden).softmax(dim=over)
        weights = weights.masked_fill(hides, 0.0) if cleared else weights
    return weights @ value, weights


def _scaled_after_the_softmax(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **ending: Any
) -> Pair:
    _, weights = _attend(query, key, value, mask, lambda *_: 1.0, **ending)
    weights = weights / key.shape[-1] ** 0.5
    return weights @ value, weights


def _keys_are_read(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **ending: Any) -> Pair:
    _, weights = _attend(query, key, value, mask, **ending)
    return weights @ key, weights


def _with_weights(weigh: Callable[[Tensor, Tensor], Tensor]) -> Attend:
    """Attention whose weights follow from scaled scores and mask by another rule."""

    def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Pair:
        scores = attention_scores(query, key) / key.shape[-1] ** 0.5
        weights = weigh(scores, torch.ones_like(scores, dtype=torch.bool) if mask is None else mask)
        return weights @ value, weights

    return attend


def _masked(scores: Tensor, mask: Tensor) -> Tensor:
    return scores.masked_fill(~mask, -math.inf)


def _scores_returned(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Pair:
    output, _ = _attend(query, key, value, mask)
    scores = attention_scores(query, key) / key.shape[-1] ** 0.5
    return output, scores if mask is None else _masked(scores, mask)


def _only_the_output_cleared(*arguments: Any) -> Pair:
    output, weights = _attend(*arguments, cleared=False)
    return output.nan_to_num(), weights


def _however_it_ends(name: str, attend: Callable[..., Pair], hint: str) -> tuple[Mistake, ...]:
    """Make the mistake alone, and with NaN or equal weights from a softmax that meets only hidden scores."""
    return (
        Mistake(name, attend, hint),
        Mistake(
            f"{name}, and where everything is hidden the softmax gives NaN",
            partial(attend, cleared=False),
            f"{hint} Then set the weights of hidden keys to 0.",
        ),
        Mistake(
            f"{name}, and where everything is hidden the softmax gives equal weights",
            partial(attend, hidden=-LARGE, cleared=False),
            f"{hint} Then set hidden weights to 0.",
        ),
    )


def _by_einsum(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Pair:
    scores = torch.einsum("...qd,...kd->...qk", query, key) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = torch.where(mask, scores, -math.inf)
    weights = scores.softmax(dim=-1).nan_to_num(0.0)
    return torch.einsum("...qk,...kd->...qd", weights, value), weights


def _query_by_query(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> list[Tensor]:
    if query.ndim > 2:
        masks = [None] * len(query) if mask is None else mask.expand(*query.shape[:-1], key.shape[-2])
        parts = [_query_by_query(*one) for one in zip(query, key, value, masks, strict=True)]
        return [torch.stack(results) for results in zip(*parts, strict=True)]
    rows = []
    for step, one in enumerate(query):
        exponentials = (key @ one / key.shape[1] ** 0.5).exp()
        if mask is not None:
            exponentials = exponentials * mask.expand(len(query), len(key))[step]
        total = exponentials.sum()
        rows.append(exponentials / total if total > 0 else exponentials)
    weights = torch.stack(rows)
    return [weights @ value, weights]


def _by_torch(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Pair:
    """Read the weights off as what a query gets of the identity."""
    identity = torch.eye(key.shape[-2]).expand(*key.shape[:-1], key.shape[-2])
    attend = functional.scaled_dot_product_attention
    return attend(query, key, value, mask), attend(query, key, identity, mask)


def _masked_after_and_divided(scores: Tensor, mask: Tensor) -> Tensor:
    weights = scores.softmax(dim=-1) * mask
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)


def _masked_by_adding(scores: Tensor, mask: Tensor) -> Tensor:
    penalties = torch.zeros(mask.shape).masked_fill(~mask, -LARGE)
    return (scores + penalties).softmax(dim=-1) * mask


def _query_scaled_first(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Pair:
    scores = (query * query.shape[-1] ** -0.5) @ key.mT.contiguous()
    if mask is not None:
        scores.masked_fill_(mask.logical_not(), -math.inf)
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = torch.where(mask.any(dim=-1, keepdim=True), weights, torch.zeros(()))
    return weights @ value, weights


def _in_single_precision(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Pair:
    return scaled_dot_product_attention(query.float(), key.float(), value.float(), mask)


EXERCISE = Exercise(
    reference=scaled_dot_product_attention,
    cases={
        "a single sequence without a mask": _unmasked,
        "a batch with a causal mask": _causal,
        "several heads with padding": _padded,
        "a query that may read nothing": _nothing_to_read,
    },
    mistakes=(
        Mistake(
            "a query that may read nothing gets NaN",
            partial(_attend, cleared=False),
            "If all scores of a row are minus infinity, the softmax divides 0 by 0. Set the weights of "
            "hidden keys to 0 after the softmax: `weights.masked_fill(~mask, 0.0)`.",
        ),
        Mistake(
            "a query that may read nothing reads all keys alike",
            partial(_attend, hidden=-LARGE, cleared=False),
            "If all scores of a row are the same large negative number, they are alike to the softmax. Set "
            "the weights of hidden keys to 0 after it: `weights.masked_fill(~mask, 0.0)`.",
        ),
        Mistake(
            "a large negative number is added to hidden scores, even where all are hidden",
            _with_weights(lambda scores, mask: (scores - LARGE * ~mask).softmax(dim=-1)),
            "What is added to a whole row cancels in the softmax: that query reads as if nothing were "
            "hidden. Set the weights of hidden keys to 0 afterwards.",
        ),
        Mistake(
            "NaN is taken out of the output, but not out of the weights",
            _only_the_output_cleared,
            "Set the weights of hidden keys to 0; the output then follows by itself.",
        ),
        *_however_it_ends(
            "the scores are not scaled",
            partial(_attend, factor=lambda *_: 1.0),
            "Divide the scores by the root of d_k before the softmax.",
        ),
        *_however_it_ends(
            "the scores are divided by d_k",
            partial(_attend, factor=lambda _query, key, _value: 1 / key.shape[-1]),
            "Divide by the root of d_k: with random vectors the root is how far the scores spread.",
        ),
        *_however_it_ends(
            "the scores are multiplied by the root of d_k",
            partial(_attend, factor=lambda _query, key, _value: key.shape[-1] ** 0.5),
            "The longer the vectors, the larger their dot products: divide by the root.",
        ),
        *_however_it_ends(
            "the scores are divided by the root of d_v, the size of a value",
            partial(_attend, factor=lambda _query, _key, value: value.shape[-1] ** -0.5),
            "Scores are made of queries and keys: the size that counts is theirs, `key.shape[-1]`.",
        ),
        *_however_it_ends(
            "the scores are divided by the root of the number of keys",
            partial(_attend, factor=lambda _query, key, _value: key.shape[-2] ** -0.5),
            "The size of a key is its last axis: `key.shape[-1]`.",
        ),
        *_however_it_ends(
            "the root divides the weights and not the scores",
            _scaled_after_the_softmax,
            "Scale before the softmax: after it the rows must add up to 1.",
        ),
        *_however_it_ends(
            "the softmax is taken over the queries",
            partial(_attend, over=-2),
            "Each query shares out 1 among the keys: `dim=-1`, the last axis.",
        ),
        *_however_it_ends(
            "the softmax is taken over the first axis",
            partial(_attend, over=0),
            "With a batch in front that is not the keys' axis: `dim=-1` is, always.",
        ),
        *_however_it_ends(
            "the softmax is taken over the second axis",
            partial(_attend, over=1),
            "The keys' axis is the second one only without a batch: `dim=-1` is right always.",
        ),
        *_however_it_ends(
            "the mask hides where it is true",
            partial(_attend, inverted=True),
            "True marks what may be read: fill the scores where it is false, `~mask`.",
        ),
        *_however_it_ends(
            "the keys are summed up in place of the values",
            _keys_are_read,
            "Keys are there to be found; what is read are the values.",
        ),
        Mistake(
            "the mask is applied after the softmax",
            _with_weights(lambda scores, mask: scores.softmax(dim=-1) * mask),
            "Hidden keys are still in the denominator, so the rows add up to less than 1. Put minus infinity "
            "into the scores before the softmax.",
        ),
        Mistake(
            "hidden scores are set to 0",
            _with_weights(lambda scores, mask: scores.masked_fill(~mask, 0.0).softmax(dim=-1)),
            "A score of 0 is a score like any other: its exponential is 1. Minus infinity has the "
            "exponential 0.",
        ),
        Mistake(
            "hidden scores are set to 0 before the softmax, and hidden weights after it",
            _with_weights(lambda scores, mask: scores.masked_fill(~mask, 0.0).softmax(dim=-1) * mask),
            "A score of 0 still has the exponential 1 in the denominator: fill with minus infinity.",
        ),
        Mistake(
            "the mask is ignored",
            lambda query, key, value, _mask: _attend(query, key, value, None),
            "Where the mask is false, a query must not read a key: fill those scores with minus infinity.",
        ),
        Mistake(
            "the softmax is left out",
            _with_weights(_masked),
            "Scores may be negative and add up to anything: the softmax makes weights of them.",
        ),
        Mistake(
            "the exponentials are not divided by their sum",
            _with_weights(lambda scores, mask: _masked(scores, mask).exp()),
            "The weights of a query add up to 1: divide each row by its sum, or use `torch.softmax`.",
        ),
        Mistake(
            "the scores are returned in place of the weights",
            _scores_returned,
            "The second result is what the softmax has made of the scores.",
        ),
        Mistake(
            "the weights are returned first",
            lambda *arguments: _attend(*arguments)[::-1],
            "Return `output, weights` in this order.",
        ),
    ),
    hints=(
        "Five steps: scores, scale, mask, softmax, weighted sum. Which of them must know the mask, and what "
        "has to be the weight of a key that is hidden?",
        "Minus infinity becomes weight 0 in the softmax: `scores.masked_fill(~mask, -torch.inf)`. Which row "
        "does that spoil, and what do you do about it? And what if `mask` is None?",
        "After scaling: `scores.masked_fill(~mask, -torch.inf)`, then `weights = torch.softmax(scores, "
        "dim=-1).masked_fill(~mask, 0.0)`, then `weights @ value`. Without a mask leave out both fillings.",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    variants=(
        _by_einsum,
        _query_by_query,
        _by_torch,
        _with_weights(_masked_after_and_divided),
        _with_weights(_masked_by_adding),
        _query_scaled_first,
        _in_single_precision,
    ),
    differentiable=True,
)
