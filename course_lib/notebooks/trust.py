"""Jupyter's trust in a notebook: whose pictures it lets answer when the file is opened again."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

SIGNATURES = "nbsignatures.db"
"""Within Jupyter's data folder: what it trusts."""


@contextmanager
def kept(path: Path, jupyter_data: Path | None) -> Generator[None]:
    """Rewrite a notebook within this: it is trusted afterwards if and only if it was trusted before.

    Jupyter signs a notebook that was run here when it is saved, and asks for the signature of the very file.
    """
    if jupyter_data is None or not (jupyter_data / SIGNATURES).exists():
        yield
        return
    with NotebookNotary(data_dir=str(jupyter_data)) as notary:
        is_trusted = notary.check_signature(nbformat.read(path, as_version=4))
        yield
        if is_trusted:
            notary.sign(nbformat.read(path, as_version=4))
