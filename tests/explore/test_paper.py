"""Panels on paper."""

import dataclasses
import io

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Annotation

from course_lib.explore import Diagram, Lines, Panel, paper
from tests.explore.samples import chosen, every_kind

KINDS = ["Heat", "Lines", "Bars", "Path", "Arrows", "Heat", "Diagram"]


def pixels(figure: Figure) -> np.ndarray:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return imread(io.BytesIO(file.getvalue()))


def panels() -> list[tuple[str, int]]:
    return [(f"{kind} {k}", k) for k, kind in enumerate(KINDS)]


def test_the_samples_have_every_kind():
    assert [type(panel).__name__ for panel in every_kind()()] == KINDS
    assert set(KINDS) == {kind.__name__ for kind in Panel.__subclasses__()}


@pytest.mark.parametrize("k", [k for _, k in panels()], ids=[name for name, _ in panels()])
def test_a_change_of_the_data_changes_the_picture(k: int):
    sample = every_kind()
    panel, changed = sample()[k], sample(strength=4)[k]
    before = pixels(paper.draw([panel], [1]))
    assert before[..., :3].std() > 0.01
    np.testing.assert_array_equal(before, pixels(paper.draw([panel], [1])))
    assert (before != pixels(paper.draw([changed], [1]))).any()


@pytest.mark.parametrize("k", [k for _, k in panels()], ids=[name for name, _ in panels()])
def test_missing_numbers_are_left_out(k: int):
    panel = every_kind()()[k]
    missing = dataclasses.replace(panel, data=np.full_like(panel.data, np.nan))
    assert (pixels(paper.draw([panel], [1])) != pixels(paper.draw([missing], [1]))).any()


def test_dots_are_drawn_without_lines():
    panel, changed = (
        Lines(title="dots", data=numbers, x="step", y="value", limits=(-1, 1), dots=True)
        for numbers in ([[0.2, 0.5]], [[0.2, 0.9]])
    )
    axes = paper.draw([panel], [1]).axes[0]
    assert {line.get_linestyle() for line in axes.get_lines()} == {"None"}
    assert (pixels(paper.draw([panel], [1])) != pixels(paper.draw([changed], [1]))).any()


def test_numbers_beyond_a_logarithmic_axis_are_drawn_at_its_end():
    axes = paper.draw([chosen()()[2]], [1]).axes[0]
    assert axes.get_yscale() == "log"
    (line,) = axes.get_lines()
    np.testing.assert_allclose(np.asarray(line.get_ydata()), [1, 32, 1e-3, 1e-4, 1e6])


def test_of_many_units_the_first_chosen_one_is_drawn():
    panel = chosen()()[1]
    axes = paper.draw([panel], [1]).axes[0]
    assert axes.get_title(loc="left") == "one unit: unit 2"
    np.testing.assert_allclose([np.asarray(line.get_ydata()) for line in axes.get_lines()], panel.data[1])


def test_the_last_panel_fills_its_row():
    figure = every_kind().figure()
    specs = {axes.get_title(loc="left"): axes.get_subplotspec() for axes in figure.axes}
    columns = {title: [*spec.colspan] for title, spec in specs.items() if spec}
    assert columns["a table"] == [2]
    assert columns["a product"] == [0, 1, 2]


def test_a_diagram_writes_what_is_done_and_keeps_back_the_rest():
    diagram = every_kind()()[6]
    assert isinstance(diagram, Diagram)

    def words(lit: list[float]) -> set[str]:
        axes = paper.draw([dataclasses.replace(diagram, lit=lit)], [1]).axes[0]
        return {text.get_text() for text in axes.texts} - {""}

    first, second, product = (f"{number:.2f}".replace("-", "−") for number in diagram.data)
    always = {"first\nnumber", "σ", "second layer", "×"}
    assert words([0, 0, 0]) == always
    assert words([0.5, 1, 0]) == always | {first, f"s = {second}"}
    assert words([0.5, 0.5, 1]) == always | {first, f"s = {second}", f"p = {product}"}


def test_a_diagrams_wires_lead_to_their_nodes_in_their_light():
    diagram = every_kind()()[6]
    assert isinstance(diagram, Diagram)
    axes = paper.draw([dataclasses.replace(diagram, lit=[0.5, 1, 0])], [1]).axes[0]
    ways = [(np.asarray(line.get_xydata()).tolist(), line.get_color()) for line in axes.get_lines()]
    tips = [
        (text.xyann, text.xy, to_hex(text.arrow_patch.get_edgecolor()))
        for text in axes.texts
        if isinstance(text, Annotation) and text.arrow_patch
    ]
    blue, grey = paper.LIT[1][0], "#bbbbbb"
    assert paper.LIT[0][0] == "#bbb"
    # Up to the last bend a line, from there an arrow; what is lit is drawn last.
    assert ways == [([[0, 1]], "#bbb"), ([[1, 0], [2, 0]], "#bbb"), ([[0, 1], [0, 0]], blue)]
    assert tips == [
        ((0, 1), pytest.approx((1.74, 1)), grey),
        ((2, 0), pytest.approx((2, 0.74)), grey),
        ((0, 0), pytest.approx((0.4, 0)), blue),
    ]


def test_titles_axes_and_legends_stand_on_paper():
    figure = every_kind().figure()
    plots = {axes.get_title(loc="left"): axes for axes in figure.axes if axes.get_title(loc="left")}
    assert [*plots] == ["a map", "curves", "bars", "a way", "a graph", "a table", "a product"]
    assert (plots["curves"].get_xlabel(), plots["curves"].get_ylabel()) == ("time step", "value")
    legend = plots["curves"].get_legend()
    assert legend and [text.get_text() for text in legend.get_texts()] == ["one", "two"]
    assert [text.get_text() for text in plots["a table"].get_xticklabels()] == ["x", "y", "z"]
    assert plots["bars"].get_ylim() == (0, 1)


def test_panels_fill_row_after_row():
    figure = every_kind().figure()
    plots = {axes.get_title(loc="left"): axes.get_position() for axes in figure.axes}
    assert plots["a map"].y0 > plots["a way"].y1
    assert plots["a map"].x1 < plots["curves"].x0 < plots["curves"].x1 < plots["bars"].x0


def test_a_panel_of_an_unknown_kind_is_refused():
    with pytest.raises(TypeError, match="no way to draw a Panel on paper"):
        paper.draw([Panel(title="none", data=[0.0])], [1])
