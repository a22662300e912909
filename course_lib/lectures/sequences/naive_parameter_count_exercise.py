"""The exercise of lecture 01 on the size of the naive model."""

import math

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def naive_parameter_count(symbols: int, steps: int) -> int:
    """Count the free parameters of the naive model made of tables, one a step with a row for each past."""
    pasts = [symbols ** (t - 1) for t in range(1, steps + 1)]
    return sum(pasts) * (symbols - 1)


MISTAKES = """
    all entries of every row are counted
        * (symbols - 1) -> * symbols
    The probabilities of a row sum to one, so its last entry follows from the others.

    the entries of one table of all sequences are counted
        sum(pasts) * (symbols - 1) -> symbols ** steps
    All of these probabilities sum to one, so one of them follows from the others.

    only the last step's table is counted
        sum(pasts) -> pasts[-1]
    The chain rule has a factor for every step, and each needs a table of its own.

    each step's past is one symbol too long
        t - 1 -> t
    Step t has t - 1 symbols before it; the first step has none, so its table has one row.

    the last step is left out
        steps + 1 -> steps
    `range(1, steps)` ends at steps - 1.

    the inputs of the steps are counted
        symbols ** (t - 1) -> (t - 1)
        * (symbols - 1) ->
    That fits a linear layer; a table has a row for every possible past.

    the past is ignored
        symbols ** (t - 1) -> 1
    A table has a row for each possible past, and there are symbols ** (t - 1) of them at step t.

    rows are counted, not their entries
        * (symbols - 1) ->
    Each row holds probabilities, as many as are free when they sum to one.

    the first step is left out
        range(1, -> range(2,
    The first step has a table, too: one row, for the past without symbols.

    one entry of each table is taken off, not one of each row
        symbols ** (t - 1) -> symbols ** t - 1
        * (symbols - 1) ->
    Every row sums to one, so one entry of each row follows from the others.

    each table is one number in a list
        sum(pasts) * (symbols - 1) -> [past * (symbols - 1) for past in pasts]
    The exercise asks for all tables together: add them up.

    symbols and steps are swapped
        symbols -> steps
        steps -> symbols
    A past of t - 1 steps is one of symbols ** (t - 1): the number of symbols is the base.

    base and exponent are swapped
        symbols ** (t - 1) -> (t - 1) ** symbols
    Two steps with 3 symbols each have 3 * 3 = 3 ** 2 pasts, not 2 ** 3.

    the symbols are multiplied with the steps, not raised to their power
        symbols ** (t - 1) -> symbols * (t - 1)
    Each further step multiplies the number of pasts by `symbols`.

    the sign ^ is taken for a power
        symbols ** (t - 1) -> (symbols ^ t - 1)
    In Python ^ compares bits (exclusive or); a power is written with two stars.

    the tables are multiplied, not added
        sum(pasts) * (symbols - 1) -> math.prod((past * (symbols - 1) for past in pasts))
    Tables stand beside each other: their numbers are added up.

    the loop runs over a number
        range(1, steps + 1) -> steps
    `steps` is a number, not a list: `range` counts up to it.
"""

EXERCISE = Exercise(
    reference=naive_parameter_count,
    cases={
        "a few symbols and steps": lambda generator: (
            draw.whole(generator, 3, 6),
            draw.whole(generator, 3, 6),
        ),
        "a single step": lambda generator: (draw.whole(generator, 2, 9), 1),
        "a single symbol": lambda generator: (1, draw.whole(generator, 2, 9)),
        "27 letters and many steps": lambda generator: (27, draw.whole(generator, 10, 20)),
    },
    mistakes=mistakes(naive_parameter_count, MISTAKES, math=math),
    hints=(
        "How many different pasts can step 3 have, if there are 2 symbols?",
        "Step t needs a table of symbols ** (t - 1) rows. How many entries of a row are free if they sum to "
        "one?",
        "A table has as many free numbers as it has rows, times the free entries of a row. Add up all "
        "tables, the last step's included: `range(1, steps + 1)`.",
    ),
    points=2,
    difficulty=2,
    minutes=10,
    library="No library counts it, since nobody builds the model. `course_lib.models.ngram` holds the tables "
    "that people do build: they read a few symbols, and share them between all steps.",
)
