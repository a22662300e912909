"""The panel is sound html, names everything in words and shows learners' text as text."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
import torch

from course_lib.exercises import EXERCISES, check
from course_lib.exercises.check import examine
from course_lib.exercises.compare import Difference, difference
from course_lib.exercises.exercise import Mistake
from course_lib.exercises.panel import Result

EVIL = '<script>alert("x")</script>&\ud800'
PLAIN = Result(
    name="moving_average",
    points=1.33,
    possible=2,
    message="your result has wrong values",
    passed=("one",),
    failed=("two",),
    case="two",
    difference=Difference("wrong", "[1]", "0.5", "0.25"),
    mistake=Mistake("something is swapped", lambda: None, "Look again."),
    hints=("First?", "Second."),
    notes=("it prints",),
)


class Page(HTMLParser):
    """Collects tags and text, and fails when tags are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.append(tag)
        self.text += "".join(f" {value} " for name, value in attrs if name == "aria-label")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += f"{data} "


def test_everything_is_said_in_words() -> None:
    text = Page(PLAIN._repr_html_()).text
    for words in (
        "Check of moving_average: Partly solved, 1.33 of 2 points",
        "Your result has wrong values",
        "passed: one",
        "not passed: two",
        "[1]",
        "0.25",
        "something is swapped",
        "Look again.",
        "Hint 2: Second.",
        "Note: it prints",
    ):
        assert words in text


@pytest.mark.parametrize(
    "result",
    [
        replace(PLAIN, name=EVIL),
        replace(PLAIN, message=EVIL),
        replace(PLAIN, case=EVIL, difference=Difference(EVIL, EVIL, EVIL, EVIL)),
        replace(PLAIN, notes=(EVIL,)),
        replace(PLAIN, example=EVIL),
        replace(PLAIN, points=2, library=EVIL),
    ],
)
def test_text_of_the_learner_stays_text(result: Result) -> None:
    html = result._repr_html_()
    html.encode("utf-8")
    page = Page(html)
    assert "script" not in page.seen
    assert 'alert("x")' in page.text


def test_long_text_is_cut() -> None:
    assert len(Page(replace(PLAIN, message="x" * 10**6)._repr_html_()).text) < 2000


@pytest.mark.parametrize(
    ("points", "stub", "words", "number"),
    [
        (2.0, False, "Solved: 2 of 2 points", "2"),
        (2.5, False, "Partly solved: 2.5", "2.5"),
        (0.0, False, "Not solved yet: 0 of 2 points", "0"),
        (0.0, True, "Not done yet: 0 of 2 points", "0"),
    ],
)
def test_states(points: float, stub: bool, words: str, number: str) -> None:
    result = Result("moving_average", points, 2, "a message", is_stub=stub)
    assert words in Page(result._repr_html_()).text
    assert repr(result) == number


def test_right_solution_gives_the_same_html_every_time() -> None:
    pages = {check(EXERCISES["moving_average"].reference)._repr_html_() for _ in range(3)}
    assert len(pages) == 1
    assert "Everything passed" in pages.pop()


def test_message_of_the_learners_exception_is_escaped() -> None:
    def moving_average(series: object, window: object) -> None:
        raise ValueError(EVIL, series, window)

    assert "<script" not in examine(EXERCISES["moving_average"], moving_average, seed=1)._repr_html_()


def test_whole_difference_is_told_and_drawn() -> None:
    expected = torch.tensor([[1.0, 2], [3, 4]])
    found = difference(expected, expected / 2, [("query", "key")])
    page = Page(replace(PLAIN, difference=found)._repr_html_())
    for words in (
        "[0, 0]  (query 0, key 0)",
        "wrong all 4 values",
        "got is everywhere half of what is expected",
        "0.5, wrong",
    ):
        assert words in page.text
    assert page.seen.count("table") == 3


def test_wrong_shape_is_told_what_it_is() -> None:
    expected = torch.arange(6.0).view(2, 3)
    found = difference(expected, expected.T, [("query", "key")])
    page = Page(replace(PLAIN, difference=found)._repr_html_())
    assert "case two got is the transpose of what is expected" in page.text
    assert page.seen.count("table") == 1


def test_example_is_folded_and_keeps_its_lines() -> None:
    html = replace(PLAIN, example="f(\n    1 < 2,\n)")._repr_html_()
    assert "<pre><code>f(\n    1 &lt; 2,\n)</code></pre></details>" in html
    assert "<details>" not in PLAIN._repr_html_()


@pytest.mark.parametrize(("points", "is_shown"), [(2, True), (1.5, False), (0, False)])
def test_librarys_own_version_is_told_after_full_points(points: float, is_shown: bool) -> None:
    text = Page(replace(PLAIN, points=points, library="`torch.x` has no window.")._repr_html_()).text
    assert ("In the library:" in text) == is_shown


def test_advice_is_told() -> None:
    assert "Begin again." in Page(replace(PLAIN, advice="Begin again.")._repr_html_()).text


def test_style_of_pictures_comes_only_with_them() -> None:
    solved = Result("moving_average", 2, 2, "everything passed")
    assert "table.map" not in solved._repr_html_()
    assert "table.map" in PLAIN._repr_html_()


def test_mistake_is_told_whole_and_said_to_be_of_a_value_or_of_an_error() -> None:
    mistake = Mistake(f"`a` is left out, and {'b' * 300}", lambda: None, "Hint & more. " * 40)
    difference = Difference("has the wrong shape")
    for found, lead in (
        (difference, "Your result is what you get when"),
        (None, "This is what happens when"),
    ):
        html = Result("f", 0, 1, "no", difference=found, mistake=mistake)._repr_html_()
        assert f"{lead} <strong><code>a</code> is left out, and {'b' * 300}</strong>" in html
        assert html.count("Hint &amp; more.") == 40
