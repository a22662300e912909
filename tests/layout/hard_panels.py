"""Every kind of panel with content that is hard to lay out: long names, two tokens and forty, Hangul."""

import numpy as np

from course_lib.explore import Arrows, Bars, Diagram, Explorer, Heat, Lines, Links, Node, Panel, Path, Wire
from course_lib.explore.explorer import show

TOKENS = {
    "one token": ["a"],
    "two tokens": ["the", "bank"],
    "a very long word": ["an", "Donaudampfschifffahrtsgesellschaftskapitän", "sleeps"],
    "Hangul": ["2018년", "3월", "3일", "토요일", "끝"],
    "ten tokens": ["he", "sat", "down", "by", "the", "bank", "of", "the", "wide", "river"],
    "forty tokens": [f"token{k}" for k in range(1, 41)],
}


def _numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=shape)


def _of_tokens(kind: str, names: list[str]) -> Explorer:
    count = len(names)
    pairs = {"x": "key", "y": "query", "x_names": names, "y_names": names}
    panels: list[Panel] = [
        Heat(title="numbers below zero", data=-10 * abs(_numbers(count, count)), limits=(-40, 0), **pairs),
        Heat(title="numbers of both signs", data=_numbers(count, count), limits=(-3, 3), **pairs),
        Heat(title="stretched", data=_numbers(count, 6), x="value", y="key", x_names=list("123456"),
             y_names=names, limits=(-3, 3), stretched=True),
        Bars(title="bars", data=_numbers(2, count), x="key", y="weight", x_names=names,
             names=["this one", "the other one"]),
        Links(title="links", data=abs(_numbers(8, count, count)) / 4, **pairs,
              names=[f"head {k}" for k in range(1, 9)]),
        Path(title="points close together", data=0.1 * _numbers(count, 2), x="first", y="second", along="key",
             names=names if count <= 10 else [], limits=(-1, 1)),
    ]  # fmt: skip
    return show(kind, *panels, widths=(1, 1, 1))


def _curves() -> Explorer:
    return show(
        "curves",
        Lines(title="years", data=_numbers(2, 326).cumsum(axis=1), x="year", y="sunspot number", start=1700,
              names=["observed", "a forecast with a name that is long enough to need two lines"]),
        Lines(title="large and small numbers", data=1e6 * _numbers(6, 3), x="step", y="dollars",
              names=[f"series {k}" for k in range(1, 7)]),
        Lines(title="powers", data=10 ** _numbers(1, 50), x="steps back from the last state", log=True,
              y="typical slope (root mean square over the units)", limits=(1e-20, 1e20)),
        Heat(title="a map without names of a very great many units over time, said at length",
             data=_numbers(64, 3), x="time step", y="unit", limits=(-3, 3)),
        widths=(2, 1),
    )  # fmt: skip


def _graphs() -> Explorer:
    count = 12
    links = np.zeros((2 * count, 2 * count))
    links[0, count - 1] = links[0, count] = 1
    nodes = [
        Node("previous hidden state", "previous\nhidden state", (0, 0)),
        Node("forget", "", (1.5, 1), "σ", box=True),
        Node("product", "f c", (3, 0), "×"),
        Node("squashed", "", (4.5, 0), "tanh"),
        Node("next state", "next", (0, -1.5)),
        Node("output", "out", (7, -1.5)),
    ]
    return show(
        "graphs",
        Arrows(title="a chain", data=-100 * abs(_numbers(2 * count)), links=links, along="step",
               places=[(k % count, -1.6 * (k // count)) for k in range(2 * count)],
               names=[f"h{k}" for k in range(2 * count)]),
        Diagram(title="a step", data=[-1.25, -0.5, -0.33, 12.345, 17.532, -17.5], lit=[0.5, 0.5, 1, 1, 1, 1],
                nodes=nodes, wires=[Wire(0, 1, [(0, 1)]), Wire(1, 2, [(3, 1)]), Wire(2, 3)], along="part",
                limits=(-20, 20)),
    )  # fmt: skip


def hard_panels() -> dict[str, Explorer]:
    """The panels, by what is hard about them."""
    of_tokens = {kind: _of_tokens(kind, names) for kind, names in TOKENS.items()}
    return {**of_tokens, "curves": _curves(), "graphs": _graphs()}
