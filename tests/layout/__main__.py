"""The layout of hard panels, and of all explorers and figures of the lectures: `make layout`.

Arguments choose: parts of the names of lectures, explorers or hard panels.
"""

import shutil
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import torch
from playwright.sync_api import Browser, sync_playwright

from course_lib.folders import STATE
from tests.browser.jupyter import CHROMIUM_FLAGS, chromium_path
from tests.explore.samples import every_kind
from tests.layout.audit import ENDS, Finding, at_extremes, audit, html
from tests.layout.catalogue import EXPLORERS
from tests.layout.hard_panels import hard_panels
from tests.layout.lectures import lectures, sweeps

PICTURES = STATE / "layout"


def examples() -> dict[str, str]:
    """Hard panels, and an example of each of the lectures' explorers at its extreme settings."""
    hard = {name: html(explorer) for name, explorer in (hard_panels() | {"every kind": every_kind()}).items()}
    explorers = chain.from_iterable(
        at_extremes(make.__name__, example()) for make, example in EXPLORERS.items()
    )
    return hard | dict(explorers)


def findings(browser: Browser, *chosen: str) -> Iterator[Finding]:
    """Look at what is chosen, the lectures one after the other."""
    shown = {
        name: output
        for name, output in examples().items()
        if not chosen or any(word in name for word in chosen)
    }
    yield from audit(browser, shown, PICTURES)
    for lecture in lectures(*chosen):
        shown = dict(sweeps(lecture))
        print(f"{lecture.stem}: {len(shown)} pictures.", flush=True)
        yield from audit(browser, shown, PICTURES, ends=ENDS)


def main(*chosen: str) -> int:
    """Print what is laid out badly; return 1 if anything is."""
    torch.set_default_dtype(torch.float64)
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    last, count = ("", ""), 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for finding in findings(browser, *chosen):
            count += 1
            if last != (finding.explorer, finding.place):
                print(f"\n{finding.explorer} ({finding.place}): {finding.picture.relative_to(Path.cwd())}")
            last = finding.explorer, finding.place
            print(f"  {finding.words}", flush=True)
        browser.close()
    print(f"\n{count} findings.")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
