"""Set the course up and start it, with Python alone: `python course.py lab` (or test, run, progress, ...).

Makes `.venv` beside this file, installs the project and what it needs, and hands the command on to `course`
(course_lib/cli.py); `test` calls pytest. A second start finds everything there.
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
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")

CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch publishes its builds without CUDA, which are gigabytes smaller; only Linux has to be told."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def install(extra: str = "") -> None:
    """Make the virtual environment and install the project, unless that is done already."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = ENVIRONMENT / f"installed{extra}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing the course: a few minutes, this once.", flush=True)
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if sys.platform == "linux" and not os.environ.get(
        "PIP_FIND_LINKS"
    ):  # who keeps wheels at hand needs no index
        command += ["--extra-index-url", CPU_BUILDS]
    subprocess.run([*command, "--editable", f"{ROOT}{extra}"], check=True)
    stamp.write_text(wanted)


def browser() -> str:
    """Path of a Chromium for the tests: an installed one, else the system's, else Playwright's own ("")."""
    found = os.environ.get("COURSE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "--quiet"], check=True)
        subprocess.run(["apt-get", "install", "--quiet", "--yes", "chromium"], check=True)
        found = shutil.which("chromium")
    if not found:
        subprocess.run([PYTHON, "-m", "playwright", "install", "chromium"], check=True)
    return found or ""


def main(command: str = "lab", *arguments: str) -> int:
    if not (3, 11) <= sys.version_info < (3, 14):
        version = ".".join(map(str, sys.version_info[:2]))
        print(f"The course needs Python 3.11, 3.12 or 3.13; this is Python {version}.", file=sys.stderr)
        return 1
    try:
        install("[test]" if command == "test" else "")
        if command == "test":
            environment = os.environ | {"COURSE_CHROMIUM": browser()}
            return subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, env=environment).returncode
        if command == "setup":
            return 0
        return subprocess.run([PROGRAMS / "course", command, *arguments]).returncode
    except subprocess.CalledProcessError as error:
        print(f"This failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
