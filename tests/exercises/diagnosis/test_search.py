"""The search for a mistake that nobody listed."""

import inspect
from dataclasses import replace
from types import FunctionType
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.diagnosis import search
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, Function


def weighted_sum(x: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
    """Weigh the columns, and add a bias."""
    return (x * weights).sum(dim=1) + bias


def _case(generator: torch.Generator) -> tuple[Any, ...]:
    rows, columns = draw.unequal(generator, 2, 2, 5)
    normal = draw.normal(generator, rows, columns), draw.normal(generator, columns)
    return *normal, draw.normal(generator)


def _long_case(generator: torch.Generator) -> tuple[Any, ...]:
    return draw.normal(generator, 7, 6), draw.normal(generator, 6), draw.normal(generator)


LISTED = """
    the weights are left out
        * weights ->
    Each column has its weight.

    the bias is subtracted
        + bias -> - bias
    The bias is added.
"""
EXERCISE = Exercise(
    reference=weighted_sum,
    cases={"some rows": _case, "many rows": _long_case},
    mistakes=mistakes(weighted_sum, LISTED),
    hints=("one", "two", "three"),
    points=1,
    difficulty=1,
    minutes=1,
)


@pytest.fixture(autouse=True)
def without_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found must not depend on how busy this machine is."""
    monkeypatch.setattr(search, "SECONDS", 300.0)
    monkeypatch.setattr(search, "LONGEST", 300.0)


def named(function: Function, exercise: Exercise = EXERCISE) -> str:
    function.__name__ = exercise.name
    mistake = examine(exercise, function, seed=3, draws=2).mistake
    return mistake.name if mistake else ""


def test_a_listed_mistake_wins_over_one_that_is_found() -> None:
    assert named(lambda x, _weights, bias: x.sum(dim=1) + bias) == "the weights are left out"
    without = replace(EXERCISE, mistakes=())
    found = named(lambda x, _weights, bias: x.sum(dim=1) + bias, without)
    assert found == "nothing is multiplied by `weights`, in what is returned"


def test_one_small_change_is_found() -> None:
    found = named(lambda x, weights, _bias: (x * weights).sum(dim=1))
    assert found == "`bias` is not added, in what is returned"
    found = named(lambda x, weights, bias: (x * weights).mean(dim=1) + bias)
    assert found == "`mean` stands where another function belongs, in what is returned"


def test_a_changed_input_or_result_is_found() -> None:
    assert named(lambda x, weights, bias: weighted_sum(x.abs(), weights, bias)) == (
        "`x` is replaced by its absolute values"
    )
    assert named(lambda x, weights, bias: weighted_sum(x, weights, bias).exp()) == (
        "the right result goes through `exp`"
    )


def test_two_listed_mistakes_at_once_are_found() -> None:
    found = named(lambda x, _weights, bias: x.sum(dim=1) - bias)
    assert found == "the weights are left out, and the bias is subtracted"


def test_a_listed_mistake_and_a_small_change_are_found() -> None:
    found = named(lambda x, weights, bias: (x * weights).mean(dim=1) - bias)
    assert found.startswith("the bias is subtracted, and `mean` stands where another function belongs")


def test_mistakes_of_another_exercise_that_the_answer_calls_are_found() -> None:
    exercise = EXERCISES["multi_head_attention"]
    other = next(one for one in EXERCISES["merge_heads"].mistakes if "alternate" in one.name)
    without = replace(exercise, mistakes=())
    found = named(_with(exercise.reference, merge_heads=other.function), without)
    assert found == f"in `merge_heads`, {other.name}"


def _with(reference: Function, **names: Function) -> Function:
    """The reference with other functions in place of those that it calls."""
    code = inspect.unwrap(reference)
    return FunctionType(code.__code__, {**code.__globals__, **names}, code.__name__, code.__defaults__)


def test_nothing_is_named_for_right_answers() -> None:
    assert named(lambda x, weights, bias: x @ weights + bias) == ""


def test_nothing_is_named_unless_it_explains_every_case() -> None:
    def sometimes(x: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
        return weighted_sum(x, weights, bias if len(x) == 7 else 0 * bias)

    assert named(sometimes) == ""


def test_an_attempt_that_raises_must_be_explained_as_well() -> None:
    def sometimes(x: Tensor, weights: Tensor, _bias: Tensor) -> Tensor:
        if len(x) == 7:
            raise ValueError("too long")
        return (x * weights).sum(dim=1)

    assert named(sometimes) == ""


def test_what_is_found_must_explain_further_cases() -> None:
    calls: list[int] = []

    def changes_its_mind(x: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
        calls.append(1)
        return (x * weights).sum(dim=1) + (bias if len(calls) > 4 else 0)

    assert named(changes_its_mind) == ""
    assert len(calls) > 4


def test_nothing_is_named_for_what_only_raises() -> None:
    assert named(lambda x, weights, bias: weighted_sum(x.transpose(0, 1), weights, bias)) == ""


@pytest.mark.parametrize("value", [float("nan"), 0.0])
def test_nothing_is_named_for_results_without_information(value: float) -> None:
    assert named(lambda x, weights, bias: 0 * weighted_sum(x, weights, bias) + value) == ""


def test_nothing_is_named_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SECONDS", 0.0)
    assert named(lambda x, weights, _bias: (x * weights).sum(dim=1)) == ""
    assert named(lambda x, _weights, bias: x.sum(dim=1) + bias) == "the weights are left out"


def test_a_candidate_that_never_ends_stops_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LONGEST", 0.3)

    def countdown(n: int) -> list[int]:
        numbers = []
        while n > 0:
            n = n - 1
            numbers.append(n)
        return numbers

    exercise = replace(EXERCISE, reference=countdown, mistakes=(), cases={"n": lambda _: (5,)})
    assert named(lambda n: [n, 7, 3], exercise) == ""


FOUND = [
    ("layer_norm", "the mean is not subtracted", "`mean` of `x` is not subtracted, where `centred` is made"),
    ("lstm_step", "tanh is left out of the candidate", "`tanh` is left out, where `c` is made"),
    ("forecast", "the predictions are not fed back", "`window` stays as it was"),
]


@pytest.mark.parametrize(("name", "mistake", "words"), FOUND, ids=[row[0] for row in FOUND])
def test_mistakes_of_exercises_are_found_when_they_are_not_listed(
    name: str, mistake: str, words: str
) -> None:
    exercise = EXERCISES[name]
    left_out = next(one for one in exercise.mistakes if one.name == mistake)
    others = tuple(one for one in exercise.mistakes if one is not left_out)
    result = examine(replace(exercise, mistakes=others), left_out.function, seed=5)
    assert result.mistake
    assert result.mistake.name == words
    assert result.mistake.hint
