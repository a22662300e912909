"""Explorers, predictions, checks and progress are of one look, and their states are told in three ways."""

import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from course_lib.exercises.compare import Difference
from course_lib.exercises.exercise import Mistake
from course_lib.exercises.panel import Result
from course_lib.exercises.predict import Prediction
from course_lib.exercises.progress import Entry, Progress
from course_lib.explore import page
from course_lib.explore.palette import LINES, MAPS
from tests.browser.view import PAGE
from tests.explore.samples import every_kind
from tests.layout.audit import HEIGHT, SCHEMES, STYLE, script

CHOICES = (
    "It stays as it is.",
    "It rises.",
    "It falls or does something else that needs two lines to be said.",
)
WRONG = Result(
    name="scaled_dot_product_attention",
    points=0,
    possible=4,
    message="the second part of your result has wrong values",
    failed=("sequences of unequal length", "values that are NaN"),
    case="sequences of unequal length",
    difference=Difference("wrong values", "[0, 0]", "1", "0"),
    mistake=Mistake("the mask is true for the padding", lambda: None, "See what `mask` says of `values`."),
    hints=("Which cells does `values[row, : len(sequence)] = sequence` write?",),
    notes=("your function prints (1): good for looking, to be taken out when it works",),
)
RAISED = replace(WRONG, message="your function raises RuntimeError", difference=None, mistake=None)
PARTLY = replace(WRONG, points=2.5, passed=("one",))
SOLVED = Result("pad_batch", 4, 4, "everything passed", passed=("sequences of unequal length",))
STUB = Result("pad_batch", 0, 4, "write your code, then run this cell again", is_stub=True)
PROGRESS = Progress(
    (Entry("01_sequences", "pad_batch", 4, 4), Entry("02_autoregressive_models", "fit_autoregression", 1, 3)),
    ("03_rnn.ipynb cannot be read as a notebook.",),
)


def prediction(answer: str = "") -> str:
    form = Prediction("What does the loss do? It is a mean over all cells.", CHOICES, None)
    form.answer = answer
    return form.bundle()[0]["text/html"]


OUTPUTS = {
    "Prediction": prediction(),
    "Your prediction": prediction(CHOICES[1]),
    "Not done yet": STUB._repr_html_(),
    "Not solved yet": WRONG._repr_html_(),
    "Not solved yet: 0": RAISED._repr_html_(),
    "Partly solved": PARTLY._repr_html_(),
    "Solved": SOLVED._repr_html_(),
    "1 of 2 exercises solved": PROGRESS._repr_html_(),
}
"""By the word for its state."""
STATE = """(part) => {
    const mark = getComputedStyle(part.querySelector(".state"), "::before");
    const word = part.querySelector(".state strong");
    return [word.textContent, mark.content, getComputedStyle(word).color];
}"""
TOKENS = """(part) => ["--ink", "--dim", "--paper", "--rule", "--accent", "--good", "--bad"].map(
    (name) => getComputedStyle(part).getPropertyValue(name))"""


def opened(browser: Browser, outputs: str, width: int = 1280, **scheme: Any) -> Page:
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, **scheme)
    tab = context.new_page()
    tab.set_content(PAGE.format(style=STYLE, outputs=outputs))
    return tab


def test_every_output_brings_the_one_style_sheet():
    course = page.style("course")
    pages = [*OUTPUTS.values(), every_kind()._repr_mimebundle_()[0]["text/html"]]
    assert [html.count(course) for html in pages] == [1] * len(pages)


def test_frames_of_all_kinds_have_the_same_colours(browser: Browser):
    explorer = every_kind()._repr_mimebundle_()[0]["text/html"]
    tab = opened(browser, "".join([*OUTPUTS.values(), explorer]))
    tab.locator(".plot").first.wait_for()
    frames = tab.locator(".course").all()
    assert len(frames) == len(OUTPUTS) + 1
    assert len({tuple(frame.evaluate(TOKENS)) for frame in frames}) == 1
    tab.context.close()


def test_colours_are_those_of_the_palette():
    tokens = dict(re.findall(r"--(\w+): light-dark\((.+?)\)", page.style("course")))
    blue, green = zip(*([LINES[theme][k] for k in (0, 2)] for theme in ("light", "dark")), strict=True)
    assert tokens["accent"].split(",") == list(blue)
    assert tokens["good"].split(",") == list(green)
    assert f"light-dark({','.join(MAPS['unsigned'][theme][0] for theme in ('light', 'dark'))})" in page.style(
        "course"
    )


def test_states_differ_in_word_mark_and_colour(browser: Browser):
    tab = opened(browser, "".join(OUTPUTS.values()))
    states = [frame.evaluate(STATE) for frame in tab.locator(".course").all()]
    told = {word.split(":")[0]: (mark, colour) for word, mark, colour in states}
    for name, (word, *_) in zip(OUTPUTS, states, strict=True):
        assert word.startswith(name)
    kinds = ("Prediction", "Your prediction", "Not done yet", "Not solved yet", "Partly solved", "Solved")
    assert len({told[kind][0] for kind in kinds}) == len(kinds) - 1  # what is done has a tick
    assert len({told[kind] for kind in kinds}) == len(kinds)
    assert all(mark.strip('"') and mark != "none" for mark, _ in told.values())
    tab.context.close()


@pytest.mark.parametrize(("scheme", "width"), [*((scheme, 1280) for scheme in SCHEMES), ("light", 390)])
def test_outputs_are_laid_out_well(browser: Browser, scheme: str, width: int):
    tab = opened(browser, "".join(OUTPUTS.values()), width, **SCHEMES[scheme])
    found = [words for frame in tab.locator(".course").all() for words in frame.evaluate(script())]
    assert found == []
    tab.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_check_follows_the_theme_of_jupyter_and_not_the_system(browser: Browser, theme: str):
    other = {"light": "dark", "dark": "light"}[theme]
    tab = opened(browser, SOLVED._repr_html_(), color_scheme=other)
    tab.evaluate("(light) => (document.body.dataset.jpThemeLight = light)", str(theme == "light").lower())
    colour = tab.locator(".state strong").evaluate("(word) => getComputedStyle(word).color")
    red, green, blue = (int(LINES[theme][2][k : k + 2], 16) for k in (1, 3, 5))
    assert colour == f"rgb({red}, {green}, {blue})"
    tab.context.close()
