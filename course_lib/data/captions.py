"""Handwritten digits that are slanted and made thin or thick, with captions in English and in Korean."""

import itertools
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, max_pool2d, pad

from course_lib import typed

TILTS = ("left", "upright", "right")
STROKES = ("thin", "plain", "thick")
LANGUAGES = ("English", "한국어")
NEVER_TRAINED = (
    (0, "left", "thin"),
    (2, "right", "thin"),
    (3, "upright", "thick"),
    (6, "right", "plain"),
    (7, "left", "thick"),
)
"""Combinations of digit, tilt and stroke that are kept from training; each part of them is trained."""

SIDE = 16
"""Pixels of an image's side."""
LONGEST = 5
"""Most words that a caption may have."""

_SHEAR, _MARGIN = 0.4, 1.15
_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_KOREAN = ("영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
_TILTED = {"left": "왼쪽으로", "right": "오른쪽으로"}
_DRAWN = {"thin": "가는", "thick": "굵은"}
PADDING = "·"
VOCABULARY = (
    *(PADDING, "a", "an", "thin", "thick", *_ENGLISH, "tilted", "left", "right"),
    *(*_TILTED.values(), "기울어진", *_DRAWN.values(), *_KOREAN),
)
"""All words; a word's number is its place here. Padding fills short captions up."""


class Captioned(NamedTuple):
    """Images, 0 (paper) to 1 (ink), and the numbers of the digit, the tilt and the stroke of each."""

    images: Float[Tensor, "image 16 16"]
    traits: Int[Tensor, "image 3"]


def combinations(trained: bool) -> Int[Tensor, "combination 3"]:
    """Return the 85 combinations of digit, tilt and stroke to train on, or the 5 others."""
    every = itertools.product(range(10), TILTS, STROKES)
    kept = [combination for combination in every if (combination in NEVER_TRAINED) != trained]
    return torch.tensor([(digit, TILTS.index(tilt), STROKES.index(stroke)) for digit, tilt, stroke in kept])


def draw_captioned(
    digits: Float[Tensor, "digit 8 8"],
    labels: Int[Tensor, "digit"],
    combinations: Int[Tensor, "combination 3"],
    count: int,
    generator: torch.Generator,
) -> Captioned:
    """Draw combinations uniformly, and for each a digit of its kind, which is redrawn accordingly.

    Raises ValueError if a combination asks for a digit that is not among the labels.
    """
    traits = combinations[torch.randint(len(combinations), (count,), generator=generator)]
    if missing := set(traits[:, 0].tolist()) - set(labels.tolist()):
        raise ValueError(f"there is no digit {min(missing)} to draw")
    order, counts = labels.argsort(stable=True), labels.bincount(minlength=10)
    asked = traits[:, 0]
    places = (torch.rand(count, generator=generator) * counts[asked]).long()
    sources = order[(counts.cumsum(dim=0) - counts)[asked] + places]
    return Captioned(redraw(digits[sources], traits[:, 1], traits[:, 2]), traits)


def redraw(
    digits: Float[Tensor, "image 8 8"], tilts: Int[Tensor, "image"], strokes: Int[Tensor, "image"]
) -> Float[Tensor, "image 16 16"]:
    """Enlarge digits, slant them and make their strokes thinner or thicker by a pixel."""
    maps = torch.zeros(len(digits), 2, 3)
    maps[:, 0, 0] = maps[:, 1, 1] = _MARGIN
    maps[:, 0, 1] = _SHEAR * (tilts - 1)
    grid = affine_grid(maps, [len(digits), 1, SIDE, SIDE], align_corners=False)
    plain = grid_sample(digits[:, None], grid, align_corners=False)
    neighbours = pad(plain, (0, 1, 0, 1))
    thin, thick = -max_pool2d(-neighbours, 2, 1), max_pool2d(neighbours, 2, 1)
    chosen = torch.stack([thin, plain, thick])[strokes, torch.arange(len(digits)), 0]
    return ((chosen - 0.3) / 0.5).clamp(0, 1)


def describe(traits: Int[Tensor, "3"], language: str = "English") -> str:
    """Return the caption of an image; "upright" and "plain" go without saying.

    Raises ValueError if the language is not one of `LANGUAGES`.
    """
    digit, tilt, stroke = traits.tolist()
    side, drawn = TILTS[tilt], STROKES[stroke]
    if language == LANGUAGES[0]:
        words = [drawn] * (drawn in _DRAWN) + [_ENGLISH[digit]] + ["tilted", side] * (side in _TILTED)
        return " ".join(["an" if words[0] == "eight" else "a", *words])
    if language == LANGUAGES[1]:
        tilted = [_TILTED[side], "기울어진"] if side in _TILTED else []
        return " ".join([*tilted, *([_DRAWN[drawn]] if drawn in _DRAWN else []), _KOREAN[digit]])
    raise ValueError(f"captions are in {' or '.join(LANGUAGES)}, not in {language}")


def encode(caption: str) -> Int[Tensor, "5"]:
    """Return the numbers of a caption's words, filled up with padding; capitals and marks don't matter.

    Raises ValueError, in one line, if there is no word, a word that isn't in the vocabulary, or more than 5.
    """
    words = typed.words(caption)
    known = [word for word in VOCABULARY if word != PADDING]
    for word in words:
        if word not in known:
            raise ValueError(
                f"{typed.quoted(word)} is not one of the {len(known)} words: {', '.join(known)}."
            )
    if not 1 <= len(words) <= LONGEST:
        raise ValueError(f"Type 1 to {LONGEST} words, such as: a thick seven tilted left.")
    words += [PADDING] * (LONGEST - len(words))
    return torch.tensor([VOCABULARY.index(word) for word in words])
