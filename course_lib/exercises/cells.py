"""Which functions a notebook still holds from before a cell failed."""

import ast
import inspect
import re

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

from course_lib.exercises import run
from course_lib.exercises.exercise import Function

DEFINITION = re.compile(r"^def\s+(\w+)", re.MULTILINE)

_failed: dict[str, tuple[str, str]] = {}
"""For each function whose cell has failed, what of the cell was run before, and the name of the error."""


def watch_cells() -> None:
    """Remember from now on which cells fail; without IPython there are none."""
    shell = get_ipython()
    if shell:
        shell.events.register("pre_run_cell", forget)
        shell.events.register("post_run_cell", remember)


def forget(info: ExecutionInfo) -> None:
    """Forget the failures of the functions that the cell is about to define: it may check one itself."""
    for name in defined(info.raw_cell or ""):
        _failed.pop(name, None)


def remember(result: ExecutionResult) -> None:
    """Note whether a cell has failed, under the name of each function that it defines."""
    text = (result.info.raw_cell if result.info else "") or ""
    error = result.error_before_exec or result.error_in_exec
    for name in defined(text):
        if error:
            _failed[name] = "" if result.error_before_exec else text, type(error).__name__
        else:
            _failed.pop(name, None)


def defined(text: str) -> list[str]:
    """Return the names of the functions that a cell defines at the top level.

    What is no Python, such as an unfinished `def`, is read line by line.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):  # ValueError: for null bytes
        return DEFINITION.findall(text)
    return [one.name for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]


def failure_of_cell(function: Function, name: str) -> str:
    """The error by which the last cell that defines a function of this name failed; empty if none did.

    A cell that fails below the definition has defined the function nevertheless: then that is no failure.
    """
    text, error = _failed.get(name, ("", ""))
    try:
        is_of_cell = inspect.getsource(run.innermost(function)).strip() + "\n" in text + "\n"
    except (OSError, TypeError, ValueError):  # no source, so not of a cell that is known
        is_of_cell = False
    return "" if is_of_cell else error
