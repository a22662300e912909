"""Scenes: one to three handwritten digits of several sizes on a sheet, each with its box and its class."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

SIDE = 20
"""Pixels of a scene's side."""
MOST = 3
"""Most digits in a scene."""
NOTHING = 10
"""The label of a place where no digit is listed."""
SIZES = (8, 10)
"""The least and the largest side, in pixels, to which a digit of 8 x 8 pixels is brought."""

_FAINT = 0.2
"""A box is as tight as it can be around what has more ink than this."""


class Scenes(NamedTuple):
    """Images, 0 (paper) to 1 (ink), and their objects in any order.

    A box is (x, y, width, height), in shares of the side; x and y are its middle, counted from the upper
    left. Where an image has fewer than 3 objects, the last labels are NOTHING and their boxes 0.
    """

    images: Float[Tensor, "scene 20 20"]
    boxes: Float[Tensor, "scene 3 4"]
    labels: Int[Tensor, "scene 3"]


def draw_scenes(
    digits: Float[Tensor, "digit 8 8"], labels: Int[Tensor, "digit"], count: int, generator: torch.Generator
) -> Scenes:
    """Draw scenes of one to three digits, all equally likely, whose boxes don't overlap."""
    chosen, squares, boxes = (
        torch.cat(parts) for parts in zip(*_placed(digits, count, generator), strict=True)
    )
    chosen, squares, boxes = chosen[:count], squares[:count], boxes[:count]
    missing = torch.arange(MOST) >= torch.randint(1, MOST + 1, (count, 1), generator=generator)
    inks = _paint(digits[chosen].flatten(0, 1), squares.flatten(0, 1)).view(count, MOST, SIDE, SIDE)
    sheets = inks.masked_fill(missing[..., None, None], 0).amax(dim=1)
    return Scenes(
        sheets, boxes.masked_fill(missing[..., None], 0), labels[chosen].masked_fill(missing, NOTHING)
    )


def _placed(
    digits: Tensor, count: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """At least `count` times three digits, the squares they are drawn into and their boxes, all in shares."""
    in_square = _boxes_of_ink(digits > _FAINT)
    low, high = SIZES
    while count > 0:
        chosen = torch.randint(len(digits), (1000, MOST), generator=generator)
        sizes = (low + (high - low) * torch.rand(1000, MOST, 1, generator=generator)) / SIDE
        corners = (1 - sizes) * torch.rand(1000, MOST, 2, generator=generator)
        middles, extents = in_square[chosen].split(2, dim=-1)
        boxes = torch.cat([corners + sizes * middles, sizes * extents], dim=-1)
        apart = ~_overlapping(boxes)
        yield chosen[apart], torch.cat([corners, sizes], dim=-1)[apart], boxes[apart]
        count -= int(apart.sum())


def _boxes_of_ink(ink: Bool[Tensor, "digit row column"]) -> Float[Tensor, "digit 4"]:
    """The box around what is inked, in shares of the picture's side."""
    side, spans = ink.shape[-1], []
    for inked in (ink.any(dim=-2), ink.any(dim=-1)):  # columns, then rows
        first = inked.int().argmax(dim=-1)
        end = side - inked.flip(-1).int().argmax(dim=-1)
        spans.append(((first + end) / 2, end - first))
    (x, width), (y, height) = spans
    return torch.stack([x, y, width, height], dim=-1) / side


def _overlapping(boxes: Float[Tensor, "scene object 4"]) -> Bool[Tensor, "scene"]:
    """Whether any two boxes of a scene overlap."""
    middles, extents = boxes.split(2, dim=-1)
    distances = (middles[:, :, None] - middles[:, None]).abs()
    shared = (distances < (extents[:, :, None] + extents[:, None]) / 2).all(dim=-1)
    return (shared & ~torch.eye(MOST, dtype=torch.bool)).any(dim=(1, 2))


def _paint(
    digits: Float[Tensor, "digit 8 8"], squares: Float[Tensor, "digit 3"]
) -> Float[Tensor, "digit 20 20"]:
    """Each digit on a sheet of its own, in a square that is given by its left and upper edge and its side."""
    corners, sizes = squares.split([2, 1], dim=-1)
    maps = torch.zeros(len(digits), 2, 3)
    maps[:, 0, 0] = maps[:, 1, 1] = 1 / sizes[:, 0]
    maps[:, :, 2] = (1 - 2 * corners) / sizes - 1
    grid = affine_grid(maps, [len(digits), 1, SIDE, SIDE], align_corners=False)
    return grid_sample(digits[:, None], grid, align_corners=False)[:, 0]
