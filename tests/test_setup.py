"""course.py makes the environment, keeps it in step, and says in one line what to do when it can't."""

import ast
import errno
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from course_lib import cli
from course_lib.folders import ROOT
from tests.lock import PYTHONS

TOO_OLD, TOO_NEW = (3, 10, 13), (3, int(PYTHONS[-1][2:]) + 1, 0)


class Setup:
    """A copy of course.py in a folder of its own; nothing is installed, and environments have no pip."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.environment = folder / ".venv"
        self.patch = monkeypatch
        self.installed = []
        self.failure = ""
        self.load()

    def load(self):
        """Read course.py where it is now."""
        self.course = load(self.folder / "course.py")
        self.patch.setattr(self.course, "install_packages", self.install_packages)
        self.patch.setattr(self.course.venv, "create", lambda place, **_: make(place))

    def install_packages(self, extra):
        self.installed.append(extra)
        return self.failure

    def start(self, extra=""):
        """Start once more; returns the extras that were installed then."""
        self.installed.clear()
        self.course.install(extra)
        return [*self.installed]

    def refusal(self, *command):
        """The one line that course.py ends with."""
        with pytest.raises(SystemExit) as stop:
            self.course.main(*command or ["setup"])
        assert isinstance(stop.value.code, str)
        assert "\n" not in stop.value.code
        return stop.value.code


def load(script):
    """course.py as a module with settings of its own."""
    specification = importlib.util.spec_from_file_location("course_elsewhere", script)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


make = venv.EnvBuilder(symlinks=os.name != "nt").create


@pytest.fixture
def setup(tmp_path, monkeypatch):
    folder = tmp_path / "한글 and spaces"
    folder.mkdir()
    for name in ("course.py", "pyproject.toml", "lock.txt"):
        shutil.copy(ROOT / name, folder)
    return Setup(folder, monkeypatch)


def test_a_second_start_finds_everything_there(setup):
    assert setup.start() == [""]
    assert setup.start() == []
    assert setup.start("[test]") == ["[test]"]
    assert setup.start("[test]") == setup.start() == []


@pytest.mark.parametrize("name", ["pyproject.toml", "lock.txt"])
def test_a_changed_list_is_installed_over_what_is_there(setup, name):
    setup.start("[test]")
    (setup.environment / "kept").touch()
    with (setup.folder / name).open("a") as file:
        file.write("# changed\n")
    assert setup.start() == ["[test]"], "the tests' packages must keep in step too"
    assert (setup.environment / "kept").exists()
    assert setup.start() == []


def test_what_an_earlier_course_installed_is_brought_in_step(setup):
    setup.start()
    (setup.environment / "kept").touch()
    (setup.environment / "installed").write_text("5f" * 32)
    assert setup.start() == [""]
    assert (setup.environment / "kept").exists()


def foreign_venv(environment):
    make(environment)


def a_file(environment):
    environment.write_text("mine")


def a_broken_link(environment):
    environment.symlink_to("nowhere")


@pytest.mark.parametrize("foreign", [foreign_venv, a_file, a_broken_link])
def test_an_environment_of_somebody_else_is_left_alone(setup, foreign):
    foreign(setup.environment)
    before = sorted(setup.environment.rglob("*")), setup.environment.lstat()
    assert "was not made by the course. Move or delete it" in setup.refusal()
    assert (sorted(setup.environment.rglob("*")), setup.environment.lstat()) == before
    assert setup.installed == []


def half_made(setup):
    (setup.environment / "installed").write_text("")


def without_its_python(setup):
    setup.course.PYTHON.unlink()
    setup.course.PYTHON.symlink_to("nowhere")


def with_a_python_that_fails(setup):
    setup.course.PYTHON.unlink()
    setup.course.PYTHON.write_text("#!/bin/sh\nexit 1\n")
    setup.course.PYTHON.chmod(0o755)


def of_another_version(setup):
    configuration = setup.environment / "pyvenv.cfg"
    configuration.write_text(re.sub(r"version = 3\.\d+", "version = 3.2", configuration.read_text("utf-8")))


def without_its_configuration(setup):
    (setup.environment / "pyvenv.cfg").unlink()


def moved(setup):
    setup.folder = setup.folder.rename(setup.folder.with_name("elsewhere"))
    setup.environment = setup.folder / ".venv"
    setup.load()


@pytest.mark.parametrize(
    "break_it",
    [
        half_made,
        without_its_python,
        with_a_python_that_fails,
        of_another_version,
        without_its_configuration,
        moved,
    ],
)
def test_an_environment_that_is_of_no_use_is_made_again(setup, break_it):
    setup.start()
    (setup.environment / "old").touch()
    break_it(setup)
    assert setup.start() == [""]
    assert not (setup.environment / "old").exists()
    assert subprocess.run([setup.course.PYTHON, "-c", ""]).returncode == 0
    assert setup.start() == []


def interrupt(setup):
    """Start, and press Ctrl-C while pip installs."""

    def install_packages(_):
        raise KeyboardInterrupt

    setup.patch.setattr(setup.course, "install_packages", install_packages)
    with pytest.raises(KeyboardInterrupt):
        setup.start()
    setup.load()


def test_a_first_installation_that_is_interrupted_is_begun_again(setup):
    interrupt(setup)
    (setup.environment / "old").touch()
    assert setup.start() == [""]
    assert not (setup.environment / "old").exists()


def test_an_update_that_is_interrupted_goes_on_over_what_is_there(setup):
    setup.start("[test]")
    lists = (setup.folder / "lock.txt").read_text("utf-8")
    (setup.folder / "lock.txt").write_text(f"{lists}# changed\n")
    (setup.environment / "kept").touch()
    interrupt(setup)
    interrupt(setup)
    setup.failure = "no network"
    assert setup.refusal() == "no network"
    assert (setup.environment / "kept").exists()
    (setup.folder / "lock.txt").write_text(lists)  # the environment is between two lists now
    setup.failure = ""
    assert setup.start() == ["[test]"]
    assert setup.start() == []
    assert (setup.environment / "kept").exists()


def test_a_first_installation_that_fails_leaves_nothing(setup):
    setup.failure = "no network"
    assert setup.refusal() == "no network"
    assert not setup.environment.exists()
    setup.failure = ""
    assert setup.start() == [""]


def test_an_update_that_fails_leaves_the_environment_as_it_was(setup):
    setup.start()
    before = (setup.environment / "installed").read_text()
    (setup.environment / "kept").touch()
    lists = (setup.folder / "lock.txt").read_text("utf-8")
    (setup.folder / "lock.txt").write_text(f"{lists}# changed\n")
    setup.failure = "no network"
    assert setup.refusal() == "no network"
    assert (setup.environment / "installed").read_text() == before
    assert (setup.environment / "kept").exists()
    (setup.folder / "lock.txt").write_text(lists)
    assert setup.start() == []


@pytest.mark.parametrize("name", ["pyproject.toml", "lock.txt"])
def test_both_sides_of_a_merge_are_refused(setup, name):
    setup.start()
    text = (setup.folder / name).read_text("utf-8")
    (setup.folder / name).write_text(f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> branch\n", "utf-8")
    assert setup.refusal("lab").startswith(
        f"{name} holds both sides of a merge. Settle it, for example with `git checkout"
    )
    assert setup.installed == [""]


def test_a_missing_lock_is_named(setup):
    (setup.folder / "lock.txt").unlink()
    assert "lock.txt" in setup.refusal()


def test_a_lock_that_no_longer_fits_can_be_moved(setup, monkeypatch):
    setup.start("[test]")
    (setup.folder / "pyproject.toml").write_text("# other ranges")
    commands = []
    monkeypatch.setattr(setup.course, "hand_over", lambda *command, **_: commands.append(command) or 0)
    setup.failure = "no version fits"
    assert setup.course.main("lock", "--no-upgrade") == 0
    assert commands == [(setup.course.PYTHON, "-m", "tests.lock", "--no-upgrade")]
    assert setup.refusal("quick") == "no version fits"


@pytest.mark.parametrize("version", [TOO_OLD, TOO_NEW])
def test_a_python_that_is_too_old_or_too_new_is_refused(setup, version):
    setup.patch.setattr(sys, "version_info", version)
    asked = f"The course needs Python {', '.join(PYTHONS[:-1])} or {PYTHONS[-1]}, as in"
    assert setup.refusal().startswith(asked)
    assert setup.refusal().endswith(f"this is {version[0]}.{version[1]}.")
    assert not setup.environment.exists()


def test_any_python_starts_what_is_installed(setup):
    setup.start()
    setup.patch.setattr(sys, "version_info", TOO_OLD)
    assert setup.start() == []


def test_every_allowed_python_is_taken(setup):
    for python in PYTHONS:
        minor = int(python.removeprefix("3."))
        assert setup.course.OLDEST <= (3, minor) < setup.course.TOO_NEW


def test_an_old_python_can_read_the_script():
    tree = ast.parse((ROOT / "course.py").read_text("utf-8"), feature_version=(3, 8))
    assert any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)


def test_a_disk_that_is_read_only_is_named(setup):
    def refuse(path, **_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    setup.patch.setattr(Path, "mkdir", refuse)
    line = setup.refusal()
    assert line.startswith("The course can't be set up: ")
    assert "Read-only file system" in line


def test_a_python_without_pip_is_named(setup):
    def fail(*_, **__):
        raise subprocess.CalledProcessError(1, "ensurepip")

    setup.patch.setattr(setup.course.venv, "create", fail)
    assert "apt install python3-venv" in setup.refusal()
    assert not setup.environment.exists()


@pytest.mark.parametrize("word", ["help", "--help", "-h"])
def test_help_lists_the_commands(setup, word, capsys):
    assert setup.course.main(word) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert all(command in line for command in setup.course.COMMANDS)
    assert not setup.environment.exists()


def test_unknown_commands_are_refused_before_anything_is_installed(setup):
    line = setup.refusal("laboratory")
    assert line.startswith("course.py has no command 'laboratory'; it has lab, ")
    assert not setup.environment.exists()


def test_course_and_make_have_the_same_commands(setup, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["course", "--help"])
    with pytest.raises(SystemExit):
        cli.main()
    verbs = re.findall(r"\{(.*?)\}", capsys.readouterr().out)[0].split(",")
    assert {*verbs, "setup", *setup.course.TOOLS} == set(setup.course.COMMANDS)
    targets = re.findall(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[0].split()
    assert set(targets) <= set(setup.course.COMMANDS)
    assert {"lab", "test", "quick", "lock"} <= set(targets)


def test_some_tests_start_in_one_process_and_all_in_several(setup, monkeypatch):
    commands = []
    monkeypatch.setattr(setup.course, "hand_over", lambda *command, **_: commands.append(command) or 0)
    monkeypatch.setenv("COURSE_CHROMIUM", "chromium")
    setup.course.main("test")
    setup.course.main("test", "tests/models")
    assert [command[1:] for command in commands] == [
        ("-m", "pytest"),
        ("-m", "pytest", "-n0", "tests/models"),
    ]


def test_an_environment_is_made_as_python_makes_it(setup):
    options = []

    def create(place, **given):
        options.append(given)
        make(place)

    setup.patch.setattr(setup.course.venv, "create", create)
    setup.start()
    assert options == [{"with_pip": True, "symlinks": os.name != "nt"}]


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ((), True),
        (("-k", "lstm"), True),
        (("tests",), True),
        (("tests/browser/test_lab.py::test_x",), True),
        (("tests/models", "-k", "lstm"), False),
        (("tests/models", "tests/browser"), True),
    ],
)
def test_a_browser_is_looked_for_where_a_test_needs_one(arguments, needed):
    assert load(ROOT / "course.py").includes_browser(arguments) == needed


HANDED_OVER = """
import course, sys
sys.exit(course.hand_over(sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_the_start_ends_what_it_started(name):
    with subprocess.Popen([sys.executable, "-c", HANDED_OVER], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"here\n"
        process.send_signal(getattr(signal, name))
        assert process.stdout.read() == b""  # closed only when nobody holds it any more
        assert process.wait(10) != 0
