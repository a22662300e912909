"""Colours, written once for the browser and for paper.

Maps grow evenly in lightness from end to end, so they survive greyscale and every kind of colour blindness;
a map with a sign changes hue where it passes zero. Lines differ in dash pattern too, never in colour alone.
"""

MAPS = {
    "unsigned": {
        "light": ["#fbfcfe", "#cfe0ee", "#8db8d8", "#3f82b5", "#1b4f80", "#0a2342"],
        "dark": ["#15191f", "#173a57", "#22648f", "#4b98c6", "#9ccbe6", "#f3faff"],
    },
    "signed": {
        "light": ["#14295c", "#1a4887", "#3e6a95", "#8a887d", "#c7a465", "#ecc967", "#fff1c2"],
        "dark": ["#14295c", "#1a4887", "#3e6a95", "#8a887d", "#c7a465", "#ecc967", "#fff1c2"],
    },
}

LINES = {
    "light": ["#1f6fa8", "#c2570c", "#2d7a4f", "#8a4fa0", "#6b6b6b", "#b3124f"],
    "dark": ["#6cb6e8", "#f39b57", "#6fc995", "#c79be0", "#b9b9b9", "#f57aa6"],
}

DASHES = [(), (6, 3), (2, 2), (8, 3, 2, 3), (4, 2), (1, 3)]
"""Lengths of dash and gap in pixels, a pattern for each line; the first is solid."""

MARK = {"light": "#c2570c", "dark": "#f39b57"}
"""The cursor."""


def colour_map(limits: tuple[float, float], theme: str = "light") -> list[str]:
    """Colours from the lowest to the highest number: with a sign if zero lies between the limits."""
    return MAPS["signed" if limits[0] < 0 < limits[1] else "unsigned"][theme]


def line_style(k: int, theme: str = "light") -> tuple[str, tuple[int, ...]]:
    """Colour and dashes of line k, counted from 0; lines of one colour differ in their dashes."""
    count = len(DASHES)
    return LINES[theme][k % count], DASHES[(k + k // count) % count]
