"""lock.txt: the one version of every package that everybody installs; `python -m tests.lock` moves it.

uv finds the newest versions that the ranges of pyproject.toml allow on all systems and Pythons together;
`tool.uv` there says what it is asked for. Arguments go to uv in place of `--upgrade`, as in
`--upgrade-package=ruff`, which moves ruff alone, or `--no-upgrade`, which moves only what no longer fits.
"""

import subprocess
import sys
import tomllib
from collections import defaultdict

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from uv import find_uv_bin

from course_lib.folders import ROOT

LOCK = ROOT / "lock.txt"
ALLOWED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
PYTHONS = [python for python in (f"3.{minor}" for minor in range(30)) if python in SpecifierSet(ALLOWED)]
"""The Pythons that the project allows."""


def pins(text: str) -> list[Requirement]:
    """Return the lines of a lock, which hold a package, its version, and a marker where another has another.

    Raises:
        InvalidRequirement: a line is not a requirement.
    """
    lines = (line.strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def versions(text: str) -> dict[str, str]:
    """Return the versions of each package of a lock; most have one."""
    found = defaultdict(list)
    for pin in pins(text):
        found[pin.name].append(str(pin.specifier).removeprefix("=="))
    return {name: " and ".join(several) for name, several in found.items()}


def what_moved(before: str, after: str) -> list[str]:
    """Return a line for every package that came, went or moved from one lock to the other."""
    old, new = versions(before), versions(after)
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            lines.append(f"{name} {new[name]}, added")
        elif name not in new:
            lines.append(f"{name} {old[name]}, removed")
        elif old[name] != new[name]:
            lines.append(f"{name} {old[name]} -> {new[name]}")
    return lines


def main(*arguments: str) -> int:
    """Move the lock, print what moved, and return uv's exit code."""
    before = LOCK.read_text("utf-8")
    command = [find_uv_bin(), "pip", "compile", "--quiet", "pyproject.toml", "--output-file", LOCK.name]
    code = subprocess.run([*command, *(arguments or ["--upgrade"])], cwd=ROOT).returncode
    if code == 0:
        print(*what_moved(before, LOCK.read_text("utf-8")) or ["Nothing moved."], sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
