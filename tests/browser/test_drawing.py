"""What each kind of panel draws, in a bare page: no Jupyter, no kernel, no network."""

import itertools
import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from course_lib.explore import Heat, Lines, Path, show
from course_lib.explore.palette import DASHES, LINES
from tests.browser.view import DARK, Shown, View, assert_map, map_colours, minus, near, rgb
from tests.explore.samples import STEPS, every_kind
from tests.explore.test_palette import contrast


def numbers_in(text: str | None) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", text or "")]


def placed(numbers: list[float], low: float, high: float) -> dict[str, float]:
    """Where the ticks of an axis of numbers stand."""
    return {f"{number:g}".replace("-", "−"): (number - low) / (high - low) for number in numbers}


def named(names: list[str]) -> dict[str, float]:
    """Where the ticks of an axis of places stand."""
    return {name: (k + 0.5) / len(names) for k, name in enumerate(names)}


def test_maps_show_the_numbers(view: View):
    sample = every_kind()
    assert_map(view, "a map", sample()[0].data, (-1, 1))
    assert_map(view, "a table", sample()[5].data, (0, 1))
    cells = view.plot("a table").locator(".cells span").all_inner_texts()
    assert cells == [minus(number) for number in sample()[5].data.ravel()]


def test_curves_show_the_numbers(view: View):
    one, two = every_kind()()[1].data
    across = (np.arange(STEPS) + 0.5) / STEPS
    np.testing.assert_allclose(view.curve("curves", 0), np.stack([across, (one + 1) / 2], 1), atol=2e-4)
    np.testing.assert_allclose(view.curve("curves", 1), np.stack([across, (two + 1) / 2], 1)[1:], atol=2e-4)


def test_dots_show_the_numbers(shown: Shown):
    one, two = every_kind()()[1].data
    dots = Lines(title="dots", data=[one, two], x="time step", y="value", limits=(-1, 1), dots=True)
    view = View(shown(show("dots", dots)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    across = (np.arange(STEPS) + 0.5) / STEPS
    np.testing.assert_allclose(view.curve("dots", 0), np.stack([across, (one + 1) / 2], 1), atol=2e-4)
    np.testing.assert_allclose(view.curve("dots", 1), np.stack([across, (two + 1) / 2], 1)[1:], atol=2e-4)
    way = view.plot("dots").locator("path.dots").first.get_attribute("d") or ""
    assert way.count("M") == way.count("h0") == STEPS


def test_a_way_shows_the_numbers(view: View):
    points = (every_kind()()[3].data + 1.2) / 2.4
    dots = view.plot("a way").locator("path.dots").get_attribute("d") or ""
    found = [(float(x) / 1000, 1 - float(y) / 1000) for x, y in re.findall(r"M([\d.]+) ([\d.]+)", dots)]
    np.testing.assert_allclose(found, points, atol=2e-4)


def test_points_have_their_names_beside_them(shown: Shown):
    points = Path(
        title="points",
        data=[(0, 0), (1, -1), (math.nan, 0)],
        x="across",
        y="up",
        along="point",
        names=["middle", "corner", "nowhere"],
        connected=False,
        limits=(-1, 1),
    )
    view = View(shown(show("points", points)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    names = view.plot("points").locator("text.point")
    assert names.all_text_contents() == ["middle", "corner", "nowhere"]
    assert [name.get_attribute("visibility") for name in names.all()] == ["visible", "visible", "hidden"]
    frame = view.plot("points").bounding_box()
    assert frame
    middle, corner = (names.nth(k).bounding_box() for k in (0, 1))
    assert middle and corner
    assert 4 < middle["x"] - (frame["x"] + frame["width"] / 2) < 12
    assert 4 < frame["x"] + frame["width"] - (corner["x"] + corner["width"]) < 16


def test_names_of_near_points_stand_apart(shown: Shown):
    near_points = {"data": 0.01 * np.eye(4)[:, :2], "names": ["one", "two", "three", "four"]}
    points = Path(title="points", x="across", y="up", along="point", limits=(-1, 1), **near_points)
    view = View(shown(show("points", points)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    boxes = [name.bounding_box() for name in view.plot("points").locator("text.point").all()]
    for one, other in itertools.combinations(boxes, 2):
        assert one and other
        assert (
            abs(one["y"] - other["y"]) > 9
            or one["x"] + one["width"] <= other["x"]
            or other["x"] + other["width"] <= one["x"]
        )


@pytest.mark.parametrize(("year", "tick"), [(1700, "1700"), (1703, "1703"), (1860, "1860")])
def test_the_axis_names_the_place_of_the_cursor(shown: Shown, year: int, tick: str):
    years = Lines(title="years", data=np.zeros((1, 320)), x="year", y="number", start=1700, limits=(-1, 1))
    view = View(shown(show("years", years)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    frame = view.plot("years").bounding_box()
    assert frame
    view.plot("years").hover(position={"x": frame["width"] * (year - 1700 + 0.5) / 320, "y": 20})
    expect(view.figure("years").locator(".axis.x b")).to_have_text(tick)
    expect(view.figure("years").locator(".where")).to_have_text(f"year {year}")
    assert view.plot("years").locator(".spot").get_attribute("d")
    bold = view.figure("years").locator(".axis.x b").bounding_box()
    assert bold
    for span in view.figure("years").locator(".axis.x span:not(.thin)").all():
        box = span.bounding_box()
        assert box and (box["x"] + box["width"] <= bold["x"] or bold["x"] + bold["width"] <= box["x"])


def test_ticks_are_there_however_numbers_are_rounded(shown: Shown):
    curve = Lines(
        title="steps", data=np.zeros((1, 11)), x="step", y="number", start=0.5, step=0.5, limits=(-1, 1)
    )
    view = View(shown(show("steps", curve)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    assert list(view.ticks("steps", "x")) == ["1", "2", "3", "4", "5"]


def test_a_string_names_places_by_its_letters(shown: Shown):
    letters = Heat(title="letters", data=[[0.1, 0.9]], x="place", y="row", x_names="ab", limits=(0, 1))
    view = View(shown(show("letters", letters)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    expect(view.figure("letters").locator(".axis.x .ticks span")).to_have_text(["a", "b"])


def test_an_axis_without_names_keeps_no_room_for_them(shown: Shown):
    axes = {"data": np.ones((2, 3)), "x": "column", "y": "row", "limits": (0, 1)}
    some = Heat(title="some", x_names=["", "b", ""], y_names=["", "b"], **axes)
    none = Heat(title="none", x_names=[""] * 3, y_names=[""] * 2, **axes)
    view = View(shown(show("names", some, none)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    for side in "xy":
        expect(view.figure("some").locator(f".axis.{side} .ticks")).to_be_visible()
        expect(view.figure("none").locator(f".axis.{side} .ticks")).to_be_hidden()


def test_bars_are_as_high_as_the_numbers(view: View):
    bars = view.plot("bars").locator("rect").all()
    heights = [float(bar.get_attribute("height") or "nan") / 100 for bar in bars]
    np.testing.assert_allclose(heights, every_kind()()[2].data.ravel(), atol=1e-4)


def test_arrows_have_heads(view: View):
    fills = (
        view.plot("a graph")
        .locator(".head")
        .evaluate_all("heads => heads.map((head) => getComputedStyle(head).fill)")
    )
    assert set(fills) == {
        view.plot("a graph").locator(".arrow").first.evaluate("arrow => getComputedStyle(arrow).stroke")
    }


def test_a_graph_shows_values_and_arrows(view: View):
    plot = view.plot("a graph")
    values = every_kind()()[4].data
    assert plot.locator("text.value").all_text_contents() == [
        *(f"{number:.3g}".replace("-", "−") for number in values[:2]),
        "?",
    ]
    assert plot.locator("text.name").all_text_contents() == ["p", "q", "r"]
    expect(plot.locator("path.arrow")).to_have_count(2)
    opacity = [arrow.get_attribute("style") for arrow in plot.locator("path.arrow").all()]
    assert opacity == ["opacity: 0.625", "opacity: 1.000"]


def test_a_diagram_lights_up_and_shows_its_numbers(view: View):
    plot = view.plot("a product")

    def state() -> tuple[list[str], list[str]]:
        parts = plot.locator("g.part")
        classes = [part.get_attribute("class") or "" for part in parts.all()]
        return [name.removeprefix("part ") for name in classes], parts.locator(".number").all_text_contents()

    first, second, product = every_kind()()[6].data
    assert state() == (
        ["done", "now", "done"],
        [minus(first), f"s = {minus(second)}", f"p = {minus(product)}"],
    )
    wires = {name: plot.locator(f"g.{name}:not(.part) path.wire").count() for name in ("idle", "done", "now")}
    assert wires == {"idle": 0, "done": 2, "now": 1}
    view.slider("strength").fill("0")
    first = every_kind()(strength=1)[6].data[0]
    assert state() == (["done", "idle", "idle"], [minus(first), "", ""])
    view.slider("strength").fill("3")
    assert state() == (["idle"] * 3, [""] * 3)


def test_rows_columns_and_colours_of_a_map_are_named(view: View):
    assert view.ticks("a table", "x") == near(named(["x", "y", "z"]))
    assert view.ticks("a table", "y") == near(named(["w", "v"]))  # from the bottom
    assert view.ticks("a map", "x") == near(named(["1", "2", "3", "4", "5"]))
    assert view.ticks("a map", "y") == near(named(["3", "2", "1"]))
    for title, limits in {"a table": (0, 1), "a map": (-1, 1)}.items():
        low, bar, high = view.scale(title)
        assert [low.replace("−", "-"), high] == [str(end) for end in limits]
        colours = [list(map(int, found.split(", "))) for found in re.findall(r"rgb\(([^)]+)\)", bar)]
        expected = map_colours(np.linspace(*limits, len(colours)), limits)[:, :3]
        np.testing.assert_allclose(colours, expected, rtol=0, atol=3)


def test_a_missing_number_has_no_colour_and_no_words_in_its_cell(shown: Shown):
    names = {"x_names": ["a", "b", "c"], "y_names": ["d"]}
    panel = Heat(title="gap", data=[[0.5, np.nan, 1.0]], x="x", y="y", limits=(0, 1), **names)
    view = View(shown(show("gap", panel)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    assert view.colours("gap")[0, :, 3].tolist() == [255, 0, 255]
    assert view.plot("gap").locator(".cells span").all_inner_texts() == ["0.50", "", "1.00"]
    view.plot("gap").hover()
    assert view.reading("gap") == "none"


@pytest.mark.parametrize(
    ("start", "step", "expected"),
    [
        (0, 30, ["0", "150"]),
        (10, 5, ["10", "15", "20", "25", "30", "35"]),
        (16, 48, ["16", "64", "112", "160", "208", "256"]),
    ],
)
def test_places_have_round_numbers_or_all_their_own(shown: Shown, start: int, step: int, expected: list[str]):
    panel = Lines(title="six", data=np.eye(1, 6), x="x", y="y", start=start, step=step, limits=(0, 1))
    view = View(shown(show("six", panel)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    at = {str(start + step * k): (k + 0.5) / 6 for k in range(6)}
    assert view.ticks("six", "x") == near({name: at[name] for name in expected})


def test_curves_have_axes_and_a_legend(shown: Shown):
    names = ["one", "two", "three"]
    panel = Lines(title="three", data=np.eye(3), x="step", y="value", names=names, start=1, limits=(-1, 3))
    view = View(shown(show("three", panel)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    assert view.ticks("three", "x") == near(named(["1", "2", "3"]))
    assert view.ticks("three", "y") == near(placed([-1, 0, 1, 2, 3], -1, 3))
    assert view.grid("three") == near([0, 0.25, 0.5, 0.75, 1])
    curves = view.plot("three").locator("path.line").all()
    look = "curve => [getComputedStyle(curve).stroke, curve.getAttribute('stroke-dasharray')]"
    assert [name for name, _ in view.legend("three")] == names
    for k, (curve, (_, sample)) in enumerate(zip(curves, view.legend("three"), strict=True)):
        colour, none = rgb(LINES["light"][k]), "rgba(0, 0, 0, 0)"
        assert curve.evaluate(look) == [colour, " ".join(map(str, DASHES[k]))]
        dash, both = [("100%", "100%"), ("6px", "9px"), ("2px", "4px")][k]
        assert f"(90deg, {colour} 0px, {colour} {dash}, {none} {dash}, {none} {both})" in sample


def test_bars_have_axes_and_a_legend(view: View):
    assert view.ticks("bars", "x") == near(named(["a", "b", "c", "d"]))
    assert view.ticks("bars", "y") == near(placed([0, 0.5, 1], 0, 1))
    assert view.grid("bars") == near([0, 0.5, 1])
    bars = view.plot("bars").locator("rect").all()
    for k, (name, sample) in enumerate(view.legend("bars")):
        assert name == ["now", "later"][k]
        assert sample.endswith(rgb(LINES["light"][k]))
        for j, bar in enumerate(bars[4 * k : 4 * k + 4]):
            assert bar.evaluate("bar => getComputedStyle(bar).stroke") == rgb(LINES["light"][k])
            left, width, top, height = (
                float(bar.get_attribute(name) or "nan") for name in ("x", "width", "y", "height")
            )
            assert (left, width) == pytest.approx((100 * j + 10 + 40 * k, 36))
            assert top + height == pytest.approx(100)


def test_a_way_has_axes(view: View):
    for side in ("x", "y"):
        assert view.ticks("a way", side) == near(placed([-1, 0, 1], -1.2, 1.2))
    assert view.grid("a way") == near([0.2 / 2.4, 0.5, 2.2 / 2.4])


def test_arrows_lead_from_node_to_node(view: View):
    plot = view.plot("a graph")
    places = [(0, 0), (100, 0), (50, 100)]
    arrows, heads = plot.locator("path.arrow").all(), plot.locator("path.head").all()
    for arrow, head, (origin, target) in zip(arrows, heads, [(0, 1), (1, 2)], strict=True):
        x, y, bend_x, bend_y, end_x, end_y = numbers_in(arrow.get_attribute("d"))
        assert math.dist((x, y), places[origin]) == pytest.approx(36)
        assert math.dist((end_x, end_y), places[target]) == pytest.approx(1.1 * 36)
        assert bend_y < 0 if origin == 0 else (bend_x, bend_y) == (75, 50)  # over the nodes, or straight
        angle = math.degrees(math.atan2(places[target][1] - bend_y, places[target][0] - bend_x))
        assert numbers_in(head.get_attribute("transform")) == pytest.approx([end_x, end_y, angle])


def test_wires_lead_from_rim_to_rim(view: View):
    plot = view.plot("a product")
    ways = [numbers_in(wire.get_attribute("d")) for wire in plot.locator("path.wire").all()]
    tips = [numbers_in(tip.get_attribute("transform")) for tip in plot.locator("path.tip").all()]
    assert sorted(zip(ways, tips, strict=True)) == [
        ([0, -60, 0, 0, 40, 0], [40, 0, 0]),  # down from the number, to the right into the box
        ([40, -100, 174, -100], [174, -100, 0]),
        ([160, 0, 200, 0, 200, -74], [200, -74, -90]),  # to the right out of the box, up to the product
    ]


@pytest.mark.parametrize("style", ["", DARK], ids=["light", "dark"])
@pytest.mark.parametrize("low", [0, -1])
def test_numbers_in_a_table_can_be_read(shown: Shown, low: float, style: str):
    names = list("abcdef")
    numbers = np.linspace(low, 1, 36).reshape(6, 6)
    table = Heat(title="table", data=numbers, x="x", y="y", x_names=names, y_names=names, limits=(low, 1))
    page = shown(show("table", table)._repr_mimebundle_()[0]["text/html"], style=style)
    view = View(page.locator("main"))
    spans = view.plot("table").locator(".cells span")
    inks = spans.evaluate_all(
        "spans => spans.map((span) => getComputedStyle(span).color.match(/[0-9]+/g).map(Number))"
    )
    for ink, colour in zip(inks, view.colours("table").reshape(36, 4), strict=True):
        assert contrast("#" + bytes(ink).hex(), "#" + bytes(colour[:3]).hex()) >= 4.5


def test_a_picture_has_neither_axes_nor_a_scale(shown: Shown):
    axes = {"data": np.eye(20), "x": "column", "y": "row", "limits": (0, 1)}
    outputs = show("digits", Heat(title="a digit", picture=True, **axes), Heat(title="a map", **axes))
    view = View(shown(outputs._repr_mimebundle_()[0]["text/html"]).locator("main"))
    for part in (".axis", ".scale"):
        expect(view.figure("a digit").locator(part)).to_have_count(0)
        assert view.figure("a map").locator(part).count()
    box = view.plot("a digit").bounding_box()
    assert box and box["width"] == pytest.approx(box["height"], abs=1)
    view.plot("a digit").hover(position={"x": 1, "y": 1})
    expect(view.figure("a digit").locator(".where")).to_have_text("column 1, row 1")


def test_names_at_the_cursor_are_whole(shown: Shown):
    words = ["the", "water"]
    table = Heat(
        title="a table", data=np.eye(2), x="key", y="query", x_names=words, y_names=words, limits=(0, 1)
    )
    view = View(shown(show("words", table)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    view.plot("a table").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        view.root.page.keyboard.press(key)
    for side in "xy":
        name = view.figure("a table").locator(f".axis.{side} b")
        expect(name).to_have_text("water")
        assert name.evaluate("name => name.scrollWidth <= name.clientWidth")
