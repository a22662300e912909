"""Scenes: how digits are put on a sheet, and that boxes and classes are theirs."""

import pytest
import torch
from torch import Tensor

from course_lib.data import digits, scenes
from course_lib.data.scenes import MOST, NOTHING, SIDE, Scenes, draw_scenes

COUNT = 300


@pytest.fixture
def drawn(generator: torch.Generator) -> Scenes:
    data = digits.handwritten(generator)
    return draw_scenes(data.train_images, data.train_labels, COUNT, generator)


def edges(boxes: Tensor) -> Tensor:
    """Left, upper, right and lower edge, in pixels."""
    middles, sizes = boxes.split(2, dim=-1)
    return SIDE * torch.cat([middles - sizes / 2, middles + sizes / 2], dim=-1)


def test_shapes_and_ranges(drawn: Scenes):
    assert drawn.images.shape == (COUNT, SIDE, SIDE)
    assert drawn.boxes.shape == (COUNT, MOST, 4)
    assert drawn.labels.shape == (COUNT, MOST)
    assert drawn.images.min() == 0 and 0.9 < drawn.images.max() <= 1
    real = edges(drawn.boxes[drawn.labels != NOTHING])
    assert real.min() > -1e-9 and real.max() < SIDE + 1e-9
    assert set(drawn.labels.unique().tolist()) == set(range(11))


def test_what_is_not_there_has_no_box(drawn: Scenes):
    missing = drawn.labels == NOTHING
    assert (drawn.boxes[missing] == 0).all()
    assert (drawn.boxes[~missing][:, 2:] > 0).all()
    assert missing[:, 0].sum() == 0
    assert not (missing[:, 1] & ~missing[:, 2]).any(), "what is missing stands at the end"


def test_one_two_and_three_digits_are_equally_likely(generator: torch.Generator):
    blank = torch.ones(1, 8, 8)
    drawn = draw_scenes(blank, torch.zeros(1, dtype=torch.long), 6000, generator)
    counts = (drawn.labels != NOTHING).sum(dim=1).bincount(minlength=4)
    assert counts[0] == 0
    assert (counts[1:] / 6000).tolist() == pytest.approx([1 / 3] * 3, abs=0.03)


def test_boxes_never_overlap(drawn: Scenes):
    for boxes, labels in zip(edges(drawn.boxes), drawn.labels, strict=True):
        kept = boxes[labels != NOTHING].tolist()
        for number, (left, top, right, bottom) in enumerate(kept):
            for other_left, other_top, other_right, other_bottom in kept[:number]:
                across = right <= other_left + 1e-9 or other_right <= left + 1e-9
                down = bottom <= other_top + 1e-9 or other_bottom <= top + 1e-9
                assert across or down


def test_boxes_are_tight_around_the_ink(generator: torch.Generator):
    """A digit that is inked all over its box: the box is where the ink is, to the pixel."""
    digit = torch.zeros(1, 8, 8)
    digit[0, 1:7, 2:5] = 1  # 6 rows, 3 columns
    drawn = draw_scenes(digit, torch.tensor([4]), 200, generator)
    for image, boxes, labels in zip(drawn.images, edges(drawn.boxes), drawn.labels, strict=True):
        inside = torch.zeros(SIDE, SIDE, dtype=torch.bool)
        for left, top, right, bottom in boxes[labels != NOTHING].round().long().tolist():
            inside[top:bottom, left:right] = True
            assert image[top:bottom, left:right].min() > 0.24  # a quarter where two edges cross
        assert image[~inside].max() < 0.51  # half a pixel at most


def test_sizes_and_proportions_are_those_of_the_digit(generator: torch.Generator):
    digit = torch.zeros(1, 8, 8)
    digit[0, 1:7, 2:5] = 1
    drawn = draw_scenes(digit, torch.tensor([4]), 500, generator)
    width, height = (SIDE * drawn.boxes[drawn.labels == 4][:, 2:]).unbind(dim=1)
    torch.testing.assert_close(height, 2 * width)
    low, high = scenes.SIZES
    assert low * 3 / 8 <= width.min() < 1.02 * low * 3 / 8
    assert 0.98 * high * 3 / 8 < width.max() <= high * 3 / 8


def test_ink_too_faint_to_see_is_outside_of_the_box():
    digit = torch.zeros(1, 8, 8)
    digit[0, 2:6, 2:6] = 1
    smudged = digit.clone()
    smudged[0, 0, 0] = 0.1
    first, second = (
        draw_scenes(ink, torch.tensor([1]), 20, torch.Generator().manual_seed(3)) for ink in (digit, smudged)
    )
    torch.testing.assert_close(first.boxes, second.boxes)


def test_labels_stay_with_their_digits(generator: torch.Generator):
    """Digit 0 is tall and digit 1 is wide: the boxes tell which is which."""
    shapes = torch.zeros(2, 8, 8)
    shapes[0, :, 3:5] = 1
    shapes[1, 3:5, :] = 1
    drawn = draw_scenes(shapes, torch.tensor([0, 1]), 200, generator)
    for label, taller in ((0, True), (1, False)):
        width, height = drawn.boxes[drawn.labels == label][:, 2:].unbind(dim=1)
        assert len(width) > 100
        assert ((height > width) == taller).all()


def test_the_generator_decides(generator: torch.Generator):
    data = digits.handwritten(generator)
    first, again, other = (
        draw_scenes(data.train_images, data.train_labels, 30, torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    assert all(torch.equal(part, same) for part, same in zip(first, again, strict=True))
    assert not torch.equal(first.images, other.images)
