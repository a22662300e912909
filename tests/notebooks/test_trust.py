"""A notebook that the course changes keeps the trust that Jupyter had in it, and gains none."""

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_output

from course_lib.notebooks.equality import WIDGET_VIEW
from course_lib.notebooks.notebook import read
from course_lib.notebooks.workspace import update
from tests.notebooks.samples import files, lecture, save


@pytest.fixture
def data(tmp_path):
    """Jupyter's data folder, in which a notebook has been signed before."""
    folder = tmp_path / "data"
    folder.mkdir()
    with NotebookNotary(data_dir=str(folder)) as notary:
        notary.sign(lecture())
    return folder


def saved_with_a_picture(path):
    notebook = read(path)
    picture = {"text/html": "<script>draw()</script>", "text/plain": "", WIDGET_VIEW: {"model_id": "1"}}
    notebook.cells[1].outputs = [new_output("display_data", data=picture)]
    save(path, notebook)


def is_trusted(path, data):
    with NotebookNotary(data_dir=str(data)) as notary:
        return notary.check_signature(nbformat.read(path, as_version=4))


def sign(path, data):
    with NotebookNotary(data_dir=str(data)) as notary:
        notary.sign(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize("course_changes", [False, True])
def test_trust_is_as_before(folders, data, trusted, course_changes):
    course, mine = folders
    path = mine / "01.ipynb"
    saved_with_a_picture(path)
    if trusted:
        sign(path, data)
    if course_changes:
        save(course / "01.ipynb", lecture(intro="Read this."))
    before = path.read_bytes()
    update(course, mine, data)
    assert path.read_bytes() != before
    assert is_trusted(path, data) is trusted


def test_what_was_changed_outside_of_jupyter_is_not_trusted(folders, data):
    course, mine = folders
    path = mine / "01.ipynb"
    saved_with_a_picture(path)
    sign(path, data)
    path.write_text(path.read_text("utf-8").replace("draw()", "steal()"), "utf-8")
    update(course, mine, data)
    assert not is_trusted(path, data)


def test_nothing_is_made_where_jupyter_has_never_run(folders, tmp_path):
    course, mine = folders
    saved_with_a_picture(mine / "01.ipynb")
    before = files(tmp_path).keys()
    update(course, mine, tmp_path / "data")
    assert files(tmp_path).keys() == before
