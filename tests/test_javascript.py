"""JavaScript: lint, format and types, of its modules and of what a page gets."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.exercises.predict import Prediction
from course_lib.explore import Explorer, page
from course_lib.explore.live import Live
from course_lib.folders import ROOT
from tests.explore.samples import chosen, every_kind, typed

SETTINGS = ROOT / "deno.json"
CHECKS = (("lint",), ("fmt", "--check"), ("check", "course_lib", "tests"))


def deno(folder: Path, *arguments: str) -> str:
    """What Deno finds fault with in a folder; it keeps nothing elsewhere and asks no network."""
    kept = {"DENO_DIR": str(folder / ".deno"), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "deno", *arguments]
    result = subprocess.run(
        command, cwd=folder, env=os.environ | kept, capture_output=True, text=True, encoding="utf-8"
    )
    return result.stdout + result.stderr if result.returncode else ""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with all JavaScript of the project, in its place, and Deno's settings."""
    shutil.copy(SETTINGS, tmp_path)
    for room in ("course_lib", "tests"):
        for suffix in ("js", "ts"):
            for path in (ROOT / room).rglob(f"*.{suffix}"):
                copy = tmp_path / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
    return tmp_path


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check[0])
def test_all_javascript_is_clean(check: tuple[str, ...], copied: Path):
    assert list(copied.rglob("*.js"))
    assert deno(copied, *check) == ""


FAULTS = {
    "lint": {
        "const unused = 1;": "no-unused-vars",
        "let fixed = 1;\nexport const one = fixed;": "prefer-const",
    },
    "fmt": {"export const one  = 1;": "Found 1 not formatted file"},
    "check": {
        "export const one = undeclared;": "Cannot find name 'undeclared'",
        "export const one = (number) => number;": "Parameter 'number' implicitly has an 'any' type",
        'import { absent } from "./dom.js";\nabsent();': "no exported member 'absent'",
        '/** @param {import("./types.d.ts").Heat} panel */\nexport const one = (panel) => panel.dots;': (
            "Property 'dots' does not exist on type 'Heat'"
        ),
    },
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check[0])
def test_faults_are_found(check: tuple[str, ...], copied: Path):
    faults = FAULTS[check[0]]
    for k, code in enumerate(faults):
        (copied / page.VIEW.relative_to(ROOT) / f"fault{k}.js").write_text(f"{code}\n")
    found = deno(copied, *check)
    assert [complaint for complaint in faults.values() if complaint not in found] == []


BROWSER = ("document", "getComputedStyle", "matchMedia", "MutationObserver", "ResizeObserver")
"""What the view takes from the browser and Deno's linter doesn't know."""


def joined(folder: Path, text: str) -> str:
    """What Deno finds fault with in the names of modules as a page gets them."""
    rules = "--rules-include=no-redeclare,no-undef,no-unused-vars"
    known = f"const [{', '.join(BROWSER)}] = [];\n"
    (folder / "joined.js").write_text(f"{known}{text}\n", "utf-8")
    return deno(folder, "lint", "--no-config", "--rules-tags=", rules, "joined.js")


SWEEP = f"{page.module(page.SWEEP)}\nexport {{ render, sweep }};\n"


@pytest.mark.parametrize("text", [SWEEP, Live.module], ids=["sweep", "live"])
def test_joined_modules_give_each_name_once_and_use_it(text: str, tmp_path: Path):
    assert joined(tmp_path, text) == ""


def test_a_prediction_gives_each_name_once(tmp_path: Path):
    """It takes one helper of many."""
    found = joined(tmp_path, Prediction.module)
    assert set(re.findall(r"error\[([\w-]+)\]", found)) == {"no-unused-vars"}


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ("svg(node);\nconst node = 1;", "no-redeclare"),
        ("heat();\nfunction heat() {}", "no-redeclare"),
        ("document();\nfunction document() {}", "no-redeclare"),
        ("undeclared();", "no-undef"),
        ("const unused = 1;", "no-unused-vars"),
    ],
)
def test_a_wrong_name_in_joined_modules_is_found(more: str, rule: str, tmp_path: Path):
    assert f"error[{rule}]" in joined(tmp_path, SWEEP + more)


def described(folder: Path, shape: object, *frames: object) -> str:
    """What Deno finds fault with in what Python sends the view, by the types of the view."""
    shutil.copy(SETTINGS, folder)
    shutil.copy(page.VIEW / "types.d.ts", folder)
    lines = [f"export const frames{k}: Frames = {json.dumps(sent)};\n" for k, sent in enumerate(frames)]
    (folder / "sent.ts").write_text(
        'import type { Frames, Shape } from "./types.d.ts";\n'
        f"export const shape: Shape = {json.dumps(shape)};\n{''.join(lines)}"
    )
    return deno(folder, "check", "sent.ts")


@pytest.mark.parametrize("sample", [every_kind(), chosen(), typed()], ids=lambda sample: sample.name)
def test_types_of_the_view_are_those_that_python_sends(sample: Explorer, tmp_path: Path):
    assert described(tmp_path, sample.shape(), sample.frames([sample.setting])[0]) == ""


def test_what_python_sends_otherwise_is_found(tmp_path: Path):
    sample = every_kind()
    changes = [{"more": 1}, {"x_start": "1"}, {"shape": None}, {"kind": "Heat map"}]
    frames = []
    for change in changes:
        changed, _ = sample.frames([sample.setting])
        changed["panels"][0] |= change
        frames.append(changed)
    found = described(tmp_path, sample.shape() | {"widths": "1"}, *frames)
    assert set(re.findall(r"sent\.ts:(\d+)", found)) == {"2", "3", "4", "5", "6"}
