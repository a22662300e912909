"""A course of one lecture, and the learner's workspace made from it."""

import pytest

from course_lib.notebooks.workspace import update
from tests.notebooks.samples import lecture, save


@pytest.fixture
def folders(tmp_path):
    course, mine = tmp_path / "notebooks", tmp_path / "workspace"
    save(course / "01.ipynb", lecture())
    assert update(course, mine) == ["01.ipynb: new"]
    return course, mine
