"""The same view, fed by the kernel: for free text and for more settings than an output can carry."""

from typing import Any

import anywidget
import traitlets

from course_lib.explore import page


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


class Live(anywidget.AnyWidget):
    """The widget behind a live explorer.

    The view asks with a numbered `request` and shows that it waits until `answered` has the same number.
    While the kernel is busy, Jupyter keeps only the newest request: settings out of date are never run.
    """

    _esm = page.module() + "\nexport default { render };\n"
    _css = page.style()
    shape = traitlets.Dict().tag(sync=True)
    frames = traitlets.Dict().tag(sync=True)
    numbers = traitlets.Bytes().tag(sync=True)
    complaint = traitlets.Unicode().tag(sync=True)
    request = traitlets.Dict().tag(sync=True)
    answered = traitlets.Int().tag(sync=True)

    def __init__(self, explorer: Any) -> None:
        self._explorer = explorer
        frames, numbers = explorer.frames([explorer.setting])
        super().__init__(shape=explorer.shape(), frames=frames, numbers=numbers)

    def view(self) -> dict[str, Any]:
        """What a notebook needs to show the widget."""
        bundle = self._repr_mimebundle_()
        assert bundle is not None  # anywidget shows nothing only where no front end can be reached
        return {mime: data for mime, data in bundle[0].items() if mime != "text/plain"}

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
        """The values at the controls' places; of a text, the words themselves."""
        return {
            name: control.values[place] if control.values else place
            for (name, control), place in zip(self._explorer.controls.items(), at, strict=True)
        }

    def __repr__(self) -> str:
        return repr(self._explorer)
