"""Two branches that each add a cell to a lecture merge with git alone."""

import subprocess
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_output

from course_lib.folders import ROOT
from course_lib.notebooks.notebook import as_text, read
from course_lib.notebooks.store import normal_form
from tests.notebooks import rules

LECTURE = ROOT / "notebooks" / "11_decoder.ipynb"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository that holds one lecture, untouched by the settings of the user."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    (tmp_path / LECTURE.name).write_bytes(LECTURE.read_bytes())
    git(tmp_path, "init", "--initial-branch=main")
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    finished = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stdout + finished.stderr
    return finished.stdout


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "--message=Change")


def insert_cell(path: Path, at: float, name: str) -> None:
    """Insert a code cell with a result into a lecture, and store it as `course run` does."""
    notebook = read(path)
    result = new_output("execute_result", data={"text/plain": f"'{name}'"}, execution_count=1)
    cell = new_code_cell(f"'{name}'", id=name, outputs=[result], execution_count=1)
    notebook.cells.insert(int(at * len(notebook.cells)), cell)
    path.write_text(as_text(normal_form(notebook)), encoding="utf-8")


def test_two_branches_that_each_insert_a_cell_merge_without_a_conflict(repository):
    path = repository / LECTURE.name
    for branch, at in (("earlier", 0.3), ("later", 0.7)):
        git(repository, "switch", "--quiet", "--create", branch, "main")
        insert_cell(path, at, branch)
        commit(repository)
        added, removed, _ = git(repository, "diff", "--numstat", "main").split("\t")
        assert (int(added) < 30, removed) == (True, "0")
    git(repository, "merge", "--no-edit", "earlier")
    cells = [cell.id for cell in read(LECTURE).cells]
    merged = [cell.id for cell in read(path).cells]
    assert merged.index("earlier") < merged.index("later")
    assert [name for name in merged if name in cells] == cells
    whole = [breach for breach in rules.breaches(path) if "there is no" not in breach]  # links to other files
    assert whole == []


def test_git_shows_notebooks_as_text_where_nbdime_is_not_set_up(repository):
    assert git(repository, "check-attr", "diff", LECTURE.name).endswith("diff: jupyternotebook\n")
    insert_cell(repository / LECTURE.name, 0.5, "new")
    assert """+    "'new'"\n""" in git(repository, "diff")
