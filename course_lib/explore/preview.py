"""A picture that is renewed while something is being trained, and goes when that is done."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import ipywidgets
from IPython.display import display

from course_lib.explore.explorer import Explorer


@contextmanager
def preview(draw: Callable[[], Explorer]) -> Iterator[Callable[[], None]]:
    """Show a picture above the progress bar, and yield the function that draws it anew, in its place.

    Like the bar, it leaves nothing behind, and where `TQDM_DISABLE` is set nothing is drawn.
    """
    if "TQDM_DISABLE" in os.environ:
        yield lambda: None
        return
    image = ipywidgets.Image(format="png")

    def renew() -> None:
        content = io.BytesIO()
        draw().figure().savefig(content, format="png")
        image.value = content.getvalue()

    display(image)
    try:
        renew()
        yield renew
    finally:
        image.close()
