"""The command sets one exercise back and keeps the notebook as it was."""

import pytest

from course_lib.folders import HISTORY
from course_lib.notebooks.notebook import read
from course_lib.notebooks.workspace import start_over
from tests.notebooks.samples import STUB, edit, files, save, sources

MINE = "def double(x):\n    return x"


def test_exercise_is_set_back_and_the_notebook_kept(folders):
    _, mine = folders
    edit(mine / "01.ipynb", double=MINE, demo="plot(2)")
    before = (mine / "01.ipynb").read_bytes()
    line = start_over("double", mine)
    (kept,) = (mine / HISTORY).iterdir()
    assert line == f"01.ipynb: double is a stub again; the notebook as it was is {HISTORY}/{kept.name}."
    assert kept.read_bytes() == before
    after = sources(read(mine / "01.ipynb"))
    assert (after["double"], after["demo"]) == (STUB, "plot(2)")


def test_cell_is_found_though_an_editor_gave_it_another_id(folders):
    _, mine = folders
    notebook = read(mine / "01.ipynb")
    for cell in notebook.cells:
        if cell.id == "double":
            cell.id, cell.source = "lost", MINE
    save(mine / "01.ipynb", notebook)
    start_over("double", mine)
    assert sources(read(mine / "01.ipynb"))["double"] == STUB


def test_what_is_as_given_stays(folders):
    _, mine = folders
    before = files(mine)
    assert start_over("double", mine) == "01.ipynb: double is as you were given it."
    assert files(mine) == before


def test_what_is_not_there_is_said(folders):
    _, mine = folders
    with pytest.raises(ValueError, match="workspace/ has no exercise triple"):
        start_over("triple", mine)
    notebook = read(mine / "01.ipynb")
    notebook.cells = [cell for cell in notebook.cells if cell.id != "double"]
    save(mine / "01.ipynb", notebook)
    with pytest.raises(ValueError, match="no cell for double any more"):
        start_over("double", mine)
