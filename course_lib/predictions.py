"""The learner's predictions as a file of the workspace, which several kernels may write at the same time."""

import json
from pathlib import Path

from filelock import FileLock, Timeout

from course_lib import files
from course_lib.folders import BASE, is_workspace

NAME = "predictions.json"
FORMERLY = "answers.json"
PATIENCE = 10.0
"""Seconds that one kernel waits for another."""


def load(file: Path | None) -> dict[str, str]:
    """Return what was predicted, by question; raises ValueError, naming the file, if it can't be read."""
    if file is None or not file.exists():
        return {}
    try:
        predictions = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        predictions = None
    if not isinstance(predictions, dict):
        raise ValueError(f"{file.name} cannot be read: fix or delete it to store predictions")
    return predictions


def store(file: Path | None, key: str, choice: str) -> None:
    """Add a prediction to the file, keeping all others, or do nothing without a file.

    Raises:
        OSError: the file can't be written, or another kernel doesn't let go of it.
        ValueError: what is there can't be read.
    """
    if file is None:
        return
    try:
        with _lock(file.parent):
            _write(file, load(file) | {key: choice})
    except Timeout:
        raise TimeoutError(f"another notebook is writing {file.name}; choose again") from None


def bring_along(workspace: Path) -> None:
    """Let predictions that were stored under the file's former name come to the present one.

    A file that can't be read stays where it is. Where both have an answer, the present one counts.
    Raises OSError if a file can't be written.
    """
    former, present = workspace / FORMERLY, workspace / NAME
    if not (is_workspace(workspace) and former.exists()):
        return
    with _lock(workspace):
        try:
            together = load(former) | load(present)
        except ValueError:
            return
        _write(present, together)
        former.unlink(missing_ok=True)


def _write(file: Path, predictions: dict[str, str]) -> None:
    files.write(file, (json.dumps(predictions, ensure_ascii=False, indent=1) + "\n").encode())


def _lock(workspace: Path) -> FileLock:
    return FileLock(workspace / BASE / f"{NAME}.lock", timeout=PATIENCE)
