"""A small lecture, and what a learner does with its file."""

from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.files import write
from course_lib.notebooks.notebook import as_text, read

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
