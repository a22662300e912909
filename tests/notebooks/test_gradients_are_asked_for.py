"""Where a check asks for gradients, the exercise's text and its stub say so."""

import pytest

from course_lib.exercises import EXERCISES
from course_lib.folders import NOTEBOOKS
from course_lib.notebooks.notebook import read

DIFFERENTIABLE = [name for name, exercise in EXERCISES.items() if exercise.differentiable]


def text_and_stub(name: str) -> tuple[str, str]:
    """The Markdown under an exercise's heading, and the docstring of what learners complete."""
    (path,) = NOTEBOOKS.glob(f"*_{EXERCISES.lecture(name)}.ipynb")
    cells = read(path).cells
    heading = f"### Exercise: `{name}`\n"
    place, cell = next((place, cell) for place, cell in enumerate(cells) if heading in cell.source)
    _, docstring, _ = cells[place + 1].source.split('"""', 2)
    return cell.source.partition(heading)[2], docstring


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_text_and_stub_ask_for_gradients(name: str) -> None:
    text, docstring = text_and_stub(name)
    assert "gradient" in text.lower()
    assert "gradient" in docstring.lower()
