"""The table of `whole`: which kinds of numbers stand for one another."""

from typing import Any

import numpy as np
import pytest
import torch

from course_lib.exercises.compare import difference
from course_lib.exercises.whole import in_whole_numbers

MASK, COUNTS = torch.tensor([True, False]), torch.tensor([3, 1])


@pytest.mark.parametrize(
    ("expected", "got", "is_right", "is_told"),
    [
        *[
            (MASK, MASK.to(dtype), True, False)
            for dtype in (torch.bool, torch.uint8, torch.int64, torch.float32)
        ],
        (MASK, torch.tensor([2, 0]), False, False),
        (7, torch.tensor(7), True, False),
        (7, 7.0, True, True),
        (7, torch.tensor(7.0), True, True),
        (7, np.float64(7), True, True),
        (7, 7.5, False, False),
        (7, float("inf"), False, False),
        (7, float("nan"), False, False),
        (7, torch.tensor([7.0]), False, False),
        (COUNTS, COUNTS.double(), True, True),
        (COUNTS, COUNTS.int(), True, False),
        (COUNTS, COUNTS + 0.5, False, False),
        (COUNTS, COUNTS / 0, False, False),
        (COUNTS.double(), COUNTS, True, False),
        (0.5, 0, False, False),
        (2.0, 2, True, False),
        (torch.tensor(0.5), 0.5, True, False),
        (0.5, torch.tensor(0.5), True, False),
        ([[1, 2], [3]], [[1, 2.0], [3]], True, True),
        ((7, COUNTS), [7, COUNTS], True, False),
        ((7, 8), [7.0], False, False),
    ],
)
def test_kinds_of_numbers(expected: Any, got: Any, is_right: bool, is_told: bool) -> None:
    taken = in_whole_numbers(expected, got)
    assert (difference(expected, taken) is None) == is_right
    assert (taken is not got) == is_told
