"""Made-up sentences with an ambiguous word, whose meaning another word of the sentence decides."""

from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from course_lib import typed

SENSES = {
    "bank": (("river", "water", "boat"), ("money", "loan", "cash")),
    "bat": (("cave", "wings", "night"), ("ball", "game", "team")),
    "mouse": (("cheese", "tail", "cat"), ("keyboard", "screen", "cable")),
}
"""The ambiguous words, each with the cues of its first and of its second meaning."""

_LOOKS = ("old", "big", "small")
_BETWEEN = ("near", "by", "with")
_CUES = tuple(cue for meanings in SENSES.values() for cues in meanings for cue in cues)
VOCABULARY = ("we", "saw", "the", "and", *_LOOKS, *_BETWEEN, *SENSES, *_CUES)
"""All words; a word's number is its place here."""


class Sentences(NamedTuple):
    """Sentences as numbers of words: which word is ambiguous, and which of its meanings, 0 or 1, is meant."""

    tokens: Int[Tensor, "sentence 11"]
    asked: Int[Tensor, "sentence"]
    meanings: Int[Tensor, "sentence"]


def draw_sentences(count: int, generator: torch.Generator) -> Sentences:
    """Draw sentences such as "we saw the old bank near the river and the ball".

    The first noun is ambiguous, the second is a cue of its meaning, and the third a cue of another ambiguous
    word: it says nothing about this one. All three, and the meaning, are drawn uniformly.
    """
    cues = _numbers(_CUES).view(len(SENSES), 2, -1)

    def below(limit: int) -> Int[Tensor, "sentence"]:
        return torch.randint(limit, (count,), generator=generator)

    def any_of(words: tuple[str, ...]) -> Int[Tensor, "sentence"]:
        return _numbers(words)[below(len(words))]

    def always(word: str) -> Int[Tensor, "sentence"]:
        return _numbers((word,)).expand(count)

    ambiguous, meanings = below(len(SENSES)), below(2)
    other = (ambiguous + 1 + below(len(SENSES) - 1)) % len(SENSES)
    words = [
        *(always("we"), always("saw"), always("the"), any_of(_LOOKS), _numbers(tuple(SENSES))[ambiguous]),
        *(any_of(_BETWEEN), always("the"), cues[ambiguous, meanings, below(cues.shape[2])]),
        *(always("and"), always("the"), cues[other, below(2), below(cues.shape[2])]),
    ]
    return Sentences(torch.stack(words, dim=1), torch.full((count,), 4), meanings)


def encode(text: str) -> Int[Tensor, "steps"]:
    """Return the numbers of the words of a text; capitals and marks around words don't matter.

    Raises ValueError, naming the first word that isn't in the vocabulary, or if there is no word.
    """
    words = typed.words(text)
    if not words:
        raise ValueError(f"Type words, such as: {' '.join(VOCABULARY[:3])} old bank.")
    for word in words:
        if word not in VOCABULARY:
            raise ValueError(
                f"{typed.quoted(word)} is not one of the {len(VOCABULARY)} words: {', '.join(VOCABULARY)}."
            )
    return _numbers(words)


def decode(tokens: Int[Tensor, "steps"]) -> list[str]:
    """Return the words of a sentence; undoes `encode`."""
    return [VOCABULARY[token] for token in tokens]


def _numbers(words: tuple[str, ...] | list[str]) -> Int[Tensor, "word"]:
    return torch.tensor([VOCABULARY.index(word) for word in words])
