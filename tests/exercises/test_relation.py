"""What a whole result is to the expected one, and where it is wrong, in few words."""

import math

import pytest
import torch
from torch import Tensor

from course_lib.exercises.compare import Values, difference
from course_lib.exercises.relation import extent, relation

INF = math.inf
PLAIN = torch.tensor([[0.5, -1.0, 2.25], [3.0, 0.125, -4.0], [7.0, 0.3, 1.5]])
WIDE = torch.linspace(0.1, 2, 24).square().view(2, 3, 4)


def values(expected: Tensor, got: Tensor, *axes: str) -> Values:
    found = difference(expected, got, [axes])
    assert found is not None
    assert found.values is not None
    return found.values


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        (PLAIN, 2 * PLAIN, "everywhere twice what is expected"),
        (PLAIN, PLAIN / 2, "everywhere half of what is expected"),
        (PLAIN, -PLAIN, "everywhere the negative of what is expected"),
        (PLAIN, 7 * PLAIN, "everywhere 7 times what is expected"),
        (PLAIN, PLAIN / 3, "everywhere 1/3 of what is expected"),
        (PLAIN, PLAIN * 8**0.5, "everywhere √8 times what is expected"),
        (PLAIN, PLAIN / 5**0.5, "everywhere 1/√5 of what is expected"),
        (PLAIN, PLAIN * 1.234567, "everywhere 1.235 times what is expected"),
        (PLAIN, PLAIN * -2, "everywhere -2 times what is expected"),
        (PLAIN, PLAIN + 1, "everywhere 1 more than what is expected"),
        (PLAIN, PLAIN - 0.125, "everywhere 0.125 less than what is expected"),
        (PLAIN, 1 - PLAIN, "everywhere 1 minus what is expected"),
        (PLAIN, PLAIN.exp(), "everywhere the exponential of what is expected"),
        (PLAIN, PLAIN.abs(), "everywhere the absolute value of what is expected"),
        (PLAIN.square(), PLAIN.square().sqrt(), "everywhere the square root of what is expected"),
        (PLAIN, PLAIN.T, "the transpose of what is expected"),
        (PLAIN[:2], PLAIN[:2].T, "the transpose of what is expected"),
        (PLAIN[:2], PLAIN[:2].reshape(3, 2), "what is expected, in another shape"),
        (PLAIN[:2], PLAIN[:2, None], "what is expected, in another shape"),
        (WIDE, WIDE.transpose(0, 2), "what is expected with a and c exchanged"),
        (WIDE, WIDE.permute(2, 0, 1), "what is expected with its axes in another order"),
        (WIDE, WIDE.flip(1), "what is expected in reversed order along b"),
        (WIDE, WIDE.roll(1, 2), "what is expected, one place later along c"),
        (WIDE, WIDE.roll(-1, 2), "what is expected, one place earlier along c"),
        (WIDE, WIDE[:, :, [2, 0, 3, 1]], "what is expected in another order along c"),
        (PLAIN[0], PLAIN[0].flip(0), "what is expected in reversed order along a"),
        (WIDE, WIDE[:, :-1], "what is expected without the last along b"),
        (WIDE, WIDE[:, 1:], "what is expected without the first along b"),
        (
            PLAIN,
            PLAIN.flatten()[[3, 1, 2, 0, 5, 4, 8, 7, 6]].view(3, 3),
            "the expected values at other places",
        ),
        (
            torch.tensor([1.0, 2, -INF, 4]),
            torch.tensor([2.0, 4, -INF, 8]),
            "everywhere twice what is expected",
        ),
        (torch.tensor([0.0, 1, 2, 4]), torch.tensor([0.0, 2, 4, 8]), "everywhere twice what is expected"),
        (PLAIN, (2 * PLAIN).float(), "everywhere twice what is expected"),
    ],
)
def test_one_step_is_recognised(expected: Tensor, got: Tensor, told: str) -> None:
    assert relation(values(expected, got, *"abc"[: expected.ndim])) == told


def test_only_axis_needs_no_name() -> None:
    assert relation(values(PLAIN[0], PLAIN[0].flip(0))) == "what is expected in reversed order"


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        pytest.param(torch.tensor([1.0, 2]), torch.tensor([2.0, 4]), id="too few"),
        pytest.param(torch.tensor([1.0, 2, 2, 1]), torch.tensor([2.0, 1, 1, 2]), id="two different values"),
        pytest.param(PLAIN, 2 * PLAIN + torch.eye(3) * 1e-4, id="not everywhere"),
        pytest.param(torch.tensor([1.0, 2, 3]), torch.tensor([1.0, 2, INF]), id="infinite where it is not"),
        pytest.param(torch.tensor([1.0, 2, 3, 4]), torch.full((4,), math.nan), id="nothing is finite"),
        pytest.param(torch.tensor([3, 0, 2, 1]), torch.tensor([0, 3, 2, 1]), id="numbers of places"),
        pytest.param(torch.tensor(2.0), torch.tensor(4.0), id="a number"),
        pytest.param(torch.ones(2, 3), torch.ones(3, 2), id="any shape would do"),
        pytest.param(torch.tensor([1.0, 2, 3, 4]), torch.tensor([9.0, 1, 2, 4]), id="shifted in part"),
        pytest.param(
            torch.tensor([1e10, 2e10]), torch.tensor([1e-320, 1e-320]), id="factor that is no float"
        ),
        pytest.param(torch.zeros(0, 2), torch.zeros(2, 0), id="nothing"),
    ],
)
def test_nothing_is_said_that_may_be_chance(expected: Tensor, got: Tensor) -> None:
    assert relation(values(expected, got)) == ""


def marked(*places: tuple[int, ...], shape: tuple[int, ...] = (3, 3)) -> tuple[Tensor, Tensor]:
    right = torch.zeros(shape)
    got = right.clone()
    for place in places:
        got[place] = 1
    return right, got


@pytest.mark.parametrize(
    ("pair", "axes", "told"),
    [
        (marked((0, 1), (1, 2), (2, 1)), ("query", "key"), "3 of 9 values, none at key 0 (the first)"),
        (marked((2,)), ("query", "key"), "3 of 9 values, all at query 2 (the last)"),
        (marked((0, 1), (2, 1)), ("query", "key"), "2 of 9 values, all at key 1"),
        (marked((0, 1), (2, 1)), (), "2 of 9 values, all at column 1"),
        (marked((1, 1)), (), "1 of 9 values"),
        (marked((0, 0), (1, 1), (2, 2)), (), "3 of 9 values, all on the diagonal"),
        (marked((0, 1), (0, 2), (1, 2), shape=(2, 3)), (), "3 of 6 values, all above the diagonal"),
        (marked((0, 1), (1, 3), (2, 3), (0, 2), shape=(4, 4)), (), "4 of 16 values, all above the diagonal"),
        (marked((0, 1), (1, 2), (2, 3), (3, 0), shape=(4, 4)), (), "4 of 16 values"),
        (marked((1, 0), (2, 0), (3, 1), (3, 2), shape=(5, 5)), (), "4 of 25 values, all below the diagonal"),
        (marked((0, 1), (0, 2), (1, 4), (3, 4), shape=(5, 5)), (), "4 of 25 values, all above the diagonal"),
        (marked((0,), (1,), (2,)), (), "all 9 values"),
        (
            marked((1, 0, 2), (1, 0, 1), shape=(2, 3, 4)),
            ("a", "b", "c"),
            "2 of 24 values, all at a 1 (the last), b 0 (the first)",
        ),
        (marked((0,), (1,), shape=(3,)), ("time",), "2 of 3 values, none at time 2 (the last)"),
        (marked((0,), (3,), shape=(5,)), (), "2 of 5 values"),
        (marked((), shape=()), (), ""),
    ],
)
def test_extent_counts_the_wrong_values_and_says_where_they_are(
    pair: tuple[Tensor, Tensor], axes: tuple[str, ...], told: str
) -> None:
    assert extent(values(*pair, *axes)) == told


def test_extent_of_another_shape_is_not_counted() -> None:
    assert extent(values(torch.ones(2, 3), torch.ones(3, 2))) == ""
