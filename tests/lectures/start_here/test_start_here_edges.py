"""Wrong answers to the exercise of lecture 00 that only an edge refuses."""

import pytest
from torch import Tensor

from course_lib.exercises import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.exercise import Function


def centred_on_the_middle(series: Tensor, window: int) -> Tensor:
    half = window // 2
    padded = series.unfold(0, 2 * half + 1, 1) if 2 * half < len(series) else series[None]
    return padded.mean(dim=1)


def centred_between_two_values(series: Tensor, window: int) -> Tensor:
    return series.unfold(0, 2 * (window // 2), 1).mean(dim=1)


def axes_of_size_one_dropped(series: Tensor, window: int) -> Tensor:
    return series.unfold(0, window, 1).mean(dim=1).squeeze()


def guarded_against_division_by_zero(series: Tensor, window: int) -> Tensor:
    return series.unfold(0, window, 1).sum(dim=1) / (window + 1e-5)


WRONG = [
    (centred_on_the_middle, "a window shorter than the series"),
    (centred_between_two_values, "a window of one value"),
    (axes_of_size_one_dropped, "a window as long as the series"),
    (guarded_against_division_by_zero, "a window of one value"),
]


@pytest.mark.parametrize(("wrong", "title"), WRONG)
def test_edge_refuses_the_wrong_answer_on_every_seed(wrong: Function, title: str) -> None:
    for seed in range(20):
        assert title in examine(EXERCISES["moving_average"], wrong, seed).failed
