"""Explorers: pictures that answer to the hand. Panels and controls are data; two views draw them."""

from course_lib.explore.controls import Choice, Slider, Text, Toggle
from course_lib.explore.explorer import Explorer, explorer, show
from course_lib.explore.panels import Arrows, Bars, Heat, Lines, Panel, Path

__all__ = [
    "Arrows",
    "Bars",
    "Choice",
    "Explorer",
    "Heat",
    "Lines",
    "Panel",
    "Path",
    "Slider",
    "Text",
    "Toggle",
    "explorer",
    "show",
]
