"""The explorers of lectures 10 to 12 in a real JupyterLab: two sweeps, and two that ask the kernel."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.jupyter import Notebook, open_notebook, project_with

NAME = "transformers.ipynb"
CELLS = {
    "encoder": """import torch
from course_lib.data import backwards
from course_lib.lectures.encoder.encoder_explorer import encoder
from course_lib.models import transformer
from course_lib.models.encoder_classifier import EncoderClassifier
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(1)
symbols = len(backwards.SYMBOLS)
stack = transformer.make_encoder(2, d_model=16, heads=2, hidden=8, generator=generator)
reader = EncoderClassifier(symbols, steps=6, encoder=stack, classes=symbols, generator=generator)
encoder(reader, backwards.encode(["bead"]).tokens[0], list("bead"), list(backwards.SYMBOLS))""",
    "patches": """from course_lib.lectures.beyond_text.patches_explorer import patches
from course_lib.models.vision import PatchEmbedding, VisionTransformer
embedding = PatchEmbedding(8, 2, 8, generator)
viewer = VisionTransformer(embedding, 10, layers=2, heads=2, generator=generator)
patches(viewer, torch.rand(2, 8, 8, generator=generator), [3, 0])""",
    "translation": """from course_lib.data import dates
from course_lib.lectures.decoder.translation_explorer import translation
from course_lib.models.translation import TransformerTranslator
translation(TransformerTranslator(len(dates.VOCABULARY), 16, 2, generator))""",
    "paint": """from course_lib.data import captions
from course_lib.lectures.beyond_text.paint_explorer import paint
from course_lib.models.text_to_image import Codebook, Painter
painter = Painter(len(captions.VOCABULARY), 9, captions.LONGEST + 15, 8, 2, generator)
paint(painter, Codebook(torch.rand(9, 16, generator=generator), size=4))""",
}


@pytest.fixture(scope="module")
def notebook(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    project = project_with(tmp_path_factory.mktemp("project"), NAME, CELLS)
    with open_notebook(browser, project, NAME) as notebook:
        yield notebook


def test_the_stream_of_each_token_is_shown_and_padding_read_without_a_mask(notebook: Notebook):
    view = notebook.explorer("encoder")
    before = view.picture("residual stream of one token")
    view.slider("query").focus()
    notebook.page.keyboard.press("ArrowRight")
    assert view.picture("residual stream of one token") != before
    title = "what each token reads"
    assert "padding is 0%" in view.caption(title)
    view.root.get_by_role("checkbox", name="mask").uncheck()
    assert "padding is 0%" not in view.caption(title)


def test_a_patch_is_chosen_by_the_keyboard(notebook: Notebook):
    view = notebook.explorer("patches")
    before = view.picture("layer 1 reads")
    view.slider("reader").focus()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("ArrowRight")
    assert view.picture("layer 1 reads") != before


def test_a_date_is_typed_and_a_word_dropped(notebook: Notebook):
    view = notebook.explorer("translation")
    view.root.get_by_role("textbox", name="text").fill("Monday, May 10")
    reads = view.plot("mean of the heads").locator("canvas")
    expect(reads).to_have_attribute("width", "5")
    view.root.get_by_role("combobox", name="change").select_option("drop")
    expect(reads).to_have_attribute("width", "4")
    view.root.get_by_role("textbox", name="text").fill("Monday, Mai 10")
    expect(view.root.locator("[role=status]")).to_contain_text("Mai")


def test_a_picture_appears_patch_by_patch(notebook: Notebook):
    view = notebook.explorer("paint")
    view.root.get_by_role("textbox", name="text").fill("a thin two")
    expect(view.figure("the whole picture").locator(".caption")).to_contain_text("a thin two")
    before = view.picture("so far")
    view.slider("patch").focus()
    notebook.page.keyboard.press("ArrowRight")
    assert view.picture("so far") != before
    view.root.get_by_role("textbox", name="text").fill("a blue two")
    expect(view.root.locator("[role=status]")).to_contain_text("“blue” is not one of the")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("cell", CELLS)
def test_axe_finds_nothing(notebook: Notebook, cell: str, theme: Literal["light", "dark"]):
    notebook.assert_accessible(cell, theme)


def test_nothing_was_asked_of_another_host(notebook: Notebook):
    assert notebook.strays == []
