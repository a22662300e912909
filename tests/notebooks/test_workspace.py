"""What a learner gets, and how a new lecture comes into the learner's notebook, cell by cell."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_lib.files import write
from course_lib.notebooks.equality import WIDGET_VIEW
from course_lib.notebooks.notebook import read
from course_lib.notebooks.store import normal_form
from course_lib.notebooks.workspace import merge, student_version, update
from tests.notebooks.samples import ANSWER, STUB, edit, files, lecture, save, sources


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
        kept = "2 cells that you changed too are kept, with the course's new text below them"
        assert line == f"01.ipynb: updated; {kept}"
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

    @pytest.mark.parametrize("changed", ["plot(2)", "plot(1)"])
    def test_a_cell_is_folded_with_the_course_unless_the_learner_chose(self, folders, changed):
        course, mine = folders
        folded = {"jupyter": {"source_hidden": True}}

        def fold_in_the_course(*names: str, **texts: str) -> None:
            new = lecture(**texts)
            for cell in new.cells:
                if cell.id in names:
                    cell.metadata |= folded
            save(course / "01.ipynb", new)
            update(course, mine)

        fold_in_the_course("demo", demo="plot(1)")
        notebook = read(mine / "01.ipynb")
        assert notebook.cells[1].metadata == folded
        notebook.cells[1].metadata = {}
        save(mine / "01.ipynb", notebook)
        fold_in_the_course("demo", "double", demo=changed, intro="Read this.")
        result = read(mine / "01.ipynb")
        assert result.cells[1].source == changed
        assert result.cells[1].metadata == {}
        assert result.cells[2].metadata.jupyter == folded["jupyter"]

    def test_a_cell_that_the_learner_edited_is_not_folded(self, folders):
        course, mine = folders
        edit(mine / "01.ipynb", demo="my plot")
        new = lecture()
        new.cells[1].metadata.jupyter = {"source_hidden": True}
        save(course / "01.ipynb", new)
        update(course, mine)
        result = read(mine / "01.ipynb")
        assert (result.cells[1].source, result.cells[1].metadata) == ("my plot", {})

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
        assert not (mine / "earlier versions").exists()


class TestLayout:
    """A workspace from before the course laid one sentence a line and dropped the counts of its cells."""

    OLD = "# Title\nOne sentence. It is\nshort. Another one."
    LAID = "# Title\nOne sentence.\nIt is short.\nAnother one."
    ANOTHER = "- An item. It has\n  two sentences."
    ANOTHER_LAID = "- An item.\n  It has two sentences."

    @pytest.fixture
    def notebooks(self, tmp_path):
        """The course's folder and the learner's, who has solved the exercise and annotated the first cell."""
        course, mine = tmp_path / "notebooks", tmp_path / "workspace"
        save(course / "01.ipynb", self.course(self.OLD, self.ANOTHER))
        update(course, mine)
        notebook = read(mine / "01.ipynb")
        notebook.cells[0].source += "\n\nMy note. Mine\ntoo."
        notebook.cells[3].source = "def double(x):\n    return x + x"
        points = new_output("execute_result", data={"text/plain": "2"}, execution_count=7)
        notebook.cells[4].outputs, notebook.cells[4].execution_count = [points], 7
        notebook.cells.insert(2, new_code_cell("mine()", id="own", execution_count=8))
        notebook.cells.append(new_markdown_cell("My own cell. In two\nlines.", id="own-words"))
        save(mine / "01.ipynb", notebook)
        return course, mine

    def course(self, intro, another):
        notebook = lecture(intro=intro)
        notebook.cells.insert(1, new_markdown_cell(another, id="another"))
        notebook.metadata = normal_form(notebook).metadata
        return notebook

    def test_the_old_form_is_the_old_form(self):
        assert normal_form(self.course(self.OLD, self.ANOTHER)) == normal_form(
            self.course(self.LAID, self.ANOTHER_LAID)
        )
        assert self.OLD != self.LAID

    def test_a_lecture_that_was_only_laid_changes_no_notebook_of_the_learner(self, notebooks):
        course, mine = notebooks
        save(course / "01.ipynb", normal_form(self.course(self.OLD, self.ANOTHER)))
        before = (mine / "01.ipynb").read_bytes()
        assert update(course, mine) == []
        assert (mine / "01.ipynb").read_bytes() == before
        assert sources(read(mine / ".base" / "01.ipynb"))["intro"] == self.LAID

    @pytest.mark.parametrize("laid_before", [False, True])
    def test_what_changes_with_the_layout_or_after_it_comes_through(self, notebooks, laid_before):
        course, mine = notebooks
        if laid_before:
            save(course / "01.ipynb", normal_form(self.course(self.OLD, self.ANOTHER)))
            update(course, mine)
        before = read(mine / "01.ipynb")
        save(course / "01.ipynb", normal_form(self.course(self.OLD, f"{self.ANOTHER} Now three.")))
        assert update(course, mine) == ["01.ipynb: updated"]
        after = read(mine / "01.ipynb")
        assert sources(after) == sources(before) | {"another": f"{self.ANOTHER_LAID}\n  Now three."}
        assert after.cells[2:] == before.cells[2:]

    def test_a_new_text_still_comes_below_one_that_the_learner_changed(self, notebooks):
        course, mine = notebooks
        save(course / "01.ipynb", normal_form(self.course("# Title\nWhat is new. Is here.", self.ANOTHER)))
        (line,) = update(course, mine)
        assert "a cell that you changed too is kept" in line
        kept, shown = read(mine / "01.ipynb").cells[:2]
        assert kept.source == f"{self.OLD}\n\nMy note. Mine\ntoo."
        assert shown.source.endswith("# Title\nWhat is new.\nIs here.")


def test_merge_changes_none_of_its_inputs():
    base, mine, new = lecture(), lecture(demo="mine"), lecture(demo="plot(2)", intro="Read this.")
    copies = [nbformat.from_dict(json.loads(json.dumps(notebook))) for notebook in (base, mine, new)]
    merge(base, mine, new)
    assert [base, mine, new] == copies
