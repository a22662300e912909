"""Random words of unequal length that are to be read backwards, in batches with padding."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from course_lib import typed
from course_lib.data.sequences import pad_batch

LETTERS = "abcdefgh"
SYMBOLS = "·" + LETTERS
"""All symbols; a symbol's number is its place here. The first is padding."""


class Words(NamedTuple):
    """Words as numbers of symbols, the same words backwards, and how many letters each has."""

    tokens: Int[Tensor, "word steps"]
    targets: Int[Tensor, "word steps"]
    lengths: Int[Tensor, "word"]


def draw_words(count: int, generator: torch.Generator, shortest: int = 3, longest: int = 6) -> Words:
    """Draw words; lengths from `shortest` to `longest` and all letters are equally likely.

    All words are padded to `longest` symbols. Raises ValueError if `shortest` is below 1 or above `longest`.
    """
    if not 1 <= shortest <= longest:
        raise ValueError(f"words have 1 letter at least; these would have {shortest} to {longest}")
    lengths = torch.randint(shortest, longest + 1, (count,), generator=generator)
    letters = torch.randint(1, len(SYMBOLS), (count, longest), generator=generator)
    return _backwards(letters, lengths)


def encode(words: Sequence[str]) -> Words:
    """Turn words into a batch, padded to the longest.

    Raises ValueError, naming the first letter that isn't one of the eight, or if there is no word.
    """
    for word in words:
        for letter in word:
            if letter not in LETTERS:
                named = f"{typed.quoted(letter)} in {typed.quoted(word)}"
                raise ValueError(f"{named} is not one of the letters {', '.join(LETTERS)}.")
    if not words or not all(words):
        raise ValueError(f"Type a word of the letters {', '.join(LETTERS)}.")
    numbers = [torch.tensor([SYMBOLS.index(letter) for letter in word]) for word in words]
    return _backwards(pad_batch(numbers)[0], torch.tensor([len(word) for word in words]))


def decode(tokens: Int[Tensor, "steps"]) -> str:
    """Return the word; padding is shown as “·”."""
    return "".join(SYMBOLS[token] for token in tokens)


def _backwards(letters: Int[Tensor, "word steps"], lengths: Int[Tensor, "word"]) -> Words:
    """Clear what comes after each word's end, and turn the words round."""
    steps = torch.arange(letters.shape[1])
    inside = steps < lengths[:, None]
    tokens = letters.masked_fill(~inside, 0)
    mirrors = (lengths[:, None] - 1 - steps).clamp(min=0)
    return Words(tokens, tokens.gather(1, mirrors).masked_fill(~inside, 0), lengths)
