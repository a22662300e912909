"""Text to image: a picture becomes a sentence of codes, which a decoder writes after the caption's words."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

from course_lib.data.captions import SIDE, STROKES, TILTS
from course_lib.models.attention import causal_mask, glorot
from course_lib.models.transformer import LayerPast, StackTrace, make_encoder
from course_lib.models.vision import convolutional, patchify, unpatchify


@dataclass(frozen=True)
class Codebook:
    """Patches that stand for all others; the number of one is a code.

    Attributes:
        patches: the patches, row after row of their pixels.
        size: pixels of a patch's side.
    """

    patches: Float[Tensor, "codes values"]
    size: int

    def encode(self, images: Float[Tensor, "batch side side"]) -> Int[Tensor, "batch places"]:
        """Return the code of the nearest patch at each place of a picture, row after row."""
        nearest = [
            torch.cdist(patchify(some[:, None], self.size), self.patches).argmin(dim=-1)
            for some in images.split(1000)
        ]
        return torch.cat(nearest)

    def decode(self, codes: Int[Tensor, "batch places"]) -> Float[Tensor, "batch side side"]:
        """Return the square pictures that codes stand for."""
        side = round(codes.shape[1] ** 0.5) * self.size
        return unpatchify(self.patches[codes], self.size, side)[:, 0]


def learn_codebook(
    images: Float[Tensor, "image side side"], codes: int, size: int, seed: int = 0
) -> Codebook:
    """Find the patches that are nearest to those of all pictures on average, by k-means (Lloyd 1982).

    Patches without any ink, which are many and all alike, are left out. Raises ValueError if the pictures'
    side can't be divided by the size, or they have fewer patches with ink than codes are asked for.
    """
    patches = patchify(images[:, None], size).flatten(start_dim=0, end_dim=1)
    patches = patches[(patches > 0).any(dim=1)]
    if not 1 <= codes <= len(patches):
        raise ValueError(f"{len(patches)} patches with ink can't be sorted into {codes} groups")
    from sklearn.cluster import KMeans  # takes a second to import

    found = KMeans(codes, n_init=1, max_iter=30, random_state=seed).fit(patches.numpy())
    return Codebook(torch.as_tensor(found.cluster_centers_), size)


class Painter(nn.Module):
    """A decoder without an encoder that reads words and codes as one stream. Ramesh et al. 2021 (DALL-E).

    Symbols 0 to codes - 1 are codes; those after are words. Each symbol reads itself and those before it, and
    predicts the next one, which is a code.
    """

    def __init__(
        self,
        words: int,
        codes: int,
        longest: int,
        d_model: int,
        heads: int,
        generator: torch.Generator | None = None,
        *,
        layers: int = 1,
    ):
        """Draw the parameters; embeddings and positions with standard deviation 0.3.

        Args:
            words: how many words there are.
            codes: how many codes there are.
            longest: the most symbols of a stream.
            d_model: size of the symbols' vectors; a feed-forward network has four times as many hidden units.
            heads: heads of a layer.
            generator: what the parameters are drawn from.
            layers: layers of the decoder.
        """
        super().__init__()
        self.codes = codes
        self.embedding = nn.Parameter(0.3 * torch.randn(codes + words, d_model, generator=generator))
        self.positions = nn.Parameter(0.3 * torch.randn(longest, d_model, generator=generator))
        # Without a memory to read, a decoder's layer is an encoder's with a causal mask.
        self.decoder = make_encoder(layers, d_model, heads, 4 * d_model, generator)
        self.weight = glorot(codes, d_model, generator)
        self.bias = nn.Parameter(torch.zeros(codes))

    def prompt(self, words: Int[Tensor, "*batch steps"]) -> Int[Tensor, "*batch steps"]:
        """Return words as symbols of the stream."""
        return words + self.codes

    def forward(
        self, stream: Int[Tensor, "batch steps"], past: Sequence[LayerPast] | None = None
    ) -> tuple[Float[Tensor, "batch steps codes"], StackTrace]:
        """Score the code that comes after each symbol, and return what the decoder computed.

        With a past, the stream holds the symbols after it. Raises ValueError if it is longer than the
        positions reach.
        """
        before = 0 if not past else past[0].own.key.shape[-2]
        steps = before + stream.shape[1]
        if steps > len(self.positions):
            raise ValueError(f"there are positions for {len(self.positions)} symbols, not {steps}")
        x = self.embedding[stream] + self.positions[before:steps]
        trace = self.decoder(x, causal_mask(steps)[before:], past)
        return linear(trace.output, self.weight, self.bias), trace

    def loss(
        self, words: Int[Tensor, "batch words"], pictures: Int[Tensor, "batch places"]
    ) -> Float[Tensor, ""]:
        """Return the mean cross-entropy of the pictures' codes, in nats a code; words are only read."""
        scores, _ = self(torch.cat([self.prompt(words), pictures[:, :-1]], dim=1))
        return cross_entropy(scores[:, words.shape[1] - 1 :].flatten(0, 1), pictures.flatten())

    @torch.no_grad()
    def advance(
        self, stream: Int[Tensor, "rows new"], past: list[LayerPast] | None
    ) -> tuple[Float[Tensor, "rows codes"], list[LayerPast]]:
        """Go on from what was read before: `generation.CachedStep` wraps this."""
        scores, trace = self(stream, past)
        return scores[:, -1], trace.past


class Judge(nn.Module):
    """A convolutional network that reads digit, tilt and stroke off a picture of `data.captions`."""

    KINDS = (10, len(TILTS), len(STROKES))

    def __init__(self, generator: torch.Generator | None = None):
        """Draw the weights."""
        super().__init__()
        self.network = convolutional(SIDE, (8, 16), sum(self.KINDS), generator)

    def loss(self, images: Float[Tensor, "image 16 16"], traits: Int[Tensor, "image 3"]) -> Float[Tensor, ""]:
        """Return the sum of the three traits' cross-entropies, in nats a picture."""
        pairs = zip(self._scores(images), traits.T, strict=True)
        return torch.stack([cross_entropy(scores, trait) for scores, trait in pairs]).sum()

    @torch.no_grad()
    def read(self, images: Float[Tensor, "image 16 16"]) -> Int[Tensor, "image 3"]:
        """Return the likeliest digit, tilt and stroke of each picture, by their numbers."""
        return torch.stack([scores.argmax(dim=-1) for scores in self._scores(images)], dim=1)

    def _scores(self, images: Tensor) -> Sequence[Tensor]:
        return self.network(images).split(self.KINDS, dim=1)
