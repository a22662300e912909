"""The read-out of an encoder: what it embeds, masks and reads out."""

import pytest
import torch
from torch import Tensor

from course_lib.models.encoder_classifier import EncoderClassifier
from course_lib.models.transformer import make_encoder, padding_mask

SYMBOLS, STEPS, CLASSES, D_MODEL = 5, 7, 3, 12


@pytest.fixture
def model(generator: torch.Generator) -> EncoderClassifier:
    return EncoderClassifier(SYMBOLS, STEPS, make_encoder(2, D_MODEL, 4, 10, generator), CLASSES, generator)


@pytest.fixture
def tokens(generator: torch.Generator) -> Tensor:
    return torch.randint(SYMBOLS, (2, 6), generator=generator)


def test_it_reads_out_what_the_encoder_makes_of_tokens_and_positions(
    model: EncoderClassifier, tokens: Tensor
):
    mask = padding_mask(torch.tensor([4, 6]), 6)
    scores, trace = model(tokens, mask)
    x = torch.stack([model.embedding[row] + model.positions[:6] for row in tokens])
    torch.testing.assert_close(trace.stream[0], x)
    expected = model.encoder(x, mask[:, None, None]).output
    torch.testing.assert_close(trace.output, expected)
    torch.testing.assert_close(scores, expected @ model.weight_output.T + model.bias_output)
    assert scores.shape == (2, 6, CLASSES)


def test_padding_is_read_only_without_the_mask(model: EncoderClassifier, tokens: Tensor):
    mask = padding_mask(torch.tensor([4, 6]), 6)
    other = torch.where(mask, tokens, (tokens + 1) % SYMBOLS)
    assert torch.equal(model(tokens, mask)[0][mask], model(other, mask)[0][mask])
    assert (model(tokens)[0] - model(other)[0])[0, :4].abs().amax(dim=-1).min() > 1e-3


def test_positions_make_a_difference(model: EncoderClassifier):
    scores, _ = model(torch.ones(1, STEPS, dtype=torch.long))
    assert scores[0].unique(dim=0).shape == (STEPS, CLASSES)


def test_every_parameter_is_trained(model: EncoderClassifier, tokens: Tensor):
    model(tokens.repeat(1, 2)[:, :STEPS])[0].square().sum().backward()
    without = [name for name, weight in model.named_parameters() if weight.grad is None]
    assert not without


def test_too_long_sequences_get_a_line(model: EncoderClassifier):
    with pytest.raises(ValueError, match=r"^there are positions for 7 steps, not 8$"):
        model(torch.zeros(1, 8, dtype=torch.long))
