"""What the tests of explorers read off their panels."""

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from course_lib.explore import Explorer, Panel


def panel(explorer: Explorer, title: str, **setting: object) -> Panel:
    """The panel whose title starts so."""
    (found,) = (panel for panel in explorer(**setting) if panel.title.startswith(title))
    return found


def data(explorer: Explorer, title: str, **setting: object) -> NDArray[np.float64]:
    """The numbers of the panel whose title starts so."""
    return panel(explorer, title, **setting).data


def captions(explorer: Explorer, **setting: object) -> str:
    """The captions of all panels."""
    return " ".join(panel.caption for panel in explorer(**setting))


def numbers_in(text: str) -> list[float]:
    """The numbers that a caption tells, in order; the "1" of "x1" is part of a name."""
    found = re.findall(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?", plain(text))
    return [float(number.replace(",", "")) for number in found]


def every_control_changes_the_picture(explorer: Explorer, **start: object) -> bool:
    """Whether no two values of a control give the same numbers."""
    return all(
        len({_codes(explorer, **{**start, name: value}) for value in values}) == len(values)
        for name, values in _values(explorer).items()
    )


def is_small_sweep(explorer: Explorer) -> bool:
    """Whether an output can carry every setting, in less than a megabyte."""
    frames, deflated = explorer.frames(explorer.settings())
    settings = math.prod(map(len, _values(explorer).values()))
    return not explorer.live and len(frames["captions"]) == settings and len(deflated) < 2**20


def _values(explorer: Explorer) -> dict[str, Sequence[object]]:
    return {name: control.values or () for name, control in explorer.controls.items()}


def _codes(explorer: Explorer, **setting: object) -> bytes:
    return b"".join(panel.codes().tobytes() for panel in explorer(**setting))


def plain(text: str) -> str:
    return text.replace("−", "-")
