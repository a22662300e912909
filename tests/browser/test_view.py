"""The view of a sweep in a bare page: no Jupyter, no kernel, no network."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Position, expect

from course_lib.explore import Explorer, Heat, Lines, Panel, Slider, page, show
from course_lib.explore.palette import DASHES, LINES, MARK, colour_map
from tests.browser.view import View, assert_map, rgb
from tests.explore.samples import STEPS, UNITS, chosen, every_kind, typed, wave
from tests.explore.test_palette import contrast

TITLES = ("a map", "curves", "bars", "a way", "a graph", "a table", "a product")
PAGE = """<!doctype html>
<html lang="en"><title>explorer</title><body style="{style}"><main>{outputs}</main></body></html>"""
DARK = "background: #111; color: #ddd; --jp-ui-font-color1: #ddd; --jp-ui-font-color2: #bbb;"

Shown = Callable[..., Page]


@pytest.fixture(scope="module")
def output() -> str:
    return every_kind()._repr_mimebundle_()[0]["text/html"]


@pytest.fixture
def shown(context: BrowserContext, output: str) -> Iterator[Shown]:
    """Show outputs on a page; the page must neither complain nor ask for anything."""
    problems: list[str] = []

    def open_page(*outputs: str, style: str = "") -> Page:
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith("data:") else problems.append(asked.url)
        )
        page.set_content(PAGE.format(style=style, outputs="".join(outputs or [output])))
        return page

    yield open_page
    assert problems == []


@pytest.fixture
def view(shown: Shown) -> View:
    return View(shown().locator("main"))


def minus(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")


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


def test_bars_are_as_high_as_the_numbers(view: View):
    bars = view.plot("bars").locator("rect").all()
    heights = [float(bar.get_attribute("height") or "nan") / 100 for bar in bars]
    np.testing.assert_allclose(heights, every_kind()()[2].data.ravel(), atol=1e-4)


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


def numbers_in(text: str | None) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", text or "")]


def near(places: Any) -> Any:
    """What is drawn within a pixel or two of the places."""
    return pytest.approx(places, abs=0.01)


def placed(numbers: list[float], low: float, high: float) -> dict[str, float]:
    """Where the ticks of an axis of numbers stand."""
    return {f"{number:g}".replace("-", "−"): (number - low) / (high - low) for number in numbers}


def named(names: list[str]) -> dict[str, float]:
    """Where the ticks of an axis of places stand."""
    return {name: (k + 0.5) / len(names) for k, name in enumerate(names)}


def test_rows_columns_and_colours_of_a_map_are_named(view: View):
    assert view.ticks("a table", "x") == near(named(["x", "y", "z"]))
    assert view.ticks("a table", "y") == near(named(["w", "v"]))  # from the bottom
    assert view.ticks("a map", "x") == near(named(["1", "2", "3", "4", "5"]))
    assert view.ticks("a map", "y") == near(named(["3", "2", "1"]))
    for title, limits in {"a table": (0, 1), "a map": (-1, 1)}.items():
        low, bar, high = view.scale(title)
        assert [low.replace("−", "-"), high] == [str(end) for end in limits]
        assert bar == f"linear-gradient(90deg, {', '.join(map(rgb, colour_map(limits)))})"


def test_a_missing_number_has_no_colour(shown: Shown):
    panel = Heat(title="gap", data=[[0.5, np.nan, 1.0]], x="x", y="y", limits=(0, 1))
    view = View(shown(show("gap", panel)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    assert view.colours("gap")[0, :, 3].tolist() == [255, 0, 255]
    view.plot("gap").hover()
    assert view.reading("gap") == "none"


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


def test_a_diagram_frames_and_reads_the_part_under_the_pointer(view: View):
    plot = view.plot("a product")
    layer, frame = plot.locator("rect:not(.here)"), plot.locator("rect.here")
    assert plot.locator(".symbol").all_text_contents() == ["σ", "×"]
    assert plot.locator(".inside").all_text_contents() == ["second layer"]
    assert plot.locator(".name").all_text_contents() == ["firstnumber"]
    view.slider("strength").fill("3")
    expect(frame).not_to_be_visible()
    layer.hover(force=True)
    expect(frame).to_be_visible()
    sides = [float(frame.get_attribute(side) or "nan") for side in ("x", "y", "width", "height")]
    assert sides == [34, -46, 132, 92]
    assert view.reading("a product") == "second layer: still to come"


def test_of_two_answers_at_once_the_newer_stays(shown: Shown):
    sample = typed()
    tab = shown("<div id='seat'></div>")
    answers = []
    for word in ("abc", "old", "new"):
        frames, numbers = sample.frames([{"word": word}])
        answers.append({"frames": frames, "numbers": list(numbers)})
    tab.add_script_tag(content=f"{page.module()} window.render = render;")
    tab.evaluate(
        """async ([shape, answers]) => {
            const state = { shape, request: {}, complaint: "" };
            const take = ({ frames, numbers }) =>
                Object.assign(state, { frames, numbers: Uint8Array.from(numbers) });
            let answered;
            const model = { get: (key) => state[key], on: (_, heard) => (answered = heard) };
            take(answers[0]);
            await render({ el: document.querySelector("#seat"), model });
            const whole = Response.prototype.arrayBuffer;
            const [inflated, done] = [[], []];
            Response.prototype.arrayBuffer = function () {
                return new Promise((resolve) => inflated.push(() => resolve(whole.call(this))));
            };
            for (const answer of answers.slice(1)) {
                take(answer);
                done.push(answered());
            }
            for (const k of [1, 0]) {
                inflated[k]();
                await done[k];
            }
        }""",
        [sample.shape(), answers],
    )
    assert View(tab.locator("main")).caption("letters").startswith("“new” has 3 letters")


@pytest.fixture
def units(shown: Shown) -> View:
    return View(shown(chosen()._repr_mimebundle_()[0]["text/html"]).locator("main"))


def test_numbers_on_a_logarithmic_axis(units: View):
    ticks = dict(zip(["10⁻⁴", "10⁻²", "10⁰", "10²", "10⁴", "10⁶"], np.linspace(0, 1, 6), strict=True))
    assert units.ticks("powers", "y") == near(ticks)
    assert units.grid("powers") == near([*ticks.values()])
    readings = []
    for step in range(STEPS):
        units.slider("time step").fill(str(step))
        readings.append(units.reading("powers"))
    assert readings == ["1", "32", "1.0e-3", "≤ 1.0e-4", "≥ 1.0e6"]
    heights = [up for _, up in units.curve("powers", 0)]
    np.testing.assert_allclose(heights, [0.4, (4 + np.log10(32)) / 10, 0.1, 0, 1], atol=2e-4)


def test_the_unit_under_the_cursor_is_drawn(units: View):
    def drawn() -> list[float]:
        return [up for _, up in units.curve("one unit", 0)]

    curves = chosen()()[1].data
    assert units.slider("unit").get_attribute("aria-valuetext") == "2"
    np.testing.assert_allclose(drawn(), (curves[1, 0] + 2) / 4, atol=2e-4)
    units.slider("unit").fill("2")
    np.testing.assert_allclose(drawn(), (curves[2, 0] + 2) / 4, atol=2e-4)
    up, down = curves[2, :, 2]
    assert units.reading("one unit") == f"unit 3: up {up:.1f}, down −{-down:.1f}"
    box = units.plot("a map").bounding_box()
    assert box
    units.plot("a map").hover(position=Position(x=0.9 * box["width"], y=0.1 * box["height"]))
    np.testing.assert_allclose(drawn(), (curves[0, 0] + 2) / 4, atol=2e-4)
    assert units.slider("unit").get_attribute("aria-valuetext") == "1"
    units.plot("one unit").focus()
    units.root.page.keyboard.press("ArrowDown")
    np.testing.assert_allclose(drawn(), (curves[1, 0] + 2) / 4, atol=2e-4)
    expect(units.spoken()).to_contain_text("unit 2")


def test_without_a_slider_the_first_chosen_unit_is_drawn(shown: Shown):
    panel = chosen()()[1]
    view = View(shown(show("one unit", panel)._repr_mimebundle_()[0]["text/html"]).locator("main"))
    view.plot("one unit").hover()
    np.testing.assert_allclose(
        [up for _, up in view.curve("one unit", 0)], (panel.data[1, 0] + 2) / 4, atol=2e-4
    )


def test_a_chosen_unit_stays_when_a_control_moves(units: View):
    units.slider("unit").fill("0")
    units.slider("slope").fill("2")
    assert units.slider("slope").get_attribute("aria-valuetext") == "3"
    expected = chosen()(slope=3)[1].data[0, 1]
    np.testing.assert_allclose([up for _, up in units.curve("one unit", 1)], (expected + 2) / 4, atol=2e-4)


@pytest.mark.parametrize("strength", [1, 2, 3, 4])
def test_every_setting_shows_its_own_frame(view: View, strength: int):
    view.slider("strength").fill(str(strength - 1))
    for mirrored in (False, True):
        view.root.get_by_role("checkbox", name="mirrored").set_checked(mirrored)
        for size in ("single", "half"):
            view.root.get_by_role("combobox", name="size").select_option(size)
            assert_map(view, "a map", wave(strength, mirrored, size), (-1, 1))
            expected = every_kind()(strength=strength, mirrored=mirrored, size=size)
            assert view.caption("bars") == expected[2].caption


def test_the_slider_works_by_keyboard(view: View):
    before = {title: view.picture(title) for title in TITLES}
    view.slider("strength").focus()
    view.root.page.keyboard.press("ArrowRight")
    assert view.root.locator("label", has_text="strength").locator("output").inner_text() == "3"
    assert view.slider("strength").get_attribute("aria-valuetext") == "3"
    assert [title for title in TITLES if view.picture(title) == before[title]] == []
    assert view.caption("bars").endswith("at strength 3.")
    expect(view.spoken()).to_contain_text("at strength 3.")
    view.root.page.keyboard.press("ArrowLeft")
    assert {title: view.picture(title) for title in TITLES} == before


def test_the_slider_works_by_mouse(view: View):
    box = view.slider("strength").bounding_box()
    assert box
    mouse = view.root.page.mouse
    mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=5)
    mouse.up()
    assert_map(view, "a map", wave(4, False, "single"), (-1, 1))


def test_the_scrubber_moves_the_cursor_of_every_panel_with_its_axis(view: View):
    scrubber = view.slider("time step")
    for step in (0, STEPS - 1):
        scrubber.fill(str(step))
        assert scrubber.get_attribute("aria-valuetext") == str(step + 1)
        column, hair = (view.plot(title).locator("i.cursor:not([hidden])") for title in ("a map", "curves"))
        left = "mark => parseFloat(mark.style.left)"
        assert column.evaluate(left) == pytest.approx(100 * step / STEPS)
        assert hair.evaluate(left) == pytest.approx(100 * (step + 0.5) / STEPS)
        across, up = (every_kind()()[3].data[step] + 1.2) / 2.4 * 1000
        here = view.plot("a way").locator("circle.here[visibility=visible]")
        assert here.evaluate("mark => [mark.cx.baseVal.value, mark.cy.baseVal.value]") == pytest.approx(
            [across, 1000 - up], abs=0.1
        )
        one, two = wave(2, False, "single")[:2, step]
        expected = f"one {minus(one)}, two {minus(two)}" if step else f"one {minus(one)}"
        assert view.reading("curves") == expected
        assert view.plot("bars").locator("i.cursor:not([hidden])").count() == 0


def test_pointing_reads_the_number_in_every_panel_with_the_axis(view: View):
    plot = view.plot("a map")
    box = plot.bounding_box()
    assert box
    numbers = wave(2, False, "single")
    for unit, step in [(0, 1), (UNITS - 1, 3)]:
        place = Position(x=(step + 0.5) / STEPS * box["width"], y=(unit + 0.5) / UNITS * box["height"])
        plot.hover(position=place)
        assert view.reading("a map") == minus(numbers[unit, step])
        assert view.reading("curves") == f"one {minus(numbers[0, step])}, two {minus(numbers[1, step])}"
        assert view.slider("time step").get_attribute("aria-valuetext") == str(step + 1)
    view.root.page.mouse.move(0, 0)
    assert view.reading("a map") == ""
    assert view.reading("curves") != ""


def test_pointing_reads_bars_ways_and_graphs(view: View):
    shares = every_kind()()[2].data
    view.plot("bars").hover(position={"x": 5, "y": 5})
    assert view.reading("bars") == f"now {minus(shares[0, 0])}, later {minus(shares[1, 0])}"
    disc = view.plot("a graph").locator("circle.node").nth(1)
    disc.hover(force=True)
    assert view.reading("a graph") == f"q: {minus(wave(2, False, 'single')[1, 0])}, reads p"
    view.plot("a product").locator("rect:not(.here)").hover(force=True)
    assert view.reading("a product") == f"second layer: {minus(every_kind()()[6].data[1])}"
    box = view.plot("a way").bounding_box()
    assert box
    across, up = every_kind()()[3].data[4]
    place = Position(x=(across + 1.2) / 2.4 * box["width"], y=(1.2 - up) / 2.4 * box["height"])
    view.plot("a way").hover(position=place)
    assert view.reading("a way") == f"across {minus(across)}, up {minus(up)}"


def test_arrow_keys_read_numbers_aloud(view: View):
    keyboard = view.root.page.keyboard
    numbers = wave(2, False, "single")
    view.plot("a map").focus()
    keyboard.press("ArrowDown")
    assert view.reading("a map") == minus(numbers[0, 2])
    keyboard.press("ArrowDown")
    keyboard.press("ArrowRight")
    assert view.reading("a map") == minus(numbers[1, 3])
    expect(view.spoken()).to_contain_text("time step 4")
    expect(view.spoken()).to_contain_text("unit 2")
    expect(view.spoken()).to_contain_text(minus(numbers[1, 3]))
    for _ in range(STEPS):
        keyboard.press("ArrowRight")
    assert view.reading("a map") == minus(numbers[1, STEPS - 1])
    view.plot("bars").focus()
    keyboard.press("ArrowRight")
    expect(view.spoken()).to_contain_text("letter a")


def test_everything_has_a_name(view: View):
    assert [slider.get_attribute("aria-label") for slider in view.root.get_by_role("slider").all()] == [
        "strength",
        "time step",
    ]
    expect(view.root.get_by_role("checkbox", name="mirrored", exact=True)).to_be_visible()
    expect(view.root.get_by_role("combobox", name="size", exact=True)).to_be_visible()
    expect(view.root.get_by_role("group", name="Controls of every kind")).to_be_visible()
    names = [plot.get_attribute("aria-label") or "" for plot in view.root.locator(".plot[role=img]").all()]
    assert [name.partition(".")[0] for name in names] == [*TITLES]
    assert names[0].startswith("a map. Of a wave. ")
    assert all(name.endswith("Arrow keys read values.") for name in names)


def test_everything_is_reached_by_the_tab_key(view: View):
    page = view.root.page
    reached = []
    for _ in range(11):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.tagName"))
    names = [name.partition(".")[0] for name in reached]
    assert names == ["strength", "INPUT", "SELECT", "time step", *TITLES]


def test_without_scripts_the_picture_stands_there(browser: Browser, output: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(PAGE.format(style="", outputs=output))
    image = page.get_by_role("img")
    expect(image).to_have_count(1)
    assert image.get_attribute("alt") == repr(every_kind())
    box = image.bounding_box()
    assert box and box["width"] > 600 and box["height"] > 300
    assert page.locator("section.explorer").count() == 0
    context.close()


def test_the_theme_is_the_pages(shown: Shown):
    for theme, style in {"light": "", "dark": DARK}.items():
        view = View(shown(style=style).locator("main"))
        assert_map(view, "a table", every_kind()()[5].data, (0, 1), theme)
        assert view.style("--line0") == LINES[theme][0]
        assert view.style("--mark") == MARK[theme]


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


def test_the_theme_follows_the_systems(shown: Shown):
    page = shown(style="color-scheme: light dark; color: CanvasText; background: Canvas")
    view = View(page.locator("main"))
    numbers = every_kind()()[5].data
    assert_map(view, "a table", numbers, (0, 1), "light")
    page.emulate_media(color_scheme="dark")
    assert view.style("--line0") == LINES["dark"][0]
    assert_map(view, "a table", numbers, (0, 1), "dark")


@pytest.mark.parametrize("style", ["", DARK], ids=["light", "dark"])
def test_axe_finds_nothing(shown: Shown, style: str):
    page = shown(style=style)
    View(page.locator("main"))
    results = Axe().run(page, context="main")
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [480, 1100])
def test_nothing_sticks_out_of_the_page(shown: Shown, width: int):
    page = shown()
    page.set_viewport_size({"width": width, "height": 900})
    view = View(page.locator("main"))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    lefts = set()
    for title in TITLES:
        box = view.figure(title).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
        lefts.add(round(box["x"]))
    assert (len(lefts) == 1) == (width == 480)  # one column on a narrow page


def test_two_explorers_on_a_page_keep_apart(shown: Shown, output: str):
    other = every_kind("another")._repr_mimebundle_()[0]["text/html"]
    page = shown(output, other, output)
    views = [View(seat) for seat in page.locator(".explorer-seat").all()]
    names = [view.root.get_attribute("aria-label") for view in views]
    assert names == ["every kind", "another", "every kind"]
    views[2].slider("strength").fill("3")
    assert [view.caption("bars")[-2] for view in views] == ["2", "2", "4"]


def test_words_of_any_kind_are_shown_as_they_are(shown: Shown):
    nasty = "</script><!-- <script> <b>$picture ${x} \\ & \" ' `"

    def picture(k: float) -> list[Panel]:
        return [
            Heat(title="map", data=[[k]], x=nasty, y="row", x_names=[nasty], limits=(0, 2), caption=nasty)
        ]

    sample = Explorer(picture, {"k": Slider(1, 2, at=1)}, name="nasty")
    view = View(shown(sample._repr_mimebundle_()[0]["text/html"], "<p>after</p>").locator("main"))
    assert view.caption("map") == nasty
    assert view.figure("map").locator(".axis.x .label").inner_text() == nasty
    expect(view.root.page.get_by_text("after")).to_be_visible()
