"""Explorers: sweeps that hold the panels at every setting, words, and what a notebook stores."""

import base64
import zlib

import numpy as np
import pytest

from course_lib.explore import Bars, Explorer, Heat, Label, Lines, Panel, Slider, Text, Toggle, explorer, show
from course_lib.explore.codes import LAST
from course_lib.explore.controls import Control
from course_lib.explore.explorer import SWEEP_LIMIT
from tests.explore.samples import every_kind, typed, wave
from tests.explore.test_codes import decoded


def test_a_sweep_decodes_to_the_panels_at_every_setting():
    sample = every_kind()
    frames, deflated = sample.frames(sample.settings())
    codes = np.frombuffer(zlib.decompress(deflated), dtype="<u2")
    settings = list(sample.settings())
    size = sum(panel.codes().size for panel in sample())
    assert codes.size == len(settings) * size
    for setting, captions, frame in zip(
        settings, frames["captions"], codes.reshape(len(settings), size), strict=True
    ):
        start = 0
        for panel, caption in zip(sample(**setting), captions, strict=True):
            assert caption == panel.caption
            numbers = decoded(frame[start : start + panel.data.size], panel.limits)
            low, high = panel.limits
            np.testing.assert_allclose(numbers, panel.data.ravel(), rtol=0, atol=(high - low) / LAST)
            start += panel.codes().size


def test_the_last_control_changes_fastest():
    settings = [tuple(setting.values()) for setting in every_kind().settings()]
    assert settings[:3] == [(1, False, "single"), (1, False, "half"), (1, True, "single")]
    assert settings[-1] == (4, True, "half")
    assert len(settings) == 4 * 2 * 2


def test_an_explorer_is_called_by_its_name_or_its_pictures():
    def both_waves(k: float) -> list[Panel]:
        return [Bars(title="bar", data=[[k]], x="x", y="y", x_names=["a"])]

    assert explorer(k=Slider(0, 1, at=0))(both_waves).name == "both waves"
    assert explorer(name="waves", k=Slider(0, 1, at=0))(both_waves).name == "waves"


def test_a_call_gives_the_panels_at_a_setting():
    sample = every_kind()
    np.testing.assert_array_equal(sample()[0].data, wave(2, False, "single"))
    np.testing.assert_array_equal(sample(strength=4, size="half")[0].data, wave(4, False, "half"))
    assert sample.setting == {"strength": 2, "mirrored": False, "size": "single"}


def test_the_view_learns_where_the_controls_start():
    controls = every_kind().shape()["controls"]
    assert [(control["kind"], control["values"][control["at"]]) for control in controls] == [
        ("Slider", 2),
        ("Toggle", False),
        ("Choice", "single"),
    ]
    assert typed().shape()["controls"] == [{"name": "word", "kind": "Text", "values": None, "at": "abc"}]


@pytest.mark.parametrize("changed", ["title", "limits", "x_names", "size", "kind", "number of panels"])
def test_only_numbers_and_captions_may_change(changed: str):
    def picture(on: bool) -> list[Heat | Bars]:
        other = changed if on else ""
        heat = Heat(
            title="other" if other == "title" else "map",
            data=[[0.5] * (3 if other == "size" else 2)],
            x="key",
            y="query",
            x_names=["a", "c"] if other == "x_names" else ["a", "b"],
            limits=(0, 2) if other == "limits" else (0, 1),
        )
        bars = Bars(title="map", data=[[0.5, 0.5]], x="key", y="query", x_names=["a", "b"], limits=(0, 1))
        if other == "number of panels":
            return [heat, bars]
        return [bars if other == "kind" else heat]

    unsteady = Explorer(picture, {"on": Toggle()})
    with pytest.raises(ValueError, match=r"picture: titles, sizes and limits must not change.*'on': True"):
        unsteady.frames(unsteady.settings())
    assert unsteady.frames([{"on": True}])


def _map(columns: int) -> Heat:
    return Heat(title="map", data=np.zeros((1, columns)), x="key", y="query", limits=(0, 1))


@pytest.mark.parametrize(("columns", "live"), [(SWEEP_LIMIT // 200, False), (SWEEP_LIMIT // 200 + 1, True)])
def test_more_settings_than_an_output_can_carry_make_an_explorer_live(columns: int, live: bool):
    sweep = Explorer(lambda _k: [_map(columns)], {"_k": Slider(1, 100, at=1)}, name="big")
    assert sweep.live is live


def test_free_text_makes_an_explorer_live():
    assert typed().live
    assert not every_kind().live
    both = Explorer(lambda _on, _word: [_map(2)], {"_on": Toggle(), "_word": Text("a")}, name="both")
    assert both.live


def test_words_say_setting_and_captions():
    assert repr(every_kind()).splitlines() == [
        "every kind (strength = 2, mirrored = False, size = single)",
        "a map: Of a wave.",
        "curves",
        "bars: The first is 0.311 at strength 2.",
        "a way",
        "a graph",
        "a table",
        "a product",
        "who reads whom",
    ]


def test_names_are_words():
    @explorer(forget_bias=Slider(0, 2, at=1))
    def cell_state(forget_bias: float) -> list[Heat]:
        return [_map(int(forget_bias) + 1)]

    assert cell_state.name == "cell state"
    assert cell_state.shape()["controls"][0]["name"] == "forget bias"
    assert repr(cell_state).startswith("cell state (forget bias = 1)")


def test_arguments_and_controls_must_agree():
    with pytest.raises(TypeError, match="picture takes other arguments than its controls"):

        @explorer(order=Slider(1, 3, at=1))
        def picture(lag: float) -> list[Heat]:
            return [_map(int(lag))]


def test_what_an_axis_is_called_must_be_known_to_scrub_it():
    for known in ("key", "query"):
        assert Explorer(lambda: [_map(2)], {}, scrub=(known,), name="one map").frames([{}])
    unknown = Explorer(lambda: [_map(2)], {}, scrub=("token",), name="one map")
    with pytest.raises(ValueError, match=r"^one map: no panel has an axis token to scrub; there are key, q"):
        unknown._repr_mimebundle_()


def test_the_axes_of_every_kind_can_be_scrubbed():
    axes = [panel.axes for panel in every_kind()()]
    assert axes[:5] == [{"time step", "unit"}, {"time step"}, {"letter"}, {"time step"}, {"node"}]
    assert Bars(title="b", data=[[[1.0]]], x="x", y="y", x_names=["a"], among="query").axes == {"x", "query"}


def test_labels_and_what_fits_are_told_for_each_setting():
    def picture(step: float, on: bool) -> list[Panel]:
        labels = [Label("here", step)] if on else []
        return [Lines(title="curve", data=[[0, 1, 2, 3]], x="step", y="value", start=1, labels=labels)]

    controls: dict[str, Control] = {"step": Slider(1, 2, at=1), "on": Toggle()}
    marked = Explorer(picture, controls, fits=lambda on, **_: {} if on else {"step": 0})
    frames, _ = marked.frames(marked.settings())
    assert frames["fits"] == [{0: 0}, {}, {0: 0}, {}]
    assert frames["labels"] == [[[]], [[("here", 0.125, None)]], [[]], [[("here", 0.375, None)]]]
    plain, _ = Explorer(lambda: picture(1, False), {}, name="plain").frames([{}])
    assert plain["fits"] == plain["labels"] == []


def test_a_figure_needs_a_panel():
    with pytest.raises(ValueError, match=r"^x: give a panel to show$"):
        show("x")


def test_a_figure_without_controls():
    figure = show("nothing yet", _map(2), _map(3), widths=(1, 1))
    assert repr(figure) == "nothing yet\nmap\nmap"
    assert not figure.live
    assert [panel.data.shape for panel in figure()] == [(1, 2), (1, 3)]
    assert list(figure.settings()) == [{}]


def test_a_notebook_gets_words_picture_and_page():
    sample = every_kind()
    bundle, metadata = sample._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "image/png", "text/html"}
    assert bundle["text/plain"] == repr(sample)
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG\r\n\x1a\n")
    assert metadata == {"image/png": {"alt": repr(sample)}}


def test_a_measured_figure_says_so():
    figure = show("times", _map(2), measured=True)
    assert figure._repr_mimebundle_()[1] == {"image/png": {"alt": "times\nmap", "measured": True}}


def test_the_stored_part_is_the_same_every_time():
    first, second = every_kind()._repr_mimebundle_()[0], every_kind()._repr_mimebundle_()[0]
    assert first["image/png"] == second["image/png"]
    assert first["text/plain"] == second["text/plain"]


def test_a_live_explorer_is_no_page_by_itself():
    bundle, metadata = typed()._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "image/png"}
    assert bundle["text/plain"] == "typed word (word = abc)\nletters: “abc” has 3 letters; 1.00."
    assert metadata == {"image/png": {"alt": bundle["text/plain"]}}


def test_what_fits_is_asked_with_all_controls_and_may_name_controls_only():
    def picture(one: float, other: float) -> list[Heat]:
        return [Heat(title="map", data=[[one + other]], x="x", y="y", limits=(0, 9))]

    controls: dict[str, Control] = {"one": Slider(1, 3, at=2), "other": Slider(1, 3, at=1)}
    asked = Explorer(picture, controls, fits=lambda one, **_: {"other": int(one)})
    frames, _ = asked.frames([{"other": 3}, {"one": 1, "other": 1}])
    assert frames["fits"] == [{1: 2}, {1: 1}]
    told = "picture: `fits` tells of another, which is none of its controls"
    with pytest.raises(ValueError, match=f"^{told}$"):
        Explorer(picture, controls, fits=lambda **_: {"another": 1}).frames([{}])
