"""Explorers: a function from control values to panels, shown in the browser or on paper.

    @explorer(order=Slider(1, 30, at=2))
    def forecast(order):
        return [Lines(title="sunspots", data=..., x="year", y="number")]

`forecast` as a cell's last line shows it. The function runs once for every setting of the controls (a sweep):
the output carries all frames, the view and the paper picture, and needs neither kernel nor network. Where the
settings are too many, or a control takes free text, the kernel answers instead (`live.py`).
"""

import base64
import inspect
import io
import itertools
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from course_lib.explore import page, palette, paper
from course_lib.explore.controls import Control, Text
from course_lib.explore.panels import Panel

SWEEP_LIMIT = 6 * 2**20
"""Bytes of a sweep before compression; a larger one is computed setting by setting, by the kernel."""

Picture = Callable[..., Sequence[Panel]]
Fits = Callable[..., dict[str, int]]


class Explorer:
    """A picture that answers to controls.

    Args:
        picture: control values to panels; may raise ValueError with one line for the learner.
        controls: the controls, by the name of the picture's argument.
        widths: relative widths of the panels in a row; panels fill row after row.
        scrub: names of the axes that get a slider of their own, which moves the shared cursor.
        name: what the explorer is called; the picture's name by default.
        measured: its numbers are measured in every run, as times are, or move with rounding: of what is
            stored, only the words without their numbers and the picture's size are compared with a new run.
        fits: takes the controls' values and returns, by the names of controls, how many of a control's
            values make sense with them, from the first on: 0 if it changes nothing. The view greys the rest.
    """

    def __init__(
        self,
        picture: Picture,
        controls: dict[str, Control],
        widths: Sequence[float] = (1,),
        scrub: Sequence[str] = (),
        name: str = "",
        measured: bool = False,
        fits: Fits = lambda **_: {},
    ) -> None:
        self.picture, self.controls, self.widths, self.scrub = picture, controls, tuple(widths), tuple(scrub)
        self.name = name or picture.__name__.replace("_", " ")
        self.measured, self.fits = measured, fits
        self.setting: dict[str, Any] = {name: control.at for name, control in controls.items()}
        """The control values: where the explorer starts, and, when live, where the learner moved it."""

    def __call__(self, **setting: Any) -> list[Panel]:
        """The panels at a setting, for reading numbers off; controls not named keep their value."""
        return list(self.picture(**self.setting | setting))

    def figure(self, **setting: Any) -> Figure:
        """The panels at a setting on paper."""
        return paper.draw(self(**setting), self.widths)

    @cached_property
    def live(self) -> bool:
        """Whether the kernel must answer: for free text, or for more settings than an output can carry."""
        if any(isinstance(control, Text) for control in self.controls.values()):
            return True
        settings = math.prod(len(control.values or ()) for control in self.controls.values())
        return settings * sum(panel.codes().nbytes for panel in self()) > SWEEP_LIMIT

    def settings(self) -> Iterator[dict[str, Any]]:
        """Every setting of the controls; the last control changes fastest."""
        for values in itertools.product(*(control.values or () for control in self.controls.values())):
            yield dict(zip(self.controls, values, strict=True))

    def shape(self) -> dict[str, Any]:
        """What the view needs to know besides the frames: controls, layout and colours."""
        controls = [
            {
                "name": name.replace("_", " "),
                "kind": type(control).__name__,
                "values": control.values,
                "at": control.values.index(self.setting[name]) if control.values else self.setting[name],
            }
            for name, control in self.controls.items()
        ]
        return {
            "name": self.name,
            "controls": controls,
            "widths": self.widths,
            "scrub": self.scrub,
            "live": self.live,
            "maps": palette.MAPS,
            "lines": palette.LINES,
            "dashes": palette.DASHES,
            "mark": palette.MARK,
        }

    def frames(self, settings: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], bytes]:
        """Words and numbers of the pictures at the settings.

        Returns:
            the panels' descriptions, for each setting their captions and labels and what fits, and all
            numbers, deflated.

        Raises:
            ValueError: if more than numbers, captions and labels differ between the settings, no panel has an
                axis of `scrub`, or `fits` names no control.
        """
        descriptions: list[dict[str, Any]] = []
        captions, labels, fits, codes = [], [], [], []
        places = {name: place for place, name in enumerate(self.controls)}
        for setting in settings:
            panels = self(**setting)
            self._require_scrubbed(panels)
            described = [panel.description() for panel in panels]
            if descriptions and described != descriptions:
                raise ValueError(
                    f"{self.name}: titles, sizes and limits must not change; they do at {setting}"
                )
            descriptions = described
            captions.append([panel.caption for panel in panels])
            labels.append([panel.labels_placed() for panel in panels])
            fits.append({places[name]: count for name, count in self._fitting(setting).items()})
            codes.extend(panel.codes() for panel in panels)
        words = {"panels": descriptions, "captions": captions}
        words["labels"] = labels if any(map(any, labels)) else []
        words["fits"] = fits if any(fits) else []
        return words, zlib.compress(np.concatenate(codes).tobytes(), 9)

    def _fitting(self, setting: dict[str, Any]) -> dict[str, int]:
        found = self.fits(**self.setting | setting)
        for name in found.keys() - self.controls.keys():
            raise ValueError(f"{self.name}: `fits` tells of {name}, which is none of its controls")
        return found

    def _require_scrubbed(self, panels: Sequence[Panel]) -> None:
        known = set().union(*(panel.axes for panel in panels))
        for name in self.scrub:
            if name not in known:
                there = ", ".join(sorted(known))
                raise ValueError(f"{self.name}: no panel has an axis {name} to scrub; there are {there}")

    def __repr__(self) -> str:
        """The picture in words: what stored notebooks keep beside the paper picture, and its alt text."""
        at = ", ".join(f"{name.replace('_', ' ')} = {value}" for name, value in self.setting.items())
        lines = [f"{self.name} ({at})" if at else self.name]
        return "\n".join(lines + [f"{p.title}: {p.caption}" if p.caption else p.title for p in self()])

    def still(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a notebook keeps: words and the paper picture, by media type, and their metadata."""
        words = repr(self)
        png = io.BytesIO()
        self.figure().savefig(png, format="png", metadata={"Software": None})
        data = {"text/plain": words, "image/png": base64.b64encode(png.getvalue()).decode()}
        return data, {"image/png": {"alt": words} | ({"measured": True} if self.measured else {})}

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = self.still()
        if not self.live:
            page_of_all = page.html(
                self.shape(),
                *self.frames(self.settings()),
                picture=data["image/png"],
                words=data["text/plain"],
            )
            data |= {"text/html": page_of_all}
        return data, metadata

    def _ipython_display_(self) -> None:
        """Display a live explorer such that its output can be renewed; IPython shows the others itself."""
        if not self.live:
            raise NotImplementedError
        from course_lib.explore.live import Live  # anywidget and traitlets: only for those who need them

        Live(self).show()


def explorer(
    *,
    name: str = "",
    widths: Sequence[float] = (1,),
    scrub: Sequence[str] = (),
    fits: Fits = lambda **_: {},
    **controls: Control,
) -> Callable[[Picture], Explorer]:
    """Make an explorer of the function below: its arguments are the controls; the rest as in `Explorer`."""

    def make(picture: Picture) -> Explorer:
        if list(inspect.signature(picture).parameters) != list(controls):
            raise TypeError(f"{picture.__name__} takes other arguments than its controls {list(controls)}")
        return Explorer(picture, controls, widths, scrub, name, fits=fits)

    return make


def show(name: str, *panels: Panel, widths: Sequence[float] = (1,), measured: bool = False) -> Explorer:
    """Panels without controls: a figure whose numbers can be pointed at; `measured` as in `Explorer`.

    Raises:
        ValueError: if there is no panel.
    """
    if not panels:
        raise ValueError(f"{name}: give a panel to show")
    return Explorer(lambda: panels, {}, widths, name=name, measured=measured)
