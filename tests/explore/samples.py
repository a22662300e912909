"""Explorers with every control and every kind of panel, small enough to know all their numbers."""

import numpy as np
import torch

from course_lib.explore import (
    Arrows,
    Bars,
    Choice,
    Diagram,
    Explorer,
    Heat,
    Lines,
    Links,
    Node,
    Panel,
    Path,
    Slider,
    Stops,
    Text,
    Toggle,
    Wire,
    explorer,
)
from course_lib.explore.controls import Control
from course_lib.models.attention import MultiHeadAttention
from course_lib.models.recurrent import LSTM, SequencePredictor
from course_lib.models.token_classifier import TokenClassifier

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
            Diagram(
                title="a product",
                data=[*numbers[0, :2], numbers[0, 0] * numbers[0, 1]],
                lit=[0.5, strength > 1, min(1, (strength - 1) / 2)] if strength < 4 else [0, 0, 0],
                nodes=[
                    Node("first number", "first\nnumber", (0, 1)),
                    Node("second layer", "s", (1, 0), "σ", box=True),
                    Node("their product", "p", (2, 1), "×"),
                ],
                wires=[Wire(0, 2), Wire(0, 1, [(0, 0)]), Wire(1, 2, [(2, 0)])],
                along="part",
                limits=(-1, 1),
            ),
            Links(
                title="who reads whom",
                data=abs(np.stack([numbers, numbers[::-1]])),
                x="key",
                y="query",
                x_names=["g", "h", "i", "j", "k"],
                y_names=["d", "e", "f"],
                names=["one head", "another"],
            ),
        ]

    controls: dict[str, Control] = {
        "strength": Slider(1, 4, at=2),
        "mirrored": Toggle(),
        "size": Choice(list(FACTORS)),
    }
    return Explorer(picture, controls, widths=(1, 1, 1), scrub=("time step",), name=name)


def chosen() -> Explorer:
    """A sweep over two slopes: what belongs to the unit under the cursor, and a logarithmic axis."""
    slopes = np.arange(1, 1 + UNITS)[:, None, None] * np.array([[1.0], [-1.0]])
    curves = slopes * np.linspace(0, 0.2, STEPS)  # (unit, line, step)

    def picture(slope: float) -> list[Panel]:
        powers = np.array([1.0, 32.0, 1e-3, 0.0, 1e9]) * slope
        return [
            Heat(title="a map", data=curves[:, 0] * slope, x="time step", y="unit", limits=(-2, 2)),
            Lines(
                title="one unit",
                data=curves * slope,
                x="time step",
                y="value",
                names=["up", "down"],
                start=1,
                limits=(-2, 2),
                among="unit",
                place=1,
            ),
            Lines(
                title="powers",
                data=powers[None],
                x="time step",
                y="size",
                start=1,
                limits=(1e-4, 1e6),
                log=True,
            ),
            Heat(
                title="a table of one unit",
                data=curves * slope,
                x="time step",
                y="way",
                y_names=["up", "down"],
                limits=(-2, 2),
                colours=(-0.5, 0.5),
                among="unit",
                among_names=["u", "v", "w"],
                place=1,
            ),
            Bars(
                title="bars of one unit",
                data=curves * slope,
                x="time step",
                y="size",
                x_names=["1", "2", "3", "4", "5"],
                names=["up", "down"],
                limits=(-2, 2),
                among="unit",
                place=1,
            ),
        ]

    return Explorer(
        picture,
        {"slope": Stops((0.5, 1, 3), at=1)},
        widths=(1, 1),
        scrub=("time step", "unit"),
        name="chosen",
    )


def gated() -> tuple[SequencePredictor, torch.Tensor]:
    """A small LSTM that reads marked numbers, and a sequence (time, inputs) for it."""
    generator = torch.Generator().manual_seed(5)
    model = SequencePredictor(LSTM(2, 6, generator), 1, generator)
    return model, torch.rand(9, 2, generator=generator)


WORDS = ("the", "old", "bank", "near", "water")
ANSWERS = ("river", "money", "other")


def attended(heads: int = 3) -> TokenClassifier:
    """A model that gives each of the words one of three answers; its heads read sharply."""
    generator = torch.Generator().manual_seed(4)
    attention = MultiHeadAttention(4 * heads, heads, generator)
    model = TokenClassifier(len(WORDS), attention, len(ANSWERS), generator)
    with torch.no_grad():
        model.embedding.mul_(4)
        attention.weight_input.mul_(2)
    return model


def read_words(text: str) -> tuple[torch.Tensor, list[str]]:
    """Numbers and names of typed words."""
    words = text.split()
    for word in words:
        if word not in WORDS:
            raise ValueError(f"“{word}” is not one of the words {', '.join(WORDS)}.")
    return torch.tensor([WORDS.index(word) for word in words], dtype=torch.long), words


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
