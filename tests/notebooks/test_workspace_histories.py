"""Random histories: course and learner both edit, several updates in a row, and nothing is lost."""

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from course_lib.files import write
from course_lib.notebooks.notebook import as_text, read
from course_lib.notebooks.workspace import update

TYPES = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
ACTIONS = ("edit", "add", "delete", "move", "retype", "attach", "mark", "duplicate", "paste")

edits = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS), st.integers(0, 20), st.integers(0, 20), st.sampled_from(sorted(TYPES))
    ),
    max_size=6,
)
histories = st.lists(st.tuples(edits, edits), min_size=1, max_size=4)


class Author:
    """Edits a notebook; every line that it writes is unlike all others and starts with its name."""

    def __init__(self, name: str):
        self.name = name
        self.count = 0

    def line(self) -> str:
        self.count += 1
        return f"{self.name} {self.count}."

    def cell(self, kind: str):
        text = self.line()
        return TYPES[kind](text, id=f"{self.name}-{self.count}")

    def edit(self, notebook, action: str, at: int, to: int, kind: str) -> None:
        cells = notebook.cells
        if action == "add" or not cells:
            cells.insert(at % (len(cells) + 1), self.cell(kind))
            return
        cell = cells[at % len(cells)]
        if action == "edit":
            lines = cell.source.split("\n")
            lines[to % len(lines) : to % len(lines) + to % 2] = [self.line()]
            cell.source = "\n".join(lines)
        elif action == "delete":
            cells.remove(cell)
        elif action == "move":
            cells.remove(cell)
            cells.insert(to % (len(cells) + 1), cell)
        elif action == "retype":
            cells[at % len(cells)] = TYPES[kind](cell.source, id=cell.id, metadata=cell.metadata)
        elif action == "attach":
            if cell.cell_type != "code":  # the format allows it there alone
                cell.attachments = {"note.txt": {"text/plain": self.line()}}
        elif action == "mark":
            notebook.metadata[self.name] = cell.metadata[self.name] = self.line()
        elif self.name == "learner":  # the course's cells have unlike ids, and texts that are found again
            twin = json.loads(json.dumps(cell))
            if action == "paste":
                self.count += 1
                twin["id"] = f"{self.name}-{self.count}"
            cells.insert(to % (len(cells) + 1), nbformat.from_dict(twin))


def lines_of(notebook, name: str) -> Counter:
    """Count the lines that an author wrote, in cells and in the comments that show the course's new text."""
    texts = [cell.source for cell in notebook.cells]
    texts += [note["text/plain"] for cell in notebook.cells for note in cell.get("attachments", {}).values()]
    lines = (line.removeprefix("# ") for text in texts for line in text.split("\n"))
    return Counter(line for line in lines if line.startswith(name))


def own_marks(notebook) -> Counter:
    """Count the metadata that the learner wrote into cells of the learner's own."""
    own = [
        cell for cell in notebook.cells if cell.id.startswith("learner") and cell.source.startswith("learner")
    ]
    return Counter(cell.metadata.get("learner") for cell in own)


def content(cell) -> tuple:
    return cell.source, cell.get("attachments")


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def save_as_an_editor_would(path: Path, notebook) -> None:
    path.write_text(json.dumps(notebook), encoding="utf-8")  # equal ids stay equal


@given(histories)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_text_is_lost(history):
    course, learner = Author("course"), Author("learner")
    lecture = new_notebook(cells=[course.cell(kind) for kind in ("markdown", "code", "code", "markdown")])
    for cell in lecture.cells[1:3]:
        cell.metadata.nbgrader = {"solution": False, "locked": True}
    with TemporaryDirectory() as folder:
        source, workspace = Path(folder, "notebooks"), Path(folder, "workspace")
        path = workspace / "01.ipynb"
        write(source / "01.ipynb", as_text(lecture).encode())
        update(source, workspace)
        for learner_edits, course_edits in history:
            mine, given_before = read(path), {cell.id: content(cell) for cell in lecture.cells}
            for action in learner_edits:
                learner.edit(mine, *action)
            save_as_an_editor_would(path, mine)
            for action in course_edits:
                course.edit(lecture, *action)
            source_before = (source / "01.ipynb").read_bytes()
            write(source / "01.ipynb", as_text(lecture).encode())
            source_changed = (source / "01.ipynb").read_bytes() != source_before
            bytes_before = path.read_bytes()

            update(source, workspace)

            merged = read(path)
            if path.read_bytes() != bytes_before:  # else the file is the learner's, equal ids and all
                stored = json.loads(path.read_text(encoding="utf-8"))
                nbformat.validate(stored)
                ids = [cell["id"] for cell in stored["cells"]]
                assert len(set(ids)) == len(ids)
            assert lines_of(mine, "learner") <= lines_of(merged, "learner")
            changed = [cell for cell in lecture.cells if given_before.get(cell.id) != content(cell)]
            assert lines_of(new_notebook(cells=changed), "course") <= lines_of(merged, "course")
            assert merged.metadata == mine.metadata | lecture.metadata
            assert own_marks(mine) <= own_marks(merged)
            graded = {cell.id for cell in lecture.cells if "nbgrader" in cell.metadata}
            if source_changed:
                assert graded <= {cell.id for cell in merged.cells}
                marks = {cell.id: cell.metadata.get("course") for cell in lecture.cells}
                kept = {cell.id: cell.metadata.get("course") for cell in merged.cells if cell.id in marks}
                assert kept.items() <= marks.items()
            after = snapshot(workspace)
            assert bytes_before in after.values()
            assert update(source, workspace) == []
            assert snapshot(workspace) == after
