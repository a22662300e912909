"""Numbers as codes of two bytes: as fine as any screen, and cheap to carry."""

import numpy as np
from numpy.typing import NDArray

Limits = tuple[float, float]

LAST = 2**16 - 4
"""The code of the upper limit; 0 is that of the lower one."""
BELOW, ABOVE, MISSING = range(LAST + 1, 2**16)
"""The codes of numbers beyond the limits, and of a number that is not there (NaN)."""


def quantise(data: NDArray[np.float64], limits: Limits) -> NDArray[np.uint16]:
    """Codes of numbers between the limits."""
    low, high = limits
    scaled = np.rint((data - low) / (high - low) * LAST)
    codes = np.select([np.isnan(scaled), scaled < 0, scaled > LAST], [MISSING, BELOW, ABOVE], scaled)
    return codes.astype("<u2").ravel()


def quantise_powers(data: NDArray[np.float64], limits: Limits) -> NDArray[np.uint16]:
    """Codes of numbers above zero by their logarithm; the end codes mean "this limit or beyond it"."""
    low, high = np.log10(limits)
    codes = quantise(np.log10(np.clip(data, *limits)), (low, high))
    inner = (limits[0] < data) & (data < limits[1])
    return np.where(inner.ravel(), np.clip(codes, 1, LAST - 1), codes).astype("<u2")
