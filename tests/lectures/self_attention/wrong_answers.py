"""Natural answers to the exercises of lecture 07 that only an edge of the cases refuses."""

import torch
from torch import Tensor

from course_lib.exercises.exercise import Function

Pair = tuple[Tensor, Tensor]


def scores_without_axes_of_one(query: Tensor, key: Tensor) -> Tensor:
    return (query @ key.mT).squeeze()


def scores_of_at_most_three_axes(query: Tensor, key: Tensor) -> Tensor:
    return query @ key.T if query.ndim == 2 else torch.bmm(query, key.transpose(1, 2))


def scores_of_one_axis_in_front(query: Tensor, key: Tensor) -> Tensor:
    queries, keys = query.flatten(0, -3), key.flatten(0, -3)
    return torch.stack([one @ other.T for one, other in zip(queries, keys, strict=True)])


def scores_without_gradients(query: Tensor, key: Tensor) -> Tensor:
    return query @ key.mT.detach()


def mask_without_axes_of_one(steps: int) -> Tensor:
    return torch.ones(steps, steps, dtype=torch.bool).tril().squeeze()


def mask_of_a_short_window(steps: int) -> Tensor:
    return torch.ones(steps, steps, dtype=torch.bool).tril().triu(-9)


def cost_of_two_tokens_or_more(steps: int, d_model: int) -> int:
    return 3 * steps * d_model**2 + (2 * steps**2 * d_model if steps > 1 else 0)


def cost_in_single_precision(steps: int, d_model: int) -> int:
    sizes = torch.tensor([3 * steps * d_model**2, 2 * steps**2 * d_model], dtype=torch.float32)
    return int(sizes.sum())


def cost_with_overflow(steps: int, d_model: int) -> int:
    length, size = torch.tensor([steps, d_model], dtype=torch.int32)
    return int(3 * length * size**2 + 2 * length**2 * size)


def attention(query: Tensor, key: Tensor, value: Tensor, hidden: Tensor | None, least: float = 0) -> Pair:
    scores = query @ key.mT / key.shape[-1] ** 0.5
    if hidden is not None:
        scores = scores.masked_fill(hidden, -torch.inf)
    exponentials = scores.exp()
    weights = exponentials / (exponentials.sum(dim=-1, keepdim=True) + least)
    if hidden is not None:
        weights = weights.masked_fill(hidden, 0.0)
    return weights @ value, weights


def attention_with_a_small_number_added(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Pair:
    return attention(query, key, value, None if mask is None else ~mask, least=1e-5)


def attention_that_hides_scores_of_zero(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Pair:
    kept = query @ key.mT * (1 if mask is None else mask)
    return attention(query, key, value, None if mask is None else kept == 0)


def attention_without_axes_of_one(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Pair:
    output, weights = attention(query, key, value, None if mask is None else ~mask)
    return output.squeeze(), weights.squeeze()


def attention_by_the_first_mask(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Pair:
    if mask is not None and mask.ndim == 3:
        mask = mask[0]
    return attention(query, key, value, None if mask is None else ~mask)


def attention_without_gradients_of_weights(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Pair:
    output, weights = attention(query, key, value, None if mask is None else ~mask, least=1e-300)
    return output, weights.detach()


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("attention_scores", scores_without_axes_of_one),
    ("attention_scores", scores_of_at_most_three_axes),
    ("attention_scores", scores_of_one_axis_in_front),
    ("attention_scores", scores_without_gradients),
    ("causal_mask", mask_without_axes_of_one),
    ("causal_mask", mask_of_a_short_window),
    ("attention_cost", cost_of_two_tokens_or_more),
    ("attention_cost", cost_in_single_precision),
    ("attention_cost", cost_with_overflow),
    ("scaled_dot_product_attention", attention_with_a_small_number_added),
    ("scaled_dot_product_attention", attention_that_hides_scores_of_zero),
    ("scaled_dot_product_attention", attention_without_axes_of_one),
    ("scaled_dot_product_attention", attention_by_the_first_mask),
    ("scaled_dot_product_attention", attention_without_gradients_of_weights),
)
