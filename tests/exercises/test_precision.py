"""What float32 rounds is right and told; what is added is wrong."""

from typing import Any, NamedTuple

import pytest
import torch

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.panel import Result
from course_lib.exercises.precision import NOTE
from tests.exercises.learners import Function, examined, right
from tests.lectures.answers import RIGHT_ANSWERS


def sinusoidal_encoding(steps: int, d_model: int) -> Any:
    angles = torch.arange(steps).float()[:, None] / 10000 ** (torch.arange(0, d_model, 2).float() / d_model)
    encoding = torch.zeros(steps, d_model)
    encoding[:, 0::2], encoding[:, 1::2] = angles.sin(), angles.cos()
    return encoding


def layer_norm(x: Any, gain: Any, bias: Any) -> Any:
    return EXERCISES["layer_norm"].reference(x.float(), gain, bias)


def masked_mean_plus(epsilon: float, dtype: torch.dtype) -> Function:
    def masked_mean(loss: Any, mask: Any) -> Any:
        loss = loss.to(dtype)
        return torch.where(mask, loss, 0).sum() / (mask.sum().clamp(min=1) + epsilon)

    return masked_mean


def of(name: str, function: Function) -> Result:
    return examine(EXERCISES[name], function, seed=1)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sinusoidal_encoding", sinusoidal_encoding),
        ("layer_norm", layer_norm),
        (
            "moving_average",
            lambda series, window: right(series.float(), window),
        ),
    ],
)
def test_an_answer_computed_in_float32_is_right_and_told(name: str, function: Function) -> None:
    result = of(name, function)
    assert result.is_solved
    assert result.notes == (NOTE,)


@pytest.mark.parametrize("epsilon", [1e-5, 1e-6])
def test_a_small_number_added_is_no_rounding(epsilon: float) -> None:
    assert not of("masked_mean", masked_mean_plus(epsilon, torch.float64)).is_solved


def test_a_small_number_added_in_float32_is_no_rounding_either() -> None:
    assert not of("masked_mean", masked_mean_plus(1e-4, torch.float32)).is_solved


def test_float32_that_makes_no_difference_is_not_told() -> None:
    result = examined(lambda s, w: right(s, w) * torch.ones((), dtype=torch.float32))
    assert (result.is_solved, result.notes) == (True, ())


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("name", EXERCISES)
def test_verdicts_do_not_depend_on_the_default_dtype(name: str) -> None:
    for number, function in enumerate([EXERCISES[name].reference, *RIGHT_ANSWERS[name]]):
        results = []
        for dtype in (torch.float32, torch.float64):
            torch.set_default_dtype(dtype)
            results.append(examine(EXERCISES[name], function, seed=number, draws=1))
        assert results[0] == results[1]
        assert results[0].is_solved


class Padded(NamedTuple):
    batch: torch.Tensor
    mask: torch.Tensor


def test_a_named_tuple_is_a_tuple() -> None:
    assert of("pad_batch", lambda *inputs: Padded(*EXERCISES["pad_batch"].reference(*inputs))).is_solved
