"""What is shown while something is being trained."""

import pytest

from course_lib.explore import Heat, preview, show
from course_lib.explore.preview import preview as shown_during


class Drawer:
    """Draws a map of one number, which grows."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self):
        self.drawn += 1
        return show("a map", Heat(title="growing", data=[[self.drawn]], limits=(0, 9), x="x", y="y"))


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch) -> list:
    shown = []
    monkeypatch.setattr(preview, "display", shown.append)
    return shown


def test_it_is_renewed_in_place_and_goes(images: list, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    draw = Drawer()
    with shown_during(draw) as renew:
        first = bytes(images[0].value)
        renew()
        second = bytes(images[0].value)
        assert images[0].comm is not None
    assert draw.drawn == 2 and len(images) == 1
    assert first.startswith(b"\x89PNG") and second.startswith(b"\x89PNG") and first != second
    assert images[0].comm is None, "it is closed"


def test_it_goes_after_an_error_too(images: list, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    with pytest.raises(FloatingPointError), shown_during(Drawer()):
        raise FloatingPointError
    assert images[0].comm is None


def test_nothing_is_drawn_where_bars_are_switched_off(images: list, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    draw = Drawer()
    with shown_during(draw) as renew:
        renew()
    assert draw.drawn == 0 and images == []
