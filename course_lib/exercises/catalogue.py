"""All exercises of the course under their names, found by the names of their files.

A lecture's folder holds its exercises: `lectures/lstm/lstm_step_exercise.py` holds the `EXERCISE` whose
learners write `lstm_step`. It is imported when somebody asks for it.
"""

import difflib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from course_lib.exercises.exercise import Exercise
from course_lib.folders import LECTURES

SUFFIX = "_exercise"


class Catalogue(Mapping[str, Exercise]):
    """The exercises in the folders of lectures; their order is that of the folders' names.

    Args:
        folder: holds a folder for each lecture.
        package: what `folder` is called by an import.

    Raises:
        ValueError: if two exercises have the same name; when one is looked up, if its file is named otherwise
            than the function that learners write.
        KeyError: when one is looked up that isn't there.
    """

    def __init__(self, folder: Path, package: str) -> None:
        self._package = package
        self._lectures: dict[str, str] = {}
        for path in sorted(folder.glob(f"*/*{SUFFIX}.py")):
            name = path.stem.removesuffix(SUFFIX)
            if name in self._lectures:
                raise ValueError(f"two exercises are called {name}: rename one")
            self._lectures[name] = path.parent.name

    def __getitem__(self, name: str) -> Exercise:
        if name not in self._lectures:
            close = difflib.get_close_matches(name, self._lectures, n=1)
            raise KeyError(f"there is no exercise {name}{f'; there is {close[0]}' if close else ''}")
        module = import_module(f"{self._package}.{self._lectures[name]}.{name}{SUFFIX}")
        exercise: Exercise = module.EXERCISE
        if exercise.name != name:
            raise ValueError(f"the file of the exercise {exercise.name} is called after {name}: rename it")
        return exercise

    def __iter__(self) -> Iterator[str]:
        return iter(self._lectures)

    def __len__(self) -> int:
        return len(self._lectures)

    def lecture(self, name: str) -> str:
        """The folder of the lecture that an exercise belongs to."""
        return self._lectures[name]


EXERCISES = Catalogue(LECTURES, "course_lib.lectures")
