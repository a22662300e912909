"""Attention: every token reads from all tokens at once, each as much as their query and key agree."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import linear

from course_lib.models.positions import rotate

Mask = Bool[Tensor, "*#batch #query #key"]
"""True where a query may read a key."""
Scale = float | Float[Tensor, "*#batch #query 1"]
"""What scores are multiplied by: one number, or one for each query."""


def attention_scores(
    query: Float[Tensor, "*batch query d_k"], key: Float[Tensor, "*batch key d_k"]
) -> Float[Tensor, "*batch query key"]:
    """Return the dot product of every query with every key."""
    return query @ key.transpose(-2, -1)


def causal_mask(steps: int) -> Bool[Tensor, "steps steps"]:
    """Return a mask by which each step reads itself and the steps before it."""
    return torch.ones(steps, steps, dtype=torch.bool).tril()


def scaled_dot_product_attention(
    query: Float[Tensor, "*batch query d_k"],
    key: Float[Tensor, "*batch key d_k"],
    value: Float[Tensor, "*batch key d_v"],
    mask: Mask | None = None,
    scale: Scale | None = None,
) -> tuple[Float[Tensor, "*batch query d_v"], Float[Tensor, "*batch query key"]]:
    """Return what each query reads, a weighted sum of the values, and the weights. Vaswani et al. 2017.

    Args:
        query: what each reading token looks for.
        key: what each token is found by.
        value: what each token has to give.
        mask: true where a query may read a key; a query that may read none has weights and output 0. NaN in
            a key or value that is hidden is not kept out of the result.
        scale: what the scores are multiplied by, 1/sqrt(d_k) by default; 0 makes equal weights.

    Raises:
        ValueError: the mask is not of booleans, or of another shape than the scores.
    """
    if scale is None:
        scale = key.shape[-1] ** -0.5
    scores = attention_scores(query * scale, key)  # the scaled scores, but there are fewer queries to scale
    if mask is not None:
        _check_mask(mask, scores)
        scores = scores.masked_fill(~mask, -torch.inf)  # also keeps a row's nan out of the gradients
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)  # of a query that may read nothing they are nan
    return weights @ value, weights


def attention_cost(steps: int, d_model: int) -> int:
    """Return the multiply-adds of one self-attention over a sequence; query, key and value have size d_model.

    Three products make query, key and value; the scores and the weighted sum take one product of each pair
    of tokens. Scaling and softmax are not counted.
    """
    return 3 * steps * d_model**2 + 2 * steps**2 * d_model


def split_heads(x: Float[Tensor, "batch steps d_model"], heads: int) -> Float[Tensor, "batch heads steps d"]:
    """Give each head its share of every vector: the first the first d = d_model / heads numbers, and so on.

    Raises ValueError if the vectors can't be divided by the number of heads.
    """
    batch, steps, d_model = x.shape
    if heads < 1 or d_model % heads:
        raise ValueError(f"{d_model} numbers can't be divided among {heads} heads")
    return x.view(batch, steps, heads, d_model // heads).transpose(1, 2)


def merge_heads(x: Float[Tensor, "batch heads steps d"]) -> Float[Tensor, "batch steps heads*d"]:
    """Put the heads' vectors of each step side by side again; undoes `split_heads`."""
    return x.transpose(1, 2).flatten(start_dim=2)


def multi_head_attention(
    x: Float[Tensor, "batch steps d_model"],
    weight_query: Float[Tensor, "d_model d_model"],
    weight_key: Float[Tensor, "d_model d_model"],
    weight_value: Float[Tensor, "d_model d_model"],
    weight_output: Float[Tensor, "d_model d_model"],
    heads: int,
    mask: Bool[Tensor, "steps steps"] | None = None,
) -> Float[Tensor, "batch steps d_model"]:
    """Return the self-attention of several heads, brought together by the output weights, without biases.

    As `torch.nn.Linear`, a weight matrix multiplies from the left: its rows belong to its outputs.
    """
    query, key, value = (
        split_heads(linear(x, weight), heads) for weight in (weight_query, weight_key, weight_value)
    )
    output, _ = scaled_dot_product_attention(query, key, value, mask)
    return linear(merge_heads(output), weight_output)


def equivariance_error(
    layer: Callable[[Float[Tensor, "batch steps d"]], Float[Tensor, "batch steps d"]],
    x: Float[Tensor, "batch steps d"],
    order: Int[Tensor, "steps"],
) -> float:
    """Return how far the outputs of reordered tokens are, at most, from the reordered outputs.

    A layer for which it is 0, but for rounding, for all tokens and orders does not know where its tokens
    stand: it is called equivariant to their order.
    """
    return (layer(x[:, order]) - layer(x)[:, order]).abs().max().item()


class Past(NamedTuple):
    """Keys and values of tokens that were read before: what a cache keeps of an attention."""

    key: Float[Tensor, "batch heads key d_k"]
    value: Float[Tensor, "batch heads key d_v"]

    def pick(self, rows: Int[Tensor, "rows"]) -> "Past":
        """Return the same of some rows of the batch, in their order."""
        return Past(self.key[rows], self.value[rows])


@dataclass(frozen=True)
class Attended:
    """What an attention computed in one forward pass; of several heads all but `output` have a head axis.

    Attributes:
        output: what each token has read.
        weights: how much of each value it took: numbers from 0 that add up to 1, or to 0 if it may read none.
        query: the queries.
        key: the keys.
        value: the values.
    """

    output: Float[Tensor, "batch query d_out"]
    weights: Float[Tensor, "batch *heads query key"]
    query: Float[Tensor, "batch *heads query d_k"]
    key: Float[Tensor, "batch *heads key d_k"]
    value: Float[Tensor, "batch *heads key d_v"]

    @property
    def past(self) -> Past:
        """What later tokens need of these ones."""
        return Past(self.key, self.value)


class SelfAttention(nn.Module):
    """One head: query, key and value of every token by a matrix each, without biases."""

    def __init__(self, d_model: int, d_k: int, d_v: int, generator: torch.Generator | None = None):
        """Draw the matrices with variance 1/d_model: queries, keys and values vary as the inputs do."""
        super().__init__()
        self.d_model, self.d_out = d_model, d_v
        self.weight_query, self.weight_key, self.weight_value = (
            nn.Parameter(torch.randn(rows, d_model, generator=generator) * d_model**-0.5)
            for rows in (d_k, d_k, d_v)
        )

    def forward(
        self,
        x: Float[Tensor, "batch steps d_model"],
        mask: Mask | None = None,
        scale: Scale | None = None,
    ) -> Attended:
        """Let every token read all tokens, where the mask is true; `scale` as in the function."""
        query, key, value = (
            linear(x, weight) for weight in (self.weight_query, self.weight_key, self.weight_value)
        )
        return Attended(*scaled_dot_product_attention(query, key, value, mask, scale), query, key, value)


class MultiHeadAttention(nn.Module):
    """Several heads at once, as `torch.nn.MultiheadAttention` with `batch_first=True`.

    The matrices of query, key and value are blocks of rows in one matrix; a head's are rows within a block.
    """

    def __init__(
        self, d_model: int, heads: int, generator: torch.Generator | None = None, rotary: bool = False
    ):
        """Draw the weights uniformly, by the rule of Glorot and Bengio 2010; biases are 0.

        Args:
            d_model: size of the tokens' vectors.
            heads: how many heads share it.
            generator: what the weights are drawn from.
            rotary: turn queries and keys by their positions (see `positions.rotate`).

        Raises:
            ValueError: d_model can't be divided by the number of heads, or a head's size is odd and `rotary`.
        """
        super().__init__()
        if heads < 1 or d_model % heads:
            raise ValueError(f"{d_model} numbers can't be divided among {heads} heads")
        if rotary and d_model // heads % 2:
            raise ValueError("rotary positions turn pairs of numbers: a head's size must be even")
        self.d_model = self.d_out = d_model
        self.heads, self.rotary = heads, rotary
        self.weight_input = glorot(3 * d_model, d_model, generator)
        self.bias_input = nn.Parameter(torch.zeros(3 * d_model))
        self.weight_output = glorot(d_model, d_model, generator)
        self.bias_output = nn.Parameter(torch.zeros(d_model))

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        source: Float[Tensor, "batch source d_model"] | None = None,
        mask: Mask | None = None,
        removed: Collection[int] = (),
        past: Past | None = None,
    ) -> Attended:
        """Let every token of `x` read the tokens of `source`, and those before them.

        Args:
            x: what the queries are made of.
            source: what keys and values are made of; by default `x` itself (self-attention).
            mask: true where a query may read a key: (query, key) for all rows and heads alike; a mask (batch,
                query, key) is given as `mask[:, None]`, one of padding (batch, key) as `mask[:, None, None]`.
            removed: heads, counted from 0, whose output counts as zero.
            past: keys and values of earlier tokens, which stand in front of those of `source` and are read,
                too; the result has them all.

        Raises:
            ValueError: the mask is not of booleans or does not fit, or there is no such head.
        """
        if mask is not None and mask.ndim == 3:
            raise ValueError("give a mask (batch, query, key) with an axis for the heads: mask[:, None]")
        if unknown := set(removed) - set(range(self.heads)):
            raise ValueError(f"there is no head {min(unknown)}; they are counted from 0 to {self.heads - 1}")
        query, key, value = (split_heads(projected, self.heads) for projected in self._project(x, source))
        if self.rotary:
            start = 0 if past is None else past.key.shape[-2]
            query = rotate(query, start + torch.arange(query.shape[-2]))
            key = rotate(key, start + torch.arange(key.shape[-2]))
        if past is not None:
            key = torch.cat([past.key, key], dim=-2)
            value = torch.cat([past.value, value], dim=-2)
        read, weights = scaled_dot_product_attention(query, key, value, mask)
        if removed:
            kept = torch.tensor([head not in removed for head in range(self.heads)])
            read = read * kept[:, None, None]
        output = linear(merge_heads(read), self.weight_output, self.bias_output)
        return Attended(output, weights, query, key, value)

    def _project(self, x: Tensor, source: Tensor | None) -> tuple[Tensor, ...]:
        """Query, key and value of all heads side by side: in self-attention by one product."""
        if source is None:
            return linear(x, self.weight_input, self.bias_input).chunk(3, dim=-1)
        d_model = x.shape[-1]
        query = linear(x, self.weight_input[:d_model], self.bias_input[:d_model])
        return query, *linear(source, self.weight_input[d_model:], self.bias_input[d_model:]).chunk(2, dim=-1)


def from_torch(layer: nn.MultiheadAttention) -> MultiHeadAttention:
    """Copy the weights of a `torch.nn.MultiheadAttention`; its dropout is ignored.

    Raises ValueError if it has other sizes for key and value, no bias, or additional tokens.
    """
    if (
        layer.in_proj_weight is None
        or layer.in_proj_bias is None
        or layer.bias_k is not None
        or layer.add_zero_attn
    ):
        raise ValueError(
            "only a layer with one size, with biases and without additional tokens can be copied"
        )
    copy = MultiHeadAttention(layer.embed_dim, layer.num_heads).to(layer.in_proj_weight.dtype)
    copy.load_state_dict(
        {
            "weight_input": layer.in_proj_weight,
            "bias_input": layer.in_proj_bias,
            "weight_output": layer.out_proj.weight,
            "bias_output": layer.out_proj.bias,
        }
    )
    return copy


def _check_mask(mask: Tensor, scores: Tensor) -> None:
    if mask.dtype != torch.bool:
        raise ValueError("a mask is of booleans: True where a query may read a key")
    try:
        mask.expand_as(scores)
    except RuntimeError:
        shape, needed = tuple(mask.shape), tuple(scores.shape)
        raise ValueError(f"a mask of shape {shape} doesn't fit scores of shape {needed}") from None


def glorot(rows: int, columns: int, generator: torch.Generator | None) -> nn.Parameter:
    """Draw a matrix uniformly, by the rule of Glorot and Bengio 2010."""
    return nn.Parameter(nn.init.xavier_uniform_(torch.empty(rows, columns), generator=generator))
