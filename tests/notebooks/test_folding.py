"""What only shows something is folded, and nothing that is to be read."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_lib import explore
from course_lib.explore import Panel
from course_lib.notebooks.folding import DRAWING, fold, is_folded, lines_that_draw, only_shows

PREDICTION = "predict(\n    'Which?',\n    'a',\n    'b',\n)"
PICTURE = "steps = range(9)\nshow(\n    'errors',\n    Lines(title='error', data=[steps]),\n)"
EXPLORER = (
    "@explorer(window=Slider(1, 25))\ndef smoothing(window):\n    return [Lines(data=window)]\n\n\nsmoothing"
)
HELPER = "def matrix(data):\n    axes = {}\n    return Heat(data=data, **axes)\n\n\nshow('a', matrix(1))"
TRAINING = "def train(seed):\n    show('so far', Heat())\n    return fit(seed)\n\n\ntrain(1)"
MIXED = "a = 1\nb = 2\nc = 3\nshow('c', Heat(data=c))"


@pytest.mark.parametrize("source", [PREDICTION, PICTURE, EXPLORER, HELPER])
def test_what_only_shows_is_folded(source: str):
    cell = new_code_cell(source)
    fold(cell)
    assert is_folded(cell)
    assert cell.metadata == {"jupyter": {"source_hidden": True}}


@pytest.mark.parametrize(
    "source",
    [TRAINING, MIXED, "x = 1", f"x = 1\n{PREDICTION}", f"{PREDICTION}\nx = 1", "%matplotlib inline", ""],
)
def test_what_is_to_be_read_is_open(source: str):
    cell = new_code_cell(source, metadata={"jupyter": {"source_hidden": True}})
    fold(cell)
    assert not is_folded(cell)
    assert cell.metadata == {}


def test_every_kind_of_panel_draws():
    kinds = {name for name in explore.__all__ if isinstance(getattr(explore, name), type)}
    assert {name for name in kinds if issubclass(getattr(explore, name), Panel) and name != "Panel"} < DRAWING


@pytest.mark.parametrize("panel", sorted(DRAWING))
def test_a_cell_of_one_panel_is_folded(panel: str):
    assert only_shows(new_code_cell(f"{panel}('a')"))
    assert not only_shows(new_code_cell(f"x = 1\n{panel}('a')"))


def test_decorators_count_as_lines_of_what_draws():
    assert lines_that_draw("@first\n@second\ndef f():\n    return Heat()") == 4


def test_other_settings_stay():
    cell = new_code_cell("x = 1", metadata={"jupyter": {"source_hidden": True, "outputs_hidden": True}})
    fold(cell)
    assert cell.metadata == {"jupyter": {"outputs_hidden": True}}


def test_answers_and_text_are_open():
    assert not only_shows(new_code_cell(PICTURE, metadata={"nbgrader": {"solution": True}}))
    assert not only_shows(new_markdown_cell("show"))
