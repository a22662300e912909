"""A live explorer in the kernel: requests are answered, and what goes wrong is said in one line."""

import re
import zlib

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from course_lib.explore import Explorer, Heat, Slider, Text
from course_lib.explore.live import Live
from course_lib.explore.seat import Code
from tests.explore.samples import every_kind, typed
from tests.explore.shown import Shown
from tests.explore.test_codes import decoded


def numbers(live: Live) -> list[float]:
    codes = np.frombuffer(zlib.decompress(live.numbers), dtype="<u2")
    return decoded(codes, (0, 25)).round(3).tolist()


def ask(live: Live, number: int, *at: int | str) -> None:
    """Do what a message of the view does."""
    live.set_state({"request": {"number": number, "at": list(at)}})


@pytest.fixture
def explorer() -> Explorer:
    return typed()


@pytest.fixture
def live(explorer: Explorer) -> Live:
    return Live(explorer)


def test_it_starts_with_a_picture(live: Live):
    assert numbers(live) == [0, 1, 2]
    assert live.frames["captions"] == [["“abc” has 3 letters; 1.00."]]
    assert live.shape["controls"][0]["at"] == "abc"
    assert live.answered == 0
    assert live.complaint == ""


def test_a_request_is_answered(live: Live, explorer: Explorer):
    ask(live, 1, "cab")
    assert numbers(live) == [2, 0, 1]
    assert live.frames["captions"] == [["“cab” has 3 letters; 0.33."]]
    assert live.answered == 1
    assert explorer.setting == {"word": "cab"}
    assert repr(live) == repr(explorer) == "typed word (word = cab)\nletters: “cab” has 3 letters; 0.33."


def test_an_answer_may_have_another_size(live: Live):
    ask(live, 1, "abcde")
    assert numbers(live) == [0, 1, 2, 3, 4]
    assert live.frames["panels"][0]["shape"] == [1, 5]


@pytest.mark.parametrize(
    ("word", "complaint"),
    [("", "Type at least one letter."), ("`", "ZeroDivisionError: division by zero")],
)
def test_what_goes_wrong_is_said_in_one_line(live: Live, explorer: Explorer, word: str, complaint: str):
    ask(live, 1, "cab")
    ask(live, 2, word)
    assert live.complaint == complaint
    assert live.answered == 2
    assert numbers(live) == [2, 0, 1]
    assert explorer.setting == {"word": "cab"}
    ask(live, 3, "b")
    assert live.complaint == ""
    assert numbers(live) == [1]


@pytest.mark.parametrize(
    ("at", "complaint"),
    [
        ([4, 0, 0], "IndexError: list index out of range"),
        (["b", 0, 0], "TypeError: list indices must be integers"),
        ([], "zip() argument 2 is shorter"),
    ],
)
def test_a_request_that_does_not_fit_is_answered(at: list[int | str], complaint: str):
    live = Live(every_kind())
    ask(live, 1, *at)
    assert live.complaint.startswith(complaint)
    assert live.answered == 1


def test_an_interrupt_ends_the_waiting():
    def picture(word: str) -> list[Heat]:
        if word == "b":
            raise KeyboardInterrupt
        return [Heat(title=word, data=[[1.0]], x="key", y="query", limits=(0, 25))]

    live = Live(Explorer(picture, {"word": Text("a")}))
    with pytest.raises(KeyboardInterrupt):
        ask(live, 1, "b")
    assert live.answered == 1
    assert live.complaint == "Interrupted: change a control to ask again."
    assert live.frames["panels"][0]["title"] == "a"


def test_of_a_long_complaint_the_first_line_is_said():
    def picture(word: str) -> list[Heat]:
        if word == "a":
            return [Heat(title="map", data=[[1.0]], x="key", y="query", limits=(0, 25))]
        raise (ValueError if word == "b" else TypeError)("\nThe first line.\nAnother one.")

    live = Live(Explorer(picture, {"word": Text("a")}))
    ask(live, 1, "b")
    assert live.complaint == "The first line."
    ask(live, 2, "c")
    assert live.complaint == "TypeError: The first line."


def test_sliders_are_asked_for_by_index():
    def picture(gain: float, word: str) -> list[Heat]:
        return [Heat(title=word, data=[[gain]], x="key", y="query", limits=(0, 25))]

    explorer = Explorer(picture, {"gain": Slider(0.5, 2, at=1, step=0.5), "word": Text("a")})
    live = Live(explorer)
    ask(live, 1, 3, "b")
    assert explorer.setting == {"gain": 2, "word": "b"}
    assert numbers(live) == pytest.approx([2], abs=1e-3)


def test_an_answer_comes_in_one_piece(live: Live, monkeypatch: pytest.MonkeyPatch):
    sent: list[set[str]] = []
    monkeypatch.setattr(Live, "send_state", lambda _, key: sent.append(set(key)))
    ask(live, 1, "cab")
    assert sent == [{"frames", "numbers", "answered"}]


def test_the_widget_has_the_view(live: Live):
    code = _instances[live.code]
    assert isinstance(code, Code)
    assert "export default seated(render, 1000);" in code.text
    assert ".explorer" in code._css
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg)", code.text + live._esm)


def test_what_is_shown_says_what_it_can_without_a_kernel(live: Live):
    data, metadata = live.bundle()
    assert data.keys() == {"text/plain", "image/png", "text/html"}
    assert data["text/plain"] == "typed word (word = abc)\nletters: “abc” has 3 letters; 1.00."
    assert metadata == {"image/png": {"alt": data["text/plain"]}}
    setting, *_ = data["text/plain"].splitlines()
    seat = f'data-seat="{live.seat}"><p class="setting">{setting}</p><img alt="{data["text/plain"]}"'
    assert seat in data["text/html"]
    assert data["image/png"] in data["text/html"]
    assert "Run the cells above and this one to type." in data["text/html"]


def test_what_is_saved_is_renewed_when_the_learner_stops(live: Live, shown: Shown):
    live.show()
    ask(live, 1, "cab")
    assert len(shown.bundles) == 1
    live.set_state({"kept": 1})
    before, after = shown.bundles
    assert after["text/plain"] == "typed word (word = cab)\nletters: “cab” has 3 letters; 0.33."
    assert after["image/png"] != before["image/png"]
    assert live.seat in before["text/html"] and live.seat in after["text/html"]


def test_only_what_is_live_displays_itself(shown: Shown):
    typed()._ipython_display_()
    (bundle,) = shown.bundles
    assert "data-seat" in bundle["text/html"]
    with pytest.raises(NotImplementedError):  # so IPython goes on to the page of the sweep
        every_kind()._ipython_display_()


def test_sliders_alone_are_moved(shown: Shown):
    explorer = every_kind()
    explorer.live = True
    explorer._ipython_display_()
    assert "Run the cells above and this one to move it." in shown.bundles[0]["text/html"]
