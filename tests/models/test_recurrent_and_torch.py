"""The recurrent layers equal PyTorch's, in states and gradients."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_lib.models.recurrent import (
    GRU,
    LSTM,
    RNN,
    RecurrentLayer,
    Stack,
    from_torch,
)

BATCH, STEPS, INPUTS, HIDDEN = 3, 6, 2, 5
LENGTHS = [6, 1, 4]
TWINS: dict[type[RecurrentLayer], Callable[..., nn.RNNBase]] = {RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU}
TORCH_NAMES = {
    "weight_input": "weight_ih",
    "weight_hidden": "weight_hh",
    "bias": "bias_ih",
    "bias_hidden": "bias_hh",
}
"""PyTorch's two biases have the same gradient where this course has one, so either serves."""

each_kind = pytest.mark.parametrize("kind", TWINS)
each_seed = pytest.mark.parametrize("seed", range(4))
each_precision = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)], ids=["float32", "float64"]
)


def torch_layer(kind: type[RecurrentLayer], dtype: torch.dtype, seed: int, **options) -> nn.RNNBase:
    torch.manual_seed(seed)
    return TWINS[kind](INPUTS, HIDDEN, batch_first=True, dtype=dtype, **options)


def padded(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Random sequences of LENGTHS, filled up with large numbers that must not matter, and their mask."""
    mask = torch.arange(STEPS) < torch.tensor(LENGTHS)[:, None]
    inputs = torch.randn(BATCH, STEPS, INPUTS, dtype=dtype)
    return torch.where(mask[..., None], inputs, 1e3).requires_grad_(), mask


def assert_close(ours: Tensor, theirs: Tensor, tolerance: float):
    """Compare to a tolerance that counts from 1 or, where there are larger values, from the largest."""
    scale = max(1.0, theirs.abs().max().item())
    torch.testing.assert_close(ours, theirs, atol=tolerance * scale, rtol=0)


def assert_gradients_close(
    ours: tuple[Tensor, list[Tensor]], theirs: tuple[Tensor, list[Tensor]], tolerance: float
):
    """Compare the gradients of one random sum of the results by all sources."""
    direction = torch.randn_like(ours[0])
    gradients, expected = (
        torch.autograd.grad((results * direction).sum(), sources) for results, sources in (ours, theirs)
    )
    for gradient, expected_gradient in zip(gradients, expected, strict=True):
        assert_close(gradient, expected_gradient, tolerance)


def torch_weights(layer: nn.RNNBase, like: RecurrentLayer, number: int = 0) -> list[Tensor]:
    return [getattr(layer, f"{TORCH_NAMES[name]}_l{number}") for name, _ in like.named_parameters()]


@each_precision
@each_seed
@each_kind
@pytest.mark.parametrize("with_initial", [False, True], ids=["zeros", "initial"])
def test_forward_and_every_gradient_equal_torch(
    kind: type[RecurrentLayer], seed: int, dtype: torch.dtype, tolerance: float, with_initial: bool
):
    theirs = torch_layer(kind, dtype, seed)
    ours = from_torch(theirs)
    inputs = torch.randn(BATCH, STEPS, INPUTS, dtype=dtype, requires_grad=True)
    h, c = (torch.randn(BATCH, HIDDEN, dtype=dtype, requires_grad=True) for _ in range(2))
    initial = ((h, c) if kind is LSTM else h) if with_initial else None
    their_initial = ((h[None], c[None]) if kind is LSTM else h[None]) if with_initial else None

    trace = ours(inputs, initial)
    expected, last = theirs(inputs, their_initial)
    assert_close(trace.states, expected, tolerance)
    for state, expected_state in zip(as_tuple(trace.last), as_tuple(last), strict=True):
        assert_close(state, expected_state[0], tolerance)

    sources = [inputs, *as_tuple(initial)] if with_initial else [inputs]
    assert_gradients_close(
        (trace.states, sources + list(ours.parameters())),
        (expected, sources + torch_weights(theirs, ours)),
        tolerance,
    )


def as_tuple(state: Tensor | tuple[Tensor, ...] | None) -> tuple[Tensor, ...]:
    return state if isinstance(state, tuple) else () if state is None else (state,)


@each_precision
@each_seed
@each_kind
def test_padded_batch_equals_packed_sequences(
    kind: type[RecurrentLayer], seed: int, dtype: torch.dtype, tolerance: float
):
    theirs = torch_layer(kind, dtype, seed)
    ours = from_torch(theirs)
    inputs, mask = padded(dtype)

    trace = ours(inputs, mask=mask)
    packed = pack_padded_sequence(inputs, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    packed_states, last = theirs(packed)
    expected, _ = pad_packed_sequence(packed_states, batch_first=True)
    assert_close(trace.states * mask[..., None], expected, tolerance)
    for state, expected_state in zip(as_tuple(trace.last), as_tuple(last), strict=True):
        assert_close(state, expected_state[0], tolerance)
    assert_gradients_close(
        (trace.states * mask[..., None], [inputs, *ours.parameters()]),
        (expected, [inputs, *torch_weights(theirs, ours)]),
        tolerance,
    )


@each_precision
@each_kind
@pytest.mark.parametrize("layers", [2, 3])
@pytest.mark.parametrize("with_padding", [False, True], ids=["full", "padded"])
def test_stack_equals_torch(
    kind: type[RecurrentLayer], layers: int, dtype: torch.dtype, tolerance: float, with_padding: bool
):
    theirs = torch_layer(kind, dtype, seed=layers, num_layers=layers)
    copies = [from_torch(theirs, number) for number in range(layers)]
    inputs, mask = padded(dtype)
    if with_padding:
        packed = pack_padded_sequence(inputs, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
        packed_states, last = theirs(packed)
        expected, _ = pad_packed_sequence(packed_states, batch_first=True)
    else:
        mask = torch.ones_like(mask)
        expected, last = theirs(inputs)

    traces = Stack(copies)(inputs, mask=mask if with_padding else None)
    assert len(traces) == layers
    states = traces[-1].states * mask[..., None]
    assert_close(states, expected, tolerance)
    for number, trace in enumerate(traces):
        for state, expected_state in zip(as_tuple(trace.last), as_tuple(last), strict=True):
            assert_close(state, expected_state[number], tolerance)
    sources, their_sources = [inputs], [inputs]
    for number, layer in enumerate(copies):
        sources += layer.parameters()
        their_sources += torch_weights(theirs, layer, number)
    assert_gradients_close((states, sources), (expected, their_sources), tolerance)


def test_relu_network_equals_torch():
    theirs = torch_layer(RNN, torch.float64, 0, nonlinearity="relu")
    inputs = torch.randn(BATCH, STEPS, INPUTS)
    states = from_torch(theirs)(inputs).states
    assert_close(states, theirs(inputs)[0], 1e-12)
    assert (states == 0).any()


@pytest.mark.parametrize(
    "layer",
    [
        nn.RNN(2, 3, bidirectional=True),
        nn.LSTM(2, 3, bidirectional=True),
        nn.LSTM(2, 3, proj_size=1),
        nn.GRU(2, 3, bias=False),
    ],
    ids=str,
)
def test_other_torch_layers_are_refused(layer: nn.RNNBase):
    with pytest.raises(ValueError, match="of one direction, with bias and without a projection"):
        from_torch(layer)


def test_a_layer_that_is_not_there_is_refused():
    one, two = nn.GRU(2, 3), nn.GRU(2, 3, num_layers=2)
    for number in (1, -1):
        message = f"^this layer has 1 layer, counted from 0; there is no {number}$"
        with pytest.raises(ValueError, match=message):
            from_torch(one, number)
    with pytest.raises(ValueError, match=r"^this layer has 2 layers, counted from 0; there is no 2$"):
        from_torch(two, 2)


def test_copies_are_independent():
    theirs = torch_layer(GRU, torch.float64, 0)
    ours = from_torch(theirs)
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.zero_()
    assert (ours.weight_input != 0).all()
    assert all(weight.requires_grad for weight in ours.parameters())
