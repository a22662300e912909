"""A browser for the tests of the explorers and of JupyterLab."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.jupyter import CHROMIUM_FLAGS, chromium_path
from tests.browser.view import PAGE, Shown, View
from tests.explore.samples import chosen, every_kind


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window of its own for every test."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    yield context
    context.close()


@pytest.fixture(scope="session")
def output() -> str:
    return every_kind()._repr_mimebundle_()[0]["text/html"]


@pytest.fixture
def shown(context: BrowserContext, output: str) -> Iterator[Shown]:
    """Show outputs on a page; the page must neither complain nor ask for anything."""
    problems: list[str] = []

    def open_page(*outputs: str, style: str = "") -> Page:
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith("data:") else problems.append(asked.url)
        )
        page.set_content(PAGE.format(style=style, outputs="".join(outputs or [output])))
        return page

    yield open_page
    assert problems == []


@pytest.fixture
def view(shown: Shown) -> View:
    return View(shown().locator("main"))


@pytest.fixture
def units(shown: Shown) -> View:
    return View(shown(chosen()._repr_mimebundle_()[0]["text/html"]).locator("main"))
