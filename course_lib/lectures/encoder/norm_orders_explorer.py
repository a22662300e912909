"""The explorer of an encoder layer in its two orders: normalise what a part reads, or what it adds to."""

import copy
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.explore.controls import Slider
from course_lib.explore.explorer import Explorer, explorer
from course_lib.explore.panels import Diagram, Node, Panel, Wire
from course_lib.models.transformer import EncoderLayer, Norm

STEPS = 6
"""Computations of a layer: two norms, attention, network and two sums."""
TITLES: dict[Norm, str] = {
    "pre": "pre-norm: a part reads normalised vectors",
    "post": "post-norm: the stream is normalised",
}


class _Place(NamedTuple):
    """A node, the computation that lights it up, and the nodes that it reads, with the ways' bends."""

    node: Node
    step: int
    reads: dict[str, list[tuple[float, float]]]


def _box(symbol: str, name: str, x: float, y: float) -> Node:
    return Node(name, "", (x, y), symbol, box=True)


def _sum(name: str, x: float) -> Node:
    return Node(name, "", (x, 0), "+")


UP = 1.3
PRE = {
    "in": _Place(Node("input", "in", (0, 0)), 0, {}),
    "norm 1": _Place(_box("LN", "norm", 1.6, UP), 1, {"in": [(0.7, 0), (0.7, UP)]}),
    "attention": _Place(_box("att", "attention", 3.2, UP), 2, {"norm 1": []}),
    "sum 1": _Place(_sum("first sum", 4.4), 3, {"in": [], "attention": [(4.4, UP)]}),
    "norm 2": _Place(_box("LN", "norm", 6.1, UP), 4, {"sum 1": [(5.2, 0), (5.2, UP)]}),
    "network": _Place(_box("ff", "network", 7.7, UP), 5, {"norm 2": []}),
    "sum 2": _Place(_sum("second sum", 8.9), 6, {"sum 1": [], "network": [(8.9, UP)]}),
    "out": _Place(Node("output", "out", (10.4, 0)), 6, {"sum 2": []}),
}
POST = {
    "in": _Place(Node("input", "in", (0, 0)), 0, {}),
    "attention": _Place(_box("att", "attention", 1.6, UP), 1, {"in": [(0.7, 0), (0.7, UP)]}),
    "sum 1": _Place(_sum("first sum", 2.8), 2, {"in": [], "attention": [(2.8, UP)]}),
    "norm 1": _Place(_box("LN", "norm", 4.2, 0), 3, {"sum 1": []}),
    "network": _Place(_box("ff", "network", 6.2, UP), 4, {"norm 1": [(5.2, 0), (5.2, UP)]}),
    "sum 2": _Place(_sum("second sum", 7.4), 5, {"norm 1": [], "network": [(7.4, UP)]}),
    "norm 2": _Place(_box("LN", "norm", 8.8, 0), 6, {"sum 2": []}),
    "out": _Place(Node("output", "out", (10.4, 0)), 6, {"norm 2": []}),
}
PLACES: dict[Norm, dict[str, _Place]] = {"pre": PRE, "post": POST}


def norm_orders(layer: EncoderLayer, x: Float[Tensor, "steps d_model"]) -> Explorer:
    """Both orders of one layer, with the same weights, computation by computation.

    Beside each node stands the length of a token's vector there, on average over the tokens.

    Args:
        layer: an encoder layer with all its parts; its own order does not matter.
        x: the tokens' vectors.

    Raises:
        ValueError: if the layer lacks a part.
    """
    if layer.without:
        raise ValueError(
            f"the diagram shows a layer with all its parts; this one has no {min(layer.without)}"
        )
    lengths = {norm: _lengths(layer, x, norm) for norm in PLACES}
    reach = float(f"{1.1 * max(max(numbers.values()) for numbers in lengths.values()):.1e}")

    @explorer(name="norm orders", widths=(1,), computed=Slider(0, STEPS, at=1))
    def picture(computed: float) -> list[Panel]:
        return [_diagram(norm, lengths[norm], int(computed), reach) for norm in PLACES]

    return picture


def _diagram(norm: Norm, lengths: dict[str, float], computed: int, reach: float) -> Diagram:
    places = PLACES[norm]
    names = list(places)
    steps = [place.step for place in places.values()]
    return Diagram(
        title=TITLES[norm],
        data=[lengths[name] for name in names],
        lit=[0.0 if step > computed else 1.0 if step == computed else 0.5 for step in steps],
        nodes=[place.node for place in places.values()],
        wires=[
            Wire(names.index(origin), names.index(target), bends)
            for target, place in places.items()
            for origin, bends in place.reads.items()
        ],
        along=f"part of the {norm}-norm layer",
        limits=(0, reach),
        caption=_sentence(norm, lengths, computed),
    )


@torch.no_grad()
def _lengths(layer: EncoderLayer, x: Float[Tensor, "steps d_model"], norm: Norm) -> dict[str, float]:
    """The mean length of the vectors at each node, from a forward pass in this order."""
    ordered = copy.deepcopy(layer)
    ordered.norm = norm
    trace = ordered(x[None])
    assert trace.thought is not None
    vectors = {"in": x, "attention": trace.attended.output, "network": trace.thought, "out": trace.output}
    if norm == "pre":
        vectors |= {"sum 1": trace.between, "sum 2": trace.output}
        vectors |= {"norm 1": ordered.norm_attention(x), "norm 2": ordered.norm_feed_forward(trace.between)}
    else:
        vectors |= {"sum 1": x + trace.attended.output, "sum 2": trace.between + trace.thought}
        vectors |= {"norm 1": trace.between, "norm 2": trace.output}
    return {name: vector.norm(dim=-1).mean().item() for name, vector in vectors.items()}


def _sentence(norm: Norm, lengths: dict[str, float], computed: int) -> str:
    """What is computed at this step, or after the last one what the layer does to the stream."""
    if computed == 0:
        return f"Given: the stream, vectors of length {lengths['in']:.1f} on average."
    if computed == STEPS and norm == "pre":
        way = " → ".join(f"{lengths[name]:.1f}" for name in ("in", "sum 1", "sum 2"))
        return f"The stream itself has only sums on it; its length goes {way}."
    if computed == STEPS:
        way = " → ".join(f"{lengths[name]:.1f}" for name in ("in", "sum 1", "norm 1", "sum 2", "norm 2"))
        return f"On the stream stand two sums and two norms; its length goes {way}."
    (name,) = (name for name, place in PLACES[norm].items() if place.step == computed)
    reads = " and ".join(PLACES[norm][name].reads)
    return f"{name} reads {reads}: its vectors have length {lengths[name]:.1f}."
