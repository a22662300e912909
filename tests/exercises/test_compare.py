import math

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises.compare import axis_names, difference


def problem(expected: object, got: object) -> str:
    found = difference(expected, got)
    return found.problem if found else ""


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0 + 1e-9])),
        (torch.tensor([1 / 3]), torch.tensor([1 / 3], dtype=torch.float32)),
        (torch.tensor([1 / 3]), torch.tensor([1 / 3], dtype=torch.float16)),
        (torch.tensor([0.0, 100.0]), torch.tensor([0.025, 102.5], dtype=torch.bfloat16)),
        (torch.tensor([1.0, math.nan, -math.inf]), torch.tensor([1.0, math.nan, -math.inf])),
        (torch.tensor([True, False]), torch.tensor([1, 0])),
        (torch.tensor([True, False]), torch.tensor([1.0, 0.0])),
        (torch.tensor(0.5), 0.5),
        (-math.inf, torch.tensor(-math.inf)),
        (7, torch.tensor(7)),
        (7, np.int64(7)),
        ((torch.ones(2), 3), [torch.ones(2), 3]),
        (((1, 2), torch.zeros(0)), ([1, 2], torch.zeros(0))),
    ],
)
def test_equal_results(expected: object, got: object) -> None:
    assert difference(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        (torch.ones(2), torch.tensor([1.0, 1.0 + 1e-5]), "right shape, but wrong values"),
        (torch.ones(2), torch.tensor([1.0, 1.01], dtype=torch.float32), "right shape, but wrong values"),
        (torch.zeros(1), torch.tensor([0.035], dtype=torch.float16), "right shape, but wrong values"),
        (torch.tensor(100.0), torch.tensor(103.5, dtype=torch.float16), "another number"),
        (torch.tensor([math.inf, 1]), torch.tensor([math.inf, 2]), "right shape, but wrong values"),
        (torch.tensor([math.nan, 1]), torch.tensor([math.nan, 2]), "right shape, but wrong values"),
        (torch.full((2,), 1e-3), torch.zeros(2), "right shape, but wrong values"),
        (torch.tensor([True, False]), torch.tensor([1, 2]), "is not a mask"),
        (torch.tensor([True, False]), torch.tensor([True, True]), "right shape, but wrong values"),
        (torch.ones(2), torch.tensor([1.0, math.inf]), "contains an infinite value"),
        (
            torch.tensor([1, -math.inf]),
            torch.tensor([math.inf, -math.inf]),
            "an infinite value where there should be none",
        ),
        (torch.tensor(0.5), 0.6, "another number"),
        (torch.tensor(0.5), True, "is a bool, expected a number"),
        (torch.tensor(0.5), torch.tensor([0.5]), "expected a single number, shape (), got (1)"),
        (torch.tensor([10**9]), torch.tensor([10**9 + 1]), "right shape, but wrong values"),
        (10**12, 10**12 + 1, "another number"),
        (10**12, torch.tensor(10**12 + 1), "another number"),
        (7, np.int64(8), "another number"),
        (7, 7.0, "is a float, expected a whole number (int)"),
        (7, np.float64(7), "is a NumPy float64, expected a whole number (int)"),
        (1, True, "is a bool, expected a whole number (int)"),
        (7, None, "is None: is a `return` missing?"),
        ((1, 2), (1, 3), "the second part of your result is another number"),
        ([[1, 2], [3]], [[1, 9], [3]], "`result[0][1]` is another number than expected"),
        ([[1, 2], [3]], [[1, 2], [None]], "`result[1][0]` is None: is a `return` missing?"),
        ([[1, 2], [3]], [[1], [2, 3]], "the first part of your result has 1 part, expected 2"),
        ((1, 2, 3, 4, 5), (1, 2, 3, 4, 6), "`result[4]` is another number"),
        ((1, 2), (1, 2, 3), "has 3 parts, expected 2"),
        ((1, 2), None, "is None: is a `return` missing?"),
        ((1, 2), torch.ones(2), "is a Tensor, expected 2 results in a tuple"),
        (torch.ones(2), torch.ones(2).to_sparse(), "a tensor of an unusual kind"),
        (torch.ones(2), torch.ones(2, device="meta"), "a tensor of an unusual kind"),
        (7, torch.ones((), dtype=torch.int64, device="meta"), "is a Tensor, expected a whole number (int)"),
        pytest.param(0.5, 10**400, "is a number of about 401 digits: that is too large for", id="large"),
        pytest.param(torch.ones(2), -(10**400), "401 digits: that is too large for a float", id="very small"),
    ],
)
def test_different_results(expected: object, got: object, told: str) -> None:
    assert told in problem(expected, got)


@pytest.mark.filterwarnings("ignore:.*(quantized|nested):UserWarning")
def test_quantized_and_nested_tensors_are_unusual() -> None:
    quantized = torch.quantize_per_tensor(torch.ones(2, dtype=torch.float32), 1.0, 0, torch.qint8)
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    for got in (quantized, nested):
        assert "a tensor of an unusual kind" in problem(torch.ones(2), got)
        assert "is a Tensor, expected a whole number (int)" in problem(7, got)
    assert "is a list, expected a tensor" in problem(torch.ones(2), [nested])


def test_first_difference_is_shown_with_enough_digits() -> None:
    expected, got = torch.zeros(2, 3), torch.zeros(2, 3)
    expected[1, 1:] = 0.123456
    got[1, 1:] = 0.123457
    found = difference(expected, got)
    assert found is not None
    assert (found.where, found.expected, found.got) == ("[1, 1]", "0.123456", "0.123457")


@pytest.mark.parametrize(
    ("expected", "got", "shown"),
    [
        ([[1, 9], [3]], [[1, 3], [3]], ("result[0][1]", "9", "3")),
        ((1, torch.tensor(0.5)), (1, 0.75), ("result[1]", "0.5", "0.75")),
        ((1, torch.tensor([0.5, 1])), (1, torch.tensor([0.5, 2])), ("[1]", "1", "2")),
        (9, 3, ("", "9", "3")),
        ([4, 2, 0], [4, 0], ("", "[4, 2, 0]", "[4, 0]")),
        (([4, 2], 0.5), ([4], 0.5), ("result[0]", "[4, 2]", "[4]")),
        (([4, 2], 0.5), ([4, 2, 0.5], 0.5), ("", "", "")),
        ([1], [1, 10**400], ("", "", "")),
        (torch.tensor([1.0, -math.inf]), torch.tensor([2.0, -math.inf]), ("[0]", "1", "2")),
        (torch.tensor([1.0, 2, -math.inf]), torch.tensor([2.0, -math.inf, -math.inf]), ("[1]", "2", "-inf")),
        (torch.tensor([1.0, 2]), torch.tensor([2.0, math.nan]), ("[1]", "2", "nan")),
    ],
)
def test_first_difference_is_shown_with_its_place(
    expected: object, got: object, shown: tuple[str, str, str]
) -> None:
    found = difference(expected, got)
    assert found is not None
    assert (found.where, found.expected, found.got) == shown


@pytest.mark.parametrize(
    ("got", "shown"),
    [
        (2**99 - 1, "633825300114114700748351602687"),
        (2**99, "a number of about 31 digits"),
        pytest.param(10**6000, "a number of about 6001 digits", id="longer than Python prints"),
    ],
)
def test_numbers_too_long_to_read_are_described(got: int, shown: str) -> None:
    found = difference(5, got)
    assert found is not None
    assert found.got == shown


@pytest.mark.parametrize(
    ("names", "shape", "place"),
    [
        (("query", "key"), (2, 3), "query 1, key 2"),
        (("*batch", "key"), (2, 3), "batch 1, key 2"),
        (("*batch", "query", "key"), (2, 3), "query 1, key 2"),
        (("*batch", "key"), (2, 2, 3), ""),
        (("steps", "steps"), (2, 3), ""),
        (("time",), (2, 3), ""),
        ((), (2, 3), ""),
    ],
)
def test_first_wrong_place_is_told_by_the_names_of_the_axes(
    names: tuple[str, ...], shape: tuple[int, ...], place: str
) -> None:
    got = torch.zeros(shape)
    got.view(-1)[-1] = 1
    found = difference(torch.zeros(shape), got, [names])
    assert found is not None
    assert found.place == place


def test_values_of_a_mask_are_true_and_false() -> None:
    found = difference(torch.tensor([True]), torch.tensor([0]))
    assert found is not None
    assert (found.expected, found.got) == ("True", "False")


def test_difference_keeps_what_was_returned_though_it_changes_later() -> None:
    got = torch.zeros(2)
    found = difference(torch.ones(2), got)
    got.fill_(5)
    assert found is not None
    assert found.values is not None
    assert found.values.got.tolist() == [0, 0]


def test_axes_of_the_expected_shape_are_named_by_the_annotation() -> None:
    def two(x: int) -> tuple[Float[Tensor, "batch time"], int]:
        raise NotImplementedError(x)

    axes = axis_names(two)
    assert axes == [("batch", "time"), ()]
    found = difference((torch.ones(3, 5), 1), (torch.ones(5, 3), 1), axes)
    assert found is not None
    assert "expected (batch=3, time=5), got (5, 3)" in found.problem
