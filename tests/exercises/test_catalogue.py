"""Exercises are found by the names of their files."""

import sys
from pathlib import Path

import pytest

from course_lib.exercises import EXERCISES
from course_lib.exercises.catalogue import Catalogue

SOURCE = """
from course_lib.exercises.exercise import Exercise

def {name}(x: int) -> int:
    return x

EXERCISE = Exercise({name}, {{}}, (), (), points=1, difficulty=1, minutes=1)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "sample_lectures"]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path / "sample_lectures"


def write(folder: Path, lecture: str, file: str, name: str) -> None:
    (folder / lecture).mkdir(parents=True, exist_ok=True)
    (folder / lecture / f"{file}_exercise.py").write_text(SOURCE.format(name=name), "utf-8")


def test_an_exercise_is_imported_when_it_is_asked_for(folder: Path) -> None:
    write(folder, "second", "double", "double")
    write(folder, "first", "halve", "halve")
    write(folder, "first", "broken", "not a name")
    (folder / "first" / "halve_explorer.py").write_text("1 / 0", "utf-8")
    catalogue = Catalogue(folder, "sample_lectures")
    assert list(catalogue) == ["broken", "halve", "double"]
    assert len(catalogue) == 3
    assert catalogue.lecture("double") == "second"
    assert catalogue["double"].reference(3) == 3
    assert "sample_lectures.first.halve_exercise" not in sys.modules
    with pytest.raises(KeyError, match="there is no exercise doubles; there is double"):
        catalogue["doubles"]


def test_two_exercises_of_one_name_are_refused(folder: Path) -> None:
    write(folder, "first", "double", "double")
    write(folder, "second", "double", "double")
    with pytest.raises(ValueError, match="two exercises are called double: rename one"):
        Catalogue(folder, "sample_lectures")


def test_a_file_is_named_as_its_exercise(folder: Path) -> None:
    write(folder, "first", "double", "treble")
    with pytest.raises(ValueError, match="the file of the exercise treble is called after double"):
        Catalogue(folder, "sample_lectures")["double"]


def test_the_courses_exercises_are_there() -> None:
    assert EXERCISES["layer_norm"].points == 3
    assert EXERCISES.lecture("layer_norm") == "encoder"
