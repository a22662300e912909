"""Dates in English and Korean, as the Unicode Common Locale Data Repository (CLDR) writes them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import torch
from babel import Locale
from babel.dates import format_date, tokenize_pattern
from jaxtyping import Bool, Int
from torch import Tensor

from course_lib import typed
from course_lib.data.sequences import pad_batch

PARTS = ("year", "month", "day", "weekday")
FORMATS = {
    "en": (("en", "full"), ("en", "yMMMEd"), ("en_GB", "full"), ("en_GB", "yMMMEd")),
    "ko": (("ko", "full"), ("ko", "yMMMEd"), ("ko", "yMEd")),
}
"""For each language its formats as a locale and CLDR's name; they are read, and the first one is written."""
PAD, START, END = 0, 1, 2
"""Numbers of padding, and of the start and the end of a target."""

_UNITS = {"년": "year", "월": "month", "일": "day"}


class _Field(NamedTuple):
    """A part of a date, how to get it from a day as a number, and a day that has this number."""

    part: str
    number: Callable[[date], int]
    sample: Callable[[int], date]


_FIELDS = {
    "y": _Field("year", lambda day: day.year, lambda number: date(number, 1, 1)),
    "M": _Field("month", lambda day: day.month, lambda number: date(2000, number, 1)),
    "d": _Field("day", lambda day: day.day, lambda number: date(2000, 1, number)),
    "E": _Field("weekday", lambda day: day.weekday(), lambda number: date(2000, 1, 3 + number)),
}
"""The fields by their letter in CLDR's patterns."""


class Word(NamedTuple):
    """A word, and the part of the date that it tells: none ("") if it is punctuation, 년, 월 or 일."""

    text: str
    part: str


_BRACKET = Word("(", "")
"""The one mark that belongs to the part after it."""


@dataclass(frozen=True)
class Written:
    """A date in words; each digit and each mark of punctuation is a word.

    Attributes:
        language: "en" or "ko".
        pieces: the words of each part, with the punctuation or unit that belongs to it, in their order.
    """

    language: str
    pieces: Mapping[str, tuple[Word, ...]]

    @property
    def words(self) -> list[Word]:
        """All words in their order; a comma keeps two numbers apart, and none stands at the end."""
        words: list[Word] = []
        for piece in self.pieces.values():
            if words and words[-1].text.isdigit() and piece[0].text.isdigit():
                words.append(Word(",", ""))
            words += piece
        return words[:-1] if words and words[-1].text == "," else words

    @property
    def texts(self) -> list[str]:
        """The words themselves."""
        return [word.text for word in self.words]

    def __str__(self) -> str:
        return join(self.texts)

    def without(self, part: str) -> "Written":
        """Return the date with a part dropped.

        Raises ValueError if there is no such part.
        """
        _require_parts([part])
        return self.in_order([other for other in self.pieces if other != part])

    def in_order(self, parts: Iterable[str]) -> "Written":
        """Return only these parts, in this order; those that the date doesn't have are passed over.

        Raises ValueError if there is no such part.
        """
        parts = list(parts)
        _require_parts(parts)
        return Written(self.language, {part: self.pieces[part] for part in parts if part in self.pieces})

    def shuffled(self, generator: torch.Generator) -> "Written":
        """Return the date with its parts in random order."""
        parts = list(self.pieces)
        return self.in_order(parts[k] for k in torch.randperm(len(parts), generator=generator).tolist())


Translation = tuple[Written, Written]
"""A source and its target."""


class Pairs(NamedTuple):
    """Sources and targets as numbers of words, filled up with PAD; a target ends in END."""

    source: Int[Tensor, "pair source"]
    target: Int[Tensor, "pair target"]

    @property
    def source_mask(self) -> Bool[Tensor, "pair source"]:
        """True where a source has a word."""
        return self.source != PAD

    def draw(self, count: int, generator: torch.Generator) -> "Pairs":
        """Return some of the pairs, drawn at random; one may come twice."""
        rows = torch.randint(len(self.source), (count,), generator=generator)
        return Pairs(self.source[rows], self.target[rows])


def split_days(held_out: int = 1000, seed: int = 0) -> tuple[list[date], list[date]]:
    """Return the days of 1900 to 2099 in random order: those to train on, and the held-out ones.

    Raises ValueError unless there are days of both kinds.
    """
    first = date(1900, 1, 1)
    count = (date(2100, 1, 1) - first).days
    if not 0 < held_out < count:
        raise ValueError(f"hold out 1 to {count - 1} of the {count} days, not {held_out}")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist()
    days = [first + timedelta(number) for number in order]
    return days[held_out:], days[:held_out]


def write(day: date, language: str, number: int = 0) -> Written:
    """Write a day in one of the language's formats, counted from 0.

    Raises ValueError if there is no such language or format.
    """
    if language not in FORMATS or not 0 <= number < len(FORMATS[language]):
        known = " and ".join(f"{name} from 0 to {len(formats) - 1}" for name, formats in FORMATS.items())
        raise ValueError(f"there are formats of {known}, not {language} {number}")
    locale, name = FORMATS[language][number]
    pieces: dict[str, tuple[Word, ...]] = {}
    part, opening = "", ()
    for pattern, literals in _pattern(locale, name):
        if pattern:
            part = _FIELDS[pattern[0]].part
            pieces[part] = (*opening, *_spell(pattern, locale, _FIELDS[pattern[0]].number(day)))
        else:
            brackets = literals.index(_BRACKET) if _BRACKET in literals else len(literals)
            pieces[part], opening = pieces[part] + literals[:brackets], literals[brackets:]
    return Written(language, pieces)


def translations(
    days: Iterable[date], source: str, target: str, generator: torch.Generator
) -> list[Translation]:
    """Write each day in any format of one language, drawn at random, and in the first of the other.

    Raises ValueError if there is no such language.
    """
    formats = len(FORMATS.get(source, "-"))
    return [
        (write(day, source, int(torch.randint(formats, (), generator=generator))), write(day, target))
        for day in days
    ]


def encode_pairs(pairs: Sequence[Translation], tagged: bool = False) -> Pairs:
    """Turn translations into numbers.

    Args:
        pairs: sources and targets.
        tagged: start each source with a tag, `<en>` or `<ko>`, that asks for the target's language (Johnson
            et al. 2017): for a model that translates both ways.
    """
    sources = [encode(source.texts, target.language if tagged else "") for source, target in pairs]
    end = torch.tensor([END])
    targets = [torch.cat([encode(target.texts), end]) for _, target in pairs]
    return Pairs(pad_batch(sources, PAD)[0], pad_batch(targets, PAD)[0])


def alignment(source: Written, target: Written) -> Bool[Tensor, "target source"]:
    """Return for each word of the target which words of the source tell the same part of the date."""
    parts = [word.part for word in source.words]
    return torch.tensor([[word.part != "" and word.part == part for part in parts] for word in target.words])


def split(text: str) -> list[str]:
    """Take a text apart into words, digits and marks of punctuation."""
    return re.findall(r"\d|[^\W\d]+|\S", unicodedata.normalize("NFC", text))


def encode(words: Sequence[str], to: str = "") -> Int[Tensor, "words"]:
    """Return the words' numbers, perhaps after a tag that asks for a language; capitals don't matter.

    Raises ValueError, naming the first word that no format has, or if there is no word.
    """
    if not words:
        raise ValueError(f"Type a date, such as: {write(date(2018, 3, 3), 'en')}.")
    for word in words:
        if word.lower() not in _NUMBERS:
            raise ValueError(
                f"{typed.quoted(word)} is unknown: there are months, weekdays, digits, 년, 월, 일 and , . ( )"
            )
    return torch.tensor([_NUMBERS[word.lower()] for word in ([f"<{to}>"] if to else []) + list(words)])


def decode(tokens: Int[Tensor, "steps"]) -> list[str]:
    """Return the words of a target up to its end; undoes `encode`."""
    numbers = tokens.tolist()
    numbers = numbers[: numbers.index(END)] if END in numbers else numbers
    return [VOCABULARY[number] for number in numbers if number not in (PAD, START)]


def join(words: Iterable[str]) -> str:
    """Put words together as they are written."""
    text = ""
    for word in words:
        close = word in ",.)" or (text[-1:].isdigit() and (word.isdigit() or word in _UNITS))
        text += word if close or not text or text[-1] == "(" else f" {word}"
    return text


def read_korean(words: Iterable[str]) -> dict[str, str]:
    """Return what Korean words tell of each part: the digits before 년, 월 and 일, and the weekday."""
    told, number = {}, ""
    for word in words:
        if word.isdigit():
            number += word
            continue
        if number and word in _UNITS:
            told[_UNITS[word]] = number
        elif word in _WEEKDAYS:
            told["weekday"] = word
        number = ""
    return told


def _require_parts(parts: Iterable[str]) -> None:
    for part in parts:
        if part not in PARTS:
            raise ValueError(f"no part of a date is called {part!r}; there are {', '.join(PARTS)}")


@cache
def _pattern(locale: str, name: str) -> list[tuple[str, tuple[Word, ...]]]:
    """A format as its fields and the words between them: one of the two is empty."""
    known = Locale.parse(locale)
    pattern = known.date_formats[name] if name in known.date_formats else known.datetime_skeletons[name]
    return [
        ("", tuple(Word(word, "") for word in split(value)))
        if isinstance(value, str)
        else (value[0] * value[1], ())
        for _, value in tokenize_pattern(pattern.pattern)
    ]


@cache
def _spell(pattern: str, locale: str, number: int) -> tuple[Word, ...]:
    """The words of one field; in 3월 only the digit tells the month."""
    field = _FIELDS[pattern[0]]
    words = split(format_date(field.sample(number), pattern, locale))
    return tuple(Word(word, field.part if word.isdigit() or len(words) == 1 else "") for word in words)


def _all_words() -> list[str]:
    """Every word of every format but the digits, sorted: twelve months and all seven weekdays show them."""
    days = [date(2018, month, 1 + day) for month in range(1, 13) for day in range(7)]
    words = {
        word.text
        for language, formats in FORMATS.items()
        for number in range(len(formats))
        for day in days
        for word in write(day, language, number).words
    }
    return sorted(word for word in words if not word.isdigit())


VOCABULARY = (
    "<pad>",
    "<start>",
    "<end>",
    *(f"<{language}>" for language in FORMATS),
    *"0123456789",
    *_all_words(),
)
"""All words; a word's number is its place here."""
_NUMBERS = {word.lower(): number for number, word in enumerate(VOCABULARY)}
_WEEKDAYS = {write(date(2018, 1, 1 + day), "ko").pieces["weekday"][0].text for day in range(7)}
