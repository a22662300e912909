"""Small results as pictures: the expected values and the learner's side by side, the wrong ones framed."""

import math
from dataclasses import dataclass
from html import escape

import torch
from torch import Tensor

from course_lib.exercises.compare import Values, place_along
from course_lib.exercises.relation import MOST_AXES, axis_name

ROWS, COLUMNS = 8, 10
"""A map with more of them is too large to compare at a glance."""
LARGEST_WHOLE = 10_000
WIDEST = 5
"""A number of more signs gets fewer digits, so that the maps stand side by side."""
FRAMED = "wrong values are framed"


def picture(values: Values) -> str:
    """Draw two results as html tables: two maps for two axes, two rows for one.

    Of three or four axes, the first slice of the last two that holds a wrong value is drawn. Empty if the
    shapes differ, or if a map would have more than `ROWS` rows or `COLUMNS` columns.
    """
    axes, shape = values.expected.ndim, values.expected.shape
    if values.got.shape != shape or not 0 < axes <= MOST_AXES:
        return ""
    if shape[-1] > COLUMNS or (axes > 1 and shape[-2] > ROWS):
        return ""
    wrong = values.wrong
    part = tuple(wrong.nonzero()[0, :-2].tolist())
    names = [axis_name(values.axes, axis, axes) for axis in range(axes)]
    pair = _Pair(values.expected[part], values.got[part], wrong[part])
    place = ", ".join(place_along(name, index) for name, index in zip(names, part, strict=False))
    tables = pair.maps() if axes > 1 else pair.rows(names[0])
    across = f"{names[-2]} down, {names[-1]} across" if axes > 1 and values.axes else ""
    caption = escape("; ".join(filter(None, (place, across, FRAMED))))
    return (
        f'<figure class="maps" style="--width:{pair.width}ch"><figcaption>{caption}</figcaption>'
        f"{tables}</figure>"
    )


@dataclass(frozen=True, eq=False)
class _Pair:
    """What is expected, what came, and which of it is wrong; each has one axis or two."""

    expected: Tensor
    got: Tensor
    wrong: Tensor

    @property
    def width(self) -> int:
        """How many signs the longest number has."""
        numbers = torch.cat([self.expected.double().flatten(), self.got.flatten()]).tolist()
        return max(len(self._text(number)) for number in numbers)

    def maps(self) -> str:
        """One table each."""
        return _table("expected", self._cells(self.expected)) + _table(
            "got", self._cells(self.got, self.wrong)
        )

    def rows(self, axis: str) -> str:
        """One table whose rows are both."""
        rows = self._cells(self.expected[None]) + self._cells(self.got[None], self.wrong[None])
        return _table("", rows, axis, ("expected", "got"))

    def _cells(self, map_: Tensor, wrong: Tensor | None = None) -> list[list[str]]:
        marks = torch.zeros(map_.shape, dtype=torch.bool) if wrong is None else wrong
        return [
            [self._cell(number, mark) for number, mark in zip(*row, strict=True)]
            for row in zip(map_.tolist(), marks.tolist(), strict=True)
        ]

    def _cell(self, number: float, is_wrong: bool) -> str:
        text = self._text(number)
        mark = f' class="wrong" aria-label="{text}, wrong"' if is_wrong else ""
        return f'<td{mark} style="--level:{self._level(number)}%">{text}</td>'

    def _text(self, number: float) -> str:
        if self.expected.dtype == torch.bool:
            return "T" if number else "F"
        return short(number)

    def _level(self, number: float) -> int:
        """How deep a cell is shaded, from 0 for the least to 100 for the largest of all numbers."""
        finite = torch.cat([map_[map_.isfinite()].double() for map_ in (self.expected, self.got)])
        if not math.isfinite(number) or finite.min() == finite.max():
            return 0
        return round(100 * (number - finite.min().item()) / (finite.max() - finite.min()).item())


def _table(title: str, rows: list[list[str]], corner: str = "", names: tuple[str, ...] = ()) -> str:
    """A table whose columns and rows are numbered; rows may have names instead."""
    head = "".join(f'<th scope="col">{number}</th>' for number in range(len(rows[0])))
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(row)}</tr>'
        for name, row in zip(names or range(len(rows)), rows, strict=True)
    )
    caption = f"<caption>{title}</caption>" if title else ""
    first = f'<th scope="row">{escape(corner)}</th>' if corner else "<td></td>"
    return f'<table class="map">{caption}<thead><tr>{first}{head}</tr></thead><tbody>{body}</tbody></table>'


def short(number: float) -> str:
    """Write a number with two or three significant digits, one if it is long; whole ones as they are."""
    if math.isnan(number):
        return "NaN"
    if math.isfinite(number) and number == int(number) and abs(number) < LARGEST_WHOLE:
        return str(int(number))
    text = f"{number:.{2 if abs(number) < 1 else 3}g}"
    return text if len(text) <= WIDEST else f"{number:.1g}"
