"""A page that nbconvert makes of a learner's notebook: it lives without a kernel, and can be printed."""

import numpy as np
import pytest
from nbconvert.exporters import HTMLExporter
from playwright.sync_api import BrowserContext, Page, Route, expect

from course_lib.explore import Heat, show
from tests.browser.view import PAGE, TITLES, View
from tests.explore.samples import every_kind
from tests.notebooks.test_export import learners_notebook

PAPER = """
<style>
  .explorer-seat { width: 40rem; }
  main { columns: 40rem; column-fill: auto; height: 56rem; }
</style>"""
"""Columns as wide and as high as pages: what a page cuts, a column cuts too."""


UNTOLD = """
const Observer = ResizeObserver;
window.ResizeObserver = class extends Observer {
  constructor(heard) {
    super((...sizes) => window.onPaper || heard(...sizes));
  }
};"""
"""A browser that prints does not tell a page its new sizes; one that shows it as on paper does."""


@pytest.fixture(scope="module")
def html() -> str:
    return HTMLExporter().from_notebook_node(learners_notebook())[0]


def offline(route: Route) -> None:
    """Refuse what nbconvert's own template would take from the network."""
    route.abort()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.route("**/*", offline)
    return page


def test_sweeps_move_and_the_rest_stands_there(page: Page, html: str):
    page.set_content(html)
    view = View(page.locator("body"))
    before = view.picture("a map")
    view.slider("strength").press("ArrowRight")
    assert view.picture("a map") != before
    expect(page.get_by_role("img", name="typed word")).to_be_visible()
    expect(page.get_by_text("You predicted: yes")).to_be_visible()
    expect(page.get_by_text("2 of 3 points")).to_be_visible()


def test_no_page_cuts_a_panel(page: Page):
    output = every_kind()._repr_mimebundle_()[0]["text/html"]
    page.set_content(PAGE.format(style="", outputs=output + PAPER))
    view = View(page.locator("main"))
    page.emulate_media(media="print")
    parts = {title: view.figure(title).evaluate("f => f.getClientRects().length") for title in TITLES}
    assert parts == dict.fromkeys(TITLES, 1)
    pages = {view.figure(title).evaluate("f => f.getBoundingClientRect().left") for title in TITLES}
    assert len(pages) > 1


def test_paper_has_no_sliders(page: Page, html: str):
    page.set_content(html)
    view = View(page.locator("body"))
    slider, value = view.slider("strength"), view.root.locator("label", has_text="strength")
    expect(slider).to_be_visible()
    page.emulate_media(media="print")
    expect(slider).to_be_hidden()
    expect(value).to_contain_text("2")
    expect(page.get_by_text("Run this cell to answer.")).to_be_hidden()
    expect(page.get_by_text("You predicted: yes")).to_be_visible()


def test_names_stand_at_their_rows_on_paper(page: Page):
    page.add_init_script(UNTOLD)
    page.goto("about:blank")
    words = list("abcdefghijkl")
    square = Heat(title="map", data=np.eye(12), x="key", y="query", x_names=words, y_names=words)
    page.set_content(
        PAGE.format(style="", outputs=show("square", square)._repr_mimebundle_()[0]["text/html"])
    )
    view = View(page.locator("main"))
    before, width = view.ticks("map", "y"), view.plot("map").evaluate("plot => plot.clientWidth")
    page.evaluate("window.onPaper = true")
    page.emulate_media(media="print")
    assert view.plot("map").evaluate("plot => plot.clientWidth") < 0.8 * width
    assert view.ticks("map", "y") == pytest.approx(before, abs=0.02)
