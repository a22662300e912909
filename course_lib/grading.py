"""What nbgrader's metadata and the last output of a check cell say: its name and its points."""

import math
from collections.abc import Mapping
from typing import Any


def grade_id(cell: Mapping[str, Any]) -> str | None:
    """Return nbgrader's name of a cell, None if nbgrader has nothing to do with it."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def is_check(cell: Mapping[str, Any]) -> bool:
    """Whether a cell carries points."""
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def points(cell: Mapping[str, Any]) -> float:
    """Return the number in the last output that has a text; 0 if it is none, or the cell has no outputs."""
    outputs = cell.get("outputs", [])
    texts = [output["data"]["text/plain"] for output in outputs if "text/plain" in output.get("data", {})]
    if not texts:
        return 0.0
    text = texts[-1] if isinstance(texts[-1], str) else "".join(texts[-1])
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
