"""Panels and the two-byte codes of their numbers."""

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.explore.panels import MISSING, Arrows, Heat, Lines, quantise, span


def decoded(codes: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """The numbers that the view reads off codes."""
    low, high = limits
    return np.where(codes == MISSING, np.nan, low + codes / (MISSING - 1) * (high - low))


def test_ends_and_missing_numbers_have_codes_of_their_own():
    codes = quantise(np.array([-2.0, 0.0, 2.0, np.nan]), (-2, 2))
    assert codes.tolist() == [0, 32767, 65534, 65535]


def test_numbers_outside_the_limits_are_moved_to_them():
    assert quantise(np.array([-9.0, 9.0, np.inf, -np.inf]), (-2, 2)).tolist() == [0, 65534, 65534, 0]


def test_codes_are_little_endian_and_flat():
    codes = quantise(np.array([[0.0, 1.0], [1.0, 0.0]]), (0, 1))
    assert codes.tobytes() == b"\0\0\xfe\xff\xfe\xff\0\0"


@given(
    arrays.arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1)),
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
)
def test_a_round_trip_loses_half_a_code_at_most(parts: np.ndarray, low: float, size: float):
    limits = (low, low + size)
    data = low + parts * size
    lost = np.abs(decoded(quantise(data, limits), limits) - np.clip(data, *limits))
    assert lost.max() <= 0.501 * size / 65534


def test_limits_hold_the_data_with_room():
    low, high = span(np.array([[1.0, np.nan], [3.0, 2.0]]))
    assert low < 1 and high > 3 and high - low < 2.5
    low, high = span(np.array([4.0, 4.0]))
    assert low < 4 < high


def test_a_panel_takes_tensors_and_lists():
    weights = torch.tensor([[0.25, 0.75]], requires_grad=True)
    for data in (weights, [[0.25, 0.75]], np.array([[0.25, 0.75]])):
        panel = Lines(title="weights", data=data, x="key", y="weight")
        assert panel.data.dtype == np.float64
        assert panel.data.tolist() == [[0.25, 0.75]]
        assert panel.limits == span(panel.data)


def test_limits_that_are_given_stay():
    assert Heat(title="map", data=[[0.5]], x="key", y="query", limits=(0, 1)).limits == (0, 1)


def test_numbers_and_caption_are_no_part_of_the_description():
    def panel(data: float, caption: str) -> Heat:
        return Heat(title="map", data=[[data]], x="key", y="query", limits=(0, 1), caption=caption)

    assert panel(0.1, "low").description() == panel(0.9, "high").description()
    description = panel(0.1, "low").description()
    assert description["kind"] == "Heat"
    assert description["shape"] == [1, 1]
    assert {"title", "limits", "x", "y"} <= description.keys()


def test_arrows_carry_their_nodes_then_their_links():
    panel = Arrows(
        title="graph",
        data=torch.tensor([1.0, torch.nan]),
        links=torch.tensor([[0.0, 1.0], [0.5, 0.0]]),
        places=[(0, 0), (1, 0)],
        names=["a", "b"],
        along="node",
        limits=(0, 1),
    )
    assert panel.codes().tolist() == [65534, 65535, 0, 65534, 32767, 0]
    assert "links" not in panel.description()


@pytest.mark.parametrize("missing", ["x", "y"])
def test_axes_must_have_names(missing: str):
    axes = {"x": "key", "y": "query"}
    del axes[missing]
    with pytest.raises(TypeError, match=missing):
        Heat(title="map", data=[[0.5]], **axes)
