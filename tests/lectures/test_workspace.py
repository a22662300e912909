import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.files import write
from course_lib.lectures import workspace
from course_lib.lectures.equality import WIDGET_VIEW
from course_lib.lectures.notebook import as_text, read
from course_lib.lectures.workspace import merge, student_version, update

ANSWER = """def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION"""
STUB = """def double(x):
    raise NotImplementedError("write your code here")"""


def grading(name: str, *, solution: bool) -> dict:
    flags = {"grade": not solution, "solution": solution, "locked": not solution, "task": False}
    return {"nbgrader": {"schema_version": 3, "grade_id": name, **flags}}


def lecture(intro="Read.", answer=ANSWER, check="check(double)", demo="plot(1)"):
    executed = {"execution_count": 1, "outputs": [new_output("stream", text="out")]}
    cells = [
        new_markdown_cell(intro, id="intro"),
        new_code_cell(demo, id="demo", **executed),
        new_code_cell(answer, id="double", metadata=grading("double", solution=True), **executed),
        new_code_cell(check, id="check-double", metadata=grading("check-double", solution=False), **executed),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def folders(tmp_path):
    course, mine = tmp_path / "notebooks", tmp_path / "workspace"
    save(course / "01.ipynb", lecture())
    assert update(course, mine) == ["01.ipynb: new"]
    return course, mine


def save(path: Path, notebook) -> None:
    write(path, as_text(notebook).encode())


def sources(notebook) -> dict[str, str]:
    return {cell.id: cell.source for cell in notebook.cells}


def edit(path: Path, **changes: str) -> None:
    """Change sources by cell id, as a learner does in an editor."""
    notebook = read(path)
    for cell in notebook.cells:
        cell.source = changes.get(cell.id.replace("-", "_"), cell.source)
    save(path, notebook)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestStudentVersion:
    def test_solution_outputs_and_locks(self):
        student = student_version(lecture())
        assert sources(student)["double"] == STUB
        assert all(cell.outputs == [] for cell in student.cells if cell.cell_type == "code")
        assert all(cell.execution_count is None for cell in student.cells if cell.cell_type == "code")
        locks = {
            cell.id: (cell.metadata.get("editable"), cell.metadata.get("deletable")) for cell in student.cells
        }
        assert locks == {
            "intro": (None, None),
            "demo": (None, None),
            "double": (None, False),
            "check-double": (False, False),
        }
        nbformat.validate(student)

    def test_the_lecture_itself_is_not_changed(self):
        original = lecture()
        student_version(original)
        assert original == lecture()

    def test_several_solutions_in_one_cell(self):
        student = student_version(lecture(answer=f"{ANSWER}\n\n{ANSWER}\nprint(1)"))
        assert sources(student)["double"] == f"{STUB}\n\n{STUB}\nprint(1)"

    @pytest.mark.parametrize(
        "answer",
        [
            "### BEGIN SOLUTION\n1",
            "1\n### END SOLUTION",
            "### END SOLUTION\n### BEGIN SOLUTION",
            "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
            "# BEGIN SOLUTION\n1\n# END SOLUTION",
            "1",
        ],
    )
    def test_wrong_markers_raise_and_name_the_cell(self, answer):
        with pytest.raises(ValueError, match="cell double: "):
            student_version(lecture(answer=answer))

    def test_markers_in_text_raise(self):
        with pytest.raises(ValueError, match="cell intro: stray"):
            student_version(lecture(intro="### BEGIN SOLUTION\n### END SOLUTION"))


class TestUpdate:
    def test_nothing_new(self, folders):
        course, mine = folders
        edit(mine / "01.ipynb", intro="my notes")
        before = files(mine)
        assert update(course, mine) == []
        assert files(mine) == before

    def test_a_better_solution_changes_no_learner_file(self, folders):
        course, mine = folders
        save(course / "01.ipynb", lecture(answer=ANSWER.replace("2 * x", "x + x")))
        before = files(mine)
        assert update(course, mine) == []
        assert files(mine) == before

    def test_untouched_cells_become_new_and_changed_ones_stay(self, folders):
        course, mine = folders
        edit(mine / "01.ipynb", double="my answer")
        save(course / "01.ipynb", lecture(intro="Read this."))
        assert update(course, mine) == ["01.ipynb: updated"]
        result = sources(read(mine / "01.ipynb"))
        assert result["intro"] == "Read this."
        assert result["double"] == "my answer"

    def test_where_both_changed_a_cell_both_texts_stand(self, folders):
        course, mine = folders
        edit(mine / "01.ipynb", demo="plot(7)", intro="my notes")
        save(course / "01.ipynb", lecture(demo="plot(2)\n\nplot(3)", intro="Read this."))
        (line,) = update(course, mine)
        assert (
            line
            == "01.ipynb: updated; 2 cells that you changed too are kept, with the course's new text below"
        )
        cells = read(mine / "01.ipynb").cells
        assert [cell.source.split("\n")[-1] for cell in cells[:4]] == [
            "my notes",
            "Read this.",
            "plot(7)",
            "# plot(3)",
        ]
        assert all(text.startswith("#") for text in cells[3].source.split("\n"))
        assert cells[3].metadata == {"tags": ["course-update"]}

    def test_own_cells_stay_after_the_cell_they_followed(self, folders):
        course, mine = folders
        notebook = read(mine / "01.ipynb")
        notebook.cells.insert(2, new_code_cell("mine", id="own"))
        notebook.cells.insert(0, new_code_cell("first", id="own-first"))
        save(mine / "01.ipynb", notebook)
        moved = lecture(intro="Read this.")
        moved.cells[1:3] = [moved.cells[2], moved.cells[1]]
        save(course / "01.ipynb", moved)
        update(course, mine)
        assert list(sources(read(mine / "01.ipynb"))) == [
            "own-first",
            "intro",
            "double",
            "demo",
            "own",
            "check-double",
        ]

    def test_deleted_cells(self, folders):
        course, mine = folders
        notebook = read(mine / "01.ipynb")
        notebook.cells = []
        save(mine / "01.ipynb", notebook)
        save(course / "01.ipynb", lecture(intro="Read this."))
        update(course, mine)
        assert list(sources(read(mine / "01.ipynb"))) == ["intro", "double", "check-double"]

    def test_a_cell_that_the_course_removed_goes_only_if_untouched(self, folders):
        course, mine = folders
        edit(mine / "01.ipynb", check_double="check(double)  # mine")
        notebook = lecture()
        del notebook.cells[3], notebook.cells[1]
        save(course / "01.ipynb", notebook)
        update(course, mine)
        result = read(mine / "01.ipynb")
        assert list(sources(result)) == ["intro", "double", "check-double"]
        assert result.cells[2].metadata == {}

    def test_metadata_are_the_courses_and_outputs_stay_where_the_source_does(self, folders):
        course, mine = folders
        notebook = read(mine / "01.ipynb")
        for cell in notebook.cells[1:]:
            cell.outputs, cell.execution_count = [new_output("stream", text="mine")], 5
        notebook.cells[3].metadata = {}
        save(mine / "01.ipynb", notebook)
        new = lecture(demo="plot(2)")
        new.cells[3].metadata.nbgrader.points = 3
        save(course / "01.ipynb", new)
        update(course, mine)
        _, demo, answer, check = read(mine / "01.ipynb").cells
        assert demo.outputs == []
        assert answer.outputs == check.outputs == [new_output("stream", text="mine")]
        assert check.metadata.nbgrader.points == 3
        assert check.metadata.editable is False

    @pytest.mark.parametrize(
        ("flags", "kept"),
        [
            ({"grade": True, "grade_id": "check-double"}, True),
            ({"grade": True, "grade_id": "check-triple"}, False),
            ({"grade": False, "grade_id": "check-double"}, False),
        ],
    )
    def test_a_new_text_of_a_check_erases_no_points(self, folders, flags, kept):
        course, mine = folders
        notebook = read(mine / "01.ipynb")
        points = new_output("execute_result", data={"text/plain": "2"}, execution_count=5)
        notebook.cells[3].outputs, notebook.cells[3].execution_count = [points], 5
        save(mine / "01.ipynb", notebook)
        new = lecture(check="check(double, seed=1)")
        new.cells[3].metadata.nbgrader |= flags
        save(course / "01.ipynb", new)
        update(course, mine)
        check = read(mine / "01.ipynb").cells[3]
        assert check.source == "check(double, seed=1)"
        assert check.metadata.nbgrader.grade_id == flags["grade_id"]
        assert (check.outputs, check.execution_count) == (([points], 5) if kept else ([], None))

    def test_a_check_that_becomes_text_has_no_outputs(self, folders):
        course, mine = folders
        new = lecture()
        graded = new.cells[3].metadata
        new.cells[3] = new_markdown_cell("Explain.", id="check-double", metadata=graded)
        save(course / "01.ipynb", new)
        update(course, mine)
        assert read(mine / "01.ipynb").cells[3].cell_type == "markdown"

    def test_metadata_of_the_learners_notebook_survive_where_the_course_sets_none(self, folders):
        course, mine = folders
        notebook = read(mine / "01.ipynb")
        notebook.metadata = {"theme": "mine", "level": "mine"}
        save(mine / "01.ipynb", notebook)
        new = lecture(intro="Read this.")
        new.metadata = {"level": "new", "title": "new"}
        save(course / "01.ipynb", new)
        update(course, mine)
        assert read(mine / "01.ipynb").metadata == {"theme": "mine", "level": "new", "title": "new"}

    def test_a_cell_is_touched_where_its_attachments_are(self, folders):
        course, mine = folders
        attachments = {"note.txt": {"text/plain": "mine"}}
        notebook = read(mine / "01.ipynb")
        notebook.cells[0].attachments = attachments
        save(mine / "01.ipynb", notebook)
        save(course / "01.ipynb", lecture(intro="Read this."))
        update(course, mine)
        kept, shown = read(mine / "01.ipynb").cells[:2]
        assert (kept.source, kept.attachments) == ("Read.", attachments)
        assert shown.source.endswith("Read this.")

    def test_each_new_attachment_of_the_course_comes_to_a_cell_that_the_learner_changed(self, folders):
        course, mine = folders
        edit(mine / "01.ipynb", intro="my notes")
        for text in ("first", "second"):
            new = lecture()
            new.cells[0].attachments = {"note.txt": {"text/plain": text}}
            save(course / "01.ipynb", new)
            update(course, mine)
        shown = [cell.get("attachments") for cell in read(mine / "01.ipynb").cells[:3]]
        assert shown == [None, new.cells[0].attachments, {"note.txt": {"text/plain": "first"}}]

    def test_a_pasted_check_is_no_second_check(self, folders):
        course, mine = folders
        notebook = read(mine / "01.ipynb")
        notebook.cells.append(notebook.cells[3].copy())
        write(mine / "01.ipynb", json.dumps(notebook).encode())
        save(course / "01.ipynb", lecture(intro="Read this."))
        update(course, mine)
        result = read(mine / "01.ipynb")
        assert list(sources(result)) == ["intro", "demo", "double", "check-double", "check-double-copy-1"]
        assert result.cells[-1].metadata == {}

    def test_history_keeps_every_earlier_file_even_within_a_second(self, folders):
        course, mine = folders
        kept = []
        for number in range(4):
            edit(mine / "01.ipynb", demo=f"mine {number}")
            kept.append((mine / "01.ipynb").read_bytes())
            save(course / "01.ipynb", lecture(intro=f"Version {number}."))
            update(course, mine)
        history = [path.read_bytes() for path in (mine / ".history").iterdir()]
        assert sorted(history) == sorted(kept)

    @pytest.mark.parametrize(
        "broken",
        [
            b"",
            b"{",
            b"[]",
            b'{"cells": 1}',
            "é".encode("latin-1"),
            b'{"cells": [{}], "metadata": {}, "nbformat": 4}',
        ],
    )
    def test_an_unreadable_file_stays_and_the_new_one_comes_beside(self, folders, broken):
        course, mine = folders
        (mine / "01.ipynb").write_bytes(broken)
        (line,) = update(course, mine)[:1]
        assert line == "01.ipynb: cannot be read and stays as it is; the course's version is 01.new.ipynb"
        assert (mine / "01.ipynb").read_bytes() == broken
        assert read(mine / "01.new.ipynb") == student_version(lecture())
        edit(mine / "01.new.ipynb", demo="written beside")
        before = files(mine)
        assert update(course, mine) == [line]
        assert files(mine) == before
        save(course / "01.ipynb", lecture(demo="plot(2)", intro="Read this."))
        update(course, mine)
        assert (mine / "01.ipynb").read_bytes() == broken
        beside = sources(read(mine / "01.new.ipynb"))
        assert beside["demo"] == "written beside"
        assert beside["intro"] == "Read this."

    @pytest.mark.parametrize("base", [None, b"{"], ids=["missing", "broken"])
    def test_without_a_base_nothing_is_lost(self, folders, base):
        course, mine = folders
        edit(mine / "01.ipynb", demo="mine")
        if base is None:
            (mine / ".base" / "01.ipynb").unlink()
        else:
            (mine / ".base" / "01.ipynb").write_bytes(base)
        update(course, mine)
        texts = [cell.source for cell in read(mine / "01.ipynb").cells]
        assert texts[:2] == ["Read.", "mine"]
        assert texts[2].endswith("# plot(1)")
        assert texts[3:] == [STUB, "check(double)"]
        assert update(course, mine) == []

    def test_removed_added_and_renamed_notebooks_are_left_alone(self, folders):
        course, mine = folders
        (mine / "01.ipynb").rename(mine / "mine.ipynb")
        save(mine / "own.ipynb", lecture(intro="own"))
        before = {name: (mine / name).read_bytes() for name in ("mine.ipynb", "own.ipynb")}
        assert update(course, mine) == ["01.ipynb: new"]
        edit(mine / "01.ipynb", demo="mine")
        before["01.ipynb"] = (mine / "01.ipynb").read_bytes()
        (course / "01.ipynb").unlink()
        assert update(course, mine) == []
        assert {name: (mine / name).read_bytes() for name in before} == before

    def test_stale_widget_views_go_where_something_else_can_be_shown(self, folders):
        course, mine = folders
        view = {WIDGET_VIEW: {"model_id": "1"}}
        notebook = read(mine / "01.ipynb")
        notebook.cells[1].outputs = [
            new_output("display_data", data=view | {"text/plain": "words"}),
            new_output("display_data", data=view),
        ]
        save(mine / "01.ipynb", notebook)
        assert update(course, mine) == []
        data = [output.data for output in read(mine / "01.ipynb").cells[1].outputs]
        assert data == [{"text/plain": "words"}, view]
        assert not (mine / ".history").exists()

    def test_the_courses_own_mistakes_name_the_lecture(self, folders):
        course, mine = folders
        save(course / "02.ipynb", lecture(answer="no markers"))
        with pytest.raises(ValueError, match=r"02\.ipynb, cell double: "):
            update(course, mine)

    def test_a_notebook_that_is_a_symbolic_link_stays_one(self, folders, tmp_path):
        course, mine = folders
        elsewhere = tmp_path / "elsewhere.ipynb"
        (mine / "01.ipynb").rename(elsewhere)
        (mine / "01.ipynb").symlink_to(elsewhere)
        save(course / "01.ipynb", lecture(intro="Read this."))
        update(course, mine)
        assert (mine / "01.ipynb").readlink() == elsewhere
        assert sources(read(elsewhere))["intro"] == "Read this."

    def test_an_interrupted_replace_keeps_the_old_notebook(self, folders, monkeypatch):
        course, mine = folders
        before = files(mine)
        save(course / "01.ipynb", lecture(intro="Read this."))

        def interrupt(*_paths):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Path, "replace", interrupt)
            update(course, mine)
        assert files(mine) == before

    @pytest.mark.parametrize("survived", [0, 1, 2])
    def test_a_crash_between_two_files_loses_nothing(self, folders, monkeypatch, survived):
        course, mine = folders
        edit(mine / "01.ipynb", demo="mine")
        before = (mine / "01.ipynb").read_bytes()
        save(course / "01.ipynb", lecture(demo="plot(2)", intro="Read this."))
        written = []

        def crash_later(path, content):
            if len(written) == survived:
                raise KeyboardInterrupt
            written.append(path.parent.name)
            write(path, content)

        monkeypatch.setattr(workspace, "write", crash_later)
        with pytest.raises(KeyboardInterrupt):
            update(course, mine)
        assert written == [".history", "workspace", ".base"][:survived]
        monkeypatch.undo()
        update(course, mine)
        result = [cell.source for cell in read(mine / "01.ipynb").cells]
        assert result[:2] == ["Read this.", "mine"]
        assert result[2].endswith("# plot(2)")
        assert len(result) == 5
        assert before in [path.read_bytes() for path in (mine / ".history").iterdir()]
        assert update(course, mine) == []


def test_merge_changes_none_of_its_inputs():
    base, mine, new = lecture(), lecture(demo="mine"), lecture(demo="plot(2)", intro="Read this.")
    copies = [nbformat.from_dict(json.loads(json.dumps(notebook))) for notebook in (base, mine, new)]
    merge(base, mine, new)
    assert [base, mine, new] == copies
