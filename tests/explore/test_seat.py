"""Widgets that a cell shows are closed when it runs again, so that fifty runs leave as many as one."""

from typing import Any

import pytest
from ipywidgets.widgets.widget import _instances

from course_lib.explore import seat
from course_lib.explore.seat import Seated
from tests.explore.shown import Shown


class Box(Seated):
    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"text/html": self.page("<b>content</b>")}, {}


class Shell:
    """What a kernel knows of the cell that runs."""

    def __init__(self) -> None:
        self.parent: dict[str, Any] = {}

    def get_parent(self) -> dict[str, Any]:
        return self.parent

    def runs(self, cell: str | None, message: str) -> None:
        self.parent = {"header": {"msg_id": message}, "metadata": {"cellId": cell} if cell else {}}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell()
    monkeypatch.setattr(seat, "display", Shown())
    monkeypatch.setattr(seat, "get_ipython", lambda: shell)
    monkeypatch.setattr(seat, "_shown", {})
    return shell


def show() -> Box:
    box = Box("Run <this> cell.")
    box.show()
    return box


def is_open(box: Box) -> bool:
    return box in _instances.values()


def test_a_cell_that_runs_again_closes_what_it_showed(shell: Shell):
    shell.runs("one", "1")
    first = [show(), show()]
    shell.runs("two", "2")
    other = show()
    shell.runs("one", "3")
    again = [show(), show()]
    assert [is_open(box) for box in (*first, other, *again)] == [False, False, True, True, True]


def test_fifty_runs_leave_one_widget(shell: Shell):
    counts = []
    for run in range(50):
        shell.runs("one", str(run))
        show()
        counts.append(len(_instances))
    assert counts[-1] == counts[0]


def test_widgets_share_their_code():
    first, second = Box(""), Box("")
    assert first.code == second.code
    assert "code" in first.keys


def test_code_that_was_closed_comes_again():
    first = Box("")
    _instances[first.code].close()
    assert Box("").code in _instances


def test_where_the_cell_is_not_known_nothing_is_closed(shell: Shell):
    shell.runs(None, "1")
    first = show()
    shell.runs(None, "2")
    show()
    assert is_open(first)


def test_a_seat_says_how_to_wake_what_stands_in_it(shown: Shown):
    box = show()
    (bundle,) = shown.bundles
    assert f'<div class="explorer-seat" data-seat="{box.seat}"><b>content</b>' in bundle["text/html"]
    assert "Run &lt;this&gt; cell." in bundle["text/html"]


def test_what_was_never_shown_is_not_renewed(shown: Shown):
    box = Box("")
    box.kept = 1
    assert shown.bundles == []
