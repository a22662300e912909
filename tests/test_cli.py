"""The `course` command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib import cli
from course_lib.folders import ROOT


@pytest.fixture
def folder(tmp_path):
    for name in ("00_start_here", "01_sequences", "11_decoder"):
        (tmp_path / f"{name}.ipynb").write_text("{}")
    return tmp_path


@pytest.mark.parametrize("name", ["1", "01", "01_sequences", "01_sequences.ipynb"])
def test_lecture_is_found_by_number_and_name(folder, name):
    assert cli.find_lecture(name, folder) == folder / "01_sequences.ipynb"


def test_lecture_is_found_by_path(folder):
    assert cli.find_lecture(str(folder / "11_decoder.ipynb")) == folder / "11_decoder.ipynb"


@pytest.mark.parametrize("name", ["", "3", "99", "sequences"])
def test_unknown_and_unclear_names_list_the_lectures(folder, name):
    with pytest.raises(ValueError, match="00_start_here, 01_sequences, 11_decoder"):
        cli.find_lecture(name, folder)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["course", *arguments])
    return cli.main()


def test_errors_are_one_line(monkeypatch, capsys):
    assert run(monkeypatch, "run", "99") == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("course: '99' is not one lecture")
    assert printed.err.count("\n") == 1


START = """
import os
import subprocess
import sys
from pathlib import Path
from pathlib import Path
from course_lib import cli
from course_lib.folders import ROOT
cli.WORKSPACE = Path(sys.argv.pop(1))
sys.exit(cli.main())
"""


def command(workspace, *arguments, **environment):
    return [sys.executable, "-c", START, workspace, *arguments], {
        "env": {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0", **environment},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "cp1252", "utf-8"])
def test_any_console_and_any_name(tmp_path, encoding):
    (tmp_path / ".base").mkdir()
    (tmp_path / "Größe 예측 \U0001f642.ipynb").write_text("{}")
    if sys.platform == "linux":
        Path(os.fsdecode(bytes(tmp_path) + b"/\xff.ipynb")).write_text("{}")
    started, options = command(tmp_path, "progress", PYTHONIOENCODING=encoding)
    finished = subprocess.run(started, **options)
    assert (finished.returncode, finished.stderr) == (0, b"")
    lines = finished.stdout.decode(encoding).splitlines()
    assert sum("cannot be read as a notebook" in line for line in lines) == len(
        list(tmp_path.glob("*.ipynb"))
    )
    started, options = command(tmp_path, "run", "예측\n\U0001f642", PYTHONIOENCODING=encoding)
    finished = subprocess.run(started, **options)
    assert (finished.returncode, finished.stdout) == (1, b"")
    assert finished.stderr.decode(encoding).count("\n") == 1


def test_a_closed_pipe_is_no_error(tmp_path):
    (tmp_path / ".base").mkdir()
    started, options = command(tmp_path, "progress")
    with subprocess.Popen(started, **options) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 0)


def test_progress_without_a_workspace_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(cli, "WORKSPACE", tmp_path / "workspace")
    assert run(monkeypatch, "progress") == 1
    assert (
        capsys.readouterr().err == "course: there is no workspace yet; `course lab` or `make lab` makes it\n"
    )


def test_workspace_and_progress(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(cli, "WORKSPACE", tmp_path / "workspace")
    assert run(monkeypatch, "workspace") == 0
    assert (tmp_path / "workspace" / "01_sequences.ipynb").exists()
    assert "### BEGIN SOLUTION" not in (tmp_path / "workspace" / "01_sequences.ipynb").read_text("utf-8")
    capsys.readouterr()
    assert run(monkeypatch, "workspace") == 0
    assert capsys.readouterr().out == "Everything is up to date.\n"
    assert run(monkeypatch, "progress") == 0
    assert "Next: moving_average in 00_start_here.ipynb." in capsys.readouterr().out
