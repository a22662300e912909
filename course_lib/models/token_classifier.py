"""A small model around one attention: it gives each token of a sequence a class."""

from collections.abc import Collection
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import linear

from course_lib.models.attention import Attended, Mask, MultiHeadAttention, Scale, SelfAttention, glorot


class TokenClassifier(nn.Module):
    """Embedded tokens, one attention over them, and a read-out of each token and of what it has read."""

    def __init__(
        self,
        symbols: int,
        attention: SelfAttention | MultiHeadAttention,
        classes: int,
        generator: torch.Generator | None = None,
        *,
        positions: Float[Tensor, "steps d_model"] | None = None,
        hidden: int = 0,
    ):
        """Draw embeddings with standard deviation 0.5, the read-out by the rule of Glorot and Bengio 2010.

        Args:
            symbols: how many symbols there are.
            attention: the attention between the tokens.
            classes: how many scores are read out for each token.
            generator: what the parameters are drawn from.
            positions: vectors that are added to the embeddings, one a step; an `nn.Parameter` is trained.
            hidden: units of a hidden layer in the read-out; with 0 it is linear.
        """
        super().__init__()
        self.attention = attention
        self.embedding = nn.Parameter(0.5 * torch.randn(symbols, attention.d_model, generator=generator))
        if positions is None or isinstance(positions, nn.Parameter):
            self.positions = positions
        else:
            self.register_buffer("positions", positions)
        sizes = [attention.d_model + attention.d_out, *([hidden] if hidden else []), classes]
        self.weights = nn.ParameterList(glorot(rows, columns, generator) for columns, rows in pairwise(sizes))
        self.biases = nn.ParameterList(torch.zeros(rows) for rows in sizes[1:])

    def forward(
        self,
        tokens: Int[Tensor, "batch steps"],
        mask: Mask | None = None,
        **attending: Scale | Collection[int] | None,
    ) -> tuple[Float[Tensor, "batch steps classes"], Attended]:
        """Return the scores of the classes for each token, and what the attention computed.

        Args:
            tokens: the symbols' numbers.
            mask: true where a token may read another.
            attending: what else its attention takes: `scale` of one head, `removed` of several.

        Raises:
            ValueError: the sequences are longer than the positions reach.
        """
        x = self.embedding[tokens]
        if self.positions is not None:
            if tokens.shape[1] > len(self.positions):
                raise ValueError(
                    f"there are positions for {len(self.positions)} steps, not {tokens.shape[1]}"
                )
            x = x + self.positions[: tokens.shape[1]]
        attended = self.attention(x, mask=mask, **attending)
        scores = torch.cat([x, attended.output], dim=-1)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            scores = linear(torch.relu(scores) if layer else scores, weight, bias)
        return scores, attended
