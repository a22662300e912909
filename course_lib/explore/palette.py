"""Colours, written once for the browser and for paper.

Amounts go from the page's own colour to ink in one hue, evenly in lightness. Numbers with a sign go to blue
below zero and to orange above, which no kind of colour blindness mixes up, and zero is the page; in grey
only readings tell the sign. Lines differ in dash pattern too, never in colour alone.
"""

MAPS = {
    "unsigned": {
        "light": ["#fbfcfe", "#cfe0ee", "#8db8d8", "#3f82b5", "#1b4f80", "#0a2342"],
        "dark": ["#15191f", "#173a57", "#22648f", "#4b98c6", "#9ccbe6", "#f3faff"],
    },
    "signed": {
        "light": ["#0a3a73", "#3b7fbf", "#a5cbe6", "#fbfcfe", "#f5c79a", "#d9792b", "#8a3a06"],
        "dark": ["#b5dcff", "#5fa3dc", "#27547e", "#15191f", "#6f4216", "#c97d33", "#ffd9ac"],
    },
}

LINES = {
    "light": ["#1f6fa8", "#c2570c", "#2d7a4f", "#8a4fa0", "#6b6b6b", "#b3124f"],
    "dark": ["#6cb6e8", "#f39b57", "#6fc995", "#c79be0", "#b9b9b9", "#f57aa6"],
}

DASHES = [(), (6, 3), (2, 2), (8, 3, 2, 3), (4, 2), (1, 3)]
"""Lengths of dash and gap in pixels, a pattern for each line; the first is solid."""

MARK = {"light": "#1a1a1a", "dark": "#f2f2f2"}
"""The cursor: no hue, since maps and lines have them all."""


def colour_map(limits: tuple[float, float], theme: str = "light") -> list[str]:
    """Colours between the ends of the limits: with a sign if zero lies between them."""
    return MAPS["signed" if has_sign(limits) else "unsigned"][theme]


def has_sign(limits: tuple[float, float]) -> bool:
    """Whether zero lies between the limits."""
    return limits[0] < 0 < limits[1]


def colour_ends(limits: tuple[float, float]) -> tuple[float, float]:
    """The numbers with the first and the last colour: as far below zero as above it, if there is a sign."""
    far = max(-limits[0], limits[1])
    return (-far, far) if has_sign(limits) else limits


def line_style(k: int, theme: str = "light") -> tuple[str, tuple[int, ...]]:
    """Colour and dashes of line k, counted from 0; lines of one colour differ in their dashes."""
    count = len(DASHES)
    return LINES[theme][k % count], DASHES[(k + k // count) % count]
