"""Controls in JupyterLab: keys that are pressed in them stay there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.jupyter import PANEL, ROOT, Notebook, copy_project, jupyter_lab, write_notebook

NAME = "controls.ipynb"
CELLS = {
    "predict": """from course_lib.exercises import predict
from samples import every_kind, typed
predict("Does it decay?", "at once", "slowly", "never")""",
    "sweep": "every_kind()",
    "live": "typed()",
    "note": "'the last cell'",
}
COMMANDS = ("d", "d", "a", "b", "x", "z", "m", "y", "0", "0", "ArrowDown", "Enter")
"""Keys by which JupyterLab deletes, adds, cuts, changes and selects cells, or restarts the kernel."""
FOCUSABLE = "input, select, button, [tabindex='0']"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("project"))
    write_notebook(project / "workspace" / NAME, CELLS)
    shutil.copy(ROOT / "tests" / "explore" / "samples.py", project / "workspace")
    return project


@pytest.fixture(scope="module")
def notebook(browser: Browser, project: Path) -> Iterator[Notebook]:
    with jupyter_lab(project) as server:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        notebook = Notebook(context, server, NAME)
        notebook.run_all()
        yield notebook
        context.close()


@pytest.mark.parametrize(("cell", "count"), [("predict", 4), ("sweep", 12), ("live", 2)])
def test_keys_in_a_control_never_reach_the_notebook(notebook: Notebook, cell: str, count: int):
    def cells() -> list[list[str]]:
        return notebook.page.evaluate(
            f"{PANEL}.content.widgets.map(({{ model }}) => [model.id, model.type, model.sharedModel.source])"
        )

    before = cells()
    notebook.select(cell)
    output = notebook.output(cell)
    controls = output.locator(FOCUSABLE)
    expect(controls).to_have_count(count)
    for control in controls.all():
        control.evaluate("control => { control.disabled = false; control.focus(); }")
        for key in COMMANDS:
            notebook.page.keyboard.press(key)
            expect(output.locator(":focus")).to_have_count(1)
        assert cells() == before, control.evaluate("control => control.outerHTML")
    expect(notebook.page.locator(".jp-Dialog")).to_have_count(0)
