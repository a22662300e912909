"""The exercise of lecture 08 on multi-head attention."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase
from course_lib.models.attention import causal_mask, merge_heads, split_heads

MakeMask = Callable[[torch.Generator, int], Tensor | None]


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
    weights = (weight_query, weight_key, weight_value)
    query, key, value = (split_heads(x @ weight.T, heads) for weight in weights)
    scores = query @ key.mT / query.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    read = scores.softmax(dim=-1) @ value
    return merge_heads(read) @ weight_output.T


def _case(make_mask: MakeMask, heads: int | None = None) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Any, ...]:
        count, size = draw.unequal(generator, 2, 2, 4)
        count = count if heads is None else heads
        batch, steps = draw.unequal(generator, 2, 5, 7)
        d_model = count * size
        weights = [draw.normal(generator, d_model, d_model) / d_model**0.5 for _ in range(4)]
        x = draw.normal(generator, batch, steps, d_model)
        x[:, 1] = 0  # without biases all scores of this token are 0, and it is read all the same
        return x, *weights, count, make_mask(generator, steps)

    return draw_case


def _no_mask(_generator: torch.Generator, _steps: int) -> None:
    return None


def _causal(_generator: torch.Generator, steps: int) -> Tensor:
    return causal_mask(steps)


def _any_pairs(generator: torch.Generator, steps: int) -> Tensor:
    """A mask by which every step reads the next one, not itself, and others at random."""
    mask = draw.uniform(generator, 0, 1, steps, steps) < 0.5
    itself = torch.eye(steps, dtype=torch.bool)
    return (mask | itself.roll(1, dims=1)) & ~itself


def _one_step(generator: torch.Generator) -> tuple[Any, ...]:
    """One sequence of one step, and heads of one number each."""
    d_model = draw.whole(generator, 2, 4)
    weights = [draw.normal(generator, d_model, d_model) for _ in range(4)]
    return draw.normal(generator, 1, 1, d_model), *weights, d_model, None


def _own_part(weight: Tensor, heads: int) -> Tensor:
    """Keep of a matrix what leads from the numbers of a head to the same head."""
    head = torch.arange(len(weight)) // (len(weight) // heads)
    return weight * (head[:, None] == head)


MISTAKES = """
    the scores are divided by the root of d_model
        query.shape[-1] -> x.shape[-1]
    A score is a dot product of two vectors of a head: the size that counts is d_model // heads.

    the scores are not scaled
        / query.shape[-1] ** 0.5 ->
    Divide the scores by the root of a head's size, d_model // heads.

    the scores are divided by a head's size
        query.shape[-1] ** 0.5 -> query.shape[-1]
    Divide by the root of a head's size.

    the scores are divided by d_model
        query.shape[-1] ** 0.5 -> x.shape[-1]
    Divide by the root, and by that of a head's size, d_model // heads.

    the softmax is taken over the queries
        dim=-1 -> dim=-2
    Each query shares out 1 among the keys: `dim=-1`, the last axis.

    the softmax is taken over the heads
        dim=-1 -> dim=1
    Each query of each head shares out 1 among the keys. (Without `dim`, `functional.softmax` takes axis 1
    here.)

    the heads are split by `view` or `reshape` alone
        split_heads(x @ weight.T, heads) -> (x @ weight.T).view(len(x), heads, x.shape[1], -1)
    `view` to (batch, heads, steps, d) mixes numbers of different steps: cut the last axis, then swap steps
    and heads, as in `split_heads`.

    the heads are merged by `view` or `reshape` alone
        merge_heads(read) -> read.reshape(x.shape)
    Swap heads and steps back before the last two axes become one, as in `merge_heads`.

    the heads are both split and merged by `view` or `reshape` alone
        split_heads(x @ weight.T, heads) -> (x @ weight.T).view(len(x), heads, x.shape[1], -1)
        merge_heads(read) -> read.reshape(x.shape)
    Then a head holds numbers from a few steps, not a part of every vector: use `split_heads` and
    `merge_heads`.

    the numbers go to the heads in turn
        split_heads(x @ weight.T, heads) -> (x @ weight.T).unflatten(-1, (-1, heads)).permute(0, 3, 1, 2)
        merge_heads(read) -> read.permute(0, 2, 3, 1).flatten(2)
    The first d rows of a matrix make the first head's vectors: cut the last axis into (heads, d).

    the heads are merged so that their numbers alternate
        merge_heads(read) -> read.permute(0, 2, 3, 1).flatten(2)
    First all numbers of the first head, then all of the second: swap heads and steps, then flatten.

    the vectors are not split among heads
        split_heads(x @ weight.T, heads) -> split_heads(x @ weight.T, 1)
    One head of size d_model has one set of weights; `split_heads` gives each head its own.

    the input is split among the heads instead of query, key and value
        weight.T -> own_part(weight, heads).T
    Multiply first, then split: each head's query is made of the whole vector.

    steps and heads are not swapped, so that the heads of a step read each other
        split_heads(x @ weight.T, heads) -> (x @ weight.T).unflatten(-1, (heads, -1))
        merge_heads(read) -> read.flatten(2)
    Attention works on the last two axes: these should be steps and numbers, with the heads in front of them.

    the keys are not transposed
        key.mT -> key
    The error says that the shapes don't fit: `@` pairs rows with columns, so the keys become columns.

    the input is split among the heads before the matrices multiply it
        split_heads(x @ weight.T, heads) -> split_heads(x, heads) @ weight.T
    The error says that the shapes don't fit: a matrix takes a whole vector. Multiply first, then split.

    the matrices are on the left of the input
        x @ weight.T -> weight @ x
    The error says that the shapes don't fit: the vectors are the rows of x, so x is on the left.

    the attention's two results are taken for one
        read = scores.softmax(dim=-1) @ value -> read = (scores.softmax(dim=-1) @ value, scores)
    The error says that there is a tuple: attention returns the output and the weights, so give both a name.

    the weights are returned, too
        weight_output.T -> weight_output.T, scores.softmax(dim=-1)
    One result is asked for: the output.

    `if mask:` asks whether there is a mask
        mask is not None -> mask
    The error says that a tensor of several booleans is neither true nor false: compare with None.

    the case without a mask is forgotten
        if mask is not None: -> if True:
    The error says that None can't be turned around: without a mask nothing is to be hidden.

    every attention is causal, whatever the mask
        if mask is not None: -> if (mask := causal_mask(x.shape[1])) is not None:
    Hide what the given mask hides: it may be causal, another one, or None.

    scores that are 0 by themselves are hidden, too
        scores.masked_fill(~mask, -> scores.masked_fill(scores * mask == 0,
    A query and a key at a right angle have the score 0 and may meet: look at the mask, not at the scores.

    the mask is transposed
        ~mask -> ~mask.T
    Its rows are the queries and its columns the keys: take it as it is.

    the mask is applied after the softmax
        scores.masked_fill(~mask, -torch.inf) -> scores
        softmax(dim=-1) -> softmax(dim=-1) * (1 if mask is None else mask)
    Hidden keys are still in the denominator then: put minus infinity into the scores before the softmax.

    hidden scores are set to 0
        -torch.inf -> 0.0
    A score of 0 is a score like any other: its exponential is 1.

    the scores are divided by the root of the number of heads
        query.shape[-1] -> heads
    What counts is the size of a head's vectors.

    the weights are divided by the root, not the scores
        / query.shape[-1] ** 0.5 ->
        softmax(dim=-1) -> softmax(dim=-1) / query.shape[-1] ** 0.5
    Scale before the softmax: after it the rows must add up to 1.

    keys are made by the matrix of the queries
        weight_query, weight_key, weight_value -> weight_query, weight_query, weight_value
    Is a line copied? Each of the three has a matrix of its own.

    values are made by the matrix of the keys
        weight_query, weight_key, weight_value -> weight_query, weight_key, weight_key
    Is a line copied? What a token has to give is not what it is found by: values have their own matrix.

    the heads are added up or averaged, not put side by side
        merge_heads(read) -> read.sum(dim=1)
    Side by side, the vectors of the heads have the d_model numbers that the output weights take.

    the result is divided by the number of heads
        weight_output.T -> weight_output.T / heads
    The heads are side by side, and the output weights mix them: nothing is divided.

    the output weights are left out
        @ weight_output.T ->
    The merged heads go through one more matrix: `@ weight_output.T`.

    the output weights are transposed
        weight_output.T -> weight_output
    Its rows belong to the outputs, as in `torch.nn.Linear`: `@ weight_output.T`.

    the matrices of query, key and value are transposed
        weight.T -> weight
    Their rows belong to the outputs, as in `torch.nn.Linear`: `x @ weight_query.T`.

    all four matrices are transposed
        weight.T -> weight
        weight_output.T -> weight_output
    The rows of a matrix belong to its outputs, as in `torch.nn.Linear`: `x @ weight.T`.

    the output weights multiply the values before the heads are split
        weight_value -> weight_output @ weight_value
        @ weight_output.T ->
    The output weights come last: they mix what all heads have read.

    the matrices of query and key are swapped
        query, key, value -> key, query, value
    The rows of the scores belong to the queries, `x @ weight_query.T`, the columns to the keys.

    the matrices of key and value are swapped
        query, key, value -> query, value, key
    Keys meet the queries to make the scores; the values are what is read.

    the input itself is the value
        scores = query -> value = split_heads(x, heads); scores = query
    Values have a matrix of their own: `x @ weight_value.T`.

    the mask is ignored
        scores.masked_fill(~mask, -torch.inf) -> scores
    Pass `mask` on to the attention: it applies to every head.

    the mask hides where it is true
        ~mask -> mask
        softmax(dim=-1) -> softmax(dim=-1).nan_to_num()
    True marks what may be read.

    the mask hides where it is true, and a query that may then read nothing gets NaN
        ~mask -> mask
    True marks what may be read: fill the scores where it is false, `~mask`.

    the input is added to the result
        return -> return x +
    Adding the input is another part of the Transformer: only the attention is asked for.

    the attention is causal whenever there is a mask
        ~mask -> ~causal_mask(x.shape[1])
    The mask need not be causal: hide what it hides. In PyTorch's attention `attn_mask` takes a mask, while
    `is_causal` makes one of its own.
"""

EXERCISE = Exercise(
    reference=multi_head_attention,
    cases={
        "several heads without a mask": _case(_no_mask),
        "several heads with a causal mask": _case(_causal),
        "several heads with another mask": _case(_any_pairs),
        "a single head": _case(_no_mask, heads=1),
        "a single step, with heads of one number": _one_step,
    },
    mistakes=mistakes(multi_head_attention, MISTAKES, own_part=_own_part),
    hints=(
        "Five steps: query, key and value by a matrix each; split; attention of all heads at once; merge; "
        "output weights. Which of them have you written already?",
        "`split_heads(x @ weight_query.T, heads)` are the queries; key and value likewise. With the axes "
        "(batch, heads, steps, d) scaled dot-product attention needs no change: it works on the last two.",
        "The attention returns two results: the output, with the axes of the queries, and the weights. Two "
        "steps are left, and one matrix that nobody has used yet.",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    differentiable=True,
    library="`torch.nn.MultiheadAttention(d_model, heads, batch_first=True)` keeps the matrices, has biases, "
    "also returns the heads' mean weights, and hides where its mask is true.",
)
