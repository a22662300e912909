"""Pictures as sequences of patches: a vision Transformer, and the networks that it is measured against."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import linear, pad

from course_lib.models.attention import glorot
from course_lib.models.transformer import StackTrace, make_encoder


def patchify(
    images: Float[Tensor, "batch channels height width"], size: int
) -> Float[Tensor, "batch patches values"]:
    """Cut pictures into squares of `size` x `size` pixels, row after row, and make a vector of each.

    A vector holds the first channel's pixels, row after row, then the second channel's, and so on. Raises
    ValueError if height or width can't be divided by the size.
    """
    batch, channels, height, width = images.shape
    if size < 1 or height % size or width % size:
        raise ValueError(f"{height} x {width} pixels can't be cut into squares of {size} x {size}")
    squares = images.reshape(batch, channels, height // size, size, width // size, size)
    return squares.permute(0, 2, 4, 1, 3, 5).flatten(start_dim=3).flatten(start_dim=1, end_dim=2)


def unpatchify(
    patches: Float[Tensor, "batch patches values"], size: int, height: int
) -> Float[Tensor, "batch channels height width"]:
    """Put patches together again; undoes `patchify` of pictures with this height."""
    batch, count, values = patches.shape
    rows = height // size
    squares = patches.reshape(batch, rows, count // rows, values // size**2, size, size)
    return squares.permute(0, 3, 1, 4, 2, 5).flatten(start_dim=4).flatten(start_dim=2, end_dim=3)


class PatchEmbedding(nn.Module):
    """A linear map of every patch of a grey square picture, and the vector of its place."""

    def __init__(
        self,
        side: int,
        size: int,
        d_model: int,
        generator: torch.Generator | None = None,
        positions: bool = True,
    ):
        """Draw the map by the rule of Glorot and Bengio 2010, places with standard deviation 0.3.

        Args:
            side: pixels of the picture's side.
            size: pixels of a patch's side.
            d_model: size of the vectors.
            generator: what the parameters are drawn from.
            positions: whether a place has a vector; without, the patches are a bag.
        """
        super().__init__()
        self.side, self.size = side, size
        self.weight = glorot(d_model, size**2, generator)
        self.bias = nn.Parameter(torch.zeros(d_model))
        places = 0.3 * torch.randn((side // size) ** 2, d_model, generator=generator)
        self.positions = nn.Parameter(places) if positions else None

    def forward(self, images: Float[Tensor, "batch side side"]) -> Float[Tensor, "batch patches d_model"]:
        """Return a vector for each patch."""
        x = linear(patchify(images[:, None], self.size), self.weight, self.bias)
        return x if self.positions is None else x + self.positions


class VisionTransformer(nn.Module):
    """An encoder that reads the patches of a picture and gives it a class. Dosovitskiy et al. 2020."""

    def __init__(
        self,
        embedding: PatchEmbedding,
        classes: int,
        *,
        layers: int,
        heads: int,
        generator: torch.Generator | None = None,
    ):
        """Draw the encoder, whose networks have twice as many hidden units as a vector has numbers.

        The scores are read off a learned token of its own, which stands before the patches: the class token.
        It is drawn with standard deviation 0.3.

        Args:
            embedding: what makes vectors of the patches.
            classes: how many scores are read out.
            layers: layers of the encoder.
            heads: heads of a layer.
            generator: what the parameters are drawn from.
        """
        super().__init__()
        d_model = len(embedding.weight)
        self.embedding = embedding
        self.class_token = nn.Parameter(0.3 * torch.randn(d_model, generator=generator))
        self.encoder = make_encoder(layers, d_model, heads, 2 * d_model, generator)
        self.weight = glorot(classes, d_model, generator)
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(
        self, images: Float[Tensor, "batch side side"], kept: Bool[Tensor, "batch patches"] | None = None
    ) -> tuple[Float[Tensor, "batch classes"], StackTrace]:
        """Return the scores of the classes, and what the encoder computed; the class token is token 0.

        Where `kept` is false, a patch is left out: no token reads it.
        """
        x = self.embedding(images)
        x = torch.cat([self.class_token.expand(len(x), 1, -1), x], dim=1)
        mask = None if kept is None else pad(kept, (1, 0), value=True)[:, None, None]
        trace = self.encoder(x, mask)
        return linear(trace.output[:, 0], self.weight, self.bias), trace


def attention_rollout(
    weights: Sequence[Float[Tensor, "batch heads query key"]],
) -> Float[Tensor, "batch query key"]:
    """Return how much of each input token is in each output token, going by the attention alone.

    Half of a layer's output is taken to be its own token (the residual stream), the other half what its
    heads read on average; the layers are multiplied. Abnar and Zuidema 2020. It knows nothing of values,
    feed-forward networks and norms.
    """
    total = torch.eye(weights[0].shape[-1]).expand_as(weights[0][:, 0])
    for layer in weights:
        read = layer.mean(dim=1)
        total = (read + torch.eye(read.shape[-1])) / 2 @ total
    return total


def perceptron(
    inputs: int, hidden: int, outputs: int, generator: torch.Generator | None = None
) -> nn.Sequential:
    """Make a network with one hidden layer of ReLU units that reads all pixels of a picture at once."""
    return _drawn(
        nn.Sequential(nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs)),
        generator,
    )


def convolutional(
    side: int, channels: Sequence[int], outputs: int, generator: torch.Generator | None = None
) -> nn.Sequential:
    """Make a convolutional network for grey square pictures (batch, side, side).

    For each number of channels it has a convolution of 3 x 3 pixels, ReLU and a maximum over 2 x 2 pixels;
    then a linear map of all that is left.
    """
    parts: list[nn.Module] = [nn.Unflatten(1, (1, side))]
    for before, after in pairwise([1, *channels]):
        parts += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    left = channels[-1] * (side // 2 ** len(channels)) ** 2
    return _drawn(nn.Sequential(*parts, nn.Flatten(), nn.Linear(left, outputs)), generator)


def feature_maps(
    network: nn.Sequential, images: Float[Tensor, "batch height width"]
) -> Float[Tensor, "batch places channels"]:
    """Return what a `convolutional` network computes before its last, linear map, place after place.

    The pictures may have other sides than those that it was trained on: at every place it computes the same.
    """
    return network[1:-2](images[:, None]).flatten(start_dim=2).transpose(1, 2)


def _drawn(network: nn.Sequential, generator: torch.Generator | None) -> nn.Sequential:
    """Draw the weights by the rule of He et al. 2015; biases are 0."""
    for parameter in network.parameters():
        if parameter.ndim > 1:
            nn.init.kaiming_uniform_(parameter, nonlinearity="relu", generator=generator)
        else:
            nn.init.zeros_(parameter)
    return network
