"""Explorers: pictures that answer to the hand. Panels and controls are data; two views draw them."""

from course_lib.explore.controls import Choice, Slider, Stops, Text, Toggle
from course_lib.explore.explorer import Explorer, explorer, show
from course_lib.explore.panels import (
    Arrows,
    Bars,
    Diagram,
    Heat,
    Label,
    Lines,
    Links,
    Node,
    Panel,
    Path,
    Wire,
)

__all__ = [
    "Arrows",
    "Bars",
    "Choice",
    "Diagram",
    "Explorer",
    "Heat",
    "Label",
    "Lines",
    "Links",
    "Node",
    "Panel",
    "Path",
    "Slider",
    "Stops",
    "Text",
    "Toggle",
    "Wire",
    "explorer",
    "show",
]
