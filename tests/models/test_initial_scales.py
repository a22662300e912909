"""Scales and sizes that models start with: what trainings come to depends on them."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from course_lib.models.attention import SelfAttention
from course_lib.models.detection import Detector
from course_lib.models.encoder_classifier import EncoderClassifier
from course_lib.models.recurrent import GRU, LSTM, RNN, RecurrentLayer, SequencePredictor
from course_lib.models.text_to_image import Judge, Painter
from course_lib.models.token_classifier import TokenClassifier
from course_lib.models.transformer import (
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    LayerNorm,
    make_decoder,
    make_encoder,
)
from course_lib.models.translation import RecurrentTranslator, TransformerTranslator
from course_lib.models.vision import PatchEmbedding, VisionTransformer, convolutional, perceptron

D_MODEL, MANY = 256, 16
Make = Callable[[torch.Generator], nn.Module]


def encoder(generator: torch.Generator) -> nn.Module:
    return make_encoder(1, D_MODEL, 2, MANY, generator)


def decoder(generator: torch.Generator) -> nn.Module:
    return make_decoder(1, D_MODEL, 2, MANY, generator)


def vision(generator: torch.Generator) -> VisionTransformer:
    embedding = PatchEmbedding(MANY, 1, D_MODEL, generator)
    return VisionTransformer(embedding, 2, layers=1, heads=2, generator=generator)


def painter(generator: torch.Generator) -> Painter:
    return Painter(MANY, MANY, MANY, D_MODEL, 2, generator)


def detector(generator: torch.Generator) -> Detector:
    return Detector(MANY, 2, 2, queries=MANY, d_model=D_MODEL, heads=2, generator=generator)


def recurrent(generator: torch.Generator) -> RecurrentTranslator:
    return RecurrentTranslator(MANY, D_MODEL, generator, attention=True)


def transformer(generator: torch.Generator) -> TransformerTranslator:
    return TransformerTranslator(MANY, D_MODEL, 2, generator)


def attention(generator: torch.Generator) -> SelfAttention:
    return SelfAttention(D_MODEL, MANY, 2 * MANY, generator)


def of_tokens(generator: torch.Generator) -> TokenClassifier:
    return TokenClassifier(MANY, attention(generator), MANY, generator, hidden=2 * MANY)


def of_encoder(generator: torch.Generator) -> EncoderClassifier:
    return EncoderClassifier(MANY, MANY, make_encoder(1, D_MODEL, 2, MANY, generator), MANY, generator)


NORMAL: dict[Make, dict[str, float]] = {
    encoder: {},
    decoder: {},
    vision: {"embedding.positions": 0.3, "class_token": 0.3},
    painter: {"embedding": 0.3, "positions": 0.3},
    detector: {"positions": 1.0, "queries": 1.0},
    recurrent: {"embedding": 0.5},
    transformer: {"embedding": 0.5},
    attention: {f"weight_{name}": D_MODEL**-0.5 for name in ("query", "key", "value")},
    of_tokens: {"embedding": 0.5}
    | {f"attention.weight_{name}": D_MODEL**-0.5 for name in ("query", "key", "value")},
    of_encoder: {"embedding": 1.0, "positions": 1.0},
}
"""What is drawn from a normal distribution, and its standard deviation; no other matrix is."""


@pytest.mark.parametrize(
    ("make", "name", "scale"),
    [(make, name, scale) for make, scales in NORMAL.items() for name, scale in scales.items()],
)
def test_vectors_are_drawn_with_their_standard_deviation(
    make: Make, name: str, scale: float, generator: torch.Generator
):
    values = make(generator).get_parameter(name).detach()
    # A standard deviation that is estimated from n numbers has itself one of scale / sqrt(2 n).
    assert values.std().item() == pytest.approx(scale, rel=4 / math.sqrt(2 * values.numel()))
    assert values.mean().item() == pytest.approx(0, abs=4 * scale / math.sqrt(values.numel()))


def assert_uniform(values: Tensor, bound: float) -> None:
    """Drawn between -bound and bound, as far as so many numbers can tell."""
    values, scale = values.detach(), bound / math.sqrt(3)
    assert values.abs().max() <= bound
    # Estimated from n numbers of a uniform distribution, it has a standard deviation of scale / sqrt(5 n).
    assert values.std().item() == pytest.approx(scale, rel=4 / math.sqrt(5 * values.numel()))
    assert values.mean().item() == pytest.approx(0, abs=4 * scale / math.sqrt(values.numel()))


@pytest.mark.parametrize("make", NORMAL)
def test_all_other_matrices_follow_glorot_and_bengio(make: Make, generator: torch.Generator):
    model = make(generator)
    layers = [f"{name}." for name, part in model.named_modules() if isinstance(part, RecurrentLayer)]
    for name, values in model.named_parameters():
        if values.ndim == 2 and name not in NORMAL[make] and not name.startswith(tuple(layers)):
            assert_uniform(values, math.sqrt(6 / sum(values.shape)))


@pytest.mark.parametrize("make", NORMAL)
def test_biases_start_at_zero_and_gains_at_one(make: Make, generator: torch.Generator):
    for part in make(generator).modules():
        for name, values in part.named_parameters(recurse=False):
            if "bias" in name and not isinstance(part, RecurrentLayer):
                assert not values.any()
        if isinstance(part, LayerNorm):
            assert (part.gain == 1).all()


@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
def test_recurrent_layers_and_their_read_out_are_drawn_by_the_size_of_the_state(
    kind: type[RecurrentLayer], generator: torch.Generator
):
    for hidden in (D_MODEL, 4 * D_MODEL):
        model = SequencePredictor(kind(MANY, hidden, generator), MANY * MANY, generator)
        assert len(list(model.parameters())) == (6 if kind is GRU else 5)
        for values in model.parameters():
            assert_uniform(values, hidden**-0.5)


@pytest.mark.parametrize(
    "make",
    [
        lambda generator: perceptron(D_MODEL, D_MODEL, MANY, generator),
        lambda generator: convolutional(MANY, (MANY, MANY), MANY, generator),
        lambda generator: Judge(generator).network,
    ],
    ids=["perceptron", "convolutional", "judge"],
)
def test_networks_of_pytorchs_layers_follow_he(
    make: Callable[[torch.Generator], nn.Sequential], generator: torch.Generator
):
    for name, values in make(generator).named_parameters():
        if name.endswith("bias"):
            assert not values.any()
        else:
            assert_uniform(values, math.sqrt(6 / values[0].numel()))


@pytest.mark.parametrize(("make", "times"), [(vision, 2), (painter, 4), (detector, 2), (transformer, 4)])
def test_feed_forward_networks_have_their_size(make: Make, times: int, generator: torch.Generator):
    sizes = {len(part.bias_hidden) for part in make(generator).modules() if isinstance(part, FeedForward)}
    assert sizes == {times * D_MODEL}


@pytest.mark.parametrize("make", [encoder, decoder, vision, painter, detector, transformer, of_encoder])
def test_stacks_have_one_complete_layer_in_pre_norm_unless_told_otherwise(
    make: Make, generator: torch.Generator
):
    parts = list(make(generator).modules())
    stacks = [part for part in parts if isinstance(part, Encoder | Decoder)]
    layers = [part for part in parts if isinstance(part, EncoderLayer | DecoderLayer)]
    assert len(layers) == len(stacks) == (2 if make is transformer else 1)
    assert all(isinstance(stack.norm, LayerNorm) for stack in stacks)
    assert {(layer.norm, layer.without, layer.attention.rotary) for layer in layers} == {
        ("pre", frozenset(), False)
    }


@pytest.mark.parametrize("kind", [EncoderLayer, DecoderLayer])
def test_a_layer_alone_is_complete_and_in_pre_norm_too(kind: type[EncoderLayer | DecoderLayer]):
    layer = kind(MANY, 2, MANY)
    assert (layer.norm, layer.without, layer.attention.rotary) == ("pre", frozenset(), False)


def test_the_read_out_of_tokens_is_linear(generator: torch.Generator):
    model = TokenClassifier(MANY, attention(generator), MANY, generator)
    assert [tuple(weight.shape) for weight in model.weights] == [(MANY, D_MODEL + 2 * MANY)]


def test_a_translator_takes_64_words_and_hides_those_to_come(generator: torch.Generator):
    model = transformer(generator)
    assert (len(model.positions), model.causal) == (64, True)


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_forget_gates_of_translators_start_open(part: str, generator: torch.Generator):
    layer = getattr(recurrent(generator), part)
    assert_uniform(layer.weight_input, D_MODEL**-0.5)
    assert_uniform(layer.weight_hidden, D_MODEL**-0.5)
    assert (layer.bias[layer.block("forget")] == 1).all()
    assert not (layer.bias[layer.block("input")] == 1).any()
