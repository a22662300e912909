"""Panels on paper."""

import dataclasses
import io

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Annotation

from course_lib.explore import Bars, Diagram, Heat, Label, Lines, Links, Panel, Path, paper
from course_lib.explore.palette import line_style
from course_lib.explore.panels import Stack
from tests.explore.samples import chosen, every_kind

KINDS = ["Heat", "Lines", "Bars", "Path", "Arrows", "Heat", "Diagram", "Links"]


def pixels(figure: Figure) -> np.ndarray:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return imread(io.BytesIO(file.getvalue()))


def panels() -> list[tuple[str, int]]:
    return [(f"{kind} {k}", k) for k, kind in enumerate(KINDS)]


def test_the_samples_have_every_kind():
    assert [type(panel).__name__ for panel in every_kind()()] == KINDS
    kinds = {*Panel.__subclasses__(), *Stack.__subclasses__()} - {Stack}
    assert set(KINDS) == {kind.__name__ for kind in kinds}


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


def test_stretched_maps_and_numbered_cells():
    axes = paper.draw([chosen()()[3]], [1]).axes[0]
    assert axes.get_title(loc="left") == "a table of one unit: unit v"
    (image,) = axes.get_images()
    np.testing.assert_allclose(np.asarray(image.get_array()), chosen()()[3].data[1])
    assert (image.norm.vmin, image.norm.vmax) == (-0.5, 0.5)
    named = {"x": "x", "y": "y", "x_names": ["a", "b"], "y_names": ["c", "d"], "limits": (0, 1)}
    for stretched, aspect in ((False, 1), (True, "auto")):
        table = Heat(title="table", data=np.eye(2), stretched=stretched, **named)
        assert paper.draw([table], [1]).axes[0].get_aspect() == aspect
    numbered = Heat(title="map", data=np.eye(2), x="x", y="y", x_start=0, y_start=5, limits=(0, 1))
    axes = paper.draw([numbered], [1]).axes[0]
    assert (axes.get_xlim(), axes.get_ylim()) == ((-0.5, 1.5), (6.5, 4.5))


@pytest.mark.parametrize(("length", "rotation"), [(2, 0), (20, 90)])
def test_names_that_are_too_long_for_their_places_are_written_upwards(length: int, rotation: int):
    names = ["n" * length] * 8
    axes = paper.draw([Bars(title="bars", data=np.ones((1, 8)), x="x", y="y", x_names=names)], [1]).axes[0]
    assert {tick.get_rotation() for tick in axes.get_xticklabels()} == {rotation}


def test_of_many_names_as_many_are_written_as_there_is_room_for():
    names = [f"token {k}" for k in range(40)]
    named = {"x": "x", "y": "y", "x_names": names, "y_names": names, "limits": (0, 1)}
    table = Heat(title="table", data=np.eye(40), **named)
    axes = paper.draw([table, table], [1, 1]).axes[0]
    for labels, places in (
        (axes.get_xticklabels(), axes.get_xticks()),
        (axes.get_yticklabels(), axes.get_yticks()),
    ):
        assert [label.get_text() for label in labels] == names[::2]
        assert [*places] == [*range(1, 41, 2)]


def test_places_without_a_name_have_no_tick():
    named = {"x": "x", "y": "y", "x_names": ["", "b", ""], "y_names": ["", ""], "limits": (0, 1)}
    axes = paper.draw([Heat(title="table", data=np.ones((2, 3)), **named)], [1]).axes[0]
    assert ([*axes.get_xticks()], [*axes.get_yticks()]) == ([2], [])  # places are counted from 1
    assert [label.get_text() for label in axes.get_xticklabels()] == ["b"]


def test_links_are_lines_from_the_reading_to_the_read():
    weights = np.zeros((7, 2, 3))
    weights[0, 0, 2], weights[6, 1, 0], weights[3] = 0.5, 1.0, np.nan
    links = Links(
        title="links",
        data=weights,
        x="key",
        y="query",
        x_names=["a", "b", "c"],
        y_names=["d", "e"],
        names=[f"head {head}" for head in range(7)],
    )
    axes = paper.draw([links], [1]).axes[0]
    weak, strong = axes.collections
    for lines, head, query, key in ((weak, 0, 0, 2), (strong, 6, 1, 0)):
        (path,) = lines.get_paths()
        (left, start), (right, end) = np.asarray(path.vertices)
        assert (left, right) == (0, 1)
        assert (int(2 * start), int(3 * end)) == (query, key)
        assert to_hex(lines.properties()["edgecolor"][0]) == line_style(head)[0]
    for look in ("alpha", "linewidth"):
        assert np.ravel(weak.properties()[look])[0] < np.ravel(strong.properties()[look])[0]
    dashed = [lines.properties()["linestyle"][0][1] is not None for lines in (weak, strong)]
    assert dashed == [False, True]  # of one colour: the seventh follows six
    assert {text.get_text() for text in axes.texts} == set("abcde")
    legend = axes.get_legend()
    assert legend and [text.get_text() for text in legend.get_texts()] == [*links.names]


def test_the_last_panel_fills_its_row():
    figure = every_kind().figure()
    specs = {axes.get_title(loc="left"): axes.get_subplotspec() for axes in figure.axes}
    columns = {title: [*spec.colspan] for title, spec in specs.items() if spec}
    assert columns["a table"] == [2]
    assert columns["a product"] == [0]
    assert columns["who reads whom"] == [1, 2]


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
    assert [*plots] == [
        "a map",
        "curves",
        "bars",
        "a way",
        "a graph",
        "a table",
        "a product",
        "who reads whom",
    ]
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


def test_points_have_their_names_beside_them():
    points = Path(
        title="points",
        data=[(0, 0), (1, -1)],
        x="across",
        y="up",
        along="point",
        names=["middle", "corner"],
        limits=(-1, 1),
    )
    axes = paper.draw([points], (1,)).axes[0]
    names = [text for text in axes.texts if isinstance(text, Annotation)]
    assert [(name.get_text(), name.xy, name.get_horizontalalignment()) for name in names] == [
        ("middle", (0, 0), "left"),
        ("corner", (1, -1), "right"),
    ]


def test_labels_and_marks_stand_at_their_places():
    box = [Label("a find", 2, 1.5)]
    picture = Heat(
        title="", data=np.zeros((4, 4)), x="column", y="row", limits=(0, 1), picture=True, labels=box
    )
    (text,) = paper.draw([picture], (1,)).axes[0].texts
    assert (text.get_text(), *text.get_position()) == ("a find", 2, 1.5)
    years = Lines(title="", data=[[0, 1, 2]], x="year", y="value", start=1990, step=10)
    plain, marked = (
        paper.draw([panel], (1,)).axes[0]
        for panel in (years, dataclasses.replace(years, labels=[Label("", 2000)]))
    )
    assert len(marked.lines) == len(plain.lines) + 1
    assert np.array_equal(marked.lines[-1].get_xdata(), [2000, 2000])


def test_named_positions_of_curves():
    letters = Lines(title="", data=[[0, 1, 2]], x="letter", y="value", x_names=list("abc"), start=1)
    axes = paper.draw([letters], (1,)).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c"]
    assert list(axes.get_xticks()) == [1, 2, 3]


def test_a_panel_of_an_unknown_kind_is_refused():
    with pytest.raises(TypeError, match="no way to draw a Panel on paper"):
        paper.draw([Panel(title="none", data=[0.0])], [1])
