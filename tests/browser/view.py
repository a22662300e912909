"""An explorer's view as a reader meets it: by role, by name, and by what is drawn."""

import re
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from course_lib.explore import Explorer
from course_lib.explore.palette import colour_ends, colour_map

PAGE = """<!doctype html>
<html lang="en"><title>explorer</title><body style="{style}"><main>{outputs}</main></body></html>"""
DARK = "background: #111; color: #ddd; --jp-ui-font-color1: #ddd; --jp-ui-font-color2: #bbb;"
TITLES = ("a map", "curves", "bars", "a way", "a graph", "a table", "a product", "who reads whom")
"""The panels of `every_kind`."""

Shown = Callable[..., Page]


@cache
def html(explorer: Explorer) -> str:
    """What the explorer puts on a page."""
    return explorer._repr_mimebundle_()[0]["text/html"]


class View:
    """The view of one explorer within `root`."""

    def __init__(self, root: Locator) -> None:
        self.root = root.locator("section.explorer")
        self.root.locator(".plot").first.wait_for()

    def slider(self, name: str) -> Locator:
        return self.root.get_by_role("slider", name=name, exact=True)

    def figure(self, title: str) -> Locator:
        heading = self.root.page.locator("strong", has_text=re.compile(f"^{re.escape(title)}$"))
        return self.root.locator("figure").filter(has=heading)

    def plot(self, title: str) -> Locator:
        return self.figure(title).locator(".plot")

    def caption(self, title: str) -> str:
        return self.figure(title).locator(".caption").inner_text()

    def reading(self, title: str) -> str:
        return self.figure(title).locator(".reading").inner_text()

    def picture(self, title: str) -> str:
        """Everything that is drawn, as a text that differs when the picture does."""
        return self.plot(title).evaluate(
            """plot => plot.querySelector("canvas")?.toDataURL()
                ?? [...plot.querySelectorAll("svg")].map((svg) => svg.outerHTML).join("")"""
        )

    def colours(self, title: str) -> NDArray[np.uint8]:
        """The colours of a map's cells (row, column, channel)."""
        pixels = self.plot(title).evaluate(
            """plot => {
                const { width, height } = plot.querySelector("canvas");
                const scratch = new OffscreenCanvas(width, height);
                const copy = scratch.getContext("2d", { willReadFrequently: true });
                copy.drawImage(plot.querySelector("canvas"), 0, 0);
                return [height, width, ...copy.getImageData(0, 0, width, height).data];
            }"""
        )
        return np.array(pixels[2:], dtype=np.uint8).reshape(*pixels[:2], 4)

    def curve(self, title: str, line: int) -> list[tuple[float, float]]:
        """A curve's points as parts of the plot, from the left and from the bottom."""
        way = self.plot(title).locator("path.line, path.dots").nth(line).get_attribute("d")
        points = re.findall(r"[ML]([\d.]+) ([\d.]+)", way or "")
        return [(float(x) / 1000, 1 - float(y) / 1000) for x, y in points]

    def ticks(self, title: str, side: str) -> dict[str, float]:
        """Where the middle of each tick's text stands, as a part of the plot from the left or the bottom."""
        return self.figure(title).evaluate(
            """(figure, side) => {
                const plot = figure.querySelector(".plot").getBoundingClientRect();
                const part = (box) => side === "x"
                    ? ((box.left + box.right) / 2 - plot.left) / plot.width
                    : (plot.bottom - (box.top + box.bottom) / 2) / plot.height;
                const ticks = [...figure.querySelectorAll(`.axis.${side} .ticks span`)];
                const entry = (tick) => [tick.textContent, part(tick.getBoundingClientRect())];
                return Object.fromEntries(ticks.map(entry));
            }""",
            side,
        )

    def grid(self, title: str) -> list[float]:
        """How high the horizontal lines of the grid stand, as parts of the plot from the bottom."""
        box = "line => [line.getBoundingClientRect(), line.closest('.plot').getBoundingClientRect()]"
        boxes = [line.evaluate(box) for line in self.plot(title).locator("path.grid[d*=H]").all()]
        return [
            (plot["bottom"] - (line["top"] + line["bottom"]) / 2) / plot["height"] for line, plot in boxes
        ]

    def legend(self, title: str) -> list[tuple[str, str]]:
        """The names of the legend, each with the picture of its sample in CSS."""
        return [
            tuple(pair)
            for pair in self.figure(title)
            .locator(".key")
            .evaluate_all(
                """keys => keys.map((key) => {
                    const sample = getComputedStyle(key, "::before");
                    return [key.textContent, `${sample.backgroundImage} ${sample.borderTopColor}`];
                })"""
            )
        ]

    def scale(self, title: str) -> tuple[str, str, str]:
        """The lowest number, the colours in CSS and the highest number of a map's scale, from the left."""
        return (
            self.figure(title)
            .locator(".scale")
            .evaluate(
                """scale => [...scale.childNodes].map((part) =>
                part.tagName ? getComputedStyle(part).backgroundImage : part.textContent)"""
            )
        )

    def style(self, name: str) -> str:
        """A colour of the view, such as `--line0`."""
        return self.root.evaluate("(root, name) => getComputedStyle(root).getPropertyValue(name)", name)

    def spoken(self) -> Locator:
        return self.root.locator("[aria-live=polite].spoken")


PATIENCE = 5
"""Seconds that a live picture may take to come, on a busy machine."""


def near(places: Any) -> Any:
    """What is drawn within a pixel or two of the places."""
    return pytest.approx(places, abs=0.01)


def minus(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")


def rgb(colour: str) -> str:
    """A colour such as "#1f6fa8" as the browser tells it."""
    return "rgb({}, {}, {})".format(*bytes.fromhex(colour.removeprefix("#")))


def map_colours(data: Any, limits: tuple[float, float], theme: str = "light") -> NDArray[np.float64]:
    """The colours that a map's numbers should have, from 0 to 255."""
    colours = LinearSegmentedColormap.from_list("", colour_map(limits, theme), N=1024)
    low, high = colour_ends(limits)
    return 255 * colours((np.asarray(data) - low) / (high - low))


def assert_map(view: View, title: str, data: Any, limits: tuple[float, float], theme: str = "light") -> None:
    """Assert that a map shows the numbers in the theme's colours, within the time that a kernel needs."""
    expected = map_colours(data, limits, theme)
    deadline = time.monotonic() + PATIENCE
    while True:
        shown = view.colours(title)
        close = shown.shape == expected.shape and np.allclose(shown, expected, rtol=0, atol=2)
        if close or time.monotonic() > deadline:
            np.testing.assert_allclose(shown, expected, atol=2)
            return
        view.root.page.wait_for_timeout(20)
