"""Right answers to every exercise besides its reference, from the `right_answers.py` of each lecture."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from course_lib.exercises.exercise import Function


def _right_answers() -> dict[str, tuple[Function, ...]]:
    found: dict[str, tuple[Function, ...]] = {}
    for path in sorted(Path(__file__).parent.glob("*/right_answers.py")):
        answers: Mapping[str, tuple[Function, ...]]
        answers = import_module(f"tests.lectures.{path.parent.name}.right_answers").RIGHT_ANSWERS
        assert not found.keys() & answers.keys(), path
        found |= answers
    return found


RIGHT_ANSWERS = _right_answers()
"""For each exercise, by its name, functions that the check must accept."""
