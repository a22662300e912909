"""The view of a sweep in a bare page: controls, names, themes, words; no Jupyter, kernel or network."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from course_lib.explore import Explorer, Heat, Panel, Slider, page
from course_lib.explore.palette import LINES, MARK
from tests.browser.view import DARK, PAGE, TITLES, Shown, View, assert_map
from tests.explore.samples import every_kind, typed, wave


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
    for _ in range(4 + len(TITLES)):
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


@pytest.mark.parametrize("colour", ["color(srgb 0.9 0.9 0.9)", "oklch(0.9 0 0)", "rgb(230 230 230 / 0.8)"])
def test_a_light_colour_of_the_text_means_a_dark_page_however_it_is_written(shown: Shown, colour: str):
    view = View(shown(style=f"background: #111; color: {colour}").locator("main"))
    assert view.style("--line0") == LINES["dark"][0]


def test_the_theme_follows_the_systems(shown: Shown):
    page = shown(style="color-scheme: light dark; color: CanvasText; background: Canvas")
    view = View(page.locator("main"))
    numbers = every_kind()()[5].data
    assert_map(view, "a table", numbers, (0, 1), "light")
    page.emulate_media(color_scheme="dark")
    assert_map(view, "a table", numbers, (0, 1), "dark")  # once the page has heard of it
    assert view.style("--line0") == LINES["dark"][0]


def test_a_removed_view_is_left_alone_and_freed(view: View):
    page = view.root.page
    page.evaluate("window.left = new WeakRef(document.querySelector('section.explorer'))")
    page.locator(".explorer-seat").evaluate("seat => seat.remove()")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.wait_for_timeout(500)  # what was said aloud is over
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    assert page.evaluate("window.left.deref() === undefined")


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


def test_of_two_answers_at_once_the_newer_stays(shown: Shown):
    sample = typed()
    tab = shown("<div id='seat'></div>")
    answers = []
    for word in ("abc", "old", "new"):
        frames, numbers = sample.frames([{"word": word}])
        answers.append({"frames": frames, "numbers": list(numbers)})
    tab.add_script_tag(content=f"{page.module(page.SWEEP)} window.render = render;")
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


def test_controls_stay_in_sight_with_the_last_panel(view: View):
    last = view.root.locator("figure").last
    last.evaluate("figure => figure.scrollIntoView({ block: 'end' })")
    section, slider, panel = (part.bounding_box() for part in (view.root, view.slider("strength"), last))
    assert section and slider and panel
    assert section["y"] < 0 <= slider["y"] < panel["y"] and panel["y"] + panel["height"] <= 901
