"""The sunspot series as stored."""

import torch

from course_lib.data import sunspots


def test_it_is_yearly_without_gaps():
    years, numbers = sunspots.yearly()
    assert years.tolist() == list(range(1700, 2009))
    assert numbers.shape == (309,)
    assert numbers.dtype == torch.float64


def test_known_years():
    years, numbers = sunspots.yearly()
    by_year = dict(zip(years.tolist(), numbers.tolist(), strict=True))
    assert by_year[1700] == 5.0
    assert by_year[1957] == 190.2  # the largest of the series
    assert numbers.max() == 190.2
    assert numbers.min() == 0.0
    assert numbers[(years >= 1770) & (years <= 1869)].mean().item() == torch.tensor(47.011).item()
