"""When stored and new outputs of a cell are equal: the rules of both the storing tool and the validation."""

import base64
import copy
import io
import re
from itertools import zip_longest

import numpy as np
from nbformat import NotebookNode
from numpy.typing import NDArray
from PIL import Image

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

BLOCK = 16
"""Side of the square blocks, in pixels, in which two pictures are compared."""

TOLERANCE = 3.0
"""Largest root mean square difference of a block, in levels of 0 to 255, that counts as equal.

Measured at 72 to 150 dots an inch: data changed by 1e-6 of their range give at most 0.1, a moved point 12 or
more, an exchanged letter or digit 22 or more, one cell of a map changed by a tenth of its range 7.
"""

NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[+-]?\d+)?")
"""A number in words, such as 12, 0.5, 1,234 or 3.2e-05."""

COURSE_HTML = re.compile(r'data-seat="|class="course ')
"""What the html of the course's own outputs has."""

STYLE_AND_SEAT = re.compile(r'<style>.*?</style>\s*| data-seat="\w+"|\s*<script>.*?</script>\s*', re.DOTALL)
"""How such an output looks, and what lets a view take its seat in it."""


def normalise(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return a copy of a cell's outputs that holds only what is worth storing.

    Neighbouring pieces of one stream become one, and of a line that was overwritten (a progress bar) the last
    state stays. Widget views go, since their models live in a kernel, and so does the html of an output that
    also has a picture: an explorer is stored as words and picture. Of the course's own html the words stay,
    without style sheet and script. Metadata stay for the forms that are kept.
    """
    normal: list[NotebookNode] = []
    for output in copy.deepcopy(outputs):
        if output.output_type == "stream" and normal and normal[-1].get("name") == output.name:
            normal[-1].text += output.text
            continue
        if "data" in output:
            output.data.pop(WIDGET_VIEW, None)
            if "image/png" in output.data:
                output.data.pop("text/html", None)
            if COURSE_HTML.search(page := output.data.get("text/html", "")):
                output.data["text/html"] = STYLE_AND_SEAT.sub("", page)
            if not output.data:
                continue
            output.metadata = {form: value for form, value in output.metadata.items() if form in output.data}
        normal.append(output)
    for output in normal:
        if output.output_type == "stream":
            output.text = re.sub(r"^[^\n]*\r(?=[^\n])", "", output.text, flags=re.MULTILINE)
    return normal


def differences(stored: list[NotebookNode], new: list[NotebookNode]) -> list[str]:
    """List in one line each where the new outputs of a cell differ from the stored ones; empty when equal.

    Text must be the same to the letter. Pictures must have one size, and no block of `BLOCK` x `BLOCK`
    pixels may differ by more than `TOLERANCE`: rounding in the last digit moves no pixel by much, while a
    small change in a large figure (one point, one letter) changes its own block strongly. Of outputs that are
    marked as measured, the texts are compared with all numbers blanked, and the pictures by their size.
    Execution counts are not compared.
    """
    stored, new = normalise(stored), normalise(new)
    found = []
    if len(stored) != len(new):
        found.append(f"{len(stored)} outputs stored, {len(new)} now")
    for number, (old_output, new_output) in enumerate(zip(stored, new, strict=False), start=1):
        old_parts, new_parts = _parts(old_output), _parts(new_output)
        measured = is_measured(old_output) and is_measured(new_output)
        for name in sorted(old_parts.keys() | new_parts.keys()):
            if difference := _difference(name, old_parts.get(name), new_parts.get(name), measured):
                found.append(f"output {number}, {name}: {difference}")
    return found


def is_measured(output: NotebookNode) -> bool:
    """Whether the output says that its numbers are measured in every run, as times are."""
    return bool(output.get("metadata", {}).get("image/png", {}).get("measured"))


def _parts(output: NotebookNode) -> dict[str, object]:
    """Lay what is compared of an output flat: its forms by their media type, everything else by its field."""
    parts = {name: value for name, value in output.items() if name not in ("data", "execution_count")}
    return parts | output.get("data", {})


def _difference(name: str, stored: object, new: object, measured: bool) -> str | None:
    if stored == new:
        return None
    if stored is None or new is None:
        return "no longer there" if new is None else "was not stored"
    if name == "image/png":
        return _picture_difference(str(stored), str(new), measured)
    if measured:
        return _text_difference(_without_numbers(stored), _without_numbers(new))
    return _text_difference(str(stored), str(new))


def _without_numbers(words: object) -> str:
    """Numbers blanked; a list of them may have any length."""
    return re.sub(r"(#[^,;:.\n]*)(?:, \1)+", r"\1", NUMBER.sub("#", str(words)))


def _text_difference(stored: str, new: str) -> str | None:
    if stored == new:
        return None
    pairs = zip_longest(stored.splitlines(), new.splitlines())
    number, (old_line, new_line) = next(
        ((number, pair) for number, pair in enumerate(pairs, start=1) if pair[0] != pair[1]),
        (1, (stored, new)),  # the lines are the same: they end differently
    )
    return f"line {number}: stored {_excerpt(old_line)}, now {_excerpt(new_line)}"


def _excerpt(line: str | None, width: int = 100) -> str:
    if line is None:
        return "nothing"
    return repr(line if len(line) <= width else line[:width] + " ...")


def _picture_difference(stored: str, new: str, only_size: bool) -> str | None:
    old_pixels, new_pixels = _pixels(stored), _pixels(new)
    if old_pixels.shape != new_pixels.shape:
        return "stored {1} x {0} pixels, now {3} x {2}".format(*old_pixels.shape[:2], *new_pixels.shape[:2])
    if only_size:
        return None
    blocks = block_differences(old_pixels, new_pixels)
    row, column = np.unravel_index(blocks.argmax(), blocks.shape)
    if blocks[row, column] <= TOLERANCE:
        return None
    return (
        f"the picture differs near pixel x = {column * BLOCK}, y = {row * BLOCK} "
        f"({blocks[row, column]:.1f} levels of 255, tolerance {TOLERANCE})"
    )


def _pixels(png: str) -> NDArray[np.float64]:
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        return np.asarray(image.convert("RGBA"), dtype=np.float64)


def block_differences(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root mean square difference of two pictures (height, width, channels), block by block.

    The result has one entry a block of `BLOCK` x `BLOCK` pixels; those at the right and lower edge may be
    smaller.
    """
    square = ((first - second) ** 2).mean(axis=2)
    rows, columns = (np.arange(0, size, BLOCK) for size in square.shape)
    sums = np.add.reduceat(np.add.reduceat(square, rows, axis=0), columns, axis=1)
    heights, widths = (
        np.diff(np.append(start, size)) for start, size in zip((rows, columns), square.shape, strict=True)
    )
    return np.sqrt(sums / np.outer(heights, widths))
