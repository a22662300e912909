"""The recurrent network equals PyTorch's, and its own equation."""

import pytest
import torch
from torch import nn

from course_lib.models.recurrent import RNN, SequencePredictor, parameter_count, rnn_step

BATCH, STEPS, INPUTS, HIDDEN = 3, 6, 2, 5
TOLERANCE = [(torch.float32, 1e-6), (torch.float64, 1e-12)]


def torch_layer(dtype: torch.dtype, seed: int) -> nn.RNN:
    torch.manual_seed(seed)
    return nn.RNN(INPUTS, HIDDEN, batch_first=True, dtype=dtype)


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCE)
@pytest.mark.parametrize("with_initial", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_forward_and_every_gradient_equal_torch(
    dtype: torch.dtype, tolerance: float, with_initial: bool, seed: int
):
    theirs = torch_layer(dtype, seed)
    ours = RNN.from_torch(theirs)
    inputs = torch.randn(BATCH, STEPS, INPUTS, dtype=dtype, requires_grad=True)
    initial = torch.randn(BATCH, HIDDEN, dtype=dtype, requires_grad=True) if with_initial else None
    direction = torch.randn(BATCH, STEPS, HIDDEN, dtype=dtype)

    states = ours(inputs, initial).states
    expected, _ = theirs(inputs, None if initial is None else initial[None])
    torch.testing.assert_close(states, expected, atol=tolerance, rtol=0)

    sources = [inputs] if initial is None else [inputs, initial]
    own = [ours.weight_input, ours.weight_hidden, ours.bias]
    named = dict(theirs.named_parameters())
    copied = [named["weight_ih_l0"], named["weight_hh_l0"], named["bias_ih_l0"]]
    gradients = torch.autograd.grad((states * direction).sum(), [*sources, *own])
    expected_gradients = torch.autograd.grad((expected * direction).sum(), [*sources, *copied])
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        scale = max(1.0, expected_gradient.abs().max().item())
        torch.testing.assert_close(gradient, expected_gradient, atol=tolerance * scale, rtol=0)


def test_layer_repeats_the_step(generator: torch.Generator):
    rnn = RNN(INPUTS, HIDDEN, generator)
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    h = torch.randn(BATCH, HIDDEN, generator=generator)
    states = rnn(inputs, h).states
    for t in range(STEPS):
        h = rnn_step(inputs[:, t], h, rnn.weight_input, rnn.weight_hidden, rnn.bias)
        torch.testing.assert_close(states[:, t], h)


def test_a_run_in_two_parts_equals_one_run(generator: torch.Generator):
    rnn = RNN(INPUTS, HIDDEN, generator)
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    first = rnn(inputs[:, :4]).states
    second = rnn(inputs[:, 4:], first[:, -1]).states
    torch.testing.assert_close(torch.cat([first, second], dim=1), rnn(inputs).states)


def test_the_generator_decides_the_weights():
    first, again, other = (RNN(2, 3, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first.weight_hidden, again.weight_hidden)
    assert not torch.equal(first.weight_hidden, other.weight_hidden)
    assert all(weight.abs().max() <= 3**-0.5 for weight in first.parameters())


@pytest.mark.parametrize(
    "options", [{"num_layers": 2}, {"bidirectional": True}, {"bias": False}, {"nonlinearity": "relu"}]
)
def test_other_torch_layers_are_refused(options: dict):
    with pytest.raises(ValueError, match="one layer, one direction"):
        RNN.from_torch(nn.RNN(2, 3, **options))


def test_parameter_count_is_what_the_layer_has():
    assert parameter_count(INPUTS, HIDDEN) == sum(
        weight.numel() for weight in RNN(INPUTS, HIDDEN).parameters()
    )
    theirs = sum(weight.numel() for weight in nn.RNN(INPUTS, HIDDEN).parameters())
    assert parameter_count(INPUTS, HIDDEN) == theirs - HIDDEN


def test_predictor_reads_the_states_out(generator: torch.Generator):
    model = SequencePredictor(RNN(INPUTS, HIDDEN, generator), 4, generator)
    predictions, trace = model(torch.randn(BATCH, STEPS, INPUTS, generator=generator))
    assert predictions.shape == (BATCH, STEPS, 4)
    expected = nn.functional.linear(trace.states, model.weight_output, model.bias_output)
    torch.testing.assert_close(predictions, expected)


def test_forecast_feeds_predictions_back(generator: torch.Generator):
    model = SequencePredictor(RNN(2, HIDDEN, generator), 2, generator)
    sequence = torch.randn(BATCH, STEPS, 2, generator=generator)
    forecast = model.forecast(sequence, 3)
    assert forecast.shape == (BATCH, 3, 2)
    for step in range(3):
        prediction = model(sequence)[0][:, -1:]
        torch.testing.assert_close(forecast[:, step : step + 1], prediction)
        sequence = torch.cat([sequence, prediction], dim=1)
