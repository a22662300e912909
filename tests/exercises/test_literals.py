"""A failing input, pasted into a cell, is the same input again."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib.exercises import literals, run
from course_lib.exercises.attempt import Attempt, attempt
from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.exercise import Exercise


def pasted(text: str, name: str) -> tuple[Any, ...]:
    """The arguments that a function gets when a text is run in a cell that has it."""
    calls: list[tuple[Any, ...]] = []
    exec(text, {name: lambda *arguments: calls.append(arguments)})
    (arguments,) = calls
    return arguments


def is_equal(before: Any, after: Any) -> bool:
    """Equal to the last bit; what the text left open counts as equal to any function."""
    if after is ...:
        return callable(before)
    if isinstance(before, Tensor):
        return (
            before.dtype == after.dtype
            and torch.equal(before.isnan(), after.isnan())
            and run.is_unchanged(before, after)
        )
    if isinstance(before, torch.Generator):
        return torch.equal(before.get_state(), after.get_state())
    if isinstance(before, partial):
        return before.func is after.func and is_equal(before.args, after.args)
    if is_dataclass(before):
        return all(is_equal(getattr(before, one.name), getattr(after, one.name)) for one in fields(before))
    if isinstance(before, Mapping):
        return is_equal(list(before.items()), list(after.items()))
    if isinstance(before, tuple | list):
        return type(before) is type(after) and len(before) == len(after) and all(map(is_equal, before, after))
    return type(before) is type(after) and before == after


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)
@pytest.mark.usefixtures("unchecked_shapes")
def test_pasted_arguments_are_those_of_the_case(exercise: Exercise, generator: torch.Generator) -> None:
    names = list(inspect.signature(exercise.reference).parameters)
    for make in exercise.cases.values():
        arguments = make(generator)
        text = literals.call(exercise.name, names, arguments)
        assert is_equal(arguments, pasted(text, exercise.name)), text


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor([[1 / 3, -math.inf], [math.nan, -0.0]], dtype=torch.float32),
        torch.tensor(1e-300),
        torch.zeros(0),
        torch.zeros(2, 0, 3, dtype=torch.int64),
        torch.tensor([[[True]]]),
        (1,),
        [[], (), None, "it's", -math.inf],
        {(1, 2): [0.1]},
        torch.Generator().manual_seed(7),
        torch.tanh,
        partial(run.copy, torch.ones(2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_written_to_the_last_bit(value: object) -> None:
    assert is_equal((value,), pasted(literals.call("f", ["x"], (value,)), "f"))


def test_function_without_a_name_is_left_open_and_said() -> None:
    text = literals.call("f", ["step"], (lambda x: x,))
    assert "    ...,  # step" in text
    assert "only the check has" in text


def failed(title: str, *arguments: Any, problem: str = "wrong", got: Any = None) -> Attempt:
    return Attempt(title, arguments, got, problem)


def example_of(function: Callable[..., Any], *cases: tuple[Any, ...]) -> str:
    exercise = EXERCISES["moving_average"]
    return literals.example(
        exercise, [attempt(exercise, function, f"case {k}", case) for k, case in enumerate(cases)]
    )


def test_example_is_the_smallest_case_that_fails() -> None:
    right = EXERCISES["moving_average"].reference
    cases = [(torch.arange(size).double(), 2) for size in (3, 9, 4, 6)]

    def wrong_from_four(series: Tensor, window: int) -> Tensor:
        return right(series, window) + (len(series) > 3)

    assert example_of(wrong_from_four, *cases) == (
        "# case: case 2\n"
        "import torch\n\n"
        "moving_average(\n"
        "    torch.tensor([0.0, 1.0, 2.0, 3.0], dtype=torch.float64),  # series\n"
        "    2,  # window\n"
        ")\n"
        "# expected:\n# torch.tensor([0.5, 1.5, 2.5], dtype=torch.float64)"
    )
    assert example_of(right, *cases) == ""


def test_what_is_too_long_to_paste_is_told_by_its_shape() -> None:
    text = example_of(lambda *_: None, (torch.rand(300), 3))
    assert "import" not in text
    assert "# series: a tensor of shape (300,), torch.float64\n# window: 3" in text


def test_call_that_did_not_end_is_shown_if_no_other_is() -> None:
    late = failed("late", torch.zeros(1), 1, problem="your function was stopped after 5 s")
    later = failed("later", torch.zeros(0), 1, problem="your function was stopped after 5 s")
    assert literals.smallest_failing([late, later]) is late
    (wrong,) = [attempt(EXERCISES["moving_average"], lambda *_: None, "wrong", (torch.zeros(9), 1))]
    assert literals.smallest_failing([wrong, late]) is wrong
