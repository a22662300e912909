"""A sample of the layout audit, and defects that it must find."""

import ast
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from course_lib.explore import Bars, Heat
from course_lib.explore.explorer import show
from course_lib.folders import LECTURES
from tests.layout.audit import audit, html
from tests.layout.catalogue import EXPLORERS
from tests.layout.hard_panels import hard_panels

SAMPLE = ("two tokens", "a very long word", "curves", "graphs")


def test_every_explorer_of_the_lectures_has_an_example():
    public = {
        function.name
        for path in LECTURES.glob("*/*_explorer.py")
        for function in ast.parse(path.read_text("utf-8")).body
        if isinstance(function, ast.FunctionDef)
        and function.returns
        and ast.unparse(function.returns) == "Explorer"
        and not function.name.startswith("_")
    }
    assert public == {make.__name__ for make in EXPLORERS}


@pytest.mark.parametrize("name", SAMPLE)
def test_hard_panels_are_laid_out_well(browser: Browser, tmp_path: Path, name: str):
    shown = {name: html(hard_panels()[name])}
    assert [finding.words for finding in audit(browser, shown, tmp_path, widths=(1280, 390))] == []


@pytest.mark.parametrize(
    ("style", "found"),
    [
        (".explorer .cells { font-size: 60px !important; }", "a table: “.*” leaves its box"),
        (".explorer .cells { font-size: 4px !important; }", "a table: “.*” is 4.0 pixels high"),
        (".explorer .caption { margin-top: -1.2em; }", "a table: “.*” and “.*” overlap"),
        (".explorer .caption { width: 200vw; max-width: none; }", "the page scrolls sideways to .*"),
        (".explorer .plot:focus { outline: 0 !important; }", "a table: no ring around plot heat in focus"),
        (".explorer .caption { color: #ccc; }", "a table: “.*” has a contrast of .*"),
        (".explorer .caption { position: relative; top: 200vh; }", "a table: “A sentence.*” leaves its box"),
        (".explorer figure { position: relative; left: 300vw; }", "a table: figure is cut off"),
        (".explorer .key::before { width: 0 !important; }", "shares: no legend for “one”"),
        (
            ".explorer .key::before { background: #fefefe !important; }",
            "shares: key box can't be seen",
        ),
    ],
)
def test_defects_are_found(browser: Browser, tmp_path: Path, style: str, found: str):
    table = Heat(
        title="a table",
        data=[[0.25, 0.5], [1, 0]],
        x="key",
        y="query",
        x_names=["a", "b"],
        y_names=["a", "b"],
        limits=(0, 1),
        caption="A sentence below the map.",
    )
    shares = Bars(
        title="shares", data=[[1, 2], [2, 1]], x="key", y="share", x_names=["a", "b"], names=["one", "two"]
    )
    shown = {"table": html(show("table", table, shares)) + f"<style>{style}</style>"}
    findings = list(audit(browser, shown, tmp_path, widths=(768,), schemes=("light",)))
    assert any(re.fullmatch(found, finding.words) for finding in findings), findings
    assert all(finding.picture.exists() for finding in findings)
