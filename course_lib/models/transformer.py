"""The Transformer: layers of attention and of feed-forward networks around a residual stream."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.functional import linear

from course_lib.models.attention import Attended, Mask, MultiHeadAttention, Past, causal_mask, glorot

EPSILON = 1e-5
"""What is added to the variance of a norm, so that equal numbers don't divide by 0."""
Norm = Literal["pre", "post"]
"""Where a part is normalised: before it, on its own branch, or after its output has been added."""
Part = Literal["residual", "norm", "feed_forward"]


def padding_mask(lengths: Int[Tensor, "batch"], steps: int) -> Bool[Tensor, "batch steps"]:
    """Return where there are tokens and no padding: in row b at the first `lengths[b]` steps."""
    return torch.arange(steps) < lengths[:, None]


def layer_norm(
    x: Float[Tensor, "*batch d"], gain: Float[Tensor, "d"], bias: Float[Tensor, "d"], epsilon: float = EPSILON
) -> Float[Tensor, "*batch d"]:
    """Bring each vector to mean 0 and variance 1, then to a gain and a bias of each number. Ba et al. 2016.

    The variance is the mean square of the centred numbers; epsilon is added to it under the root.
    """
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return centred * torch.rsqrt(variance + epsilon) * gain + bias


def feed_forward(
    x: Float[Tensor, "*batch d_model"],
    weight_hidden: Float[Tensor, "hidden d_model"],
    bias_hidden: Float[Tensor, "hidden"],
    weight_output: Float[Tensor, "d_model hidden"],
    bias_output: Float[Tensor, "d_model"],
) -> Float[Tensor, "*batch d_model"]:
    """Return what a perceptron with one hidden layer of ReLU units makes of each vector by itself."""
    return linear(torch.relu(linear(x, weight_hidden, bias_hidden)), weight_output, bias_output)


class LayerNorm(nn.Module):
    """`layer_norm` with a gain, at first 1, and a bias, at first 0."""

    def __init__(self, d_model: int):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
        """Return the normalised vectors: `layer_norm` in one call, which takes less time."""
        return functional.layer_norm(x, self.gain.shape, self.gain, self.bias, EPSILON)


class FeedForward(nn.Module):
    """`feed_forward` with its weights."""

    def __init__(self, d_model: int, hidden: int, generator: torch.Generator | None = None):
        """Draw the weights by the rule of Glorot and Bengio 2010; biases are 0."""
        super().__init__()
        self.weight_hidden = glorot(hidden, d_model, generator)
        self.bias_hidden = nn.Parameter(torch.zeros(hidden))
        self.weight_output = glorot(d_model, hidden, generator)
        self.bias_output = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
        """Return what the network makes of each vector."""
        return feed_forward(x, self.weight_hidden, self.bias_hidden, self.weight_output, self.bias_output)


@dataclass(frozen=True)
class LayerTrace:
    """What a layer computed in one forward pass.

    Attributes:
        output: the vectors that it hands on: the stream after the layer.
        attended: its self-attention.
        between: the stream between attention and feed-forward network.
        thought: what the feed-forward network computed; None in a layer without one.
        crossed: its cross-attention, in a decoder.
    """

    output: Float[Tensor, "batch steps d_model"]
    attended: Attended
    between: Float[Tensor, "batch steps d_model"]
    thought: Float[Tensor, "batch steps d_model"] | None
    crossed: Attended | None = None


@dataclass(frozen=True)
class StackTrace:
    """What a stack of layers computed in one forward pass.

    Attributes:
        output: the last layer's vectors, normalised if the stack ends in a norm.
        stream: the vectors that went in, and those after each layer.
        layers: the trace of each layer.
    """

    output: Float[Tensor, "batch steps d_model"]
    stream: Sequence[Float[Tensor, "batch steps d_model"]]
    layers: Sequence[LayerTrace]

    @property
    def past(self) -> "list[LayerPast]":
        """What later tokens need of these ones, a layer each: the cache of generation."""
        return [
            LayerPast(layer.attended.past, None if layer.crossed is None else layer.crossed.past)
            for layer in self.layers
        ]


@dataclass(frozen=True)
class LayerPast:
    """Keys and values that a layer need not compute again: of its own steps, and of the memory it reads."""

    own: Past
    memory: Past | None = None

    def pick(self, rows: Int[Tensor, "rows"]) -> "LayerPast":
        """Return the same of some rows of the batch, in their order."""
        return LayerPast(self.own.pick(rows), self.memory and self.memory.pick(rows))


class _Layer(nn.Module):
    """What encoder and decoder layers share: how a part is put around the residual stream."""

    def __init__(
        self,
        d_model: int,
        heads: int,
        hidden: int,
        generator: torch.Generator | None,
        norm: Norm,
        without: Collection[Part],
        rotary: bool = False,
    ):
        super().__init__()
        if unknown := set(without) - set(get_args(Part)):
            raise ValueError(f"no part is called {min(unknown)}: {', '.join(get_args(Part))} can go")
        if norm not in ("pre", "post"):
            raise ValueError(f"norm is 'pre' or 'post', not {norm!r}")
        self.norm, self.without = norm, frozenset(without)
        self.attention = MultiHeadAttention(d_model, heads, generator, rotary)
        self.feed_forward = FeedForward(d_model, hidden, generator)
        self.norm_attention, self.norm_feed_forward = LayerNorm(d_model), LayerNorm(d_model)

    def _think(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """The stream after the feed-forward network, and what the network computed."""
        if "feed_forward" in self.without:
            return x, None
        thought = self.feed_forward(self._into(x, self.norm_feed_forward))
        return self._onto(x, thought, self.norm_feed_forward), thought

    def _into(self, x: Tensor, norm: LayerNorm) -> Tensor:
        """What a part reads of the stream."""
        return norm(x) if self.norm == "pre" and "norm" not in self.without else x

    def _onto(self, x: Tensor, branch: Tensor, norm: LayerNorm) -> Tensor:
        """The stream after a part's output has been added."""
        x = branch if "residual" in self.without else x + branch
        return norm(x) if self.norm == "post" and "norm" not in self.without else x


class EncoderLayer(_Layer):
    """Self-attention and a feed-forward network, each added to what it read. Vaswani et al. 2017.

    As `torch.nn.TransformerEncoderLayer` with `batch_first=True` and without dropout.
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        hidden: int,
        generator: torch.Generator | None = None,
        *,
        norm: Norm = "pre",
        without: Collection[Part] = (),
        rotary: bool = False,
    ):
        """Draw the weights of attention and network as each of them does.

        Args:
            d_model: size of the tokens' vectors.
            heads: heads of the attention.
            hidden: units of the feed-forward network.
            generator: what the weights are drawn from.
            norm: "pre" normalises what a part reads, "post" (as in 2017) what it has been added to.
            without: parts that are left out.
            rotary: whether the attention turns queries and keys by their positions.
        """
        super().__init__(d_model, heads, hidden, generator, norm, without, rotary)

    def forward(
        self,
        x: Float[Tensor, "batch steps d_model"],
        mask: Mask | None = None,
        past: LayerPast | None = None,
    ) -> LayerTrace:
        """Let every token read all tokens, where the mask is true, and then think by itself.

        A mask (batch, steps) of padding is given as `mask[:, None, None]`; with a past, the tokens stand
        after those of before, and the mask has a column for these, too.
        """
        attended = self.attention(
            self._into(x, self.norm_attention), mask=mask, past=None if past is None else past.own
        )
        x = self._onto(x, attended.output, self.norm_attention)
        output, thought = self._think(x)
        return LayerTrace(output, attended, x, thought)


class DecoderLayer(_Layer):
    """Causal self-attention, attention to a memory, and a feed-forward network. Vaswani et al. 2017.

    As `torch.nn.TransformerDecoderLayer` with `batch_first=True`, a causal mask and without dropout.
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        hidden: int,
        generator: torch.Generator | None = None,
        *,
        norm: Norm = "pre",
        without: Collection[Part] = (),
    ):
        """Draw the weights; arguments as of `EncoderLayer`."""
        super().__init__(d_model, heads, hidden, generator, norm, without)
        self.cross_attention = MultiHeadAttention(d_model, heads, generator)
        self.norm_cross_attention = LayerNorm(d_model)

    def forward(
        self,
        x: Float[Tensor, "batch steps d_model"],
        memory: Float[Tensor, "batch source d_model"],
        memory_mask: Bool[Tensor, "batch source"] | None = None,
        *,
        causal: bool = True,
        past: LayerPast | None = None,
    ) -> LayerTrace:
        """Let every step read itself and the steps before it, then the memory, and then think by itself.

        Args:
            x: the vectors of the steps.
            memory: the encoder's output, of which this layer makes keys and values by its own matrices.
            memory_mask: true where the memory has a token.
            causal: whether the future is hidden; without, training sees the answers.
            past: what earlier steps computed; then `x` holds the steps after them, and the keys and values
                of the memory are not made again.
        """
        before = 0 if past is None else past.own.key.shape[-2]
        mask = causal_mask(before + x.shape[1])[before:] if causal else None
        attended = self.attention(
            self._into(x, self.norm_attention), mask=mask, past=None if past is None else past.own
        )
        x = self._onto(x, attended.output, self.norm_attention)
        known = None if past is None else past.memory
        crossed = self.cross_attention(
            self._into(x, self.norm_cross_attention),
            # With a past nothing new is read: keys and values of the memory come with it.
            source=memory if known is None else memory[:, :0],
            mask=None if memory_mask is None else memory_mask[:, None, None],
            past=known,
        )
        x = self._onto(x, crossed.output, self.norm_cross_attention)
        output, thought = self._think(x)
        return LayerTrace(output, attended, x, thought, crossed)


class _Stack(nn.Module):
    """Layers one after the other, and perhaps a norm at the end: usual where the stream is not normalised."""

    def __init__(self, layers: Sequence[nn.Module], norm: LayerNorm | None = None):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norm = norm

    def _run(self, x: Tensor, past: Sequence[LayerPast] | None, *read: Any, **options: Any) -> StackTrace:
        if past and len(past) != len(self.layers):
            raise ValueError(f"give a past for each of the {len(self.layers)} layers, not {len(past)}")
        stream, traces = [x], []
        for layer, before in zip(self.layers, past or [None] * len(self.layers), strict=True):
            traces.append(layer(stream[-1], *read, past=before, **options))
            stream.append(traces[-1].output)
        return StackTrace(stream[-1] if self.norm is None else self.norm(stream[-1]), stream, traces)


class Encoder(_Stack):
    """Encoder layers one after the other; N vectors go in, N come out, all at once."""

    def forward(
        self,
        x: Float[Tensor, "batch steps d_model"],
        mask: Mask | None = None,
        past: Sequence[LayerPast] | None = None,
    ) -> StackTrace:
        """Run all layers; mask and past as in a layer, a past for each."""
        return self._run(x, past, mask)


class Decoder(_Stack):
    """Decoder layers one after the other; all read the same memory, each by matrices of its own."""

    def forward(
        self,
        x: Float[Tensor, "batch steps d_model"],
        memory: Float[Tensor, "batch source d_model"],
        memory_mask: Bool[Tensor, "batch source"] | None = None,
        *,
        causal: bool = True,
        past: Sequence[LayerPast] | None = None,
    ) -> StackTrace:
        """Run all layers; arguments as of a layer, a past for each."""
        return self._run(x, past, memory, memory_mask, causal=causal)


class Transformer(nn.Module):
    """An encoder and a decoder that reads its output, as `torch.nn.Transformer` with `batch_first=True`."""

    def __init__(self, encoder: Encoder, decoder: Decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(
        self,
        source: Float[Tensor, "batch source d_model"],
        target: Float[Tensor, "batch target d_model"],
        source_mask: Bool[Tensor, "batch source"] | None = None,
    ) -> tuple[StackTrace, StackTrace]:
        """Encode the source, all at once, and let every target step read it and the steps up to itself.

        Args:
            source: vectors of the source's tokens, with their positions added.
            target: vectors of the target's tokens, likewise.
            source_mask: true where the source has a token.
        """
        encoded = self.encoder(source, None if source_mask is None else source_mask[:, None, None])
        return encoded, self.decoder(target, encoded.output, source_mask)


def make_encoder(
    layers: int,
    d_model: int,
    heads: int,
    hidden: int,
    generator: torch.Generator | None = None,
    *,
    norm: Norm = "pre",
    without: Collection[Part] = (),
    rotary: bool = False,
) -> Encoder:
    """Make an encoder of equal layers, with a norm at the end if they are "pre" and have norms."""
    stack = [
        EncoderLayer(d_model, heads, hidden, generator, norm=norm, without=without, rotary=rotary)
        for _ in range(layers)
    ]
    return Encoder(stack, _last_norm(d_model, norm, without))


def make_decoder(
    layers: int,
    d_model: int,
    heads: int,
    hidden: int,
    generator: torch.Generator | None = None,
    *,
    norm: Norm = "pre",
    without: Collection[Part] = (),
) -> Decoder:
    """Make a decoder of equal layers, with a norm at the end if they are "pre" and have norms."""
    stack = [
        DecoderLayer(d_model, heads, hidden, generator, norm=norm, without=without) for _ in range(layers)
    ]
    return Decoder(stack, _last_norm(d_model, norm, without))


def _last_norm(d_model: int, norm: Norm, without: Collection[Part]) -> LayerNorm | None:
    return LayerNorm(d_model) if norm == "pre" and "norm" not in without else None
