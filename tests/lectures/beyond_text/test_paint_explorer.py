"""The explorer that paints a caption shows what the painter computes."""

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.data import captions
from course_lib.explore import Bars, Heat, Panel
from course_lib.lectures.beyond_text.paint_explorer import (
    CANDIDATES,
    GREEDY,
    TEMPERATURES,
    paint,
    painted,
    pictures,
)
from course_lib.models.text_to_image import Codebook, Judge, Painter

WORDS, CODES, PLACES = len(captions.VOCABULARY), 9, 16
TEXT = "a thin two tilted right"


@pytest.fixture
def painter(generator: torch.Generator) -> Painter:
    painter = Painter(WORDS, CODES, captions.LONGEST + PLACES - 1, 8, 2, generator)
    with torch.no_grad():
        painter.weight.mul_(3)  # so that temperatures matter
    return painter


@pytest.fixture
def book(generator: torch.Generator) -> Codebook:
    return Codebook(torch.rand(CODES, 16, generator=generator), size=4)


def panels(shown: list[Panel]) -> tuple[Heat, Heat, Bars]:
    whole, picture, candidates, bars = shown
    assert isinstance(whole, Heat) and isinstance(picture, Heat)
    assert np.array_equal(whole.data, picture.data[-1])
    assert isinstance(candidates, Heat) and isinstance(bars, Bars)
    return picture, candidates, bars


@torch.no_grad()
def by_hand(painter: Painter, temperature: str, seed: int) -> tuple[Tensor, Tensor]:
    """The codes, painted by whole forward passes, and the chances that each had."""
    generator = torch.Generator().manual_seed(seed)
    stream, chances = painter.prompt(captions.encode(TEXT)), []
    for _ in range(PLACES):
        scores = painter(stream[None])[0][0, -1]
        greedy = temperature == GREEDY
        chances.append((scores / (1.0 if greedy else float(temperature))).softmax(dim=0))
        code = (
            chances[-1].argmax()[None] if greedy else torch.multinomial(chances[-1], 1, generator=generator)
        )
        stream = torch.cat([stream, code])
    return stream[captions.LONGEST :], torch.stack(chances)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("seed", [0, 3])
def test_the_panels_are_the_painters(painter: Painter, book: Codebook, temperature: str, seed: int):
    codes, chances = by_hand(painter, temperature, seed)
    picture, candidates, bars = panels(paint(painter, book)(text=TEXT, temperature=temperature, seed=seed))
    np.testing.assert_allclose(picture.data[-1], book.decode(codes[None])[0])
    best = chances.topk(CANDIDATES)
    np.testing.assert_allclose(bars.data[:, 0, :CANDIDATES], best.values, rtol=0, atol=1e-12)
    own = chances[range(PLACES), codes]
    np.testing.assert_allclose(bars.data[:, 0, CANDIDATES], own, rtol=0, atol=1e-12)
    for place in range(PLACES):
        for rank, code in enumerate(best.indices[place]):
            top, left = 5 * (rank // 3), 5 * (rank % 3)
            shown = candidates.data[place, top : top + 4, left : left + 4]
            np.testing.assert_array_equal(shown.ravel(), book.patches[code])
    rare = int(own.argmin())
    assert (picture.place, candidates.place, bars.place) == (6, 6, 6)
    assert bars.caption == (
        f"Least likely was patch {rare + 1}: what was taken had probability {own[rare]:.2g}."
    )


def test_the_picture_grows_patch_by_patch(painter: Painter, book: Codebook):
    picture, _, _ = panels(paint(painter, book)(text=TEXT))
    assert picture.data.shape == (PLACES, captions.SIDE, captions.SIDE)
    for place in range(PLACES):
        row, column = 4 * (place // 4), 4 * (place % 4)
        painted_now = ~np.isnan(picture.data[place])
        before = ~np.isnan(picture.data[place - 1]) if place else np.zeros_like(painted_now)
        expected = np.zeros_like(painted_now)
        expected[row : row + 4, column : column + 4] = True
        assert np.array_equal(painted_now ^ before, expected)


def test_seed_and_temperature_change_the_picture(painter: Painter, book: Codebook):
    explorer = paint(painter, book, text=TEXT)
    first = explorer(seed=1)[0].data
    assert np.array_equal(first, explorer(seed=1)[0].data)
    assert not np.array_equal(first, explorer(seed=2)[0].data)
    greedy = [explorer(temperature=GREEDY, seed=seed)[0].data for seed in (1, 2)]
    assert np.array_equal(*greedy) and not np.array_equal(first, greedy[0])


def test_the_judges_reading_is_told(painter: Painter, book: Codebook, generator: torch.Generator):
    judge = Judge(generator)
    whole = paint(painter, book, judge)(text=TEXT)[0]
    seen = captions.describe(judge.read(torch.tensor(whole.data)[None])[0])
    assert whole.caption == f"“{TEXT}”: the judge reads “{seen}”."
    assert paint(painter, book)(text=TEXT)[0].caption == f"“{TEXT}”."


def test_many_captions_are_painted_side_by_side(painter: Painter, generator: torch.Generator):
    words = torch.stack([captions.encode(text) for text in ("a one", TEXT, "왼쪽으로 기울어진 팔")])
    codes = painted(painter, words, PLACES, None, generator)
    for row in range(3):
        assert torch.equal(painted(painter, words[row : row + 1], PLACES, None, generator)[0], codes[row])


@pytest.mark.parametrize("text", ["a bold seven", "", "a a a a a a"])
def test_what_cannot_be_painted_is_complained_of(painter: Painter, book: Codebook, text: str):
    with pytest.raises(ValueError) as caught:
        paint(painter, book)(text=text)
    assert "\n" not in str(caught.value)


def test_pictures_stand_in_rows_with_gaps(generator: torch.Generator):
    images = torch.rand(5, 3, 2, generator=generator)
    sheet = pictures("five", images, 3, "Five.").data
    assert sheet.shape == (7, 8)
    for place, image in enumerate(images):
        top, left = 4 * (place // 3), 3 * (place % 3)
        np.testing.assert_array_equal(sheet[top : top + 3, left : left + 2], image)
    assert np.isnan(sheet).sum() == sheet.size - images.numel()


def test_it_is_live_and_can_be_put_on_paper(painter: Painter, book: Codebook):
    explorer = paint(painter, book)
    assert explorer.live and explorer.scrub == ("patch",)
    explorer.figure().canvas.draw()
    frames, _ = explorer.frames([explorer.setting])
    assert len(frames["panels"]) == 4
