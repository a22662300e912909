"""Widgets that a cell shows without displaying them.

A displayed widget is an error line as soon as its kernel is gone. So the output is html that says what it can
by itself, without a kernel and without a script: a picture, or a question with its answer. That stands in a
seat. The widget is created beside it, finds its seat by name, and puts its view there (`view/seat.js`).
"""

import html as markup
import uuid
from string import Template
from typing import Any, ClassVar

import anywidget
import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display

from course_lib.explore import page

TEMPLATE = page.VIEW / "seat.html"


class Code(anywidget.AnyWidget):
    """A module for the browser, and the style of panels.

    JupyterLab keeps each widget that it got, also one that is closed. So what is large comes once, in a
    widget of its own, and the others name it (`view/load.js`).
    """

    _esm = "export default {};"
    _css = page.style("view")
    text = traitlets.Unicode().tag(sync=True)


_codes: dict[str, Code] = {}


def _code(text: str) -> Code:
    """The widget with this text; a new one where the learner has closed all widgets."""
    if text not in _codes or _codes[text].comm is None:
        _codes[text] = Code(text=text)
    return _codes[text]


class Seated(anywidget.AnyWidget):
    """The kernel's side of a view in a seat.

    The view asks with a numbered `request` and shows that it waits until `answered` has the same number; what
    went wrong is in `complaint`. When the learner has stopped it sets `kept`, and what the notebook saves is
    renewed.

    Attributes:
        module: the text of a module for the browser; its default export is what anywidget calls.
    """

    module: ClassVar[str] = ""
    _esm = (page.VIEW / "load.js").read_text("utf-8")
    code = traitlets.Unicode().tag(sync=True)
    seat = traitlets.Unicode().tag(sync=True)
    wake = traitlets.Unicode().tag(sync=True)
    request = traitlets.Dict().tag(sync=True)
    answered = traitlets.Int().tag(sync=True)
    complaint = traitlets.Unicode().tag(sync=True)
    kept = traitlets.Int().tag(sync=True)

    def __init__(self, wake: str, **traits: Any) -> None:
        """Make a widget with a seat; `wake` says in a line how to get another one when the kernel is gone."""
        code = _code(self.module).model_id
        super().__init__(code=code, seat=uuid.uuid4().hex, wake=wake, **traits)
        self._handle: DisplayHandle | None = None

    def close(self) -> None:
        """Close the widget, and the layout that each widget has."""
        self.layout.close()
        super().close()

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what is shown, by media type, and its metadata."""
        raise NotImplementedError

    def show(self) -> None:
        """Display the seat; what the same cell showed in an earlier run is closed."""
        data, metadata = self.bundle()
        self._handle = display(data, metadata=metadata, raw=True, display_id=True)
        _succeed(self)

    @traitlets.observe("kept")
    def _renew(self, _change: dict[str, Any]) -> None:
        if self._handle:
            data, metadata = self.bundle()
            self._handle.update(data, metadata=metadata, raw=True)
            self.send({"data": data, "metadata": metadata})  # a reloaded JupyterLab ignores that update

    def page(self, content: str) -> str:
        """Return html with the widget's seat, where `content` stands until the view comes."""
        return Template(TEMPLATE.read_text("utf-8")).substitute(
            style=page.style("course"),
            seat=self.seat,
            content=content,
            wake=markup.escape(self.wake),
        )


_shown: dict[str, tuple[str, list[Seated]]] = {}
"""What each cell of the notebook showed: its last run, and the widgets of that run."""


def _succeed(widget: Seated) -> None:
    """Close what the widget's cell showed in its earlier runs, whose outputs are gone."""
    parent = getattr(get_ipython(), "get_parent", dict)()
    cell = parent.get("metadata", {}).get("cellId")
    if cell is None:  # not every front end tells the cell
        return
    run = parent["header"]["msg_id"]
    last_run, widgets = _shown.get(cell, (run, []))
    if last_run != run:
        for old in widgets:
            old.close()
        widgets = []
    _shown[cell] = run, [*widgets, widget]
