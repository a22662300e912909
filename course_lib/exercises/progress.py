"""Which exercises are solved, read from the notebooks as they were last saved."""

import json
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from course_lib import grading

LAST_SAVED = "As of the last saving of each notebook."


@dataclass(frozen=True)
class Entry:
    """One exercise of a lecture, and the points it has earned of those that are possible."""

    lecture: str
    exercise: str
    earned: float
    possible: float

    @property
    def state(self) -> str:
        """Solved, partly or not yet."""
        if self.earned >= self.possible:
            return "solved"
        return "partly" if self.earned else "not yet"

    @property
    def points(self) -> str:
        """The points in words, such as `2.5 of 4`."""
        return f"{self.earned:g} of {self.possible:g}"


@dataclass(frozen=True)
class Progress:
    """The exercises of all lectures in a folder; its text is for the terminal, its html for a notebook."""

    entries: tuple[Entry, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """All of it in one line."""
        solved = sum(entry.state == "solved" for entry in self.entries)
        earned = sum(entry.earned for entry in self.entries)
        possible = sum(entry.possible for entry in self.entries)
        return f"{solved} of {len(self.entries)} exercises solved, {earned:g} of {possible:g} points."

    def __str__(self) -> str:
        rows = [(entry.lecture, entry.exercise, entry.state, entry.points) for entry in self.entries]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([*table, *self.unreadable, self.summary, LAST_SAVED])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        left = 'style="text-align: left"'
        names = ("lecture", "exercise", "state", "points")
        header = "".join(f'<th scope="col" {left}>{name}</th>' for name in names)
        table = [
            (escape(entry.lecture), f"<code>{escape(entry.exercise)}</code>", entry.state, entry.points)
            for entry in self.entries
        ]
        rows = "".join(f"<tr>{''.join(f'<td {left}>{cell}</td>' for cell in row)}</tr>" for row in table)
        lines = "".join(f"<p>{escape(line)}</p>" for line in (*self.unreadable, self.summary))
        return (
            f"<table><caption>{LAST_SAVED}</caption><thead><tr>{header}</tr></thead>"
            f"<tbody>{rows}</tbody></table>{lines}"
        )


def progress(folder: Path | None = None) -> Progress:
    """Read the points of every exercise in the notebooks of a folder, by default the current one.

    An exercise that stands in several cells or notebooks counts once: with its best points, and in the
    lecture whose name sorts first. A notebook that cannot be read is named in one line, and the course's
    version beside it (`.new.ipynb`) is read instead if there is one.
    """
    found: list[Entry] = []
    unreadable: list[str] = []
    for path in sorted((folder or Path.cwd()).glob("*.ipynb"), key=lambda path: path.stem):
        if path.name.startswith(".") or path.name.endswith(".new.ipynb"):
            continue
        entries, problems = _read(path.stem, path)
        found += entries
        unreadable += problems
    return Progress(tuple(_best(found)), tuple(unreadable))


def _best(entries: list[Entry]) -> list[Entry]:
    """Keep each exercise once: its best points, in the lecture that has it first."""
    best: dict[str, Entry] = {}
    for entry in entries:
        first = best.setdefault(entry.exercise, entry)
        if entry.earned > first.earned:
            best[entry.exercise] = replace(entry, lecture=first.lecture)
    return list(best.values())


def _read(lecture: str, path: Path) -> tuple[list[Entry], list[str]]:
    """Return the exercises of a notebook, or of the course's version beside it, and what cannot be read."""
    try:
        return _entries(lecture, path), []
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        problem = f"{path.name} cannot be read as a notebook."
    beside = path.with_suffix(".new.ipynb")
    if not beside.exists():
        return [], [problem]
    entries, further = _read(lecture, beside)
    return entries, [problem, *further]


def _entries(lecture: str, path: Path) -> list[Entry]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [_entry(lecture, cell) for cell in notebook["cells"] if grading.is_check(cell)]


def _entry(lecture: str, cell: dict[str, Any]) -> Entry:
    possible = float(cell["metadata"]["nbgrader"]["points"])
    earned = min(max(grading.points(cell), 0.0), possible)
    return Entry(
        lecture, str(grading.grade_id(cell)).removeprefix("check-").replace("-", "_"), earned, possible
    )
