"""How long the picture takes to follow the slider in JupyterLab: run by `make benchmark`.

Measured from the time stamp of the key press to the first moment after the paint of the last changed part of
the picture; what follows in the next frame takes up to 17 ms. The same picture is shown three times: as a
sweep, live, and by `ipywidgets.interact` with matplotlib, in rounds that take turns. The gates of an LSTM are
scrubbed over time (without the kernel) and typed (with it). In an attention of 16 heads over 40 tokens, the
token that is pointed at changes.
"""

import random
import statistics
import tempfile
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as Timeout

from tests.benchmarks.machine import machine
from tests.browser.jupyter import (
    CHROMIUM_FLAGS,
    Notebook,
    chromium_path,
    copy_project,
    jupyter_lab,
    write_notebook,
)

ROUNDS, EVENTS, WARM_UP = 4, 12, 4
QUIET_MS, LOST_MS = 200, 5000
ARROWS = ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"]
PROBE = (Path(__file__).parent / "probe.js").read_text("utf-8")
NAME = "latency.ipynb"
SLIDERS = {
    "sweep": "input[type=range]",
    "live": "input[type=range]",
    "interact": ".noUi-handle",
    "gates": "input[aria-label='time step']",
    "typed": "input[type=text]",
    "heads": ".plot.links",
}
SAME_PICTURE = ("sweep", "live", "interact")
KEYS = {
    "typed": ["1", "2", "Backspace", "Backspace"],
    "heads": ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"],
}
CELLS = {
    "imports": """import torch, ipywidgets
from IPython.display import display
from course_lib.data import sunspots
from course_lib.lectures.rnn.hidden_state_explorer import hidden_state
from course_lib.models.recurrent import LSTM, RNN, SequencePredictor
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(0)
model = SequencePredictor(RNN(1, 8, generator), 1, generator)
inputs = (sunspots.yearly()[1][200:240] - 50) / 40""",
    "sweep": "sweep = hidden_state(model, inputs)\nsweep",
    "live": "live = hidden_state(model, inputs)\nlive.live = True\nlive",
    "interact": """@ipywidgets.interact(changed_step=(1, 40), change=(-2, 2, 0.5))
def draw(changed_step=13, change=1.0):
    display(sweep.figure(changed_step=changed_step, change=change))""",
    "gates": """from course_lib.lectures.lstm.gates_explorer import gates, read_marked_numbers, typed_gates
lstm = SequencePredictor(LSTM(2, 16, generator), 1, generator)
gates(lstm, torch.rand(50, 2, generator=generator))""",
    "typed": "typed_gates(lstm, '0.3* ' * 20 + '0.', read_marked_numbers)",
    "heads": """from course_lib.lectures.multi_head_attention.heads_explorer import heads
from course_lib.models.attention import MultiHeadAttention
tokens = torch.randn(40, 64, generator=generator)
heads(MultiHeadAttention(64, 16, generator), tokens, [f"token{k}" for k in range(40)])""",
}


def main() -> None:
    """Measure and print the table."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        project = copy_project(Path(folder) / "project")
        write_notebook(project / "workspace" / NAME, CELLS)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        with jupyter_lab(project) as url:
            context = browser.new_context(viewport={"width": 1400, "height": 1000})
            notebook = Notebook(context, url, NAME)
            notebook.run_all()
            latencies = measure(notebook)
        print(f"{machine()}, JupyterLab {version('jupyterlab')}, Chromium {browser.version}")
        browser.close()
    print(table(latencies))


def measure(notebook: Notebook) -> dict[str, list[float]]:
    """Milliseconds of every event by what shows the picture; an infinite time for one that was lost."""
    notebook.page.add_script_tag(content=PROBE)
    latencies: dict[str, list[float]] = {way: [] for way in SLIDERS}
    order = random.Random(0)
    for _ in range(ROUNDS):
        for way in order.sample(list(SLIDERS), len(SLIDERS)):
            notebook.select(way)
            output = notebook.output(way)
            output.locator(SLIDERS[way]).first.focus()
            if way == "typed":
                notebook.page.keyboard.press("End")
            keys = KEYS.get(way, ARROWS) * ((WARM_UP + EVENTS) // 4)
            latencies[way] += [press(notebook.page, output, key) for key in keys][WARM_UP:]
    return latencies


def press(page: Page, output: Locator, key: str) -> float:
    """Milliseconds from a key press to the changed picture; infinite if none comes."""
    output.evaluate("output => probe.watch(output)")
    page.keyboard.press(key)
    try:
        page.wait_for_function("quiet => probe.quiet(quiet)", arg=QUIET_MS, timeout=LOST_MS, polling=20)
    except Timeout:
        return float("inf")
    return page.evaluate("probe.latency()")


def table(latencies: dict[str, list[float]]) -> str:
    """Median, 95th percentile, for the same picture the ratio of `interact`'s median, and lost events."""
    lines = [f"{'':10}{'events':>8}{'median ms':>11}{'95 % ms':>9}{'interact is':>13}{'lost':>6}"]
    interact = statistics.median(latencies["interact"])
    for way, times in latencies.items():
        median, high = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        lost = times.count(float("inf"))
        ratio = f"{interact / median:.1f} x" if way in SAME_PICTURE else "–"
        lines.append(f"{way:10}{len(times):8}{median:11.1f}{high:9.1f}{ratio:>13}{lost:6}")
    return "\n".join(lines)
