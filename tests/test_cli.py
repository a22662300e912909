"""The `course` command."""

import sys

import pytest

from course_lib import cli


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


def test_workspace_and_progress(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(cli, "WORKSPACE", tmp_path / "workspace")
    assert run(monkeypatch, "workspace") == 0
    assert (tmp_path / "workspace" / "01_sequences.ipynb").exists()
    assert "### BEGIN SOLUTION" not in (tmp_path / "workspace" / "01_sequences.ipynb").read_text("utf-8")
    capsys.readouterr()
    assert run(monkeypatch, "progress") == 0
    assert "pad_batch" in capsys.readouterr().out
