"""How a whole result relates to the expected one: by one simple step, and where it is wrong."""

import math
from collections.abc import Callable, Iterator
from itertools import permutations

import torch
from torch import Tensor

from course_lib.exercises.compare import Values, place_along

FEWEST = 3
"""Fewer different values than these may agree by chance."""
MOST_AXES = 4
LARGEST_ROOT = 1000
"""Up to this number a factor is recognised as a square root."""
SMALLEST = 1e-6
"""A smaller change is put down to rounding."""

Step = tuple[str, Tensor]

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "1 minus what is expected": lambda x: 1 - x,
    "the exponential of what is expected": torch.exp,
    "the logarithm of what is expected": torch.log,
    "the square of what is expected": torch.square,
    "the square root of what is expected": torch.sqrt,
    "the absolute value of what is expected": torch.abs,
}


def relation(values: Values) -> str:
    """Say by which simple step the whole result comes from the expected one, as what it is.

    Completes "your result is ...", such as "everywhere half of what is expected". Empty if no step gives all
    values, or if so few are different that they may agree by chance.
    """
    if not 0 < values.expected.ndim <= MOST_AXES:
        return ""
    steps = _steps(values.expected, values.got, values.axes)
    return next((words for words, result in steps if _says_much(result) and values.are_close(result)), "")


def extent(values: Values) -> str:
    """Say how many of the values are wrong, and where they lie if that can be said in a few words.

    Such as "4 of 12 values, all at time 2 (the last)". Empty for a single number and for unequal shapes.
    """
    if values.expected.shape != values.got.shape:
        return ""
    wrong = values.wrong
    count, total = int(wrong.sum()), wrong.numel()
    if total < 2:
        return ""
    if count == total:
        return f"all {total} values"
    places = "" if count < 2 else _places(wrong, values.axes)
    return f"{count} of {total} values{places}"


def axis_name(axes: tuple[str, ...], axis: int, count: int) -> str:
    """What an axis is called: by its name, as row or column, or by its number."""
    if axes:
        return axes[axis]
    return ("row", "column")[axis] if count == 2 else f"axis {axis}" if count > 1 else "index"


def _says_much(result: Tensor) -> bool:
    return result[result.isfinite()].unique().numel() >= FEWEST


def _steps(expected: Tensor, given: Tensor, axes: tuple[str, ...]) -> Iterator[Step]:
    """What may have come of the expected values, simple steps first."""
    right = expected.double()
    if right.shape == given.shape:
        yield from _changes(right, given)
    yield from _permutations(right, axes)
    alongs = [
        f" along {axis_name(axes, axis, right.ndim)}" if axes or right.ndim > 1 else ""
        for axis in range(right.ndim)
    ]
    for axis, along in enumerate(alongs):
        yield from _moves(right, given, axis, along)
    if right.numel() == given.numel():
        yield "what is expected, in another shape", right.reshape(given.shape)
    if expected.is_floating_point():  # whole numbers may be places, and those are only ever in another order
        for axis, along in enumerate(alongs if right.shape == given.shape else ()):
            yield f"what is expected in another order{along}", _sorted_as(given, right, axis)
        if right.numel() == given.numel():
            flat = _sorted_as(given.flatten(), right.flatten(), 0)
            yield "the expected values at other places", flat.view_as(given)


def _changes(right: Tensor, given: Tensor) -> Iterator[Step]:
    """Each value is changed in the same way."""
    yield "everywhere the negative of what is expected", -right
    finite = right.isfinite() & given.isfinite()
    if not finite.any():
        return
    largest = right.where(finite, 0).abs().argmax()
    pivot, image = right.flatten()[largest].item(), given.flatten()[largest].item()
    factor = image / pivot if pivot else 0
    if factor and abs(factor - 1) > SMALLEST:
        yield f"everywhere {_times(factor)} what is expected", right * factor
    if abs(image - pivot) > SMALLEST:
        more = "more" if image > pivot else "less"
        yield f"everywhere {_number(abs(image - pivot))} {more} than what is expected", right + image - pivot
    yield from ((f"everywhere {words}", function(right)) for words, function in FUNCTIONS.items())


def _times(factor: float) -> str:
    """A factor in words, with whole numbers and their square roots where they fit."""
    words = {2.0: "twice", 0.5: "half of"}
    for simple, text in words.items():
        if math.isclose(factor, simple, rel_tol=SMALLEST):
            return text
    for size, pattern in ((factor, "{} times"), (1 / factor, "1/{} of")):
        for number, sign in ((size, ""), (size * size, "√")):
            if 1.5 < number < LARGEST_ROOT and size > 0 and abs(number - round(number)) < SMALLEST * number:
                return pattern.format(f"{sign}{round(number)}")
    return f"{_number(factor)} times"


def _number(value: float) -> str:
    return f"{value:.4g}"


def _permutations(right: Tensor, axes: tuple[str, ...]) -> Iterator[Step]:
    for order in list(permutations(range(right.ndim)))[1:]:
        moved = [axis for axis, place in enumerate(order) if axis != place]
        if right.ndim == 2:
            words = "the transpose of what is expected"
        elif len(moved) == 2:
            first, second = (axis_name(axes, axis, right.ndim) for axis in moved)
            words = f"what is expected with {first} and {second} exchanged"
        else:
            words = "what is expected with its axes in another order"
        yield words, right.permute(order)


def _moves(right: Tensor, given: Tensor, axis: int, along: str) -> Iterator[Step]:
    """The values lie at other places along one axis, or one of them is missing."""
    size = right.shape[axis]
    if size < 2:
        return
    first, last = right.narrow(axis, 0, size - 1), right.narrow(axis, 1, size - 1)
    if right.shape != given.shape:
        yield f"what is expected without the last{along}", first
        yield f"what is expected without the first{along}", last
        return
    yield f"what is expected in reversed order{along}", right.flip(axis)
    for words, kept, rest in (("later", first, 0), ("earlier", last, size - 1)):
        if _says_much(kept):  # whatever came in at the end
            parts = [given.narrow(axis, rest, 1), kept]
            yield f"what is expected, one place {words}{along}", torch.cat(parts[:: -1 if rest else 1], axis)


def _sorted_as(given: Tensor, right: Tensor, axis: int) -> Tensor:
    """The expected values in the order of the learner's along an axis."""
    ranks = given.argsort(dim=axis).argsort(dim=axis)
    return right.sort(dim=axis).values.gather(axis, ranks)


def _places(wrong: Tensor, axes: tuple[str, ...]) -> str:
    """Where all wrong values lie, if they lie together, or which single place of an axis has none."""
    together, spared = [], []
    for axis, size in enumerate(wrong.shape):
        name = axis_name(axes, axis, wrong.ndim)
        touched = wrong.movedim(axis, 0).reshape(size, -1).any(dim=1)
        if touched.sum() == 1 < size:
            together.append(_place(name, int(touched.int().argmax()), size))
        elif touched.sum() == size - 1 > 1:
            spared.append(_place(name, int(touched.int().argmin()), size))
    if together:
        return f", all at {', '.join(together)}"
    if wrong.ndim == 2 and (words := _beside_the_diagonal(wrong)):
        return words
    return f", none at {', '.join(spared)}" if spared else ""


def _place(name: str, index: int, size: int) -> str:
    end = {0: " (the first)", size - 1: " (the last)"}.get(index, "")
    return f"{place_along(name, index)}{end}"


def _beside_the_diagonal(wrong: Tensor) -> str:
    rows, columns = wrong.nonzero().unbind(dim=1)
    for words, holds in (
        ("on", rows == columns),
        ("above", rows < columns),
        ("below", rows > columns),
    ):
        if holds.all():
            return f", all {words} the diagonal"
    return ""
