"""Panels on paper."""

import dataclasses
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from course_lib.explore import Lines, Panel, paper
from tests.explore.samples import every_kind

KINDS = ["Heat", "Lines", "Bars", "Path", "Arrows", "Heat"]


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


def test_titles_axes_and_legends_stand_on_paper():
    figure = every_kind().figure()
    plots = {axes.get_title(loc="left"): axes for axes in figure.axes if axes.get_title(loc="left")}
    assert [*plots] == ["a map", "curves", "bars", "a way", "a graph", "a table"]
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
