"""The file of predictions under two kernels, on full disks, and under its former name."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from course_lib import files, predictions
from course_lib.folders import BASE, ROOT

WRITER = """
import sys
from pathlib import Path
from course_lib import predictions
for number in range(25):
    predictions.store(Path(sys.argv[1], predictions.NAME), f"{sys.argv[2]} {number}", "yes")
"""


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / BASE).mkdir()
    return tmp_path


def test_kernels_that_write_at_the_same_time_lose_nothing(workspace):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, workspace, name], env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
        for name in ("one", "two", "three")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(predictions.load(workspace / predictions.NAME)) == 75
    assert sorted(path.name for path in workspace.iterdir()) == [BASE, predictions.NAME]


def test_a_kernel_that_waits_too_long_says_so(workspace, monkeypatch):
    monkeypatch.setattr(predictions, "PATIENCE", 0.1)
    with (
        FileLock(workspace / BASE / "predictions.json.lock"),
        pytest.raises(TimeoutError, match="choose again"),
    ):
        predictions.store(workspace / predictions.NAME, "key", "yes")


def test_a_full_disk_keeps_what_was_stored(workspace, monkeypatch):
    file = workspace / predictions.NAME
    predictions.store(file, "one", "yes")

    def fill(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")

    monkeypatch.setattr(os, "fsync", fill)
    with pytest.raises(OSError, match="No space left"):
        predictions.store(file, "two", "yes")
    assert predictions.load(file) == {"one": "yes"}


@pytest.mark.parametrize(
    ("present", "together"),
    [(None, {"a": "old", "b": "old"}), ({"b": "new", "c": "new"}, {"a": "old", "b": "new", "c": "new"})],
)
def test_predictions_of_the_former_name_come_along(workspace, present, together):
    (workspace / "answers.json").write_text(json.dumps({"a": "old", "b": "old"}))
    if present:
        (workspace / predictions.NAME).write_text(json.dumps(present))
    predictions.bring_along(workspace)
    assert predictions.load(workspace / predictions.NAME) == together
    assert not (workspace / "answers.json").exists()


@pytest.mark.parametrize("broken", ["answers.json", "predictions.json"])
def test_what_cannot_be_read_stays(workspace, broken):
    for name in ("answers.json", "predictions.json"):
        (workspace / name).write_text("{broken" if name == broken else '{"a": "yes"}')
    before = {path: path.read_bytes() for path in workspace.glob("*.json")}
    predictions.bring_along(workspace)
    assert {path: path.read_bytes() for path in workspace.glob("*.json")} == before


def test_a_folder_that_is_no_workspace_keeps_its_file(tmp_path):
    (tmp_path / "answers.json").write_text("{}")
    predictions.bring_along(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["answers.json"]


def test_an_interrupted_move_loses_nothing(workspace, monkeypatch):
    former = workspace / "answers.json"
    former.write_text('{"a": "yes"}')

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(files, "write", interrupt)
        predictions.bring_along(workspace)
    assert former.exists()
    monkeypatch.undo()
    predictions.bring_along(workspace)
    assert predictions.load(Path(workspace, predictions.NAME)) == {"a": "yes"}
