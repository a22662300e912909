"""The exercise of lecture 10 on an encoder layer, put together from its parts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import linear

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
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


def _case(make_mask: MakeMask) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Tensor, Parameters, Tensor | None]:
        batch, steps, hidden = draw.unequal(generator, 3, 3, 7)
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


def _as_it_is(x: Tensor) -> Tensor:
    return x


def _add(stream: Tensor, branch: Tensor) -> Tensor:
    return stream + branch


def _drop(_stream: Tensor, branch: Tensor) -> Tensor:
    return branch


def _layer(
    x: Tensor,
    parameters: Parameters,
    mask: Tensor | None,
    norms: Callable[[Parameters], tuple[Part, Part]] = lambda p: (p.norm_attention, p.norm_feed_forward),
    join: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (_add, _add),
    hide: Callable[[Tensor], Tensor | None] = _as_it_is,
) -> Tensor:
    """The layer with other norms, ways of joining a branch to the stream, or another mask."""
    first, second = norms(parameters)
    x = join[0](x, parameters.attention(first(x), None if mask is None else hide(mask)))
    return join[1](x, parameters.feed_forward(second(x)))


def _post_norm(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    x = parameters.norm_attention(x + parameters.attention(x, mask))
    return parameters.norm_feed_forward(x + parameters.feed_forward(x))


def _norms_of_the_branches(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    x = x + parameters.norm_attention(parameters.attention(x, mask))
    return x + parameters.norm_feed_forward(parameters.feed_forward(x))


def _normed_stream(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    x = parameters.norm_attention(x)
    x = parameters.norm_feed_forward(x + parameters.attention(x, mask))
    return x + parameters.feed_forward(x)


def _after_attention(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return x + parameters.attention(parameters.norm_attention(x), mask)


def _thinking(x: Tensor, parameters: Parameters) -> Tensor:
    return parameters.feed_forward(parameters.norm_feed_forward(x))


def _added_to_the_input(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return x + _thinking(_after_attention(x, parameters, mask), parameters)


def _side_by_side(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return _after_attention(x, parameters, mask) + _thinking(x, parameters)


def _thinking_first(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return _after_attention(x + _thinking(x, parameters), parameters, mask)


def _normed_again(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return parameters.norm_feed_forward(encoder_layer(x, parameters, mask))


def _with_names(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    read = parameters.attention(parameters.norm_attention(x), mask)
    between = read + x
    thought = parameters.feed_forward(parameters.norm_feed_forward(between))
    return torch.stack([x, read, thought]).sum(dim=0)


def _by_a_loop(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    branches: list[tuple[Part, Part]] = [
        (parameters.norm_attention, lambda normed: parameters.attention(normed, mask)),
        (parameters.norm_feed_forward, parameters.feed_forward),
    ]
    for norm, part in branches:
        x = x.add(part(norm(x)))
    return x


def _in_single_precision(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return encoder_layer(x, parameters, mask).float()


EXERCISE = Exercise(
    reference=encoder_layer,
    cases={
        "without a mask": _case(_no_mask),
        "with padding": _case(_padding),
        "with a causal mask": _case(_causal),
    },
    mistakes=(
        Mistake(
            "each norm comes after its part has been added, in post-norm order",
            _post_norm,
            "That is the layer of 2017. In pre-norm order a part reads the normalised stream, and the stream "
            "itself is never normalised.",
        ),
        Mistake(
            "each norm is applied to what its part returns",
            _norms_of_the_branches,
            "In pre-norm order the norm comes before its part: `attention(norm_attention(x), mask)`.",
        ),
        Mistake(
            "a part's output is added to the normalised vectors",
            _normed_stream,
            "The norm stands on the branch only: add to `x` itself, not to what the part has read.",
        ),
        Mistake(
            "both norms are left out",
            partial(_layer, norms=lambda _p: (_as_it_is, _as_it_is)),
            "Before each part stands its norm.",
        ),
        Mistake(
            "the norm before the attention is left out",
            partial(_layer, norms=lambda p: (_as_it_is, p.norm_feed_forward)),
            "The attention reads `norm_attention(x)`.",
        ),
        Mistake(
            "the norm before the feed-forward network is left out",
            partial(_layer, norms=lambda p: (p.norm_attention, _as_it_is)),
            "The network reads `norm_feed_forward(x)`.",
        ),
        Mistake(
            "the two norms are swapped",
            partial(_layer, norms=lambda p: (p.norm_feed_forward, p.norm_attention)),
            "Each part has a norm with a gain and a bias of its own: they bear the names of their parts.",
        ),
        Mistake(
            "the attention's norm is used twice",
            partial(_layer, norms=lambda p: (p.norm_attention, p.norm_attention)),
            "The network has a norm of its own, `norm_feed_forward`.",
        ),
        Mistake(
            "the network's norm is used twice",
            partial(_layer, norms=lambda p: (p.norm_feed_forward, p.norm_feed_forward)),
            "The attention has a norm of its own, `norm_attention`.",
        ),
        Mistake(
            "both residual connections are left out",
            partial(_layer, join=(_drop, _drop)),
            "Each part adds to what it was given: `x = x + ...`.",
        ),
        Mistake(
            "the residual connection around the attention is left out",
            partial(_layer, join=(_drop, _add)),
            "Add what the tokens have read to `x`: else they forget what they were.",
        ),
        Mistake(
            "the residual connection around the feed-forward network is left out",
            partial(_layer, join=(_add, _drop)),
            "Add what the network returns to the stream that it has read.",
        ),
        Mistake(
            "the network's output is added to the input of the layer",
            _added_to_the_input,
            "Then what the attention has read is lost: add to the stream after the attention.",
        ),
        Mistake(
            "the network reads the input of the layer",
            _side_by_side,
            "Some models do so, but here the tokens think about what they have just read: the network gets "
            "the stream after the attention.",
        ),
        Mistake(
            "the network comes before the attention",
            _thinking_first,
            "First the tokens read, then they think.",
        ),
        Mistake(
            "the feed-forward network is left out",
            _after_attention,
            "After the attention comes the second part: norm, network, and the sum.",
        ),
        Mistake(
            "the attention is left out",
            lambda x, parameters, _mask: x + _thinking(x, parameters),
            "First comes `parameters.attention`: without it no token knows of the others.",
        ),
        Mistake(
            "the result is normalised once more",
            _normed_again,
            "In pre-norm order the stream leaves the layer as it is; one norm stands behind the last layer.",
        ),
        Mistake(
            "the mask is not handed on",
            partial(_layer, hide=lambda _mask: None),
            "The attention takes two arguments: `parameters.attention(..., mask)`.",
        ),
        Mistake(
            "the mask is inverted",
            partial(_layer, hide=torch.logical_not),
            "It is true where a token may be read, as the attention wants it: hand it on as it is.",
        ),
    ),
    hints=(
        "Draw the stream as a line from below to above. Where does each branch leave it, what stands on the "
        "branch, and where does it come back?",
        "Two times the same: take the stream, normalise it, let the part work, and add what comes out to the "
        "stream. What the second branch takes is the stream after the first sum.",
        "`x = x + parameters.attention(parameters.norm_attention(x), mask)`, and then the same with the "
        "feed-forward network, which takes no mask.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_with_names, _by_a_loop, _in_single_precision),
    differentiable=True,
)
