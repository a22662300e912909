"""The explorers of one attention and of positions in a bare page: what one query reads, and why."""

import numpy as np
import pytest
import torch
from playwright.sync_api import Position

from course_lib.explore import Explorer
from course_lib.explore.panels import two_digits
from course_lib.lectures.positional_encoding.positions_explorer import positions
from course_lib.lectures.self_attention.attention_explorer import attention
from course_lib.models.attention import SelfAttention
from tests.browser.view import Shown, View, html, map_colours
from tests.explore.samples import WORDS


@pytest.fixture
def one_head(shown: Shown, generator: torch.Generator) -> tuple[View, Explorer]:
    x = torch.randn(len(WORDS), 6, generator=generator)
    explorer = attention(SelfAttention(6, 5, 3, generator), x, WORDS)
    return View(shown(html(explorer)).locator("main")), explorer


def test_the_query_under_the_cursor_is_worked_out(one_head: tuple[View, Explorer]):
    view, explorer = one_head
    table, one = "weight × value, and the sum", "row of weights"
    assert view.slider("query").get_attribute("aria-valuetext") == WORDS[-1]
    view.root.get_by_role("combobox", name="mask").select_option("causal")
    view.slider("temperature").focus()
    view.root.page.keyboard.press("ArrowLeft")
    *_, of_one, sums = explorer(mask="causal", temperature=0.5)
    for query in (3, 1):
        view.slider("query").fill(str(query))
        cells = view.plot(table).locator(".cells span").all_inner_texts()
        assert cells == [two_digits(number) for number in sums.data[query].ravel()]
        heights = [
            float(bar.get_attribute("height") or "nan") for bar in view.plot(one).locator("rect").all()
        ]
        np.testing.assert_allclose(heights, 100 * of_one.data[query, 0], atol=1e-2)
        assert view.reading(one) == view.reading(table) == f"query {WORDS[query]}"
    box = view.plot("weights").bounding_box()
    assert box
    view.plot("weights").hover(position=Position(x=0.1 * box["width"], y=0.5 * box["height"]))
    assert view.slider("query").get_attribute("aria-valuetext") == WORDS[2]
    assert view.reading(one) == f"query {WORDS[2]}: {of_one.data[2, 0, 0]:.2f}"
    assert view.plot(table).locator(".cells span").all_inner_texts()[-1] == two_digits(sums.data[2, -1, -1])


def test_scores_beyond_the_colours_are_read_as_they_are(one_head: tuple[View, Explorer]):
    view, explorer = one_head
    view.slider("temperature").fill("0")
    view.root.get_by_role("checkbox", name="scaled").uncheck()
    shown = explorer(temperature=0.1, scaled=False)[1]
    cells = view.plot("scaled scores").locator(".cells span").all_inner_texts()
    numbers = [float(cell.replace("−", "-")) for cell in cells]
    np.testing.assert_allclose(numbers, shown.data.ravel(), atol=0.01)
    beyond = abs(shown.data) > shown.description()["colours"][1]
    assert beyond.any()
    colours = view.colours("scaled scores")[..., :3]
    assert len(np.unique(colours[beyond], axis=0)) <= 2  # the ends of the scale


def test_positions_follow_their_controls(shown: Shown):
    explorer = positions()
    view = View(shown(html(explorer)).locator("main"))
    title = "the encoding of every position"
    view.slider("size").fill("0")
    view.slider("length").fill("1")
    view.root.get_by_role("combobox", name="kind").select_option("rotary")
    encoding, waves, alike = explorer(kind="rotary", size=8, length=32)
    expected = np.where(np.isnan(encoding.data)[..., None], 0, map_colours(encoding.data, (-1, 1)))
    np.testing.assert_allclose(view.colours(title), expected, atol=2)
    heights = [up for _, up in view.curve("similarity of two positions", 0)]
    np.testing.assert_allclose(heights, (alike.data[0, :32] + 1.05) / 2.1, atol=2e-4)
    last = [up for _, up in view.curve("four of its waves", 3)]
    np.testing.assert_allclose(last, (waves.data[3, :32] + 1.05) / 2.1, atol=2e-4)
    view.slider("position").fill("0")
    assert view.slider("position").get_attribute("aria-valuetext") == "0"
