"""A stand-in for the notebook in which widgets are displayed."""

import pytest

from course_lib.explore import seat
from tests.explore.shown import Shown


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    display = Shown()
    monkeypatch.setattr(seat, "display", display)
    return display
