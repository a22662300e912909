"""The exercise of lecture 10 on an encoder layer, put together from its parts."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import linear

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase
from course_lib.models.attention import (
    Mask,
    causal_mask,
    merge_heads,
    scaled_dot_product_attention,
    split_heads,
)
from course_lib.models.transformer import feed_forward, layer_norm, padding_mask

Part = Callable[[Tensor], Tensor]
Attention = Callable[[Tensor, Tensor | None], Tensor]
MakeMask = Callable[[torch.Generator, int, int], Tensor | None]


@dataclass(frozen=True, eq=False)
class Parameters:
    """What an encoder layer is made of: functions with their weights.

    Attributes:
        attention: `attention(x, mask)` is what each token has read.
        feed_forward: `feed_forward(x)` is what each token has thought.
        norm_attention: the norm that belongs to the attention.
        norm_feed_forward: the norm that belongs to the feed-forward network.
    """

    attention: Attention = field(repr=False)
    feed_forward: Part = field(repr=False)
    norm_attention: Part = field(repr=False)
    norm_feed_forward: Part = field(repr=False)


def encoder_layer(
    x: Float[Tensor, "batch steps d_model"], parameters: Parameters, mask: Mask | None
) -> Float[Tensor, "batch steps d_model"]:
    """Let every token read the others and then think by itself, in pre-norm order. Vaswani et al. 2017."""
    x = x + parameters.attention(parameters.norm_attention(x), mask)
    return x + parameters.feed_forward(parameters.norm_feed_forward(x))


def _case(make_mask: MakeMask, is_single: bool = False) -> MakeCase:
    """Sequences, or a single one of one token, which has only itself to read."""

    def draw_case(generator: torch.Generator) -> tuple[Tensor, Parameters, Tensor | None]:
        batch, steps, hidden = draw.unequal(generator, 3, 3, 7)
        batch, steps = (1, 1) if is_single else (batch, steps)
        heads = draw.whole(generator, 2, 3)
        d_model = 4 * heads
        parameters = Parameters(
            _attention(generator, d_model, heads),
            _feed_forward(generator, d_model, hidden),
            _norm(generator, d_model),
            _norm(generator, d_model),
        )
        x = 2 * draw.normal(generator, batch, steps, d_model)
        return x, parameters, make_mask(generator, batch, steps)

    return draw_case


def _attention(generator: torch.Generator, d_model: int, heads: int) -> Attention:
    *weights, weight_output = (draw.normal(generator, d_model, d_model) / d_model**0.5 for _ in range(4))

    def attention(x: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = (split_heads(linear(x, weight), heads) for weight in weights)
        read, _ = scaled_dot_product_attention(query, key, value, mask)
        return linear(merge_heads(read), weight_output)

    return attention


def _feed_forward(generator: torch.Generator, d_model: int, hidden: int) -> Part:
    shapes = (hidden, d_model), (hidden,), (d_model, hidden), (d_model,)
    weights = [draw.normal(generator, *shape) / shape[-1] ** 0.5 for shape in shapes]
    return lambda x: feed_forward(x, *weights)


def _norm(generator: torch.Generator, d_model: int) -> Part:
    gain, bias = draw.uniform(generator, 0.5, 2, d_model), draw.normal(generator, d_model)
    return lambda x: layer_norm(x, gain, bias)


def _no_mask(_generator: torch.Generator, _batch: int, _steps: int) -> None:
    return None


def _padding(generator: torch.Generator, batch: int, steps: int) -> Tensor:
    lengths = [draw.whole(generator, 1, steps - 1) for _ in range(batch)]
    return padding_mask(torch.tensor(lengths), steps)[:, None, None]


def _causal(_generator: torch.Generator, _batch: int, steps: int) -> Tensor:
    return causal_mask(steps)


MISTAKES = """
    each norm comes after its part has been added, in post-norm order
        parameters.norm_attention(x) -> x
        return x -> x = parameters.norm_attention(x); x = x
        parameters.norm_feed_forward(x)) -> x); return parameters.norm_feed_forward(x)
    That is the layer of 2017. In pre-norm order a part reads the normalised stream, and the stream itself is
    never normalised.

    each norm is applied to what its part returns
        attention(parameters.norm_attention(x), mask) -> norm_attention(parameters.attention(x, mask))
        feed_forward(parameters.norm_feed_forward(x)) -> norm_feed_forward(parameters.feed_forward(x))
    In pre-norm order the norm comes before its part: the part reads what is normalised.

    a part's output is added to the normalised vectors
        x = x -> x = parameters.norm_attention(x); x = x
        parameters.norm_attention(x) -> x
        return x -> x = parameters.norm_feed_forward(x); return x
        parameters.norm_feed_forward(x) -> x
    The norm is on the branch only: add to `x` itself, not to what the part has read.

    both norms are left out
        parameters.norm_attention(x) -> x
        parameters.norm_feed_forward(x) -> x
    A norm comes before each part.

    the norm before the attention is left out
        parameters.norm_attention(x) -> x
    The attention reads the normalised stream, as the network does.

    the norm before the feed-forward network is left out
        parameters.norm_feed_forward(x) -> x
    The network reads the normalised stream, as the attention does.

    the two norms are swapped
        norm_attention -> norm_feed_forward
        norm_feed_forward -> norm_attention
    Each part has a norm with a gain and a bias of its own: the norms are named after their parts.

    the attention's norm is used twice
        norm_feed_forward -> norm_attention
    The network has a norm of its own, `norm_feed_forward`.

    the network's norm is used twice
        norm_attention -> norm_feed_forward
    The attention has a norm of its own, `norm_attention`.

    both residual connections are left out
        x = x + -> x =
        return x + -> return
    Each part adds to what it was given, and doesn't replace it.

    the residual connection around the attention is left out
        x = x + -> x =
    Add what the tokens have read to `x`: otherwise they forget what they were.

    the residual connection around the feed-forward network is left out
        return x + -> return
    Add what the network returns to the stream that it has read.

    the network's output is added to the input of the layer
        x = x -> between = x
        parameters.norm_feed_forward(x) -> parameters.norm_feed_forward(between)
    Then what the attention has read is lost: add to the stream after the attention.

    the network reads the input of the layer
        x = x -> between = x
        return x -> return between
    Some models do so, but here the tokens think about what they have just read: the network gets the stream
    after the attention.

    the network comes before the attention
        attention(parameters.norm_attention(x), mask) -> feed_forward(parameters.norm_feed_forward(x))
        feed_forward(parameters.norm_feed_forward(x)) -> attention(parameters.norm_attention(x), mask)
    First the tokens read, then they think.

    the feed-forward network is left out
        + parameters.feed_forward(parameters.norm_feed_forward(x)) ->
    After the attention comes the second part: norm, network, and the sum.

    the attention is left out
        + parameters.attention(parameters.norm_attention(x), mask) ->
    First comes `parameters.attention`: without it no token knows about the others.

    the result is normalised once more
        return x -> x = x
        (x)) -> (x)); return parameters.norm_feed_forward(x)
    In pre-norm order the stream leaves the layer as it is; one norm comes after the last layer.

    the mask is not handed on
        mask -> None
    The attention needs it beside the vectors, or it reads what it may not.

    the attention is called without a mask
        , mask) -> )
    The error says that an argument is missing: the attention takes two, and None is one as well.

    the feed-forward network gets the mask as well
        parameters.norm_feed_forward(x)) -> parameters.norm_feed_forward(x), mask)
    The error says that it takes one argument. Each token thinks by itself, so nothing needs hiding.

    the mask goes to the norm
        parameters.norm_attention(x), mask) -> parameters.norm_attention(x, mask), mask)
    The error says that the norm takes one argument: only the attention asks what may be read.

    the attention gets query, key and value
        parameters.norm_attention(x), -> *[parameters.norm_attention(x)] * 3,
    `torch.nn.MultiheadAttention` wants three. This attention takes the vectors once, and makes all three
    of them.

    the parts are looked up by brackets
        parameters.attention -> parameters['attention']
    `parameters` is no dictionary: its parts are attributes, after a dot.

    the attention's result is taken for a pair
        x = x + -> read, _ =
        return x -> return x + read
    `torch.nn.MultiheadAttention` returns the weights as well. This attention returns one tensor.

    the order is post-norm around the attention and pre-norm around the network
        parameters.norm_attention(x) -> x
        return x -> x = parameters.norm_attention(x); return x
    Both parts are alike: each norm stands on its branch, before its part.

    the order is pre-norm around the attention and post-norm around the network
        return x -> x = x
        parameters.norm_feed_forward(x)) -> x); return parameters.norm_feed_forward(x)
    The second part is built like the first: its norm stands on its branch, before the network.

    the input of the layer is added once more at the end
        x = x -> x_in = x; x = x
        return x -> return x_in + x
    The stream after the attention holds the input already: adding it again counts it twice.

    the mask is inverted
        mask -> None if mask is None else ~mask
    The mask is true where a token may be read, which is what the attention expects: pass it on unchanged.
"""

EXERCISE = Exercise(
    reference=encoder_layer,
    cases={
        "without a mask": _case(_no_mask),
        "with padding": _case(_padding),
        "with a causal mask": _case(_causal),
        "a single token": _case(_no_mask, is_single=True),
    },
    mistakes=mistakes(encoder_layer, MISTAKES),
    hints=(
        "Draw the stream as a line from bottom to top. Where does each branch leave it, what is on the "
        "branch, and where does it come back?",
        "Do the same thing twice: take the stream, normalise it, let the part work, and add what comes out "
        "to the stream. What the second branch takes is the stream after the first sum.",
        "The attention's branch is `parameters.attention(parameters.norm_attention(x), mask)`. What is "
        "missing around it, and how does the network's branch look, which takes no mask?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    differentiable=True,
    library="`course_lib.models.transformer.EncoderLayer(..., norm='pre')` has the parts in it; so has "
    "`nn.TransformerEncoderLayer(..., norm_first=True)`, with dropout and masks that are true where hidden.",
)
