"""The exercises as they stand in the lectures: as specified, solved in the source, harmless when unsolved."""

import pytest

from course_lib.exercises import EXERCISES
from course_lib.folders import NOTEBOOKS
from course_lib.notebooks.notebook import read
from course_lib.notebooks.store import execute_cell, kernel
from course_lib.notebooks.workspace import student_version

LECTURES = sorted(NOTEBOOKS.glob("*.ipynb"))


def checks(notebook):
    """The check cells of a notebook by the name of their exercise."""
    cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    return {cell.source.removeprefix("check(").removesuffix(")"): cell for cell in cells}


@pytest.fixture(params=LECTURES, ids=lambda path: path.stem)
def lecture(request):
    return request.param


def test_every_exercise_is_in_the_lecture_of_its_folder():
    found = {name: path.stem[3:] for path in LECTURES for name in checks(read(path))}
    assert found == {name: EXERCISES.lecture(name) for name in EXERCISES}


def test_header_and_points_are_those_of_the_exercise(lecture):
    notebook = read(lecture)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for name, cell in checks(notebook).items():
        exercise = EXERCISES[name]
        dots = "●" * exercise.difficulty + "○" * (5 - exercise.difficulty)
        facts = f"Difficulty {dots} · about {exercise.minutes} minutes · {exercise.points} points"
        assert f"### Exercise: `{name}`\n{facts}\n" in f"{text}\n"
        assert cell.metadata.nbgrader.points == exercise.points
        assert cell.id == cell.metadata.nbgrader.grade_id == f"check-{name.replace('_', '-')}"


def test_solutions_get_full_points(lecture):
    for name, cell in checks(read(lecture)).items():
        assert float(cell.outputs[-1].data["text/plain"]) == EXERCISES[name].points


@pytest.mark.kernel
def test_unsolved_exercises_are_not_done_yet_and_stop_nothing(lecture, tmp_path):
    """The other cells use nothing that a learner writes (`rules.learners_code_is_only_checked`)."""
    unsolved = student_version(read(lecture))
    code = [cell for cell in unsolved.cells if cell.cell_type == "code"]
    unsolved.cells = [cell for cell in code if cell is code[0] or "nbgrader" in cell.metadata]
    with kernel(unsolved, tmp_path) as client:
        for index in range(len(unsolved.cells)):
            execute_cell(client, index)
    for cell in checks(unsolved).values():
        assert cell.outputs[-1].data["text/plain"] == "0"
        assert "Not done yet" in cell.outputs[-1].data["text/html"]
