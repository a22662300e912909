"""The exercise of lecture 11 on greedy decoding."""

import torch

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase
from course_lib.generation import Step
from course_lib.lectures.decoder.next_symbol_models import table_step


def greedy_decode(step: Step, start: int, end: int, limit: int) -> list[int]:
    """Return the symbols that follow `start` if the one of the highest score is always taken.

    `step` takes prefixes (rows, steps) and returns the scores (rows, symbols) of the next symbol. The result
    is without `start`, and with `end`, after which nothing comes; it has at most `limit` symbols. The library
    decodes several rows at once in this way.
    """
    symbols = [start]
    for _ in range(limit):
        best = int(step(torch.tensor([symbols]))[0].argmax())
        symbols.append(best)
        if best == end:
            break
    return symbols[1:]


def _case(shortest: int, longest: int, spare: int | None, is_end: bool = False) -> MakeCase:
    """A model that ends after some symbols, when `spare` more were allowed; None for one that never ends.

    All scores are negative, as log-probabilities are. The start may be the symbol that ends, too.
    """

    def draw_case(generator: torch.Generator) -> tuple[Step, int, int, int]:
        length, symbols = draw.whole(generator, shortest, longest), draw.whole(generator, 5, 8)
        start, end = torch.randperm(symbols, generator=generator)[:2].tolist()
        tables = draw.normal(generator, length + 6, symbols, symbols)
        tables[0].fill_diagonal_(-9.0)  # so that the start alone and the last symbol lead to unlike ones
        tables[:, :, end] = -9.0
        if spare is not None:
            tables[length - 1, :, end] = 9.0
        return table_step(tables - 20.0), end if is_end else start, end, length + (spare or 0)

    return draw_case


MISTAKES = """
    the start symbol is returned as well
        symbols[1:] -> symbols
    The start was given, not generated: leave it out of what you return.

    the end symbol is left out of the result
        symbols[1:] -> [symbol for symbol in symbols[1:] if symbol != end]
    The end was generated like every other symbol: append it, then stop.

    the start symbol is returned, and the end symbol is not
        symbols[1:] -> [symbol for symbol in symbols if symbol != end]
    Return what was generated: not the start, but the end if it came.

    the end symbol does not stop the decoding
        break -> pass
    After `end` nothing may follow: leave the loop when it comes.

    the result is filled up with end symbols
        symbols[1:] -> symbols[1:] + [end] * (limit + 1 - len(symbols))
    Only several sequences side by side need padding: stop at the first `end`.

    an end symbol is appended where the limit has cut off the sequence
        break -> return symbols[1:]
        return symbols[1:] -> return symbols[1:] + [end]
    Return `end` only if the model has chosen it.

    the start symbol counts towards the limit
        range(limit) -> range(limit - 1)
    `limit` symbols may be generated besides the start: don't count the start as one of them.

    one symbol more than the limit is generated
        range(limit) -> range(limit + 1)
    Stop when `limit` symbols have been generated.

    the symbol of the lowest score is taken
        argmax -> argmin
    The higher the score, the likelier the symbol.

    the model gets a list
        torch.tensor([symbols]) -> symbols
    The model takes a tensor with a row for each prefix, even if there is only one.

    the model gets a prefix without the axis of rows
        torch.tensor([symbols]) -> torch.tensor(symbols)
    The model takes any number of prefixes, a row each. Yours is one row: look at the brackets.

    the last column of the scores is read, or the largest is looked for along the wrong axis
        [0].argmax() -> [:, -1].argmax()
    The scores have a row for each prefix, and the columns are the symbols: for one prefix the largest of
    its row is wanted.

    the highest score is taken for the symbol
        int(step(torch.tensor([symbols]))[0].argmax()) -> step(torch.tensor([symbols]))[0].max().item()
    The symbol is the place of the highest score, not the score itself.

    a start that is the end symbol, too, stops the decoding
        range(limit) -> range(limit if start != end else 0)
    The start was given. Look for the end only among the symbols that the model has chosen.

    the end is looked for among all symbols, the start included
        best == end -> end in symbols
    The start was given and may be the end symbol, too. Ask only about what the model has just chosen.

    only the last symbol is returned
        symbols[1:] -> symbols[-1:]
    Every symbol that the model has chosen belongs to the result.

    the last symbol is cut off instead of the first
        symbols[1:] -> symbols[:-1]
    The start comes first in the list, and it is what the result doesn't hold.

    the newest symbol comes first in the prefix
        torch.tensor([symbols]) -> torch.tensor([symbols[::-1]])
    The model reads from left to right: the start comes first, the newest symbol last.

    the model does not see the start symbol any more
        torch.tensor([symbols]) -> torch.tensor([symbols[1:] or [start]])
    The prefix begins with the start at every step: the model was trained like that.

    the model sees the start symbol only
        torch.tensor([symbols]) -> torch.tensor([[start]])
    What was generated is part of the next prefix: append the symbol before you ask again.

    the model sees the last symbol only
        torch.tensor([symbols]) -> torch.tensor([symbols[-1:]])
    The next symbol depends on all before it: give the whole prefix, from the start symbol on.

    the model does not see the last symbol
        torch.tensor([symbols]) -> torch.tensor([symbols[:-1] or [start]])
    The prefix that you give must contain the symbol that was chosen last.
"""

EXERCISE = Exercise(
    reference=greedy_decode,
    cases={
        "the end comes before the limit": _case(4, 6, spare=3),
        "the limit comes before the end": _case(4, 6, spare=None),
        "the end comes at the limit": _case(4, 6, spare=0),
        "the end comes at once": _case(1, 1, spare=4),
        "only one symbol may come": _case(1, 1, spare=None),
        "the start is the end symbol, too": _case(4, 6, spare=3, is_end=True),
    },
    mistakes=mistakes(greedy_decode, MISTAKES),
    hints=(
        "What does the model read at first? And when it has named a symbol, what does it read next? There "
        "are two reasons to stop.",
        "Keep a list that begins with `start`. `step(torch.tensor([symbols]))[0]` are the scores of the next "
        "symbol; append the number of the highest; stop at `end`.",
        "`step(torch.tensor([symbols]))[0].argmax().item()` is the next symbol. Write the loop around it: "
        "how many times, what it appends, when it breaks. What of the list is not returned?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    library="`course_lib.generation.greedy_decode(step, start, end, limit)` returns a tensor with a row for "
    "each sequence, and decodes several side by side.",
)
