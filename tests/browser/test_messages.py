"""Messages stand under the control that caused them, and what does not fit the others is greyed."""

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from course_lib.explore import Choice, Explorer, Heat, Panel, Slider, Text
from course_lib.explore.controls import Control
from tests.browser.answering import open_live
from tests.browser.view import PAGE, View

SENTENCE = "“boat” is not one of the words the, old, bank, near, water."


def reader() -> Explorer:
    """Words, of which one can be chosen; some settings are complained of."""

    def picture(text: str, way: str, word: float, more: float, **_: object) -> list[Panel]:
        words = text.split()
        if "boat" in words:
            raise ValueError(SENTENCE)
        if more == 3:
            raise ValueError("Three is too many.")
        caption = f"{way} {words[min(int(word), len(words)) - 1]}"
        return [Heat(title="map", data=[[1.0]], x="key", y="query", limits=(0, 2), caption=caption)]

    def fits(text: str, way: str, **_: object) -> dict[str, int]:
        count = len(text.split())
        return {"way": min(count, 3), "word": count if way != "none" else 0}

    controls: dict[str, Control] = {
        "text": Text("the old bank"),
        "way": Choice(["none", "drop", "swap"]),
        "word": Slider(1, 9, at=1),
        "more": Slider(1, 3, at=1),
        "last": Slider(1, 3, at=1),
    }
    return Explorer(picture, controls, fits=fits, name="reader")


@pytest.fixture(params=[1100, 390])
def tab(request: pytest.FixtureRequest, browser: Browser):
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    tab = context.new_page()
    tab.set_content(PAGE.format(style="", outputs=""))
    yield tab
    context.close()


@pytest.fixture
def view(tab: Page) -> View:
    return open_live(tab, reader())


def labels(view: View) -> list[FloatRect]:
    return [box for label in view.root.locator("label").all() if (box := label.bounding_box())]


def status(view: View) -> Locator:
    return view.root.locator("[role=status]")


def assert_under(view: View, cause: int) -> None:
    """Assert that the message is the next thing below the control, and below nothing else."""
    message, boxes = status(view).bounding_box(), labels(view)
    assert message
    foot = boxes[cause]["y"] + boxes[cause]["height"]
    assert foot <= message["y"] < foot + 16
    for box in boxes:
        above = box["y"] + box["height"] <= message["y"] + 1
        assert above or box["y"] >= message["y"] + message["height"] - 1


def test_a_message_stands_under_its_control(view: View):
    before = labels(view)
    box = view.root.get_by_role("textbox", name="text")
    box.fill("the boat")
    expect(status(view)).to_have_text(SENTENCE)
    assert_under(view, 0)
    assert [(each["x"], each["width"]) for each in labels(view)] == [
        (each["x"], each["width"]) for each in before
    ]
    expect(box).to_have_attribute("aria-invalid", "true")
    box.fill("the old bank")
    expect(status(view)).to_be_hidden()
    assert labels(view) == before
    view.slider("more").fill("2")
    expect(status(view)).to_have_text("Three is too many.")
    assert_under(view, 3)
    expect(box).to_have_attribute("aria-invalid", "false")


def test_a_message_keeps_its_place_when_the_page_gets_narrower(view: View):
    view.slider("more").fill("2")
    expect(status(view)).to_be_visible()
    for width in (900, 500, 390):
        view.root.page.set_viewport_size({"width": width, "height": 900})
        view.root.page.wait_for_timeout(200)
        assert_under(view, 3)


def test_what_changes_nothing_is_greyed(view: View):
    way = view.root.get_by_role("combobox", name="way")
    expect(view.slider("word")).to_have_attribute("aria-disabled", "true")
    way.select_option("drop")
    expect(view.slider("word")).to_have_attribute("aria-disabled", "false")
    expect(view.slider("more")).to_have_attribute("aria-disabled", "false")
    view.slider("word").fill("2")
    way.select_option("none")
    expect(view.slider("word")).to_have_attribute("aria-disabled", "true")
    expect(view.slider("word")).to_have_attribute("aria-valuetext", "3")  # as it was chosen


def test_values_end_where_the_text_ends(view: View):
    way = view.root.get_by_role("combobox", name="way")
    way.select_option("swap")
    expect(view.slider("word")).to_have_attribute("max", "2")
    view.slider("word").fill("2")
    expect(view.root.locator(".caption")).to_have_text("swap bank")
    box = view.root.get_by_role("textbox", name="text")
    box.fill("the old")
    expect(view.slider("word")).to_have_attribute("aria-valuetext", "2")
    expect(way.locator("option:disabled")).to_have_text(["swap"])
    expect(view.root.locator(".caption")).to_have_text("drop old")
    box.fill("the old bank near water by the river bank today")
    expect(view.slider("word")).to_have_attribute("max", "8")
    expect(way.locator("option:disabled")).to_have_count(0)
    expect(box).to_be_focused()


def test_half_a_letter_is_answered(view: View):
    box = view.root.get_by_role("textbox", name="text")
    box.evaluate("box => { box.value = 'half \\ud83d'; box.dispatchEvent(new Event('input')); }")
    expect(view.root.locator(".caption")).to_have_text("none half")
    view.slider("last").fill("2")
    expect(view.root.locator(".caption")).to_have_text("none half")


def test_controls_follow_what_another_tab_asks(view: View):
    box = view.root.get_by_role("textbox", name="text")
    view.root.page.evaluate(
        """async () => {
            model.set("request", { number: 7, at: ["the old river", 1, 1, 0, 2] });
            await model.save_changes();
        }"""
    )
    expect(view.root.locator(".caption")).to_have_text("drop old")
    expect(box).to_have_value("the old river")
    expect(view.root.get_by_role("combobox", name="way")).to_have_value("1")
    expect(view.slider("word")).to_have_attribute("aria-valuetext", "2")
    view.slider("last").fill("0")
    expect(view.root.locator(".caption")).to_have_text("drop old")
    box.press("End")
    box.type("s")
    expect(box).to_have_value("the old rivers")
