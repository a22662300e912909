"""The exercise of lecture 06 on batches of sequences that are about equally long."""

from typing import Any

import torch

from course_lib.data.sequences import bucket_by_length
from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def _case(generator: torch.Generator, batches: int, left: int) -> tuple[Any, ...]:
    """Draw lengths, some of them equal, that fill `batches` batches and leave `left` sequences over."""
    size = draw.whole(generator, 3, 4)
    unlike = draw.unequal(generator, batches * size + left - 2, 2, 30)
    lengths = [max(unlike), *unlike, min(unlike)]
    return lengths, size


def _few_sequences(generator: torch.Generator) -> tuple[Any, ...]:
    return draw.unequal(generator, 3, 1, 20), draw.whole(generator, 4, 8)


MISTAKES = """
    the sequences are cut into batches in the order they come in
        , key=lambda index: lengths[index] ->
    Sort the indices by length first: then neighbours need little padding. If you sort `lengths` itself, you
    order the numbers but lose track of which sequence each belongs to.

    each batch is sorted on its own
        , key=lambda index: lengths[index] ->
        order[start:start + size] -> sorted(order[start:start + size], key=lambda index: lengths[index])
    Sort all sequences before you cut: within a batch the order saves no padding.

    the longest come first
        lengths[index] -> -lengths[index]
    The exercise asks for the shortest first: sort without `reverse=True`.

    the lengths are returned, not the indices
        sorted(range(len(lengths)), key=lambda index: lengths[index]) -> sorted(lengths)
    A batch must say which sequences it holds: sort the indices by length.

    the rank of each sequence is returned
        return -> order = [order.index(index) for index in range(len(order))]; return
    Each place holds the index of the sequence that goes there, not where each sequence goes.

    the last batch is dropped if it is not full
        range(0, len(order), size) -> range(0, len(order) - size + 1, size)
    No sequence may get lost: the last batch holds what is left.

    each length gets a batch of its own
        order[start:start + size] -> [index for index in order if lengths[index] == length]
        for start in range(0, len(order), size) -> for length in sorted(set(lengths))
    Lengths in a batch need not be equal, only close; every batch but the last holds `size`.

    size is taken for the number of batches
        return -> size = max(1, -(-len(order) // size)); return
    `size` is how many sequences a batch holds at most.

    the sorted sequences are dealt out in turn
        return -> count = -(-len(order) // size); return
        order[start:start + size] -> order[start::count]
        range(0, len(order), size) -> range(count)
    Then each batch holds short and long ones; neighbours in the sorted order belong together.

    of equally long sequences the later one comes first
        lengths[index] -> (lengths[index], -index)
    Keep their order: `sorted(...)` does, and so does `argsort` with `stable=True`; reversing does not.

    equally long sequences are taken for the same one
        return -> order = [lengths.index(lengths[index]) for index in order]; return
    `lengths.index(...)` always finds the first of them: sort the indices, not the lengths.

    the batches are joined into one list
        [order[start:start + size] for start in range(0, len(order), size)] -> order
    Cut the sorted indices into lists of `size`: the result is a list of lists.
"""

EXERCISE = Exercise(
    reference=bucket_by_length,
    cases={
        "a last batch that is not full": lambda generator: _case(generator, 3, draw.whole(generator, 1, 2)),
        "batches that are all full": lambda generator: _case(generator, 3, 0),
        "fewer sequences than a batch holds": _few_sequences,
        "no sequence at all": lambda generator: ([], draw.whole(generator, 2, 5)),
    },
    mistakes=mistakes(bucket_by_length, MISTAKES),
    hints=(
        "Write down the lengths 5, 2, 9, 3. Which index comes first if you sort by length?",
        "`sorted(range(len(lengths)), key=...)` sorts the indices. Then cut the list into pieces.",
        "`order = sorted(range(len(lengths)), key=lambda index: lengths[index])`, and the batches are "
        "`order[start : start + size]` for start in `range(0, len(order), size)`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
)
