"""What a check found, as a number for the grader and as a panel for the learner."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from course_lib.exercises.compare import Difference
from course_lib.exercises.exercise import Mistake

LONGEST_LINE = 240

GOOD = "var(--jp-success-color1, #2e7d32)"
BAD = "var(--jp-warn-color1, #c25700)"
OPEN = "var(--jp-border-color1, #9e9e9e)"


@dataclass(frozen=True)
class Result:
    """The outcome of one check.

    Attributes:
        name: the exercise, or what was given instead of one.
        points: what the solution earns, from 0 to `possible`.
        possible: the points of the exercise; 0 if there is none of this name.
        message: the answer in one line.
        passed: the titles of the cases that the function solves.
        failed: the titles of those it does not solve, or was not tried on.
        case: the title of the case that the message is about.
        difference: the first difference, if there is one to show.
        mistake: the known mistake that gives the learner's results.
        hints: the hints the learner has reached by failing tries.
        notes: one line each for what the learner should know besides.
        is_stub: whether the function has not been written yet.

    """

    name: str
    points: float
    possible: int
    message: str
    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    case: str = ""
    difference: Difference | None = None
    mistake: Mistake | None = None
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_stub: bool = False

    @property
    def is_solved(self) -> bool:
        """Whether the exercise earns full points."""
        return 0 < self.possible == self.points

    def __repr__(self) -> str:
        """Return the points alone: a grader reads partial credit from the text of a cell's last value."""
        return f"{self.points:g}"

    def _repr_html_(self) -> str:
        score = f"{self.points:g} of {self.possible} points" if self.possible else "no points"
        state = _state(self)
        colour = GOOD if self.is_solved else OPEN if self.is_stub else BAD
        parts = [
            f"<p><strong>{state}: {score}</strong> for <code>{_line(self.name)}</code></p>",
            f"<p>{_prose(_capitalised(self.message))}</p>",
            _difference_table(self),
            _mistake_line(self.mistake),
            _list("Cases", _cases(self)),
            _list("Hints", [f"Hint {number}: {hint}" for number, hint in enumerate(self.hints, 1)]),
            _list("Notes", [f"Note: {note}" for note in self.notes]),
        ]
        label = f"Check of {_line(self.name)}: {state}, {score}"
        style = f"border-left: 4px solid {colour}; padding: 0.1em 1em; max-width: 60em; color: inherit"
        return f'<div role="group" aria-label="{label}" style="{style}">{"".join(parts)}</div>'


def _state(result: Result) -> str:
    if result.is_solved:
        return "Solved"
    if result.points:
        return "Partly solved"
    return "Not done yet" if result.is_stub else "Not solved yet"


def _cases(result: Result) -> list[str]:
    if result.is_stub:
        return []
    return [f"passed: {title}" for title in result.passed] + [
        f"not passed: {title}" for title in result.failed
    ]


def _difference_table(result: Result) -> str:
    found = result.difference
    if not found or not found.expected:
        return ""
    cells = [
        ("case", _line(result.case)),
        ("where", f"<code>{_line(found.where)}</code>" if found.where else "the result"),
        ("expected", f"<code>{_line(found.expected)}</code>"),
        ("got", f"<code>{_line(found.got)}</code>"),
    ]
    left = ' style="text-align: left"'
    rows = [f'<tr><th scope="row"{left}>{name}</th><td{left}>{value}</td></tr>' for name, value in cells]
    return f'<table aria-label="The first difference">{"".join(rows)}</table>'


def _mistake_line(mistake: Mistake | None) -> str:
    if not mistake:
        return ""
    name, hint = _prose(mistake.name), _prose(mistake.hint)
    return f"<p>Your result is what you get when <strong>{name}</strong>. {hint}</p>"


def _list(label: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_prose(line)}</li>" for line in lines)
    return f'<ul aria-label="{label}">{items}</ul>' if items else ""


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _prose(text: str) -> str:
    """One line of html in which what stands between backticks is shown as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _line(text))


def _line(text: str) -> str:
    """Make any text one line of html of bounded length; what no browser can show becomes `?`."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    return escape(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ...")
