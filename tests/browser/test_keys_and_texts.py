"""Controls in JupyterLab: keys that are pressed in them stay there, and whatever is typed is answered."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.jupyter import PANEL, Notebook, open_notebook, project_with

NAME = "controls.ipynb"
CELLS = {
    "predict": """from course_lib.exercises import predict
from samples import every_kind, typed
predict("Does it decay?", "at once", "slowly", "never")""",
    "sweep": "every_kind()",
    "live": "typed()",
    "heads": """from course_lib.lectures.multi_head_attention.heads_explorer import typed_heads
from samples import ANSWERS, attended, read_words
typed_heads(attended(), "the old bank", read_words, ANSWERS)""",
    "note": "'the last cell'",
}
COMMANDS = ("d", "d", "a", "b", "x", "z", "m", "y", "0", "0", "ArrowDown", "Enter")
"""Keys by which JupyterLab deletes, adds, cuts, changes and selects cells, or restarts the kernel."""
TEXTS = {
    "boat \ud83d": "“boat” is not one of the words the, old, bank, near, water.",
    "half \ud83d": "“half” is not one of the words",
    "\ud83d": "“�” is not one of the words",
    "👩\u200d👩\u200d👧": "“👩\u200d👩\u200d👧” is not one of the words",
    "은행": "“은행” is not one of the words",
    "שלום": "“שלום” is not one of the words",
    "a\0b": "“a\0b” is not one of the words",
    "the " * 500: "Type 1 to 40 tokens; these are 500.",
    "   ": "Type 1 to 40 tokens; these are 0.",
}
ANSWERED = 20_000
"""Milliseconds that an answer may take on a busy machine."""
FOCUSABLE = "input, select, button, [tabindex='0']"


@pytest.fixture(scope="module")
def notebook(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    project = project_with(tmp_path_factory.mktemp("project"), NAME, CELLS)
    with open_notebook(browser, project, NAME) as notebook:
        yield notebook


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


def test_whatever_is_typed_is_answered(notebook: Notebook):
    problems: list[str] = []
    notebook.page.on("pageerror", lambda error: problems.append(str(error)))
    view = notebook.explorer("heads")
    box, status = view.root.get_by_role("textbox", name="text"), view.root.locator("[role=status]")
    for text, line in TEXTS.items():
        # As an escape, half a letter comes through to the page.
        box.evaluate(
            "(box, text) => { box.value = JSON.parse(text); box.dispatchEvent(new Event('input')); }",
            json.dumps(text),
        )
        expect(status).to_contain_text(line, timeout=ANSWERED)
        expect(view.root).not_to_contain_class("waiting")
    box.fill("")
    notebook.page.keyboard.insert_text("the old\nbank near\r\nwater")
    expect(status).to_be_hidden(timeout=ANSWERED)
    expect(view.plot("head 1").locator("canvas")).to_have_attribute("width", "5")
    assert problems == []
