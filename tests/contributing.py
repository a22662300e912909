"""The table of lectures in CONTRIBUTING.md: `python -m tests.contributing` writes it from the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from course_lib import models
from course_lib.exercises.catalogue import SUFFIX
from course_lib.folders import LECTURES, NOTEBOOKS, ROOT
from course_lib.notebooks.notebook import read

DOCUMENT = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- lectures: begin -->\n", "<!-- lectures: end -->\n"


def table() -> str:
    """A row for each lecture: its folder, explorers and exercises, and the models and data that it uses."""
    rows = [
        "| notebook | folder in `course_lib/lectures/` | explorers | exercises | models | data |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    rows += [_row(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    return "\n".join(rows) + "\n"


def with_table(document: str) -> str:
    """The document with the table as it is now."""
    before, after = document.index(BEGIN) + len(BEGIN), document.index(END)
    return document[:before] + table() + document[after:]


def _row(path: Path) -> str:
    folder = path.stem[3:]
    files = sorted(file.stem for file in (LECTURES / folder).glob("*.py"))
    explorers = [name.removesuffix("_explorer") for name in files if name.endswith("_explorer")]
    exercises = [name.removesuffix(SUFFIX) for name in files if name.endswith(SUFFIX)]
    used = set(_used(path))
    rooms = [sorted({part[1] for part in used if part[0] == wanted}) for wanted in ("models", "data")]
    cells = [path.stem, folder, *(", ".join(names) for names in (explorers, exercises, *rooms))]
    return f"| {' | '.join(cells)} |".replace("  ", " ")


def _used(path: Path) -> Iterator[tuple[str, ...]]:
    """The modules of the library that a notebook uses, as room and name."""
    source = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (tuple(name.split(".")[1:3]) for name in names if name.count(".") > 1)
    yield from (
        ("models", name) for name in re.findall(r"\bmodels\.(\w+)\.", source) if name in models.__all__
    )


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text("utf-8")), "utf-8")
