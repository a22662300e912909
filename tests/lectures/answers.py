"""What learners may write: the `right_answers.py` and `wrong_answers.py` of each lecture."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from course_lib.exercises.exercise import Function


def _of_lectures(name: str) -> Iterator[Any]:
    """What the modules of this name hold under the same name in capitals."""
    for path in sorted(Path(__file__).parent.glob(f"*/{name}.py")):
        yield getattr(import_module(f"tests.lectures.{path.parent.name}.{name}"), name.upper())


def _right_answers() -> dict[str, tuple[Function, ...]]:
    found: dict[str, tuple[Function, ...]] = {}
    for answers in _of_lectures("right_answers"):
        of_lecture: Mapping[str, tuple[Function, ...]] = answers
        assert not found.keys() & of_lecture.keys(), sorted(of_lecture)
        found |= of_lecture
    return found


RIGHT_ANSWERS = _right_answers()
"""For each exercise, by its name, functions that the check must accept."""

WRONG_ANSWERS: list[tuple[str, Function, str]] = [
    (name, wrong, title[0] if title else "")
    for answers in _of_lectures("wrong_answers")
    for name, wrong, *title in answers
]
"""Answers that only a rare case refuses: exercise, function, and the title of the case if it matters."""
