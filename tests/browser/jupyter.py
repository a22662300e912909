"""A copy of the project, JupyterLab as the course starts it, and notebooks opened in it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import nbformat
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from course_lib.folders import ROOT
from tests.browser.view import View

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
COURSE = "import sys; from course_lib.cli import main; sys.exit(main())"
PATIENCE = 60
"""Seconds that JupyterLab may take to start and to stop."""

PANEL = "[...window.jupyterapp.shell.widgets('main')].find((tab) => tab.context)"
"""The tab of the notebook; others, such as a view of one output, have no document."""


def chromium_path() -> str | None:
    """The browser to test with; None means the one that Playwright installed."""
    return os.environ.get("COURSE_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)


def copy_project(folder: Path) -> Path:
    """Copy what the course needs to run, so that nothing is written into the project itself."""
    for part in ("course_lib", "notebooks", "jupyter"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "home").mkdir()
    return folder


def project_with(folder: Path, name: str, cells: dict[str, str]) -> Path:
    """Copy the project, with one notebook in its workspace and the samples that its cells may import."""
    project = copy_project(folder)
    write_notebook(project / "workspace" / name, cells)
    shutil.copy(ROOT / "tests" / "explore" / "samples.py", project / "workspace")
    return project


def write_notebook(path: Path, cells: dict[str, str]) -> None:
    """Write a notebook of code cells, by their ids."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, id=name) for name, source in cells.items()]
    )
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


@contextmanager
def jupyter_lab(project: Path) -> Iterator[str]:
    """Run `course lab` in a copy of the project; gives JupyterLab's address.

    Raises:
        RuntimeError: JupyterLab ends or does not answer in time; with what it wrote.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    options = ["--no-browser", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=", "--ServerApp.allow_root=True", "--expose-app-in-browser"]
    options += ["--ServerApp.disable_check_xsrf=True"]
    environment = os.environ | {"PYTHONPATH": str(project), "HOME": str(project / "home")}
    log = project / "jupyter.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", COURSE, "lab", *options],
            cwd=project,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait_for(f"{url}/api/status", process, log)
            yield url
            urllib.request.urlopen(f"{url}/api/shutdown", data=b"").close()
            process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


class Notebook:
    """A notebook in JupyterLab; the page also records which requests left the server.

    Attributes:
        page: the browser's page.
        strays: addresses asked for at any other host than the server.
    """

    def __init__(self, context: BrowserContext, url: str, name: str) -> None:
        self.page: Page = context.new_page()
        self.strays: list[str] = []
        own = (f"{url}/", f"{url.replace('http', 'ws')}/", "data:", "blob:")
        self.page.on(
            "request",
            lambda request: None if request.url.startswith(own) else self.strays.append(request.url),
        )
        self.page.goto(f"{url}/lab/tree/{name}?reset")
        self.page.wait_for_function(
            f"name => window.jupyterapp && {PANEL}?.context?.path === name && {PANEL}.context.isReady",
            arg=name,
        )
        self.page.wait_for_function(
            f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'", timeout=60_000
        )
        self.command("application:set-mode", {"mode": "single-document"})
        self.page.evaluate(
            f"{PANEL}.content.widgets.forEach((cell) => (cell.node.dataset.cell = cell.model.id))"
        )

    def command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        """Execute a command of JupyterLab and wait until it is done."""
        self.page.evaluate(
            "([name, given]) => window.jupyterapp.commands.execute(name, given).then(() => null)",
            [name, arguments or {}],
        )

    def run_all(self) -> None:
        """Run all cells.

        Raises:
            AssertionError: a cell raised an error.
        """
        self.command("notebook:run-all-cells")
        errors = self.page.evaluate(
            f"{PANEL}.content.widgets.flatMap((cell) => cell.model.outputs?.toJSON() ?? [])"
            ".filter((output) => output.output_type === 'error').map((output) => output.evalue)"
        )
        assert errors == []

    def run(self, cell: str) -> None:
        """Run one cell as its menu entry does."""
        self.select(cell)
        self.command("notebook:run-cell")

    def select(self, cell: str) -> None:
        """Make a cell the active one and bring it into view."""
        self.page.evaluate(
            f"id => {{ const {{ content }} = {PANEL}; "
            "content.activeCellIndex = content.widgets.findIndex((cell) => cell.model.id === id); "
            "return content.scrollToCell(content.activeCell); }",
            cell,
        )

    def write(self, cell: str, source: str) -> None:
        """Replace a cell's text by the keyboard."""
        self.select(cell)
        self.cell(cell).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def source(self, cell: str) -> str:
        return self.page.evaluate(
            f"id => {PANEL}.content.widgets.find((cell) => cell.model.id === id).model.sharedModel.source",
            cell,
        )

    def cell(self, cell: str) -> Locator:
        return self.page.locator(f"[data-cell='{cell}']")

    def output(self, cell: str) -> Locator:
        return self.cell(cell).locator(".jp-Cell-outputArea")

    def explorer(self, cell: str) -> View:
        """Bring a cell into view, and return the explorer that it shows."""
        self.select(cell)
        return View(self.output(cell))

    def use_theme(self, theme: Literal["light", "dark"]) -> None:
        """Let the system ask for a theme, and wait until JupyterLab has followed."""
        self.page.emulate_media(color_scheme=theme)
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg=str(theme == "light").lower()
        )

    def assert_accessible(self, cell: str, theme: Literal["light", "dark"]) -> None:
        """Let axe look at the explorer of a cell."""
        self.use_theme(theme)
        self.explorer(cell)
        results = Axe().run(self.page, context=f"[data-cell='{cell}'] section.explorer")
        assert results.violations_count == 0, results.generate_report()

    def close_other_tabs(self) -> None:
        self.page.evaluate(
            f"[...window.jupyterapp.shell.widgets('main')].filter((tab) => tab !== {PANEL})"
            f".forEach((tab) => tab.close()); window.jupyterapp.shell.activateById({PANEL}.id)"
        )

    def save(self) -> None:
        self.command("docmanager:save")

    def close(self) -> None:
        """Shut the kernel down and close the page."""
        self.page.evaluate(f"{PANEL}.sessionContext.shutdown()")
        self.page.close()


@contextmanager
def open_notebook(browser: Browser, project: Path, name: str) -> Generator[Notebook]:
    """Open a notebook of a project in a JupyterLab of its own, and run all its cells."""
    with jupyter_lab(project) as server:
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        notebook = Notebook(context, server, name)
        notebook.run_all()
        yield notebook
        context.close()
