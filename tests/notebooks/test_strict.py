"""``pytest --nbval`` passes what is unchanged and fails everything else, on small notebooks made here."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.folders import ROOT
from course_lib.notebooks import store
from course_lib.notebooks.notebook import as_text, read

pytestmark = pytest.mark.kernel

CELLS = {
    "imports": """import sys
import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import clear_output, display
class Explorer:
    def __init__(self, width):
        self.words = f"width = {width}"
    def _repr_mimebundle_(self, **_):
        html = f"<div id={id(self)}>"
        return {"text/plain": self.words, "text/html": html, "image/png": "aGk="}""",
    "result": "round(2 / 3, 2)",
    "printed": "print('x')",
    "figure": "figure, axes = plt.subplots(figsize=(4, 3))\naxes.plot([1, 3, 2]);",
    "figure-gone": "figure, axes = plt.subplots(figsize=(4, 3))",
    "figure-not-stored": "figure, axes = plt.subplots(figsize=(4, 3))",
    "slider": "ipywidgets.IntSlider(3)",
    "explorer": "Explorer(3)",
    "stderr": "print('careful', file=sys.stdout)",
    "never-run": "1 + 1",
    "hidden": "sum([1, 2]);",
    "cleared": "print(1); clear_output(); print(2)\nshown = display(1, display_id=True)\nshown.update(2)",
    "captured": "with ipywidgets.Output():\n    print('inside')",
}

CHANGED_SOURCES = {
    "result": "round(2 / 3.1, 2)",
    "printed": "print('y')",
    "figure": "figure, axes = plt.subplots(figsize=(4, 3))\naxes.plot([1, 3, 2.1]);",
    "figure-gone": "figure, axes = plt.subplots(figsize=(4, 3))\nplt.close(figure)",
    "slider": "ipywidgets.IntSlider(4)",
    "explorer": "Explorer(4)",
    "stderr": "print('careful', file=sys.stderr)",
}

MESSAGES = {
    "result": "output 1, text/plain: line 1: stored '0.67', now '0.65'",
    "printed": "output 1, text: line 1: stored 'x', now 'y'",
    "figure": "output 1, image/png: the picture differs near pixel",
    "figure-gone": "1 outputs stored, 0 now",
    "figure-not-stored": "0 outputs stored, 1 now",
    "slider": "output 1, text/plain: line 1: stored 'IntSlider(value=3)', now 'IntSlider(value=4)'",
    "explorer": "output 1, text/plain: line 1: stored 'width = 3', now 'width = 4'",
    "stderr": "writes to stderr: careful",
    "never-run": "0 outputs stored, 1 now",
}

STOPPING = {
    "exception": ("raise KeyError('no such word')", "KeyError: 'no such word'"),
    "dead-kernel": ("import os; os._exit(1)", "the kernel died"),
}


class Outcome(NamedTuple):
    """What pytest reports of a cell: why it failed (None: it passed) and the seconds it took."""

    message: str | None
    seconds: float


def save(path: Path, sources: dict[str, str]) -> None:
    cells = [new_code_cell(source, id=name) for name, source in sources.items()]
    path.write_text(as_text(new_notebook(cells=cells)), encoding="utf-8")


def save_changed(stored: Path, path: Path) -> None:
    notebook = read(stored)
    for cell in notebook.cells:
        cell.source = CHANGED_SOURCES.get(cell.id, cell.source)
        if cell.id in ("figure-not-stored", "never-run"):
            cell.outputs = []
    path.write_text(as_text(notebook), encoding="utf-8")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, dict[str, Outcome]]:
    """Validate all notebooks in one run of pytest; return the outcomes by notebook and cell."""
    folder = tmp_path_factory.mktemp("notebooks")
    save(folder / "unchanged.ipynb", CELLS)
    store.run(folder / "unchanged.ipynb")
    save_changed(folder / "unchanged.ipynb", folder / "changed.ipynb")
    for name, (source, _) in STOPPING.items():
        save(folder / f"{name}.ipynb", {"above": "1;", "stops": source, "below": "2;", "last": "3;"})

    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "--nbval", str(folder), f"--rootdir={folder}"]
    command += [
        f"--config-file={ROOT / 'pyproject.toml'}",
        "--override-ini=addopts=",
        "-p",
        "tests.nbval_strict",
    ]
    command += ["-p", "no:cacheprovider", f"--junit-xml={report}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == pytest.ExitCode.TESTS_FAILED, finished.stdout + finished.stderr

    result: dict[str, dict[str, Outcome]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failure = case.find("failure")
        message = None if failure is None else failure.text
        notebook = case.attrib["classname"].removesuffix(".ipynb")
        result.setdefault(notebook, {})[case.attrib["name"]] = Outcome(message, float(case.attrib["time"]))
    return result


def messages(outcomes: dict[str, Outcome]) -> dict[str, str | None]:
    return {name: outcome.message for name, outcome in outcomes.items()}


def test_all_notebooks_are_validated(outcomes):
    assert set(outcomes) == {"unchanged", "changed", *STOPPING}


def test_unchanged_passes(outcomes):
    assert messages(outcomes["unchanged"]) == dict.fromkeys(CELLS)


@pytest.mark.parametrize("cell", CELLS)
def test_what_changed_fails_and_nothing_else(outcomes, cell):
    message = outcomes["changed"][cell].message
    if cell in MESSAGES:
        assert message is not None
        assert message.startswith(f"cell {cell}: {MESSAGES[cell]}")
        assert "\n" not in message.removesuffix("\n") or cell == "stderr"
    else:
        assert message is None


@pytest.mark.parametrize("notebook", STOPPING)
def test_what_stops_a_notebook_fails_it_and_all_cells_below(outcomes, notebook):
    reason = f"cell stops: {STOPPING[notebook][1]}"
    assert messages(outcomes[notebook]) == {
        "above": None,
        "stops": reason,
        "below": f"cell below: not run after {reason}",
        "last": f"cell last: not run after {reason}",
    }


def test_a_dead_kernel_is_noticed_at_once(outcomes):
    assert outcomes["dead-kernel"]["stops"].seconds < 20
