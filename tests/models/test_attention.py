"""Attention follows its own equations, and refuses in one line what does not fit."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from course_lib.models.attention import (
    MultiHeadAttention,
    SelfAttention,
    attention_cost,
    attention_scores,
    causal_mask,
    equivariance_error,
    scaled_dot_product_attention,
)

BATCH, HEADS, QUERIES, KEYS, D_K, D_V = 2, 3, 4, 5, 6, 7
D_MODEL = 12
ORDER = torch.tensor([3, 0, 4, 1, 2])
"""A new order of as many tokens as there are keys; going it twice does not lead back."""

Kind = type[SelfAttention] | type[MultiHeadAttention]
each_kind = pytest.mark.parametrize("kind", [SelfAttention, MultiHeadAttention])


def some_attention(generator: torch.Generator, *batch: int) -> tuple[Tensor, Tensor, Tensor]:
    sizes = ((QUERIES, D_K), (KEYS, D_K), (KEYS, D_V))
    query, key, value = (torch.randn(*batch, *size, generator=generator) for size in sizes)
    return query, key, value


def some_tokens(generator: torch.Generator) -> Tensor:
    return torch.randn(BATCH, KEYS, D_MODEL, generator=generator)


def some_layer(kind: Kind, generator: torch.Generator) -> SelfAttention | MultiHeadAttention:
    sizes = (D_MODEL, D_K, D_V) if kind is SelfAttention else (D_MODEL, HEADS)
    return kind(*sizes, generator=generator)


def test_attention_number_by_number(generator: torch.Generator):
    query, key, value = some_attention(generator)
    mask = torch.rand(QUERIES, KEYS, generator=generator) < 0.7
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    for q in range(QUERIES):
        scores = [math.fsum(query[q, i].item() * key[k, i].item() for i in range(D_K)) for k in range(KEYS)]
        shares = [math.exp(score / math.sqrt(D_K)) * mask[q, k].item() for k, score in enumerate(scores)]
        expected = torch.tensor(shares) / math.fsum(shares)
        torch.testing.assert_close(attention_scores(query, key)[q], torch.tensor(scores))
        torch.testing.assert_close(weights[q], expected)
        torch.testing.assert_close(output[q], sum(expected[k] * value[k] for k in range(KEYS)))


@settings(deadline=None, max_examples=60)
@given(
    shape=st.tuples(*(st.integers(1, 5) for _ in range(5))),
    share=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    spread=st.sampled_from([0.01, 1.0, 1e3]),
    seed=st.integers(0, 2**16),
)
def test_what_is_read_is_an_average_of_what_may_be_read(
    shape: tuple[int, ...], share: float, spread: float, seed: int
):
    """Or nothing, where nothing may be read. No gradient is ever NaN or infinite."""
    batch, queries, keys, d_k, d_v = shape
    torch.manual_seed(seed)
    sizes = ((queries, d_k), (keys, d_k), (keys, d_v))
    query, key, value = sources = [(spread * torch.randn(batch, *size)).requires_grad_() for size in sizes]
    mask = torch.rand(batch, queries, keys) < share
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    may_read = mask.any(dim=-1)
    assert (weights >= 0).all()
    assert (weights[~mask] == 0).all()
    torch.testing.assert_close(weights.sum(dim=-1), may_read.double())
    hidden, candidates = ~mask[..., None], value[:, None].expand(batch, queries, keys, d_v)
    lowest = candidates.masked_fill(hidden, torch.inf).amin(dim=2)
    highest = candidates.masked_fill(hidden, -torch.inf).amax(dim=2)
    room = 1e-12 * spread
    assert ((output >= lowest - room) & (output <= highest + room))[may_read].all()
    assert (output[~may_read] == 0).all()
    gradients = torch.autograd.grad(output.sum() + (weights**2).sum(), sources)
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_a_query_that_may_read_nothing_changes_nothing_for_others(generator: torch.Generator):
    query, key, value = sources = some_attention(generator, BATCH)
    mask = torch.ones(QUERIES, KEYS, dtype=torch.bool)
    mask[1] = False
    others = [0, 2, 3]
    for source in sources:
        source.requires_grad_()
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    expected, expected_weights = scaled_dot_product_attention(query[:, others], key, value)
    torch.testing.assert_close(output[:, others], expected)
    torch.testing.assert_close(weights[:, others], expected_weights)
    assert (output[:, 1] == 0).all()
    assert (weights[:, 1] == 0).all()
    gradients = torch.autograd.grad(output.square().sum(), sources)
    expected_gradients = torch.autograd.grad(expected.square().sum(), sources)
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        torch.testing.assert_close(gradient, expected_gradient)


def test_hidden_keys_and_values_do_not_matter(generator: torch.Generator):
    query, key, value = some_attention(generator, BATCH, HEADS)
    mask = torch.arange(KEYS) < torch.tensor([3, 5])[:, None, None, None]
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    key[0, :, 3:], value[0, :, 3:] = 1e6, -1e6
    changed, changed_weights = scaled_dot_product_attention(query, key, value, mask)
    torch.testing.assert_close(changed, output)
    torch.testing.assert_close(changed_weights, weights)


def test_causal_mask_by_hand():
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert causal_mask(3).dtype == torch.bool


@each_kind
def test_with_a_causal_mask_no_token_knows_later_ones(kind: Kind, generator: torch.Generator):
    layer, x = some_layer(kind, generator), some_tokens(generator)
    whole = layer(x, mask=causal_mask(KEYS)).output
    for steps in range(1, KEYS):
        part = layer(x[:, :steps], mask=causal_mask(steps)).output
        torch.testing.assert_close(part, whole[:, :steps])


def test_scale_is_a_number_or_one_for_each_query(generator: torch.Generator):
    query, key, value = some_attention(generator, BATCH)
    _, usual = scaled_dot_product_attention(query, key, value)
    _, same = scaled_dot_product_attention(query, key, value, scale=D_K**-0.5)
    torch.testing.assert_close(same, usual)
    scales = torch.tensor([0.0, 0.2, 1.0, 50.0])[:, None]
    output, weights = scaled_dot_product_attention(query, key, value, scale=scales)
    for q, scale in enumerate(scales[:, 0].tolist()):
        row, row_weights = scaled_dot_product_attention(query[:, q : q + 1], key, value, scale=scale)
        torch.testing.assert_close(output[:, q : q + 1], row)
        torch.testing.assert_close(weights[:, q : q + 1], row_weights)
    torch.testing.assert_close(weights[:, 0], torch.full((BATCH, KEYS), 1 / KEYS))


def test_a_scale_of_zero_shares_out_among_what_may_be_read(generator: torch.Generator):
    query, key, value = some_attention(generator)
    mask = torch.arange(KEYS) < torch.tensor([1, 2, 4, 5])[:, None]
    _, weights = scaled_dot_product_attention(query, key, value, mask, scale=0)
    torch.testing.assert_close(weights, mask / mask.sum(dim=-1, keepdim=True))


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_mask_that_is_not_of_booleans_gets_a_line(generator: torch.Generator):
    message = r"^a mask is of booleans: True where a query may read a key$"
    for mask in (torch.ones(QUERIES, KEYS), torch.ones(QUERIES, KEYS, dtype=torch.long)):
        with pytest.raises(ValueError, match=message):
            scaled_dot_product_attention(*some_attention(generator), mask)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    "shape", [(KEYS, QUERIES), (KEYS + 1,), (HEADS, QUERIES, KEYS), (BATCH, 1, QUERIES, KEYS)]
)
def test_a_mask_of_another_shape_gets_a_line(shape: tuple[int, ...], generator: torch.Generator):
    query, key, value = some_attention(generator, BATCH)
    mask = torch.ones(shape, dtype=torch.bool)
    with pytest.raises(ValueError, match=r"^a mask of shape \(.*\) doesn't fit scores of shape \(2, 4, 5\)$"):
        scaled_dot_product_attention(query, key, value, mask)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_mask_without_an_axis_for_the_heads_gets_a_line(generator: torch.Generator):
    """Where batch, heads and steps are equally many, it would fit by chance, and mean something else."""
    layer, x = MultiHeadAttention(6, 3, generator), torch.randn(3, 3, 6, generator=generator)
    mask = torch.rand(3, 3, 3, generator=generator) < 0.5
    with pytest.raises(
        ValueError, match=r"^give a mask \(batch, query, key\) with an axis .*: mask\[:, None\]$"
    ):
        layer(x, mask=mask)
    weights = layer(x, mask=mask[:, None]).weights
    assert ((weights > 0) == mask[:, None]).all()


@pytest.mark.parametrize(("steps", "d_model"), [(5, 3), (3, 8), (17, 17)])
def test_cost_is_what_the_products_take(steps: int, d_model: int):
    layer = SelfAttention(d_model, d_model, d_model)
    with FlopCounterMode(display=False) as counter:
        layer(torch.randn(1, steps, d_model))
    assert attention_cost(steps, d_model) == counter.get_total_flops() / 2  # a multiply-add is two operations


def test_one_head_tells_what_it_computed(generator: torch.Generator):
    layer, x = SelfAttention(D_MODEL, D_K, D_V, generator), some_tokens(generator)
    mask, scale = causal_mask(KEYS), torch.tensor([2.0, 0.0, 1.0, 3.0, 0.5])[:, None]
    attended = layer(x, mask, scale)
    assert (layer.d_model, layer.d_out) == (D_MODEL, D_V)
    names = ("query", "key", "value")
    for name in names:
        expected = x @ getattr(layer, f"weight_{name}").T
        torch.testing.assert_close(getattr(attended, name), expected)
    output, weights = scaled_dot_product_attention(
        *(getattr(attended, name) for name in names), mask=mask, scale=scale
    )
    torch.testing.assert_close(attended.output, output)
    torch.testing.assert_close(attended.weights, weights)


@each_kind
def test_only_a_mask_tells_attention_where_its_tokens_stand(kind: Kind, generator: torch.Generator):
    layer, x = some_layer(kind, generator), some_tokens(generator)
    assert equivariance_error(lambda tokens: layer(tokens).output, x, ORDER) < 1e-12
    assert equivariance_error(lambda tokens: layer(tokens, mask=causal_mask(KEYS)).output, x, ORDER) > 0.1


def test_equivariance_error_by_hand():
    x = torch.tensor([[[1.0], [10.0], [100.0]]])
    order = torch.tensor([1, 2, 0])
    assert equivariance_error(lambda tokens: 2 * tokens, x, order) == 0
    # running sums of 10, 100, 1 are 10, 110, 111; of 1, 10, 100 they are 1, 11, 111, reordered 11, 111, 1
    for sign in (1, -1):
        assert equivariance_error(lambda tokens, sign=sign: sign * tokens.cumsum(dim=1), x, order) == 110


@each_kind
def test_the_generator_decides_the_weights(kind: Kind):
    first, again, other = (some_layer(kind, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    for one, two, three in zip(first.parameters(), again.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
        assert one.ndim == 1 or not torch.equal(one, three)


def test_weights_start_as_the_docstrings_say(generator: torch.Generator):
    size = 120
    one = SelfAttention(size, size, size, generator)
    for weight in one.parameters():
        assert weight.var().item() == pytest.approx(1 / size, rel=0.05)
    several = MultiHeadAttention(size, HEADS, generator)
    for weight, inputs_and_outputs in ((several.weight_input, 4 * size), (several.weight_output, 2 * size)):
        limit = math.sqrt(6 / inputs_and_outputs)
        assert 0.99 * limit < weight.abs().max().item() <= limit
    assert (several.bias_input == 0).all()
    assert (several.bias_output == 0).all()
