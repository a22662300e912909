"""What only shows something is folded, and nothing that is to be read."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_lib.notebooks.folding import fold, is_folded, only_shows

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
    "source", [TRAINING, MIXED, "x = 1", f"x = 1\n{PREDICTION}", "%matplotlib inline", ""]
)
def test_what_is_to_be_read_is_open(source: str):
    cell = new_code_cell(source, metadata={"jupyter": {"source_hidden": True}})
    fold(cell)
    assert not is_folded(cell)
    assert cell.metadata == {}


def test_other_settings_stay():
    cell = new_code_cell("x = 1", metadata={"jupyter": {"source_hidden": True, "outputs_hidden": True}})
    fold(cell)
    assert cell.metadata == {"jupyter": {"outputs_hidden": True}}


def test_answers_and_text_are_open():
    assert not only_shows(new_code_cell(PICTURE, metadata={"nbgrader": {"solution": True}}))
    assert not only_shows(new_markdown_cell("show"))
