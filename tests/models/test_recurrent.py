"""The recurrent layers equal PyTorch's, and their own equations."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_lib.models.recurrent import (
    GRU,
    LSTM,
    RNN,
    RecurrentLayer,
    SequencePredictor,
    Stack,
    cell_from_gates,
    gru_step,
    lstm_step,
    parameter_count,
    rnn_step,
    set_forget_bias,
)

BATCH, STEPS, INPUTS, HIDDEN = 3, 6, 2, 5
LENGTHS = [6, 1, 4]
TOLERANCE = [(torch.float32, 1e-6), (torch.float64, 1e-12)]
KINDS: list[type[RecurrentLayer]] = [RNN, LSTM, GRU]

each_kind = pytest.mark.parametrize("kind", KINDS)
each_precision = pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCE)


def torch_layer(kind: type[RecurrentLayer], dtype: torch.dtype, seed: int, **options) -> nn.RNNBase:
    torch.manual_seed(seed)
    return kind.TWIN(INPUTS, HIDDEN, batch_first=True, dtype=dtype, **options)


def assert_close(ours: Tensor, theirs: Tensor, tolerance: float):
    """Compare to a tolerance that counts from 1 or, where there are larger values, from the largest."""
    scale = max(1.0, theirs.abs().max().item())
    torch.testing.assert_close(ours, theirs, atol=tolerance * scale, rtol=0)


def assert_gradients_equal(
    states: Tensor, expected: Tensor, inputs: list[Tensor], ours: list[RecurrentLayer], theirs: nn.RNNBase, tolerance: float
):
    """Compare the gradients of a random sum of the states by the inputs and by every weight and bias.

    PyTorch's two biases have the same gradient wherever this course has one bias.
    """
    direction = torch.randn_like(expected)
    own, copied = [], []
    for number, layer in enumerate(ours):
        for name, weight in layer.named_parameters():
            own.append(weight)
            copied.append(getattr(theirs, f"{TORCH_NAMES[name]}_l{number}"))
    gradients = torch.autograd.grad((states * direction).sum(), [*inputs, *own])
    expected_gradients = torch.autograd.grad((expected * direction).sum(), [*inputs, *copied])
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        assert_close(gradient, expected_gradient, tolerance)


TORCH_NAMES = {
    "weight_input": "weight_ih",
    "weight_hidden": "weight_hh",
    "bias": "bias_ih",
    "bias_hidden": "bias_hh",
}
