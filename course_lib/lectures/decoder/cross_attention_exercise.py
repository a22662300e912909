"""The exercise of lecture 11 on the decoder's reading of the encoder's output."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional
from torch.nn.functional import linear

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models.attention import causal_mask, scaled_dot_product_attention


def cross_attention(
    x: Float[Tensor, "batch steps d_model"],
    memory: Float[Tensor, "batch source d_model"],
    weight_query: Float[Tensor, "d_model d_model"],
    weight_key: Float[Tensor, "d_model d_model"],
    weight_value: Float[Tensor, "d_model d_model"],
    weight_output: Float[Tensor, "d_model d_model"],
    mask: Bool[Tensor, "batch source"] | None = None,
) -> Float[Tensor, "batch steps d_model"]:
    """Let every step of the decoder read the encoder's output, where the mask is true; one head, no biases.

    All four matrices are the decoder's; their rows belong to their outputs, as in `torch.nn.Linear`.
    """
    query, key, value = linear(x, weight_query), linear(memory, weight_key), linear(memory, weight_value)
    read, _ = scaled_dot_product_attention(query, key, value, None if mask is None else mask[:, None])
    return linear(read, weight_output)


def _case(equal: bool = False, padded: bool = False) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Any, ...]:
        steps, source, d_model = draw.unequal(generator, 3, 4, 7)
        batch, source = draw.whole(generator, 2, 3), steps if equal else source
        weights = [draw.normal(generator, d_model, d_model) / d_model**0.5 for _ in range(4)]
        x = draw.normal(generator, batch, steps, d_model)
        memory = draw.normal(generator, batch, source, d_model)
        lengths = source - 1 - torch.arange(batch)  # of three rows at least one token stays
        return x, memory, *weights, torch.arange(source) < lengths[:, None] if padded else None

    return draw_case


def _attend(
    x: Tensor,
    memory: Tensor,
    weight_query: Tensor,
    weight_key: Tensor,
    weight_value: Tensor,
    weight_output: Tensor,
    mask: Tensor | None = None,
    *,
    sources: str = "xmm",
    projected: str = "qkvo",
    factor: Callable[[int], float] = lambda d_model: d_model**-0.5,
    over: int = -1,
    hides: Callable[[Tensor], Tensor] = torch.logical_not,
    is_causal: bool = False,
) -> Tensor:
    """Cross-attention with other sources of query, key and value, some unprojected, another scale or mask.

    Where sizes do not fit, a learner's function would raise; this one returns an empty tensor.
    """

    def project(name: str, vectors: Tensor, weight: Tensor) -> Tensor:
        return linear(vectors, weight) if name in projected else vectors

    given = {"x": x, "m": memory}
    query, key, value = (
        project(name, given[source], weight)
        for name, source, weight in zip("qkv", sources, (weight_query, weight_key, weight_value), strict=True)
    )
    if key.shape[1] != value.shape[1] or (mask is not None and mask.shape[1] != key.shape[1]):
        return torch.empty(0)
    scores = query @ key.mT * factor(x.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(hides(mask)[:, None], -math.inf)
    if is_causal:
        seen = causal_mask(max(scores.shape[1:]))[: scores.shape[1], : scores.shape[2]]
        scores = scores.masked_fill(~seen, -math.inf)
    return project("o", scores.softmax(dim=over) @ value, weight_output)


def _with_weights(change: Callable[..., tuple[Tensor, ...]]) -> Callable[..., Tensor]:
    """Cross-attention with the four matrices changed."""
    return lambda x, memory, *weights_and_mask: cross_attention(
        x, memory, *change(*weights_and_mask[:4]), mask=weights_and_mask[4]
    )


def _hidden_after_the_softmax(
    x: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor | None = None
) -> Tensor:
    query, key, value = linear(x, w_q), linear(memory, w_k), linear(memory, w_v)
    weights = (query @ key.mT / math.sqrt(len(w_q))).softmax(dim=-1)
    return linear(weights @ value if mask is None else (weights * mask[:, None]) @ value, w_o)


def _by_einsum(
    x: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor | None = None
) -> Tensor:
    query = torch.einsum("btm,dm->btd", x, w_q)
    key, value = (torch.einsum("bsm,dm->bsd", memory, weight) for weight in (w_k, w_v))
    scores = torch.einsum("btd,bsd->bts", query, key) / math.sqrt(len(w_q))
    if mask is not None:
        scores = torch.where(mask[:, None, :], scores, -1e30)
    return torch.einsum("bts,bsd,md->btm", scores.softmax(dim=2), value, w_o)


def _sequence_by_sequence(
    x: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor | None = None
) -> Tensor:
    results = []
    for row in range(len(x)):
        tokens = memory[row] if mask is None else memory[row][mask[row]]  # the others left out, not hidden
        scores = x[row] @ w_q.T @ (tokens @ w_k.T).T / x.shape[2] ** 0.5
        results.append(torch.softmax(scores, dim=1) @ tokens @ w_v.T @ w_o.T)
    return torch.stack(results)


def _by_torch(
    x: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor | None = None
) -> Tensor:
    query, key, value = x @ w_q.mT, memory @ w_k.mT, memory @ w_v.mT
    mask = None if mask is None else mask.unsqueeze(1)
    return functional.scaled_dot_product_attention(query, key, value, mask) @ w_o.mT


def _in_single_precision(*arguments: Tensor | None) -> Tensor:
    *vectors, mask = arguments
    return cross_attention(*(part.float() for part in vectors if part is not None), mask=mask)


EXERCISE = Exercise(
    reference=cross_attention,
    cases={
        "source and target of unequal length": _case(),
        "source and target of one length": _case(equal=True),
        "a padded source": _case(padded=True),
    },
    mistakes=(
        Mistake(
            "the decoder reads itself",
            partial(_attend, sources="xxx"),
            "That is self-attention. Keys and values are made of `memory`, the encoder's output.",
        ),
        Mistake(
            "the keys are made of the decoder's vectors",
            partial(_attend, sources="xxm"),
            "A key belongs to what can be read: make keys of `memory`, as the values.",
        ),
        Mistake(
            "the values are made of the decoder's vectors",
            partial(_attend, sources="xmx"),
            "What is read comes from the encoder: make values of `memory`, as the keys.",
        ),
        Mistake(
            "the encoder asks and the decoder is read",
            partial(_attend, sources="mxx"),
            "The decoder asks: queries are made of `x`, keys and values of `memory`.",
        ),
        Mistake(
            "the encoder's output is used as keys and values as it is",
            partial(_attend, projected="qo"),
            "The encoder hands over neither keys nor values: the decoder makes both of `memory`, by "
            "`weight_key` and `weight_value`.",
        ),
        Mistake(
            "the encoder's output is used as keys as it is",
            partial(_attend, projected="qvo"),
            "The decoder makes the keys itself, by `weight_key`.",
        ),
        Mistake(
            "the encoder's output is used as values as it is",
            partial(_attend, projected="qko"),
            "The decoder makes the values itself, by `weight_value`.",
        ),
        Mistake(
            "the decoder's vectors are used as queries as they are",
            partial(_attend, projected="kvo"),
            "The queries are made of `x` by `weight_query`.",
        ),
        Mistake(
            "no query, key or value is projected",
            partial(_attend, projected="o"),
            "Queries are made by `weight_query`, keys by `weight_key`, values by `weight_value`.",
        ),
        Mistake(
            "the output weights are left out",
            partial(_attend, projected="qkv"),
            "At the end `weight_output` multiplies what each step has read.",
        ),
        Mistake(
            "keys are made by the matrix of values, and values by that of keys",
            _with_weights(lambda w_q, w_k, w_v, w_o: (w_q, w_v, w_k, w_o)),
            "`weight_key` makes what is compared with the queries, `weight_value` what is read.",
        ),
        Mistake(
            "the matrices are used transposed",
            _with_weights(lambda *weights: tuple(weight.mT for weight in weights)),
            "As in `torch.nn.Linear` rows belong to outputs: `x @ weight.mT`, or `linear(x, weight)`.",
        ),
        Mistake(
            "the mask is ignored",
            partial(_attend, hides=torch.zeros_like),
            "Where the mask is false the source has no token: set those scores to minus infinity.",
        ),
        Mistake(
            "the mask comes after the softmax",
            _hidden_after_the_softmax,
            "Then the weights that are left add up to less than 1: hide the scores, before the softmax.",
        ),
        Mistake(
            "the mask hides where it is true",
            partial(_attend, hides=torch.clone),
            "True marks a token: fill the scores where it is false, `~mask[:, None]`.",
        ),
        Mistake(
            "the decoder's causal mask is applied to the source",
            partial(_attend, is_causal=True),
            "The source is known from the start, so every step may read all of it.",
        ),
        Mistake(
            "the scores are not scaled",
            partial(_attend, factor=lambda _d_model: 1.0),
            "Divide the scores by the root of d_model, the size of query and key.",
        ),
        Mistake(
            "the scores are divided by d_model",
            partial(_attend, factor=lambda d_model: 1 / d_model),
            "Divide by the root of d_model.",
        ),
        Mistake(
            "the softmax is taken over the steps of the decoder",
            partial(_attend, over=-2),
            "Each step shares out 1 among the tokens of the source: `dim=-1`.",
        ),
        Mistake(
            "what has been read is added to the decoder's vectors already",
            lambda x, *others: x + cross_attention(x, *others),
            "The residual connection stands outside of the attention: return only what has been read.",
        ),
    ),
    hints=(
        "Who asks, and who is read? Of which of the two inputs is the query made, of which the key and the "
        "value? And how many rows has the result?",
        "One matrix each: query from `x`, key and value from `memory`. The scores have shape (batch, steps, "
        "source), so the mask needs an axis for the steps: `mask[:, None]`.",
        "`scores = query @ key.mT / d_model**0.5`; `scores.masked_fill(~mask[:, None], -torch.inf)` if there "
        "is a mask; softmax over dim=-1; times value; `linear` with `weight_output`.",
    ),
    points=4,
    difficulty=2,
    minutes=15,
    variants=(_by_einsum, _sequence_by_sequence, _by_torch, _in_single_precision),
    differentiable=True,
)
