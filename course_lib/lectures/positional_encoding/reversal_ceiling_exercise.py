"""The exercise of lecture 09 on what can be known without positions."""

import itertools
import math
import statistics

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def reversal_ceiling(symbols: int, steps: int) -> float:
    """Return the best share of right symbols in reversing random sequences without knowing positions.

    All that can be known of a token's mirror image is that it is one of the `steps - 1` other tokens: the
    best guess is the most frequent of their symbols.
    """
    rows = list(itertools.product(range(symbols), repeat=steps - 1))
    counts = [max(map(row.count, row)) for row in rows]
    return sum(counts) / len(rows) / (steps - 1)


MISTAKES = """
    any symbol is guessed, or the token's own
        sum(counts) / len(rows) / (steps - 1) -> 1 / symbols
    That is right once in `symbols`. The tokens are known, though not their places: the most frequent of the
    others is the better guess.

    one of the other places is guessed and its symbol does not count
        sum(counts) / len(rows) -> 1
    You have to guess the symbol, not the place: several of the others may have the same one.

    one of the other tokens is drawn and its symbol is guessed
        max(map(row.count, row)) -> row.count(row[0])
    A better guess than a random one is the symbol that most of the others have.

    a token's own place is counted as well
        steps - 1 -> steps
    In a row of even length no token is its own mirror image: only the `steps - 1` others count.

    the most frequent symbol is counted in all places, but divided by the number of others
        repeat=steps - 1 -> repeat=steps
    Count among the others, too: take rows of `steps - 1` tokens.

    the count among the others is divided by the number of all places
        / (steps - 1) -> / steps
    The mirror image is one of `steps - 1` tokens: divide by that.

    the mean count is not divided
        / (steps - 1) ->
    A share is between 0 and 1: divide the count by the number of the others.

    the chance that one symbol is more frequent than all others is computed
        max(map(row.count, row)) -> len(statistics.multimode(row)) == 1
        / (steps - 1) ->
    The question is how often the best guess is right: divide the count of the most frequent symbol.

    no guess is made when two symbols are equally frequent
        max( -> (len(statistics.multimode(row)) == 1) * max(
    In a tie each guess has the same chance of being right, and one of them is made.

    a tie goes to the symbol that comes first, and the mirror image always comes last
        max(map(row.count, row)) -> max(row, key=row.count) == row[-1]
        / (steps - 1) ->
    The order of the others is not known and must not decide: let the mirror image be anywhere, or guess the
    smallest symbol of a tie.

    each mixture of symbols is taken to be equally likely
        product(range(symbols), repeat=steps - 1) -> combinations_with_replacement(range(symbols), steps - 1)
    Rows are equally likely, not mixtures: with two symbols, ab and ba are two rows, and aa is one.

    the best guess is taken to be always right
        sum(counts) / len(rows) / (steps - 1) -> 1.0
    The most frequent symbol is likely, not certain: its count, not 1, goes into the mean.

    the other tokens are taken to share the symbols as evenly as possible
        sum(counts) / len(rows) -> math.ceil((steps - 1) / symbols)
    Random rows are uneven, which helps the guess: take the mean over all rows of `steps - 1` symbols.

    the sum over the rows is not divided by their number
        / len(rows) ->
    A mean is wanted: all rows have the same chance.

    the sum is divided by the number of all rows of `steps` symbols
        len(rows) -> symbols ** steps
    Divide by the number of rows that you went through: they have `steps - 1` symbols.

    the count is divided by the number of symbols instead of the number of others
        / (steps - 1) -> / symbols
    The count is a count of places: divide by how many there are.

    no symbol comes twice in a row
        product(range(symbols), repeat=steps - 1) -> permutations(range(symbols), steps - 1)
    `permutations` and `combinations` repeat nothing. With too few symbols they make no row at all: then the
    error says that 0 is a divisor.

    the rows are counted, but not kept in a list
        list( -> (
    The error says that `product` has no length: it makes its rows one by one, and only once.

    a symbol is left out
        range(symbols) -> range(symbols - 1)
    `range(n)` already ends before n: it has n numbers.

    symbols and places are swapped
        range(symbols), repeat=steps - 1 -> range(steps - 1), repeat=symbols
    A row has `steps - 1` places, each with one of the symbols.

    the least frequent symbol is guessed
        max( -> min(
    The best guess is the symbol that most of the others have.

    the largest symbol is taken, not its count
        max(map(row.count, row)) -> max(row)
    Symbols have no size: it is how often a symbol occurs that matters.

    the different symbols are counted
        max(map(row.count, row)) -> len(set(row))
    How many kinds there are is not asked for, but how often the most frequent kind occurs.

    one symbol too few is tried as the most frequent
        max(map(row.count, row)) -> max([row.count(symbol) for symbol in range(1, symbols)])
    Where do your symbols begin? Try all of them, or those of the row.
"""

EXERCISE = Exercise(
    reference=reversal_ceiling,
    cases={
        "two symbols": lambda generator: (2, 2 * draw.whole(generator, 2, 3)),
        "rows of four": lambda generator: (draw.whole(generator, 3, 4), 4),
        "rows of six": lambda generator: (draw.whole(generator, 3, 4), 6),
        "rows of two": lambda generator: (draw.whole(generator, 2, 4), 2),
        "more symbols than places": lambda generator: (draw.whole(generator, 5, 7), 4),
        "a single symbol": lambda generator: (1, 2 * draw.whole(generator, 2, 4)),
    },
    mistakes=mistakes(reversal_ceiling, MISTAKES, math=math, statistics=statistics),
    hints=(
        "Your own symbol is a, the others are b, b and c, nobody knows where. What do you guess, and how "
        "often are you right?",
        "The chance is the count of the most frequent symbol among the others, divided by their number. All "
        "rows of `steps - 1` symbols are equally likely: `itertools.product(range(symbols), repeat=steps - "
        "1)`.",
        "`row.count(symbol)` counts in one row, and `max` over its symbols finds the best guess. Add that up "
        "over all rows. By which two numbers do you divide?",
    ),
    points=3,
    difficulty=3,
    minutes=15,
    library="`course_lib.models.positions.most_frequent_share(symbols, steps - 1)` counts rows by binomial "
    "coefficients instead of going through them, so rows may be long.",
)
