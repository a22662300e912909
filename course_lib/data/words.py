"""English and Korean words from CLDR's names, and the alphabet that turns words into numbers."""

import re
import unicodedata
from collections.abc import Iterable

import torch
from babel import Locale
from jaxtyping import Int
from torch import Tensor


def english() -> list[str]:
    """Return over a thousand different lower-case words of three or more letters a to z, sorted.

    They are the words in the English names of countries, languages, scripts and currencies (CLDR).
    How many there are depends on the installed release of Babel.
    """
    return _words_in_names("en", re.compile("[a-z]{3,}"))


def korean() -> list[str]:
    """Return about a thousand different Hangul words of two or more syllables, sorted.

    They are the words in the Korean names of countries, languages, scripts and currencies (CLDR).
    How many there are depends on the installed release of Babel.
    """
    return _words_in_names("ko", re.compile("[가-힣]{2,}"))


def to_jamo(word: str) -> str:
    """Take Hangul syllables apart into their letters: 한 becomes ᄒ, ᅡ, ᆫ (Unicode's form NFD)."""
    return unicodedata.normalize("NFD", word)


class Alphabet:
    """The symbols of some words, numbered from 1 in sorted order; 0 is the word boundary.

    `symbols` holds them by number, the boundary first, and `len(alphabet)` counts them all.
    """

    BOUNDARY = "."

    def __init__(self, words: Iterable[str]):
        letters = sorted({letter for word in words for letter in word})
        if self.BOUNDARY in letters:
            raise ValueError(f"words must not contain {self.BOUNDARY!r}: it marks the word boundary")
        self.symbols = (self.BOUNDARY, *letters)
        self._numbers = {symbol: number for number, symbol in enumerate(self.symbols)}

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, words: Iterable[str]) -> list[Int[Tensor, "_"]]:
        """Turn each word into the numbers of its letters between two boundaries, shape (letters + 2,).

        Raises ValueError if a word has a letter that isn't in the alphabet.
        """
        return [self._encode_word(word) for word in words]

    def decode(self, sequence: Int[Tensor, "time"]) -> str:
        """Turn numbers back into letters, without the boundaries."""
        return "".join(self.symbols[number] for number in sequence.tolist() if number != 0)

    def _encode_word(self, word: str) -> Int[Tensor, "time"]:
        unknown = sorted(set(word) - set(self.symbols[1:]))
        if unknown:
            raise ValueError(f"{word!r} has letters that aren't in the alphabet: {', '.join(unknown)}")
        return torch.tensor([0, *(self._numbers[letter] for letter in word), 0])


def _words_in_names(language: str, word: re.Pattern[str]) -> list[str]:
    locale = Locale(language)
    lists = (locale.territories, locale.languages, locale.scripts, locale.currencies)
    candidates = {
        part for names in lists for name in names.values() for part in re.split(r"\W+", name.lower())
    }
    return sorted(candidate for candidate in candidates if word.fullmatch(candidate))
