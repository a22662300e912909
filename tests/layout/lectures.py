"""The explorers and figures of the lectures as their cells show them; stored are only pictures."""

from collections.abc import Iterator
from pathlib import Path

from course_lib.folders import NOTEBOOKS
from course_lib.notebooks.notebook import read
from course_lib.notebooks.store import execute_cell, kernel

SWEEP = '<script type="module">'
"""What stands in an output that answers without a kernel."""


def lectures(*chosen: str) -> list[Path]:
    """All lectures, or those with one of the words in their names."""
    return [
        path
        for path in sorted(NOTEBOOKS.glob("*.ipynb"))
        if not chosen or any(word in path.stem for word in chosen)
    ]


def sweeps(lecture: Path) -> Iterator[tuple[str, str]]:
    """Run a lecture; yield the name and the html of all that its cells show and that answers."""
    notebook = read(lecture)
    with kernel(notebook, lecture.parent) as client:
        for index, cell in enumerate(notebook.cells):
            execute_cell(client, index)
            for number, output in enumerate(cell.get("outputs", []), 1):
                html = output.get("data", {}).get("text/html", "")
                if SWEEP in html:
                    yield f"{lecture.stem} {cell.id} {number}", html
