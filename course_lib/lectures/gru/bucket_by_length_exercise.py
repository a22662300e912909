"""The exercise of lecture 06 on batches of sequences that are about equally long."""

from itertools import groupby
from typing import Any

import torch

from course_lib.data.sequences import bucket_by_length
from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake

Batches = list[list[int]]


def _by_length(lengths: list[int]) -> list[int]:
    return sorted(range(len(lengths)), key=lambda index: lengths[index])


def _cut(order: list[int], size: int) -> Batches:
    return [order[start : start + size] for start in range(0, len(order), size)]


def _case(generator: torch.Generator, batches: int, left: int) -> tuple[Any, ...]:
    """Draw lengths, some of them equal, that fill `batches` batches and leave `left` sequences over."""
    size = draw.whole(generator, 3, 4)
    unlike = draw.unequal(generator, batches * size + left - 2, 2, 30)
    lengths = [max(unlike), *unlike, min(unlike)]
    return lengths, size


def _few_sequences(generator: torch.Generator) -> tuple[Any, ...]:
    return draw.unequal(generator, 3, 1, 20), draw.whole(generator, 4, 8)


def _sorted_within_given_batches(lengths: list[int], size: int) -> Batches:
    given = _cut(list(range(len(lengths))), size)
    return [sorted(batch, key=lambda index: lengths[index]) for batch in given]


def _batch_for_each_length(lengths: list[int], _size: int) -> Batches:
    groups = groupby(_by_length(lengths), key=lambda index: lengths[index])
    return [list(group) for _, group in groups]


def _ranks(lengths: list[int], size: int) -> Batches:
    order = _by_length(lengths)
    return _cut([order.index(index) for index in range(len(order))], size)


def _dealt_out(lengths: list[int], size: int) -> Batches:
    order = _by_length(lengths)
    count = -(-len(order) // size)
    return [order[start::count] for start in range(count)]


def _size_as_count(lengths: list[int], size: int) -> Batches:
    order = _by_length(lengths)
    return _cut(order, max(1, -(-len(order) // size)))


def _later_of_equals_first(lengths: list[int], size: int) -> Batches:
    return _cut(sorted(range(len(lengths)), key=lambda index: (lengths[index], -index)), size)


def _longest_first(lengths: list[int], size: int) -> Batches:
    return _cut(sorted(range(len(lengths)), key=lambda index: -lengths[index]), size)


def _by_argsort(lengths: list[int], size: int) -> Batches:
    order = torch.tensor(lengths).argsort(stable=True)
    return [batch.tolist() for batch in order.split(size)] if lengths else []


def _by_pairs(lengths: list[int], size: int) -> list[tuple[int, ...]]:
    batches: Batches = []
    for _, index in sorted((length, index) for index, length in enumerate(lengths)):
        if not batches or len(batches[-1]) == size:
            batches.append([])
        batches[-1].append(index)
    return [tuple(batch) for batch in batches]


EXERCISE = Exercise(
    reference=bucket_by_length,
    cases={
        "a last batch that is not full": lambda generator: _case(generator, 3, draw.whole(generator, 1, 2)),
        "batches that are all full": lambda generator: _case(generator, 3, 0),
        "fewer sequences than a batch holds": _few_sequences,
        "no sequence at all": lambda generator: ([], draw.whole(generator, 2, 5)),
    },
    mistakes=(
        Mistake(
            "the sequences are cut into batches as they come",
            lambda lengths, size: _cut(list(range(len(lengths))), size),
            "Sort the indices by length first: then neighbours need little padding. To sort `lengths` itself "
            "orders the numbers, and loses which sequence each belongs to.",
        ),
        Mistake(
            "each batch is sorted on its own",
            _sorted_within_given_batches,
            "Sort all sequences before you cut: within a batch the order saves no padding.",
        ),
        Mistake(
            "the longest come first",
            _longest_first,
            "The exercise asks for the shortest first: sort without `reverse=True`.",
        ),
        Mistake(
            "the lengths are returned, not the indices",
            lambda lengths, size: _cut(sorted(lengths), size),
            "A batch must say which sequences it holds: sort the indices by length.",
        ),
        Mistake(
            "the rank of each sequence is returned",
            _ranks,
            "At each place stands which sequence comes there, not the place to which each sequence goes.",
        ),
        Mistake(
            "the last batch is dropped if it is not full",
            lambda lengths, size: [batch for batch in bucket_by_length(lengths, size) if len(batch) == size],
            "No sequence may get lost: the last batch holds what is left.",
        ),
        Mistake(
            "each length gets a batch of its own",
            _batch_for_each_length,
            "Lengths in a batch need not be equal, only close; every batch but the last holds `size`.",
        ),
        Mistake(
            "size is taken for the number of batches",
            _size_as_count,
            "`size` is how many sequences a batch holds at most.",
        ),
        Mistake(
            "the sorted sequences are dealt out in turn",
            _dealt_out,
            "Then each batch holds short and long ones; neighbours in the sorted order belong together.",
        ),
        Mistake(
            "of equally long sequences the later one comes first",
            _later_of_equals_first,
            "Keep their order: `sorted(...)` does so, and `argsort` with `stable=True`; reversing does not.",
        ),
        Mistake(
            "equally long sequences are taken for the same",
            lambda lengths, size: _cut([lengths.index(length) for length in sorted(lengths)], size),
            "`lengths.index(...)` always finds the first of them: sort the indices, not the lengths.",
        ),
        Mistake(
            "the batches are joined to one list",
            lambda lengths, _size: _by_length(lengths),
            "Cut the sorted indices into lists of `size`: the result is a list of lists.",
        ),
    ),
    hints=(
        "Write down the lengths 5, 2, 9, 3. Which index comes first if you sort by length?",
        "`sorted(range(len(lengths)), key=...)` sorts the indices. Then cut the list into pieces.",
        "`order = sorted(range(len(lengths)), key=lambda index: lengths[index])`, and the batches are "
        "`order[start : start + size]` for start in `range(0, len(order), size)`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_by_argsort, _by_pairs),
)
