"""Handwritten digits of 8 x 8 pixels; their origin and licence are in `SOURCES.md`."""

from typing import NamedTuple, cast

import torch
from jaxtyping import Float, Int
from numpy import ndarray
from sklearn.datasets import load_digits
from torch import Tensor


class Digits(NamedTuple):
    """Images, 0 (paper) to 1 (ink), and the digit 0 to 9 that each shows; to train on and to test with."""

    train_images: Float[Tensor, "train 8 8"]
    train_labels: Int[Tensor, "train"]
    test_images: Float[Tensor, "test 8 8"]
    test_labels: Int[Tensor, "test"]


def handwritten(generator: torch.Generator, test: int = 450) -> Digits:
    """Read the 1,797 digits and set `test` of them, drawn at random, aside for testing.

    An image is a sequence as it stands, of 8 steps (rows) with 8 values; `pixels` makes the other kind of it.
    Raises ValueError unless 0 <= test < 1797.
    """
    ink, digits = cast("tuple[ndarray, ndarray]", load_digits(return_X_y=True))
    images = torch.tensor(ink / 16, dtype=torch.get_default_dtype()).unflatten(1, (8, 8))
    labels = torch.tensor(digits)
    if not 0 <= test < len(images):
        raise ValueError(f"set 0 to {len(images) - 1} of the {len(images)} digits aside, not {test}")
    order = torch.randperm(len(images), generator=generator)
    held_out, rest = order[:test], order[test:]
    return Digits(images[rest], labels[rest], images[held_out], labels[held_out])


def pixels(images: Float[Tensor, "batch 8 8"]) -> Float[Tensor, "batch 64 1"]:
    """Read images pixel by pixel, row after row: sequences of 64 steps of one value."""
    return images.flatten(start_dim=1)[..., None]
