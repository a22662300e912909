"""The exercise of lecture 07 on scaled dot-product attention."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.attention import causal_mask

Pair = tuple[Tensor, Tensor]
Case = tuple[Tensor, Tensor, Tensor, Tensor | None]


def scaled_dot_product_attention(
    query: Float[Tensor, "*batch query d_k"],
    key: Float[Tensor, "*batch key d_k"],
    value: Float[Tensor, "*batch key d_v"],
    mask: Bool[Tensor, "*#batch #query #key"] | None = None,
) -> tuple[Float[Tensor, "*batch query d_v"], Float[Tensor, "*batch query key"]]:
    """Return what each query reads, and the weights, with the scale of Vaswani et al. 2017."""
    scores = query @ key.transpose(-2, -1) / key.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ value, weights


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
    query, key = _inputs(generator, (2,), steps, steps, d_k)
    query[0, -1] = 0  # its scores are 0, and it reads all the same
    return query, key, draw.normal(generator, 2, steps, d_v), causal_mask(steps)


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


def _one_query(generator: torch.Generator) -> Case:
    """One query in each of several sequences, each of which hides another key than the one before."""
    keys, d_k, d_v = draw.unequal(generator, 3, 3, 6)
    hidden = (torch.arange(7) + draw.whole(generator, 0, keys - 1)) % keys
    mask = torch.arange(keys) != hidden[:, None, None]
    return *_inputs(generator, (7,), 1, keys, d_k), draw.normal(generator, 7, keys, d_v), mask


WHERE_ALL_IS_HIDDEN = """
    a query that may read nothing gets NaN
        weights.masked_fill(~mask, 0.0) -> weights
    If all scores of a row are minus infinity, the softmax divides 0 by 0. Set the weights of hidden keys to 0
    after the softmax, too.

    a query that may read nothing reads all keys equally
        -torch.inf -> -1e9
        weights.masked_fill(~mask, 0.0) -> weights
    If all scores of a row are the same large negative number, the softmax makes equal weights of them. Set
    the weights of hidden keys to 0 after it, too.

    a large negative number is added to hidden scores, even where all are hidden
        scores.masked_fill(~mask, -torch.inf) -> scores - 1e9 * ~mask
        weights.masked_fill(~mask, 0.0) -> weights
    What is added to a whole row cancels in the softmax: that query reads as if nothing were hidden. Set the
    weights of hidden keys to 0 afterwards.

    NaN is taken out of the output, but not out of the weights
        weights.masked_fill(~mask, 0.0) -> weights
        weights @ value -> (weights @ value).nan_to_num()
    Set the weights of hidden keys to 0; the output then follows by itself.
"""

HOWEVER_IT_ENDS = """
    the scores are not scaled{ending}
        / key.shape[-1] ** 0.5 ->
    Divide the scores by the root of d_k before the softmax.{advice}

    the scores are divided by d_k{ending}
        key.shape[-1] ** 0.5 -> key.shape[-1]
    Divide by the root of d_k: that is how far the scores of random vectors spread.{advice}

    the scores are multiplied by the root of d_k{ending}
        / key.shape[-1] ** 0.5 -> * key.shape[-1] ** 0.5
    The longer the vectors, the larger their dot products: divide by the root.{advice}

    the scores are divided by the root of d_v, the size of a value{ending}
        key.shape[-1] -> value.shape[-1]
    Scores are made of queries and keys: the size that counts is theirs, `key.shape[-1]`.{advice}

    the scores are divided by the root of the number of keys{ending}
        key.shape[-1] -> key.shape[-2]
    The size of a key is its last axis: `key.shape[-1]`.{advice}

    the weights are divided by the root, not the scores{ending}
        / key.shape[-1] ** 0.5 ->
        torch.softmax(scores, dim=-1) -> torch.softmax(scores, dim=-1) / key.shape[-1] ** 0.5
    Scale before the softmax: after it the rows must add up to 1.{advice}

    the softmax is taken over the queries{ending}
        dim=-1 -> dim=-2
    Each query shares out 1 among the keys: `dim=-1`, the last axis.{advice}

    the softmax is taken over the first axis{ending}
        dim=-1 -> dim=0
    With a batch in front, the keys' axis is not the first: `dim=-1` always finds it.{advice}

    the softmax is taken over the second axis{ending}
        dim=-1 -> dim=1
    The keys' axis is the second one only without a batch: `dim=-1` is always right.{advice}

    the mask hides where it is true{ending}
        ~mask -> mask
    True marks what may be read: fill the scores where it is false, `~mask`.{advice}

    `functional.softmax` gets no axis{ending}
        dim=-1 -> dim=0 if scores.ndim == 3 else 1
    Without `dim` PyTorch guesses one, by the number of axes. Say that it is the keys', the last one.{advice}

    the case without a mask is forgotten{ending}
        if mask is not None: -> if True:
    The error says that None can't be turned around: without a mask nothing is to be hidden.{advice}

    the keys are summed up instead of the values{ending}
        weights @ value -> weights @ key
    Keys are there to be found; the values are what is read.{advice}
"""
"""Mistakes that learners make with either of the right answer's ending and these two."""

NAN = """, and where everything is hidden the softmax gives NaN
        weights.masked_fill(~mask, 0.0) -> weights"""

EQUAL_WEIGHTS = """, and where everything is hidden the softmax gives equal weights
        -torch.inf -> -1e9
        weights.masked_fill(~mask, 0.0) -> weights"""

MISTAKES = """
    the root is taken by `torch.sqrt` of a number
        / key.shape[-1] ** 0.5 -> / torch.sqrt(key.shape[-1])
    The error says that `torch.sqrt` takes tensors. For a number there are `math.sqrt` and `** 0.5`.

    the keys are not transposed
        key.transpose(-2, -1) -> key
    The error says that the shapes don't fit: for `@` the keys must become columns.

    all axes of the keys are reversed, as `.T` does it
        key.transpose(-2, -1) -> key.permute(*range(key.ndim)[::-1])
    `.T` turns the batch around as well, so the shapes fit for a single sequence only: swap the last two axes.

    `if mask:` asks whether there is a mask
        mask is not None -> mask
    The error says that a tensor of several booleans is neither true nor false: compare with None.

    the softmax is called without an axis
        torch.softmax(scores, dim=-1) -> torch.softmax(scores)
    The error says that `dim` is missing: the axis over which the weights add up to 1, the keys'.

    the mask gets one more axis
        ~mask -> ~mask[:, None]
    Broadcasting puts axes in front by itself: take the mask as it is.

    the mask is transposed
        ~mask -> ~mask.transpose(-2, -1)
    Its rows are the queries and its columns the keys, as in the scores: take it as it is.

    the values are transposed
        weights @ value -> weights @ value.transpose(-2, -1)
    The error says that the shapes don't fit: a row of weights has one number for each row of the values.

    the values are on the left of the weights
        weights @ value -> value @ weights
    Each row of the weights makes one row of the output: the weights are on the left.

    the values are multiplied by the weights number by number
        weights @ value -> weights * value
    `*` wants equal shapes. A weighted sum of rows is a product of matrices, `@`.

    scores that are 0 by themselves are hidden, too
        scores.masked_fill(~mask, -torch.inf) -> scores.masked_fill(scores * mask == 0, -torch.inf)
    A query and a key at a right angle have the score 0 and may meet: look at the mask, not at the scores.

    every attention is causal, whatever the mask
        if mask is not None: -> if (mask := torch.ones_like(scores, dtype=torch.bool).tril()) is not None:
    Hide what the given mask hides: it may be causal, of padding, or None.

    a sigmoid is taken instead of the softmax
        torch.softmax(scores, dim=-1) -> torch.sigmoid(scores)
    The sigmoid looks at one score alone. The weights of a query share 1 among its keys.

    only the output is returned
        return (weights @ value, weights) -> return weights @ value
    Two results are asked for: the output and the weights.

    the mask is applied after the softmax
        scores.masked_fill(~mask, -torch.inf) -> scores
    Hidden keys are still in the denominator, so the rows add up to less than 1. Put minus infinity into the
    scores before the softmax.

    hidden scores are set to 0
        -torch.inf -> 0.0
        weights.masked_fill(~mask, 0.0) -> weights
    A score of 0 is a score like any other: its exponential is 1. Minus infinity has the exponential 0.

    hidden scores are set to 0 before the softmax, and hidden weights after it
        -torch.inf -> 0.0
    A score of 0 still has the exponential 1 in the denominator: fill with minus infinity.

    the mask is ignored
        scores.masked_fill(~mask, -torch.inf) -> scores
        weights.masked_fill(~mask, 0.0) -> weights
    Where the mask is false, a query must not read a key: fill those scores with minus infinity.

    the softmax is left out
        torch.softmax(scores, dim=-1) -> scores
        weights.masked_fill(~mask, 0.0) -> weights
    Scores may be negative and add up to anything: the softmax makes weights of them.

    the exponentials are not divided by their sum
        torch.softmax(scores, dim=-1) -> scores.exp()
    The weights of a query add up to 1: divide each row by its sum, or use `torch.softmax`.

    the scores are returned instead of the weights
        (weights @ value, weights) -> (weights @ value, scores)
    The second result is what the softmax has made of the scores.

    the weights are returned first
        (weights @ value, weights) -> (weights, weights @ value)
    Return `output, weights` in this order.

    a mask of booleans is added to the scores
        scores.masked_fill(~mask, -torch.inf) -> scores + mask
        weights.masked_fill(~mask, 0.0) -> weights
    In a sum, true counts as 1 and false as 0: that favours what may be read, but hides nothing. Only a score
    of minus infinity gets the weight 0.

    a mask of booleans is added to the scores, and hidden weights are set to 0 after the softmax
        scores.masked_fill(~mask, -torch.inf) -> scores + mask
    True counts as 1 and false as 0 in a sum, so hidden keys still take their share in the softmax: fill their
    scores before it.
"""

EXERCISE = Exercise(
    reference=scaled_dot_product_attention,
    cases={
        "a single sequence without a mask": _unmasked,
        "a batch with a causal mask": _causal,
        "several heads with padding": _padded,
        "a single query, with a mask for each sequence": _one_query,
        "a query that may read nothing": _nothing_to_read,
    },
    mistakes=mistakes(
        scaled_dot_product_attention,
        WHERE_ALL_IS_HIDDEN
        + HOWEVER_IT_ENDS.format(ending="", advice="")
        + HOWEVER_IT_ENDS.format(ending=NAN, advice=" Then set the weights of hidden keys to 0.")
        + HOWEVER_IT_ENDS.format(ending=EQUAL_WEIGHTS, advice=" Then set hidden weights to 0.")
        + MISTAKES,
    ),
    hints=(
        "Five steps: scores, scale, mask, softmax, weighted sum. Which of them need the mask, and what must "
        "the weight of a hidden key be?",
        "Minus infinity becomes weight 0 in the softmax: `scores.masked_fill(~mask, -torch.inf)`. Which row "
        "does that spoil, and what do you do about it? And what if `mask` is None?",
        "Two fills, if there is a mask: the scores' before the softmax, and the weights' after it. Both fill "
        "where the mask is false. The second fills in another number: which?",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    differentiable=True,
    library="`torch.nn.functional.scaled_dot_product_attention(query, key, value, mask)` does the same in "
    "one call, but returns the output without the weights.",
)
