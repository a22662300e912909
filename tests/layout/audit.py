"""A look at explorers in a browser, at all widths and in all schemes of colours, for bad layout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from course_lib.explore import Explorer, page
from tests.browser.view import PAGE

WIDTHS = (1280, 960, 768, 640, 416, 390)
"""Pixels of the page; 640 is a page of 1280 at 200 %."""
HEIGHT = 900
SCHEMES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "high contrast": {"color_scheme": "light", "contrast": "more"},
    "forced colours": {"color_scheme": "dark", "forced_colors": "active"},
}
STYLE = "color-scheme: light dark; background: Canvas; color: CanvasText"
ENDS = ("at its start", "at its least", "at its most")
MOVED = """(section, end) => {
    const controls = [...section.querySelectorAll(".controls :is(input, select)")];
    for (const control of controls) {
        const most = end === "at its most";
        if (control.type === "checkbox") control.checked = most;
        else if (control.localName === "select") control.selectedIndex = most ? control.length - 1 : 0;
        else control.value = most ? control.max : control.min;
        control.dispatchEvent(new Event("input"));
    }
    return controls.length > 0;
}"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
RINGLESS = """(section) => [...section.querySelectorAll("input, select, [tabindex='0']")].filter((part) => {
    part.focus({ preventScroll: true });
    const { outlineStyle, outlineWidth } = getComputedStyle(part);
    return outlineStyle === "none" || parseFloat(outlineWidth) < 2;
}).map((part) => `${part.closest("figure")?.querySelector("strong").textContent ?? "controls"}: `
    + `no ring around ${part.className || part.localName} in focus`)"""


@dataclass(frozen=True)
class Finding:
    """Something that is laid out badly.

    Attributes:
        explorer: where.
        place: setting, width and scheme.
        words: what it is.
        picture: a screenshot of it.
    """

    explorer: str
    place: str
    words: str
    picture: Path


@cache
def script() -> str:
    """A function in JavaScript from an element to what is wrong with its layout, in sentences."""
    return (Path(__file__).parent / "audit.js").read_text("utf-8").rstrip().removesuffix(";")


def html(explorer: Explorer, **setting: Any) -> str:
    """The explorer on a page at one setting, as if a kernel were asked for others."""
    explorer.setting |= setting
    frames, numbers = explorer.frames([explorer.setting])
    return page.html(explorer.shape() | {"live": True}, frames, numbers, picture="", words="")


def at_extremes(name: str, explorer: Explorer) -> Iterator[tuple[str, str]]:
    """The explorer on a page at its start, and with all its controls at one end and at the other."""
    yield name, html(explorer)
    values = {control: kind.values for control, kind in explorer.controls.items() if kind.values}
    for words, end in (("at its least", 0), ("at its most", -1)) if values else ():
        yield f"{name} {words}", html(explorer, **{control: found[end] for control, found in values.items()})


def audit(
    browser: Browser,
    explorers: dict[str, str],
    pictures: Path,
    widths: tuple[int, ...] = WIDTHS,
    schemes: tuple[str, ...] = tuple(SCHEMES),
    ends: tuple[str, ...] = ENDS[:1],
) -> Iterator[Finding]:
    """Look at explorers on pages: at all widths in the first scheme, and at the first width in the others.

    Those that answer without a kernel can be looked at with all controls at their `ends`, too.
    """
    for scheme in schemes:
        context = browser.new_context(viewport={"width": widths[0], "height": HEIGHT}, **SCHEMES[scheme])
        for name, output in explorers.items():
            tab = context.new_page()
            tab.set_content(PAGE.format(style=STYLE, outputs=output))
            tab.locator(".plot").first.wait_for()
            for end in ends:
                if end != ENDS[0] and not tab.locator("section.explorer").evaluate(MOVED, end):
                    break
                for width in widths if scheme == schemes[0] else widths[:1]:
                    yield from _look(tab, name, f"{end}, {width} px, {scheme}", width, pictures)
            tab.close()
        context.close()


def _look(tab: Page, name: str, place: str, width: int, pictures: Path) -> Iterator[Finding]:
    section = tab.locator("section.explorer")
    tab.set_viewport_size({"width": width, "height": HEIGHT})
    tab.evaluate(SETTLED)
    words = section.evaluate(script()) + section.evaluate(RINGLESS)
    if not words:
        return
    picture = pictures / f"{re.sub(r'[^a-z0-9]+', '-', f'{name} {place}'.lower())}.png"
    section.screenshot(path=picture)
    for each in dict.fromkeys(words):
        yield Finding(name, place, each, picture)
