"""The exercise of lecture 09 on what can be known without positions."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from itertools import combinations_with_replacement, product
from statistics import fmean

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models.positions import reversal_ceiling

Row = tuple[int, ...]
Ceiling = Callable[[int, int], float]


def _rows(symbols: int, steps: int) -> Iterable[Row]:
    return product(range(symbols), repeat=steps)


def _most(row: Row) -> int:
    return Counter(row).most_common(1)[0][1]


def _is_unique(row: Row) -> bool:
    return list(Counter(row).values()).count(_most(row)) == 1


def _over_all_others(measure: Callable[[Row], float]) -> Ceiling:
    """The mean of a measure over everything that the other tokens may be."""

    @cache
    def ceiling(symbols: int, steps: int) -> float:
        return fmean(measure(row) for row in _rows(symbols, steps - 1))

    return ceiling


@cache
def _own_place_counted(symbols: int, steps: int) -> float:
    return fmean(_most(row) / steps for row in _rows(symbols, steps))


@cache
def _own_place_counted_of_the_others(symbols: int, steps: int) -> float:
    return fmean(_most(row) / (steps - 1) for row in _rows(symbols, steps))


def _another_token_drawn(symbols: int, steps: int) -> float:
    mirror = 1 / (steps - 1)
    return mirror + (1 - mirror) / symbols


@cache
def _each_mixture_once(symbols: int, steps: int) -> float:
    mixtures = combinations_with_replacement(range(symbols), steps - 1)
    return fmean(_most(row) / (steps - 1) for row in mixtures)


def _by_playing(symbols: int, steps: int) -> float:
    """Guess the mirror image of the first token in all rows; every token has the same chances."""
    seen: dict[tuple[int, Row], Counter[int]] = {}
    for row in _rows(symbols, steps):
        known = row[0], tuple(sorted(row))
        seen.setdefault(known, Counter())[row[-1]] += 1
    return sum(max(answers.values()) for answers in seen.values()) / symbols**steps


def _by_tensors(symbols: int, steps: int) -> Tensor:
    rows = torch.cartesian_prod(*[torch.arange(symbols)] * (steps - 1)).view(-1, steps - 1)
    counts = torch.nn.functional.one_hot(rows, symbols).sum(dim=1)
    return counts.amax(dim=1).double().mean() / (steps - 1)


def _by_enumerating_all_rows(symbols: int, steps: int) -> float:
    right = [row[1:].count(max(set(row[1:]), key=row[1:].count)) for row in _rows(symbols, steps)]
    return sum(right) / (len(right) * (steps - 1))


EXERCISE = Exercise(
    reference=reversal_ceiling,
    cases={
        "two symbols": lambda generator: (2, 2 * draw.whole(generator, 2, 3)),
        "rows of four": lambda generator: (draw.whole(generator, 3, 4), 4),
        "rows of six": lambda generator: (draw.whole(generator, 3, 4), 6),
        "rows of two": lambda generator: (draw.whole(generator, 2, 4), 2),
    },
    mistakes=(
        Mistake(
            "any symbol is guessed, or the token's own",
            lambda symbols, _steps: 1 / symbols,
            "That is right once in `symbols`. The tokens are known, though not their places: the most "
            "frequent of the others is the better guess.",
        ),
        Mistake(
            "one of the other places is guessed and its symbol does not count",
            lambda _symbols, steps: 1 / (steps - 1),
            "The symbol is asked for, not the place: several of the others may have the same.",
        ),
        Mistake(
            "one of the other tokens is drawn and its symbol is guessed",
            _another_token_drawn,
            "A better guess than a random one is the symbol that most of the others have.",
        ),
        Mistake(
            "a token's own place is counted as well",
            _own_place_counted,
            "In a row of even length no token is its own mirror image: only the `steps - 1` others count.",
        ),
        Mistake(
            "the most frequent symbol is counted in all places, but divided by the number of others",
            _own_place_counted_of_the_others,
            "Count among the others, too: take rows of `steps - 1` tokens.",
        ),
        Mistake(
            "the count among the others is divided by the number of all places",
            _over_all_others(lambda row: _most(row) / (len(row) + 1)),
            "The mirror image is one of `steps - 1` tokens: divide by that.",
        ),
        Mistake(
            "the mean count is not divided",
            _over_all_others(_most),
            "A share lies between 0 and 1: divide the count by the number of the others.",
        ),
        Mistake(
            "the chance that one symbol is more frequent than all others is computed",
            _over_all_others(_is_unique),
            "How often the best guess is right is asked for: the count of the most frequent symbol, divided.",
        ),
        Mistake(
            "no guess is made when two symbols are equally frequent",
            _over_all_others(lambda row: _is_unique(row) * _most(row) / len(row)),
            "With a tie either guess is right with the same chance, and one of them is made.",
        ),
        Mistake(
            "a tie goes to the symbol that stands first, and the mirror image always stands last",
            _over_all_others(lambda row: max(row, key=row.count) == row[-1]),
            "The order of the others is not known and must not decide: let the mirror image stand anywhere, "
            "or guess the smallest symbol of a tie.",
        ),
        Mistake(
            "each mixture of symbols is taken to be equally likely",
            _each_mixture_once,
            "Rows are equally likely, not mixtures: with two symbols, ab and ba are two rows, and aa is one.",
        ),
        Mistake(
            "the best guess is taken to be always right",
            lambda _symbols, _steps: 1.0,
            "The most frequent symbol is likely, not certain: take the mean of count / (steps - 1).",
        ),
        Mistake(
            "the other tokens are taken to share the symbols as evenly as can be",
            lambda symbols, steps: -(-(steps - 1) // symbols) / (steps - 1),
            "Random rows are uneven, which helps the guess: take the mean over all rows of `steps - 1` "
            "symbols.",
        ),
    ),
    hints=(
        "Your own symbol is a, the others are b, b and c, nobody knows where. What do you guess, and how "
        "often are you right?",
        "The chance is the count of the most frequent symbol among the others, divided by their number. All "
        "rows of `steps - 1` symbols are equally likely: `itertools.product(range(symbols), repeat=steps - "
        "1)`.",
        "For each row `max(row.count(symbol) for symbol in row)`; the mean of these, divided by `steps - 1`.",
    ),
    points=3,
    difficulty=3,
    minutes=15,
    variants=(_by_playing, _by_tensors, _by_enumerating_all_rows),
)
