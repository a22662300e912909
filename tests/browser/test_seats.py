"""Fifty runs of a cell that shows a widget leave as much behind as one."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.jupyter import Notebook, jupyter_lab, project_with

NAME = "runs.ipynb"
CELLS = {
    "imports": """from ipywidgets.widgets.widget import _instances
from samples import typed
from course_lib.exercises import predict""",
    "predict": "predict('Does it decay?', 'at once', 'slowly', 'never')",
    "typed": "typed()",
    "count": "sum(hasattr(widget, 'seat') for widget in _instances.values())",
}


def test_fifty_runs_leave_as_much_as_one(context: BrowserContext, tmp_path: Path):
    project = project_with(tmp_path / "project", NAME, CELLS)
    with jupyter_lab(project) as server:
        notebook = Notebook(context, server, NAME)
        notebook.run_all()

        def left(runs: int) -> tuple[str, int]:
            for _ in range(runs):
                notebook.run("predict")
                notebook.run("typed")
            expect(notebook.output("typed").get_by_role("textbox", name="word")).to_be_visible()
            notebook.run("count")
            nodes = notebook.page.evaluate("document.querySelectorAll('*').length")
            return notebook.output("count").inner_text().split()[-1], nodes

        (widgets, nodes), (widgets_now, nodes_now) = left(1), left(50)
        assert widgets_now == widgets == "2"
        assert nodes_now == pytest.approx(nodes, rel=0.1)
        notebook.close()
