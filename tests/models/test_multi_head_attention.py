"""Several heads read as each of them would alone; they can be removed, and turned by their positions."""

from collections.abc import Collection

import pytest
import torch
from torch import Tensor
from torch.nn import init
from torch.nn.functional import linear

from course_lib.models.attention import (
    MultiHeadAttention,
    SelfAttention,
    causal_mask,
    equivariance_error,
    merge_heads,
    multi_head_attention,
    split_heads,
)
from course_lib.models.positions import rotate

BATCH, HEADS, SIZE, QUERIES, KEYS = 2, 3, 4, 6, 5
D_MODEL = HEADS * SIZE


def some_tokens(generator: torch.Generator, steps: int = KEYS) -> Tensor:
    return torch.randn(BATCH, steps, D_MODEL, generator=generator)


def some_heads(generator: torch.Generator, rotary: bool = False) -> MultiHeadAttention:
    """A layer whose biases are not zero."""
    layer = MultiHeadAttention(D_MODEL, HEADS, generator, rotary)
    for bias in (layer.bias_input, layer.bias_output):
        init.normal_(bias, generator=generator)
    return layer


def test_each_head_gets_its_share_of_every_vector(generator: torch.Generator):
    x = some_tokens(generator)
    heads = split_heads(x, HEADS)
    assert heads.shape == (BATCH, HEADS, KEYS, SIZE)
    for head in range(HEADS):
        for number in range(SIZE):
            assert torch.equal(heads[:, head, :, number], x[:, :, head * SIZE + number])


@pytest.mark.parametrize("heads", [1, 2, 3, 12])
def test_merging_undoes_splitting(heads: int, generator: torch.Generator):
    x = some_tokens(generator)
    backwards = x.transpose(0, 1).contiguous().transpose(0, 1)  # the same numbers, in memory step by step
    for vectors in (x, backwards, x.mT.contiguous().mT):
        assert torch.equal(merge_heads(split_heads(vectors, heads)), x)
    parts = torch.randn(BATCH, heads, KEYS, 7, generator=generator)
    assert torch.equal(split_heads(merge_heads(parts), heads), parts)


@pytest.mark.parametrize("heads", [-1, 0, 5, 24])
def test_numbers_that_do_not_divide_get_a_line(heads: int):
    message = f"^12 numbers can't be divided among {heads} heads$"
    with pytest.raises(ValueError, match=message):
        split_heads(torch.zeros(BATCH, KEYS, D_MODEL), heads)
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(D_MODEL, heads)


@pytest.mark.parametrize("masked", [False, True])
def test_all_heads_at_once_equal_head_by_head(masked: bool, generator: torch.Generator):
    x = some_tokens(generator)
    mask = causal_mask(KEYS) if masked else None
    layer = MultiHeadAttention(D_MODEL, HEADS, generator)
    query, key, value = layer.weight_input.chunk(3)
    read = []
    for head in range(HEADS):
        rows = slice(head * SIZE, (head + 1) * SIZE)
        one = SelfAttention(D_MODEL, SIZE, SIZE)
        one.load_state_dict(
            {"weight_query": query[rows], "weight_key": key[rows], "weight_value": value[rows]}
        )
        read.append(one(x, mask).output)
    expected = linear(torch.cat(read, dim=-1), layer.weight_output)
    torch.testing.assert_close(layer(x, mask=mask).output, expected)
    output = multi_head_attention(x, query, key, value, layer.weight_output, HEADS, mask)
    torch.testing.assert_close(output, expected)


@pytest.mark.parametrize("steps", [None, QUERIES], ids=["self", "cross"])
def test_heads_tell_what_they_computed(steps: int | None, generator: torch.Generator):
    layer = some_heads(generator)
    x = some_tokens(generator)
    source = None if steps is None else some_tokens(generator, steps)
    attended = layer(x, source)
    sources = (x, x, x) if source is None else (x, source, source)
    parts = zip(sources, layer.weight_input.chunk(3), layer.bias_input.chunk(3), strict=True)
    for name, (tokens, weight, bias) in zip(("query", "key", "value"), parts, strict=True):
        torch.testing.assert_close(getattr(attended, name), split_heads(tokens @ weight.T + bias, HEADS))
    read = merge_heads(attended.weights @ attended.value)
    torch.testing.assert_close(attended.output, read @ layer.weight_output.T + layer.bias_output)


def test_a_token_that_may_read_nothing_gets_the_bias(generator: torch.Generator):
    layer = some_heads(generator)
    x = some_tokens(generator).requires_grad_()
    attended = layer(x, mask=~causal_mask(KEYS))  # each reads those after it, the last one none
    torch.testing.assert_close(attended.output[:, -1], layer.bias_output.expand(BATCH, D_MODEL))
    sources = [x, *layer.parameters()]
    gradients = torch.autograd.grad(attended.output.square().sum(), sources)
    assert all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("removed", [(), (0,), (2,), [0, 2], {0, 1, 2}], ids=str)
def test_a_removed_head_is_a_block_of_the_output_weights_set_to_zero(
    removed: Collection[int], generator: torch.Generator
):
    layer, x = some_heads(generator), some_tokens(generator)
    whole, without = layer(x), layer(x, removed=removed)
    torch.testing.assert_close(without.weights, whole.weights)
    with torch.no_grad():
        for head in removed:
            layer.weight_output[:, head * SIZE : (head + 1) * SIZE] = 0
    torch.testing.assert_close(without.output, layer(x).output)
    assert torch.equal(without.output, whole.output) == (not removed)


def test_a_head_that_is_not_there_gets_a_line(generator: torch.Generator):
    layer = MultiHeadAttention(D_MODEL, HEADS, generator)
    for head in (-1, 3):
        message = rf"^there is no head {head}; they are counted from 0 to 2$"
        with pytest.raises(ValueError, match=message):
            layer(some_tokens(generator), removed=[1, head])


def test_rotary_attention_turns_queries_and_keys(generator: torch.Generator):
    rotary = some_heads(generator, rotary=True)
    plain = MultiHeadAttention(D_MODEL, HEADS)
    plain.load_state_dict(rotary.state_dict())
    x, source = some_tokens(generator, QUERIES), some_tokens(generator)
    turned, still = rotary(x, source), plain(x, source)
    torch.testing.assert_close(turned.query, rotate(still.query, torch.arange(QUERIES)))
    torch.testing.assert_close(turned.key, rotate(still.key, torch.arange(KEYS)))
    torch.testing.assert_close(turned.value, still.value)


def test_rotary_attention_depends_on_distances_only(generator: torch.Generator):
    layer = some_heads(generator, rotary=True)
    x = some_tokens(generator)
    for before in (1, 30):
        later = torch.cat([some_tokens(generator, before), x], dim=1)
        attended = layer(later, mask=torch.arange(before + KEYS).expand(1, -1) >= before)
        torch.testing.assert_close(attended.output[:, before:], layer(x).output)
    apart = torch.cat([x[:, :2], some_tokens(generator, 1), x[:, 2:]], dim=1)
    attended = layer(apart, mask=torch.arange(KEYS + 1).expand(1, -1) != 2)
    assert (attended.output[:, 0] - layer(x).output[:, 0]).abs().max() > 1e-3


def test_rotary_attention_keeps_its_precision(generator: torch.Generator):
    layer = some_heads(generator, rotary=True)
    x = some_tokens(generator)
    expected = layer(x).output
    output = layer.float()(x.float()).output
    assert output.dtype == torch.float32
    torch.testing.assert_close(output, expected.float())


def test_rotary_heads_of_odd_size_get_a_line():
    message = r"^rotary positions turn pairs of numbers: a head's size must be even$"
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(9, HEADS, rotary=True)


def test_rotary_attention_knows_where_its_tokens_stand(generator: torch.Generator):
    layer, order = some_heads(generator, rotary=True), torch.tensor([3, 0, 4, 1, 2])
    assert equivariance_error(lambda tokens: layer(tokens).output, some_tokens(generator), order) > 0.01
