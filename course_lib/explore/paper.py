"""Panels on paper: one function a kind, drawn by matplotlib."""

import textwrap
from collections.abc import Sequence
from functools import singledispatch
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from course_lib.explore.palette import LINES, MARK, colour_ends, colour_map, line_style
from course_lib.explore.panels import (
    Arrows,
    Bars,
    Diagram,
    Heat,
    Label,
    Limits,
    Lines,
    Links,
    Node,
    Panel,
    Path,
    Stack,
    two_digits,
)

WIDTH = 9.0
"""Inches of a figure's width."""

TALLEST = 40
"""Rows that the height of a map counts, if its cells aren't squares."""

STYLE = {"axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left", "font.size": 9}


def draw(panels: Sequence[Panel], widths: Sequence[float]) -> Figure:
    """A figure of the panels, row after row, in columns of the relative widths."""
    columns = min(len(widths), len(panels))
    widths = widths[:columns]
    rows = -(-len(panels) // columns)
    shares = [WIDTH * width / sum(widths) for width in widths]
    heights = [
        max(_height(panel, share) for panel, share in zip(panels[row * columns :], shares, strict=False))
        for row in range(rows)
    ]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained", dpi=100)
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(rows, columns, width_ratios=widths, height_ratios=heights)
        for k, panel in enumerate(panels):
            column = k % columns
            last = columns if k + 1 == len(panels) else column + 1  # the last panel fills its row
            axes = figure.add_subplot(grid[k // columns, column:last])
            title = panel.shown_title if isinstance(panel, Stack) else panel.title
            axes.set_title(textwrap.fill(title, max(16, int(9 * sum(shares[column:last])))))
            put(panel, axes)
    return figure


def _height(panel: Panel, width: float) -> float:
    """Inches that a panel wants at a width in inches."""
    match panel:
        case Path():
            return min(width, 3.6)
        case Heat() if _square(panel):
            rows, columns = panel.shown.shape
            return 0.9 * width * rows / columns + 0.8
        case Heat():
            return max(2.5, 0.15 * min(len(panel.shown), TALLEST) + 0.8)
        case Links():
            return max(2.5, 0.16 * max(panel.data.shape[1:]) + 0.8)
        case Arrows():
            across, up = np.ptp(np.array(panel.places), axis=0)
            return min(width * (up + 1.6 + 0.17 * across) / (across + 1.2) + 0.4, 4.5)
        case Diagram():
            across, up = np.ptp([node.place for node in panel.nodes], axis=0)
            return width * (up + 1.65) / (across + 1.9) + 0.4
        case _:
            return 2.5


def _square(panel: Heat) -> bool:
    """Whether cells are drawn as squares: a picture's, and those with names, unless that gets too tall."""
    rows, columns = panel.shown.shape
    named = bool(panel.x_names and panel.y_names)
    return panel.picture or (named and rows <= 3 * columns and not panel.stretched)


def _map(limits: Limits) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("", colour_map(limits))


@singledispatch
def put(panel: Panel, _: Axes) -> None:
    """Draw a panel into axes that have its title already."""
    raise TypeError(f"no way to draw a {type(panel).__name__} on paper")


@put.register
def _(panel: Heat, axes: Axes) -> None:
    low, high = colour_ends(panel.colours)
    (rows, columns), left, top = panel.shown.shape, panel.x_start, panel.y_start
    image = axes.imshow(
        panel.shown,
        vmin=low,
        vmax=high,
        cmap=_map(panel.colours),
        extent=(left - 0.5, left + columns - 0.5, top + rows - 0.5, top - 0.5),
        aspect="equal" if _square(panel) else "auto",
        interpolation="nearest",
    )
    for label in panel.labels:
        _write_label(label, axes)
    if panel.picture:
        axes.axis("off")
        return
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    if len(panel.x_names):
        _name_columns(panel.x_names, left, axes)
    if len(panel.y_names):
        every = _every(columns, axes) if _square(panel) else 1
        axes.set_yticks(*_named_places(panel.y_names, top, every), fontsize=8)
    axes.set(xlabel=panel.x, ylabel=panel.y)
    axes.tick_params(length=0)
    scale = axes.figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02)
    scale.ax.set_ylim(*panel.colours)


@put.register
def _(panel: Lines, axes: Axes) -> None:
    lines = panel.shown
    if panel.log:
        axes.set_yscale("log")
        lines = lines.clip(*panel.limits)
    along = panel.start + panel.step * np.arange(lines.shape[1])
    for k, line in enumerate(lines):
        colour, dashes = line_style(k)
        if panel.dots:
            axes.plot(along, line, "o", color=colour, ms=3)
        else:
            axes.plot(along, line, color=colour, lw=1.4, dashes=dashes or (None, None))
    half = panel.step / 2
    axes.set(xlabel=panel.x, ylabel=panel.y, ylim=panel.limits, xlim=(along[0] - half, along[-1] + half))
    for label in panel.labels:
        _write_label(label, axes)
    if panel.x_names:
        _name_columns(panel.x_names, round(panel.start), axes)
    _legend(panel.names, axes)
    axes.grid(alpha=0.3)


@put.register
def _(panel: Bars, axes: Axes) -> None:
    series, categories = panel.shown.shape
    width = 0.8 / series
    for k, bars in enumerate(panel.shown):
        colour, _ = line_style(k)
        places = np.arange(categories) + (k - (series - 1) / 2) * width
        axes.bar(
            places, bars, 0.9 * width, facecolor="none" if k else colour, edgecolor=colour, linewidth=1.5
        )
    _name_columns(panel.x_names, 0, axes)
    axes.set(xlabel=panel.x, ylabel=panel.y, ylim=panel.limits)
    _legend(panel.names, axes)
    axes.grid(alpha=0.3, axis="y")


@put.register
def _(panel: Links, axes: Axes) -> None:
    heads, queries, keys = panel.data.shape
    for head, weights in enumerate(panel.data):
        colour, dashes = line_style(head)
        lift = 0.5 * ((head + 0.5) / heads - 0.5)  # the heads' lines don't hide one another
        drawn = np.argwhere(weights >= 0.01)
        if not len(drawn):
            continue
        ends = (drawn + 0.5 + lift) / (queries, keys)
        strength = weights[tuple(drawn.T)]
        axes.add_collection(
            LineCollection(
                [((0, start), (1, end)) for start, end in ends],
                colors=colour,
                linestyles=(0, dashes or None),
                alpha=0.06 + 0.74 * strength,
                linewidths=0.4 + 1.5 * strength,
            )
        )
    for side, x, names in (("right", -0.02, panel.y_names), ("left", 1.02, panel.x_names)):
        for k, name in enumerate(names):
            axes.text(x, (k + 0.5) / len(names), name, ha=side, va="center", fontsize=8)
    axes.set(xlim=(-0.3, 1.3), ylim=(1, 0))
    axes.axis("off")
    samples = [
        Line2D([], [], color=line_style(k)[0], dashes=line_style(k)[1] or (None, None)) for k in range(heads)
    ]
    _legend(panel.names, axes, samples)


@put.register
def _(panel: Path, axes: Axes) -> None:
    colour = LINES["light"][0]
    if panel.unit_circle:
        axes.add_patch(Circle((0, 0), 1, fill=False, color="#777"))
    axes.plot(*panel.data.T, "o-" if panel.connected else "o", color=colour, lw=0.9, ms=4)
    far_right = panel.limits[0] + 0.75 * (panel.limits[1] - panel.limits[0])
    for (x, y), name in zip(panel.data, panel.names or [""] * len(panel.data), strict=True):
        shift, side = (-6, "right") if x > far_right else (6, "left")
        axes.annotate(name, (x, y), (shift, 0), textcoords="offset points", ha=side, va="center", fontsize=9)
    axes.set(xlabel=panel.x, ylabel=panel.y, xlim=panel.limits, ylim=panel.limits, aspect="equal")
    axes.grid(alpha=0.3)


@put.register
def _(panel: Arrows, axes: Axes) -> None:
    places = np.array(panel.places, dtype=float)
    colours, scaled = _map(panel.limits), Normalize(*colour_ends(panel.limits))
    linked = (panel.links > 0).any(axis=0) | (panel.links > 0).any(axis=1)
    for (x, y), value, name, shown in zip(
        places, panel.data, panel.names, linked | ~np.isnan(panel.data), strict=True
    ):
        if not shown:
            continue
        known = not np.isnan(value)
        face = colours(scaled(value)) if known else "none"
        axes.add_patch(Circle((x, y), 0.36, facecolor=face, edgecolor="#777", ls="-" if known else ":"))
        ink = "white" if known and np.dot(face[:3], (0.3, 0.59, 0.11)) < 0.45 else "black"
        axes.text(x, y, f"{value:.3g}" if known else "?", ha="center", va="center", fontsize=7, color=ink)
        axes.text(x, y - 0.62, name, ha="center", va="center", fontsize=7, color="#555")
    for origin, target in np.argwhere(panel.links > 0):
        bend = -0.32 if places[origin, 1] == places[target, 1] else 0
        axes.add_patch(
            FancyArrowPatch(
                places[origin],
                places[target],
                connectionstyle=f"arc3,rad={bend}",
                arrowstyle="-|>",
                mutation_scale=8,
                shrinkA=8,
                shrinkB=8,
                color=LINES["light"][0],
                alpha=0.25 + 0.75 * panel.links[origin, target],
            )
        )
    (left, bottom), (right, top) = places.min(axis=0), places.max(axis=0)
    axes.set(
        xlim=(left - 0.6, right + 0.6), ylim=(bottom - 1, top + 0.6 + 0.17 * (right - left)), aspect="equal"
    )
    axes.axis("off")


BOX, VALUE, OPERATION = (0.6, 0.4), 0.4, 0.26
"""Half sizes of a diagram's nodes, for a distance of one between places."""

LIT = {0.0: ("#bbb", 0.9), 0.5: ("#444", 1.2), 1.0: (LINES["light"][0], 2.4)}
"""Colour and width of what is still to come, done, and done right now; the last is drawn on top."""


@put.register
def _(panel: Diagram, axes: Axes) -> None:
    for light, (colour, width) in LIT.items():
        for wire in (wire for wire in panel.wires if panel.lit[wire.target] == light):
            points = [panel.nodes[wire.origin].place, *wire.bends]
            axes.plot(*zip(*points, strict=True), color=colour, lw=width, zorder=1)
            style = {"arrowstyle": "-|>", "color": colour, "lw": width, "shrinkA": 0, "shrinkB": 0}
            axes.annotate(
                "", _rim(panel.nodes[wire.target], points[-1]), points[-1], arrowprops=style, zorder=1
            )
    for node, value, light in zip(panel.nodes, panel.data, panel.lit, strict=True):
        known = light > 0 and not np.isnan(value)
        _put_node(node, two_digits(value) if known else "", float(light), axes)
    places = np.array([node.place for node in panel.nodes])
    (left, bottom), (right, _) = places.min(axis=0), places.max(axis=0)
    top = max(node.place[1] + (0.75 if node.box else 0.6) for node in panel.nodes)  # numbers stand on boxes
    axes.set(xlim=(left - 0.95, right + 0.95), ylim=(bottom - 1.05, top), aspect="equal")
    axes.axis("off")


def _put_node(node: Node, number: str, light: float, axes: Axes) -> None:
    (x, y), (colour, width) = node.place, LIT[light]
    ink = "black" if light else "#777"

    def write(words: str, at: tuple[float, float], across: str, up: str, size: float) -> None:
        axes.text(*at, words, ha=across, va=up, fontsize=size, color=ink)

    look: dict[str, Any] = {
        "facecolor": "#e9f1f7" if light == 1 else "white",
        "edgecolor": colour,
        "lw": width,
    }
    if node.box:
        corner = (x - BOX[0] + 0.08, y - BOX[1] + 0.08)  # FancyBboxPatch pads by 0.08 on every side
        axes.add_patch(
            FancyBboxPatch(corner, 2 * BOX[0] - 0.16, 2 * BOX[1] - 0.16, boxstyle="round,pad=0.08", **look)
        )
        write(node.symbol, (x, y + 0.12), "center", "center", 11)
        write(node.name, (x, y - 0.2), "center", "center", 8)
    else:
        axes.add_patch(Circle(node.place, OPERATION if node.symbol else VALUE, **look))
        write(node.symbol or number, node.place, "center", "center", 11 if node.symbol else 9)
    if not node.symbol:
        write(node.label, (x, y - VALUE - 0.1), "center", "top", 9)
    elif number:
        right, top = (0.1, BOX[1]) if node.box else (OPERATION, OPERATION)
        write(
            f"{node.label} = {number}" if node.label else number,
            (x + right, y + top + 0.06),
            "left",
            "bottom",
            9,
        )


def _rim(node: Node, origin: tuple[float, float]) -> tuple[float, float]:
    """Where a wire that comes from `origin` along an axis meets the node."""
    (x, y), (from_x, from_y) = node.place, origin
    across, up = BOX if node.box else 2 * ((OPERATION if node.symbol else VALUE),)
    if abs(x - from_x) > abs(y - from_y):
        return x - np.sign(x - from_x) * across, y
    return x, y - np.sign(y - from_y) * up


def _room(axes: Axes) -> float:
    """Inches that axes have from side to side, about."""
    spec = axes.get_subplotspec()
    if spec is None:
        return WIDTH
    shares = np.array(spec.get_gridspec().get_width_ratios(), dtype=float)
    return WIDTH * shares[spec.colspan.start : spec.colspan.stop].sum() / shares.sum() - 0.6


def _every(columns: int, axes: Axes) -> int:
    """Every how many-th of the columns has room for a name that is written upwards."""
    return max(1, round(0.16 * columns / (_room(axes) - 0.5)))


def _write_label(label: Label, axes: Axes) -> None:
    """Words above a place, or a mark over the whole height."""
    if label.y is None:
        axes.axvline(label.x, color=MARK["light"], lw=1, ls=":")
        return
    style = {"facecolor": MARK["light"], "edgecolor": "none", "pad": 1}
    axes.text(label.x, label.y, label.text, color="white", fontsize=7, ha="center", va="bottom", bbox=style)


def _name_columns(names: Sequence[str], first: int, axes: Axes) -> None:
    """Write names that are too long for their places upwards, and as many as there is room for."""
    widest = max(
        (0.03 * len(one + other) for one, other in pairwise(names)), default=0
    )  # from middle to middle
    upwards = widest > (_room(axes) - 0.3) / len(names)
    every = _every(len(names), axes) if upwards else 1
    axes.set_xticks(*_named_places(names, first, every), fontsize=8)
    axes.tick_params(axis="x", rotation=90 if upwards else 0)


def _named_places(names: Sequence[str], first: int, every: int) -> tuple[list[int], list[str]]:
    """Every so many-th place and its name; an empty name needs no tick, and hundreds of ticks take long."""
    named = [(place, name) for place, name in enumerate(names, first) if name][::every]
    return [place for place, _ in named], [name for _, name in named]


def _legend(names: Sequence[str], axes: Axes, samples: Sequence[Line2D] | None = None) -> None:
    """Put the legend between title and axes, in as many columns as there is room for."""
    if not names or axes.get_subplotspec() is None:
        return
    wanted = 0.06 * sum(map(len, names)) / len(names) + 0.5  # inches for a name and its line, on average
    columns = max(1, min(len(names), int(_room(axes) / wanted)))
    axes.legend(
        *([names] if samples is None else [samples, names]),
        fontsize=8,
        frameon=False,
        ncols=columns,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        columnspacing=1.2,
    )
    axes.set_title(axes.get_title(loc="left"), pad=8 + 12 * -(-len(names) // columns))
