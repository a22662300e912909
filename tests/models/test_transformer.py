"""Layers and stacks of the Transformer: parts that can go, padding that doesn't leak, step by step."""

from itertools import combinations

import pytest
import torch
from torch import Tensor, nn

from course_lib.models.attention import causal_mask
from course_lib.models.transformer import (
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    LayerTrace,
    Norm,
    Part,
    Transformer,
    feed_forward,
    layer_norm,
    make_decoder,
    make_encoder,
    padding_mask,
)

BATCH, SOURCE, TARGET, D_MODEL, HEADS, HIDDEN = 3, 6, 4, 12, 2, 10
SIZES = (D_MODEL, HEADS, HIDDEN)
LENGTHS = [6, 1, 4]
MASK = padding_mask(torch.tensor(LENGTHS), SOURCE)

each_order = pytest.mark.parametrize("norm", ["pre", "post"])


@pytest.fixture
def source(generator: torch.Generator) -> Tensor:
    return torch.randn(BATCH, SOURCE, D_MODEL, generator=generator)


@pytest.fixture
def target(generator: torch.Generator) -> Tensor:
    return torch.randn(BATCH, TARGET, D_MODEL, generator=generator)


def rough(module: nn.Module) -> nn.Module:
    """Move biases, which start at 0, and gains, which start at 1, so that they show."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in module.parameters():
            if weight.ndim == 1:
                weight.add_(0.5 * torch.randn(weight.shape, generator=generator))
    return module


def encoder_of(layers: int, generator: torch.Generator, **options) -> Encoder:
    made = make_encoder(layers, *SIZES, generator, **options)
    rough(made)
    return made


def decoder_of(layers: int, generator: torch.Generator, **options) -> Decoder:
    made = make_decoder(layers, *SIZES, generator, **options)
    rough(made)
    return made


# the functions


def test_padding_mask_is_true_at_the_first_steps():
    expected = [[True] * length + [False] * (SOURCE - length) for length in (6, 0, 4)]
    assert padding_mask(torch.tensor([6, 0, 4]), SOURCE).tolist() == expected


def test_layer_norm_brings_every_vector_to_mean_0_and_variance_1(source: Tensor):
    ones, zeros = torch.ones(D_MODEL), torch.zeros(D_MODEL)
    normed = layer_norm(7 + 20 * source, ones, zeros)
    torch.testing.assert_close(normed.mean(dim=-1), torch.zeros(BATCH, SOURCE))
    torch.testing.assert_close(normed.var(dim=-1, correction=0), torch.ones(BATCH, SOURCE), rtol=0, atol=1e-6)
    gain, bias = torch.linspace(1, 2, D_MODEL), torch.linspace(-1, 1, D_MODEL)
    torch.testing.assert_close(layer_norm(7 + 20 * source, gain, bias), normed * gain + bias)


def test_layer_norm_of_equal_numbers_is_the_bias():
    bias = torch.linspace(-1, 1, 4)
    torch.testing.assert_close(layer_norm(torch.full((2, 4), 5.0), torch.ones(4), bias), bias.expand(2, 4))


def test_feed_forward_of_hand_chosen_weights_tells_which_of_two_bits_is_set():
    bits = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    hidden, bias = torch.ones(2, 2), torch.tensor([0.0, -1.0])  # how many are set; how many beyond one
    exclusive = feed_forward(bits, hidden, bias, torch.tensor([[1.0, -2.0]]).expand(2, 2), torch.zeros(2))
    assert exclusive[:, 0].tolist() == [0, 1, 1, 0]


# one layer


@each_order
def test_an_encoder_layer_is_its_parts(norm: Norm, source: Tensor, generator: torch.Generator):
    layer = EncoderLayer(*SIZES, generator, norm=norm)
    rough(layer)
    trace = layer(source, MASK[:, None, None])
    if norm == "pre":
        read = layer.attention(layer.norm_attention(source), mask=MASK[:, None, None])
        between = source + read.output
        thought = layer.feed_forward(layer.norm_feed_forward(between))
        output = between + thought
    else:
        read = layer.attention(source, mask=MASK[:, None, None])
        between = layer.norm_attention(source + read.output)
        thought = layer.feed_forward(between)
        output = layer.norm_feed_forward(between + thought)
    torch.testing.assert_close(trace.attended.weights, read.weights)
    for got, expected in ((trace.between, between), (trace.thought, thought), (trace.output, output)):
        torch.testing.assert_close(got, expected)
    assert trace.crossed is None


@each_order
def test_a_decoder_layer_is_its_parts(norm: Norm, source: Tensor, target: Tensor, generator: torch.Generator):
    layer = DecoderLayer(*SIZES, generator, norm=norm)
    rough(layer)
    trace = layer(target, source, MASK)
    norms = layer.norm_attention, layer.norm_cross_attention, layer.norm_feed_forward

    def attend(x: Tensor) -> Tensor:
        return layer.attention(x, mask=causal_mask(TARGET)).output

    def cross(x: Tensor) -> Tensor:
        return layer.cross_attention(x, source, MASK[:, None, None]).output

    between = x = target
    for part, part_norm in zip((attend, cross, layer.feed_forward), norms, strict=True):
        between = x
        x = x + part(part_norm(x)) if norm == "pre" else part_norm(x + part(x))
    torch.testing.assert_close(trace.between, between)
    torch.testing.assert_close(trace.output, x)
    assert trace.crossed is not None
    assert trace.crossed.weights.shape == (BATCH, HEADS, TARGET, SOURCE)
    assert (trace.crossed.weights[1, :, :, 1:] == 0).all()
    assert (trace.attended.weights == trace.attended.weights.tril()).all()


def test_parts_can_go(source: Tensor, generator: torch.Generator):
    layer = EncoderLayer(*SIZES, generator)
    rough(layer)

    def read(x: Tensor) -> Tensor:
        return layer.attention(x).output

    def run(*without: Part, norm: Norm = "pre") -> LayerTrace:
        changed = EncoderLayer(*SIZES, norm=norm, without=without)
        changed.load_state_dict(layer.state_dict())
        return changed(source)

    norm_1, norm_2, think = layer.norm_attention, layer.norm_feed_forward, layer.feed_forward
    without_feed_forward = run("feed_forward")
    torch.testing.assert_close(without_feed_forward.output, source + read(norm_1(source)))
    torch.testing.assert_close(without_feed_forward.between, without_feed_forward.output)
    assert without_feed_forward.thought is None
    torch.testing.assert_close(run("residual").output, think(norm_2(read(norm_1(source)))))
    for norm in ("pre", "post"):
        between = source + read(source)
        torch.testing.assert_close(run("norm", norm=norm).output, between + think(between))
        torch.testing.assert_close(run("norm", "residual", norm=norm).output, think(read(source)))
        torch.testing.assert_close(run("norm", "feed_forward", norm=norm).output, between)
    torch.testing.assert_close(run("residual", norm="post").output, norm_2(think(norm_1(read(source)))))
    torch.testing.assert_close(run("feed_forward", norm="post").output, norm_1(source + read(source)))
    torch.testing.assert_close(run("residual", "norm", "feed_forward").output, read(source))


def test_every_choice_of_parts_makes_another_layer(source: Tensor, generator: torch.Generator):
    parts: tuple[Part, ...] = ("residual", "norm", "feed_forward")
    state = rough(EncoderLayer(*SIZES, generator)).state_dict()
    outputs = []
    for count in range(4):
        for without in combinations(parts, count):
            layer = EncoderLayer(*SIZES, without=without)
            layer.load_state_dict(state)
            outputs.append(layer(source).output)
    assert all(not torch.allclose(one, other, atol=1e-3) for one, other in combinations(outputs, 2))


def test_layers_start_as_drawn():
    first, same, other = (
        EncoderLayer(*SIZES, torch.Generator().manual_seed(seed)).state_dict() for seed in (1, 1, 2)
    )
    for name, weight in first.items():
        assert torch.equal(weight, same[name])
        if weight.ndim == 2:
            assert not torch.equal(weight, other[name])
            assert weight.abs().max() <= (6 / sum(weight.shape)) ** 0.5
        else:
            assert (weight == (1 if name.endswith("gain") else 0)).all()


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("kind", [EncoderLayer, DecoderLayer])
def test_what_there_is_not_is_refused(kind: type[EncoderLayer] | type[DecoderLayer]):
    with pytest.raises(ValueError, match="no part is called dropout: residual, norm, feed_forward can go"):
        kind(*SIZES, without=("norm", "dropout"))  # pyrefly: ignore
    with pytest.raises(ValueError, match="norm is 'pre' or 'post', not 'both'"):
        kind(*SIZES, norm="both")  # pyrefly: ignore
    with pytest.raises(ValueError, match="12 numbers can't be divided among 5 heads"):
        kind(D_MODEL, 5, HIDDEN)


# stacks


@each_order
def test_a_stack_runs_its_layers_and_keeps_what_they_computed(
    norm: Norm, source: Tensor, target: Tensor, generator: torch.Generator
):
    stack, writer = encoder_of(3, generator, norm=norm), decoder_of(2, generator, norm=norm)
    traces = stack(source, MASK[:, None, None]), writer(target, source, MASK)
    for layers, trace, x, arguments in (
        (stack.layers, traces[0], source, (MASK[:, None, None],)),
        (writer.layers, traces[1], target, (source, MASK)),
    ):
        torch.testing.assert_close(trace.stream[0], x)
        assert len(trace.layers) == len(layers) == len(trace.stream) - 1
        for layer, inner, after in zip(layers, trace.layers, trace.stream[1:], strict=True):
            x = layer(x, *arguments).output
            torch.testing.assert_close(inner.output, x)
            torch.testing.assert_close(after, x)
    for made, trace in ((stack, traces[0]), (writer, traces[1])):
        assert (made.norm is None) == (norm == "post")
        last = trace.stream[-1] if made.norm is None else made.norm(trace.stream[-1])
        torch.testing.assert_close(trace.output, last)


def test_with_rotary_positions_a_stack_knows_the_order(source: Tensor, generator: torch.Generator):
    order = torch.randperm(SOURCE, generator=generator)
    for rotary in (False, True):
        stack = encoder_of(2, generator, rotary=rotary)
        moved = (stack(source[:, order]).output - stack(source).output[:, order]).abs().max()
        assert (moved > 1e-3) == rotary


def test_without_norms_there_is_none_at_the_end(generator: torch.Generator):
    assert encoder_of(1, generator, without=("norm",)).norm is None
    assert decoder_of(1, generator, without=("norm",)).norm is None


def test_a_transformer_hands_the_encoders_output_to_the_decoder(
    source: Tensor, target: Tensor, generator: torch.Generator
):
    model = Transformer(encoder_of(2, generator), decoder_of(3, generator))
    encoded, decoded = model(source, target, MASK)
    memory = model.encoder(source, MASK[:, None, None]).output
    torch.testing.assert_close(encoded.output, memory)
    torch.testing.assert_close(decoded.output, model.decoder(target, memory, MASK).output)


@each_order
def test_padding_does_not_leak(norm: Norm, source: Tensor, target: Tensor, generator: torch.Generator):
    model = Transformer(encoder_of(2, generator, norm=norm), decoder_of(2, generator, norm=norm))
    other = torch.where(MASK[..., None], source, 1e3 * torch.randn(source.shape, generator=generator))
    (encoded, decoded), (encoded_2, decoded_2) = model(source, target, MASK), model(other, target, MASK)
    assert torch.equal(encoded.output[MASK], encoded_2.output[MASK])
    assert torch.equal(decoded.output, decoded_2.output)
    unmasked = model(source, target)[1].output - model(other, target)[1].output
    assert unmasked[1:].abs().amax(dim=(1, 2)).min() > 1e-3  # the first row has no padding
    for row, length in enumerate(LENGTHS):
        alone, written = model(source[row : row + 1, :length], target[row : row + 1])
        torch.testing.assert_close(encoded.output[row, :length], alone.output[0])
        torch.testing.assert_close(decoded.output[row], written.output[0])


@each_order
def test_no_gradient_reaches_padding(norm: Norm, source: Tensor, generator: torch.Generator):
    source.requires_grad_()
    output = encoder_of(2, generator, norm=norm)(source, MASK[:, None, None]).output
    output[MASK].square().sum().backward()
    assert source.grad is not None
    assert (source.grad[~MASK] == 0).all()
    assert (source.grad[MASK].norm(dim=-1) > 0).all()


def test_a_source_that_is_all_padding_gives_numbers(source: Tensor, generator: torch.Generator):
    mask = padding_mask(torch.tensor([0, 3, 6]), SOURCE)
    assert encoder_of(2, generator)(source, mask[:, None, None]).output.isfinite().all()


# step by step


@each_order
@pytest.mark.parametrize("rotary", [False, True])
@pytest.mark.parametrize("cut", [1, 3])
def test_an_encoder_goes_on_from_its_past(
    norm: Norm, rotary: bool, cut: int, source: Tensor, generator: torch.Generator
):
    stack = encoder_of(2, generator, norm=norm, rotary=rotary)
    mask = causal_mask(SOURCE)
    whole = stack(source, mask)
    past, outputs = None, []
    for start in range(0, SOURCE, cut):
        end = start + cut
        trace = stack(source[:, start:end], mask[start:end, :end], past)
        past = trace.past
        outputs.append(trace.output)
    torch.testing.assert_close(torch.cat(outputs, dim=1), whole.output)
    for layer, expected in zip(past or [], whole.past, strict=True):
        torch.testing.assert_close(layer.own.key, expected.own.key)
        torch.testing.assert_close(layer.own.value, expected.own.value)


@each_order
@pytest.mark.parametrize("cut", [1, 2])
@pytest.mark.parametrize("mask", [None, MASK], ids=["full", "padded"])
def test_a_decoder_goes_on_from_its_past(
    norm: Norm, cut: int, mask: Tensor | None, source: Tensor, target: Tensor, generator: torch.Generator
):
    stack = decoder_of(2, generator, norm=norm)
    whole = stack(target, source, mask).output
    past, outputs = None, []
    for start in range(0, TARGET, cut):
        trace = stack(target[:, start : start + cut], source, mask, past=past)
        past = trace.past
        outputs.append(trace.output)
    torch.testing.assert_close(torch.cat(outputs, dim=1), whole)


def test_with_a_past_the_memory_is_not_read_again(source: Tensor, target: Tensor, generator: torch.Generator):
    stack = decoder_of(2, generator)
    past = stack(target[:, :1], source, MASK).past
    expected = stack(target[:, 1:], source, MASK, past=past).output
    torch.testing.assert_close(stack(target[:, 1:], 7 + 0 * source, MASK, past=past).output, expected)


def test_rows_of_a_past_can_be_picked(source: Tensor, target: Tensor, generator: torch.Generator):
    rows = torch.tensor([2, 0, 2, 1])
    writer = decoder_of(2, generator)
    past = [layer.pick(rows) for layer in writer(target[:, :2], source, MASK).past]
    picked = writer(target[rows, 2:], source[rows], MASK[rows], past=past).output
    torch.testing.assert_close(picked, writer(target, source, MASK).output[rows, 2:])
    reader = encoder_of(2, generator)
    first = [layer.pick(rows) for layer in reader(source[:, :2]).past]
    assert all(layer.memory is None and layer.own.key.shape[0] == 4 for layer in first)


def test_without_the_mask_a_decoder_reads_the_future(
    source: Tensor, target: Tensor, generator: torch.Generator
):
    stack = decoder_of(1, generator)
    other = torch.cat([target[:, :-1], -target[:, -1:]], dim=1)
    assert torch.equal(stack(target, source).output[:, :-1], stack(other, source).output[:, :-1])
    reads = stack(target, source, causal=False).output[:, 0] - stack(other, source, causal=False).output[:, 0]
    assert reads.abs().amax(dim=-1).min() > 1e-3


def test_a_past_of_another_stack_is_refused(source: Tensor, generator: torch.Generator):
    past = encoder_of(2, generator)(source).past
    with pytest.raises(ValueError, match="give a past for each of the 3 layers, not 2"):
        encoder_of(3, generator)(source, past=past)
