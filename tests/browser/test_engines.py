"""Explorers draw and answer in Firefox and in WebKit as they do in Chromium, which the other tests use."""

import json
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from course_lib.explore import Explorer
from tests.browser.engines import ARROW_RIGHT, ENGINES, Tab
from tests.browser.view import PAGE, TITLES, html, minus
from tests.explore.samples import STEPS, UNITS, chosen, every_kind, wave
from tests.layout.hard_panels import hard_panels

Shown = Callable[[Explorer], Tab]

HARD = ("ten tokens", "curves", "graphs")
LISTEN = """<meta charset="utf-8"><script>
  window.problems = [];
  const note = (problem) => window.problems.push(String(problem));
  const later = /^ResizeObserver loop/; // a picture fits itself to its new size in the next frame
  addEventListener("error", ({ message }) => later.test(message) || note(message));
  addEventListener("unhandledrejection", (event) => note(event.reason));
  console.error = console.warn = note;
</script>"""
FIGURES = '[...document.querySelectorAll("section.explorer figure")]'
TITLE = 'figure.querySelector("strong").textContent'
PICTURE = """(figure.querySelector("canvas")?.toDataURL()
    ?? [...figure.querySelectorAll(".plot svg")].map((svg) => svg.outerHTML).join(""))"""
PAINTED = """((plot) => {
    const shapes = [...plot.querySelectorAll("path, rect, circle")].some((shape) => {
        const box = shape.getBoundingClientRect();
        return box.width + box.height > 0 && getComputedStyle(shape).visibility === "visible";
    });
    const canvas = plot.querySelector("canvas");
    const pixels = canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const box = plot.getBoundingClientRect();
    return box.width > 40 && box.height > 20 && (shapes || Boolean(pixels?.some((part) => part)));
})(figure.querySelector(".plot"))"""


@pytest.fixture(scope="module", params=ENGINES)
def tab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as tab:
        yield tab


class Quiet(SimpleHTTPRequestHandler):
    """Gives the files of a folder, and writes nothing."""

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 (its name there)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and its address; of a page that comes from a file WebKit does not say what went wrong."""
    folder = tmp_path_factory.mktemp("pages")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def shown(tab: Tab, folder: tuple[Path, str]) -> Iterator[Shown]:
    """Show an explorer in a tab; the page must not complain."""

    def open_page(explorer: Explorer) -> Tab:
        place, address = folder
        page = f"{uuid.uuid4().hex}.html"  # a name used before could come from the browser's cache
        (place / page).write_text(PAGE.format(style="", outputs=LISTEN + html(explorer)), "utf-8")
        tab.open(f"{address}/{page}")
        tab.wait_for('document.querySelector("section.explorer .plot")')
        return tab

    yield open_page
    assert tab.evaluate("window.problems") == []


def of_each_figure(tab: Tab, expression: str) -> dict[str, str]:
    """What an expression of `figure` is in each, by title."""
    return tab.evaluate(f"Object.fromEntries({FIGURES}.map((figure) => [{TITLE}, {expression}]))")


def point_at(tab: Tab, title: str, x: float, y: float) -> None:
    """Move the pointer to a place of a plot, given as parts of its width and height."""
    figure = f"{FIGURES}.find((figure) => {TITLE} === {json.dumps(title)})"
    box = tab.evaluate(
        f"""((plot) => {{
            plot.scrollIntoView({{ block: "center" }});
            return plot.getBoundingClientRect().toJSON();
        }})({figure}.querySelector(".plot"))"""
    )
    tab.point(box["x"] + x * box["width"], box["y"] + y * box["height"])


def reading(tab: Tab, title: str) -> str:
    return of_each_figure(tab, 'figure.querySelector(".reading").textContent')[title]


def test_every_kind_of_panel_is_drawn(shown: Shown):
    tab = shown(every_kind())
    assert of_each_figure(tab, PAINTED) == dict.fromkeys(TITLES, True)


@pytest.mark.parametrize("name", HARD)
def test_hard_panels_are_drawn_within_the_page(shown: Shown, name: str):
    tab = shown(hard_panels()[name])
    assert set(of_each_figure(tab, PAINTED).values()) == {True}
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_arrow_keys_on_the_slider_change_every_picture(shown: Shown):
    tab = shown(every_kind())
    before = of_each_figure(tab, PICTURE)
    slider = "document.querySelector('[aria-label=\"strength\"]')"
    tab.evaluate(f"{slider}.focus()")
    tab.press(ARROW_RIGHT)
    tab.wait_for(f'{slider}.getAttribute("aria-valuetext") === "3"')
    after = of_each_figure(tab, PICTURE)
    assert [title for title in TITLES if after[title] == before[title]] == []


def test_pointing_reads_the_number_in_every_panel_with_the_axis(shown: Shown):
    tab = shown(every_kind())
    numbers = wave(2, False, "single")
    for unit, step in [(0, 1), (UNITS - 1, 3)]:
        point_at(tab, "a map", (step + 0.5) / STEPS, (unit + 0.5) / UNITS)
        assert reading(tab, "a map") == minus(numbers[unit, step])
        assert reading(tab, "curves") == f"one {minus(numbers[0, step])}, two {minus(numbers[1, step])}"


def test_pointing_chooses_what_another_panel_draws(shown: Shown):
    tab = shown(chosen())
    before = of_each_figure(tab, PICTURE)["one unit"]
    point_at(tab, "a map", 0.9, 0.1)
    assert of_each_figure(tab, PICTURE)["one unit"] != before
