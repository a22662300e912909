"""nbconvert writes a learner's notebook as Markdown: pictures and words, no script."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.exercises.panel import Result
from course_lib.exercises.predict import Prediction
from course_lib.explore.live import Live
from course_lib.folders import ROOT
from tests.explore.samples import every_kind, typed

FLIT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["flit"]
SETTINGS = ROOT / FLIT["external-data"]["directory"] / "etc" / "jupyter"
PROGRESS = "training:  50%|#####     |\rtraining: 100%|##########|\n"

pytestmark = pytest.mark.kernel


def learners_notebook() -> nbformat.NotebookNode:
    """What a notebook holds after its cells have run."""
    prediction = Prediction("Does it decay?", ("yes", "no"), None)
    prediction.answer = "yes"
    result = Result("rnn_step", 2, 3, "Almost.")
    checked = {"text/html": result._repr_html_(), "text/plain": repr(result)}
    outputs = [
        new_output("stream", name="stderr", text=PROGRESS),
        new_output("display_data", data=every_kind()._repr_mimebundle_()[0]),
        new_output("display_data", data=Live(typed()).bundle()[0]),
        new_output("display_data", data=prediction.bundle()[0]),
        new_output("execute_result", data=checked),
    ]
    return new_notebook(cells=[new_code_cell("run()", outputs=outputs)])


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a notebook that was converted from the command line."""
    folder = tmp_path_factory.mktemp("export")
    nbformat.write(learners_notebook(), folder / "lecture.ipynb")
    environment = os.environ | {"JUPYTER_CONFIG_PATH": str(SETTINGS), "HOME": str(folder)}
    command = [sys.executable, "-m", "nbconvert", "--to", "markdown", "lecture.ipynb"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return folder


def test_no_script_and_no_style_is_in_the_text(exported: Path):
    text = (exported / "lecture.md").read_text("utf-8")
    assert not [word for word in ("<script", "<style", "data:image", "function", "%|#####  ") if word in text]
    assert len(text) < 3000


def test_pictures_and_words_stay(exported: Path):
    text = (exported / "lecture.md").read_text("utf-8")
    pictures = sorted((exported / "lecture_files").glob("*.png"))
    assert [text.count(f"(lecture_files/{picture.name})") for picture in pictures] == [1, 1]
    assert "Does it decay? (yes / no)\n    You predicted: yes" in text
    assert "2 of 3 points" in text
    assert "100%" in text
