"""Pictures of small results can be read without colour, and leave out what is too large."""

import math
import re

import pytest
import torch
from torch import Tensor

from course_lib.exercises.compare import difference
from course_lib.exercises.maps import COLUMNS, ROWS, picture, short


def drawn(expected: Tensor, got: Tensor, *axes: str) -> str:
    found = difference(expected, got, [axes])
    assert found is not None
    assert found.values is not None
    return picture(found.values)


def cells(html: str) -> list[list[str]]:
    """The numbers of each table row; a wrong one has a mark."""
    return [
        [
            f"{text}{'!' * ('wrong' in tag)}"
            for tag, text in re.findall(r"<td([^>]*style[^>]*)>([^<]*)</td>", row)
        ]
        for row in re.findall(r"<tr>.*?</tr>", html)
        if "style" in row
    ]


def test_two_axes_are_two_maps_with_the_wrong_places_marked_in_the_second() -> None:
    html = drawn(torch.tensor([[1.0, 0.123], [2, 3]]), torch.tensor([[1.0, 0.5], [2, math.nan]]), "a", "b")
    assert cells(html) == [["1", "0.12"], ["2", "3"], ["1", "0.5!"], ["2", "NaN!"]]
    assert re.findall(r"<caption>(.*?)</caption>", html) == ["expected", "got"]
    assert re.findall(r'aria-label="(.*?)"', html) == ["0.5, wrong", "NaN, wrong"]
    assert "a down, b across; wrong values are framed" in html


def test_one_axis_is_two_rows() -> None:
    html = drawn(torch.tensor([1.0, -math.inf]), torch.tensor([3.0, -math.inf]), "time")
    assert cells(html) == [["1", "-inf"], ["3!", "-inf"]]
    assert re.findall(r'<th scope="row">(.*?)</th>', html) == ["time", "expected", "got"]
    assert html.count("<table") == 1


def test_masks_are_letters() -> None:
    html = drawn(torch.tensor([[True, False]]), torch.tensor([[1, 1]]))
    assert cells(html) == [["T", "F"], ["T", "T!"]]


def test_of_four_axes_the_first_wrong_slice_is_drawn() -> None:
    expected = torch.arange(24.0).view(2, 3, 2, 2)
    got = expected.clone()
    got[1, 0, 1, 1] = 99
    html = drawn(expected, got, "batch", "head", "query", "key")
    assert cells(html) == [["12", "13"], ["14", "15"], ["12", "13"], ["14", "99!"]]
    assert "batch 1, head 0; query down, key across" in html


@pytest.mark.parametrize(
    ("shape", "is_drawn"),
    [
        ((ROWS, COLUMNS), True),
        ((ROWS + 1, COLUMNS), False),
        ((ROWS, COLUMNS + 1), False),
        ((COLUMNS,), True),
        ((COLUMNS + 1,), False),
        ((20, ROWS, COLUMNS), True),
        ((1, 1, 1, 1, 1), False),
        ((), False),
    ],
)
def test_only_small_results_are_drawn(shape: tuple[int, ...], is_drawn: bool) -> None:
    assert bool(drawn(torch.zeros(shape), torch.ones(shape))) == is_drawn


def test_other_shapes_are_not_drawn() -> None:
    assert drawn(torch.zeros(2, 3), torch.zeros(3, 2)) == ""


def test_shades_go_from_the_least_to_the_largest_of_both() -> None:
    html = drawn(torch.tensor([0.0, 1, math.inf]), torch.tensor([0.0, 4, math.inf]))
    assert re.findall(r"--level:(\d+)%", html) == ["0", "25", "0", "0", "100", "0"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-3.0, "-3"),
        (1234.0, "1234"),
        (123456.0, "1e+05"),
        (0.123, "0.12"),
        (-0.123, "-0.12"),
        (-0.0123, "-0.01"),
        (1.234, "1.23"),
        (-12.34, "-12.3"),
        (math.nan, "NaN"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert short(number) == text
