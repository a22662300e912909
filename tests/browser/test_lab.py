"""Explorers in a real JupyterLab: a sweep without a kernel, and a live one fed by it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect

from course_lib.explore.palette import LINES
from course_lib.lectures.multi_head_attention.heads_explorer import heads
from course_lib.lectures.vanishing_gradients.gradient_flow_explorer import gradient_flow
from tests.browser.jupyter import Notebook, jupyter_lab, project_with
from tests.browser.view import View, assert_map, map_colours
from tests.explore.samples import ANSWERS, WORDS, attended, every_kind, gated, read_words, wave

NAME = "explorers.ipynb"
LINKS = "what each token reads"
CELLS = {
    "sweep": """import torch
from samples import ANSWERS, WORDS, attended, every_kind, gated, read_words, typed
torch.set_default_dtype(torch.float64)
every_kind()""",
    "live": "typed()",
    # Every word that is run is written down; while the file `hold` is there, the kernel stays busy.
    "slow": """import time
from pathlib import Path
from course_lib.explore import Explorer, Text
def slow(word):
    with open("words", "a") as words:
        print(word, file=words)
    while Path("hold").exists():
        time.sleep(0.01)
    return typed().picture(word)
slow_word = Explorer(slow, {"word": Text("abc")}, name="slow word")
slow_word""",
    "setting": "slow_word.setting",
    "flow": """from course_lib.lectures.vanishing_gradients.gradient_flow_explorer import gradient_flow
gradient_flow()""",
    "gates": """from course_lib.lectures.lstm import gates_explorer as gates
model, inputs = gated()
gates.gates(model, inputs)""",
    "heads": """from course_lib.lectures.multi_head_attention.heads_explorer import heads, typed_heads
heads(attended(), torch.arange(5), WORDS, ANSWERS)""",
    "typed-heads": "typed_heads(attended(), 'the old bank', read_words, ANSWERS)",
    "attention": """from course_lib.lectures.self_attention.attention_explorer import attention
from course_lib.lectures.self_attention.attention_explorer import typed_attention
from course_lib.models.attention import SelfAttention
generator = torch.Generator().manual_seed(1)
layer, vectors = SelfAttention(6, 5, 4, generator), torch.randn(5, 6, generator=generator)
attention(layer, vectors, WORDS)""",
    "typed-attention": """def vectors_of(text):
    tokens, words = read_words(text)
    return vectors[tokens], words
typed_attention(layer, "the old bank", vectors_of)""",
    "positions": """from course_lib.lectures.positional_encoding.positions_explorer import positions
positions()""",
    # Every text that is read is written down; while the file `hold` is there, the kernel stays busy.
    "typed-gates": """def read(text):
    with open("texts", "a") as texts:
        print(text, file=texts)
    while Path("hold").exists():
        time.sleep(0.01)
    return gates.read_marked_numbers(text)
gates.typed_gates(model, "0.3* 0.5", read)""",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_with(tmp_path_factory.mktemp("project"), NAME, CELLS)


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[str]:
    with jupyter_lab(project) as url:
        yield url


@pytest.fixture(scope="module")
def notebook(browser: Browser, server: str) -> Iterator[Notebook]:
    """The notebook with every cell run, for all tests of this module."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    notebook = Notebook(context, server, NAME)
    notebook.run_all()
    yield notebook
    context.close()


@pytest.fixture
def sweep(notebook: Notebook) -> View:
    return notebook.explorer("sweep")


@pytest.fixture
def live(notebook: Notebook) -> View:
    return notebook.explorer("live")


def letters(word: str) -> np.ndarray:
    return np.array([[ord(letter) - ord("a") for letter in word]])


def test_a_sweep_draws_all_its_panels(sweep: View):
    assert sweep.root.locator("figure").count() == 8
    assert_map(sweep, "a map", wave(2, False, "single"), (-1, 1))


def test_the_arrow_keys_reach_the_sliders(sweep: View, notebook: Notebook):
    sweep.slider("strength").focus()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("ArrowRight")
    assert_map(sweep, "a map", wave(4, False, "single"), (-1, 1))
    notebook.page.keyboard.press("ArrowLeft")
    assert_map(sweep, "a map", wave(3, False, "single"), (-1, 1))
    sweep.slider("time step").focus()
    notebook.page.keyboard.press("ArrowLeft")
    assert sweep.slider("time step").get_attribute("aria-valuetext") == "2"


def test_the_arrow_keys_reach_a_picture_and_a_choice(sweep: View, notebook: Notebook):
    sweep.plot("a map").focus()
    notebook.page.keyboard.press("ArrowDown")
    first = sweep.reading("a map")
    notebook.page.keyboard.press("ArrowDown")
    assert "" != first != sweep.reading("a map") != ""
    assert sweep.plot("a map").evaluate("plot => plot === document.activeElement")
    choice = sweep.root.get_by_role("combobox", name="size")
    choice.focus()
    notebook.page.keyboard.press("ArrowDown")
    assert choice.input_value() == "1"
    choice.select_option("single")


def test_dragging_moves_the_picture(sweep: View, notebook: Notebook):
    sweep.slider("strength").fill("0")
    box = sweep.slider("strength").bounding_box()
    assert box
    mouse = notebook.page.mouse
    mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    mouse.down()
    pictures = []
    for part in (0.33, 0.67, 0.98):
        mouse.move(box["x"] + part * box["width"], box["y"] + box["height"] / 2)
        pictures.append(sweep.picture("curves"))
    mouse.up()
    assert len(set(pictures)) == 3
    assert_map(sweep, "a map", wave(4, False, "single"), (-1, 1))


def test_typing_changes_a_live_picture(live: View, notebook: Notebook):
    assert_map(live, "letters", letters("abc"), (0, 25))
    word = live.root.get_by_role("textbox", name="word")
    word.press("End")
    notebook.page.keyboard.type("xyz")
    expect(live.figure("letters").locator(".caption")).to_contain_text("“abcxyz” has 6 letters")
    assert_map(live, "letters", letters("abcxyz"), (0, 25))
    expect(live.root).not_to_contain_class("waiting")
    assert word.evaluate("input => input === document.activeElement")


@pytest.mark.parametrize(
    ("word", "complaint"),
    [("", "Type at least one letter."), ("`", "ZeroDivisionError: division by zero")],
)
def test_a_bad_word_is_complained_of_and_the_picture_stays(live: View, word: str, complaint: str):
    box = live.root.get_by_role("textbox", name="word")
    box.fill("cab")
    expect(live.figure("letters").locator(".caption")).to_contain_text("“cab”")
    box.fill(word)
    expect(live.root.locator("[role=status]")).to_have_text(complaint)
    assert_map(live, "letters", letters("cab"), (0, 25))
    box.fill("bad")
    expect(live.figure("letters").locator(".caption")).to_contain_text("“bad”")
    expect(live.root.locator("[role=status]")).to_be_hidden()


def test_the_newest_setting_wins(notebook: Notebook, project: Path):
    view = notebook.explorer("slow")
    workspace = project / "workspace"
    (workspace / "words").write_text("")
    (workspace / "hold").touch()
    word = view.root.get_by_role("textbox", name="word")
    word.press("End")
    for letter in "defgh":
        notebook.page.keyboard.press(letter)
        notebook.page.wait_for_timeout(50)
    expect(view.root).to_contain_class("waiting")
    shown = view.root.locator(".controls").evaluate("bar => getComputedStyle(bar, '::after').content")
    assert shown == '"computing"'
    assert_map(view, "letters", letters("abc"), (0, 25))
    (workspace / "hold").unlink()
    expect(view.figure("letters").locator(".caption")).to_contain_text("“abcdefgh”")
    expect(view.root).not_to_contain_class("waiting")
    assert_map(view, "letters", letters("abcdefgh"), (0, 25))
    assert (workspace / "words").read_text().split() == ["abcd", "abcdefgh"]
    notebook.run("setting")
    expect(notebook.output("setting")).to_contain_text("{'word': 'abcdefgh'}")


def gate(name: str, inputs: torch.Tensor, **held: float) -> np.ndarray:
    with torch.no_grad():
        return gated()[0](inputs[None], held=held)[1].gates[name][0].T.numpy()


def test_gates_are_scrubbed_within_a_frame(notebook: Notebook):
    view = notebook.explorer("gates")
    forget = gate("forget", gated()[1])
    assert_map(view, "forget gate f", forget, (0, 1))
    for step, unit in [(3, 1), (8, 4)]:
        for name, place in (("time step", step), ("unit", unit)):
            view.slider(name).fill(str(place))
        assert view.reading("forget gate f") == f"{forget[unit, step]:.2f}"
        curve = [up for _, up in view.curve("one unit", 1)]  # after the input gate's
        np.testing.assert_allclose(curve, (forget[unit] + 1.05) / 2.1, atol=2e-4)
    view.slider("time step").focus()
    changed = view.root.evaluate(
        """root => {
            const scrub = root.querySelector("[aria-label='time step']");
            const reading = () => root.querySelectorAll(".reading")[3].textContent;
            const before = reading();
            scrub.value = 2;
            scrub.dispatchEvent(new Event("input"));
            return new Promise((done) => requestAnimationFrame(() => done(before !== reading())));
        }"""
    )
    assert changed


def test_a_held_gate_and_a_moved_bias_are_shown(notebook: Notebook):
    view = notebook.explorer("gates")
    inputs = gated()[1]
    view.root.get_by_role("combobox", name="held gate").select_option("input at 1")
    assert_map(view, "input gate i", np.ones((6, 9)), (0, 1))
    assert_map(view, "forget gate f", gate("forget", inputs, input=1), (0, 1))
    assert "As trained" in view.caption("read-out")
    view.root.get_by_role("combobox", name="held gate").select_option("none")
    view.slider("added to forget bias").focus()
    notebook.page.keyboard.press("ArrowRight")
    assert view.slider("added to forget bias").get_attribute("aria-valuetext") == "1"
    assert (view.colours("forget gate f") != map_colours(gate("forget", inputs), (0, 1)).round()).any()


def test_typed_gates_answer_and_complain(notebook: Notebook):
    view = notebook.explorer("typed-gates")
    box = view.root.get_by_role("textbox", name="sequence")
    first = torch.tensor([[0.3, 1], [0.5, 0]], dtype=torch.float64)
    assert_map(view, "forget gate f", gate("forget", first), (0, 1))
    box.press("End")
    notebook.page.keyboard.type(" -1*")
    longer = torch.cat([first, torch.tensor([[-1.0, 1]], dtype=torch.float64)])
    expect(view.plot("forget gate f").locator("canvas")).to_have_attribute("width", "3")
    assert_map(view, "forget gate f", gate("forget", longer), (0, 1))
    for text, complaint in {
        "": "Type 1 to 60 steps; these are 0.",
        "0.5 x": "“x” is not a number; type numbers as in 0.3* 0.5 0.9*",
        "0.5 nan": "Step 2 is not a finite number.",
        "1 " * 61: "Type 1 to 60 steps; these are 61.",
    }.items():
        box.fill(text)
        expect(view.root.locator("[role=status]")).to_have_text(complaint)
        assert_map(view, "forget gate f", gate("forget", longer), (0, 1))
    box.fill("0.3* 0.5")
    expect(view.root.locator("[role=status]")).to_be_hidden()
    assert_map(view, "forget gate f", gate("forget", first), (0, 1))


def test_typed_gates_drop_what_is_out_of_date(notebook: Notebook, project: Path):
    view = notebook.explorer("typed-gates")
    workspace = project / "workspace"
    view.root.get_by_role("textbox", name="sequence").fill("1")
    expect(view.plot("forget gate f").locator("canvas")).to_have_attribute("width", "1")
    expect(view.root).not_to_contain_class("waiting")
    (workspace / "texts").write_text("")
    (workspace / "hold").touch()
    view.root.get_by_role("textbox", name="sequence").press("End")
    for letter in " 2 3 4":
        notebook.page.keyboard.press("Space" if letter == " " else letter)
        notebook.page.wait_for_timeout(50)
    expect(view.root).to_contain_class("waiting")
    (workspace / "hold").unlink()
    expect(view.plot("forget gate f").locator("canvas")).to_have_attribute("width", "4")
    expect(view.root).not_to_contain_class("waiting")
    assert (workspace / "texts").read_text().splitlines() == ["1 ", "1 2 3 4"]


def test_heads_are_pointed_at_and_removed(notebook: Notebook):
    view = notebook.explorer("heads")
    shares = heads(attended(), torch.arange(len(WORDS)), WORDS, ANSWERS)()[0].data
    view.plot(LINKS).focus()
    notebook.page.keyboard.press("ArrowDown")
    assert view.reading(LINKS) == f"“{WORDS[0]}” reads"
    readings = view.figure(LINKS).locator(".heads b")
    expect(readings).to_have_text([f"{WORDS[row.argmax()]} {row.max():.2f}" for row in shares[:, 0]])
    view.root.get_by_role("checkbox", name="head 1", exact=True).uncheck()
    expect(readings.first).to_have_text("removed")


def test_typed_heads_answer_and_complain(notebook: Notebook):
    view = notebook.explorer("typed-heads")
    box = view.root.get_by_role("textbox", name="text")

    def expected(text: str, **setting: bool) -> np.ndarray:
        return heads(attended(), *read_words(text), ANSWERS)(**setting)[-1].data

    box.press("End")
    notebook.page.keyboard.type(" near water")
    expect(view.plot("head 1").locator("canvas")).to_have_attribute("width", "5")
    expect(view.plot(LINKS).locator(".names").first.locator("span")).to_have_text([*WORDS])
    read_out = "read-out, probabilities"
    assert_map(view, read_out, expected(" ".join(WORDS)), (0, 1))
    for text, complaint in {
        "": "Type 1 to 40 tokens; these are 0.",
        "the boat": "“boat” is not one of the words the, old, bank, near, water.",
    }.items():
        box.fill(text)
        expect(view.root.locator("[role=status]")).to_have_text(complaint)
        assert_map(view, read_out, expected(" ".join(WORDS)), (0, 1))
    box.fill("water bank")
    expect(view.root.locator("[role=status]")).to_be_hidden()
    view.root.get_by_role("checkbox", name="head 3", exact=True).uncheck()
    expect(view.figure(read_out).locator(".caption")).to_contain_text("Without head 3")
    assert_map(view, read_out, expected("water bank", head_3=False), (0, 1))


def test_typed_attention_answers_and_complains(notebook: Notebook):
    view = notebook.explorer("typed-attention")
    box = view.root.get_by_role("textbox", name="text")
    box.fill("water the old water")
    expect(view.plot("weights").locator("canvas")).to_have_attribute("width", "4")
    assert view.slider("query").get_attribute("aria-valuetext") == "water"
    cells = view.plot("weights").locator(".cells span")
    expect(cells).to_have_count(16)
    first, *_, last = cells.all_inner_texts()[:4]
    assert first == last  # of the same word
    box.fill("boat")
    expect(view.root.locator("[role=status]")).to_contain_text("“boat” is not one of the words")
    expect(cells).to_have_count(16)


def test_the_gradients_way_is_followed(notebook: Notebook):
    view = notebook.explorer("flow")
    title = "gradient of the last state"
    assert view.caption(title).endswith("it vanishes.")
    view.slider("gain").focus()
    for _ in range(3):
        notebook.page.keyboard.press("ArrowRight")
    assert view.slider("gain").get_attribute("aria-valuetext") == "3"
    assert view.caption(title).endswith("it explodes.")
    view.root.get_by_role("combobox", name="activation").select_option("sigmoid")
    assert view.caption(title).endswith("it vanishes.")
    view.plot(title).focus()
    notebook.page.keyboard.press("ArrowRight")
    expected = gradient_flow()(gain=3.0, activation="sigmoid")[0].data[0, 0]
    number = view.reading(title).partition(",")[0].removeprefix("gradient ")
    assert float(number) == pytest.approx(expected, rel=0.01)


def test_a_view_that_is_made_anew_goes_on(notebook: Notebook):
    """As when a cell's output is moved, or shown in a tab of its own."""
    first = notebook.explorer("live")
    first.root.get_by_role("textbox", name="word").fill("old")
    expect(first.figure("letters").locator(".caption")).to_contain_text("“old”")
    notebook.command("notebook:create-output-view")
    view = View(notebook.page.locator(".jp-LinkedOutputView"))
    box = view.root.get_by_role("textbox", name="word")
    assert box.input_value() == "old"
    assert_map(view, "letters", letters("old"), (0, 25))
    for word in ("new", "newer"):
        box.fill(word)
        expect(view.figure("letters").locator(".caption")).to_contain_text(f"“{word}”")
        expect(view.root).not_to_contain_class("waiting")
    notebook.close_other_tabs()


def test_the_colours_follow_the_theme(sweep: View, live: View, notebook: Notebook):
    sweep.slider("strength").fill("1")
    for theme in ("dark", "light"):
        notebook.use_theme(theme)
        for view in (sweep, live):
            assert view.style("--line0") == LINES[theme][0]
        assert_map(sweep, "a table", every_kind()()[5].data, (0, 1), theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "cell",
    ["sweep", "live", "flow", "gates", "typed-gates", "heads", "typed-heads", "attention", "positions"],
)
def test_axe_finds_nothing(notebook: Notebook, cell: str, theme: Literal["light", "dark"]):
    notebook.assert_accessible(cell, theme)


def test_a_reopened_sweep_still_moves(browser: Browser, server: str, notebook: Notebook):
    notebook.save()
    notebook.command("notebook:shutdown-kernel")
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    reopened = Notebook(context, server, NAME)
    view = reopened.explorer("sweep")
    view.slider("strength").focus()
    reopened.page.keyboard.press("ArrowRight")
    assert_map(view, "a map", wave(3, False, "single"), (-1, 1))
    assert reopened.strays == []
    context.close()


def test_nothing_was_asked_of_another_host(notebook: Notebook):
    assert notebook.strays == []
