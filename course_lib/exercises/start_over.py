"""`%%start_over` in the first line of a cell brings its stub back, with the learner's text as comments."""

import json
import re
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.getipython import get_ipython

from course_lib.exercises.catalogue import EXERCISES
from course_lib.folders import BASE

ADVICE = (
    "To begin again, put `%%start_over` in the first line of your cell and run it: "
    "the stub comes back, and your text stays below it as comments."
)
KEPT = "# What stood here before:"


def find_stub(name: str, workspace: Path) -> tuple[str, dict[str, Any]]:
    """Return the notebook in which learners write an exercise, and the cell as they were given it.

    Raises ValueError if there is no such cell in the workspace.
    """
    for path in sorted((workspace / BASE).glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution") and name in _defined(_text(cell)):
                return path.name, cell
    raise ValueError(f"{workspace.name}/ has no exercise {name}")


def with_stub(stub: str, text: str) -> str:
    """Put the stub above a text that becomes comments."""
    lines = [f"# {line}".rstrip() for line in text.strip("\n").splitlines()]
    return "\n".join([stub, "", "", KEPT, *lines])


def start_over(line: str, cell: str) -> None:
    """Replace the cell that runs this by the stub of its exercise, keeping its text as comments.

    The exercise is named after `%%start_over`, or is the first one that the cell defines.
    """
    names = line.split() or [name for name in _defined(cell) if name in EXERCISES]
    if not names:
        raise UsageError("say which exercise, as in %%start_over moving_average")
    try:
        _, stub = find_stub(names[0], Path.cwd())
    except ValueError as error:
        raise UsageError(str(error)) from None
    if shell := get_ipython():
        shell.set_next_input(with_stub(_text(stub), cell), replace=True)


def register() -> None:
    """Let notebooks know `%%start_over`; without IPython nothing happens."""
    if shell := get_ipython():
        shell.register_magic_function(start_over, "cell")


def _text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _defined(text: str) -> list[str]:
    return re.findall(r"^def (\w+)", text, re.MULTILINE)
