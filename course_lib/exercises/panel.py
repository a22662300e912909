"""What a check found, as a number for the grader and as a panel for the learner."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from course_lib.exercises.compare import Difference
from course_lib.exercises.exercise import Mistake
from course_lib.exercises.maps import picture
from course_lib.exercises.relation import extent, relation
from course_lib.explore import page

LONGEST_LINE = 240


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
        mistake: the mistake that gives the learner's results, one of the exercise's list or a found one.
        hints: the hints the learner has reached by failing tries.
        notes: one line each for what the learner should know besides.
        example: a failing call that can be pasted into a cell.
        advice: what else can be done, told quietly.
        library: the library's own version, and what is different in it; shown after full points.
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
    example: str = ""
    advice: str = ""
    library: str = ""
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
        look, state = _state(self)
        notice = ' class="notice"' if look == "unsolved" and not self.difference else ""
        parts = [
            f'<p class="state"><strong>{state}: {score}</strong> for <code>{_line(self.name)}</code></p>',
            f"<p{notice}>{_prose(_capitalised(self.message))}</p>",
            _difference_table(self),
            self._picture(),
            _mistake_lines(self.mistake, has_value=bool(self.difference)),
            _list("Cases", _cases(self)),
            _list("Hints", [("hinted", f"Hint {k}: {hint}") for k, hint in enumerate(self.hints, 1)]),
            _list("Notes", [("noted", f"Note: {note}") for note in self.notes]),
            _example(self.example),
            _aside(self.advice),
            _aside(f"In the library: {self.library}" if self.library and self.is_solved else ""),
        ]
        label = f"Check of {_line(self.name)}: {state}, {score}"
        sheets = ("course", "check") if self.difference or self.example or self.library else ("course",)
        return (
            f"<style>{page.style(*sheets)}</style>"
            f'<div class="course check {look}" role="group" aria-label="{label}">{"".join(parts)}</div>'
        )

    def _picture(self) -> str:
        return picture(self.difference.values) if self.difference and self.difference.values else ""


def _state(result: Result) -> tuple[str, str]:
    """The state as a class of the style sheet, and in words."""
    if result.is_solved:
        return "solved", "Solved"
    if result.points:
        return "partly", "Partly solved"
    return ("open", "Not done yet") if result.is_stub else ("unsolved", "Not solved yet")


def _cases(result: Result) -> list[tuple[str, str]]:
    if result.is_stub:
        return []
    return [
        *(("passed", f"passed: {title}") for title in result.passed),
        *(("failed", f"not passed: {title}") for title in result.failed),
    ]


def _difference_table(result: Result) -> str:
    found = result.difference
    if not found:
        return ""
    cells = _first_place(found) + _all_places(found)
    if not cells:
        return ""
    rows = [
        f'<tr><th scope="row">{name}</th><td>{value}</td></tr>'
        for name, value in [("case", _line(result.case)), *cells]
    ]
    return f'<table aria-label="The difference">{"".join(rows)}</table>'


def _first_place(found: Difference) -> list[tuple[str, str]]:
    if not found.expected:
        return []
    place = f" ({_line(found.place)})" if found.place else ""
    return [
        ("where", f"<code>{_line(found.where)}</code>{place}" if found.where else "the result"),
        ("expected", f"<code>{_line(found.expected)}</code>"),
        ("got", f"<code>{_line(found.got)}</code>"),
    ]


def _all_places(found: Difference) -> list[tuple[str, str]]:
    """How much of the result is wrong, and by which one step all of it is."""
    if not found.values:
        return []
    cells = [("wrong", extent(found.values)), ("got is", relation(found.values))]
    return [(name, _line(words)) for name, words in cells if words]


def _mistake_lines(mistake: Mistake | None, has_value: bool) -> str:
    if not mistake:
        return ""
    name, hint = _code(escape(mistake.name)), _code(escape(mistake.hint))
    lead = "Your result is what you get when" if has_value else "This is what happens when"
    named = f"<div>{lead} <strong>{name}</strong>.</div>"
    return f'<div class="notice"><div>{named}<div class="hint">{hint}</div></div></div>'


def _example(text: str) -> str:
    """A folded text that keeps its lines and is selected by a click."""
    if not text:
        return ""
    shown = escape(text.encode("utf-8", "replace").decode())
    return (
        f"<details><summary>the input of a case that fails</summary><pre><code>{shown}</code></pre></details>"
    )


def _aside(text: str) -> str:
    return f'<p class="aside">{_prose(text)}</p>' if text else ""


def _list(label: str, lines: Iterable[tuple[str, str]]) -> str:
    """Lines of a kind each, with its mark; nothing if there are none."""
    items = "".join(f'<li class="{kind}">{_prose(line)}</li>' for kind, line in lines)
    return f'<ul class="lines" aria-label="{label}">{items}</ul>' if items else ""


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _prose(text: str) -> str:
    """One line of html in which what stands between backticks is shown as code."""
    return _code(_line(text))


def _code(html: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html)


def _line(text: str) -> str:
    """Make any text one line of html of bounded length; what no browser can show becomes `?`."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    return escape(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ...")
