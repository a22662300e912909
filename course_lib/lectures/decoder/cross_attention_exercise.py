"""The exercise of lecture 11 on the decoder's reading of the encoder's output."""

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


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


def _draw(
    generator: torch.Generator, batch: int, steps: int, source: int, d_model: int, mask: Tensor | None
) -> tuple[Any, ...]:
    weights = [draw.normal(generator, d_model, d_model) / d_model**0.5 for _ in range(4)]
    x = draw.normal(generator, batch, steps, d_model)
    return x, draw.normal(generator, batch, source, d_model), *weights, mask


def _unequal(generator: torch.Generator) -> tuple[Any, ...]:
    batch, (steps, source, d_model) = draw.whole(generator, 2, 3), draw.unequal(generator, 3, 4, 7)
    return _draw(generator, batch, steps, source, d_model, None)


def _equal(generator: torch.Generator) -> tuple[Any, ...]:
    steps, d_model = draw.unequal(generator, 2, 4, 7)
    return _draw(generator, draw.whole(generator, 2, 3), steps, steps, d_model, None)


def _padded(generator: torch.Generator) -> tuple[Any, ...]:
    batch, (steps, source, d_model) = draw.whole(generator, 2, 3), draw.unequal(generator, 3, 4, 7)
    lengths = source - 1 - torch.arange(batch)  # of three rows at least one token stays
    return _draw(generator, batch, steps, source, d_model, torch.arange(source) < lengths[:, None])


def _padded_in_front(generator: torch.Generator) -> tuple[Any, ...]:
    *sizes, mask = _padded(generator)
    return *sizes, mask.flip(dims=[1])


def _single_step(generator: torch.Generator) -> tuple[Any, ...]:
    source, d_model = draw.unequal(generator, 2, 4, 7)
    return _draw(generator, 1, 1, source, d_model, None)


MISTAKES = """
    the decoder reads itself
        memory -> x
    That is self-attention. Keys and values come from the encoder. If their length is another, the mask
    doesn't fit either.

    the keys are made from the decoder's vectors
        memory @ weight_key -> x @ weight_key
    A key belongs to what can be read: make keys from `memory`, like the values.

    the values are made from the decoder's vectors
        memory @ weight_value -> x @ weight_value
    What is read comes from the encoder: make values from `memory`, like the keys.

    the encoder asks and the decoder is read
        x -> memory
        memory -> x
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
    As in `torch.nn.Linear` rows belong to outputs: the matrix that stands on the right must be turned.

    the output weights are used without being transposed
        weight_output.T -> weight_output
    All four matrices are built alike: the rows of `weight_output` belong to its outputs, too.

    keys and values are made by the same matrix
        memory @ weight_value -> memory @ weight_key
    What a token is found by is not what is read from it: each of the two has a matrix.

    the keys are not transposed
        key.mT -> key
    The error names two sizes that don't fit. Each query is compared with each key along d_model: swap the
    last two axes of the keys.

    the batch of the keys is swapped with their steps
        key.mT -> key.transpose(0, 1)
    The batch stays in front. Swap the last two axes of the keys: source and d_model.

    the mask has no axis for the steps
        ~mask[:, None] -> ~mask
    The error names two sizes that don't fit: the scores have the axes (batch, steps, source), the mask has
    only two of them.

    the mask is laid along the steps
        ~mask[:, None] -> ~mask[:, :, None]
    What is hidden is what is read: the mask's second axis belongs to the source, the last axis of the scores.

    there is taken to be a mask always
        mask is not None -> True
    `mask` may be None, and there is no `~None`: then nothing has to be hidden.

    the mask is asked whether it is true
        mask is not None -> mask
    A tensor of many truth values is neither true nor false. Ask whether there is a mask at all.

    the hidden scores become 0
        -torch.inf -> 0.0
    A score of 0 still gets weight, since its exponential is 1. What gives the weight 0 is minus infinity.

    the scores are multiplied by the root of d_model
        / x.shape[-1] ** 0.5 -> * x.shape[-1] ** 0.5
    Scaling is to make the scores smaller, so that the softmax is not nearly all on one token: divide.

    the scores are divided by the root of the source's length
        x.shape[-1] -> memory.shape[1]
    A score is a sum of d_model products: it is this number whose root counts.

    the softmax is taken over the batch
        dim=-1 -> dim=0
    Each step shares out 1 among the tokens of its own source, which lie along the last axis.

    the mask is ignored
        scores = scores.masked_fill(~mask[:, None], -torch.inf) -> pass
    Where the mask is false the source has no token: no step may read there.

    the mask comes after the softmax
        scores = scores.masked_fill(~mask[:, None], -torch.inf) -> pass
        scores.softmax(dim=-1) -> scores.softmax(dim=-1) * (1 if mask is None else mask[:, None])
    Then the weights that are left add up to less than 1: hide the scores, before the softmax.

    the mask hides where it is true
        ~mask -> mask
    True marks a token: fill the scores where it is false.

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
    Each step shares out 1 among the tokens of the source: look for their axis in the scores.

    what has been read is already added to the decoder's vectors
        return weights -> return x + weights
    The residual connection comes outside the attention: return only what has been read.
"""

EXERCISE = Exercise(
    reference=cross_attention,
    cases={
        "source and target of unequal length": _unequal,
        "source and target of one length": _equal,
        "a padded source": _padded,
        "a source with padding in front": _padded_in_front,
        "a single step of a single sequence": _single_step,
    },
    mistakes=mistakes(cross_attention, MISTAKES),
    hints=(
        "Who asks, and who is read? Which of the two inputs is the query made of, and which the key and the "
        "value? And how many rows does the result have?",
        "One matrix each: query from `x`, key and value from `memory`. The scores have shape (batch, steps, "
        "source), so the mask needs an axis for the steps: `mask[:, None]`.",
        "`query @ key.mT` are the scores before scaling, and `scores.masked_fill(~mask[:, None], "
        "-torch.inf)` hides the padding if there is any. What happens to the weights that the softmax makes "
        "of them?",
    ),
    points=4,
    difficulty=2,
    minutes=15,
    differentiable=True,
    library="`course_lib.models.attention.MultiHeadAttention` does it with `source=memory` and several "
    "heads; so does `nn.MultiheadAttention(d, heads, bias=False, batch_first=True)`.",
)
