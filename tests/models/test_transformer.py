"""Layers, stacks and whole Transformers: equal to PyTorch's, step by step equal to all at once, no leaks."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_lib.models import transformer_weights
from course_lib.models.attention import causal_mask
from course_lib.models.transformer import (
    DecoderLayer,
    Encoder,
    EncoderLayer,
    Norm,
    decoder,
    encoder,
    feed_forward,
    layer_norm,
    padding_mask,
)

BATCH, SOURCE, TARGET, SIZE, HEADS, HIDDEN = 3, 5, 7, 12, 2, 20
LENGTHS = torch.tensor([5, 2, 4])
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-6}
DTYPES = pytest.mark.parametrize("dtype", TOLERANCE)
NORM_FIRST = pytest.mark.parametrize("norm_first", [False, True])


@torch.no_grad()
def randomise(module: nn.Module) -> None:
    """Draw also what starts at 0 or 1: a swapped norm or a forgotten bias must show."""
    for parameter in module.parameters():
        if parameter.ndim == 1:
            parameter.normal_(1.0, 0.3)


def drawn(generator: torch.Generator, dtype: torch.dtype, steps: int) -> Tensor:
    return torch.randn(BATCH, steps, SIZE, generator=generator).to(dtype).requires_grad_()


def assert_same(ours: Tensor, theirs: Tensor, real: Tensor, dtype: torch.dtype, *pairs: tuple) -> None:
    """Compare outputs where they are real, and the gradients of a loss in them by pairs of tensors."""
    torch.testing.assert_close(ours[real], theirs[real], rtol=0, atol=10 * TOLERANCE[dtype])
    mine, other = zip(*pairs, strict=True)
    gradients = [
        torch.autograd.grad(output[real].square().mean(), tensors)
        for output, tensors in ((ours, mine), (theirs, other))
    ]
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=10 * TOLERANCE[dtype])


@DTYPES
@NORM_FIRST
def test_an_encoder_layer_is_pytorchs(dtype: torch.dtype, norm_first: bool, generator: torch.Generator):
    theirs = nn.TransformerEncoderLayer(
        SIZE, HEADS, HIDDEN, 0.0, batch_first=True, norm_first=norm_first, dtype=dtype
    )
    randomise(theirs)
    ours = transformer_weights.encoder_layer(theirs)
    x, mask = drawn(generator, dtype, SOURCE), padding_mask(LENGTHS, SOURCE)
    assert_same(
        ours(x, mask[:, None, None]).output,
        theirs(x, src_key_padding_mask=~mask),
        mask,
        dtype,
        (x, x),
        (ours.attention.weight_input, theirs.self_attn.in_proj_weight),
        (ours.feed_forward.weight_hidden, theirs.linear1.weight),
        (ours.norm_attention.gain, theirs.norm1.weight),
        (ours.norm_feed_forward.bias, theirs.norm2.bias),
    )


@DTYPES
@NORM_FIRST
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_a_whole_transformer_is_pytorchs(dtype: torch.dtype, norm_first: bool, generator: torch.Generator):
    theirs = nn.Transformer(
        SIZE, HEADS, 2, 3, HIDDEN, 0.0, batch_first=True, norm_first=norm_first, dtype=dtype
    )
    randomise(theirs)
    ours = transformer_weights.transformer(theirs)
    source, target = drawn(generator, dtype, SOURCE), drawn(generator, dtype, TARGET)
    mask = padding_mask(LENGTHS, SOURCE)
    expected = theirs(
        source,
        target,
        tgt_mask=~causal_mask(TARGET),
        src_key_padding_mask=~mask,
        memory_key_padding_mask=~mask,
    )
    last, first = ours.decoder.layers[-1], ours.encoder.layers[0]
    assert isinstance(last, DecoderLayer)
    assert isinstance(first, EncoderLayer)
    last_theirs, first_theirs = theirs.decoder.layers[-1], theirs.encoder.layers[0]
    assert isinstance(last_theirs, nn.TransformerDecoderLayer)
    assert isinstance(first_theirs, nn.TransformerEncoderLayer)
    assert_same(
        ours(source, target, mask)[1].output,
        expected,
        torch.ones(BATCH, TARGET, dtype=torch.bool),
        dtype,
        (source, source),
        (target, target),
        (last.cross_attention.weight_input, last_theirs.multihead_attn.in_proj_weight),
        (last.norm_cross_attention.gain, last_theirs.norm2.weight),
        (first.norm_attention.gain, first_theirs.norm1.weight),
    )


@pytest.mark.parametrize("width", [3, 8])
def test_layer_norm_is_pytorchs_with_epsilon_under_the_root(width: int, generator: torch.Generator):
    x = 1e-3 * torch.randn(4, 2, width, generator=generator)  # small: epsilon counts
    gain, bias = torch.randn(2, width, generator=generator)
    expected = nn.functional.layer_norm(x, (width,), gain, bias)
    torch.testing.assert_close(layer_norm(x, gain, bias), expected, rtol=0, atol=1e-12)


def test_a_feed_forward_network_treats_each_vector_by_itself(generator: torch.Generator):
    sizes = ((HIDDEN, SIZE), (HIDDEN,), (SIZE, HIDDEN), (SIZE,))
    parameters = [torch.randn(size, generator=generator) for size in sizes]
    x = torch.randn(2, 4, SIZE, generator=generator)
    hidden = (x[1, 2] @ parameters[0].T + parameters[1]).clamp(min=0)
    expected = hidden @ parameters[2].T + parameters[3]
    torch.testing.assert_close(feed_forward(x, *parameters)[1, 2], expected, rtol=0, atol=1e-12)


def test_padding_masks_are_true_where_tokens_stand():
    assert padding_mask(torch.tensor([2, 0]), 3).tolist() == [[True, True, False], [False] * 3]


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_padding_does_not_leak(norm: Norm, generator: torch.Generator):
    stack, mask = encoder(2, SIZE, HEADS, HIDDEN, generator, norm=norm), padding_mask(LENGTHS, SOURCE)
    x = torch.randn(BATCH, SOURCE, SIZE, generator=generator)
    changed = torch.where(mask[:, :, None], x, torch.randn(x.shape, generator=generator))
    outputs = [stack(tokens, mask[:, None, None]).output[mask] for tokens in (x, changed)]
    torch.testing.assert_close(*outputs, rtol=0, atol=1e-12)
    leaking = [stack(tokens).output[mask] for tokens in (x, changed)]
    assert (leaking[0] - leaking[1]).abs().max() > 0.1


def stepwise(run: Callable, x: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Outputs of tokens that are handed over a few at a time, with the past of those before."""
    past, outputs = None, []
    for part in x.split(list(sizes), dim=1):
        trace = run(part, past)
        past = trace.past
        outputs.append(trace.output)
    return torch.cat(outputs, dim=1)


def test_a_decoder_with_its_past_computes_the_same(generator: torch.Generator):
    stack, mask = decoder(2, SIZE, HEADS, HIDDEN, generator), padding_mask(LENGTHS, SOURCE)
    memory = torch.randn(BATCH, SOURCE, SIZE, generator=generator)
    x = torch.randn(BATCH, TARGET, SIZE, generator=generator)
    steps = stepwise(lambda part, past: stack(part, memory, mask, past), x, (1, 1, 2, 3))
    torch.testing.assert_close(steps, stack(x, memory, mask).output, rtol=0, atol=1e-12)
    keys = stack(x[:, :1], memory, mask).past[0].memory.key
    assert keys.shape == (BATCH, HEADS, SOURCE, SIZE // HEADS)


@pytest.mark.parametrize("rotary", [False, True])
def test_a_causal_encoder_with_its_past_computes_the_same(rotary: bool, generator: torch.Generator):
    stack = encoder(2, SIZE, HEADS, HIDDEN, generator, rotary=rotary)
    x = torch.randn(BATCH, TARGET, SIZE, generator=generator)
    steps = stepwise(lambda part, past: stack(part, past=past), x, (1,) * TARGET)
    torch.testing.assert_close(steps, stack(x, causal_mask(TARGET)).output, rtol=0, atol=1e-12)


def test_rows_of_a_past_can_be_picked(generator: torch.Generator):
    stack = decoder(1, SIZE, HEADS, HIDDEN, generator)
    memory, x = (torch.randn(BATCH, steps, SIZE, generator=generator) for steps in (SOURCE, 2))
    rows = torch.tensor([2, 0, 2, 1])
    past = [layer.pick(rows) for layer in stack(x[:, :1], memory).past]
    going_on = stack(x[rows, 1:], memory[rows], past=past).output
    torch.testing.assert_close(going_on, stack(x, memory).output[rows, 1:], rtol=0, atol=1e-12)


def test_parts_can_be_left_out(generator: torch.Generator):
    x = torch.randn(BATCH, SOURCE, SIZE, generator=generator)
    bare = EncoderLayer(SIZE, HEADS, HIDDEN, generator, without=("residual", "norm", "feed_forward"))
    torch.testing.assert_close(bare(x).output, bare.attention(x).output, rtol=0, atol=0)
    added = EncoderLayer(SIZE, HEADS, HIDDEN, generator, without=("norm", "feed_forward"))
    torch.testing.assert_close(added(x).output, x + added.attention(x).output, rtol=0, atol=0)


def test_a_stack_keeps_its_stream_and_ends_in_a_norm_if_it_is_pre(generator: torch.Generator):
    x = torch.randn(BATCH, SOURCE, SIZE, generator=generator)
    pre, post = (encoder(3, SIZE, HEADS, HIDDEN, generator, norm=norm)(x) for norm in ("pre", "post"))
    assert len(pre.stream) == 4
    assert pre.stream[0] is x
    assert post.output is post.stream[-1]
    assert pre.output is not pre.stream[-1]
    torch.testing.assert_close(pre.output.mean(dim=-1), torch.zeros(BATCH, SOURCE), rtol=0, atol=1e-12)


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_does_not_exist_is_refused():
    wrong: dict[str, Any] = {"without": ("dropout",), "norm": "first"}
    with pytest.raises(ValueError, match="no part is called dropout"):
        EncoderLayer(SIZE, HEADS, HIDDEN, without=wrong["without"])
    with pytest.raises(ValueError, match="norm is 'pre' or 'post', not 'first'"):
        EncoderLayer(SIZE, HEADS, HIDDEN, norm=wrong["norm"])
    with pytest.raises(ValueError, match="only a layer of ReLU units"):
        transformer_weights.encoder_layer(nn.TransformerEncoderLayer(SIZE, HEADS, HIDDEN, activation="gelu"))
    with pytest.raises(ValueError, match="longer than"):
        Encoder([EncoderLayer(SIZE, HEADS, HIDDEN)])(torch.zeros(1, 2, SIZE), past=[None, None])
