"""Three days of a learner: learning, an update at night, coming back, another machine, another editor.

What is found each time: no error line, the last words, pictures and points, and what wakes the rest.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from course_lib.exercises import progress
from course_lib.files import write
from course_lib.notebooks.notebook import as_text, read
from tests.browser.jupyter import PANEL, Notebook, copy_project, jupyter_lab

WITHIN = 30_000
"""Milliseconds within which a view says that its kernel is gone."""
GONE = "The kernel was restarted or ended."
NEWS = "The course has a new sentence."
OWN = "kept = 'my own note'"
"""A cell of the learner's own."""
WIDE = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Lecture:
    """What a learner does in a lecture."""

    name: str
    cells: str
    """Those that are run, in order; the rest would only take time."""
    prediction: str
    choices: tuple[str, str]
    """What is answered at first, and after coming back."""
    typed: str
    box: str
    text: str
    words: str
    """What the picture of that text says."""
    sweep: str
    slider: str
    panel: str
    solved: tuple[str, str, str]
    """An answer cell, its answer and the points."""
    failed: tuple[str, str, str]


LECTURES = [
    Lecture(
        "03_rnn.ipynb",
        "imports context-explorer predict-tied letters-loss letters-training letters-explorer",
        "predict-tied",
        ("the mean over the copies", "the sum over the copies"),
        "letters-explorer",
        "word",
        "holiday",
        "After “holiday”",
        "context-explorer",
        "step",
        "what the prediction reads",
        (
            "rnn-parameter-count",
            "def rnn_parameter_count(inputs, hidden):\n    return hidden * (inputs + hidden + 1)",
            "Solved",
        ),
        (
            "rnn-step",
            "def rnn_step(x, h, weight_input, weight_hidden, bias):\n    return x",
            "Not solved yet",
        ),
    ),
    Lecture(
        "07_self_attention.ipynb",
        "imports predict-soft soft-explorer models more-models training train-all projections typed-explorer",
        "predict-soft",
        ("10 or 20, by chance", "about 15, the mean of the two"),
        "typed-explorer",
        "text",
        "the bank near the river",
        "river",
        "soft-explorer",
        "direction",
        "weights",
        (
            "attention-scores",
            "def attention_scores(query, key):\n    return query @ key.mT",
            "Solved",
        ),
        (
            "causal-mask",
            "def causal_mask(steps):\n    return torch.ones(steps, steps, dtype=torch.bool).triu()",
            "Partly solved",
        ),
    ),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course, with training of three steps."""
    project = copy_project(tmp_path_factory.mktemp("project"))
    training = project / "course_lib" / "training.py"
    whole = training.read_text("utf-8")
    short = whole.replace("tqdm(range(steps)", "tqdm(range(min(steps, 3))")
    assert short != whole
    training.write_text(short, "utf-8")
    return project


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=WIDE)
    yield context
    context.close()


def form(notebook: Notebook, lecture: Lecture) -> Locator:
    notebook.select(lecture.prediction)
    return notebook.output(lecture.prediction)


def answer(notebook: Notebook, lecture: Lecture, choice: str) -> None:
    prediction = form(notebook, lecture)
    prediction.get_by_role("radio", name=choice).check()
    prediction.get_by_role("button", name="Commit").click()
    expect(prediction.get_by_role("status").first).to_have_text(f"You predicted: {choice}")


def box(notebook: Notebook, lecture: Lecture) -> Locator:
    notebook.select(lecture.typed)
    return notebook.output(lecture.typed).get_by_role("textbox", name=lecture.box)


def expect_words(notebook: Notebook, lecture: Lecture, words: str) -> None:
    expect(notebook.output(lecture.typed)).to_contain_text(words)


def expect_kept(notebook: Notebook, cell: str, words: str) -> None:
    """Wait until an output says this in what is saved."""
    notebook.page.wait_for_function(
        f"([id, words]) => {{ const cell = {PANEL}.content.widgets.find((cell) => cell.model.id === id);"
        "return JSON.stringify(cell.model.outputs.toJSON()).includes(words); }",
        arg=[cell, words],
        timeout=WITHIN,
    )


def expect_said(notebook: Notebook, cell: str, text: str) -> None:
    """Wait for what an output says of its kernel."""
    notebook.select(cell)
    said = notebook.output(cell).locator(".kernel")
    if text:
        expect(said).to_contain_text(text, timeout=WITHIN)
    else:
        expect(said).to_be_hidden()


def expect_sweep_answers(notebook: Notebook, lecture: Lecture) -> None:
    view = notebook.explorer(lecture.sweep)
    before = view.picture(lecture.panel)
    view.slider(lecture.slider).focus()
    notebook.page.keyboard.press("ArrowRight")
    assert view.picture(lecture.panel) != before


def expect_no_error_line(notebook: Notebook) -> None:
    notebook.page.keyboard.press("Control+End")
    expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(0)
    expect(notebook.page.get_by_text("Traceback")).to_have_count(0)


def path_of(project: Path, lecture: Lecture) -> Path:
    return project / "workspace" / lecture.name


def saved(project: Path, lecture: Lecture, cell: str) -> str:
    """The outputs of a cell, as they are in the saved notebook."""
    (outputs,) = (one.outputs for one in read(path_of(project, lecture)).cells if one.id == cell)
    return json.dumps(outputs, ensure_ascii=False)


def end_kernel(notebook: Notebook, how: str) -> None:
    notebook.page.evaluate(f"void {PANEL}.sessionContext.{how}")


def run(notebook: Notebook, lecture: Lecture) -> None:
    for cell in lecture.cells.split():
        notebook.run(cell)


def learn(context: BrowserContext, server: str, project: Path, lecture: Lecture) -> None:
    """Predict, type, solve an exercise and fail one; the focus stays while outputs are renewed."""
    path = path_of(project, lecture)
    notebook = read(path)
    notebook.cells.append(nbformat.v4.new_code_cell(OWN))
    write(path, as_text(notebook).encode())

    notebook = Notebook(context, server, lecture.name)
    run(notebook, lecture)
    answer(notebook, lecture, lecture.choices[0])
    expect(notebook.output(lecture.prediction).get_by_role("button")).to_be_focused()
    for name, source, verdict in (lecture.solved, lecture.failed):
        notebook.write(f"{name}-solution", source)
        notebook.run(f"{name}-solution")
        notebook.run(f"check-{name}")
        expect(notebook.output(f"check-{name}")).to_contain_text(verdict)
    typing = box(notebook, lecture)
    typing.fill(lecture.text[:-1])
    notebook.page.keyboard.type(lecture.text[-1])
    expect_kept(notebook, lecture.typed, lecture.words)
    expect(typing).to_be_focused()
    notebook.save()
    assert lecture.choices[0] in saved(project, lecture, lecture.prediction).partition("You predicted")[2]
    assert lecture.words in saved(project, lecture, lecture.typed)
    text = path.read_text("utf-8")
    assert "widget-view" not in text and "widget-state" not in text
    notebook.page.close()


def come_back_while_it_runs(context: BrowserContext, server: str, project: Path, lecture: Lecture) -> None:
    """The tab was closed, the kernel is alive: all goes on, and what is answered now is what is saved."""
    notebook = Notebook(context, server, lecture.name)
    expect(box(notebook, lecture)).to_have_value(lecture.text)
    answer(notebook, lecture, lecture.choices[1])
    expect_kept(notebook, lecture.prediction, f"You predicted: {lecture.choices[1]}")
    expect(form(notebook, lecture).get_by_role("radio", name=lecture.choices[1])).to_be_checked()
    notebook.save()
    assert lecture.choices[1] in saved(project, lecture, lecture.prediction).partition("You predicted")[2]
    end_kernel(notebook, "shutdown()")
    for cell in (lecture.prediction, lecture.typed):
        expect_said(notebook, cell, GONE)
    notebook.page.close()


def change_the_course(project: Path) -> None:
    """Change a text, and an exercise that the learner has solved."""
    for lecture in LECTURES:
        path = project / "notebooks" / lecture.name
        notebook = read(path)
        for cell in notebook.cells:
            if cell.id == "title":
                cell.source += f"\n\n{NEWS}"
            if cell.id == f"{lecture.solved[0]}-solution":
                cell.source = cell.source.replace('"""', '"""Better said: ', 1)
        write(path, as_text(notebook).encode())


def expect_all_is_there(notebook: Notebook, project: Path, lecture: Lecture) -> None:
    """Text, points, predictions and pictures, without a kernel that knows of them."""
    expect_no_error_line(notebook)
    notebook.select("title")
    expect(notebook.cell("title")).to_contain_text(NEWS)
    for name, source, verdict in (lecture.solved, lecture.failed):
        assert notebook.source(f"{name}-solution") == source
        notebook.select(f"check-{name}")
        expect(notebook.output(f"check-{name}")).to_contain_text(verdict)
    sources = notebook.page.evaluate(f"{PANEL}.content.widgets.map((cell) => cell.model.sharedModel.source)")
    assert sources.count(OWN) == 1
    prediction = form(notebook, lecture)
    expect(prediction).to_contain_text(f"You predicted: {lecture.choices[1]}")
    expect(prediction).to_contain_text("Run the first code cell and this one to answer.")
    notebook.select(lecture.typed)
    picture = notebook.output(lecture.typed).get_by_role("img")
    expect(picture).to_have_attribute("alt", re.compile(lecture.words))
    expect(notebook.output(lecture.typed)).to_contain_text("Run the cells above and this one to type.")
    predictions = json.loads((project / "workspace" / "predictions.json").read_text("utf-8"))
    assert set(predictions.values()) == {lecture.choices[1] for lecture in LECTURES}


def expect_all_wakes(notebook: Notebook, lecture: Lecture) -> None:
    run(notebook, lecture)
    expect(form(notebook, lecture).get_by_role("radio", name=lecture.choices[1])).to_be_checked()
    box(notebook, lecture).fill(lecture.text)
    expect_words(notebook, lecture, lecture.words)
    for cell in (lecture.prediction, lecture.typed):
        expect_said(notebook, cell, "")


def lose_the_kernel(notebook: Notebook, lecture: Lecture) -> None:
    """A kernel that is restarted or killed is spoken of; running the cells again wakes everything."""
    killing = "session.kernel.requestExecute({ code: 'import os; os._exit(1)' }).done"
    for end in ("restartKernel()", killing):
        end_kernel(notebook, f"{end}.catch(() => null)")
        if end == killing:
            notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
        for cell in (lecture.prediction, lecture.typed):
            expect_said(notebook, cell, GONE)
        notebook.page.wait_for_function(
            f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'", timeout=60_000
        )
        expect_all_wakes(notebook, lecture)


def take_elsewhere(project: Path, folder: Path) -> Path:
    """Another machine: the course as it is, and the learner's files, which no Jupyter there has signed."""
    other = copy_project(folder)
    for part in ("course_lib", "notebooks", "workspace"):
        shutil.copytree(project / part, other / part, dirs_exist_ok=True)
    return other


def expect_untrusted_and_why(notebook: Notebook, lecture: Lecture) -> None:
    notebook.select(lecture.sweep)
    expect(notebook.output(lecture.sweep)).to_contain_text(
        "This picture does not answer yet: run the cells up to it, or trust"
    )


def trust(notebook: Notebook) -> None:
    """Trust the notebook as its line says: by JupyterLab's command."""
    notebook.page.evaluate("void window.jupyterapp.commands.execute('notebook:trust')")
    notebook.page.get_by_role("dialog").get_by_role("button", name="Trust").click()


def edit_elsewhere(path: Path) -> None:
    """Another editor: it knows nothing of ids, and writes an older format."""
    notebook = json.loads(path.read_text("utf-8")) | {"nbformat_minor": 4}
    for cell in notebook["cells"]:
        del cell["id"]
    path.write_text(json.dumps(notebook), "utf-8")


def points(project: Path) -> str:
    return "\n".join(
        line for line in str(progress(project / "workspace")).splitlines() if line[:2] in ("03", "07")
    )


def live_elsewhere(context: BrowserContext, other: Path) -> None:
    """Another editor and another Jupyter, which trusts nothing of this; in the end the kernel is lost."""
    for lecture in LECTURES:
        edit_elsewhere(path_of(other, lecture))
    with jupyter_lab(other) as server:
        for lecture in LECTURES:
            notebook = Notebook(context, server, lecture.name)
            expect_all_is_there(notebook, other, lecture)
            expect_untrusted_and_why(notebook, lecture)
            trust(notebook)
            expect_sweep_answers(notebook, lecture)
            notebook.save()
            notebook.close()
            notebook = Notebook(context, server, lecture.name)
            expect_sweep_answers(notebook, lecture)
            notebook.close()
        notebook = Notebook(context, server, LECTURES[0].name)
        expect_all_wakes(notebook, LECTURES[0])
        lose_the_kernel(notebook, LECTURES[0])
        notebook.page.close()


def test_three_days(context: BrowserContext, project: Path, tmp_path: Path):
    with jupyter_lab(project) as server:
        for lecture in LECTURES:
            learn(context, server, project, lecture)
            come_back_while_it_runs(context, server, project, lecture)
    earned = points(project)

    change_the_course(project)
    with jupyter_lab(project) as server:
        for lecture in LECTURES:
            notebook = Notebook(context, server, lecture.name)
            expect_all_is_there(notebook, project, lecture)
            expect_sweep_answers(notebook, lecture)
            expect_all_wakes(notebook, lecture)
            expect_kept(notebook, lecture.typed, lecture.words)
            notebook.save()
            notebook.close()

    other = take_elsewhere(project, tmp_path / "other")
    assert points(project) == earned
    live_elsewhere(context, other)
    assert points(other) == earned
