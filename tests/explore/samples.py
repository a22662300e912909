"""Explorers with every control and every kind of panel, small enough to know all their numbers."""

import numpy as np

from course_lib.explore import (
    Arrows,
    Bars,
    Choice,
    Explorer,
    Heat,
    Lines,
    Panel,
    Path,
    Slider,
    Text,
    Toggle,
    explorer,
)
from course_lib.explore.controls import Control

STEPS, UNITS = 5, 3
FACTORS = {"single": 1.0, "half": 0.5}


def wave(strength: float, mirrored: bool, size: str) -> np.ndarray:
    """Numbers between -1 and 1 (unit, step), different at every setting."""
    unit, step = np.mgrid[1 : UNITS + 1, 1 : STEPS + 1]
    sign = -1 if mirrored else 1
    return sign * FACTORS[size] * (strength / 4) * np.cos(0.9 * unit * step)


def every_kind(name: str = "every kind") -> Explorer:
    """A sweep over a slider, a toggle and a choice that shows each kind of panel."""

    def picture(strength: float, mirrored: bool, size: str) -> list[Panel]:
        numbers = wave(strength, mirrored, size)
        gap = numbers[:2].copy()
        gap[1, 0] = np.nan
        links = np.zeros((3, 3))
        links[0, 1], links[1, 2] = strength / 4, FACTORS[size]
        return [
            Heat(title="a map", data=numbers, x="time step", y="unit", limits=(-1, 1), caption="Of a wave."),
            Lines(
                title="curves",
                data=gap,
                x="time step",
                y="value",
                names=["one", "two"],
                start=1,
                limits=(-1, 1),
            ),
            Bars(
                title="bars",
                data=abs(numbers[:2, :4]),
                x="letter",
                y="share",
                x_names=["a", "b", "c", "d"],
                names=["now", "later"],
                limits=(0, 1),
                caption=f"The first is {abs(numbers[0, 0]):.3f} at strength {strength:g}.",
            ),
            Path(
                title="a way",
                data=numbers[:2].T,
                x="across",
                y="up",
                along="time step",
                unit_circle=True,
                limits=(-1.2, 1.2),
            ),
            Arrows(
                title="a graph",
                data=[*numbers[:2, 0], np.nan],
                links=links,
                places=[(0, 0), (1, 0), (0.5, -1)],
                names=["p", "q", "r"],
                along="node",
                limits=(-1, 1),
            ),
            Heat(
                title="a table",
                data=abs(numbers[:2, :3]),
                x="next",
                y="now",
                x_names=["x", "y", "z"],
                y_names=["v", "w"],
                limits=(0, 1),
            ),
        ]

    controls: dict[str, Control] = {
        "strength": Slider(1, 4, at=2),
        "mirrored": Toggle(),
        "size": Choice(list(FACTORS)),
    }
    return Explorer(picture, controls, widths=(1, 1, 1), scrub="time step", name=name)


def typed() -> Explorer:
    """A live explorer of the letters of a word, with something that goes wrong in two ways."""

    @explorer(word=Text("abc"))
    def typed_word(word: str) -> list[Panel]:
        if not word:
            raise ValueError("Type at least one letter.")
        codes = [[ord(letter) - ord("a") for letter in word]]
        inverse = 1 / (codes[0][0] + 1)  # fails for a word that starts with "`"
        return [
            Heat(
                title="letters",
                data=codes,
                x="place",
                y="row",
                x_names=list(word),
                limits=(0, 25),
                caption=f"“{word}” has {len(word)} letters; {inverse:.2f}.",
            )
        ]

    return typed_word
