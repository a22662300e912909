"""Pointer, arrow keys and scrubbers: cursors that panels share, and what they read."""

import numpy as np
import pytest
from playwright.sync_api import Position, expect

from course_lib.explore import show
from tests.browser.view import Shown, View, minus, near
from tests.explore.samples import STEPS, UNITS, chosen, every_kind, wave


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
