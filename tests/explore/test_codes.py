"""Numbers go to two bytes and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_lib.explore.codes import ABOVE, BELOW, LAST, MISSING, quantise, quantise_powers


def decoded(codes: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """The numbers that the view reads off codes; of those beyond the limits, the limit."""
    low, high = limits
    special = [codes == MISSING, codes == BELOW, codes == ABOVE]
    return np.select(special, [np.nan, low, high], low + codes / LAST * (high - low))


def test_ends_and_missing_numbers_have_codes_of_their_own():
    codes = quantise(np.array([-2.0, 0.0, 2.0, np.nan]), (-2, 2))
    assert codes.tolist() == [0, LAST // 2, LAST, MISSING]
    assert (LAST, BELOW, ABOVE, MISSING) == (65532, 65533, 65534, 65535)


def test_of_numbers_outside_the_limits_it_is_known_on_which_side_they_are():
    codes = quantise(np.array([-9.0, 9.0, np.inf, -np.inf]), (-2, 2))
    assert codes.tolist() == [BELOW, ABOVE, ABOVE, BELOW]
    rounded = np.array([-2, 2]) * (1 + 1e-9)
    assert quantise(rounded, (-2, 2)).tolist() == [0, LAST]


def test_codes_are_little_endian_and_flat():
    codes = quantise(np.array([[0.0, 1.0], [1.0, 0.0]]), (0, 1))
    assert codes.tobytes() == b"\0\0\xfc\xff\xfc\xff\0\0"


@given(
    arrays.arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1)),
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
)
def test_a_round_trip_loses_half_a_code_at_most(parts: np.ndarray, low: float, size: float):
    limits = (low, low + size)
    data = low + parts * size
    lost = np.abs(decoded(quantise(data, limits), limits) - np.clip(data, *limits))
    assert lost.max() <= 0.501 * size / LAST


def test_powers_of_ten_are_evenly_spaced_on_a_logarithmic_axis():
    codes = quantise_powers(np.array([0.1, 1.0, 10.0, np.nan]), (1e-2, 1e2))
    np.testing.assert_allclose(codes, [LAST / 4, LAST / 2, 0.75 * LAST, MISSING], atol=1)


def test_the_end_codes_of_a_logarithmic_axis_mean_the_limit_or_beyond():
    nearly = [1e-2 * (1 + 1e-9), 1e2 * (1 - 1e-9)]
    codes = quantise_powers(np.array([0.0, -1.0, 1e-2, *nearly, 1e2, np.inf]), (1e-2, 1e2))
    assert codes.tolist() == [0, 0, 0, 1, LAST - 1, LAST, LAST]
