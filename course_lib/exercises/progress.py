"""Which exercises are solved, read from the notebooks as they were last saved."""

import json
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from course_lib import grading
from course_lib.explore import page

LAST_SAVED = "As each notebook was last saved."
BAR = 10
"""How many signs long the bar of a lecture is."""


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

    def __str__(self) -> str:
        return f"{self.exercise}: {self.points}"


@dataclass(frozen=True)
class Progress:
    """The exercises of all lectures in a folder; its text is for the terminal, its html for a notebook."""

    entries: tuple[Entry, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def next(self) -> Entry | None:
        """The first exercise that isn't solved; None if all are."""
        return next((entry for entry in self.entries if entry.state != "solved"), None)

    @property
    def summary(self) -> str:
        """All of it in one line."""
        solved = sum(entry.state == "solved" for entry in self.entries)
        earned = sum(entry.earned for entry in self.entries)
        possible = sum(entry.possible for entry in self.entries)
        return f"{solved} of {len(self.entries)} exercises solved, {earned:g} of {possible:g} points."

    def __str__(self) -> str:
        lectures: dict[str, list[Entry]] = {}
        for entry in self.entries:
            lectures.setdefault(entry.lecture, []).append(entry)
        width = max(map(len, lectures), default=0)
        lines = []
        for lecture, entries in lectures.items():
            earned = sum(entry.earned for entry in entries)
            possible = sum(entry.possible for entry in entries)
            points = f"{earned:g} of {possible:g}"
            lines.append(f"{lecture.ljust(width)}  [{_bar(earned, possible)}]  {points}")
            if earned or self.next in entries:  # what nobody has begun needs no list of what is open
                lines += [f"    {entry}" for entry in entries if entry.state != "solved"]
        return "\n".join([*lines, *self.unreadable, self.summary, *self._what_next(), LAST_SAVED])

    def _what_next(self) -> list[str]:
        if self.next:
            return [f"Next: {self.next.exercise} in {self.next.lecture}.ipynb."]
        return ["Nothing is open."] if self.entries else []

    __repr__ = __str__

    def _repr_html_(self) -> str:
        names = ("lecture", "exercise", "state", "points")
        header = "".join(f'<th scope="col">{name}</th>' for name in names)
        rows = "".join(map(_row, self.entries))
        table = f"<thead><tr>{header}</tr></thead><tbody>{rows}</tbody>"
        state = "open" if self.next or not self.entries else "solved"
        problems = "".join(f'<p class="notice">{escape(line)}</p>' for line in self.unreadable)
        lines = "".join(f"<p>{escape(line)}</p>" for line in self._what_next())
        return page.styled(
            f'<div class="course progress {state}">'
            f'<p class="state"><strong>{self.summary}</strong></p>{problems}{lines}'
            f"<table><caption>{LAST_SAVED}</caption>{table}</table></div>"
        )


def _row(entry: Entry) -> str:
    mark = {"solved": "passed", "partly": "partial", "not yet": "open"}[entry.state]
    return (
        f"<tr><td>{escape(entry.lecture)}</td><td><code>{escape(entry.exercise)}</code></td>"
        f'<td class="{mark}">{entry.state}</td><td>{entry.points}</td></tr>'
    )


def _bar(earned: float, possible: float) -> str:
    """A bar of ASCII, for any console; full only when all is earned."""
    full = int(BAR * earned / possible) if possible else BAR
    return "#" * full + "-" * (BAR - full)


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
