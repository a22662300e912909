"""From words to a picture: the codebook, the painter and the judge."""

import pytest
import torch
from torch import Tensor

from course_lib.data import captions
from course_lib.generation import CachedStep, greedy_decode, sample
from course_lib.models.text_to_image import Codebook, Judge, Painter, learn_codebook
from course_lib.models.vision import patchify
from course_lib.training import fit

WORDS, CODES = 5, 7
CAPTIONS = torch.tensor([[3, 0, 1], [2, 4, 4]])
PICTURES = torch.tensor([[6, 2, 2, 0], [1, 5, 3, 2]])


@pytest.fixture
def painter(generator: torch.Generator) -> Painter:
    return Painter(WORDS, CODES, 6, 12, 3, generator, layers=2)


@pytest.fixture
def book(generator: torch.Generator) -> Codebook:
    return Codebook(torch.rand(CODES, 4, generator=generator), size=2)


def test_a_picture_of_the_codebooks_patches_is_kept_as_it_is(book: Codebook):
    codes = torch.tensor([[3, 0, 6, 1, 1, 2, 5, 4, 3], [0, 0, 0, 1, 2, 3, 4, 5, 6]])
    images = book.decode(codes)
    assert images.shape == (2, 6, 6)
    torch.testing.assert_close(images[0, 2:4, 4:6].flatten(), book.patches[2])
    assert torch.equal(book.encode(images), codes)


def test_each_patch_gets_the_nearest_code(book: Codebook, generator: torch.Generator):
    images = torch.rand(1003, 6, 6, generator=generator)
    codes = book.encode(images)
    assert codes.shape == (1003, 9)
    for image, place in ((0, 0), (1, 5), (1002, 7)):
        row, column = 2 * (place // 3), 2 * (place % 3)
        patch = images[image, row : row + 2, column : column + 2].flatten()
        assert codes[image, place] == (book.patches - patch).square().sum(dim=1).argmin()


def test_the_learned_patches_are_the_means_of_what_they_stand_for(generator: torch.Generator):
    kinds = torch.rand(3, 4, generator=generator)
    images = Codebook(kinds, 2).decode(torch.randint(3, (200, 4), generator=generator))
    noisy = images + 0.01 * torch.randn(images.shape, generator=generator)
    book = learn_codebook(noisy, codes=3, size=2)
    order = torch.cdist(kinds, book.patches).argmin(dim=1)
    torch.testing.assert_close(book.patches[order], kinds, rtol=0, atol=0.005)
    assert torch.equal(order[Codebook(kinds, 2).encode(noisy)], book.encode(noisy))


def test_the_seed_decides_the_codebook(generator: torch.Generator):
    images = torch.rand(50, 4, 4, generator=generator)
    first, again, other = (learn_codebook(images, 5, 2, seed).patches for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(learn_codebook(images, 5, 2).patches, learn_codebook(images, 5, 2, seed=0).patches)


def test_a_code_stands_for_the_mean_of_the_patches_that_are_nearest_to_it(generator: torch.Generator):
    images = torch.rand(50, 4, 4, generator=generator)
    book = learn_codebook(images, 5, size=2)
    patches, codes = patchify(images[:, None], 2).flatten(end_dim=1), book.encode(images).flatten()
    means = [patches[codes == code].mean(dim=0) for code in range(5)]
    torch.testing.assert_close(book.patches, torch.stack(means))


def test_faint_ink_is_ink(generator: torch.Generator):
    assert len(learn_codebook(0.01 * torch.rand(2, 4, 4, generator=generator), 8, size=2).patches) == 8


@pytest.mark.parametrize("codes", [0, 9])
def test_more_codes_than_patches_get_a_line(codes: int):
    with pytest.raises(ValueError, match=rf"^8 patches with ink can't be sorted into {codes} groups$"):
        learn_codebook(torch.ones(2, 4, 4), codes, size=2)


def test_empty_patches_do_not_count(generator: torch.Generator):
    images = torch.rand(30, 4, 4, generator=generator)
    images[:, :2] = 0.0
    assert learn_codebook(images, 4, size=2).patches.amin() > 0.05, "none stands for an empty one"


def test_a_prediction_reads_the_symbols_before_it_and_no_others(painter: Painter):
    stream = torch.cat([painter.prompt(CAPTIONS), PICTURES[:, :-1]], dim=1)
    scores, _ = painter(stream)
    assert scores.shape == (2, 6, CODES)
    for place in range(6):
        changed = stream.clone()
        changed[:, place] = (changed[:, place] + 1) % (WORDS + CODES)
        difference = (painter(changed)[0] - scores).abs().amax(dim=-1)
        assert (difference[:, :place] == 0).all()
        assert (difference[:, place:] > 1e-9).all()


def test_words_and_codes_of_one_number_are_different_symbols(painter: Painter):
    assert not set(painter.prompt(torch.arange(WORDS)).tolist()) & set(range(CODES))
    assert len(painter.embedding) == WORDS + CODES


def test_the_loss_counts_all_codes_and_no_words(painter: Painter):
    expected = 0.0
    for words, picture in zip(CAPTIONS, PICTURES, strict=True):
        for place, code in enumerate(picture.tolist()):
            stream = torch.cat([painter.prompt(words), picture[:place]])[None]
            expected -= painter(stream)[0][0, -1].log_softmax(dim=-1)[code].item()
    assert painter.loss(CAPTIONS, PICTURES).item() == pytest.approx(expected / PICTURES.numel(), abs=1e-12)


@torch.no_grad()
def test_code_by_code_it_computes_the_same_with_a_cache(painter: Painter):
    stream = torch.cat([painter.prompt(CAPTIONS), PICTURES[:, :-1]], dim=1)
    together, _ = painter(stream)
    step = CachedStep(painter.advance)
    for steps in range(3, 7):
        torch.testing.assert_close(step(stream[:, :steps]), together[:, steps - 1], rtol=0, atol=1e-12)
    assert step.computed == stream.numel()


def test_generation_keeps_no_gradients_and_ends_with_the_positions(painter: Painter):
    stream = torch.cat([painter.prompt(CAPTIONS), PICTURES[:, :-1]], dim=1)
    scores, past = painter.advance(stream, None)
    assert not scores.requires_grad
    with pytest.raises(ValueError, match=r"^there are positions for 6 symbols, not 7$"):
        painter.advance(PICTURES[:, -1:], past)


def test_pictures_are_generated_with_and_without_a_cache(painter: Painter):
    prompts = painter.prompt(CAPTIONS)

    @torch.no_grad()
    def whole(stream: Tensor) -> Tensor:
        return painter(stream)[0][:, -1]

    drawn, greedy = [], []
    for step in (CachedStep(painter.advance), whole):
        generator = torch.Generator().manual_seed(3)
        drawn.append(sample(step, prompts, -1, 4, generator, rows=2))
        greedy.append(greedy_decode(step, prompts, -1, 4, rows=2))
    assert torch.equal(*drawn) and torch.equal(*greedy)
    assert drawn[0].shape == (2, 4)


def test_a_painter_learns_a_picture_for_each_caption(painter: Painter):
    fit(painter.parameters(), lambda _generator: painter.loss(CAPTIONS, PICTURES), 60)
    painted = greedy_decode(CachedStep(painter.advance), painter.prompt(CAPTIONS), -1, 4, rows=2)
    assert torch.equal(painted, PICTURES)


def marked(traits: Tensor) -> Tensor:
    """Pictures that say their traits by the place of three marks."""
    images = torch.zeros(len(traits), captions.SIDE, captions.SIDE)
    for image, (digit, tilt, stroke) in zip(images, traits.tolist(), strict=True):
        image[2 * (digit // 5) : 2 * (digit // 5) + 2, 3 * (digit % 5) : 3 * (digit % 5) + 2] = 1.0
        image[7:9, 5 * tilt + 1 : 5 * tilt + 4] = 1.0
        image[12:14, 5 * stroke + 1 : 5 * stroke + 4] = 1.0
    return images


def test_a_judge_learns_to_read_each_trait(generator: torch.Generator):
    traits = torch.stack([torch.randint(kinds, (60,), generator=generator) for kinds in Judge.KINDS], dim=1)
    judge, images = Judge(generator), marked(traits)
    assert judge.loss(images, traits).item() == pytest.approx(4.5, abs=0.7), "ln 10 + 2 ln 3"
    fit(judge.parameters(), lambda _generator: judge.loss(images, traits), 60)
    assert torch.equal(judge.read(images), traits)


def test_the_loss_of_a_judge_is_the_sum_of_three(generator: torch.Generator):
    judge, traits = Judge(generator), torch.tensor([[4, 2, 0], [9, 0, 1]])
    images = marked(traits)
    scores, expected = judge.network(images), 0.0
    for picture, (digit, tilt, stroke) in zip(scores, traits.tolist(), strict=True):
        for part, kind in ((picture[:10], digit), (picture[10:13], tilt), (picture[13:], stroke)):
            expected -= part.log_softmax(dim=0)[kind].item() / 2
    assert judge.loss(images, traits).item() == pytest.approx(expected, abs=1e-12)
