"""`%%start_over` in the first line of a cell brings its stub back, with the learner's text as comments.

IPython runs no `%%start_over` in a cell that holds nothing else: there `%start_over moving_average` does it.
"""

import json
import re
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.getipython import get_ipython

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.cells import defined
from course_lib.folders import BASE

KEPT = "# What stood here before:"
MENTIONS = (r"^def (\w+)", r"^\s+def (\w+)", r"(\w+)")
"""How a cell tells which exercise it is for, the surest first."""
MAGIC = re.compile(r"^\s*%?start_over\b.*\n?", re.MULTILINE)


def advice(name: str) -> str:
    """Say how to begin an exercise again."""
    return (
        "To begin again, put `%%start_over` in the first line of your cell and run it (if it is empty, "
        f"`%start_over {name}`): the stub comes back, and your text stays below it as comments."
    )


def find_stub(name: str, workspace: Path) -> tuple[str, dict[str, Any]]:
    """Return the notebook in which learners write an exercise, and the cell as they were given it.

    Raises ValueError if there is no such cell in the workspace.
    """
    for path in sorted((workspace / BASE).glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution") and name in defined(_text(cell)):
                return path.name, cell
    raise ValueError(f"{workspace.name}/ has no exercise {name}")


def with_stub(stub: str, text: str) -> str:
    """Put the stub above a text that becomes comments."""
    if not text.strip():
        return stub
    lines = [f"# {line}".rstrip() for line in text.strip("\n").split("\n")]
    return "\n".join([stub, "", "", KEPT, *lines])


def start_over(line: str, cell: str | None = None) -> None:
    """Replace the cell that runs this by the stub of its exercise, keeping its text as comments.

    The exercise is named after the magic, or is the one that the cell defines or mentions. Without `cell`
    this is the line magic. Raises UsageError, and leaves the cell, if there is not one such exercise.
    """
    shell = get_ipython()
    if cell is None:
        history = shell.history_manager if shell else None
        cell = MAGIC.sub("", history.input_hist_raw[-1]) if history else ""
    try:
        _, stub = find_stub(_named(line, cell), Path.cwd())
    except ValueError as error:
        raise UsageError(str(error)) from None
    if shell:
        shell.set_next_input(with_stub(_text(stub), cell), replace=True)


def _named(line: str, cell: str) -> str:
    """The one exercise that is meant; ValueError if there is none or another one too."""
    if words := re.findall(r"\w+", line):
        return words[0]
    mentioned = (
        [name for name in re.findall(way, cell, re.MULTILINE) if name in EXERCISES] for way in MENTIONS
    )
    names = list(dict.fromkeys(next(filter(None, mentioned), [])))
    if len(names) != 1:
        found = f"the cell holds {' and '.join(names)}: " if names else ""
        raise ValueError(f"{found}say which exercise, as in %%start_over {(names or ['moving_average'])[0]}")
    return names[0]


def register() -> None:
    """Let notebooks know `%%start_over` and `%start_over`; without IPython nothing happens."""
    if shell := get_ipython():
        shell.register_magic_function(start_over, "line_cell")


def _text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])
