"""Cells that show widgets leave no more behind when they run again than cells that show plain html."""

from pathlib import Path

from playwright.sync_api import BrowserContext, CDPSession, expect

from tests.browser.jupyter import Notebook, jupyter_lab, project_with

NAME = "runs.ipynb"
CELLS = {
    "imports": """from IPython.display import HTML, display
from ipywidgets.widgets.widget import _instances
from samples import typed
from course_lib.exercises import predict""",
    "plain": "display(HTML('<input>'))",
    "beside": "display(HTML('<input>'))",
    "predict": "predict('Does it decay?', 'at once', 'slowly', 'never')",
    "typed": "typed()",
    "count": "len(_instances)",
}
PLAIN, OURS = ("plain", "beside"), ("predict", "typed")
FIFTY = 50
RUNS = 10
"""Of each cell; what fifty leave is five times as much."""


def held(page: CDPSession) -> dict[str, float]:
    """What the browser's page holds when all is collected that nothing refers to."""
    for _ in range(3):  # what a finalizer lets go is found by the next one
        page.send("HeapProfiler.collectGarbage")
    metrics = {metric["name"]: metric["value"] for metric in page.send("Performance.getMetrics")["metrics"]}
    return {name: metrics[name] for name in ("Nodes", "JSEventListeners", "JSHeapUsedSize")}


def grown(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: after[name] - before[name] for name in before}


def test_fifty_runs_leave_as_much_as_one(context: BrowserContext, tmp_path: Path):
    """JupyterLab itself keeps much of each run: so what plain html leaves is subtracted."""
    project = project_with(tmp_path / "project", NAME, CELLS)
    with jupyter_lab(project) as server:
        notebook = Notebook(context, server, NAME)
        notebook.run_all()
        page = context.new_cdp_session(notebook.page)
        page.send("Performance.enable")

        def run(times: int, *cells: str) -> dict[str, float]:
            for cell in times * cells:
                notebook.run(cell)
            notebook.page.wait_for_timeout(2500)  # anywidget holds each widget for two seconds
            return held(page)

        def widgets() -> str:
            notebook.run("count")
            return notebook.output("count").inner_text().split()[-1]

        run(3, *PLAIN, *OURS)
        one, widgets_of_one = held(page), widgets()
        expect(notebook.output("predict").get_by_role("radio")).to_have_count(3)
        by_plain = grown(run(1, *PLAIN), run(RUNS, *PLAIN))
        by_ours = grown(run(1, *OURS), run(RUNS, *OURS))
        expect(notebook.output("typed").get_by_role("textbox", name="word")).to_be_visible()
        assert widgets() == widgets_of_one
        left = grown(by_plain, by_ours)
        assert left["Nodes"] < RUNS
        assert left["JSEventListeners"] < RUNS
        assert left["JSHeapUsedSize"] * FIFTY / RUNS <= one["JSHeapUsedSize"] / 10
        notebook.close()
