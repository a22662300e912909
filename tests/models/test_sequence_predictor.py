"""The read-out of a recurrent layer, and the forecasts that it makes."""

import pytest
import torch
from torch import nn

from course_lib.models.recurrent import (
    GRU,
    LSTM,
    RNN,
    RecurrentLayer,
    SequencePredictor,
)

BATCH, STEPS, INPUTS, HIDDEN = 3, 6, 2, 5

each_kind = pytest.mark.parametrize("kind", [RNN, LSTM, GRU])


def test_predictor_reads_the_states_out(generator: torch.Generator):
    model = SequencePredictor(RNN(INPUTS, HIDDEN, generator), 4, generator)
    predictions, trace = model(torch.randn(BATCH, STEPS, INPUTS, generator=generator))
    assert predictions.shape == (BATCH, STEPS, 4)
    expected = nn.functional.linear(trace.states, model.weight_output, model.bias_output)
    torch.testing.assert_close(predictions, expected)


def test_predictor_hands_everything_on(generator: torch.Generator):
    model = SequencePredictor(LSTM(INPUTS, HIDDEN, generator), 1, generator)
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    mask = torch.arange(STEPS) < torch.tensor([6, 1, 4])[:, None]
    initial = model.layer(inputs[:, :1]).last
    _, trace = model(inputs, initial, mask, {"output": 0.5})
    expected = model.layer(inputs, initial, mask, {"output": 0.5})
    torch.testing.assert_close(trace.states, expected.states)


@each_kind
def test_forecast_feeds_predictions_back(kind: type[RecurrentLayer], generator: torch.Generator):
    model = SequencePredictor(kind(2, HIDDEN, generator), 2, generator)
    sequence = torch.randn(BATCH, STEPS, 2, generator=generator)
    forecast = model.forecast(sequence, 3)
    assert forecast.shape == (BATCH, 3, 2)
    for step in range(3):
        prediction = model(sequence)[0][:, -1:]
        torch.testing.assert_close(forecast[:, step : step + 1], prediction)
        sequence = torch.cat([sequence, prediction], dim=1)


def test_a_forecast_requires_no_gradient(generator: torch.Generator):
    model = SequencePredictor(RNN(1, HIDDEN, generator), 1, generator)
    history = torch.randn(BATCH, STEPS, 1, generator=generator, requires_grad=True)
    assert model(history)[0].requires_grad
    assert not model.forecast(history, 2).requires_grad


def test_an_impossible_forecast_gets_a_line(generator: torch.Generator):
    history = torch.zeros(BATCH, STEPS, 2)
    for steps in (0, -1):
        with pytest.raises(ValueError, match=r"^forecast at least one step$"):
            SequencePredictor(RNN(2, HIDDEN, generator), 2, generator).forecast(history, steps)
    message = r"^a model that forecasts needs as many outputs as inputs: 1 and 2$"
    for steps in (1, 2):
        with pytest.raises(ValueError, match=message):
            SequencePredictor(RNN(2, HIDDEN, generator), 1, generator).forecast(history, steps)
