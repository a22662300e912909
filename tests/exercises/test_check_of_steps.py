"""What is said of results in parts, and of functions that are given a step, a batch or gradients."""

from typing import Any

import pytest
import torch

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.models.gradient_flow import gradient_norm_by_distance
from course_lib.models.recurrent import gru_step, lstm_step
from tests.exercises.learners import Function


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda h, _c: h, "your result is a Tensor, expected 2 results in a tuple"),
        (lambda h, c: (h, c, c), "your result has 3 parts, expected 2"),
        (lambda h, _c: (h, None), "the second part of your result is None: is a `return` missing?"),
        (lambda h, c: (h.tolist(), c), "the first part of your result is a list, expected a tensor"),
        (lambda h, c: (h, c[0]), "the second part of your result has the wrong shape: expected (batch="),
        (lambda h, c: (h / 0, c), "the first part of your result contains an infinite value"),
        (lambda h, c: (h, c * torch.nan), "the second part of your result contains NaN"),
        (lambda h, c: h @ c, "your function raises RuntimeError in line "),
    ],
)
def test_wrong_pair_of_states(value: Function, message: str) -> None:
    result = examine(EXERCISES["lstm_step"], lambda *arguments: value(*lstm_step(*arguments)), seed=1)
    assert result.message.startswith(message)
    assert "\n" not in result.message
    assert repr(result) == "0"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda h, c: (h.detach(), c.detach()), "no gradient flows through your result"),
        (lambda h, c: (h.detach(), c), "the gradient of your result by `x` has wrong values"),
        (lambda h, c: (h, c.detach()), "the gradient of your result by `x` has wrong values"),
    ],
)
def test_missing_gradient_of_either_state_costs_half(value: Function, message: str) -> None:
    result = examine(EXERCISES["lstm_step"], lambda *arguments: value(*lstm_step(*arguments)), seed=1)
    assert result.message.startswith(message)
    assert repr(result) == "2"


@pytest.mark.parametrize("value", [lambda h: (h, h), lambda h: [h], lambda h: (0, h)])
def test_a_gru_returns_its_state_alone(value: Function) -> None:
    result = examine(EXERCISES["gru_step"], lambda *arguments: value(gru_step(*arguments)), seed=1)
    assert result.message.endswith(", expected a tensor: return one of its tensors alone")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda _step, _state, inputs: [1.0] * len(inputs), "your result is a list, expected a tensor"),
        (lambda step, state, inputs: step(inputs, state), "your function raises RuntimeError in line "),
        (lambda step, _state, _inputs: step, "your result is a partial, expected a tensor"),
        (lambda step, state, inputs: step(inputs[0], state).tolist().sort(), "your result is None"),
    ],
)
def test_wrong_use_of_a_step_that_is_given(value: Function, message: str) -> None:
    result = examine(EXERCISES["gradient_norm_by_distance"], value, seed=1)
    assert result.message.startswith(message)
    assert "\n" not in result.message
    assert repr(result) == "0"


def test_step_that_is_given_and_called_without_end_is_stopped() -> None:
    def value(step: Any, state: Any, inputs: Any) -> Any:
        while True:
            state = step(inputs[0], state)

    result = examine(EXERCISES["gradient_norm_by_distance"], value, seed=1, seconds=0.2)
    assert result.message.startswith("your function was stopped after 0.2 s in one call: it has a loop")


def test_gradients_clipped_in_place_cost_half() -> None:
    def value(gradients: Any, limit: float) -> Any:
        for gradient, clipped in zip(gradients, clip(gradients, limit), strict=True):
            gradient.copy_(clipped)
        return gradients

    clip = EXERCISES["clip_gradient_norm"].reference
    result = examine(EXERCISES["clip_gradient_norm"], value, seed=1)
    assert result.message.startswith("your function changes its input `gradients`")
    assert repr(result) == "1.5"


def test_pytorchs_clipping_changes_nothing_here() -> None:
    def value(gradients: Any, limit: float) -> Any:
        torch.nn.utils.clip_grad_norm_(gradients, limit)
        return gradients

    result = examine(EXERCISES["clip_gradient_norm"], value, seed=1)
    assert result.mistake is not None
    assert result.mistake.name == "the gradients come back unchanged"
    assert len(result.passed) == 3
    assert result.notes == ()


def test_batches_of_another_type() -> None:
    def value(lengths: Any, size: int) -> Any:
        return torch.tensor(lengths).argsort().split(size)

    result = examine(EXERCISES["bucket_by_length"], value, seed=1)
    assert result.message.startswith("the first part of your result is a Tensor, expected ")
    assert result.message.endswith("results in a list")


def test_prints_of_a_solution_with_a_given_step_are_noted() -> None:
    def value(step: Any, state: Any, inputs: Any) -> Any:
        print(step(inputs[0], state))
        return gradient_norm_by_distance(step, state, inputs)

    result = examine(EXERCISES["gradient_norm_by_distance"], value, seed=1)
    assert result.is_solved
    assert result.notes[0].startswith("your function prints (tensor([")
