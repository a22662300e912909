"""Notebooks as files: read with checks, and put into one form."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode, ValidationError


def read(path: Path) -> NotebookNode:
    """Read a notebook of format 4.

    A cell without a valid id, or with that of an earlier cell (some editors paste so), gets an id of its own.
    Raises ValueError if the file is not UTF-8, not JSON or not a valid notebook.
    """
    try:
        notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        make_ids_unique(notebook)
        nbformat.validate(notebook)
        as_text(notebook).encode()  # half a surrogate pair can be read but not written
    except (AttributeError, KeyError, TypeError, ValidationError) as error:
        raise ValueError(f"{path.name} is not a valid notebook") from error
    return notebook


def as_text(notebook: NotebookNode) -> str:
    """Return the JSON of a notebook: sorted keys, one indentation, closed by a newline."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def make_ids_unique(notebook: NotebookNode) -> None:
    """Give each cell whose id is missing, invalid or taken by an earlier cell one of its own, in place."""
    taken = {cell.get("id") for cell in notebook.cells}
    seen: set[str] = set()
    for cell in notebook.cells:
        given = cell.get("id")
        is_valid = isinstance(given, str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", given)
        if not is_valid or given in seen:
            stem, number = given[:50] if is_valid else "cell", 1
            while (copy_id := f"{stem}-copy-{number}") in taken:
                number += 1
            cell.id = copy_id
            taken.add(copy_id)
        seen.add(cell.id)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
