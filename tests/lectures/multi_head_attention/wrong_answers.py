"""Natural answers to the exercises of lecture 08 that only an edge of the cases refuses."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises.exercise import Function
from course_lib.models import attention

Layer = Callable[[Tensor], Tensor]


def parts_without_axes_of_one(x: Tensor, heads: int) -> Tensor:
    return attention.split_heads(x, heads).squeeze()


def parts_without_numbers_of_one(x: Tensor, heads: int) -> Tensor:
    return attention.split_heads(x, heads).squeeze(-1)


def parts_of_vectors_in_order(x: Tensor, heads: int) -> Tensor:
    batch, steps, d_model = x.shape
    parts = x.view(batch * steps, heads, d_model // heads)
    return parts.view(batch, steps, heads, -1).transpose(1, 2)


def parts_without_gradients(x: Tensor, heads: int) -> Tensor:
    return attention.split_heads(x.detach(), heads)


def merged_without_axes_of_one(x: Tensor) -> Tensor:
    return attention.merge_heads(x).squeeze()


def merged_by_view(x: Tensor) -> Tensor:
    batch, heads, steps, size = x.shape
    return x.transpose(1, 2).view(batch, steps, heads * size)


def merged_without_gradients(x: Tensor) -> Tensor:
    return torch.tensor(attention.merge_heads(x).tolist())


def attend(x: Tensor, *arguments: Any, hidden: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    *weights, weight_output, heads, mask = arguments
    query, key, value = (attention.split_heads(x @ weight.T, heads) for weight in weights)
    scores = query @ key.mT / query.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(hidden(scores, mask), -torch.inf)
    return attention.merge_heads(scores.softmax(dim=-1) @ value) @ weight_output.T


def multi_head_without_axes_of_one(x: Tensor, *arguments: Any) -> Tensor:
    return attend(x, *arguments, hidden=lambda _, mask: ~mask).squeeze()


def multi_head_that_hides_scores_of_zero(x: Tensor, *arguments: Any) -> Tensor:
    return attend(x, *arguments, hidden=lambda scores, mask: scores * mask == 0)


def multi_head_that_reads_itself(x: Tensor, *arguments: Any) -> Tensor:
    return attend(x, *arguments, hidden=lambda _, mask: ~(mask | torch.eye(len(mask), dtype=torch.bool)))


def multi_head_without_gradients_of_a_matrix(x: Tensor, *arguments: Any) -> Tensor:
    query, key, value, output, heads, mask = arguments
    return attention.multi_head_attention(x, query, key, value, output.detach(), heads, mask)


def error_of_moved_tokens(layer: Layer, x: Tensor, order: Tensor) -> Tensor:
    moved = order != torch.arange(len(order))
    return (layer(x[:, order]) - layer(x)[:, order])[:, moved].abs().max()


def error_of_the_first_sequence(layer: Layer, x: Tensor, order: Tensor) -> Tensor:
    return (layer(x[:, order]) - layer(x)[:, order])[0].abs().max()


def error_with_a_small_number_added(layer: Layer, x: Tensor, order: Tensor) -> Tensor:
    return (layer(x[:, order]) - layer(x)[:, order]).square().add(1e-10).sqrt().max()


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("split_heads", parts_without_axes_of_one),
    ("split_heads", parts_without_numbers_of_one),
    ("split_heads", parts_of_vectors_in_order),
    ("split_heads", parts_without_gradients),
    ("merge_heads", merged_without_axes_of_one),
    ("merge_heads", merged_by_view),
    ("merge_heads", merged_without_gradients),
    ("multi_head_attention", multi_head_without_axes_of_one),
    ("multi_head_attention", multi_head_that_hides_scores_of_zero),
    ("multi_head_attention", multi_head_that_reads_itself),
    ("multi_head_attention", multi_head_without_gradients_of_a_matrix),
    ("equivariance_error", error_of_moved_tokens),
    ("equivariance_error", error_of_the_first_sequence),
    ("equivariance_error", error_with_a_small_number_added),
)
