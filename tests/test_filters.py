"""Filters and the temperature change the scores of symbols as they promise, whatever the scores are."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor

from course_lib.generation import scale, top_k_filter, top_p_filter

reliably = settings(deadline=None, derandomize=True)
some_logits = arrays(float, st.integers(1, 9), elements=st.floats(-20, 20)).map(torch.from_numpy)


@reliably
@given(some_logits, st.integers(1, 12))
def test_top_k_keeps_k_of_the_largest(logits: Tensor, k: int):
    filtered = top_k_filter(logits, k)
    kept = filtered > -torch.inf
    assert kept.sum() == min(k, len(logits))
    assert torch.equal(filtered[kept], logits[kept])
    assert kept.all() or logits[kept].min() >= logits[~kept].max()


@reliably
@given(some_logits, st.floats(0.01, 1))
def test_top_p_keeps_the_fewest_that_reach_p(logits: Tensor, p: float):
    filtered = top_p_filter(logits, p)
    kept = filtered > -torch.inf
    assert torch.equal(filtered[kept], logits[kept])
    assert kept[logits.argmax()]
    assert kept.all() or logits[kept].min() >= logits[~kept].max()
    probabilities = logits.softmax(dim=0)
    assert probabilities[kept].sum() >= p - 1e-9
    assert kept.sum() == 1 or probabilities[kept].sum() - probabilities[kept].min() < p + 1e-9


def test_top_p_stops_at_p_and_keeps_the_first_of_equals():
    kept = top_p_filter(torch.zeros(1024), 0.5) > -torch.inf
    assert kept.tolist() == [True] * 512 + [False] * 512


@reliably
@given(some_logits, st.floats(0.1, 10))
def test_temperature_raises_probabilities_to_a_power(logits: Tensor, temperature: float):
    powers = logits.softmax(dim=0) ** (1 / temperature)
    torch.testing.assert_close(scale(logits, temperature).softmax(dim=0), powers / powers.sum())


@pytest.mark.parametrize("filter_rows", [lambda x: top_k_filter(x, 2), lambda x: top_p_filter(x, 0.7)])
def test_filters_treat_each_row_by_itself(
    filter_rows: Callable[[Tensor], Tensor], generator: torch.Generator
):
    logits = torch.randn(2, 3, 5, generator=generator)
    rows = torch.stack([filter_rows(row) for row in logits.flatten(0, 1)])
    assert torch.equal(filter_rows(logits), rows.view_as(logits))
