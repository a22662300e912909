"""What course.py asks of pip, and the one line in which it says why pip failed."""

import os
import shutil
import subprocess
import sys

import pytest

from course_lib.folders import ROOT
from tests.test_setup import load


@pytest.fixture
def real_pip(tmp_path, monkeypatch):
    """course.py with the pip of the interpreter that runs the tests, on a project that can't be installed."""
    course = load(ROOT / "course.py")
    monkeypatch.setattr(course, "PYTHON", sys.executable)
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "PIP_LOG", tmp_path / ".course" / "install.log")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "lock.txt", tmp_path)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return course


def test_without_a_network_pip_s_many_lines_become_one(real_pip, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nobody listens there
    monkeypatch.setenv("PIP_RETRIES", "1")
    line = real_pip.install_packages("")
    assert line.startswith("pip can't reach the network, which installation needs.")
    assert line.endswith(f"All that pip said is in {real_pip.PIP_LOG}.")
    assert "127.0.0.1" in real_pip.PIP_LOG.read_text("utf-8")


def test_what_else_stops_pip_is_one_line(real_pip, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (tmp_path / "lock.txt").write_text("not a requirement\n")
    line = real_pip.install_packages("")
    assert line.startswith("pip could not install the course: ")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("ERROR: No matching distribution found for flit_core==4.2.0", "found for flit_core==4.2.0."),
        ("ERROR: No matching distribution found for a\nerror: subprocess-exited-with-error", "for a."),
        ("", "it did not say why."),
        ("WARNING: Retrying after connection broken by 'x'\nERROR: Hash mismatch", "Hash mismatch."),
        (
            "WARNING: connection broken by 'SSLError(CERTIFICATE_VERIFY_FAILED)'\n"
            "ERROR: No matching distribution found for torch",
            "a proxy may need PIP_CERT to be set.",
        ),
        (
            "WARNING: Failed to establish a new connection\nERROR: No matching distribution found for torch",
            "Start again when you are online.",
        ),
    ],
)
def test_the_reason_is_the_last_error_about_a_package(said, reason):
    assert load(ROOT / "course.py").why_pip_failed(said).endswith(reason)


@pytest.mark.parametrize(
    ("system", "at_hand", "index"),
    [("linux", False, True), ("linux", True, False), ("darwin", False, False), ("win32", False, False)],
)
def test_pip_is_held_to_the_lock_and_linux_gets_no_cuda(monkeypatch, system, at_hand, index):
    course, commands = load(ROOT / "course.py"), []

    def run(command, **_):
        commands.append([str(word) for word in command])
        return subprocess.CompletedProcess(command, 0, stderr="")

    monkeypatch.setattr(course.subprocess, "run", run)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    if at_hand:
        monkeypatch.setenv("PIP_FIND_LINKS", "/wheels")
    assert course.install_packages("[test]") == ""
    (command,) = commands
    assert command[-4:] == ["--constraint", str(ROOT / "lock.txt"), "--editable", f"{ROOT}[test]"]
    assert (f"--extra-index-url {course.CPU_BUILDS}" in " ".join(command)) == index
