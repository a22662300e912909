"""Firefox and WebKit, as the system has them, driven by the protocols of the W3C.

Playwright drives builds of its own. The system's Firefox answers to WebDriver BiDi by itself, and WebKit to
its driver by the older WebDriver; both take the same actions of keys and pointers.
"""

import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import websocket

FIREFOX = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")
PATIENCE = 60
"""Seconds that a browser may take to start and to answer."""

ARROW_RIGHT = "\ue014"


class Tab(ABC):
    """A tab of a browser."""

    @abstractmethod
    def open(self, address: str) -> None:
        """Load a page and wait until it is there."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, which must have a form in JSON.

        Raises:
            AssertionError: with what the browser says, if it has no value.
        """

    @abstractmethod
    def act(self, source: dict[str, Any]) -> None:
        """Let one source of input, as WebDriver defines it, do its actions."""

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keys", "actions": actions})

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a place of the window."""
        move = {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}
        self.act(
            {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [move]}
        )

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true; raises AssertionError if that takes too long."""
        end = time.monotonic() + PATIENCE
        while not self.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.05)


class FirefoxTab(Tab):
    """Firefox's tab, over WebDriver BiDi."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(f"{address}/session", PATIENCE, suppress_origin=True)
        self._numbers = itertools.count(1)
        self._send("session.new", capabilities={})
        self._context = self._send("browsingContext.getTree")["contexts"][0]["context"]

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != number:
            pass
        assert answer["type"] == "success", answer
        return answer["result"]

    def open(self, address: str) -> None:
        self._send("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        answer = self._send(
            "script.evaluate",
            expression=f"JSON.stringify([{expression}])",
            target={"context": self._context},
            awaitPromise=False,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])[0]

    def act(self, source: dict[str, Any]) -> None:
        self._send("input.performActions", context=self._context, actions=[source])

    def close(self) -> None:
        self._send("browser.close")
        self._socket.close()


class WebKitTab(Tab):
    """WebKit's tab, over its driver."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/session"
        self._address += "/" + self._send("", {"capabilities": {}})["sessionId"]

    def _send(self, command: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._address + command, data, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]

    def open(self, address: str) -> None:
        self._send("/url", {"url": address})

    def evaluate(self, expression: str) -> Any:
        return self._send("/execute/sync", {"script": f"return {expression}", "args": []})

    def act(self, source: dict[str, Any]) -> None:
        self._send("/actions", {"actions": [source]})

    def close(self) -> None:
        self._send("", method="DELETE")


@contextmanager
def firefox(folder: Path) -> Generator[Tab]:
    """Run Firefox with a new profile in `folder`; skips the test where there is none."""
    program = next(filter(None, map(shutil.which, FIREFOX)), None)
    if not program:
        pytest.skip("no Firefox here: `apt-get install firefox-esr`, or take it from mozilla.org")
    log = folder / "firefox.log"
    command = [program, "--headless", "--profile", folder, "--remote-debugging-port=0"]
    with _running(command, log, HOME=str(folder), MOZ_HEADLESS_WIDTH="1100", MOZ_HEADLESS_HEIGHT="1000"):
        tab = FirefoxTab(_said(log, r"WebDriver BiDi listening on (ws://\S+)"))
        yield tab
        tab.close()


@contextmanager
def webkit(folder: Path) -> Generator[Tab]:
    """Run WebKit in a display of its own; skips the test where it can't be had."""
    if not (shutil.which("WebKitWebDriver") and shutil.which("Xvfb")):
        pytest.skip("no WebKit here: `apt-get install webkit2gtk-driver xvfb`")
    log = folder / "display.log"
    with _running(["Xvfb", "-displayfd", "2", "-screen", "0", "1100x1000x24"], log):
        display = _said(log, r"^(\d+)\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        driver = ["WebKitWebDriver", f"--port={port}"]
        with _running(driver, folder / "webkit.log", HOME=str(folder), DISPLAY=f":{display}"):
            _wait_for_port(port)
            tab = WebKitTab(f"http://127.0.0.1:{port}")
            yield tab
            tab.close()


ENGINES = {"firefox": firefox, "webkit": webkit}


@contextmanager
def _running(command: list[Any], log: Path, **environment: str) -> Generator[None]:
    """Run a program, with what it writes in `log`, for as long as the block takes."""
    with (
        log.open("w") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | environment) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def _said(log: Path, pattern: str) -> str:
    """Wait for what a program writes; raises AssertionError, with all that it wrote, if it doesn't."""
    end = time.monotonic() + PATIENCE
    while not (found := re.search(pattern, log.read_text(), re.MULTILINE)):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    return found[1]


def _wait_for_port(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < end, "WebKit's driver does not answer"
            time.sleep(0.05)
