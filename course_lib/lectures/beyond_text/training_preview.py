"""A picture that is renewed while something is being trained, and goes when that is done."""

import base64
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from IPython.display import DisplayHandle

from course_lib.explore.explorer import Explorer


@contextmanager
def preview(draw: Callable[[], Explorer]) -> Iterator[Callable[[], None]]:
    """Show a picture, and yield the function that draws it again in its place.

    Like a progress bar it leaves nothing behind, and where `TQDM_DISABLE` is set nothing is drawn.
    """
    if "TQDM_DISABLE" in os.environ:
        yield lambda: None
        return
    handle = DisplayHandle()
    handle.display(_bundle(draw()), raw=True)
    try:
        yield lambda: handle.update(_bundle(draw()), raw=True)
    finally:
        handle.update({"text/plain": ""}, raw=True)


def _bundle(picture: Explorer) -> dict[str, str]:
    content = io.BytesIO()
    picture.figure().savefig(content, format="png")
    return {"text/plain": repr(picture), "image/png": base64.b64encode(content.getvalue()).decode()}
