"""Notebooks that were elsewhere: in editors that drop ids, change them, copy cells or save older formats."""

import json
import random
import re
from collections import Counter
from functools import partial
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib import grading
from course_lib.exercises import progress
from course_lib.notebooks.notebook import make_ids_unique, read
from course_lib.notebooks.recognition import recognise
from course_lib.notebooks.workspace import merge, student_version, update
from tests.notebooks.samples import files, lecture, save
from tests.notebooks.samples import grading as graded

ANSWERED = "def double(x):\n    return x + x"
HISTORIES_A_SEED = 10


def points(notebook: NotebookNode) -> dict[str, float]:
    """The best points of each check, as `progress` counts them."""
    best: dict[str, float] = {}
    for cell in filter(grading.is_check, notebook.cells):
        name = str(grading.grade_id(cell))
        best[name] = max(best.get(name, 0.0), grading.points(cell))
    return best


def copied(node: NotebookNode) -> Any:
    return nbformat.from_dict(json.loads(json.dumps(node)))


def solve(notebook: NotebookNode) -> None:
    """Answer the exercise of the small lecture and earn its points."""
    for cell in notebook.cells:
        if cell.id == "double":
            cell.source = ANSWERED
        if cell.id == "check-double":
            data = {"text/plain": "2"}
            cell.outputs = [new_output("execute_result", data=data, execution_count=3)]


def without_ids(notebook: NotebookNode, minor: int = 4) -> Any:
    """The notebook as an editor saves it that knows nothing of ids: one of format 4.0 to 4.4."""
    elsewhere = json.loads(json.dumps(notebook)) | {"nbformat_minor": minor}
    for cell in elsewhere["cells"]:
        cell.pop("id", None)
    return nbformat.from_dict(elsewhere)


def with_other_ids(notebook: NotebookNode) -> NotebookNode:
    elsewhere = copied(notebook)
    for number, cell in enumerate(elsewhere.cells):
        cell.id = f"other-{number}"
    return elsewhere


def with_invalid_ids(notebook: NotebookNode) -> NotebookNode:
    elsewhere = with_other_ids(notebook)
    for cell in elsewhere.cells:
        cell.id = f"vscode:/{cell.id}"
    return elsewhere


def without_ids_and_names(notebook: NotebookNode) -> NotebookNode:
    elsewhere = without_ids(notebook)
    for cell in elsewhere.cells:
        cell.metadata = {}
    return elsewhere


JOURNEYS = {f"format 4.{minor}": partial(without_ids, minor=minor) for minor in range(6)}
JOURNEYS |= {
    journey.__name__: journey for journey in (with_other_ids, with_invalid_ids, without_ids_and_names)
}


@pytest.fixture
def lessons(tmp_path):
    """A lecture of which three sentences and an exercise are known, solved by the learner."""
    course, mine = tmp_path / "notebooks", tmp_path / "workspace"
    new = lecture()
    new.cells[3].metadata.nbgrader.points = 2
    save(course / "01.ipynb", new)
    update(course, mine)
    notebook = read(mine / "01.ipynb")
    solve(notebook)
    notebook.cells.insert(2, new_code_cell("mine()", id="own"))
    save(mine / "01.ipynb", notebook)
    return course, mine


@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)
@pytest.mark.parametrize("course_changes", [False, True])
def test_cells_and_points_are_known_again(lessons, journey, course_changes):
    course, mine = lessons
    before = read(mine / "01.ipynb")
    (mine / "01.ipynb").write_text(json.dumps(journey(before)), "utf-8")
    if course_changes:
        new = read(course / "01.ipynb")
        new.cells[0].source = "Read this."
        save(course / "01.ipynb", new)
    came_back = (mine / "01.ipynb").read_bytes()
    assert update(course, mine) == ["01.ipynb: updated"]
    after = read(mine / "01.ipynb")
    assert [cell.source for cell in after.cells] == [
        "Read this." if course_changes else "Read.",
        *(cell.source for cell in before.cells[1:]),
    ]
    assert [cell.id for cell in after.cells if cell.source != "mine()"] == [
        cell.id for cell in before.cells if cell.id != "own"
    ]
    assert [cell.metadata for cell in after.cells] == [cell.metadata for cell in before.cells]
    assert progress(mine).summary == "1 of 1 exercises solved, 2 of 2 points."
    assert came_back in files(mine).values()
    assert update(course, mine) == []


@pytest.mark.parametrize("minor", range(6))
def test_progress_counts_before_the_course_has_seen_the_file(lessons, minor):
    _, mine = lessons
    elsewhere = without_ids(read(mine / "01.ipynb"), minor)
    (mine / "01.ipynb").write_text(json.dumps(elsewhere), "utf-8")
    assert progress(mine).summary == "1 of 1 exercises solved, 2 of 2 points."


def test_points_earned_in_a_copy_of_a_check_stay(lessons):
    course, mine = lessons
    notebook = read(mine / "01.ipynb")
    twin = copied(notebook.cells[-1])
    notebook.cells[-1].outputs, twin.id = [], "pasted"
    notebook.cells.append(twin)
    save(mine / "01.ipynb", notebook)
    update(course, mine)
    assert progress(mine).summary == "1 of 1 exercises solved, 2 of 2 points."


def test_an_own_cell_like_one_of_the_courses_stays_the_learners(lessons):
    """Only in a notebook that has lost all ids is a cell the course's for being much like it."""
    _, mine = lessons
    given = student_version(lecture())
    notebook = read(mine / "01.ipynb")
    notebook.cells[1].id, notebook.cells[1].source = "own-2", "plot(1) "
    assert [cell.id for cell in recognise(notebook, given).cells][1] == "own-2"


class Story:
    """Course and learner edit, with journeys between, all drawn from one seed; no two lines are alike."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.lines = 0
        self.lecture = new_notebook(cells=[])
        for number in range(self.draw.randint(2, 4)):
            name = f"exercise-{number}"
            self.lecture.cells += [
                new_markdown_cell(self.line("course"), id=f"text-{number}"),
                new_code_cell(self.line("course"), id=f"demo-{number}"),
                new_code_cell(self.stub(name), id=name, metadata=graded(name, solution=True)),
                new_code_cell(
                    f"check({name!r})", id=f"check-{name}", metadata=graded(f"check-{name}", solution=False)
                ),
            ]
        self.mine = student_version(self.lecture)

    def line(self, author: str) -> str:
        self.lines += 1
        return f"{author} {self.lines} {self.draw.random()}."

    def stub(self, name: str) -> str:
        head = f"def {name.replace('-', '_')}(x):\n    '''{self.line('course')}'''"
        return f"{head}\n    ### BEGIN SOLUTION\n    ### END SOLUTION"

    def is_graded(self, cell: NotebookNode) -> bool:
        return "nbgrader" in cell.metadata

    def learner_acts(self) -> None:
        cells = self.mine.cells
        cell = self.draw.choice(cells)
        match self.draw.choice(
            ("answer", "answer", "earn", "earn", "note", "add", "delete", "move", "copy", "retype")
        ):
            case "answer" if self.is_graded(cell) and not grading.is_check(cell):
                cell.source = cell.source.split("\n    raise")[0] + f"\n    return {self.line('learner')!r}"
            case "earn" if grading.is_check(cell) and cell.cell_type == "code":
                data = {"text/plain": str(self.draw.randint(1, 3))}
                cell.outputs = [new_output("execute_result", data=data, execution_count=1)]
            case "note" if not self.is_graded(cell):
                cell.source += f"\n{self.line('learner')}"
            case "add":
                cells.insert(self.draw.randint(0, len(cells)), new_code_cell(self.line("learner")))
            case "delete" if not self.is_graded(cell) and "learner" not in cell.source:
                cells.remove(cell)
            case "move":
                cells.remove(cell)
                cells.insert(self.draw.randint(0, len(cells)), cell)
            case "copy":
                twin = copied(cell)
                if self.draw.random() < 0.7:
                    twin.id = f"pasted-{self.lines}-{self.draw.randint(0, 10**9)}"
                cells.insert(self.draw.randint(0, len(cells)), twin)
            case "retype" if not grading.is_check(cell):
                kind = self.draw.choice((new_code_cell, new_markdown_cell, nbformat.v4.new_raw_cell))
                cells[cells.index(cell)] = kind(cell.source, id=cell.id, metadata=cell.metadata)

    def travels(self) -> None:
        """Send the notebook through an editor that changes what editors change."""
        journey = self.draw.choice((*JOURNEYS.values(), None))
        if journey and journey is not without_ids_and_names:  # without names a copied check is nobody's
            self.mine = journey(self.mine)

    def course_acts(self) -> None:
        cells = self.lecture.cells
        cell = self.draw.choice(cells)
        match self.draw.choice(("edit", "edit", "add", "delete", "move", "nothing")):
            case "edit" if grading.is_check(cell):
                cell.source += "  # again"
            case "edit" if self.is_graded(cell):
                cell.source = self.stub(cell.id)
            case "edit":
                cell.source = self.line("course")
            case "add":
                text = self.line("course")
                cells.insert(
                    self.draw.randint(0, len(cells)), new_markdown_cell(text, id=f"added-{self.lines}")
                )
            case "delete" if not self.is_graded(cell):
                cells.remove(cell)
            case "move":
                cells.remove(cell)
                cells.insert(self.draw.randint(0, len(cells)), cell)


def lines_of(notebook: NotebookNode, author: str) -> Counter[str]:
    """Count the lines that an author wrote."""
    text = "\n".join(cell.source for cell in notebook.cells)
    return Counter(re.findall(rf"{author} \d+ [\d.e-]+\.", text))


def live(seed: int, days: int = 3) -> None:
    """Let learner, journey and update follow one another, and look at what has become of the work."""
    story = Story(seed)
    for _ in range(days):
        base = student_version(story.lecture)
        for _ in range(story.draw.randint(0, 5)):
            story.learner_acts()
        story.travels()
        for _ in range(story.draw.randint(0, 3)):
            story.course_acts()
        new, mine = student_version(story.lecture), story.mine
        make_ids_unique(mine)
        merged = merge(base, recognise(mine, base, new), new)

        assert lines_of(merged, "learner") == lines_of(mine, "learner"), seed
        had, has = lines_of(mine, "course"), lines_of(merged, "course")
        fresh = lines_of(new, "course") - lines_of(base, "course")
        assert all(has[line] >= 1 for line in fresh), seed
        assert all(has[line] <= max(1, had[line]) for line in has), seed
        assert points(merged) == points(new) | points(mine), seed
        ids = [cell.id for cell in merged.cells]
        assert len(ids) == len(set(ids)), seed
        checks = [cell.id for cell in merged.cells if grading.is_check(cell)]
        assert checks == [cell.id for cell in new.cells if grading.is_check(cell)], seed
        assert recognise(merged, new, new) == merged, seed
        assert merge(new, merged, new) == merged, seed
        story.mine = merged


@pytest.mark.parametrize("chapter", range(10))
def test_nothing_is_lost_and_nothing_doubled(chapter, pytestconfig):
    histories = HISTORIES_A_SEED * pytestconfig.getoption("seeds") // 10
    for seed in range(chapter * histories, (chapter + 1) * histories):
        live(seed)
