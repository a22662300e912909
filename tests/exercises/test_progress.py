"""Progress is read from the notebooks as they were saved."""

import json
from pathlib import Path
from typing import Any

import pytest

from course_lib.exercises import progress
from course_lib.exercises.progress import LAST_SAVED


def check_cell(name: str, points: float, *texts: str) -> dict[str, Any]:
    """Build a graded cell with one result for each text."""
    outputs = [{"output_type": "execute_result", "data": {"text/plain": text}} for text in texts]
    grading = {"grade": True, "grade_id": f"check-{name}", "points": points}
    return {"cell_type": "code", "source": "", "outputs": outputs, "metadata": {"nbgrader": grading}}


def save(folder: Path, name: str, *cells: dict[str, Any]) -> None:
    other = {"cell_type": "markdown", "source": "text", "metadata": {}}
    (folder / name).write_text(json.dumps({"cells": [other, *cells], "metadata": {}}), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path, "01_sequences.ipynb", check_cell("pad_batch", 4, "2.5"), check_cell("masked_mean", 3))
    save(tmp_path, "00_start_here.ipynb", check_cell("moving_average", 2, "0", "2"))
    save(tmp_path, "notes.ipynb")
    return tmp_path


def test_states_and_points(folder: Path) -> None:
    entries = progress(folder).entries
    assert [(e.lecture, e.exercise, e.state, e.points) for e in entries] == [
        ("00_start_here", "moving_average", "solved", "2 of 2"),
        ("01_sequences", "pad_batch", "partly", "2.5 of 4"),
        ("01_sequences", "masked_mean", "not yet", "0 of 3"),
    ]


def test_terminal_and_notebook_say_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    shown = progress()
    assert str(shown).splitlines() == [
        "00_start_here  [##########]  2 of 2",
        "01_sequences   [###-------]  2.5 of 7",
        "    pad_batch: 2.5 of 4",
        "    masked_mean: 0 of 3",
        "1 of 3 exercises solved, 4.5 of 9 points.",
        "Next: pad_batch in 01_sequences.ipynb.",
        "As each notebook was last saved.",
    ]
    assert repr(shown) == str(shown)
    html = shown._repr_html_()
    assert ">2.5 of 4</td>" in html
    assert "1 of 3 exercises solved, 4.5 of 9 points." in html
    assert "last saved" in html


@pytest.mark.parametrize("content", [b"{broken", b"[]", b"{}", b'{"cells": [1]}', b"\xff\xfe"])
def test_unreadable_notebook_is_one_line(folder: Path, content: bytes) -> None:
    (folder / "02_<b>.ipynb").write_bytes(content)
    shown = progress(folder)
    assert len(shown.entries) == 3
    assert "02_<b>.ipynb cannot be read as a notebook." in str(shown)
    assert "02_&lt;b&gt;.ipynb" in shown._repr_html_()


@pytest.mark.parametrize(("text", "earned"), [("done", 0), ("nan", 0), ("inf", 0), ("-1", 0), ("99", 4)])
def test_what_is_no_number_of_points(tmp_path: Path, text: str, earned: float) -> None:
    save(tmp_path, "01.ipynb", check_cell("pad_batch", 4, text))
    assert progress(tmp_path).entries[0].earned == earned


def test_copies_beside_the_notebooks_do_not_count(folder: Path) -> None:
    save(folder, "00_start_here.new.ipynb", check_cell("moving_average", 2))
    save(folder, ".hidden.ipynb", check_cell("moving_average", 2))
    assert len(progress(folder).entries) == 3


def test_an_exercise_counts_once_with_its_best_points(folder: Path) -> None:
    """JupyterLab's Duplicate makes `01_sequences-Copy1.ipynb`, which as a file sorts before the original."""
    save(
        folder, "01_sequences-Copy1.ipynb", check_cell("pad_batch", 4, "1"), check_cell("masked_mean", 3, "3")
    )
    save(folder, "02.ipynb", check_cell("moving-average", 2, "1"), check_cell("masked_mean", 3, "2"))
    entries = progress(folder).entries
    assert [(e.lecture, e.exercise, e.points) for e in entries] == [
        ("00_start_here", "moving_average", "2 of 2"),
        ("01_sequences", "pad_batch", "2.5 of 4"),
        ("01_sequences", "masked_mean", "3 of 3"),
    ]


def test_pasted_check_cell_counts_once(tmp_path: Path) -> None:
    save(tmp_path, "01.ipynb", check_cell("pad_batch", 4), check_cell("pad_batch", 4, "4"))
    assert progress(tmp_path).summary == "1 of 1 exercises solved, 4 of 4 points."


def test_version_beside_an_unreadable_notebook_is_read(folder: Path) -> None:
    (folder / "01_sequences.ipynb").write_bytes(b"{broken")
    save(folder, "01_sequences.new.ipynb", check_cell("pad_batch", 4, "4"))
    shown = progress(folder)
    assert [(e.lecture, e.points) for e in shown.entries] == [
        ("00_start_here", "2 of 2"),
        ("01_sequences", "4 of 4"),
    ]
    assert shown.unreadable == ("01_sequences.ipynb cannot be read as a notebook.",)


def test_version_beside_that_is_unreadable_too_is_named(folder: Path) -> None:
    for name in ("01_sequences.ipynb", "01_sequences.new.ipynb"):
        (folder / name).write_bytes(b"{broken")
    shown = progress(folder)
    assert len(shown.entries) == 1
    assert shown.unreadable == (
        "01_sequences.ipynb cannot be read as a notebook.",
        "01_sequences.new.ipynb cannot be read as a notebook.",
    )


def test_a_lecture_that_is_far_off_is_one_line(folder: Path) -> None:
    save(folder, "02.ipynb", check_cell("forecast", 3), check_cell("lag_matrix", 2))
    assert "02             [----------]  0 of 5\n1 of 5" in str(progress(folder))


def test_all_done(tmp_path: Path) -> None:
    save(tmp_path, "01.ipynb", check_cell("pad_batch", 4, "4"), check_cell("unrewarded", 0))
    assert str(progress(tmp_path)).splitlines()[-2:] == ["Nothing is open.", LAST_SAVED]


def test_nearly_all_is_no_full_bar(tmp_path: Path) -> None:
    save(tmp_path, "01.ipynb", check_cell("pad_batch", 4, "3.99"))
    assert "[#########-]" in str(progress(tmp_path))


def test_empty_folder(tmp_path: Path) -> None:
    assert str(progress(tmp_path)).startswith("0 of 0 exercises solved")
