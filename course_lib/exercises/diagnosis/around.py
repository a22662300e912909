"""Right answers to a changed input, and changed results of the right answer."""

import functools
import inspect
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises.diagnosis.change import Candidate, Kind
from course_lib.exercises.exercise import Function

Transform = Callable[[Any], Any]

OF_TENSORS: dict[str, Transform] = {
    "with the opposite sign": torch.neg,
    "doubled": lambda x: 2 * x,
    "halved": lambda x: x / 2,
    "transposed": lambda x: x.mT,
    "reversed along its first axis": lambda x: x.flip(0),
    "reversed along its last axis": lambda x: x.flip(-1),
    "without its first entry": lambda x: x[1:],
    "without its last entry": lambda x: x[:-1],
    "moved one place to the right": lambda x: x.roll(1, -1),
    "moved one place to the left": lambda x: x.roll(-1, -1),
    "without the first entry of its second axis": lambda x: x[:, 1:],
    "without the last entry of its second axis": lambda x: x[:, :-1],
    "with its first two axes exchanged": lambda x: x.transpose(0, 1),
    "with its first row for all rows": lambda x: x[:1].expand_as(x),
    "by its absolute values": torch.abs,
    "squared": torch.square,
}
OF_RESULTS: dict[str, Transform] = {
    **OF_TENSORS,
    "by its root": torch.sqrt,
    "by its exponential": torch.exp,
    "by its logarithm": torch.log,
    "by its softmax": lambda x: x.softmax(-1),
    "subtracted from 1": lambda x: 1 - x,
    "by its inverse": torch.reciprocal,
    "rounded": torch.round,
    "added up along its last axis": lambda x: x.cumsum(-1),
    "averaged over its first axis": lambda x: x.mean(0),
    "averaged over its last axis": lambda x: x.mean(-1),
    "summed over all": torch.sum,
    "averaged over all": torch.mean,
    "cut at 0": torch.relu,
    "in order of size": lambda x: x.sort(-1).values,
    "with its opposite": torch.logical_not,
}
OF_INPUTS: dict[str, Transform] = {
    **OF_TENSORS,
    "as if it were all zero": torch.zeros_like,
    "as if it were all one": torch.ones_like,
    "by its opposite": torch.logical_not,
    "by its softmax": lambda x: x.softmax(-1),
}
OF_NUMBERS: dict[str, Transform] = {
    "one too large": lambda n: n + 1,
    "one too small": lambda n: n - 1,
    "doubled": lambda n: 2 * n,
    "by its opposite": lambda n: not n,
}
INPUT_ADVICE = "Look at what you make of this input before you use it."
RESULT_ADVICE = "Look at what you do to the result last."


def candidates(reference: Function) -> Iterator[Candidate]:
    """The right answer on one changed input, and the right answer changed."""
    for words, transform in OF_RESULTS.items():
        yield Candidate(
            Kind.RESULT, f"the right result comes {words}", RESULT_ADVICE, _then(reference, transform)
        )
    for words, transform in OF_NUMBERS.items():
        yield Candidate(
            Kind.RESULT, f"the right number comes {words}", RESULT_ADVICE, _number(reference, transform)
        )
    yield from _of_sizes(reference)
    yield from _of_two(reference)
    for index, (name, parameter) in enumerate(inspect.signature(reference).parameters.items()):
        for words, transform in {**OF_INPUTS, **OF_NUMBERS}.items():
            changed = _before(reference, index, transform)
            yield Candidate(Kind.INPUT, f"`{name}` is read {words}", INPUT_ADVICE, changed)
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


def _ordered(reference: Function, order: list[int], *arguments: Any) -> Any:
    return reference(*(arguments[index] for index in order if index < len(arguments)))


def _added(reference: Function, index: int, *arguments: Any) -> Any:
    result = reference(*arguments)
    if not isinstance(arguments[index], Tensor) or arguments[index].shape != result.shape:
        raise TypeError("not of the result's shape")
    return arguments[index] + result


def _then(reference: Function, transform: Transform) -> Function:
    @functools.wraps(reference)
    def changed(*arguments: Any) -> Any:
        result = reference(*arguments)
        if isinstance(result, Tensor):
            return transform(result)
        return type(result)(transform(part) for part in result)

    return changed


def _number(reference: Function, transform: Transform) -> Function:
    @functools.wraps(reference)
    def changed(*arguments: Any) -> Any:
        result = reference(*arguments)
        if not isinstance(result, int | float):
            raise TypeError("not a number")
        return transform(result)

    return changed


def _before(reference: Function, index: int, transform: Transform) -> Function:
    @functools.wraps(reference)
    def changed(*arguments: Any) -> Any:
        arguments = (*arguments[:index], transform(arguments[index]), *arguments[index + 1 :])
        return reference(*arguments)

    return changed
