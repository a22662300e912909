"""The digits and their split."""

import pytest
import torch

from course_lib.data import digits


def test_split_holds_every_digit_once():
    data = digits.handwritten(torch.Generator().manual_seed(1), test=400)
    assert data.train_images.shape == (1397, 8, 8)
    assert data.test_images.shape == (400, 8, 8)
    again = digits.handwritten(torch.Generator().manual_seed(2), test=0)
    images = torch.cat([data.train_images, data.test_images]).flatten(start_dim=1)
    every = again.train_images.flatten(start_dim=1)
    assert torch.equal(
        images.unique(dim=0, return_counts=True)[1], every.unique(dim=0, return_counts=True)[1]
    )
    assert torch.equal(images.unique(dim=0), every.unique(dim=0))


def test_at_least_one_digit_is_left_to_train_on():
    assert len(digits.handwritten(torch.Generator(), test=1796).train_labels) == 1
    for test in (1797, -1):
        with pytest.raises(ValueError, match=f"^set 0 to 1796 of the 1797 digits aside, not {test}$"):
            digits.handwritten(torch.Generator(), test)


def test_ink_lies_between_0_and_1():
    images = digits.handwritten(torch.Generator().manual_seed(1)).train_images
    assert images.dtype == torch.get_default_dtype()
    assert images.min() == 0
    assert images.max() == 1


def test_labels_stay_with_their_images():
    """The mean image of each digit in one part recognises most of the other part."""
    data = digits.handwritten(torch.Generator().manual_seed(1))
    means = torch.stack([data.train_images[data.train_labels == digit].mean(dim=0) for digit in range(10)])
    distances = torch.cdist(data.test_images.flatten(start_dim=1), means.flatten(start_dim=1))
    assert (distances.argmin(dim=1) == data.test_labels).float().mean() > 0.85


def test_the_generator_decides_the_split():
    first, again, other = (digits.handwritten(torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first.test_labels, again.test_labels)
    assert not torch.equal(first.test_labels, other.test_labels)


def test_pixels_follow_row_after_row():
    images = torch.arange(128.0).reshape(2, 8, 8)
    sequence = digits.pixels(images)
    assert sequence.shape == (2, 64, 1)
    assert sequence[1, :, 0].tolist() == list(range(64, 128))
