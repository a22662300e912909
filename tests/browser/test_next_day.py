"""What a learner finds who comes back: no error line, the last words and pictures, and what wakes them."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.browser.jupyter import PANEL, ROOT, Notebook, copy_project, jupyter_lab, write_notebook
from tests.browser.view import View

DAY, RUNS = "day.ipynb", "runs.ipynb"
WITHIN = 30_000
"""Milliseconds within which a view says that its kernel is gone."""
CELLS = {
    "imports": """import time
import torch
from ipywidgets.widgets.widget import _instances
from samples import every_kind, typed
from course_lib.exercises import predict
from course_lib.training import fit""",
    "predict": "predict('Does it decay?', 'at once', 'slowly', 'never')",
    "typed": "typed()",
    "sweep": "every_kind()",
    "fit": """weights = torch.zeros(3, requires_grad=True)
losses = fit([weights], lambda _: (time.sleep(0.02), ((weights - 1) ** 2).sum())[1], 40)""",
    "count": "sum(hasattr(widget, 'seat') for widget in _instances.values())",
    "long": "time.sleep(5)",
}
GONE = "The kernel was restarted or ended."
BUSY = "The kernel does not answer: it is busy or gone."


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("project"))
    for name in (DAY, RUNS):
        write_notebook(project / "workspace" / name, CELLS)
    shutil.copy(ROOT / "tests" / "explore" / "samples.py", project / "workspace")
    return project


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[str]:
    with jupyter_lab(project) as url:
        yield url


def box(notebook: Notebook) -> Locator:
    return notebook.output("typed").get_by_role("textbox", name="word")


def caption(notebook: Notebook) -> Locator:
    return notebook.output("typed").locator(".caption")


def said(notebook: Notebook, cell: str) -> Locator:
    """What an output says of its kernel."""
    return notebook.output(cell).locator(".kernel")


def answer(notebook: Notebook, choice: str) -> None:
    notebook.select("predict")
    form = notebook.output("predict")
    form.get_by_role("radio", name=choice).check()
    form.get_by_role("button", name="Commit").click()


def saved(project: Path, cell: str) -> str:
    """The outputs of a cell, as they are in the saved notebook."""
    notebook = json.loads((project / "workspace" / DAY).read_text("utf-8"))
    (outputs,) = (cell_["outputs"] for cell_ in notebook["cells"] if cell_["id"] == cell)
    return json.dumps(outputs, ensure_ascii=False)


def assert_no_widget(project: Path) -> None:
    text = (project / "workspace" / DAY).read_text("utf-8")
    assert "widget-view" not in text
    assert "widget-state" not in text


def end_kernel(notebook: Notebook, how: str) -> None:
    notebook.page.evaluate(f"void {PANEL}.sessionContext.{how}")


def wait_until_kept(notebook: Notebook, word: str) -> None:
    """Wait until the output that would be saved is that of the word."""
    notebook.page.wait_for_function(
        f"JSON.stringify({PANEL}.content.widgets[2].model.outputs.toJSON()[0].data['text/plain'])"
        f".includes('= {word})')",
        timeout=WITHIN,
    )


def learn(context: BrowserContext, server: str, project: Path) -> None:
    """Answer and type; the output is renewed under the learner's hands, and the focus stays."""
    notebook = Notebook(context, server, DAY)
    notebook.run_all()
    answer(notebook, "slowly")
    expect(notebook.output("predict").get_by_role("status").first).to_have_text("You predicted: slowly")
    expect(notebook.output("predict").get_by_role("button")).to_be_focused()
    notebook.select("typed")
    box(notebook).press("End")
    notebook.page.keyboard.type("de")
    expect(caption(notebook)).to_contain_text("“abcde”")
    wait_until_kept(notebook, "abcde")
    expect(box(notebook)).to_be_focused()
    notebook.page.keyboard.type("f")
    expect(caption(notebook)).to_contain_text("“abcdef”")
    wait_until_kept(notebook, "abcdef")
    notebook.save()
    assert "You predicted: slowly" in saved(project, "predict")
    assert "“abcdef” has 6 letters" in saved(project, "typed")
    assert saved(project, "fit").replace(" ", "") == json.dumps(
        [{"name": "stdout", "output_type": "stream", "text": [""]}]
    ).replace(" ", "")
    assert_no_widget(project)
    notebook.page.close()


def come_back_while_it_runs(context: BrowserContext, server: str) -> None:
    """The tab was closed, the kernel is alive: all goes on where it was."""
    notebook = Notebook(context, server, DAY)
    notebook.select("typed")
    expect(box(notebook)).to_have_value("abcdef")
    box(notebook).fill("back")
    expect(caption(notebook)).to_contain_text("“back”")
    answer(notebook, "never")
    expect(notebook.output("predict").get_by_role("status").first).to_have_text("You predicted: never")
    notebook.save()
    end_kernel(notebook, "shutdown()")
    for cell in ("predict", "typed"):
        expect(said(notebook, cell)).to_contain_text(GONE, timeout=WITHIN)
    notebook.page.close()


def come_back_the_next_day(context: BrowserContext, server: str) -> None:
    """Another kernel, which knows nothing: words and picture are there, and what wakes them."""
    notebook = Notebook(context, server, DAY)
    expect(notebook.output("predict")).to_contain_text("Run this cell to answer.")
    expect(notebook.output("predict")).to_contain_text("slowly")
    expect(notebook.output("predict")).to_contain_text("You predicted:")
    notebook.select("typed")
    picture = notebook.output("typed").get_by_role("img")
    expect(picture).to_have_attribute("alt", re.compile("“abcdef” has 6 letters"))
    expect(notebook.output("typed")).to_contain_text("Run the cells above and this one to type.")
    sweep = notebook.explorer("sweep")
    before = sweep.picture("a map")
    sweep.slider("strength").focus()
    notebook.page.keyboard.press("ArrowRight")
    assert sweep.picture("a map") != before
    expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(0)
    notebook.run_all()
    notebook.select("predict")
    expect(notebook.output("predict").get_by_role("radio", name="never")).to_be_checked()
    notebook.page.close()


def lose_the_kernel(context: BrowserContext, server: str) -> None:
    """A kernel that is restarted, killed or busy is spoken of; running the cells again wakes everything."""
    notebook = Notebook(context, server, DAY)
    for end in ("restartKernel()", "session.kernel.requestExecute({ code: 'import os; os._exit(1)' }).done"):
        notebook.run_all()
        notebook.select("typed")
        expect(said(notebook, "typed")).to_be_hidden()
        end_kernel(notebook, f"{end}.catch(() => null)")
        for cell in ("predict", "typed"):
            expect(said(notebook, cell)).to_contain_text(GONE, timeout=WITHIN)
        notebook.page.wait_for_function(
            f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'", timeout=60_000
        )
    notebook.run_all()
    notebook.select("long")
    notebook.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-cell')")
    notebook.select("typed")
    box(notebook).fill("busy")
    expect(said(notebook, "typed")).to_contain_text(BUSY, timeout=WITHIN)
    expect(caption(notebook)).to_contain_text("“busy”", timeout=20_000)
    expect(said(notebook, "typed")).to_be_hidden()
    notebook.page.close()


def test_a_learner_comes_back(browser: Browser, server: str, project: Path):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    learn(context, server, project)
    come_back_while_it_runs(context, server)
    come_back_the_next_day(context, server)
    lose_the_kernel(context, server)
    context.close()


def test_an_untrusted_notebook_says_why_it_does_not_answer(browser: Browser, server: str, project: Path):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    notebook = Notebook(context, server, RUNS)
    notebook.run_all()
    notebook.save()
    notebook.close()
    path = project / "workspace" / RUNS
    path.write_text(path.read_text("utf-8").replace("import time", "import time  # elsewhere"), "utf-8")
    notebook = Notebook(context, server, RUNS)
    notebook.select("sweep")
    expect(notebook.output("sweep")).to_contain_text(
        "This picture does not answer yet: run its cell, or trust"
    )
    expect(notebook.output("typed")).to_contain_text("Run the cells above and this one to type.")
    expect(notebook.output("predict")).to_contain_text("Run this cell to answer.")
    notebook.run_all()
    View(notebook.output("sweep"))
    expect(notebook.output("sweep")).not_to_contain_text("does not answer yet")
    context.close()


def test_fifty_runs_leave_as_much_as_one(browser: Browser, server: str):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    notebook = Notebook(context, server, RUNS)
    notebook.run_all()

    def left() -> tuple[str, int]:
        expect(box(notebook)).to_be_visible()
        notebook.run("count")
        nodes = notebook.page.evaluate("document.querySelectorAll('*').length")
        return notebook.output("count").inner_text().split()[-1], nodes

    notebook.run("predict")
    notebook.run("typed")
    widgets, nodes = left()
    for _ in range(50):
        notebook.run("predict")
        notebook.run("typed")
    widgets_now, nodes_now = left()
    assert widgets_now == widgets == "2"
    assert nodes_now == pytest.approx(nodes, rel=0.1)
    context.close()
