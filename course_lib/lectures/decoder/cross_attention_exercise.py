"""The exercise of lecture 11 on the decoder's reading of the encoder's output."""

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase


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
    query = x @ weight_query.T
    key = memory @ weight_key.T
    value = memory @ weight_value.T
    scores = query @ key.mT / x.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None], -torch.inf)
    weights = scores.softmax(dim=-1)
    return weights @ value @ weight_output.T


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


def _as_many(x: Tensor, memory: Tensor) -> Tensor:
    """Cut or repeat x to the memory's length: a mistake must return something where learners' code raises."""
    return x[:, torch.arange(memory.shape[1]) % x.shape[1]]


MISTAKES = """
    the decoder reads itself
        memory -> x
        scores = scores.masked_fill(~mask[:, None], -torch.inf) -> pass
    That is self-attention. Keys and values are made of `memory`, the encoder's output.

    the keys are made from the decoder's vectors
        memory @ weight_key -> as_many(x, memory) @ weight_key
    A key belongs to what can be read: make keys from `memory`, like the values.

    the values are made from the decoder's vectors
        memory @ weight_value -> as_many(x, memory) @ weight_value
    What is read comes from the encoder: make values from `memory`, like the keys.

    the encoder asks and the decoder is read
        x -> memory
        memory -> x
        scores = scores.masked_fill(~mask[:, None], -torch.inf) -> pass
    The decoder asks: queries are made of `x`, keys and values of `memory`.

    the encoder's output is used as keys and values as it is
        memory @ weight_key.T -> memory
        memory @ weight_value.T -> memory
    The encoder gives neither keys nor values: the decoder makes both of `memory`, by `weight_key` and
    `weight_value`.

    the encoder's output is used as keys as it is
        memory @ weight_key.T -> memory
    The decoder makes the keys itself, by `weight_key`.

    the encoder's output is used as values as it is
        memory @ weight_value.T -> memory
    The decoder makes the values itself, by `weight_value`.

    the decoder's vectors are used as queries as they are
        x @ weight_query.T -> x
    The queries are made of `x` by `weight_query`.

    no query, key or value is projected
        x @ weight_query.T -> x
        memory @ weight_key.T -> memory
        memory @ weight_value.T -> memory
    Queries are made by `weight_query`, keys by `weight_key`, values by `weight_value`.

    the output weights are left out
        @ weight_output.T ->
    At the end `weight_output` multiplies what each step has read.

    keys are made by the matrix of values, and values by that of keys
        weight_key -> weight_value
        weight_value -> weight_key
    `weight_key` makes what is compared with the queries, `weight_value` what is read.

    the matrices are used without being transposed
        .T ->
    As in `torch.nn.Linear` rows belong to outputs: `x @ weight.T`, or `linear(x, weight)`.

    the mask is ignored
        scores = scores.masked_fill(~mask[:, None], -torch.inf) -> pass
    Where the mask is false the source has no token: set those scores to minus infinity.

    the mask comes after the softmax
        scores = scores.masked_fill(~mask[:, None], -torch.inf) -> pass
        scores.softmax(dim=-1) -> scores.softmax(dim=-1) * (1 if mask is None else mask[:, None])
    Then the weights that are left add up to less than 1: hide the scores, before the softmax.

    the mask hides where it is true
        ~mask -> mask
    True marks a token: fill the scores where it is false, `~mask[:, None]`.

    the decoder's causal mask is applied to the source
        scores.softmax(dim=-1) -> (scores + torch.full_like(scores, -torch.inf).triu(1)).softmax(dim=-1)
    The source is known from the start, so every step may read all of it.

    the scores are not scaled
        / x.shape[-1] ** 0.5 ->
    Divide the scores by the root of d_model, the size of query and key.

    the scores are divided by d_model
        ** 0.5 ->
    Divide by the root of d_model.

    the softmax is taken over the steps of the decoder
        dim=-1 -> dim=-2
    Each step shares out 1 among the tokens of the source: `dim=-1`.

    what has been read is already added to the decoder's vectors
        return weights -> return x + weights
    The residual connection comes outside the attention: return only what has been read.
"""

EXERCISE = Exercise(
    reference=cross_attention,
    cases={
        "source and target of unequal length": _case(),
        "source and target of one length": _case(equal=True),
        "a padded source": _case(padded=True),
    },
    mistakes=mistakes(cross_attention, MISTAKES, as_many=_as_many),
    hints=(
        "Who asks, and who is read? Which of the two inputs is the query made of, and which the key and the "
        "value? And how many rows does the result have?",
        "One matrix each: query from `x`, key and value from `memory`. The scores have shape (batch, steps, "
        "source), so the mask needs an axis for the steps: `mask[:, None]`.",
        "`scores = query @ key.mT / d_model**0.5`; `scores.masked_fill(~mask[:, None], -torch.inf)` if there "
        "is a mask; softmax over dim=-1; times value; times `weight_output.T`.",
    ),
    points=4,
    difficulty=2,
    minutes=15,
    differentiable=True,
)
