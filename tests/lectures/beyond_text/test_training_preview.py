"""What is shown while something is being trained."""

import base64
from typing import Any

import pytest

from course_lib.explore import Heat, show
from course_lib.explore.explorer import Explorer
from course_lib.lectures.beyond_text import training_preview as module
from course_lib.lectures.beyond_text.training_preview import preview


class Screen:
    """Keeps what is displayed in place of a notebook."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.places = 0

    def display(self, bundle: dict[str, Any], raw: bool) -> None:
        self.places += 1
        self.update(bundle, raw)

    def update(self, bundle: dict[str, Any], raw: bool) -> None:
        assert raw and self.places == 1
        self.shown.append(bundle)


class Drawer:
    """Draws a map of one number, which grows."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self) -> Explorer:
        self.drawn += 1
        data = [[self.drawn]]
        return show("a map", Heat(title="growing", data=data, limits=(0, 9), x="x", y="y", caption=f"{data}"))


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    screen = Screen()
    monkeypatch.setattr(module, "DisplayHandle", lambda: screen)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    return screen


def test_it_is_renewed_in_place_and_goes(screen: Screen):
    with preview(Drawer()) as renew:
        renew()
        assert len(screen.shown) == 2
    first, second, last = screen.shown
    assert [bundle["text/plain"] for bundle in (first, second)] == [
        "a map\ngrowing: [[1]]",
        "a map\ngrowing: [[2]]",
    ]
    assert all(base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG") for bundle in (first, second))
    assert first["image/png"] != second["image/png"]
    assert last == {"text/plain": ""}


def test_it_goes_after_an_error_too(screen: Screen):
    with pytest.raises(FloatingPointError), preview(Drawer()):
        raise FloatingPointError
    assert screen.shown[-1] == {"text/plain": ""}


def test_nothing_is_drawn_where_bars_are_switched_off(screen: Screen, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    draw = Drawer()
    with preview(draw) as renew:
        renew()
    assert draw.drawn == 0 and screen.shown == []
