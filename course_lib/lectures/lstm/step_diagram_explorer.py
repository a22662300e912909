"""The explorer of one LSTM or GRU step: a diagram whose parts light up in the order of the computation."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product

import torch

from course_lib.explore.controls import Control, Slider, Stops
from course_lib.explore.explorer import Explorer
from course_lib.explore.panels import Diagram, Node, Panel, Wire, two_digits
from course_lib.models.recurrent import GRU, LSTM

NOTHING = "nothing yet"
LSTM_ORDER = ("forget gate", "input gate", "candidate", "cell update", "output gate", "hidden state")
GRU_ORDER = ("reset gate", "update gate", "candidate", "hidden state")
Place = tuple[float, float]
Numbers = dict[str, float]
Reads = dict[str, tuple[Place, ...]]


@dataclass(frozen=True)
class _Part:
    """A node, the part of the step that computes it, and the nodes that it reads, with the ways' bends."""

    node: Node
    step: str
    reads: Reads


def step_diagram(layer: LSTM | GRU, at: str = "") -> Explorer:
    """One step of a layer with one input and one unit, part by part, with the numbers of each.

    Args:
        layer: an LSTM or a GRU.
        at: the part that is lit at first, by default the first one.

    Raises:
        ValueError: if the layer has more inputs or units than one.
    """
    if (layer.inputs, layer.hidden) != (1, 1):
        raise ValueError("the diagram shows a layer of one input and one unit: LSTM(1, 1) or GRU(1, 1)")
    parts = LSTM_PARTS if isinstance(layer, LSTM) else GRU_PARTS
    names = list(parts)
    order = [NOTHING, *(LSTM_ORDER if isinstance(layer, LSTM) else GRU_ORDER)]
    wires = [
        Wire(names.index(origin), names.index(target), bends)
        for target, part in parts.items()
        for origin, bends in part.reads.items()
    ]
    sliders = {"x": Slider(-2, 2, at=1), "h": Slider(-0.8, 0.8, at=0.4, step=0.4)}
    if isinstance(layer, LSTM):
        sliders["c"] = Slider(-2, 2, at=1)
    compute = cache(lambda x, h, c=0.0: _numbers(layer, x, h, c))
    reach = _reach_of_nodes(compute, sliders)

    def picture(part: str, **given: float) -> list[Panel]:
        numbers = compute(**given)
        reached = order.index(part)
        lit = [_light(order.index(each.step), reached) for each in parts.values()]
        return [
            Diagram(
                title=f"one step of {'an LSTM' if isinstance(layer, LSTM) else 'a GRU'}",
                data=[numbers[name] for name in names],
                lit=lit,
                nodes=[each.node for each in parts.values()],
                wires=wires,
                along="part of the diagram",
                limits=(-reach, reach),
                caption=_sentence(layer, part, numbers),
            )
        ]

    controls: dict[str, Control] = {"part": Stops(order, at=at or order[1]), **sliders}
    return Explorer(picture, controls, name="step diagram")


def _reach_of_nodes(compute: Callable[..., Numbers], sliders: dict[str, Slider]) -> float:
    """How far from zero the numbers go at any setting of the sliders, at least 4."""
    settings = product(*(slider.values for slider in sliders.values()))
    every = [compute(**dict(zip(sliders, setting, strict=True))) for setting in settings]
    return max(4.0, *(abs(number) for numbers in every for number in numbers.values()))


def _light(own: int, reached: int) -> float:
    """0 for what is still to come, 0.5 for what is done, 1 for what is done right now."""
    return 0.0 if own > reached else 1.0 if own == reached else 0.5


@torch.no_grad()
def _numbers(layer: LSTM | GRU, x: float, h: float, c: float) -> Numbers:
    """Every number of the diagram, by the names of its parts."""
    state = torch.tensor([[h]], dtype=layer.bias.dtype)
    initial = (state, torch.full_like(state, c)) if isinstance(layer, LSTM) else state
    trace = layer(torch.full_like(state, x)[None], initial)
    gates = {name: values.item() for name, values in trace.gates.items()}
    new = trace.states.item()
    given = {"x": x, "h": h, "next h": new, "output": new}
    if isinstance(layer, GRU):
        r, z, g = gates["reset"], gates["update"], gates["candidate"]
        share = (layer.weight_hidden[2, 0] * h + layer.bias_hidden[2]).item()
        parts = {"r": r, "z": z, "g": g, "Uh": share, "r Uh": r * share}
        return given | parts | {"kept": z * h, "1 - z": 1 - z, "written": (1 - z) * g, "sum": new}
    assert trace.cells is not None
    i, f, g, o = gates["input"], gates["forget"], gates["candidate"], gates["output"]
    cell = trace.cells.item()
    parts = {
        "c": c,
        "f": f,
        "i": i,
        "g": g,
        "o": o,
        "kept": f * c,
        "written": i * g,
        "sum": cell,
        "next c": cell,
    }
    return given | parts | {"tanh c": math.tanh(cell), "shown": new}


def _sentence(layer: LSTM | GRU, part: str, numbers: Numbers) -> str:
    """What the part computes, first as a formula, then in numbers."""
    if part == NOTHING:
        cell = f", the previous cell state c = {two_digits(numbers['c'])}" if "c" in numbers else ""
        x, h = two_digits(numbers["x"]), two_digits(numbers["h"])
        return f"Given: the current input x = {x}{cell}, the previous hidden state h = {h}."
    n = {name: _factor(number) for name, number in numbers.items()}
    w, u = (weight.flatten().tolist() for weight in (layer.weight_input, layer.weight_hidden))
    b = layer.bias.tolist()
    if isinstance(layer, GRU):
        b = [*(layer.bias + layer.bias_hidden)[:2].tolist(), b[2]]

    def gate(name: str, block: int, function: str = "σ") -> str:
        product = f"{_factor(w[block])} · {n['x']} + {_factor(u[block])} · {n['h']} + {_factor(b[block])}"
        return f"{name} = {function}(w x + u h + b) = {function}({product}) = {two_digits(numbers[name])}"

    result = two_digits(numbers["sum"])
    if isinstance(layer, LSTM):
        shown = two_digits(numbers["shown"])
        says = {
            "input gate": f"{gate('i', 0)}: the part of the candidate that is stored.",
            "forget gate": f"{gate('f', 1)}: the part of the previous cell state that is kept.",
            "candidate": f"{gate('g', 2, 'tanh')}: what could be stored.",
            "output gate": f"{gate('o', 3)}: the part of the cell state that is shown.",
            "cell update": f"next c = f c + i g = {n['f']} · {n['c']} + {n['i']} · {n['g']} = {result}.",
            "hidden state": f"next h = o tanh(next c) = {n['o']} · {n['tanh c']} = {shown}: the output, too.",
        }
    else:
        inner = f"{_factor(w[2])} · {n['x']} + {_factor(b[2])} + {n['r']} · {n['Uh']}"
        says = {
            "reset gate": f"{gate('r', 0)}: the part of the old state that the candidate hears of.",
            "update gate": f"{gate('z', 1)}: the part of the old state that is kept.",
            "candidate": f"g = tanh(w x + b + r (u h + b′)) = tanh({inner}) = {two_digits(numbers['g'])}: "
            "what could be stored.",
            "hidden state": f"next h = (1 − z) g + z h = {n['1 - z']} · {n['g']} + {n['z']} · {n['h']} = "
            f"{result}: the output, too.",
        }
    return says[part]


def _factor(number: float) -> str:
    """A number within a formula: in brackets where it has a sign."""
    text = two_digits(number)
    return f"({text})" if text.startswith("−") else text


def _lstm_parts() -> dict[str, _Part]:
    bus = 0.3  # the height of the line that takes x and h to the gates
    gates = {
        "f": (2.3, "forget gate"),
        "i": (3.75, "input gate"),
        "g": (5.2, "candidate"),
        "o": (6.65, "output gate"),
    }
    parts = {
        "c": _Part(Node("previous cell state", "previous\ncell state c", (0.6, 3.9)), NOTHING, {}),
        "x": _Part(Node("current input", "current\ninput x", (0.6, 2.1)), NOTHING, {}),
        "h": _Part(Node("previous hidden state", "previous\nhidden state h", (0.6, bus)), NOTHING, {}),
    }
    for name, (across, gate) in gates.items():
        symbol = "tanh" if name == "g" else "σ"
        ways: Reads = {"h": ((across, bus),), "x": ((1.5, 2.1), (1.5, bus), (across, bus))}
        parts[name] = _Part(Node(gate, name, (across, 1.3), symbol, box=True), gate, ways)
    operation = {
        "kept": _Part(Node("kept of the cell state", "", (2.3, 3.9), "×"), "cell update", {"c": (), "f": ()}),
        "written": _Part(
            Node("stored of the candidate", "", (4.475, 2.6), "×"),
            "cell update",
            {"i": ((3.75, 2.6),), "g": ((5.2, 2.6),)},
        ),
        "sum": _Part(Node("cell state", "c", (4.475, 3.9), "+"), "cell update", {"kept": (), "written": ()}),
        "tanh c": _Part(
            Node("tanh of the cell state", "", (7.5, 3.2), "tanh"), "hidden state", {"sum": ((7.5, 3.9),)}
        ),
        "shown": _Part(
            Node("hidden state", "h", (7.5, 2.4), "×"), "hidden state", {"tanh c": (), "o": ((6.65, 2.4),)}
        ),
        "next c": _Part(
            Node("next cell state", "next\ncell state c", (9.2, 3.9)), "cell update", {"sum": ()}
        ),
        "output": _Part(Node("output", "output", (9.2, 2.4)), "hidden state", {"shown": ()}),
        "next h": _Part(
            Node("next hidden state", "next\nhidden state h", (9.2, bus)),
            "hidden state",
            {"shown": ((8.2, 2.4), (8.2, bus))},
        ),
    }
    return parts | operation


def _gru_parts() -> dict[str, _Part]:
    bus, upper_bus = 0.3, 0.6  # of x, and of h, which alone is read by "u h + b′"
    from_h = ((1.4, 3.9), (1.4, upper_bus))

    def reads(across: float) -> Reads:
        return {"x": ((across, bus),), "h": (*from_h, (across, upper_bus))}

    return {
        "h": _Part(Node("previous hidden state", "previous\nhidden state h", (0.6, 3.9)), NOTHING, {}),
        "x": _Part(Node("current input", "current\ninput x", (0.6, bus)), NOTHING, {}),
        "r": _Part(Node("reset gate", "r", (3.75, 1.3), "σ", box=True), "reset gate", reads(3.75)),
        "z": _Part(Node("update gate", "z", (2.3, 1.3), "σ", box=True), "update gate", reads(2.3)),
        "Uh": _Part(
            Node("u h + b′", "", (5.2, 1.3), "linear", box=True),
            "candidate",
            {"h": (*from_h, (5.2, upper_bus))},
        ),
        "r Uh": _Part(
            Node("let through by r", "", (5.2, 2.2), "×"), "candidate", {"r": ((3.75, 2.2),), "Uh": ()}
        ),
        "g": _Part(
            Node("candidate", "g", (6.8, 2.2), "tanh", box=True),
            "candidate",
            {"r Uh": (), "x": ((6.8, bus),)},
        ),
        "kept": _Part(Node("kept of the state", "", (2.3, 3.9), "×"), "hidden state", {"h": (), "z": ()}),
        "1 - z": _Part(
            Node("part that is written", "", (4.4, 3.1), "1−"), "hidden state", {"z": ((2.3, 3.1),)}
        ),
        "written": _Part(
            Node("written of the candidate", "", (6.8, 3.1), "×"), "hidden state", {"1 - z": (), "g": ()}
        ),
        "sum": _Part(Node("hidden state", "h", (6.8, 3.9), "+"), "hidden state", {"kept": (), "written": ()}),
        "next h": _Part(
            Node("next hidden state", "next\nhidden state h", (9.2, 3.9)), "hidden state", {"sum": ()}
        ),
        "output": _Part(
            Node("output", "output", (9.2, 2.2)), "hidden state", {"sum": ((8.2, 3.9), (8.2, 2.2))}
        ),
    }


LSTM_PARTS, GRU_PARTS = _lstm_parts(), _gru_parts()
