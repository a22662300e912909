"""The exercise of lecture 06 on batches of sequences that are about equally long."""

from typing import Any

import numpy as np
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


def _many_equal(generator: torch.Generator) -> tuple[Any, ...]:
    """Draw sequences of few lengths, an empty one among them, that leave one over after three batches.

    There are more than 16, up to which NumPy's unstable sorting may be stable by chance.
    """
    size = draw.whole(generator, 6, 8)
    return [*(draw.whole(generator, 0, 3) for _ in range(3 * size)), 0], size


def _few_sequences(generator: torch.Generator) -> tuple[Any, ...]:
    return draw.unequal(generator, 3, 1, 20), draw.whole(generator, 4, 8)


def _shared_out(order: list[int], batches: int) -> list[list[int]]:
    return [part.tolist() for part in np.array_split(np.array(order, dtype=int), batches)]


MISTAKES = """
    the sequences are cut into batches in the order they come in
        , key=lambda index: lengths[index] ->
    Sort the indices by length first: then neighbours need little padding. If you sort `lengths` itself, you
    order the numbers but lose track of which sequence each belongs to.

    the list of lengths is given as the key
        key=lambda index: lengths[index] -> key=lengths
    The error says that a list cannot be called: a key is a function, which here takes an index to its length.

    lengths are looked up as if they were indices
        range(len(lengths)) -> lengths
    The error says that an index is too large: sort the indices, `range(len(lengths))`, not the lengths.

    `argsort` is asked of a list
        sorted(range(len(lengths)), key=lambda index: lengths[index]) -> lengths.argsort()
    Only a tensor has `argsort`; `sorted` with a key orders a list of indices.

    what `lengths.sort()` returns is used
        sorted(range(len(lengths)), key=lambda index: lengths[index]) -> lengths.sort()
    `list.sort` changes the list and returns None; `sorted` returns a new list. And it is the indices that are
    to be sorted.

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

    the last batch is always dropped
        range(0, len(order), size) -> range(0, len(order) - size, size)
    No sequence may get lost: `range` ends before its second number, so the last batch may start up to there.

    an empty batch comes last
        range(0, len(order), size) -> range(0, len(order) // size * size + 1, size)
    If the batches come out even, nothing is left over: a batch must start before the end of the list.

    the number of batches is a float
        range(0, len(order), size) -> range(len(order) / size)
    The error says that `range` takes whole numbers: `/` gives a float. And `range` can count in steps.

    a batch starts at every sequence
        range(0, len(order), size) -> range(len(order))
    Each sequence belongs to one batch: the next batch starts `size` places further on.

    `size` is taken for the place where a batch ends
        start:start + size -> start:size
    The second number of a slice is the place where it ends, not how much it takes.

    each batch is one sequence short
        start:start + size -> start:start + size - 1
    A slice ends before its second number: nothing is to be taken off.

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

    each length gets a batch of its own, in the order in which the lengths first come
        order[start:start + size] -> [index for index in order if lengths[index] == length]
        for start in range(0, len(order), size) -> for length in dict.fromkeys(lengths)
    Lengths in a batch need not be equal, only close. Sort all indices by length, then cut after every `size`.

    only sequences of exactly the same length share a batch
        return -> groups = [[i for i in order if lengths[i] == n] for n in sorted(set(lengths))]; return
        order[start:start + size] -> group[start:start + size]
        for start in range(0, len(order), size) -> for group in groups for start in range(0, len(group), size)
    A batch may hold unequal lengths: fill each one up with the next longer sequences until it holds `size`.

    size is taken for the number of batches, and what is left over is dropped
        return -> count = len(order) // size; return
        order[start:start + size] -> order[start * count:(start + 1) * count]
        range(0, len(order), size) -> range(size)
    `size` is how many sequences a batch holds, not how many batches there are. And no sequence may get lost.

    size is taken for the number of batches, and the first ones get one more of what is left over
        [order[start:start + size] for start in range(0, len(order), size)] -> shared_out(order, size)
    `size` is how many sequences a batch holds, and only the last batch may hold fewer.

    size is taken for the number of batches, and their length is rounded down
        return -> size = len(order) // size; return
    `size` is the step from one batch to the next. If you divide by `size` first, the step is 0 for a few
    sequences, which is what the error says.

    the sorted sequences are dealt out to `size` batches in turn
        order[start:start + size] -> order[start::size]
        range(0, len(order), size) -> range(size)
    In `order[start::size]` the last number is a step: it picks sequences far apart. Neighbours in the sorted
    order belong together.
"""

EXERCISE = Exercise(
    reference=bucket_by_length,
    cases={
        "a last batch that is not full": lambda generator: _case(generator, 3, draw.whole(generator, 1, 2)),
        "batches that are all full": lambda generator: _case(generator, 3, 0),
        "fewer sequences than a batch holds": _few_sequences,
        "no sequence at all": lambda generator: ([], draw.whole(generator, 2, 5)),
        "many sequences of the same lengths": _many_equal,
        "batches of one sequence": lambda generator: (_case(generator, 3, 0)[0], 1),
    },
    mistakes=mistakes(bucket_by_length, MISTAKES, shared_out=_shared_out),
    hints=(
        "Write down the lengths 5, 2, 9, 3. Which index comes first if you sort by length?",
        "`sorted(range(len(lengths)), key=...)` sorts the indices. Then cut the list into pieces.",
        "The key of an index is its length: `lambda index: lengths[index]`. Batches start at 0, `size`, "
        "`2 * size` and so on, and a slice may end beyond the list.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    library="`course_lib.data.sequences.bucket_by_length` does the same. "
    "`torch.utils.data.DataLoader(..., batch_sampler=batches)` loads such batches.",
)
