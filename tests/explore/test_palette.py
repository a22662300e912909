"""Colours that survive greyscale, colour blindness and both themes."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from course_lib.explore.palette import DASHES, LINES, MAPS, MARK, colour_ends, colour_map, line_style

BACKGROUNDS = {"light": "#ffffff", "dark": "#111111"}

# Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", severity 1.0; from linear RGB to linear RGB.
SEEN_BY = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

# IEC 61966-2-1: from linear sRGB to CIE XYZ under D65.
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])

every_map = pytest.mark.parametrize(
    "stops", [stops for themes in MAPS.values() for stops in themes.values()], ids=lambda stops: stops[0]
)
every_theme = pytest.mark.parametrize("theme", ["light", "dark"])


def linear(colour: str) -> NDArray[np.float64]:
    """A colour's red, green and blue light, from 0 to 1."""
    parts = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB under D65: lightness from 0 to 100, then two hues."""
    x, y, z = XYZ @ np.clip(light, 0, 1) / XYZ.sum(axis=1)
    fx, fy, fz = (t ** (1 / 3) if t > (6 / 29) ** 3 else t * (29 / 6) ** 2 / 3 + 4 / 29 for t in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio, from 1 to 21."""
    dark, light = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def test_the_measures_agree_with_known_values():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.05)
    assert lab(linear("#ff0000")) == pytest.approx([53.2, 80.1, 67.2], abs=0.1)
    for matrix in SEEN_BY.values():
        np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-5)


def seen(stops: list[str], eyes: str) -> list[NDArray[np.float64]]:
    """The colours as these eyes see them."""
    return [lab(SEEN_BY[eyes] @ linear(stop)) for stop in stops]


@every_theme
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_lightness_runs_one_way_from_paper_to_ink(theme: str, eyes: str):
    signed = MAPS["signed"][theme]
    middle = len(signed) // 2
    for stops in (MAPS["unsigned"][theme], signed[middle:], signed[middle::-1]):
        steps = np.diff([colour[0] for colour in seen(stops, eyes)])
        assert (steps > 8).all() if theme == "dark" else (steps < -8).all(), steps


@every_theme
def test_zero_is_the_page(theme: str):
    signed, unsigned = MAPS["signed"][theme], MAPS["unsigned"][theme]
    assert signed[len(signed) // 2] == unsigned[0]
    assert contrast(unsigned[0], BACKGROUNDS[theme]) < 1.1


@every_theme
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_numbers_above_and_below_zero_can_be_told_apart(theme: str, eyes: str):
    colours = seen(MAPS["signed"][theme], eyes)
    middle = len(colours) // 2
    for below, above in zip(colours[:middle], colours[:middle:-1], strict=True):
        assert np.linalg.norm(below - above) > 35


@every_theme
def test_amounts_have_one_hue(theme: str):
    hues = [np.arctan2(b, a) for _, a, b in seen(MAPS["unsigned"][theme], "all cones")[1:-1]]
    assert np.ptp(hues) < 0.5


@every_map
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_neighbouring_stops_can_be_told_apart(stops: list[str], eyes: str):
    pairs = itertools.pairwise(seen(stops, eyes))
    assert min(np.linalg.norm(one - other) for one, other in pairs) > 10


@every_theme
def test_lines_and_the_cursor_stand_out_from_the_page(theme: str):
    for colour in [*LINES[theme], MARK[theme]]:
        assert contrast(colour, BACKGROUNDS[theme]) >= 3, colour


@every_theme
def test_every_line_has_a_colour_and_dashes_of_its_own(theme: str):
    assert len(set(LINES[theme])) == len(LINES[theme]) == len(DASHES)
    assert len(set(DASHES)) == len(DASHES)


@every_theme
def test_lines_that_share_a_colour_differ_in_their_dashes(theme: str):
    styles = [line_style(k, theme) for k in range(len(LINES[theme]) * len(DASHES))]
    assert len(set(styles)) == len(styles)
    assert styles[: len(DASHES)] == [*zip(LINES[theme], DASHES, strict=True)]


@every_theme
def test_a_sign_has_a_map_of_its_own(theme: str):
    assert colour_map((-1, 1), theme) == MAPS["signed"][theme]
    assert (
        colour_ends((-1, 3)) == (-3, 3) and colour_ends((0, 3)) == (0, 3) and colour_ends((-2, 0)) == (-2, 0)
    )
    assert colour_map((0, 1), theme) == colour_map((-1, 0), theme) == MAPS["unsigned"][theme]
