"""Set the course up and start it, with Python alone: `python course.py lab` (or test, run, progress, ...).

Makes `.venv` beside this file, installs the project and what it needs, and hands the command on to `course`
(course_lib/cli.py); `test` calls pytest and `benchmark` measures explorers and recurrent layers. A second
start finds everything there.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch publishes its builds without CUDA, which are gigabytes smaller; only Linux has to be told."""

FOR_TESTS = "[test]"
"""The extra of pyproject.toml that tests and benchmark need."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def install(extra: str = "") -> None:
    """Make the virtual environment and install the project, unless that is done already.

    Raises SystemExit if this Python is too old or too new to make it with.
    """
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + bytes(ROOT)).hexdigest()
    stamp = ENVIRONMENT / f"installed{extra}"
    for done in (stamp, ENVIRONMENT / f"installed{FOR_TESTS}"):  # the latter includes all others
        if done.exists() and done.read_text() == wanted:
            return
    if not (3, 11) <= sys.version_info < (3, 14):
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(
            f"The course needs Python 3.11, 3.12 or 3.13, as in `python3.13 course.py`; this is {version}."
        )
    print("Installing the course: a few minutes, this once.", flush=True)
    if not any(ENVIRONMENT.glob("installed*")):  # not there, or left half made
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    keeps_wheels_at_hand = "PIP_FIND_LINKS" in os.environ
    if sys.platform == "linux" and not keeps_wheels_at_hand:
        command += ["--extra-index-url", CPU_BUILDS]
    run(*command, "--editable", f"{ROOT}{extra}")
    stamp.write_text(wanted)


def browser() -> str:
    """Path of a Chromium for the tests: an installed one, else the system's, else Playwright's own ("")."""
    found = os.environ.get("COURSE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found and shutil.which("apt-get") and os.geteuid() == 0:
        run("apt-get", "update", "--quiet")
        run("apt-get", "install", "--quiet", "--yes", "chromium")
        found = shutil.which("chromium")
    if not found:
        run(PYTHON, "-m", "playwright", "install", "chromium")
    return found or ""


def run(*command: str | Path) -> None:
    """Run a command; raises SystemExit with one line if it fails."""
    if subprocess.run(command).returncode:
        sys.exit(f"This failed; what it printed above says why: {' '.join(map(str, command))}")


def hand_over(*command: str | Path, **environment: str) -> int:
    """Run a command to its end and return its exit code; Ctrl-C is the command's to answer."""
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def main(command: str = "lab", *arguments: str) -> int:
    """Install what the command needs, run it and return its exit code."""
    tools = {"test": ("-m", "pytest"), "benchmark": ("-m", "tests.benchmarks")}
    install(FOR_TESTS if command in tools else "")
    if command == "setup":
        return 0
    if command in tools:
        return hand_over(PYTHON, *tools[command], *arguments, COURSE_CHROMIUM=browser())
    return hand_over(PYTHON, "-m", "course_lib", command, *arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next start goes on from here.")
