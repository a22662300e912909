"""Detection as the prediction of a set: boxes and classes of all objects of a picture at once.

A box is (x, y, width, height), in shares of the picture's side; x and y are its middle.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

from course_lib.models.attention import glorot
from course_lib.models.transformer import StackTrace, make_decoder

NOTHING_WEIGHT = 0.3
"""How much a query without an object counts in the loss of the classes; there are more of them."""


class Detections(NamedTuple):
    """What each query of each picture found: scores of the classes, the last for "nothing", and a box."""

    scores: Float[Tensor, "batch queries classes"]
    boxes: Float[Tensor, "batch queries 4"]

    @property
    def nothing(self) -> int:
        """The number of the class "nothing"."""
        return self.scores.shape[-1] - 1

    @property
    def kinds(self) -> tuple[Float[Tensor, "batch queries"], Int[Tensor, "batch queries"]]:
        """The probability of the most probable kind of object of each query, and that kind."""
        chances, kinds = self.scores.softmax(dim=-1)[..., :-1].max(dim=-1)
        return chances, kinds


def overlap(
    first: Float[Tensor, "*batch 4"], second: Float[Tensor, "*batch 4"]
) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch"]]:
    """Return intersection over union of boxes, from 0 to 1, and its generalised form, from -1 to 1.

    The generalised form takes off the share of the smallest box around both that belongs to neither: it
    falls with the distance of boxes that don't meet. Rezatofighi et al. 2019.
    """
    (low, high), (low_other, high_other) = _edges(first), _edges(second)
    both = (torch.minimum(high, high_other) - torch.maximum(low, low_other)).clamp(min=0).prod(dim=-1)
    either = first[..., 2:].prod(dim=-1) + second[..., 2:].prod(dim=-1) - both
    around = (torch.maximum(high, high_other) - torch.minimum(low, low_other)).prod(dim=-1)
    ratio = both / either.clamp(min=1e-9)
    return ratio, ratio - (around - either) / around.clamp(min=1e-9)


def match_objects(cost: Float[Tensor, "queries objects"]) -> Int[Tensor, "objects"]:
    """Return the query of each object: no query twice, and the sum of their costs as small as can be.

    The assignment problem; the Hungarian method (Kuhn 1955) and its successors solve it. Raises ValueError
    if there are fewer queries than objects.
    """
    return torch.as_tensor(_match(cost.detach().numpy()))


def _match(cost: np.ndarray) -> np.ndarray:
    """`match_objects` of an array: the loss asks for each picture of a batch."""
    queries, objects = cost.shape
    if queries < objects:
        raise ValueError(f"{objects} objects can't have a query of their own each: there are {queries}")
    return linear_sum_assignment(cost.T)[1]


def matching_cost(
    found: Detections, boxes: Float[Tensor, "batch objects 4"], labels: Int[Tensor, "batch objects"]
) -> Float[Tensor, "batch queries objects"]:
    """Return how badly each query fits each object, with the paper's weights. Carion et al. 2020.

    5 times the sum of the four differences of the boxes, less 2 times their generalised overlap, less the
    probability of the object's class.
    """
    pairs = torch.broadcast_tensors(found.boxes[:, :, None], boxes[:, None])
    chances = found.scores.softmax(dim=-1)
    right = chances.gather(2, labels[:, None].expand(-1, chances.shape[1], -1))
    return 5 * (pairs[0] - pairs[1]).abs().sum(dim=-1) - 2 * overlap(*pairs)[1] - right


def set_loss(
    found: Detections, boxes: Float[Tensor, "batch objects 4"], labels: Int[Tensor, "batch objects"]
) -> Float[Tensor, ""]:
    """Match queries and objects, then ask each query for its object, or for nothing. Carion et al. 2020.

    The order in which the objects are listed makes no difference. Objects of the class "nothing" fill short
    lists up; they are not matched. Without any object only the classes count.
    """
    real = labels != found.nothing
    with torch.no_grad():
        costs = matching_cost(found, boxes, labels).numpy()
        each = [_match(cost[:, kept]) for cost, kept in zip(costs, real.numpy(), strict=True)]
        matched = torch.as_tensor(np.concatenate(each))
    pictures = real.nonzero()[:, 0]
    wanted = torch.full(found.scores.shape[:2], found.nothing)
    wanted[pictures, matched] = labels[real]
    weights = torch.ones(found.nothing + 1)
    weights[-1] = NOTHING_WEIGHT
    classes = cross_entropy(found.scores.flatten(0, 1), wanted.flatten(), weights)
    if not real.any():
        return classes
    mine, theirs = found.boxes[pictures, matched], boxes[real]
    distance = (mine - theirs).abs().sum(dim=-1).mean()
    return classes + 5 * distance + 2 * (1 - overlap(mine, theirs)[1].mean())


class Detector(nn.Module):
    """A decoder whose steps are not words but object queries: all read the picture, and answer at once.

    The queries are learned vectors; they read one another, without a mask, and the picture. Carion et al.
    2020 (DETR), without the encoder between the convolutional network and the decoder.
    """

    def __init__(
        self,
        places: int,
        channels: int,
        classes: int,
        *,
        queries: int,
        d_model: int,
        heads: int,
        layers: int = 1,
        generator: torch.Generator | None = None,
    ):
        """Draw matrices by the rule of Glorot and Bengio 2010, places and queries with standard deviation 1.

        The decoder's networks have twice as many hidden units as a vector has numbers.

        Args:
            places: places of the picture at which features are given.
            channels: features at each place.
            classes: kinds of objects; "nothing" comes on top.
            queries: the most objects that can be found.
            d_model: size of the vectors.
            heads: heads of a layer.
            layers: layers of the decoder.
            generator: what the parameters are drawn from.
        """
        super().__init__()
        self.weight_features = glorot(d_model, channels, generator)
        self.bias_features = nn.Parameter(torch.zeros(d_model))
        self.positions = nn.Parameter(torch.randn(places, d_model, generator=generator))
        self.queries = nn.Parameter(torch.randn(queries, d_model, generator=generator))
        self.decoder = make_decoder(layers, d_model, heads, 2 * d_model, generator)
        self.weight_class = glorot(classes + 1, d_model, generator)
        self.bias_class = nn.Parameter(torch.zeros(classes + 1))
        self.weight_hidden = glorot(d_model, d_model, generator)
        self.bias_hidden = nn.Parameter(torch.zeros(d_model))
        self.weight_box = glorot(4, d_model, generator)
        self.bias_box = nn.Parameter(torch.zeros(4))

    def forward(self, features: Float[Tensor, "batch places channels"]) -> tuple[Detections, StackTrace]:
        """Return what the queries found, and what the decoder computed; its steps are the queries."""
        memory = linear(features, self.weight_features, self.bias_features) + self.positions
        trace = self.decoder(self.queries.expand(len(memory), -1, -1), memory, causal=False)
        scores = linear(trace.output, self.weight_class, self.bias_class)
        hidden = torch.relu(linear(trace.output, self.weight_hidden, self.bias_hidden))
        boxes = torch.sigmoid(linear(hidden, self.weight_box, self.bias_box))
        return Detections(scores, boxes), trace


def average_precision(
    found: Detections,
    boxes: Float[Tensor, "batch objects 4"],
    labels: Int[Tensor, "batch objects"],
    threshold: float = 0.5,
) -> float:
    """Return the mean over the classes of the area under the curve of precision against recall.

    The detections of a class are ranked by their probability. One is right if the object of its class that
    it overlaps most is overlapped by `threshold` or more, and no earlier one has found it. Precision is the
    largest at this recall or a higher one, as in the PASCAL VOC challenge of 2010 (Everingham et al. 2010).
    Classes without objects don't count. Raises ValueError if no class has any.
    """
    if (labels == found.nothing).all():
        raise ValueError("there is no object to find, so precision and recall mean nothing")
    chances, kinds = found.kinds
    areas = []
    for kind in set(labels.flatten().tolist()) - {found.nothing}:
        pictures, queries = (kinds == kind).nonzero().T
        ranked = chances[pictures, queries].argsort(descending=True, stable=True)
        pictures, queries = pictures[ranked], queries[ranked]
        pairs = torch.broadcast_tensors(found.boxes[pictures, queries][:, None], boxes[pictures])
        fits = overlap(*pairs)[0].masked_fill(labels[pictures] != kind, 0)
        right = _first_to_find(pictures, fits, threshold)
        precision = right.cumsum(dim=0) / torch.arange(1, len(right) + 1)
        best = precision.flip(0).cummax(dim=0).values.flip(0)
        areas.append((best * right).sum() / (labels == kind).sum())
    return torch.stack(areas).mean().item()


def _first_to_find(
    pictures: Int[Tensor, "detection"], fits: Float[Tensor, "detection objects"], threshold: float
) -> Int[Tensor, "detection"]:
    """1 where a detection's best object is near enough and has not been found before, else 0."""
    seen, right = set(), []
    for picture, fit in zip(pictures.tolist(), fits, strict=True):
        best = int(fit.argmax())
        right.append(int(fit[best] >= threshold and (picture, best) not in seen))
        if right[-1]:
            seen.add((picture, best))
    return torch.tensor(right, dtype=torch.int64)


def _edges(boxes: Float[Tensor, "*batch 4"]) -> tuple[Float[Tensor, "*batch 2"], Float[Tensor, "*batch 2"]]:
    """Left and upper edge, and right and lower edge."""
    middles, sizes = boxes.split(2, dim=-1)
    return middles - sizes / 2, middles + sizes / 2
