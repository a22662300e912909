"""Right answers to a changed input, and changed results of the right answer."""

import functools
import inspect
from collections.abc import Callable, Iterator
from itertools import chain, combinations, combinations_with_replacement
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises.compare import ORDINALS
from course_lib.exercises.diagnosis.change import Candidate, Kind
from course_lib.exercises.exercise import Function

Transform = Callable[[Any], Any]

OF_TENSORS: dict[str, Transform] = {
    "changes its sign": torch.neg,
    "is doubled": lambda x: 2 * x,
    "is halved": lambda x: x / 2,
    "is transposed": lambda x: x.mT,
    "is reversed along its first axis": lambda x: x.flip(0),
    "is reversed along its last axis": lambda x: x.flip(-1),
    "loses its first entry": lambda x: x[1:],
    "loses its last entry": lambda x: x[:-1],
    "moves one place to the right": lambda x: x.roll(1, -1),
    "moves one place to the left": lambda x: x.roll(-1, -1),
    "loses the first entry of its second axis": lambda x: x[:, 1:],
    "loses the last entry of its second axis": lambda x: x[:, :-1],
    "has its first two axes exchanged": lambda x: x.transpose(0, 1),
    "has its first entry in all places": lambda x: x[:1].expand_as(x),
    "is replaced by its absolute values": torch.abs,
    "is squared": torch.square,
}
OF_RESULTS: dict[str, Transform] = {
    **OF_TENSORS,
    "has its first two axes joined": lambda x: x.flatten(0, 1),
    "has its last two axes joined": lambda x: x.flatten(-2),
    "has an extra axis in front": lambda x: x[None],
    "has an extra axis at its end": lambda x: x[..., None],
    "is returned for the first place only": lambda x: x[0],
    "is returned for the last place only": lambda x: x[-1],
    "is returned for the first place of its second axis only": lambda x: x[:, 0],
    "is returned for the last place of its second axis only": lambda x: x[:, -1],
    "has its last entry in all places": lambda x: x[-1:].expand_as(x),
    "has its last place in all places of its second axis": lambda x: x[:, -1:].expand_as(x),
    "is divided by its sum along the last axis": lambda x: x / x.sum(-1, keepdim=True),
    "goes through a sigmoid": torch.sigmoid,
    "goes through tanh": torch.tanh,
    "is replaced by its root": torch.sqrt,
    "goes through `exp`": torch.exp,
    "goes through `log`": torch.log,
    "goes through a softmax": lambda x: x.softmax(-1),
    "is subtracted from 1": lambda x: 1 - x,
    "is replaced by 1 divided by it": torch.reciprocal,
    "is rounded": torch.round,
    "is added up along its last axis": lambda x: x.cumsum(-1),
    "is averaged over its first axis": lambda x: x.mean(0),
    "is averaged over its last axis": lambda x: x.mean(-1),
    "is summed up as a whole": torch.sum,
    "is averaged as a whole": torch.mean,
    "loses what is below 0": torch.relu,
    "is sorted": lambda x: x.sort(-1).values,
    "has true and false exchanged": torch.logical_not,
}
INPUT_WORDS = {
    "changes its sign": "has the wrong sign",
    "is transposed": "has its last two axes the wrong way round",
    "is reversed along its first axis": "is read in the wrong direction along its first axis",
    "is reversed along its last axis": "is read in the wrong direction along its last axis",
    "has its first two axes exchanged": "has its first two axes the wrong way round",
}
"""Of an input one can't tell whether the learner turned it, or forgot to."""
OF_INPUTS: dict[str, Transform] = {
    **{INPUT_WORDS.get(words, words): transform for words, transform in OF_TENSORS.items()},
    "goes through a ReLU": torch.relu,
    "is cut to its lower triangle": torch.tril,
    "goes through tanh": torch.tanh,
    "is divided by its largest value": lambda x: x / x.max(),
    "is rounded down": torch.floor,
    "is taken to be all zero": torch.zeros_like,
    "is taken to be all one": torch.ones_like,
    "has true and false the wrong way round": torch.logical_not,
    "goes through a softmax": lambda x: x.softmax(-1),
}
OF_NUMBERS: dict[str, Transform] = {
    "is one too large": lambda n: n + 1,
    "is one too small": lambda n: n - 1,
    "is doubled": lambda n: 2 * n,
    "has true and false exchanged": lambda n: not n,
}
OF_RETURNED: dict[str, Transform] = {
    "comes back transposed": lambda x: x.mT,
    "comes back moved one place to the right": lambda x: x.roll(1, -1),
    "comes back moved one place to the left": lambda x: x.roll(-1, -1),
    "comes back, rolled as one long row": lambda x: x.roll(1),
    "comes back with its first two axes exchanged": lambda x: x.transpose(0, 1),
    "comes back after a softmax": lambda x: x.softmax(-1),
    "comes back in order of size": lambda x: x.sort(-1).values,
}
OF_LISTS: dict[str, Transform] = {
    "the parts of the right result come in the opposite order": lambda parts: parts[::-1],
    "the first part of the right result is missing": lambda parts: parts[1:],
    "the last part of the right result is missing": lambda parts: parts[:-1],
    "only the first part of the right result is returned": lambda parts: parts[0],
    "only the last part of the right result is returned": lambda parts: parts[-1],
}
OF_LISTS_GIVEN: dict[str, Transform] = {
    "is read in the opposite order": lambda parts: parts[::-1],
    "is read without its first entry": lambda parts: parts[1:],
    "is read without its last entry": lambda parts: parts[:-1],
    "is sorted by length first": lambda parts: sorted(parts, key=len, reverse=True),
    "is sorted first": sorted,
}
OF_PARTS: dict[str, Transform] = {
    "changes its sign": torch.neg,
    "is doubled": lambda x: 2 * x,
    "is halved": lambda x: x / 2,
    "is transposed": lambda x: x.mT,
    "is all zero": torch.zeros_like,
    "is reversed along its last axis": lambda x: x.flip(-1),
    "has true and false exchanged": torch.logical_not,
    "goes through tanh": torch.tanh,
}
INPUT_ADVICE = "Look at what you make of this input before you use it."
RESULT_ADVICE = "Follow the shapes and the numbers from your first line to the last."


def candidates(reference: Function) -> Iterator[Candidate]:
    """The right answer on one changed input, and the right answer changed."""
    for words, transform in OF_RESULTS.items():
        yield Candidate(Kind.RESULT, f"the right result {words}", RESULT_ADVICE, _then(reference, transform))
    for words, transform in OF_NUMBERS.items():
        yield Candidate(
            Kind.RESULT, f"the right number {words}", RESULT_ADVICE, _when(int | float, reference, transform)
        )
    for words, transform in OF_LISTS.items():
        changed = _when(tuple | list, reference, transform)
        yield Candidate(Kind.RESULT, words, RESULT_ADVICE, changed)
    for number, ordinal in enumerate(ORDINALS):
        for words, transform in OF_PARTS.items():
            changed = _when(tuple | list, reference, functools.partial(_part_changed, number, transform))
            yield Candidate(Kind.RESULT, f"the {ordinal} part of the result {words}", RESULT_ADVICE, changed)
    yield from _of_counts(reference)
    yield from _inputs_alone(reference)
    yield from _of_sizes(reference)
    yield from _of_two(reference)
    for index, (name, parameter) in enumerate(inspect.signature(reference).parameters.items()):
        for words, transform in chain(OF_INPUTS.items(), OF_NUMBERS.items(), OF_LISTS_GIVEN.items()):
            changed = _before(reference, index, transform)
            yield Candidate(Kind.INPUT, f"`{name}` {words}", INPUT_ADVICE, changed)
        if parameter.default is None:
            unused = _before(reference, index, lambda _: None)
            yield Candidate(Kind.INPUT, f"`{name}` is not used", INPUT_ADVICE, unused)


def _of_sizes(reference: Function) -> Iterator[Candidate]:
    """The right answer times or by a size of an input, or a number among the inputs."""
    for index, name in enumerate(inspect.signature(reference).parameters):
        for axis, size in ((0, "length"), (1, "second size"), (-1, "last size"), (None, "number of entries")):
            words = f"the {size} of `{name}`"
            measure = functools.partial(_size, index=index, axis=axis)
            yield from _scaled(reference, words, measure)
        yield from _scaled(reference, f"`{name}`", functools.partial(_whole, index=index))


def _of_counts(reference: Function) -> Iterator[Candidate]:
    """A count that lacks the product of two of its numbers, or has it once too often."""
    names = list(inspect.signature(reference).parameters)
    for first, second in combinations_with_replacement(range(len(names)), 2):
        product = functools.partial(_product, first, second)
        for words, sign in (("is counted once too often", 1), ("is not counted, or once too seldom", -1)):
            changed = functools.partial(_measured, reference, product, functools.partial(_plus, sign))
            of = (
                f"`{names[first]}` and `{names[second]}`"
                if second > first
                else f"`{names[first]}` with itself"
            )
            yield Candidate(Kind.RESULT, f"the product of {of} {words}", RESULT_ADVICE, changed)


def _product(first: int, second: int, arguments: tuple[Any, ...]) -> int:
    return _whole(arguments, first) * _whole(arguments, second)


def _plus(sign: int, result: Any, number: int) -> Any:
    return result + sign * number


def _size(arguments: tuple[Any, ...], index: int, axis: int | None) -> int:
    value = arguments[index]
    if axis is None:
        return value.numel()
    return len(value) if axis == 0 else value.shape[axis]


def _whole(arguments: tuple[Any, ...], index: int) -> int:
    if type(arguments[index]) is not int:
        raise TypeError("no whole number")
    return arguments[index]


def _scaled(
    reference: Function, words: str, measure: Callable[[tuple[Any, ...]], int]
) -> Iterator[Candidate]:
    """The right answer and a number, brought together in some ways."""
    ways: dict[str, Callable[[Any, int], Any]] = {
        "the right result is divided by {}": lambda x, n: x / n,
        "the right result is multiplied by {}": lambda x, n: x * n,
        "the right result is divided by the root of {}": lambda x, n: x / n**0.5,
        "{} is added to the right result": lambda x, n: x + n,
        "{} is subtracted from the right result": lambda x, n: x - n,
    }
    for way, change in ways.items():
        changed = functools.partial(_measured, reference, measure, change)
        yield Candidate(Kind.RESULT, way.format(words), RESULT_ADVICE, changed)


def _measured(
    reference: Function,
    measure: Callable[[tuple[Any, ...]], int],
    change: Callable[[Any, int], Any],
    *arguments: Any,
) -> Any:
    return change(reference(*arguments), measure(arguments))


def _of_two(reference: Function) -> Iterator[Candidate]:
    """Two inputs that change places, and the right answer with an input added."""
    names = list(inspect.signature(reference).parameters)
    for first, second in combinations(range(len(names)), 2):
        words = f"`{names[first]}` and `{names[second]}` change places"
        order = [*range(len(names))]
        order[first], order[second] = second, first
        yield Candidate(Kind.ORDER, words, INPUT_ADVICE, functools.partial(_ordered, reference, order))
    for index, name in enumerate(names):
        added = functools.partial(_added, reference, index)
        yield Candidate(Kind.RESULT, f"`{name}` itself is added to the right result", RESULT_ADVICE, added)
        for axis, place in ((0, "in front of the right result"), (1, "as its first step")):
            joined = functools.partial(_joined, reference, index, axis)
            words = f"`{name}` is returned as well, {place}"
            yield Candidate(Kind.RESULT, words, RESULT_ADVICE, joined)


def _ordered(reference: Function, order: list[int], *arguments: Any) -> Any:
    return reference(*(arguments[index] for index in order if index < len(arguments)))


def _added(reference: Function, index: int, *arguments: Any) -> Any:
    result = reference(*arguments)
    if not isinstance(arguments[index], Tensor) or arguments[index].shape != result.shape:
        raise TypeError("not of the result's shape")
    return arguments[index] + result


def _inputs_alone(reference: Function) -> Iterator[Candidate]:
    """An input that comes back, as it is or little changed."""
    for index, name in enumerate(inspect.signature(reference).parameters):
        for words, transform in {"comes back as it is": lambda x: x, **OF_RETURNED}.items():
            alone = functools.partial(_alone, index, transform)
            yield Candidate(Kind.RESULT, f"`{name}` {words}", RESULT_ADVICE, alone)


def _alone(index: int, transform: Transform, *arguments: Any) -> Any:
    return transform(arguments[index])


def _joined(reference: Function, index: int, axis: int, *arguments: Any) -> Any:
    result = reference(*arguments)
    first = arguments[index]
    if first.ndim == result.ndim - 1:
        first = first.unsqueeze(axis)
    return torch.cat([first, result], dim=axis)


def _then(reference: Function, transform: Transform) -> Function:
    @functools.wraps(reference)
    def changed(*arguments: Any) -> Any:
        result = reference(*arguments)
        if isinstance(result, Tensor):
            return transform(result)
        return type(result)(transform(part) for part in result)

    return changed


def _when(kinds: Any, reference: Function, transform: Transform) -> Function:
    """The right answer changed, if it is of one of the kinds."""

    @functools.wraps(reference)
    def changed(*arguments: Any) -> Any:
        result = reference(*arguments)
        if not isinstance(result, kinds):
            raise TypeError("of another kind")
        return transform(result)

    return changed


def _part_changed(number: int, transform: Transform, parts: Any) -> Any:
    changed = [*parts]
    changed[number] = transform(changed[number])
    return type(parts)(changed)


def _before(reference: Function, index: int, transform: Transform) -> Function:
    @functools.wraps(reference)
    def changed(*arguments: Any) -> Any:
        arguments = (*arguments[:index], transform(arguments[index]), *arguments[index + 1 :])
        return reference(*arguments)

    return changed
