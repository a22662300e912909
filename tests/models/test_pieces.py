"""Pieces of ink on pictures made by hand."""

import pytest
import torch
from torch import Tensor

from course_lib.models.pieces import cut_pieces, detect_pieces

SIDE = 20


def by_ink(pieces: Tensor) -> Tensor:
    """Scores of three classes: how much ink a piece has, and twice nothing."""
    ink = pieces.sum(dim=(1, 2))
    return torch.stack([ink, torch.zeros_like(ink), torch.zeros_like(ink)], dim=1)


def sheet(*places: tuple[slice, slice]) -> Tensor:
    image = torch.zeros(SIDE, SIDE)
    for place in places:
        image[place] = 1
    return image


TALL = slice(2, 10), slice(3, 5)
WIDE = slice(14, 16), slice(8, 18)


def test_every_piece_has_a_tight_box():
    found = detect_pieces(sheet(TALL, WIDE)[None], by_ink)
    expected = [[4 / 20, 6 / 20, 2 / 20, 8 / 20], [13 / 20, 15 / 20, 10 / 20, 2 / 20]]
    torch.testing.assert_close(found.boxes, torch.tensor([expected]))


def test_what_meets_by_a_corner_hangs_together():
    stairs = sheet((slice(2, 4), slice(2, 4)), (slice(4, 6), slice(4, 6)))
    found = detect_pieces(stairs[None], by_ink)
    torch.testing.assert_close(found.boxes, torch.tensor([[[4 / 20, 4 / 20, 4 / 20, 4 / 20]]]))


@pytest.mark.parametrize(("ink", "pieces"), [(0.49, 2), (0.51, 1)])
def test_faint_ink_does_not_join_pieces(ink: float, pieces: int):
    image = sheet((slice(2, 6), slice(2, 4)), (slice(2, 6), slice(6, 8)))
    image[3, 4:6] = ink
    assert detect_pieces(image[None], by_ink).boxes.shape == (1, pieces, 4)


def test_the_classifier_gets_each_piece_in_the_middle_of_a_square():
    seen: list[Tensor] = []

    def classify(pieces: Tensor) -> Tensor:
        seen.append(pieces)
        return by_ink(pieces)

    detect_pieces(sheet(TALL, WIDE)[None], classify)
    (pieces,) = seen
    tall = torch.zeros(8, 8)
    tall[:, 3:5] = 1
    torch.testing.assert_close(pieces[0], tall)  # 8 rows: not scaled
    wide = pieces[1]
    torch.testing.assert_close(wide, wide.flip(0))
    assert (wide[3:5].min(), wide[:2].max(), wide[6:].max()) == pytest.approx((1, 0, 0), abs=0.2)


def test_a_piece_that_can_not_stand_in_the_middle_is_nearer_to_the_upper_left():
    for place in [(slice(2, 10), slice(3, 6)), (slice(3, 6), slice(2, 10))]:
        _, (piece,) = cut_pieces(sheet(place))
        along = piece.amax(dim=0 if place[0] == slice(2, 10) else 1)
        assert along.tolist() == [0, 0, 1, 1, 1, 0, 0, 0]


def test_classes_are_the_classifiers_and_never_nothing():
    image = sheet(TALL, WIDE)
    found = detect_pieces(image[None], by_ink)
    assert found.nothing == 3
    assert found.scores[0, 0, 0] == 16
    chances, kinds = found.kinds
    assert kinds.tolist() == [[0, 0]]
    torch.testing.assert_close(chances[0], found.scores[0, :, :3].softmax(dim=-1)[:, 0])


def test_short_lists_are_filled_up_with_nothing():
    images = torch.stack([sheet(TALL), sheet(TALL, WIDE)])
    found = detect_pieces(images, by_ink)
    assert found.scores.softmax(dim=-1)[0, 1].tolist() == [0, 0, 0, 1]
    assert found.boxes[0, 1].tolist() == [0] * 4
    torch.testing.assert_close(found.boxes[0, 0], found.boxes[1, 0])
    assert not found.scores.isnan().any()


def test_a_blank_picture_has_no_pieces():
    found = detect_pieces(torch.stack([sheet(), sheet(TALL)]), by_ink)
    assert found.scores.softmax(dim=-1)[0].tolist() == [[0, 0, 0, 1]]
    assert found.boxes[0].tolist() == [[0] * 4]
    assert detect_pieces(sheet()[None], by_ink).boxes.shape == (1, 0, 4)


def test_no_gradient_is_kept():
    weight = torch.ones(1, requires_grad=True)
    found = detect_pieces(sheet(TALL)[None], lambda pieces: weight * by_ink(pieces))
    assert not found.scores.requires_grad
