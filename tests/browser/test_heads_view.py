"""The explorer of heads in a bare page: links between tokens, and a map of each head."""

import re
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Position, expect

from course_lib.explore import Explorer, Links, show
from course_lib.explore.codes import LAST
from course_lib.explore.palette import line_style
from course_lib.lectures.multi_head_attention.heads_explorer import heads
from course_lib.models.attention import MultiHeadAttention
from tests.browser.view import DARK, Shown, View, assert_map, html, near
from tests.explore.samples import ANSWERS, WORDS, attended

LINKS = "what each token reads"
STEPS, HEADS, FAINTEST, LEVELS = len(WORDS), 3, 0.01, 16


@cache
def three_heads() -> Explorer:
    return heads(attended(HEADS), torch.arange(STEPS), WORDS, ANSWERS)


@cache
def sixteen_heads(steps: int = 40) -> Explorer:
    """The panels of many heads over many tokens, without the controls that make them live."""
    generator = torch.Generator().manual_seed(0)
    layer = MultiHeadAttention(64, 16, generator)
    names = [f"token{k}" for k in range(steps)]
    panels = heads(layer, torch.randn(steps, 64, generator=generator), names)()
    return show("sixteen heads", *panels, widths=(1, 1, 1))


@pytest.fixture
def few(shown: Shown) -> View:
    return View(shown(html(three_heads())).locator("main"))


@pytest.fixture
def many(shown: Shown) -> View:
    return View(shown(html(sixteen_heads())).locator("main"))


def weights(explorer: Explorer, **setting: bool) -> np.ndarray:
    return explorer(**setting)[0].data


def looks(view: View) -> dict[tuple[int, ...], tuple[float, str]]:
    """Opacity and dashes of each line that is drawn, by its head, query and key; its colour is its head's."""
    ways = view.plot(LINKS).locator("svg.ways")
    height = ways.evaluate("ways => ways.viewBox.baseVal.height")
    paths = ways.evaluate(
        """ways => [...ways.children].map((way) => [way.style.stroke, way.getAttribute("stroke-dasharray"),
            way.getAttribute("d"), +way.style.strokeOpacity])"""
    )
    sides = view.plot(LINKS).locator(".names")
    queries, keys = (side.locator("span").count() for side in sides.all())
    count = view.figure(LINKS).locator(".heads b").count()
    lines: dict[tuple[int, ...], tuple[float, str]] = {}
    for colour, dashes, way, seen in paths:
        for y, end in re.findall(r"M0 ([\d.]+)L1000 ([\d.]+)", way):
            query, below = divmod(float(y) / height * queries, 1)
            head = round((below - 0.25) * 2 * count - 0.5)  # their lines leave a token one below the other
            assert colour == f"var(--line{head % 6})"
            lines[head, int(query), int(float(end) / height * keys)] = (seen, dashes)
    return lines


def drawn(view: View) -> dict[tuple[int, ...], float]:
    return {place: seen for place, (seen, _) in looks(view).items()}


def places(shares: np.ndarray) -> set[tuple[int, ...]]:
    carried = np.rint(shares * LAST) / LAST
    return {tuple(map(int, place)) for place in np.argwhere(carried >= FAINTEST)}


def point(view: View, side: str, token: int, count: int = STEPS) -> None:
    box = view.plot(LINKS).bounding_box()
    assert box
    x = {"query": 0.2, "key": 0.8}[side] * box["width"]
    view.plot(LINKS).hover(position=Position(x=x, y=(token + 0.5) / count * box["height"]))


def head_readings(view: View) -> list[str]:
    return view.figure(LINKS).locator(".heads b").all_text_contents()


def bars(view: View, side: int, count: int = STEPS) -> np.ndarray:
    """How high the bars beside the tokens are (head, token), as parts of the highest that is possible."""
    marks = view.plot(LINKS).locator("svg.marks").nth(side)
    height = marks.evaluate("marks => marks.viewBox.baseVal.height")
    ways = marks.evaluate("marks => [...marks.children].map((bar) => bar.getAttribute('d'))")
    fills = marks.evaluate("marks => [...marks.children].map((bar) => bar.style.fill)")
    assert fills == [f"var(--line{head % 6})" for head in range(len(ways))]
    heights = np.zeros((len(ways), count))
    for head, way in enumerate(ways):
        for foot, high in re.findall(r"M[\d.]+ ([\d.]+)v-([\d.]+)h", way):
            heights[head, int(float(foot) / height * count)] = float(high) / (height / count - 3)
    return heights


def test_without_a_pointer_all_links_are_drawn(few: View):
    shares = weights(three_heads())
    lines = drawn(few)
    assert lines.keys() == places(shares)
    seen = sorted(lines, key=lambda place: shares[place])
    assert all(lines[a] <= lines[b] for a, b in pairwise(seen))
    assert lines[seen[0]] < lines[seen[-1]] < 0.7
    assert few.reading(LINKS) == "" and head_readings(few) == ["", "", ""]
    hint = (
        few.figure(LINKS).locator(".reading").evaluate("hint => getComputedStyle(hint, '::before').content")
    )
    assert hint == '"Point at a token."'


def test_lines_have_the_dashes_of_their_heads_and_faint_ones_none(few: View):
    shares = weights(three_heads())
    expected = {
        place: " ".join(map(str, line_style(place[0])[1])) if shares[place] >= 1 / LEVELS else ""
        for place in places(shares)
    }
    assert {place: dashes for place, (_, dashes) in looks(few).items()} == expected
    assert len(set(expected.values())) > 2


@pytest.mark.parametrize("pointed", [False, True])
def test_strong_lines_are_wide_and_lie_on_top(few: View, pointed: bool):
    if pointed:
        point(few, "query", 3)
    ways = few.plot(LINKS).locator("svg.ways")
    from_below = ways.evaluate("ways => [...ways.children].map((way) => parseFloat(way.style.strokeWidth))")
    assert from_below == sorted(from_below)
    assert len(set(from_below)) > 1


@pytest.mark.parametrize("query", [0, 3])
def test_a_query_shows_what_it_reads(few: View, query: int):
    shares = weights(three_heads())
    point(few, "query", query)
    lines = drawn(few)
    assert lines.keys() == {place for place in places(shares) if place[1] == query}
    strongest = max(lines, key=lambda place: shares[place])
    part = (min(LEVELS - 1, int(shares[strongest] * LEVELS)) + 0.5) / LEVELS
    assert lines[strongest] == pytest.approx(0.25 + 0.75 * part, abs=1e-3)
    np.testing.assert_allclose(bars(few, 1), shares[:, query], atol=0.02)
    assert bars(few, 0).size == 0
    assert few.reading(LINKS) == f"“{WORDS[query]}” reads"
    assert head_readings(few) == [f"{WORDS[row.argmax()]} {row.max():.2f}" for row in shares[:, query]]
    here = few.plot(LINKS).locator(".names .here")
    assert here.all_text_contents() == [WORDS[query]]
    few.root.page.mouse.move(0, 0)
    assert drawn(few).keys() == places(shares)
    assert few.reading(LINKS) == "" and head_readings(few) == ["", "", ""]


def test_a_key_shows_who_reads_it(few: View):
    shares = weights(three_heads())
    for key in (1, 4):
        point(few, "key", key)
        assert drawn(few).keys() == {place for place in places(shares) if place[2] == key}
        np.testing.assert_allclose(bars(few, 0), shares[:, :, key], atol=0.02)
        assert few.reading(LINKS) == f"“{WORDS[key]}” is read by"
        assert head_readings(few) == [f"{WORDS[c.argmax()]} {c.max():.2f}" for c in shares[:, :, key]]


def test_links_and_maps_share_their_cursor(few: View):
    point(few, "query", 2)
    for title in ("head 1", "head 2", "head 3", "read-out, probabilities"):
        row = few.plot(title).locator("i.cursor:not([hidden])")
        assert row.evaluate("row => parseFloat(row.style.top)") == near(100 * 2 / STEPS)
    point(few, "key", 3)
    for title in ("head 1", "head 2", "head 3"):
        column = few.plot(title).locator("i.cursor:not([hidden])")
        assert column.evaluate("column => parseFloat(column.style.left)") == near(100 * 3 / STEPS)
    box = few.plot("head 2").bounding_box()
    assert box
    for x, key in ((0.1, 0), (0.9, -1)):
        few.plot("head 2").hover(position=Position(x=x * box["width"], y=0.1 * box["height"]))
        assert few.reading(LINKS) == f"“{WORDS[0]}” reads"
        here = few.plot(LINKS).locator(".names .here")
        assert here.all_text_contents() == [WORDS[0], WORDS[key]]
    assert {place[1] for place in drawn(few)} == {0}


def test_a_head_that_is_removed_disappears(few: View):
    point(few, "query", 1)
    few.root.get_by_role("checkbox", name="head 2", exact=True).uncheck()
    expected = three_heads()(head_2=False)
    assert drawn(few).keys() == places(expected[0].data)
    assert {head for head, _, _ in drawn(few)} == {0, 2}
    assert few.caption("head 2") == "Removed."
    assert (few.colours("head 2")[..., 3] == 0).all()
    read_out = "read-out, probabilities"
    assert_map(few, read_out, expected[-1].data, (0, 1))
    assert few.caption(read_out) == expected[-1].caption
    assert "Without head 2" in few.caption(read_out)
    point(few, "query", 1)
    assert head_readings(few)[1] == "removed"
    few.root.get_by_role("checkbox", name="head 2", exact=True).check()
    assert_map(few, read_out, three_heads()()[-1].data, (0, 1))


def test_the_arrow_keys_go_from_token_to_token(few: View):
    shares = weights(three_heads())
    keyboard = few.root.page.keyboard
    few.plot(LINKS).focus()
    for pressed, reading in [
        ("ArrowDown", f"“{WORDS[0]}” reads"),
        ("ArrowDown", f"“{WORDS[1]}” reads"),
        ("ArrowRight", f"“{WORDS[1]}” is read by"),
        ("ArrowUp", f"“{WORDS[0]}” is read by"),
        ("ArrowUp", f"“{WORDS[0]}” is read by"),
        ("ArrowLeft", f"“{WORDS[0]}” reads"),
    ]:
        keyboard.press(pressed)
        assert few.reading(LINKS) == reading
    expect(few.spoken()).to_contain_text(f"query {WORDS[0]}: “{WORDS[0]}” reads head 1: ")
    for head, row in enumerate(shares[:, 0]):
        expect(few.spoken()).to_contain_text(f"head {head + 1}: {WORDS[row.argmax()]} {row.max():.2f}")
    keyboard.press("a")
    assert few.reading(LINKS) == f"“{WORDS[0]}” reads"


NEXT_FRAME = """(root, [x, y]) => {
    const plot = root.querySelector(".plot.links");
    const box = plot.getBoundingClientRect();
    const picture = () => [
        plot.querySelector(".ways").innerHTML,
        ...[...root.querySelectorAll(".plot.heat")].map((map) =>
            [...map.querySelectorAll(".cursor")].map((mark) => mark.hidden + mark.style.cssText).join()),
    ];
    return new Promise((done) => requestAnimationFrame(() => {
        const before = picture();
        const at = { clientX: box.left + x * box.width, clientY: box.top + y * box.height, bubbles: true };
        plot.dispatchEvent(new PointerEvent("pointermove", at));
        requestAnimationFrame(() => done(picture().map((part, k) => part !== before[k])));
    }));
}"""


@pytest.mark.parametrize("x", [0.2, 0.8], ids=["query", "key"])
def test_links_and_every_map_follow_by_the_next_frame(few: View, x: float):
    changed = few.root.evaluate(NEXT_FRAME, [x, 0.5])
    # The read-out has queries, but no keys.
    assert changed == [True] * (1 + HEADS) + [x < 0.5]


@pytest.mark.parametrize("x", [0.2, 0.8], ids=["query", "key"])
def test_forty_tokens_and_sixteen_heads_follow_by_the_next_frame(many: View, x: float):
    shares = weights(sixteen_heads())
    assert shares.shape == (16, 40, 40)
    assert drawn(many).keys() == places(shares)
    assert many.plot(LINKS).locator("svg.ways path").count() <= 16 * LEVELS
    assert many.root.evaluate(NEXT_FRAME, [x, 20.5 / 40]) == [True] * 17
    side = 1 if x < 0.5 else 2
    assert drawn(many).keys() == {place for place in places(shares) if place[side] == 20}


def test_every_head_has_a_look_of_its_own(many: View):
    looks = (
        many.figure(LINKS)
        .locator(".key")
        .evaluate_all(
            """keys => keys.map(({ style }) =>
            ["--line", "--dash", "--gap"].map((name) => style.getPropertyValue(name)).join())"""
        )
    )
    assert len(looks) == 16
    patterns = [line_style(k)[1][:2] for k in range(16)]
    expected = [f"var(--line{k % 6})" for k in range(16)]
    assert [look.partition(",")[0] for look in looks] == expected
    for look, pattern in zip(looks, patterns, strict=True):
        assert look.partition(",")[2] == (f"{pattern[0]}px,{sum(pattern)}px" if pattern else "100%,100%")


def visible_ticks(view: View, title: str, side: str) -> list[dict[str, Any]]:
    return (
        view.figure(title)
        .locator(f".axis.{side} .ticks :is(span, b)")
        .evaluate_all(
            """ticks => ticks
                .filter((tick) => tick.checkVisibility({ visibilityProperty: true }))
                .map((tick) => {
                    const { left, right, top, bottom } = tick.getBoundingClientRect();
                    return { text: tick.textContent, left, right, top, bottom };
                })"""
        )
    )


@pytest.mark.parametrize("width", [768, 1280])
@pytest.mark.parametrize("steps", [5, 40])
def test_names_do_not_overlap_and_nothing_sticks_out(shown: Shown, width: int, steps: int):
    page = shown(html(sixteen_heads(steps)))
    page.set_viewport_size({"width": width, "height": 900})
    view = View(page.locator("main"))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    point(view, "key", 3, steps)  # not one of those that are shown of many
    for side, start, end in (("x", "left", "right"), ("y", "top", "bottom")):
        ticks = sorted(visible_ticks(view, "head 1", side), key=lambda tick: tick[start])
        assert len(ticks) >= min(steps, 9)
        assert all(a[end] <= b[start] + 1 for a, b in pairwise(ticks))
        assert side == "y" or "token3" in [tick["text"] for tick in ticks]
    rows = view.plot(LINKS).locator(".names").first.locator("span")
    boxes = rows.evaluate_all("rows => rows.map((row) => row.getBoundingClientRect())")
    assert all(a["bottom"] <= b["top"] + 1 for a, b in pairwise(boxes))
    ways, plot = (view.plot(LINKS).locator("svg.ways").bounding_box(), view.plot(LINKS).bounding_box())
    assert ways and plot and ways["width"] > 60 and ways["height"] == near(plot["height"])


@pytest.mark.parametrize("style", ["", DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pointed", [False, True])
def test_axe_finds_nothing(shown: Shown, style: str, pointed: bool):
    page = shown(html(three_heads()), style=style)
    view = View(page.locator("main"))
    if pointed:
        point(view, "query", 1)
    results = Axe().run(page, context="main")
    assert results.violations_count == 0, results.generate_report()


def test_links_of_two_sides_that_differ(shown: Shown):
    shares = np.array([[[0.1, 0.9, 0.0], [0.3, 0.3, 0.4]]])
    links = Links(
        title=LINKS,
        data=shares,
        x="source",
        y="target",
        x_names=["a", "b", "c"],
        y_names=["d", "e"],
        names=["head 1"],
    )
    view = View(shown(html(show("links", links))).locator("main"))
    assert drawn(view).keys() == places(shares)
    view.plot(LINKS).focus()
    for _ in range(4):
        view.root.page.keyboard.press("ArrowDown")
    assert view.reading(LINKS) == "“e” reads"
    view.root.page.keyboard.press("ArrowRight")
    view.root.page.keyboard.press("ArrowDown")
    assert view.reading(LINKS) == "“c” is read by"
    assert head_readings(view) == ["e 0.40"]
    view.root.page.keyboard.press("ArrowLeft")
    assert view.reading(LINKS) == "“e” reads"
