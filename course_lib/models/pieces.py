"""Detection by hand: what hangs together is an object, and a classifier of single digits names it."""

from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from jaxtyping import Float
from scipy.ndimage import find_objects, label
from torch import Tensor
from torch.nn.functional import interpolate, pad
from torch.nn.utils.rnn import pad_sequence

from course_lib.models.detection import Detections

FAINT = 0.5
"""Pixels with less ink are paper: a high mark, so that neighbours come apart; a few digits break."""


@torch.no_grad()
def detect_pieces(
    images: Float[Tensor, "batch side side"],
    classify: Callable[[Float[Tensor, "pieces 8 8"]], Float[Tensor, "pieces classes"]],
) -> Detections:
    """Return a detection for each piece of ink; short lists are filled up with detections of nothing.

    Args:
        images: pictures; one without ink has no pieces.
        classify: from pieces, as `cut_pieces` makes them, to the scores of their classes.
    """
    scores, boxes = [], []
    for image in images:
        where, pieces = cut_pieces(image)
        scores.append(pad(classify(pieces), (0, 1), value=-torch.inf))
        boxes.append(where)
    filled = pad_sequence(scores, batch_first=True, padding_value=-torch.inf)
    filled[..., -1].masked_fill_(filled.isinf().all(dim=-1), 0)
    return Detections(filled, pad_sequence(boxes, batch_first=True))


def cut_pieces(
    image: Float[Tensor, "side side"],
) -> tuple[Float[Tensor, "pieces 4"], Float[Tensor, "pieces 8 8"]]:
    """Return boxes and pictures of the pieces that hang together, if only by a corner.

    A piece is brought to 8 x 8 pixels, in the middle of a square, as the digits are.
    """
    marks, _ = label(image.numpy() > FAINT, structure=np.ones((3, 3)))
    places = cast("list[tuple[slice, slice]]", find_objects(marks))
    if not places:
        return torch.zeros(0, 4), torch.zeros(0, 8, 8)
    boxes = torch.stack([_box(place, len(image)) for place in places])
    return boxes, torch.stack([_cut_out(image, place) for place in places])


def _cut_out(image: Tensor, place: tuple[slice, slice]) -> Float[Tensor, "8 8"]:
    piece = image[place]
    height, width = piece.shape
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    square = pad(piece, (left, side - width - left, top, side - height - top))
    return interpolate(square[None, None], (8, 8), mode="bilinear", align_corners=False)[0, 0]


def _box(place: tuple[slice, slice], side: int) -> Float[Tensor, "4"]:
    rows, columns = place
    middles = (columns.start + columns.stop) / 2, (rows.start + rows.stop) / 2
    return torch.tensor([*middles, columns.stop - columns.start, rows.stop - rows.start]) / side
