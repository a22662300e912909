"""The layout of hard panels and of every explorer of the lectures: `make layout`; arguments choose names."""

import shutil
import sys
from itertools import chain
from pathlib import Path

import torch
from playwright.sync_api import sync_playwright

from course_lib.folders import STATE
from tests.browser.jupyter import CHROMIUM_FLAGS, chromium_path
from tests.layout.audit import at_extremes, audit, html
from tests.layout.catalogue import EXPLORERS
from tests.layout.hard_panels import hard_panels

PICTURES = STATE / "layout"


def everything() -> dict[str, str]:
    """All that is looked at, on pages: hard panels, and an example of each of the lectures' explorers."""
    hard = {name: html(explorer) for name, explorer in hard_panels().items()}
    examples = dict(
        chain.from_iterable(at_extremes(make.__name__, example()) for make, example in EXPLORERS.items())
    )
    return hard | examples


def main(*chosen: str) -> int:
    """Print what is laid out badly; return 1 if anything is."""
    torch.set_default_dtype(torch.float64)
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    explorers = {
        name: output
        for name, output in everything().items()
        if not chosen or any(word in name for word in chosen)
    }
    last, count = ("", ""), 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for finding in audit(browser, explorers, PICTURES):
            count += 1
            if last != (finding.explorer, finding.place):
                print(f"\n{finding.explorer} ({finding.place}): {finding.picture.relative_to(Path.cwd())}")
            last = finding.explorer, finding.place
            print(f"  {finding.words}", flush=True)
        browser.close()
    print(f"\n{len(explorers)} pictures, {count} findings.")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
