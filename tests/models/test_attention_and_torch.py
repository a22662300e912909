"""Attention equals PyTorch's, in outputs, weights and gradients. PyTorch's layer has masks that hide."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_lib.models.attention import (
    MultiHeadAttention,
    causal_mask,
    from_torch,
    multi_head_attention,
    scaled_dot_product_attention,
)
from tests.models.test_recurrent_and_torch import (
    assert_close,
    assert_gradients_close,
    each_precision,
    each_seed,
)

BATCH, HEADS, QUERIES, KEYS, D_K, D_V = 2, 3, 4, 5, 6, 7
D_MODEL = 24


def some_mask(*shape: int) -> Tensor:
    """Random booleans; of each row one at least is true."""
    mask = torch.rand(shape) < 0.5
    return mask.scatter(-1, torch.randint(shape[-1], (*shape[:-1], 1)), True)


def padding(batch: int, keys: int) -> Tensor:
    """Sequences of unequal lengths, the first the longest: a row each, false where there is padding."""
    lengths = torch.arange(keys, keys - batch, -1)
    return torch.arange(keys) < lengths[:, None]


@each_precision
@each_seed
@pytest.mark.parametrize(
    "shape",
    [None, (QUERIES, KEYS), (BATCH, 1, 1, KEYS), (BATCH, 1, QUERIES, KEYS), (BATCH, HEADS, QUERIES, KEYS)],
    ids=str,
)
@pytest.mark.parametrize("scale", [None, 0.3])
def test_function_equals_torch(
    shape: tuple[int, ...] | None, scale: float | None, seed: int, dtype: torch.dtype, tolerance: float
):
    """PyTorch's function returns no weights: they are what is read of the identity."""
    torch.manual_seed(seed)
    mask = None if shape is None else some_mask(*shape)
    sizes = ((QUERIES, D_K), (KEYS, D_K), (KEYS, D_V))
    query, key, value = sources = [
        torch.randn(BATCH, HEADS, *size, dtype=dtype, requires_grad=True) for size in sizes
    ]
    ours = torch.cat(scaled_dot_product_attention(query, key, value, mask, scale), dim=-1)
    identity = torch.eye(KEYS, dtype=dtype).expand(BATCH, HEADS, KEYS, KEYS)
    values = torch.cat([value, identity], dim=-1)
    theirs = functional.scaled_dot_product_attention(query, key, values, mask, scale=scale)
    assert_close(ours, theirs, tolerance)
    assert_gradients_close((ours, sources), (theirs, sources), tolerance)


def test_causal_mask_equals_torch(generator: torch.Generator):
    query, key, value = torch.randn(3, BATCH, KEYS, D_K, generator=generator)
    output, _ = scaled_dot_product_attention(query, key, value, causal_mask(KEYS))
    expected = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(output, expected)


def torch_layer(dtype: torch.dtype, seed: int) -> nn.MultiheadAttention:
    """A layer whose biases are not zero, as PyTorch draws them."""
    torch.manual_seed(seed)
    layer = nn.MultiheadAttention(D_MODEL, HEADS, batch_first=True, dtype=dtype)
    for bias in (layer.in_proj_bias, layer.out_proj.bias):
        nn.init.normal_(bias)
    return layer


def torch_weights(layer: nn.MultiheadAttention) -> list[Tensor]:
    """The parameters in the order of ours."""
    return [layer.in_proj_weight, layer.in_proj_bias, layer.out_proj.weight, layer.out_proj.bias]


def assert_layers_equal(
    theirs: nn.MultiheadAttention,
    x: Tensor,
    source: Tensor | None,
    mask: Tensor | None,
    tolerance: float,
    **masks: Any,
):
    """Compare outputs, weights of all heads, and gradients by inputs and parameters."""
    ours = from_torch(theirs)
    attended = ours(x, source, mask)
    inputs = [x] if source is None else [x, source]
    output, weights = theirs(x, inputs[-1], inputs[-1], average_attn_weights=False, **masks)
    assert_close(attended.output, output, tolerance)
    assert_close(attended.weights, weights, tolerance)
    assert_gradients_close(
        (
            torch.cat([attended.output.flatten(), attended.weights.flatten()]),
            inputs + list(ours.parameters()),
        ),
        (torch.cat([output.flatten(), weights.flatten()]), inputs + torch_weights(theirs)),
        tolerance,
    )


@each_precision
@each_seed
@pytest.mark.parametrize("batch", [1, BATCH])
@pytest.mark.parametrize("causal", [False, True], ids=["all", "causal"])
@pytest.mark.parametrize("padded", [False, True], ids=["full", "padded"])
def test_self_attention_equals_torch(
    batch: int, causal: bool, padded: bool, seed: int, dtype: torch.dtype, tolerance: float
):
    theirs = torch_layer(dtype, seed)
    x = torch.randn(batch, KEYS, D_MODEL, dtype=dtype, requires_grad=True)
    past, real = causal_mask(KEYS), padding(batch, KEYS)
    masks = ([past] if causal else []) + ([real[:, None, None]] if padded else [])
    mask = None if not masks else masks[0] if len(masks) == 1 else masks[0] & masks[1]
    options = {"attn_mask": ~past if causal else None, "key_padding_mask": ~real if padded else None}
    assert_layers_equal(theirs, x, None, mask, tolerance, **options)


@each_precision
@each_seed
@pytest.mark.parametrize("batch", [1, BATCH])
@pytest.mark.parametrize("masked", ["nothing", "padding", "pairs", "pairs of each head"])
def test_cross_attention_equals_torch(
    batch: int, masked: str, seed: int, dtype: torch.dtype, tolerance: float
):
    theirs = torch_layer(dtype, seed)
    x, source = (
        torch.randn(batch, steps, D_MODEL, dtype=dtype, requires_grad=True) for steps in (QUERIES, KEYS)
    )
    mask, options = None, {}
    if masked == "padding":
        real = padding(batch, KEYS)
        mask, options = real[:, None, None], {"key_padding_mask": ~real}
    elif masked == "pairs":
        mask = some_mask(QUERIES, KEYS)
        options = {"attn_mask": ~mask}
    elif masked == "pairs of each head":
        mask = some_mask(batch, HEADS, QUERIES, KEYS)
        options = {"attn_mask": ~mask.flatten(end_dim=1)}
    assert_layers_equal(theirs, x, source, mask, tolerance, **options)


def test_function_of_all_heads_equals_torch_without_biases():
    theirs = torch_layer(torch.float64, seed=0)
    for bias in (theirs.in_proj_bias, theirs.out_proj.bias):
        nn.init.zeros_(bias)
    x = torch.randn(BATCH, KEYS, D_MODEL)
    query, key, value = theirs.in_proj_weight.chunk(3)
    for mask in (None, some_mask(KEYS, KEYS)):
        ours = multi_head_attention(x, query, key, value, theirs.out_proj.weight, HEADS, mask)
        assert_close(ours, theirs(x, x, x, attn_mask=None if mask is None else ~mask)[0], 1e-12)


@pytest.mark.parametrize(
    "options",
    [{"bias": False}, {"kdim": 8}, {"vdim": 8}, {"add_bias_kv": True}, {"add_zero_attn": True}],
    ids=str,
)
def test_other_torch_layers_are_refused(options: dict[str, Any]):
    layer = nn.MultiheadAttention(D_MODEL, HEADS, batch_first=True, **options)
    with pytest.raises(ValueError, match=r"^only a layer with one size, with biases and without additional"):
        from_torch(layer)


def test_copies_are_independent():
    theirs = torch_layer(torch.float64, seed=0)
    ours = from_torch(theirs)
    assert isinstance(ours, MultiHeadAttention)
    assert (ours.heads, ours.d_model, ours.d_out) == (HEADS, D_MODEL, D_MODEL)
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.zero_()
    assert all((weight != 0).all() and weight.requires_grad for weight in ours.parameters())
