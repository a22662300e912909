"""Panels: what they ask for, and what they tell the view."""

import re

import numpy as np
import pytest
import torch

from course_lib.explore.codes import ABOVE, LAST, MISSING
from course_lib.explore.panels import (
    Arrows,
    Diagram,
    Heat,
    Label,
    Lines,
    Links,
    Node,
    Path,
    Wire,
    span,
    two_digits,
)


@pytest.mark.parametrize("limits", [(float("nan"), float("nan")), (0, 1), (-1, 1), (2, 1)])
def test_a_logarithmic_axis_needs_limits_above_zero(limits: tuple[float, float]):
    with pytest.raises(ValueError, match="norms: give a logarithmic axis limits above zero"):
        Lines(title="norms", data=[[1.0]], x="step", y="norm", limits=limits, log=True)


@pytest.mark.parametrize(
    ("number", "text"), [(1.005, "1.00"), (-0.25, "−0.25"), (-0.001, "0.00"), (-10.0, "−10.00")]
)
def test_captions_tell_two_decimals_and_a_true_minus(number: float, text: str):
    assert two_digits(number) == text


def test_limits_hold_the_data_with_room():
    assert span(np.array([[1.0, np.nan], [3.0, 2.0]])) == pytest.approx((0.9, 3.1))
    assert span(np.array([4.0, 4.0])) == (3, 5)


def test_what_panels_are_unless_told_otherwise():
    """Lectures leave these out; a picture without its lines, or counted from elsewhere, says other things."""
    heat = Heat(title="map", data=[[0.5]], x="x", y="y").description()
    assert (heat["x_start"], heat["y_start"], heat["stretched"], heat["place"]) == (1, 1, False, 0)
    lines = Lines(title="curve", data=[[0.5]], x="x", y="y").description()
    assert (lines["start"], lines["step"], lines["dots"], lines["log"]) == (0, 1, False, False)
    path = Path(title="way", data=[[0, 1]], x="x", y="y", along="step").description()
    assert (path["connected"], path["unit_circle"]) == (True, False)


def test_a_panel_takes_tensors_and_lists():
    weights = torch.tensor([[0.25, 0.75]], requires_grad=True)
    for data in (weights, [[0.25, 0.75]], np.array([[0.25, 0.75]])):
        panel = Lines(title="weights", data=data, x="key", y="weight")
        assert panel.data.dtype == np.float64
        assert panel.data.tolist() == [[0.25, 0.75]]
        assert panel.limits == span(panel.data)


@pytest.mark.parametrize(
    ("data", "limits", "told"),
    [
        ([[]], (0, 1), "the data are empty"),
        ([[np.nan, np.nan]], (np.nan, np.nan), "give limits: the data hold no number"),
        ([[1, np.inf]], (np.nan, np.nan), "give limits: the data hold an infinite number"),
        ([[1, 2]], (1, 1), "limits are two numbers, the lower one first; these are (1, 1)"),
        ([[1, 2]], (2, 1), "limits are two numbers, the lower one first; these are (2, 1)"),
        ([[1, 2]], (0, np.inf), "limits are two numbers, the lower one first; these are (0, inf)"),
        ([[1, 2]], (0, np.nan), "limits are two numbers, the lower one first; these are (0, nan)"),
    ],
)
def test_what_no_picture_can_show_is_told(data: list, limits: tuple[float, float], told: str):
    with pytest.raises(ValueError, match=f"^map: {re.escape(told)}$"):
        Heat(title="map", data=data, x="key", y="query", limits=limits)


def test_colours_need_limits_too():
    told = re.escape("map: limits are two numbers, the lower one first; these are (0, 0)")
    with pytest.raises(ValueError, match=f"^{told}$"):
        Heat(title="map", data=[[0.5]], x="x", y="y", limits=(0, 1), colours=(0, 0))


def test_with_limits_numbers_may_be_missing_or_infinite():
    panel = Heat(title="map", data=[[np.nan, np.inf]], x="key", y="query", limits=(0, 1))
    assert panel.codes().tolist() == [MISSING, ABOVE]


def test_limits_that_are_given_stay():
    assert Heat(title="map", data=[[0.5]], x="key", y="query", limits=(0, 1)).limits == (0, 1)


def test_numbers_and_caption_are_no_part_of_the_description():
    def panel(data: float, caption: str) -> Heat:
        return Heat(title="map", data=[[data]], x="key", y="query", limits=(0, 1), caption=caption)

    assert panel(0.1, "low").description() == panel(0.9, "high").description()
    description = panel(0.1, "low").description()
    assert description["kind"] == "Heat"
    assert description["shape"] == [1, 1]
    assert {"title", "limits", "x", "y"} <= description.keys()


def test_a_string_of_names_is_described_letter_by_letter():
    panel = Heat(title="letters", data=[[0, 1]], x="place", y="row", x_names="ab")
    assert panel.description()["x_names"] == ["a", "b"]
    assert panel.description()["x"] == "place"


def test_arrows_carry_their_nodes_then_their_links():
    panel = Arrows(
        title="graph",
        data=torch.tensor([1.0, torch.nan]),
        links=torch.tensor([[0.0, 1.0], [0.5, 0.0]]),
        places=[(0, 0), (1, 0)],
        names=["a", "b"],
        along="node",
        limits=(0, 1),
    )
    assert panel.codes().tolist() == [LAST, MISSING, 0, LAST, LAST // 2, 0]
    assert "links" not in panel.description()


def test_a_diagram_carries_its_numbers_then_its_light():
    panel = Diagram(
        title="diagram",
        data=[1.0, np.nan],
        lit=[0.5, 0],
        nodes=[Node("number", "a", (0, 0)), Node("gate", "b", (1, 0), "σ", box=True)],
        wires=[Wire(0, 1, [(0.5, 0)])],
        along="part",
        limits=(0, 1),
    )
    assert panel.codes().tolist() == [LAST, MISSING, LAST // 2, 0]
    description = panel.description()
    assert "lit" not in description
    assert description["nodes"][1] == {
        "name": "gate",
        "label": "b",
        "place": (1, 0),
        "symbol": "σ",
        "box": True,
    }
    assert description["wires"] == [{"origin": 0, "target": 1, "bends": [(0.5, 0)]}]


@pytest.mark.parametrize("lit", [[0.5], [0, 0.5, 1], [[0, 1]], [0, 0.7], [0, np.nan], [1, 2]])
def test_a_diagrams_light_is_one_of_three_for_each_node(lit: list):
    nodes = [Node("number", "a", (0, 0)), Node("gate", "b", (1, 0))]
    with pytest.raises(ValueError, match=r"^diagram: for each of the 2 nodes, lit is 0, 0\.5 or 1$"):
        Diagram(title="diagram", data=[1.0, 0.5], lit=lit, nodes=nodes, wires=[], along="part", limits=(0, 1))


def test_of_a_stack_the_first_place_is_shown():
    data = [[[0.1, 0.2]], [[0.3, 0.4]]]
    panel = Heat(title="table", data=data, x="key", y="row", among="query", place=1, limits=(0, 1))
    assert panel.shown.tolist() == [[0.3, 0.4]]
    assert panel.shown_title == "table: query 2"
    named = Heat(title="table", data=data, x="key", y="row", among="query", among_names=["a", "b"])
    assert (named.shown.tolist(), named.shown_title) == ([[0.1, 0.2]], "table: query a")
    single = Heat(title="table", data=data[0], x="key", y="row")
    assert (single.shown.tolist(), single.shown_title) == ([[0.1, 0.2]], "table")


def test_colours_change_between_the_limits_unless_they_are_given():
    assert Heat(title="map", data=[[0.5]], x="x", y="y", limits=(0, 1)).colours == (0, 1)
    assert Heat(title="map", data=[[0.5]], x="x", y="y", limits=(0, 1), colours=(0, 0.3)).colours == (0, 0.3)


def test_weights_of_links_lie_between_0_and_1():
    links = Links(
        title="links",
        data=np.full((2, 3, 4), 0.5),
        x="key",
        y="query",
        x_names=list("abcd"),
        y_names=list("efg"),
        names=["one", "two"],
    )
    assert links.limits == (0, 1)
    assert links.codes().tolist() == [LAST // 2] * 24


@pytest.mark.parametrize("missing", ["x", "y"])
def test_axes_must_have_names(missing: str):
    axes = {"x": "key", "y": "query"}
    del axes[missing]
    with pytest.raises(TypeError, match=missing):
        Heat(title="map", data=[[0.5]], **axes)


def test_a_label_stands_in_the_middle_of_its_column_and_at_the_foot_of_its_row():
    labels = [Label("a", 1, 1), Label("b", 4, 2), Label("mark", 3)]
    axes = {"x": "column", "y": "row", "x_start": 1, "y_start": 1}
    panel = Heat(title="map", data=np.zeros((2, 4)), limits=(0, 1), labels=labels, **axes)
    assert panel.labels_placed() == [("a", 0.125, 0.25), ("b", 0.875, 0.75), ("mark", 0.625, None)]


def test_a_label_on_curves_stands_at_its_position():
    labels = [Label("a", 10), Label("b", 25)]
    panel = Lines(title="curve", data=np.zeros((1, 4)), x="step", y="y", start=10, step=5, labels=labels)
    assert panel.labels_placed() == [("a", 0.125, None), ("b", 0.875, None)]
