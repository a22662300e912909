"""Other right answers to the exercises of lecture 08, which the check must accept."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.functional import linear

from course_lib.models import attention

Layer = Callable[[Tensor], Tensor]


def split_heads_by_chunks(x: Tensor, heads: int) -> Tensor:
    return torch.stack(x.chunk(heads, dim=-1), dim=1)


def split_heads_by_head(x: Tensor, heads: int) -> Tensor:
    batch, steps, d_model = x.shape
    size = d_model // heads
    parts = torch.empty(batch, heads, steps, size, dtype=x.dtype)
    for head in range(heads):
        parts[:, head] = x[:, :, head * size : (head + 1) * size]
    return parts


def split_heads_by_permuting(x: Tensor, heads: int) -> Tensor:
    return x.unflatten(-1, (heads, -1)).permute(0, 2, 1, 3).contiguous()


def split_heads_in_single_precision(x: Tensor, heads: int) -> Tensor:
    return attention.split_heads(x.float(), heads)


def merge_heads_by_concatenation(x: Tensor) -> Tensor:
    return torch.cat(x.unbind(dim=1), dim=-1)


def merge_heads_by_reshaping(x: Tensor) -> Tensor:
    batch, heads, steps, size = x.shape
    return x.permute(0, 2, 1, 3).reshape(batch, steps, heads * size)


def merge_heads_by_step(x: Tensor) -> Tensor:
    return torch.stack([x[:, :, step].reshape(len(x), -1) for step in range(x.shape[2])], dim=1)


def merge_heads_in_single_precision(x: Tensor) -> Tensor:
    return attention.merge_heads(x.float())


def multi_head_attention_by_head(
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
        read.append(attention.scaled_dot_product_attention(query, key, value, mask)[0])
    return torch.cat(read, dim=-1) @ weight_output.T


def multi_head_attention_by_einsum(
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


def multi_head_attention_by_torch(x: Tensor, *arguments: Any) -> Tensor:
    *weights, weight_output, heads, mask = arguments
    query, key, value = linear(x, torch.cat(weights)).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
    read = functional.scaled_dot_product_attention(query, key, value, mask)
    return linear(read.transpose(1, 2).reshape(x.shape), weight_output)


def multi_head_attention_by_sum(x: Tensor, *arguments: Any) -> Tensor:
    """Apply to each head its columns of the output weights, and add up."""
    *weights, weight_output, heads, mask = arguments
    query, key, value = (linear(x, w).chunk(heads, dim=-1) for w in weights)
    total = torch.zeros_like(x)
    for *parts, columns in zip(query, key, value, weight_output.chunk(heads, dim=1), strict=True):
        total = total + attention.scaled_dot_product_attention(*parts, mask=mask)[0] @ columns.T
    return total


def multi_head_attention_in_single_precision(*arguments: Any) -> Tensor:
    *tensors, heads, mask = arguments
    return attention.multi_head_attention(*(tensor.float() for tensor in tensors), heads=heads, mask=mask)


def equivariance_error_by_undoing_the_order(layer: Layer, x: Tensor, order: Tensor) -> Tensor:
    return (layer(x[:, order])[:, order.argsort()] - layer(x)).abs().max()


def equivariance_error_token_by_token(layer: Layer, x: Tensor, order: Tensor) -> float:
    before, after = layer(x), layer(x.index_select(1, order))
    places = enumerate(order.tolist())
    return max(float((after[:, new] - before[:, old]).abs().max()) for new, old in places)


def equivariance_error_by_infinity_norm(layer: Layer, x: Tensor, order: Tensor) -> float:
    return torch.dist(layer(x[:, order]), layer(x)[:, order], p=torch.inf).item()


def equivariance_error_by_gathering(layer: Layer, x: Tensor, order: Tensor) -> float:
    def reordered(tokens: Tensor) -> Tensor:
        return tokens.gather(1, order[None, :, None].expand_as(tokens))

    error = reordered(layer(x)) - layer(reordered(x))
    return max(error.max().item(), -error.min().item())


def equivariance_error_by_filling_a_tensor(layer: Layer, x: Tensor, order: Tensor) -> float:
    shuffled = x.clone()
    shuffled[:] = x[:, order]
    return torch.amax(torch.abs(layer(x)[:, order] - layer(shuffled)), dim=(0, 1, 2)).item()


RIGHT_ANSWERS = {
    "split_heads": (
        split_heads_by_chunks,
        split_heads_by_head,
        split_heads_by_permuting,
        split_heads_in_single_precision,
    ),
    "merge_heads": (
        merge_heads_by_concatenation,
        merge_heads_by_reshaping,
        merge_heads_by_step,
        merge_heads_in_single_precision,
    ),
    "multi_head_attention": (
        attention.multi_head_attention,
        multi_head_attention_by_head,
        multi_head_attention_by_einsum,
        multi_head_attention_by_torch,
        multi_head_attention_by_sum,
        multi_head_attention_in_single_precision,
    ),
    "equivariance_error": (
        equivariance_error_by_undoing_the_order,
        equivariance_error_token_by_token,
        equivariance_error_by_infinity_norm,
        equivariance_error_by_gathering,
        equivariance_error_by_filling_a_tensor,
    ),
}
