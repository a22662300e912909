"""A live explorer on a page of its own: its widget answers from the test, without JupyterLab."""

from typing import Any

from playwright.sync_api import Page

from course_lib.explore import Explorer, page
from course_lib.explore.live import Live
from tests.browser.view import View

MODEL = """async ([state, style]) => {
    const heard = {};
    const take = (answer) => Object.assign(state, answer, { numbers: Uint8Array.from(answer.numbers) });
    const model = {
        get: (key) => state[key],
        set: (key, value) => (state[key] = value),
        on: (event, hear) => (heard[event] = hear),
        off() {},
        async save_changes() {
            take(await window.answer(state.request));
            heard["change:answered"]();
        },
    };
    take(state);
    window.model = model;
    document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
    await window.render({ el: document.querySelector("main"), model });
}"""


def open_live(tab: Page, explorer: Explorer) -> View:
    """Show the explorer on an empty page; what the page asks is answered as the kernel does."""
    live = Live(explorer)

    def state() -> dict[str, Any]:
        return {
            "frames": live.frames,
            "numbers": list(live.numbers),
            "complaint": live.complaint,
            "answered": live.answered,
        }

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        live.set_state({"request": request})
        return state()

    tab.expose_function("answer", answer)
    tab.add_script_tag(content=f"{page.module(page.SEAT)} window.render = render;")
    tab.evaluate(MODEL, [state() | {"shape": live.shape, "request": {}}, page.style("course", "view")])
    return View(tab.locator("main"))
