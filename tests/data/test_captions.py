"""Digits with captions: what is drawn is what is said, in both languages."""

import itertools

import pytest
import torch
from torch import Tensor

from course_lib.data import captions
from course_lib.data.captions import Captioned

DIGITS, LABELS = torch.zeros(10, 8, 8), torch.arange(10)


def a_stroke() -> Tensor:
    """An upright stroke, two pixels wide."""
    image = torch.zeros(1, 8, 8)
    image[0, 1:7, 3:5] = 1.0
    return image


def drawn(tilt: str, stroke: str) -> Tensor:
    tilts, strokes = captions.TILTS.index(tilt), captions.STROKES.index(stroke)
    return captions.redraw(a_stroke(), torch.tensor([tilts]), torch.tensor([strokes]))[0]


def test_every_combination_is_trained_or_kept():
    trained, kept = (captions.combinations(trained=trained).tolist() for trained in (True, False))
    assert (len(trained), len(kept)) == (85, 5)
    assert sorted(trained + kept) == [list(one) for one in itertools.product(range(10), range(3), range(3))]
    named = {(digit, captions.TILTS[tilt], captions.STROKES[stroke]) for digit, tilt, stroke in kept}
    assert named == set(captions.NEVER_TRAINED)


def test_every_part_of_what_is_kept_is_trained():
    trained = captions.combinations(trained=True)
    for combination in captions.combinations(trained=False):
        for first, second in itertools.combinations(range(3), 2):
            alike = (trained[:, [first, second]] == combination[[first, second]]).all(dim=1)
            assert alike.any(), "each two of its parts are seen together"


def test_a_drawn_picture_shows_its_traits(generator: torch.Generator):
    """Each digit is marked by its place, so that the picture tells what was drawn."""
    digits = torch.zeros(10, 8, 8)
    for digit in range(10):
        digits[digit, digit // 4 * 2 + 1, digit % 4 * 2] = 1.0
    combinations = captions.combinations(trained=False)
    images, traits = captions.draw_captioned(digits, LABELS, combinations, 200, generator)
    assert {tuple(one) for one in traits.tolist()} == {tuple(one) for one in combinations.tolist()}
    expected = captions.redraw(digits[traits[:, 0]], traits[:, 1], traits[:, 2])
    torch.testing.assert_close(images, expected)


def test_combinations_and_digits_of_a_kind_are_as_likely(generator: torch.Generator):
    labels = torch.tensor([4, 7, 4, 4])
    digits = torch.stack([torch.full((8, 8), ink) for ink in (0.4, 0.5, 0.6, 0.7)])
    combinations = torch.tensor([[4, 1, 1], [7, 1, 1]])
    images, traits = captions.draw_captioned(digits, labels, combinations, 6000, generator)
    assert (traits[:, 0] == 4).double().mean().item() == pytest.approx(1 / 2, abs=0.03)
    middle = images[:, 8, 8]
    for ink, share in ((0.4, 1 / 6), (0.5, 1 / 2), (0.6, 1 / 6), (0.7, 1 / 6)):
        shown = (middle - (ink - 0.3) / 0.5).abs() < 1e-6
        assert shown.double().mean().item() == pytest.approx(share, abs=0.03)
        assert (traits[shown, 0] == (7 if ink == 0.5 else 4)).all()


def test_the_generator_decides_what_is_drawn():
    def draw(seed: int) -> Captioned:
        generator = torch.Generator().manual_seed(seed)
        return captions.draw_captioned(DIGITS, LABELS, captions.combinations(trained=True), 30, generator)

    assert torch.equal(draw(1).traits, draw(1).traits)
    assert not torch.equal(draw(1).traits, draw(2).traits)


def test_a_digit_that_is_not_there_gets_a_line(generator: torch.Generator):
    with pytest.raises(ValueError, match=r"^there is no digit 6 to draw$"):
        captions.draw_captioned(DIGITS[:5], LABELS[:5], captions.combinations(trained=False), 200, generator)


def test_a_tilt_moves_the_top_to_its_side():
    columns = torch.arange(16.0)

    def middle(rows: Tensor) -> float:
        return ((rows.sum(dim=0) * columns).sum() / rows.sum()).item()

    for tilt, direction in (("left", -1), ("upright", 0), ("right", 1)):
        image = drawn(tilt, "plain")
        moved = middle(image[:6]) - middle(image[10:])
        assert moved == pytest.approx(3.2 * direction, abs=0.8)


def test_a_stroke_is_thinner_or_thicker_by_a_pixel():
    widths = [(drawn("upright", stroke)[8] > 0.5).sum().item() for stroke in captions.STROKES]
    assert widths == [widths[1] - 1, widths[1], widths[1] + 1]


def test_ink_lies_between_0_and_1(generator: torch.Generator):
    images = captions.redraw(torch.rand(9, 8, 8, generator=generator), LABELS[:9] % 3, LABELS[:9] // 3)
    assert images.shape == (9, captions.SIDE, captions.SIDE)
    assert images.min() == 0 and images.max() == 1


@pytest.mark.parametrize(
    ("traits", "english", "korean"),
    [
        ((7, 0, 2), "a thick seven tilted left", "왼쪽으로 기울어진 굵은 칠"),
        ((8, 1, 1), "an eight", "팔"),
        ((8, 1, 0), "a thin eight", "가는 팔"),
        ((0, 2, 1), "a zero tilted right", "오른쪽으로 기울어진 영"),
    ],
)
def test_captions(traits: tuple[int, int, int], english: str, korean: str):
    for language, caption in zip(captions.LANGUAGES, (english, korean), strict=True):
        assert captions.describe(torch.tensor(traits), language) == caption
    assert captions.describe(torch.tensor(traits)) == english


def test_every_caption_is_another_and_can_be_encoded():
    every = torch.cat([captions.combinations(trained=trained) for trained in (True, False)])
    said = [captions.describe(traits, language) for traits in every for language in captions.LANGUAGES]
    assert len(set(said)) == 180
    rows = torch.stack([captions.encode(caption) for caption in said])
    assert rows.shape == (180, captions.LONGEST)
    assert len(rows.unique(dim=0)) == 180
    assert set(rows.flatten().tolist()) == set(range(len(captions.VOCABULARY))), "each word is used"


def test_encoding_keeps_the_words_in_order():
    words = [captions.VOCABULARY[number] for number in captions.encode(" A  thin NINE ")]
    assert words == ["a", "thin", "nine", captions.PADDING, captions.PADDING]


@pytest.mark.parametrize(
    ("caption", "message"),
    [
        ("a bold seven", "“bold” is not one of the 32 words: a, an, thin, thick, zero, "),
        ("a · seven", "“·” is not one of the 32 words: a, an,"),
        (" ", "Type 1 to 5 words, such as: a thick seven tilted left."),
        ("a thin one a thick two", "Type 1 to 5 words, such as: a thick seven tilted left."),
    ],
)
def test_what_cannot_be_encoded_is_named(caption: str, message: str):
    with pytest.raises(ValueError) as caught:
        captions.encode(caption)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_an_unknown_language_gets_a_line():
    with pytest.raises(ValueError, match=r"^captions are in English or 한국어, not in Deutsch$"):
        captions.describe(torch.tensor([1, 1, 1]), "Deutsch")
