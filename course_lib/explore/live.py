"""The same view, fed by the kernel: for free text and for more settings than an output can carry."""

from html import escape
from typing import Any

import traitlets

from course_lib import typed
from course_lib.explore import page
from course_lib.explore.controls import Text
from course_lib.explore.seat import Seated


def _first_line(error: Exception) -> str:
    return typed.well_formed(next(iter(str(error).strip().splitlines()), ""))


PAUSE = 1000
"""Milliseconds without a change after which the picture that the notebook saves is drawn."""


class Live(Seated):
    """The widget behind a live explorer.

    While the kernel is busy, Jupyter keeps only the newest request: settings out of date are never run.
    """

    module = f"{page.module(page.SEAT)}\nexport default seated(render, {PAUSE});\n"
    shape = traitlets.Dict().tag(sync=True)
    frames = traitlets.Dict().tag(sync=True)
    numbers = traitlets.Bytes().tag(sync=True)

    def __init__(self, explorer: Any) -> None:
        self._explorer = explorer
        frames, numbers = explorer.frames([explorer.setting])
        texts = any(isinstance(control, Text) for control in explorer.controls.values())
        wake = f"Run the cells above and this one to {'type' if texts else 'move it'}."
        super().__init__(wake, shape=explorer.shape(), frames=frames, numbers=numbers)

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the explorer's words and picture, and both in a seat."""
        data, metadata = self._explorer.still()
        words, picture = escape(data["text/plain"]), data["image/png"]
        image = f'<img alt="{words}" src="data:image/png;base64,{picture}">'
        setting = f'<p class="setting">{words.splitlines()[0]}</p>'  # the picture has no controls
        return data | {"text/html": self.page(setting + image)}, metadata

    @traitlets.observe("request")
    def _answer(self, change: dict[str, Any]) -> None:
        request = change["new"]
        with self.hold_sync():
            try:
                setting = self._setting(request["at"])
                self.frames, self.numbers = self._explorer.frames([setting])
                self._explorer.setting = setting
                self.complaint = ""
            except ValueError as error:
                self.complaint = _first_line(error)
            except Exception as error:
                self.complaint = f"{type(error).__name__}: {_first_line(error)}"
            except KeyboardInterrupt:
                self.complaint = "Interrupted: change a control to ask again."
                raise
            finally:
                self.answered = request["number"]

    def _setting(self, at: list[Any]) -> dict[str, Any]:
        """The values at the controls' places; of a text, the words themselves, such that they can be sent."""
        return {
            name: control.values[place] if control.values else typed.well_formed(place)
            for (name, control), place in zip(self._explorer.controls.items(), at, strict=True)
        }

    def __repr__(self) -> str:
        return repr(self._explorer)
