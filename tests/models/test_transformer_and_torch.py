"""The Transformer's parts and the whole equal PyTorch's, in outputs and in all gradients."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_lib.models import transformer_weights as weights
from course_lib.models.transformer import LayerNorm, layer_norm, padding_mask

BATCH, SOURCE, TARGET, D_MODEL, HEADS, HIDDEN = 3, 6, 5, 12, 4, 10
LENGTHS = torch.tensor([6, 1, 4])
MASK = padding_mask(LENGTHS, SOURCE)
FUTURE = nn.Transformer.generate_square_subsequent_mask(TARGET, dtype=torch.float64) < 0
"""True where PyTorch must not look: its masks of booleans mean the opposite of ours."""

each_order = pytest.mark.parametrize("norm_first", [True, False], ids=["pre", "post"])
each_padding = pytest.mark.parametrize("mask", [None, MASK], ids=["full", "padded"])
each_precision = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)], ids=["float32", "float64"]
)


def randomised(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Give every parameter, also biases and norms, random values of a usual size."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) / weight.shape[-1] ** 0.5)
            if weight.ndim == 1:
                weight.mul_(2).add_(0.3)
    return module.to(dtype)


def draw(steps: int, dtype: torch.dtype, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(BATCH, steps, D_MODEL, generator=generator).to(dtype).requires_grad_()


def options(norm_first: bool) -> dict[str, Any]:
    return {"dim_feedforward": HIDDEN, "dropout": 0.0, "batch_first": True, "norm_first": norm_first}


def as_attention_mask(mask: Tensor | None) -> Tensor | None:
    return None if mask is None else mask[:, None, None]


def as_torch_mask(mask: Tensor | None) -> Tensor | None:
    return None if mask is None else ~mask


def assert_close(ours: Tensor, theirs: Tensor, tolerance: float):
    """Compare to a tolerance that counts from 1 or, where there are larger values, from the largest."""
    assert ours.dtype == theirs.dtype
    scale = max(1.0, theirs.abs().max().item())
    torch.testing.assert_close(ours, theirs, atol=tolerance * scale, rtol=0)


def assert_equal_with_gradients(
    ours: tuple[nn.Module, Tensor], theirs: tuple[nn.Module, Tensor], inputs: list[Tensor], tolerance: float
):
    """Compare outputs, and the gradients of one random sum of them by the inputs and by all parameters."""
    (our_module, output), (their_module, expected) = ours, theirs
    assert_close(output, expected, tolerance)
    direction = torch.randn(output.shape, generator=torch.Generator().manual_seed(1)).to(output.dtype)
    names, parameters = zip(*our_module.named_parameters(), strict=True)
    assert len(names) == len(list(their_module.parameters()))
    twins = [twin(parameter, their_module) for parameter in parameters]
    gradients = torch.autograd.grad((output * direction).sum(), [*inputs, *parameters])
    expected_gradients = torch.autograd.grad((expected * direction).sum(), [*inputs, *twins])
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        assert_close(gradient, expected_gradient, tolerance)


def twin(parameter: Tensor, module: nn.Module) -> Tensor:
    """The parameter of the other module that ours was copied from: no two have the same random values."""
    (found,) = (other for other in module.parameters() if torch.equal(other, parameter))
    return found


@each_order
@each_padding
@each_precision
def test_an_encoder_layer(norm_first: bool, mask: Tensor | None, dtype: torch.dtype, tolerance: float):
    theirs = nn.TransformerEncoderLayer(D_MODEL, HEADS, **options(norm_first))
    randomised(theirs, dtype)
    ours = weights.encoder_layer(theirs)
    x = draw(SOURCE, dtype, 0)
    output = ours(x, as_attention_mask(mask)).output
    expected = theirs(x, src_key_padding_mask=as_torch_mask(mask))
    assert_equal_with_gradients((ours, output), (theirs, expected), [x], tolerance)


@each_order
@each_padding
@pytest.mark.parametrize("causal", [True, False])
@each_precision
def test_a_decoder_layer(
    norm_first: bool, mask: Tensor | None, causal: bool, dtype: torch.dtype, tolerance: float
):
    theirs = nn.TransformerDecoderLayer(D_MODEL, HEADS, **options(norm_first))
    randomised(theirs, dtype)
    ours = weights.decoder_layer(theirs)
    x, memory = draw(TARGET, dtype, 0), draw(SOURCE, dtype, 1)
    output = ours(x, memory, mask, causal=causal).output
    future, hidden = (FUTURE if causal else None), as_torch_mask(mask)
    expected = theirs(x, memory, tgt_mask=future, memory_key_padding_mask=hidden)
    assert_equal_with_gradients((ours, output), (theirs, expected), [x, memory], tolerance)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@each_order
@each_padding
@each_precision
def test_a_whole_transformer(norm_first: bool, mask: Tensor | None, dtype: torch.dtype, tolerance: float):
    theirs = nn.Transformer(D_MODEL, HEADS, num_encoder_layers=3, num_decoder_layers=2, **options(norm_first))
    randomised(theirs, dtype)
    ours = weights.transformer(theirs)
    source, target = draw(SOURCE, dtype, 0), draw(TARGET, dtype, 1)
    encoded, decoded = ours(source, target, mask)
    hidden = as_torch_mask(mask)
    expected = theirs(
        source,
        target,
        tgt_mask=FUTURE,
        src_key_padding_mask=hidden,
        memory_key_padding_mask=hidden,
    )
    assert_close(encoded.output, theirs.encoder(source, src_key_padding_mask=hidden), tolerance)
    assert_equal_with_gradients((ours, decoded.output), (theirs, expected), [source, target], tolerance)


@each_order
def test_stacks_without_a_norm_at_the_end(norm_first: bool):
    encoder_layer = nn.TransformerEncoderLayer(D_MODEL, HEADS, **options(norm_first))
    decoder_layer = nn.TransformerDecoderLayer(D_MODEL, HEADS, **options(norm_first))
    their_encoder = nn.TransformerEncoder(encoder_layer, 2, enable_nested_tensor=False)
    their_decoder = nn.TransformerDecoder(decoder_layer, 2)
    for module in (their_encoder, their_decoder):
        randomised(module, torch.float64)
    x, memory = draw(TARGET, torch.float64, 0), draw(SOURCE, torch.float64, 1)
    encoded, decoded = weights.encoder(their_encoder)(x), weights.decoder(their_decoder)(x, memory)
    assert_close(encoded.output, their_encoder(x), 1e-12)
    assert_close(decoded.output, their_decoder(x, memory, tgt_mask=FUTURE), 1e-12)


@each_order
def test_pytorchs_fast_path_computes_the_same(norm_first: bool):
    """In eval mode and without gradients PyTorch takes another way, which fills up padding with zeros."""
    theirs = nn.TransformerEncoderLayer(D_MODEL, HEADS, **options(norm_first))
    randomised(theirs, torch.float64).eval()
    x = draw(SOURCE, torch.float64, 0)
    with torch.no_grad():
        expected = theirs(x, src_key_padding_mask=~MASK)
        output = weights.encoder_layer(theirs)(x, MASK[:, None, None]).output
    assert_close(output[MASK], expected[MASK], 1e-12)


@each_precision
@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 3, 5)])
def test_layer_norm(shape: tuple[int, ...], dtype: torch.dtype, tolerance: float):
    theirs = nn.LayerNorm(5)
    randomised(theirs, dtype)
    ours = LayerNorm(5).to(dtype)
    ours.load_state_dict({"gain": theirs.weight, "bias": theirs.bias})
    x = (3 + torch.randn(shape, generator=torch.Generator().manual_seed(2))).to(dtype).requires_grad_()
    for inputs in (x, 1e-3 * x):  # with little variance epsilon counts
        expected = theirs(inputs)
        direction = torch.linspace(-1, 2, expected.numel(), dtype=dtype).view(shape)
        sources = [x, *theirs.parameters()]
        wanted = torch.autograd.grad((expected * direction).sum(), sources, retain_graph=True)
        for output in (ours(inputs), layer_norm(inputs, ours.gain, ours.bias)):
            assert_close(output, expected, tolerance)
            sources = [x, *ours.parameters()]
            gradients = torch.autograd.grad((output * direction).sum(), sources, retain_graph=True)
            for gradient, expected_gradient in zip(gradients, wanted, strict=True):
                assert_close(gradient, expected_gradient, 10 * tolerance)


def test_layer_norm_with_another_epsilon():
    x = torch.randn(4, 5, generator=torch.Generator().manual_seed(2))
    gain, bias = torch.linspace(1, 2, 5), torch.linspace(-1, 1, 5)
    expected = nn.functional.layer_norm(x, (5,), gain, bias, eps=0.1)
    torch.testing.assert_close(layer_norm(x, gain, bias, epsilon=0.1), expected)


@pytest.mark.parametrize("activation", ["relu", torch.relu, nn.functional.relu, nn.ReLU()])
def test_relu_has_several_names(activation: str | Callable[[Tensor], Tensor]):
    theirs = nn.TransformerEncoderLayer(4, 2, 8, 0.0, activation, batch_first=True, norm_first=True)
    x = torch.linspace(-1, 1, 24).view(2, 3, 4)
    torch.testing.assert_close(weights.encoder_layer(theirs)(x).output, theirs(x))


def test_copies_are_independent():
    theirs = nn.TransformerEncoderLayer(D_MODEL, HEADS, **options(True))
    randomised(theirs, torch.float64)
    ours = weights.encoder_layer(theirs)
    x = draw(SOURCE, torch.float64, 0)
    before = ours(x).output
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.zero_()
    torch.testing.assert_close(ours(x).output, before)
    assert all(weight.requires_grad for weight in ours.parameters())


def test_units_may_be_given_as_a_module():
    theirs = nn.TransformerEncoderLayer(D_MODEL, HEADS, activation=nn.ReLU(), **options(True))
    x = draw(SOURCE, torch.float64, 0)
    assert_close(weights.encoder_layer(theirs)(x).output, theirs(x), 1e-12)


def layer_of_pytorch(**others: Any) -> nn.TransformerEncoderLayer:
    return nn.TransformerEncoderLayer(4, 2, **others)


def layer(**others: Any) -> Callable[[], object]:
    return lambda: weights.encoder_layer(layer_of_pytorch(**others))


@pytest.mark.parametrize(
    ("copy", "message"),
    [
        (layer(activation="gelu"), "only a layer of ReLU units can be copied"),
        (layer(bias=False), "only a layer with biases can be copied"),
        (
            lambda: weights.encoder(
                nn.TransformerEncoder(
                    layer_of_pytorch(), 1, nn.LayerNorm(4, bias=False), enable_nested_tensor=False
                )
            ),
            "only a norm with a gain and a bias can be copied",
        ),
        (layer(layer_norm_eps=1e-6), "only a norm with epsilon 1e-05 can be copied, not 1e-06"),
        (
            lambda: weights.transformer(nn.Transformer(4, 2, custom_encoder=nn.Identity())),
            "only a TransformerEncoder can be copied here, not a Identity",
        ),
    ],
    ids=["gelu", "no bias", "norm without bias", "epsilon", "another encoder"],
)
def test_what_cannot_be_copied_is_refused(copy: Callable[[], object], message: str):
    with pytest.raises(ValueError) as caught:
        copy()
    assert str(caught.value) == message
