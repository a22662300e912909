"""A small model around an encoder: it gives each token of a sequence a class."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import linear

from course_lib.models.attention import glorot
from course_lib.models.transformer import Encoder, EncoderLayer, StackTrace


class EncoderClassifier(nn.Module):
    """Embedded tokens with learned positions, an encoder over them, and a linear read-out of each token."""

    def __init__(
        self,
        symbols: int,
        steps: int,
        encoder: Encoder,
        classes: int,
        generator: torch.Generator | None = None,
    ):
        """Draw embeddings and positions with standard deviation 1, the read-out as Glorot and Bengio 2010.

        Args:
            symbols: how many symbols there are.
            steps: how many positions there are: the longest sequence.
            encoder: the encoder; it says how large the vectors are.
            classes: how many scores are read out for each token.
            generator: what the parameters are drawn from.
        """
        super().__init__()
        layer = encoder.layers[0]
        assert isinstance(layer, EncoderLayer)
        d_model = layer.attention.d_model
        self.embedding = nn.Parameter(torch.randn(symbols, d_model, generator=generator))
        self.positions = nn.Parameter(torch.randn(steps, d_model, generator=generator))
        self.encoder = encoder
        self.weight_output = glorot(classes, d_model, generator)
        self.bias_output = nn.Parameter(torch.zeros(classes))

    def forward(
        self, tokens: Int[Tensor, "batch steps"], mask: Bool[Tensor, "batch steps"] | None = None
    ) -> tuple[Float[Tensor, "batch steps classes"], StackTrace]:
        """Return the scores of the classes for each token, and what the encoder computed.

        Args:
            tokens: the symbols' numbers.
            mask: true where there is a token and no padding; without one, all are read.

        Raises:
            ValueError: the sequences are longer than the positions reach.
        """
        steps = tokens.shape[1]
        if steps > len(self.positions):
            raise ValueError(f"there are positions for {len(self.positions)} steps, not {steps}")
        x = self.embedding[tokens] + self.positions[:steps]
        trace = self.encoder(x, None if mask is None else mask[:, None, None])
        return linear(trace.output, self.weight_output, self.bias_output), trace
