"""Models that translate: an encoder reads the source, a decoder writes the target token after token."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

from course_lib.models.attention import Attended, MultiHeadAttention, Past, glorot
from course_lib.models.positions import sinusoidal_encoding
from course_lib.models.recurrent import LSTM
from course_lib.models.transformer import LayerPast, Norm, Transformer, make_decoder, make_encoder


def shift_right(targets: Int[Tensor, "batch steps"], start: int) -> Int[Tensor, "batch steps"]:
    """Return what a decoder reads while it is taught: the start symbol, then all targets but the last."""
    return torch.cat([torch.full_like(targets[:, :1], start), targets[:, :-1]], dim=1)


def translation_loss(
    scores: Float[Tensor, "batch steps symbols"], targets: Int[Tensor, "batch steps"], padding: int = 0
) -> Float[Tensor, ""]:
    """Return the mean cross-entropy of the targets in nats a token; padding doesn't count."""
    return cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=padding)


@dataclass(frozen=True)
class Encoded:
    """What a decoder is given of the source.

    Attributes:
        vectors: the encoder's output, a vector a token.
        mask: true where the source has a token; None if it has one everywhere.
        last: hidden and cell state of a recurrent encoder after the last token.
    """

    vectors: Float[Tensor, "batch source d_model"]
    mask: Bool[Tensor, "batch source"] | None = None
    last: tuple[Float[Tensor, "batch d_model"], Float[Tensor, "batch d_model"]] | None = None

    def repeated(self, rows: int) -> "Encoded":
        """Return one source's for each of some rows that are about it."""
        return Encoded(
            self.vectors.expand(rows, -1, -1),
            None if self.mask is None else self.mask.expand(rows, -1),
            self.last and (self.last[0].expand(rows, -1), self.last[1].expand(rows, -1)),
        )


@dataclass(frozen=True)
class RecurrentPast:
    """What a recurrent decoder keeps of earlier tokens: its state, and the keys and values of the source."""

    state: tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]]
    memory: Past | None = None

    def pick(self, rows: Int[Tensor, "rows"]) -> "RecurrentPast":
        """Return the same of some rows of the batch, in their order."""
        h, c = self.state
        return RecurrentPast((h[rows], c[rows]), self.memory and self.memory.pick(rows))


P = TypeVar("P", RecurrentPast, LayerPast)
Advance = Callable[[Int[Tensor, "rows new"], list[P] | None], tuple[Float[Tensor, "rows symbols"], list[P]]]
"""From new tokens, and the past of those before, to the scores of the next token and a longer past."""


@dataclass(frozen=True)
class Translated(Generic[P]):
    """What a decoder computed in one forward pass.

    Attributes:
        scores: at each step the scores (logits) of the token that comes next.
        crossed: its last attention to the source, if it has one.
        past: what later tokens need of these ones.
    """

    scores: Float[Tensor, "batch steps symbols"]
    crossed: Attended | None
    past: list[P]


class Translator(nn.Module, Generic[P]):
    """What the models share: one table of embeddings for both languages, and the read-out."""

    def __init__(self, symbols: int, d_model: int, d_out: int, generator: torch.Generator | None):
        super().__init__()
        self.embedding = nn.Parameter(0.5 * torch.randn(symbols, d_model, generator=generator))
        self.weight_output = glorot(symbols, d_out, generator)
        self.bias_output = nn.Parameter(torch.zeros(symbols))

    def forward(
        self,
        source: Int[Tensor, "batch source"],
        target: Int[Tensor, "batch target"],
        source_mask: Bool[Tensor, "batch source"] | None = None,
    ) -> Translated[P]:
        """Read the source, and score at each step of the target what comes next.

        Args:
            source: the source's tokens.
            target: the start symbol and the tokens so far; in training all but the last (`shift_right`).
            source_mask: true where the source has a token and no padding.
        """
        return self.decode(target, self.encode(source, source_mask))

    @abstractmethod
    def encode(
        self, source: Int[Tensor, "batch source"], mask: Bool[Tensor, "batch source"] | None = None
    ) -> Encoded:
        """Read the source, with the mask true where it has a token."""

    @abstractmethod
    def decode(
        self, target: Int[Tensor, "batch target"], encoded: Encoded, past: Sequence[P] | None = None
    ) -> Translated[P]:
        """Score what comes next at each step of the target; with a past, of the tokens after it."""

    def advance(
        self, source: Int[Tensor, "batch source"], mask: Bool[Tensor, "batch source"] | None = None
    ) -> Advance[P]:
        """Read the source once, and return what goes on writing: `generation.CachedStep` wraps it.

        One source serves any number of rows, as in a beam search; several have a row each. What is kept of
        earlier words is what a causal decoder makes of them: without a causal mask, and with several layers,
        later words would have changed it.
        """
        with torch.no_grad():
            encoded = self.encode(source, mask)

        @torch.no_grad()
        def go_on(tokens: Tensor, past: list[P] | None) -> tuple[Tensor, list[P]]:
            about = encoded.repeated(len(tokens)) if len(source) == 1 else encoded
            translated = self.decode(tokens, about, past)
            return translated.scores[:, -1], translated.past

        return go_on

    def _read_out(self, x: Tensor) -> Tensor:
        return linear(x, self.weight_output, self.bias_output)


class RecurrentTranslator(Translator[RecurrentPast]):
    """An LSTM that reads, and one that writes from the reader's last state. Sutskever et al. 2014.

    With attention, the writer's state after each token also queries all states of the reader, and what it
    has read goes into the read-out beside the state, as in Luong et al. 2015 (after Bahdanau et al. 2015).
    """

    def __init__(
        self, symbols: int, hidden: int, generator: torch.Generator | None = None, *, attention: bool
    ):
        """Draw the parameters; embeddings with standard deviation 0.5, and forget gates start with bias 1.

        Args:
            symbols: how many tokens there are in both languages.
            hidden: size of embeddings and states.
            generator: what the parameters are drawn from.
            attention: whether the writer may look back at the source.
        """
        super().__init__(symbols, hidden, 2 * hidden if attention else hidden, generator)
        self.encoder = LSTM(hidden, hidden, generator, forget_bias=1.0)
        self.decoder = LSTM(hidden, hidden, generator, forget_bias=1.0)
        self.attention = MultiHeadAttention(hidden, 1, generator) if attention else None

    def encode(
        self, source: Int[Tensor, "batch source"], mask: Bool[Tensor, "batch source"] | None = None
    ) -> Encoded:
        """Run over the source."""
        trace = self.encoder(self.embedding[source], mask=mask)
        return Encoded(trace.states, mask, trace.last)

    def decode(
        self,
        target: Int[Tensor, "batch target"],
        encoded: Encoded,
        past: Sequence[RecurrentPast] | None = None,
    ) -> Translated[RecurrentPast]:
        """Run over the target, from the reader's last state or from the past."""
        (before,) = past or [None]
        trace = self.decoder(self.embedding[target], encoded.last if before is None else before.state)
        if self.attention is None:
            return Translated(self._read_out(trace.states), None, [RecurrentPast(trace.last)])
        crossed = self.attention(
            trace.states,
            source=encoded.vectors if before is None else encoded.vectors[:, :0],
            mask=None if encoded.mask is None else encoded.mask[:, None, None],
            past=None if before is None else before.memory,
        )
        scores = self._read_out(torch.cat([trace.states, crossed.output], dim=-1))
        return Translated(scores, crossed, [RecurrentPast(trace.last, crossed.past)])


class TransformerTranslator(Translator[LayerPast]):
    """Embeddings and sinusoidal positions around a Transformer. Vaswani et al. 2017."""

    def __init__(
        self,
        symbols: int,
        d_model: int,
        heads: int,
        generator: torch.Generator | None = None,
        *,
        layers: int = 1,
        norm: Norm = "pre",
        causal: bool = True,
        longest: int = 64,
    ):
        """Draw the parameters; embeddings with standard deviation 0.5.

        The feed-forward networks have 4 * d_model units.

        Args:
            symbols: how many tokens there are in both languages.
            d_model: size of the tokens' vectors.
            heads: heads of each attention.
            generator: what the parameters are drawn from.
            layers: layers of the encoder, and of the decoder.
            norm: as in `transformer.EncoderLayer`.
            causal: whether a target's token must not read those after it; without, training sees the answers.
            longest: how many tokens a source or a target may have.
        """
        super().__init__(symbols, d_model, d_model, generator)
        sizes = layers, d_model, heads, 4 * d_model, generator
        self.transformer = Transformer(make_encoder(*sizes, norm=norm), make_decoder(*sizes, norm=norm))
        self.causal = causal
        self.register_buffer("positions", sinusoidal_encoding(longest, d_model))

    def encode(
        self, source: Int[Tensor, "batch source"], mask: Bool[Tensor, "batch source"] | None = None
    ) -> Encoded:
        """Let all tokens of the source read each other.

        Raises ValueError if there are more than `longest`.
        """
        trace = self.transformer.encoder(self._embed(source), None if mask is None else mask[:, None, None])
        return Encoded(trace.output, mask)

    def decode(
        self,
        target: Int[Tensor, "batch target"],
        encoded: Encoded,
        past: Sequence[LayerPast] | None = None,
    ) -> Translated[LayerPast]:
        """Let each token of the target read those before it and the source.

        Raises ValueError if there are more than `longest`.
        """
        x = self._embed(target, past[0].own.key.shape[-2] if past else 0)
        trace = self.transformer.decoder(x, encoded.vectors, encoded.mask, past=past, causal=self.causal)
        return Translated(self._read_out(trace.output), trace.layers[-1].crossed, trace.past)

    def _embed(self, tokens: Tensor, before: int = 0) -> Tensor:
        end = before + tokens.shape[1]
        if end > len(self.positions):
            raise ValueError(f"there are positions for {len(self.positions)} tokens, not {end}")
        return self.embedding[tokens] + self.positions[before:end]
