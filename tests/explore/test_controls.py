"""Controls and their values."""

import re
from collections.abc import Callable

import pytest

from course_lib.explore.controls import Choice, Slider, Stops, Text, Toggle


@pytest.mark.parametrize(
    ("slider", "values"),
    [
        (Slider(1, 4, at=2), [1, 2, 3, 4]),
        (Slider(-2, -1, at=-1, step=0.25), [-2, -1.75, -1.5, -1.25, -1]),
        (Slider(5, 45, at=20, step=15), [5, 20, 35]),
        (Slider(3, 3, at=3), [3]),
    ],
)
def test_a_slider_runs_in_equal_steps_up_to_its_end(slider: Slider, values: list[float]):
    assert slider.values == values
    assert slider.at in slider.values


def test_steps_that_binary_numbers_miss_are_rounded():
    assert Slider(0, 0.9, at=0.3, step=0.1).values == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert Slider(0, 0.3, at=0.3, step=0.1).values == [0, 0.1, 0.2, 0.3]  # 0.3 / 0.1 is a bit less than 3


def test_stops_are_given():
    assert Stops((0.5, 0.9, 3), at=0.9).values == (0.5, 0.9, 3)
    assert Stops(("begin", "end"), at="end").at == "end"


def test_a_toggle_is_off_or_on():
    assert Toggle().values == [False, True]
    assert Toggle().at is False
    assert Toggle(at=True).at is True


def test_a_choice_starts_at_its_first_option():
    assert Choice(("tanh", "relu")).values == ["tanh", "relu"]
    assert Choice(("tanh", "relu")).at == "tanh"
    assert Choice(("tanh", "relu"), at="relu").at == "relu"


def test_a_text_has_no_list_of_values():
    assert Text("attention").values is None


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Slider(1, 9, at=4, step=2), "a slider from 1 to 9 in steps of 2 has no stop at 4"),
        (lambda: Slider(9, 1, at=9), "a slider from 9 to 1 in steps of 1 has no stop at 9"),
        (lambda: Slider(1, 9, at=1, step=0), "a slider's step is above 0; this is 0"),
        (lambda: Stops((0.5, 1), at=0.7), "0.7 is none of the stops: 0.5, 1"),
        (lambda: Choice(("tanh", "relu"), at="gelu"), "gelu is none of the options: tanh, relu"),
        (lambda: Choice(()), "a choice needs an option"),
    ],
)
def test_a_control_starts_at_one_of_its_values(make: Callable[[], object], told: str):
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        make()
