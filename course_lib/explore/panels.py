"""Panels: data with a meaning. They know neither the browser (`view/`) nor matplotlib (`paper.py`)."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan, nan
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from course_lib.explore.codes import Limits, quantise, quantise_powers

Array = Any
"""A tensor, an array or nested lists of numbers; a panel keeps it as a float64 array."""


def two_digits(number: float) -> str:
    """A number as captions tell it: two decimals and a true minus sign."""
    return f"{number:.2f}".replace("-0.00", "0.00").replace("-", "−")


def span(data: NDArray[np.float64]) -> Limits:
    """Limits that hold all the data, with a little room."""
    low, high = float(np.nanmin(data)), float(np.nanmax(data))
    room = 0.05 * (high - low) or 1.0
    return low - room, high + room


def reach(numbers: Array, room: float = 1.05) -> float:
    """How far from zero the numbers go, times `room`, in two digits; missing ones don't count."""
    return float(f"{max(np.abs(np.nan_to_num(_array(numbers))).max(), 1e-6) * room:.1e}")


def _array(numbers: Array) -> NDArray[np.float64]:
    return np.asarray(numbers.detach() if hasattr(numbers, "detach") else numbers, dtype=np.float64)


@dataclass(frozen=True)
class Label:
    """Words on a map or on curves, which may change when a control moves.

    Attributes:
        text: the words; none for a mark alone.
        x: where their middle is on the x axis, in its numbers: names of columns and positions don't count.
        y: where their foot is, in the numbers of a map's rows; None marks the whole height.
    """

    text: str
    x: float
    y: float | None = None


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What all panels share: numbers with a title, a caption and limits.

    Attributes:
        title: what is shown, in a few words.
        data: the numbers; NaN where there is none.
        limits: lowest and highest number that the picture shows; by default what the data need.
        caption: what the numbers say, in a sentence: the picture's alternative text.

    Raises:
        ValueError: if there are no data, or no limits that data without a number or with an infinite one
            need, or the limits are not two finite numbers, the lower one first.
    """

    PLACES: ClassVar[tuple[str, ...]] = ()
    """The attributes that name axes on which a cursor has a place."""

    title: str
    data: Array
    limits: Limits = (nan, nan)
    caption: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", _array(self.data))
        if not self.data.size:
            raise ValueError(f"{self.title}: the data are empty")
        if all(map(isnan, self.limits)):
            object.__setattr__(self, "limits", self._span())
        self._require_limits(self.limits)

    def _span(self) -> Limits:
        if np.isnan(self.data).all():
            raise ValueError(f"{self.title}: give limits: the data hold no number")
        if np.isinf(self.data).any():
            raise ValueError(f"{self.title}: give limits: the data hold an infinite number")
        return span(self.data)

    def _require_limits(self, limits: Limits) -> None:
        low, high = limits
        if not -inf < low < high < inf:
            told = f"limits are two numbers, the lower one first; these are ({low}, {high})"
            raise ValueError(f"{self.title}: {told}")

    @property
    def axes(self) -> set[str]:
        """The names of the axes on which a cursor has a place."""
        return {name for field in self.PLACES if (name := getattr(self, field))}

    def labels_placed(self) -> list[tuple[str, float, float | None]]:
        """The words that stand on the picture, and how far from its left and its top, from 0 to 1."""
        return []

    def codes(self) -> NDArray[np.uint16]:
        """The numbers, flat, as two-byte codes between the limits (see `quantise`)."""
        return quantise(self.data, self.limits)

    def description(self) -> dict[str, Any]:
        """Everything else, which stays the same when a control moves; only caption and labels may change."""
        changing = {"data", "caption", "labels"}
        names = [field.name for field in dataclasses.fields(self) if field.name not in changing]
        fields = {name: getattr(self, name) for name in names}
        # A string is a sequence of letters to Python; the view gets a list.
        fields |= {name: list(value) for name, value in fields.items() if name.endswith("names")}
        return fields | {"kind": type(self).__name__, "shape": list(self.data.shape)}


@dataclass(frozen=True, kw_only=True)
class Stack(Panel):
    """A panel that may hold several pictures, of which the cursor of a further axis chooses one.

    Attributes:
        among: name of that axis; the data then have it in front, as in (place, row, column).
        among_names: a name for each place on it, or none.
        place: the first place that is shown, counted from 0.
    """

    among: str = ""
    among_names: Sequence[str] = ()
    place: int = 0

    @property
    def shown(self) -> NDArray[np.float64]:
        """The numbers of the picture that is shown first."""
        return self.data[self.place] if self.among else self.data

    @property
    def shown_title(self) -> str:
        """The title, with the place that is shown first."""
        name = self.among_names[self.place] if self.among_names else self.place + 1
        return f"{self.title}: {self.among} {name}" if self.among else self.title


@dataclass(frozen=True, kw_only=True)
class Heat(Stack):
    """A map: `data` (row, column) as colours.

    Attributes:
        x: name of the columns' axis; panels with an axis of the same name share a cursor.
        y: name of the rows' axis.
        x_names: a name for each column, or none.
        y_names: a name for each row, or none.
        x_start: the number of the first column, if they have no names.
        y_start: the number of the first row, if they have no names.
        picture: draw it as a picture: square cells without axes and a scale of colours.
        stretched: fill the room; otherwise cells with names are squares, unless the map gets too tall.
        colours: the numbers between which the colours change, if not the limits; what lies beyond looks like
            the nearer one, and is read as it is.
        labels: words at places of the map, such as what is found there.
    """

    PLACES = ("x", "y", "among")

    x: str
    y: str
    x_names: Sequence[str] = ()
    y_names: Sequence[str] = ()
    x_start: int = 1
    y_start: int = 1
    picture: bool = False
    stretched: bool = False
    colours: Limits = (nan, nan)
    labels: Sequence[Label] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if all(map(isnan, self.colours)):
            object.__setattr__(self, "colours", self.limits)
        self._require_limits(self.colours)

    def labels_placed(self) -> list[tuple[str, float, float | None]]:
        rows, columns = self.shown.shape
        return [
            (
                label.text,
                (label.x - self.x_start + 0.5) / columns,
                None if label.y is None else (label.y - self.y_start + 0.5) / rows,
            )
            for label in self.labels
        ]


@dataclass(frozen=True, kw_only=True)
class Lines(Stack):
    """Curves over one axis: `data` (line, position).

    Attributes:
        x: name of the axis along the curves, with its unit; shared cursors as in `Heat`.
        y: name of the axis of the numbers, with its unit.
        x_names: a name for each position, or none.
        names: a name for each line.
        start: the first position on the x axis.
        step: distance of two positions on the x axis.
        dots: draw the points themselves, without lines between them.
        log: a logarithmic axis of the numbers; its limits are given and above zero. A number beyond a limit,
            such as zero, is drawn at the limit and read as "≤" or "≥" the limit.
        labels: marks at positions, such as that of a control.

    Raises:
        ValueError: if a logarithmic axis has no limits above zero.
    """

    PLACES = ("x", "among")

    x: str
    y: str
    x_names: Sequence[str] = ()
    names: Sequence[str] = ()
    start: float = 0
    step: float = 1
    dots: bool = False
    log: bool = False
    labels: Sequence[Label] = ()

    def __post_init__(self) -> None:
        if self.log and not 0 < self.limits[0] < self.limits[1]:
            raise ValueError(f"{self.title}: give a logarithmic axis limits above zero")
        super().__post_init__()

    def labels_placed(self) -> list[tuple[str, float, float | None]]:
        length = self.shown.shape[-1]
        return [
            (label.text, ((label.x - self.start) / self.step + 0.5) / length, None) for label in self.labels
        ]

    def codes(self) -> NDArray[np.uint16]:
        return quantise_powers(self.data, self.limits) if self.log else super().codes()


@dataclass(frozen=True, kw_only=True)
class Bars(Stack):
    """Bars side by side: `data` (series, category).

    Attributes:
        x: name of the categories' axis; shared cursors as in `Heat`.
        y: name of the axis of the numbers, with its unit.
        x_names: a name for each category.
        names: a name for each series.
    """

    PLACES = ("x", "among")

    x: str
    y: str
    x_names: Sequence[str]
    names: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Links(Panel):
    """Tokens on the left that read tokens on the right: `data` (head, query, key), weights from 0 to 1.

    Attributes:
        x: name of the axis of what is read, on the right; shared cursors as in `Heat`.
        y: name of the axis of what reads, on the left.
        x_names: a name for each token on the right.
        y_names: a name for each token on the left.
        names: a name for each head.
    """

    PLACES = ("x", "y")

    limits: Limits = (0, 1)
    x: str
    y: str
    x_names: Sequence[str]
    y_names: Sequence[str]
    names: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Path(Panel):
    """Points in the plane: `data` (point, 2), in equal scales on both axes.

    Attributes:
        x: name of the first coordinate.
        y: name of the second coordinate.
        along: name of the axis that the points follow, such as "time step"; shared cursors as in `Heat`.
        names: a name for each point, which stands beside it, or none.
        connected: draw the way from each point to the next.
        unit_circle: draw the circle of radius one.
    """

    PLACES = ("along",)

    x: str
    y: str
    along: str
    names: Sequence[str] = ()
    connected: bool = True
    unit_circle: bool = False


@dataclass(frozen=True, kw_only=True)
class Arrows(Panel):
    """Values at given places and arrows between them: `data` (node,).

    Attributes:
        links: strength of the arrow from each node to each, between 0 (none) and 1; (from, to).
        places: where the nodes stand, (node, 2); the second coordinate grows upwards.
        names: a name for each node.
        along: name of the axis that the nodes follow; shared cursors as in `Heat`.
    """

    PLACES = ("along",)

    links: Array
    places: Sequence[tuple[float, float]]
    names: Sequence[str]
    along: str

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "links", _array(self.links))

    def codes(self) -> NDArray[np.uint16]:
        return np.concatenate([super().codes(), quantise(self.links, (0, 1))])

    def description(self) -> dict[str, Any]:
        fields = super().description()
        del fields["links"]
        return fields


@dataclass(frozen=True)
class Node:
    """A part of a diagram.

    Attributes:
        name: what it is called, in full.
        label: what stands beside it, as "f"; a line break starts a new line.
        place: its middle; the second coordinate grows upwards.
        symbol: what stands in it, such as "×" or "σ"; a node without one shows its number.
        box: drawn as a box (a layer with weights), not as a circle.
    """

    name: str
    label: str
    place: tuple[float, float]
    symbol: str = ""
    box: bool = False


@dataclass(frozen=True)
class Wire:
    """A way from node `origin` to node `target`, by their positions, in straight lines through `bends`."""

    origin: int
    target: int
    bends: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, kw_only=True)
class Diagram(Panel):
    """A computation as nodes and wires, which light up as it is done: `data` (node,).

    A wire is lit like the node that it leads to.

    Attributes:
        lit: for each node 0 (still to come), 0.5 (done) or 1 (done right now).
        nodes: the nodes.
        wires: the wires between them.
        along: name of the axis that the nodes follow; shared cursors as in `Heat`.

    Raises:
        ValueError: if `lit` holds other numbers, or not one for each node.
    """

    PLACES = ("along",)

    lit: Array
    nodes: Sequence[Node]
    wires: Sequence[Wire]
    along: str

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "lit", _array(self.lit))
        if self.lit.shape != (len(self.nodes),) or not np.isin(self.lit, (0, 0.5, 1)).all():
            raise ValueError(f"{self.title}: for each of the {len(self.nodes)} nodes, lit is 0, 0.5 or 1")

    def codes(self) -> NDArray[np.uint16]:
        return np.concatenate([super().codes(), quantise(self.lit, (0, 1))])

    def description(self) -> dict[str, Any]:
        fields = super().description()
        del fields["lit"]
        return fields | {
            "nodes": [dataclasses.asdict(node) for node in self.nodes],
            "wires": [dataclasses.asdict(wire) for wire in self.wires],
        }
