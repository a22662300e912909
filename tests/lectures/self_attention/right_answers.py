"""Other right answers to the exercises of lecture 07, which the check must accept."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from course_lib.models import attention

Pair = tuple[Tensor, Tensor]
Attend = Callable[[Tensor, Tensor, Tensor, Tensor | None], Pair]
LARGE = 1e9


def attention_scores_by_einsum(query: Tensor, key: Tensor) -> Tensor:
    return torch.einsum("...qd,...kd->...qk", query, key)


def attention_scores_by_broadcasting(query: Tensor, key: Tensor) -> Tensor:
    return (query[..., :, None, :] * key[..., None, :, :]).sum(dim=-1)


def attention_scores_by_key(query: Tensor, key: Tensor) -> Tensor:
    return torch.stack([(query * one[..., None, :]).sum(dim=-1) for one in key.unbind(dim=-2)], dim=-1)


def attention_scores_in_another_layout(query: Tensor, key: Tensor) -> Tensor:
    return (key @ query.mT).mT


def attention_scores_in_single_precision(query: Tensor, key: Tensor) -> Tensor:
    return attention.attention_scores(query.float(), key.float())


def causal_mask_by_comparison(steps: int) -> Tensor:
    return torch.arange(steps) <= torch.arange(steps)[:, None]


def causal_mask_by_loops(steps: int) -> Tensor:
    return torch.tensor([[key <= query for key in range(steps)] for query in range(steps)])


def causal_mask_by_integers(steps: int) -> Tensor:
    mask = torch.zeros(steps, steps, dtype=torch.int64)
    for step in range(steps):
        mask[step, : step + 1] = 1
    return mask


def causal_mask_by_adding_up(steps: int) -> Tensor:
    return torch.eye(steps).cumsum(dim=0)


def attention_cost_by_product(steps: int, d_model: int) -> int:
    def product(rows: int, inner: int, columns: int) -> int:
        return rows * inner * columns

    projections = sum(product(steps, d_model, d_model) for _ in range(3))
    return projections + product(steps, d_model, steps) + product(steps, steps, d_model)


def attention_cost_by_factors(steps: int, d_model: int) -> int:
    return steps * d_model * (3 * d_model + 2 * steps)


def attention_by_einsum(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Pair:
    scores = torch.einsum("...qd,...kd->...qk", query, key) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = torch.where(mask, scores, -math.inf)
    weights = scores.softmax(dim=-1).nan_to_num(0.0)
    return torch.einsum("...qk,...kd->...qd", weights, value), weights


def attention_by_query(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> list[Tensor]:
    if query.ndim > 2:
        masks = [None] * len(query) if mask is None else mask.expand(*query.shape[:-1], key.shape[-2])
        parts = [attention_by_query(*one) for one in zip(query, key, value, masks, strict=True)]
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


def attention_by_torch(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Pair:
    """Read the weights off as what a query gets of the identity."""
    identity = torch.eye(key.shape[-2]).expand(*key.shape[:-1], key.shape[-2])
    attend = functional.scaled_dot_product_attention
    return attend(query, key, value, mask), attend(query, key, identity, mask)


def attention_by_weights(weigh: Callable[[Tensor, Tensor], Tensor]) -> Attend:
    """Attention whose weights follow from scaled scores and mask by another rule."""

    def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Pair:
        scores = query @ key.mT / key.shape[-1] ** 0.5
        weights = weigh(scores, torch.ones_like(scores, dtype=torch.bool) if mask is None else mask)
        return weights @ value, weights

    return attend


def masked_after_and_divided(scores: Tensor, mask: Tensor) -> Tensor:
    weights = scores.softmax(dim=-1) * mask
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)


def masked_by_adding(scores: Tensor, mask: Tensor) -> Tensor:
    penalties = torch.zeros(mask.shape).masked_fill(~mask, -LARGE)
    return (scores + penalties).softmax(dim=-1) * mask


def attention_by_scaled_queries(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Pair:
    scores = (query * query.shape[-1] ** -0.5) @ key.mT.contiguous()
    if mask is not None:
        scores.masked_fill_(mask.logical_not(), -math.inf)
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = torch.where(mask.any(dim=-1, keepdim=True), weights, torch.zeros(()))
    return weights @ value, weights


def attention_in_single_precision(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Pair:
    return attention.scaled_dot_product_attention(query.float(), key.float(), value.float(), mask)


RIGHT_ANSWERS = {
    "attention_scores": (
        attention_scores_by_einsum,
        attention_scores_by_broadcasting,
        attention_scores_by_key,
        attention_scores_in_another_layout,
        attention_scores_in_single_precision,
    ),
    "causal_mask": (
        causal_mask_by_comparison,
        causal_mask_by_loops,
        causal_mask_by_integers,
        causal_mask_by_adding_up,
    ),
    "attention_cost": (attention_cost_by_product, attention_cost_by_factors),
    "scaled_dot_product_attention": (
        attention.scaled_dot_product_attention,
        attention_by_einsum,
        attention_by_query,
        attention_by_torch,
        attention_by_weights(masked_after_and_divided),
        attention_by_weights(masked_by_adding),
        attention_by_scaled_queries,
        attention_in_single_precision,
    ),
}
