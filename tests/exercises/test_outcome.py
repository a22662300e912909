"""When two calls end alike."""

import math

import numpy as np
import pytest
import torch
from torch import tensor

from course_lib.exercises.exercise import Function
from course_lib.exercises.outcome import Raised, is_same, outcome


def test_an_error_is_an_outcome_with_its_words_on_one_line() -> None:
    def fails(_: torch.Tensor) -> None:
        raise ValueError("two\nlines")

    assert outcome(fails, (tensor(1.0),)) == Raised("ValueError", "two lines")


def test_an_outcome_leaves_the_arguments_as_they_were() -> None:
    x = tensor([1.0])
    assert outcome(torch.Tensor.add_, (x, 1)).tolist() == [2.0]
    assert x.tolist() == [1.0]


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (tensor([1.0, 2.0]), tensor([1.0, 2.0 + 1e-10]), True),
        (tensor([1.0, 2.0]), tensor([1.0, 2.1]), False),
        (tensor([1.0, 2.0]), tensor([1.1, 2.0]), False),
        (tensor([1.0, 2.0]), tensor([[1.0, 2.0]]), False),
        (tensor([math.nan, 1.0]), tensor([math.nan, 1.0]), True),
        (tensor([-math.inf, 1.0]), tensor([-math.inf, 1.0]), True),
        (tensor([1e9]), tensor([1e9 + 0.5]), True),
        (tensor([True]), tensor([1]), True),
        (torch.zeros(0), torch.zeros(0), True),
        (3, 3, True),
        (3, 4, False),
        ([1, [2]], [1, [2]], True),
        (Raised("E", "a"), Raised("E", "a"), True),
        (Raised("E", "a"), Raised("E", "b"), False),
        (Raised("E", "a"), tensor([1.0]), False),
        (Raised("E", "a"), np.ones(2), False),
        (tensor([1.0]), Raised("E", "a"), False),
        (max, tensor([1.0]), False),
        (None, None, False),
    ],
    ids=str,
)
def test_outcomes_are_compared_up_to_rounding(expected: object, got: object, same: bool) -> None:
    assert is_same(expected, got) == same


@pytest.mark.filterwarnings("ignore")  # PyTorch does not support all of them for long
@pytest.mark.parametrize(
    "unusual",
    [
        torch.Tensor.to_sparse,
        lambda x: x.to("meta"),
        lambda x: x.to(torch.complex64),
        lambda x: torch.quantize_per_tensor(x.float(), 1.0, 0, torch.quint8),
        lambda x: torch.nested.nested_tensor([x, x]),
        lambda x: torch.nested.nested_tensor([x, x], layout=torch.jagged),
    ],
    ids=["sparse", "meta", "complex", "quantized", "nested", "jagged"],
)
def test_a_tensor_of_an_unusual_kind_is_like_no_other(unusual: Function) -> None:
    x = torch.ones(2)
    assert not is_same(x, unusual(x))
    assert not is_same([x], [unusual(x)])
