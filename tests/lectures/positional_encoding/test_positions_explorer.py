"""The explorer of lecture 09 says what positions are."""

import numpy as np
import pytest
import torch

from course_lib.explore import Explorer
from course_lib.lectures.positional_encoding.positions_explorer import BASES, LENGTHS, SIZES, positions
from course_lib.models.positions import rotate, sinusoidal_encoding
from tests.explore.reading import numbers_in, panel


@pytest.fixture(scope="module")
def of_positions() -> Explorer:
    return positions()


@pytest.mark.parametrize(("size", "base", "length"), [(8, 10, 16), (64, 10_000, 64), (16, 100, 32)])
def test_encodings_waves_and_similarities(of_positions: Explorer, size: int, base: int, length: int):
    setting = {"kind": "sinusoidal", "size": size, "base": base, "length": length}
    expected = sinusoidal_encoding(length, size, base).numpy()
    shown, waves, alike = (panel.data for panel in of_positions(**setting))
    assert shown.shape == (64, 64)
    np.testing.assert_array_equal(shown[:: 64 // size, :length].T, expected)
    np.testing.assert_array_equal(shown[64 // size - 1 :: 64 // size, :length].T, expected)
    assert np.isnan(shown[:, length:]).all()
    np.testing.assert_array_equal(waves[[0, 3], :length].T, expected[:, [0, size - 2]])
    products = expected @ expected.T / (size / 2)  # of every two positions: their distance decides
    for first in (0, 5):
        np.testing.assert_allclose(alike[0, : length - first], products[first, first:], atol=1e-12)
    assert np.isnan(alike[0, length:]).all()


def test_rotary_positions_turn_pairs(of_positions: Explorer):
    setting = {"kind": "rotary", "size": 16, "base": 100, "length": 32}
    shown, _, alike = (panel.data for panel in of_positions(**setting))
    sine_first = sinusoidal_encoding(32, 16, 100).numpy()
    np.testing.assert_allclose(shown[::4, :32].T[:, 0::2], sine_first[:, 1::2], atol=1e-12)
    np.testing.assert_allclose(shown[::4, :32].T[:, 1::2], sine_first[:, 0::2], atol=1e-12)
    turned = rotate(torch.ones(32, 16), torch.arange(32), 100)
    for first in (0, 7):
        products = (turned[first:] @ turned[first] / 16).numpy()
        np.testing.assert_allclose(alike[0, : 32 - first], products, atol=1e-12)


def test_captions_of_positions_tell_the_wave_lengths_and_the_fall(of_positions: Explorer):
    setting = {"size": 8, "base": 10_000}
    told = panel(of_positions, "four of its waves", **setting).caption.replace(",", "")
    expected = 2 * np.pi * 10.0 ** np.arange(4)
    assert numbers_in(told) == pytest.approx(expected, rel=0.01)
    likeness = panel(of_positions, "similarity of two positions", **setting)
    _, _, half, lowest, least = numbers_in(likeness.caption)
    alike = likeness.data[0]
    assert (alike[: int(half)] >= 0.5).all() and alike[int(half)] < 0.5
    assert (alike.argmin(), alike.min()) == (lowest, pytest.approx(least, abs=0.005))


def test_positions_are_a_sweep_that_starts_where_it_is_told():
    chosen = positions(size=16, base=100, length=32)
    assert chosen.setting == {"kind": "sinusoidal", "size": 16, "base": 100, "length": 32}
    assert not chosen.live
    frames, _ = chosen.frames(chosen.settings())
    assert len(frames["captions"]) == 2 * len(SIZES) * len(BASES) * len(LENGTHS)
