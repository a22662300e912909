"""Scales and sizes that models start with: what trainings come to depends on them."""

import math

import pytest
import torch

from course_lib.models.detection import Detector
from course_lib.models.text_to_image import Painter
from course_lib.models.transformer import FeedForward
from course_lib.models.translation import RecurrentTranslator, TransformerTranslator
from course_lib.models.vision import PatchEmbedding, VisionTransformer

D_MODEL, MANY = 256, 16


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


@pytest.mark.parametrize(
    ("make", "name", "scale"),
    [
        (vision, "embedding.positions", 0.3),
        (vision, "class_token", 0.3),
        (painter, "embedding", 0.3),
        (painter, "positions", 0.3),
        (detector, "positions", 1.0),
        (detector, "queries", 1.0),
        (recurrent, "embedding", 0.5),
        (transformer, "embedding", 0.5),
    ],
)
def test_vectors_are_drawn_with_their_standard_deviation(make, name: str, scale: float, generator):
    values = make(generator).get_parameter(name).detach()
    # A standard deviation that is estimated from n numbers has itself one of scale / sqrt(2 n).
    assert values.std().item() == pytest.approx(scale, rel=4 / math.sqrt(2 * values.numel()))
    assert values.mean().item() == pytest.approx(0, abs=4 * scale / math.sqrt(values.numel()))


@pytest.mark.parametrize(("make", "times"), [(vision, 2), (painter, 4), (detector, 2), (transformer, 4)])
def test_feed_forward_networks_have_their_size(make, times: int, generator: torch.Generator):
    sizes = {len(part.bias_hidden) for part in make(generator).modules() if isinstance(part, FeedForward)}
    assert sizes == {times * D_MODEL}


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_forget_gates_of_translators_start_open(part: str, generator: torch.Generator):
    layer = getattr(recurrent(generator), part)
    assert (layer.bias[layer.block("forget")] == 1).all()
    assert not (layer.bias[layer.block("input")] == 1).any()
