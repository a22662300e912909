"""Set the course up and start it, with Python alone: `python course.py lab` (or test, run, progress, ...).

Makes `.venv` beside this file, installs the project with the versions of lock.txt, and hands the command on
to `course` (course_lib/cli.py); `test` and `quick` call pytest, `layout` looks at every picture at every
width, `benchmark` measures explorers and recurrent layers, `lock` moves lock.txt. A second start finds
everything there. An older Python can read this file too, so that it can say what is needed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LISTS = (ROOT / "pyproject.toml", ROOT / "lock.txt")
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = ENVIRONMENT / "installed"
"""Says that the environment is ours, and what it was installed from; empty while it is half made."""
UPDATING = "updating "
"""Comes before what it was installed from while that is being replaced."""
PIP_LOG = ROOT / ".course" / "install.log"


OLDEST, TOO_NEW = (3, 11), (3, 15)
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch publishes its builds without CUDA, which are gigabytes smaller; only Linux has to be told."""

FOR_TESTS = "[test]"
"""The extra of pyproject.toml that the tools need."""

TOOLS = {
    "test": ("-m", "pytest"),
    "quick": ("-m", "pytest", "-m", "not kernel", "--seeds=1", "--ignore=tests/browser", "tests"),
    "layout": ("-m", "tests.layout"),
    "benchmark": ("-m", "tests.benchmarks"),
    "lock": ("-m", "tests.lock"),
}
COMMANDS = ("lab", "workspace", "progress", "start-over", "run", "setup", *TOOLS)
ENDING = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
"""Signals that end a program; each system has some of them."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def install(extra: str = "") -> None:
    """Bring the virtual environment to what the lists ask for, unless it is there already.

    Raises SystemExit with one line if that can't be; then the environment is as before, or there is none.
    """
    lists = b"".join(read(path) for path in LISTS)
    # An earlier course wrote the extra into the stamp's name.
    if os.path.lexists(ENVIRONMENT) and not any(ENVIRONMENT.glob("installed*")):
        sys.exit(f"{ENVIRONMENT} was not made by the course. Move or delete it, then start again.")
    installed = what_is_installed()
    if FOR_TESTS in installed:
        extra = FOR_TESTS  # once there, kept in step
    wanted = hashlib.sha256(lists).hexdigest() + extra
    usable = bool(installed) and is_sound()
    if usable and installed == wanted:
        return
    if usable:
        print("Bringing what is installed in step with the course.", flush=True)
        STAMP.write_text(UPDATING + installed.replace(UPDATING, ""), "utf-8")
    else:
        make_environment()
    failure = install_packages(extra)
    if failure and usable:
        STAMP.write_text(installed, "utf-8")
    elif failure:
        shutil.rmtree(ENVIRONMENT)
    else:
        STAMP.write_text(wanted, "utf-8")
    if failure:
        sys.exit(failure)


def what_is_installed() -> str:
    """Return the lists' hash and the extra that the environment has, "" if there is none or a part of one."""
    return STAMP.read_text("utf-8") if STAMP.exists() else ""


def read(path: Path) -> bytes:
    """Return what a list holds; raises SystemExit if that is both sides of a merge."""
    content = path.read_bytes()
    if re.search(rb"^(<{7}|={7}|>{7})", content, re.MULTILINE):
        sys.exit(
            f"{path.name} holds both sides of a merge. Settle it, for example with"
            f" `git checkout --ours {path.name}`, then `python course.py lock` brings lock.txt in step."
        )
    return content


def is_sound() -> bool:
    """Whether the environment stands where it was made, and its Python starts and is the one that made it."""
    try:
        made = (ENVIRONMENT / "pyvenv.cfg").read_text("utf-8")
        command = (PYTHON, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        version = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return False
    place = rf"^command = .* {re.escape(str(ENVIRONMENT))}$"
    return f"version = {version}." in made and bool(re.search(place, made, re.MULTILINE))


def make_environment() -> None:
    """Make the virtual environment, in place of an earlier one of ours.

    Raises SystemExit if this Python is too old or too new for it, or has no pip to give.
    """
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        sys.exit(
            "The course needs Python 3.11, 3.12, 3.13 or 3.14, as in `python3.13 course.py`;"
            " this is {}.{}.".format(*sys.version_info)
        )
    print("Installing the course: a few minutes, this once.", flush=True)
    ENVIRONMENT.mkdir(exist_ok=True)
    STAMP.write_text("", "utf-8")  # ours from its first moment to its last
    for path in ENVIRONMENT.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != STAMP:
            path.unlink()
    try:
        venv.create(ENVIRONMENT, with_pip=True, symlinks=os.name != "nt")
    except subprocess.CalledProcessError:
        shutil.rmtree(ENVIRONMENT)
        sys.exit(
            "This Python can't make an environment with pip: on Debian and Ubuntu `apt install python3-venv`"
            " adds it; elsewhere take Python from python.org."
        )


def install_packages(extra: str) -> str:
    """Install the project and what it needs; returns what went wrong in one line, "" if nothing did."""
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    keeps_wheels_at_hand = "PIP_FIND_LINKS" in os.environ
    if sys.platform == "linux" and not keeps_wheels_at_hand:
        command += ["--extra-index-url", CPU_BUILDS]
    command += ["--constraint", ROOT / "lock.txt", "--editable", f"{ROOT}{extra}"]
    pip = subprocess.run(command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace")
    if not pip.returncode:
        return ""
    PIP_LOG.parent.mkdir(exist_ok=True)
    PIP_LOG.write_text(pip.stderr, "utf-8")
    return f"{why_pip_failed(pip.stderr)} All that pip said is in {PIP_LOG}."


def why_pip_failed(said: str) -> str:
    """Return the reason in one line: pip's last error that is about a package, or what keeps it from any."""
    errors = re.findall("^ *error: *(.*)", said, re.IGNORECASE | re.MULTILINE)
    reasons = [error for error in errors if "subprocess-exited-with-error" not in error]
    found_nothing = not reasons or "No matching distribution" in reasons[-1]
    if found_nothing and "CERTIFICATE_VERIFY_FAILED" in said:
        return "pip can't verify the package server's certificate: a proxy may need PIP_CERT to be set."
    if found_nothing and re.search("connection broken by|Failed to establish a new connection", said):
        return "pip can't reach the network, which installation needs. Start again when you are online."
    return f"pip could not install the course: {reasons[-1] if reasons else 'it did not say why'}."


def includes_browser(arguments: tuple[str, ...]) -> bool:
    """Whether some of the tests that the arguments choose need a browser: all tests, if they name none."""
    names = [argument.partition("::")[0] for argument in arguments if not argument.startswith("-")]
    paths = [(ROOT / name).resolve() for name in names if (ROOT / name).exists()]
    home = ROOT / "tests" / "browser"
    return not paths or any(home == path or home in path.parents or path in home.parents for path in paths)


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
    """Run a command to its end and return its exit code; Ctrl-C is the command's to answer.

    Any other signal that would end this program ends the command.
    """
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:
        for name in ENDING:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: process.terminate())
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def main(command: str = "lab", *arguments: str) -> int:
    """Install what the command needs, run it and return its exit code."""
    if command in ("-h", "--help", "help"):
        print(f"python course.py COMMAND [...], with one of these: {', '.join(COMMANDS)}.")
        return 0
    if command not in COMMANDS:
        sys.exit(f"course.py has no command {command!r}; it has {', '.join(COMMANDS)}.")
    goes_without = command == "lock" and FOR_TESTS in what_is_installed() and is_sound()
    try:
        if not goes_without:  # a lock that no longer fits the ranges must not keep itself from being moved
            install(FOR_TESTS if command in TOOLS else "")
    except OSError as error:
        sys.exit(
            f"The course can't be set up: {error}. All its files must be there,"
            " in a folder that can be written to."
        )
    if command == "setup":
        return 0
    if command == "test" and arguments:
        arguments = ("-n0", *arguments)  # a second process takes longer to start than a few tests
    if command in ("layout", "benchmark") or (command == "test" and includes_browser(arguments)):
        return hand_over(PYTHON, *TOOLS[command], *arguments, COURSE_CHROMIUM=browser())
    if command in TOOLS:
        return hand_over(PYTHON, *TOOLS[command], *arguments)
    return hand_over(PYTHON, "-m", "course_lib", command, *arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next start goes on from here.")
