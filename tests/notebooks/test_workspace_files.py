"""No file of the learner's is lost when the course comes anew, whatever happens."""

from pathlib import Path

import pytest

from course_lib.files import write
from course_lib.notebooks import workspace
from course_lib.notebooks.notebook import read
from course_lib.notebooks.workspace import student_version, update
from tests.notebooks.samples import STUB, edit, files, lecture, save, sources


def test_history_keeps_every_earlier_file_even_within_a_second(folders):
    course, mine = folders
    kept = []
    for number in range(4):
        edit(mine / "01.ipynb", demo=f"mine {number}")
        kept.append((mine / "01.ipynb").read_bytes())
        save(course / "01.ipynb", lecture(intro=f"Version {number}."))
        update(course, mine)
    history = [path.read_bytes() for path in (mine / "earlier versions").iterdir()]
    assert sorted(history) == sorted(kept)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b'{"cells": 1}',
        "é".encode("latin-1"),
        b'{"cells": [{}], "metadata": {}, "nbformat": 4}',
    ],
)
def test_an_unreadable_file_stays_and_the_new_one_comes_beside(folders, broken):
    course, mine = folders
    (mine / "01.ipynb").write_bytes(broken)
    (line,) = update(course, mine)[:1]
    assert line == "01.ipynb: cannot be read and stays as it is; the course's version is 01.new.ipynb"
    assert (mine / "01.ipynb").read_bytes() == broken
    assert read(mine / "01.new.ipynb") == student_version(lecture())
    edit(mine / "01.new.ipynb", demo="written beside")
    before = files(mine)
    assert update(course, mine) == [line]
    assert files(mine) == before
    save(course / "01.ipynb", lecture(demo="plot(2)", intro="Read this."))
    update(course, mine)
    assert (mine / "01.ipynb").read_bytes() == broken
    beside = sources(read(mine / "01.new.ipynb"))
    assert beside["demo"] == "written beside"
    assert beside["intro"] == "Read this."


@pytest.mark.parametrize("base", [None, b"{"], ids=["missing", "broken"])
def test_without_a_base_nothing_is_lost(folders, base):
    course, mine = folders
    edit(mine / "01.ipynb", demo="mine")
    if base is None:
        (mine / ".base" / "01.ipynb").unlink()
    else:
        (mine / ".base" / "01.ipynb").write_bytes(base)
    update(course, mine)
    texts = [cell.source for cell in read(mine / "01.ipynb").cells]
    assert texts[:2] == ["Read.", "mine"]
    assert texts[2].endswith("# plot(1)")
    assert texts[3:] == [STUB, "check(double)"]
    assert update(course, mine) == []


def test_removed_added_and_renamed_notebooks_are_left_alone(folders):
    course, mine = folders
    (mine / "01.ipynb").rename(mine / "mine.ipynb")
    save(mine / "own.ipynb", lecture(intro="own"))
    before = {name: (mine / name).read_bytes() for name in ("mine.ipynb", "own.ipynb")}
    assert update(course, mine) == ["01.ipynb: new"]
    edit(mine / "01.ipynb", demo="mine")
    before["01.ipynb"] = (mine / "01.ipynb").read_bytes()
    (course / "01.ipynb").unlink()
    assert update(course, mine) == []
    assert {name: (mine / name).read_bytes() for name in before} == before


def test_the_courses_own_mistakes_name_the_lecture(folders):
    course, mine = folders
    save(course / "02.ipynb", lecture(answer="no markers"))
    with pytest.raises(ValueError, match=r"02\.ipynb, cell double: "):
        update(course, mine)


def test_a_notebook_that_is_a_symbolic_link_stays_one(folders, tmp_path):
    course, mine = folders
    elsewhere = tmp_path / "elsewhere.ipynb"
    (mine / "01.ipynb").rename(elsewhere)
    (mine / "01.ipynb").symlink_to(elsewhere)
    save(course / "01.ipynb", lecture(intro="Read this."))
    update(course, mine)
    assert (mine / "01.ipynb").readlink() == elsewhere
    assert sources(read(elsewhere))["intro"] == "Read this."


def test_an_interrupted_replace_keeps_the_old_notebook(folders, monkeypatch):
    course, mine = folders
    before = files(mine)
    save(course / "01.ipynb", lecture(intro="Read this."))

    def interrupt(*_paths):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", interrupt)
        update(course, mine)
    assert files(mine) == before


@pytest.mark.parametrize("survived", [0, 1, 2])
def test_a_crash_between_two_files_loses_nothing(folders, monkeypatch, survived):
    course, mine = folders
    edit(mine / "01.ipynb", demo="mine")
    before = (mine / "01.ipynb").read_bytes()
    save(course / "01.ipynb", lecture(demo="plot(2)", intro="Read this."))
    written = []

    def crash_later(path, content):
        if len(written) == survived:
            raise KeyboardInterrupt
        written.append(path.parent.name)
        write(path, content)

    monkeypatch.setattr(workspace, "write", crash_later)
    with pytest.raises(KeyboardInterrupt):
        update(course, mine)
    assert written == ["earlier versions", "workspace", ".base"][:survived]
    monkeypatch.undo()
    update(course, mine)
    result = [cell.source for cell in read(mine / "01.ipynb").cells]
    assert result[:2] == ["Read this.", "mine"]
    assert result[2].endswith("# plot(2)")
    assert len(result) == 5
    assert before in [path.read_bytes() for path in (mine / "earlier versions").iterdir()]
    assert update(course, mine) == []


def test_earlier_versions_move_to_where_jupyterlab_shows_them(folders):
    course, mine = folders
    for folder, text in ((".history", "first"), ("earlier versions", "second")):
        write(mine / folder / "01.20260101-000000-1.ipynb", text.encode())
    write(mine / ".history" / "02.20260101-000000-1.ipynb", b"third")
    update(course, mine)
    assert not (mine / ".history").exists()
    kept = {path.name: path.read_text() for path in (mine / "earlier versions").iterdir()}
    assert kept == {
        "01.20260101-000000-1.ipynb": "second",
        "01.20260101-000000-1-1.ipynb": "first",
        "02.20260101-000000-1.ipynb": "third",
    }
