"""The cases of scaled dot-product attention tell scaled from unscaled scores, whatever the seed."""

import pytest
import torch

from course_lib.lectures.self_attention.scaled_dot_product_attention_exercise import EXERCISE
from course_lib.models.attention import scaled_dot_product_attention

SEEDS = range(1000)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("title", EXERCISE.cases)
def test_softmax_is_neither_saturated_nor_uniform_and_the_scale_is_seen(title):
    make = EXERCISE.cases[title]
    largest, ratios, differences, changes = [], [], [], []
    for seed in SEEDS:
        query, key, value, mask = make(torch.Generator().manual_seed(seed))
        output, weights = scaled_dot_product_attention(query, key, value, mask)
        raw_output, raw_weights = scaled_dot_product_attention(query, key, value, mask, scale=1.0)
        has_choice = torch.ones_like(weights, dtype=torch.bool) if mask is None else mask.expand_as(weights)
        rows = weights[has_choice.sum(dim=-1) > 1]
        largest.append(rows.amax())
        ratios.append((rows.amax(dim=-1) / rows.masked_fill(rows == 0, 1.0).amin(dim=-1)).amax())
        differences.append((raw_weights - weights).abs().amax())
        changes.append((raw_output - output).abs().amax())
    assert max(largest) < 0.99
    assert min(ratios) > 1.2
    assert min(differences) > 1e-2
    assert min(changes) > 1e-2
