"""The recurrent layers follow their own equations, and refuse in one line what does not fit."""

from typing import Any

import pytest
import torch
from torch import nn

from course_lib.models.recurrent import (
    GRU,
    LSTM,
    RNN,
    RecurrentLayer,
    Stack,
    cell_from_gates,
    gru_step,
    lstm_step,
    rnn_parameter_count,
    rnn_step,
    set_forget_bias,
)

BATCH, STEPS, INPUTS, HIDDEN = 3, 6, 2, 5

each_kind = pytest.mark.parametrize("kind", [RNN, LSTM, GRU])


def test_stack_goes_on_from_its_states(generator: torch.Generator):
    stack = Stack([LSTM(INPUTS, HIDDEN, generator), GRU(HIDDEN, 4, generator)])
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    first = stack(inputs[:, :2])
    second = stack(inputs[:, 2:], [trace.last for trace in first])
    for start, rest, whole in zip(first, second, stack(inputs), strict=True):
        torch.testing.assert_close(torch.cat([start.states, rest.states], dim=1), whole.states)


@each_kind
def test_layer_repeats_the_step(kind: type[RecurrentLayer], generator: torch.Generator):
    layer = kind(INPUTS, HIDDEN, generator)
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    h, c = torch.randn(2, BATCH, HIDDEN, generator=generator)
    trace = layer(inputs, (h, c) if kind is LSTM else h)
    for t in range(STEPS):
        if isinstance(layer, LSTM):
            h, c = lstm_step(inputs[:, t], h, c, layer.weight_input, layer.weight_hidden, layer.bias)
            assert trace.cells is not None
            torch.testing.assert_close(trace.cells[:, t], c)
        elif isinstance(layer, GRU):
            h = gru_step(
                inputs[:, t], h, layer.weight_input, layer.weight_hidden, layer.bias, layer.bias_hidden
            )
        else:
            h = rnn_step(inputs[:, t], h, layer.weight_input, layer.weight_hidden, layer.bias)
        torch.testing.assert_close(trace.states[:, t], h)


@each_kind
def test_a_run_in_two_parts_equals_one_run(kind: type[RecurrentLayer], generator: torch.Generator):
    layer = kind(INPUTS, HIDDEN, generator)
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    first = layer(inputs[:, :4])
    second = layer(inputs[:, 4:], first.last)
    torch.testing.assert_close(torch.cat([first.states, second.states], dim=1), layer(inputs).states)


@each_kind
def test_padding_leaves_the_state_as_it_was(kind: type[RecurrentLayer], generator: torch.Generator):
    layer = kind(INPUTS, HIDDEN, generator)
    lengths = [6, 1, 4]
    mask = torch.arange(STEPS) < torch.tensor(lengths)[:, None]
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    states = layer(inputs, mask=mask).states
    for row, length in enumerate(lengths):
        alone = layer(inputs[row : row + 1, :length]).states[0]
        torch.testing.assert_close(states[row, :length], alone)
        torch.testing.assert_close(states[row, length:], alone[-1].expand(STEPS - length, HIDDEN))


def test_lstm_trace_holds_the_gates_of_the_forward_pass(generator: torch.Generator):
    layer = LSTM(INPUTS, HIDDEN, generator)
    trace = layer(torch.randn(BATCH, STEPS, INPUTS, generator=generator))
    i, f, g, o = (trace.gates[name] for name in layer.GATES)
    assert trace.cells is not None
    before = torch.cat([torch.zeros(BATCH, 1, HIDDEN), trace.cells[:, :-1]], dim=1)
    torch.testing.assert_close(trace.cells, f * before + i * g)
    torch.testing.assert_close(trace.states, o * torch.tanh(trace.cells))


def test_gru_trace_holds_the_gates_of_the_forward_pass(generator: torch.Generator):
    layer = GRU(INPUTS, HIDDEN, generator)
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    trace = layer(inputs)
    r, z, g = (trace.gates[name] for name in layer.GATES)
    before = torch.cat([torch.zeros(BATCH, 1, HIDDEN), trace.states[:, :-1]], dim=1)
    torch.testing.assert_close(trace.states, (1 - z) * g + z * before)
    from_input = inputs @ layer.weight_input[-HIDDEN:].T + layer.bias[-HIDDEN:]
    from_state = before @ layer.weight_hidden[-HIDDEN:].T + layer.bias_hidden[-HIDDEN:]
    torch.testing.assert_close(g, torch.tanh(from_input + r * from_state))


@pytest.mark.parametrize("name", LSTM.GATES)
@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
def test_a_held_gate_of_an_lstm_has_its_value(name: str, value: float, generator: torch.Generator):
    layer = LSTM(INPUTS, HIDDEN, generator)
    trace = layer(torch.randn(BATCH, STEPS, INPUTS, generator=generator), held={name: value})
    assert (trace.gates[name] == value).all()
    others = [trace.gates[other] for other in layer.GATES if other != name]
    assert all((gate != value).all() for gate in others)
    f, i, g, o = (trace.gates[gate][1, :, 2] for gate in ("forget", "input", "candidate", "output"))
    states, cells = cell_from_gates(f=f, i=i, g=g, o=o)
    assert trace.cells is not None
    torch.testing.assert_close(states, trace.states[1, :, 2])
    torch.testing.assert_close(cells, trace.cells[1, :, 2])


def test_an_update_gate_at_one_keeps_the_state(generator: torch.Generator):
    layer = GRU(INPUTS, HIDDEN, generator)
    inputs = torch.randn(BATCH, STEPS, INPUTS, generator=generator)
    h = torch.randn(BATCH, HIDDEN, generator=generator)
    kept = layer(inputs, h, held={"update": 1.0}).states
    torch.testing.assert_close(kept, h[:, None].expand(BATCH, STEPS, HIDDEN))
    replaced = layer(inputs, h, held={"update": 0.0})
    torch.testing.assert_close(replaced.states, replaced.gates["candidate"])


def test_cell_from_gates_by_hand():
    f, i, g, o = torch.tensor([[0.9, 0.5, 1.0], [1.0, 0.25, 0.0], [0.8, -0.4, 0.7], [0.0, 1.0, 0.5]])
    states, cells = cell_from_gates(f=f, i=i, g=g, o=o)
    torch.testing.assert_close(cells, torch.tensor([0.8, 0.3, 0.3]))
    torch.testing.assert_close(states, torch.tensor([0.0, 1.0, 0.5]) * torch.tanh(cells))


@pytest.mark.parametrize("gate", [1, 0.5, torch.tensor(1.0), torch.ones(3, 1), [1.0, 1.0, 1.0]])
@pytest.mark.parametrize("name", ["f", "i", "g", "o"])
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_gate_that_is_no_tensor_of_steps_is_refused(name: str, gate: Any):
    gates = {other: torch.ones(3) for other in "figo"} | {name: gate}
    with pytest.raises(TypeError, match=r"^each gate is a tensor of shape \(time,\)"):
        cell_from_gates(**gates)


@pytest.mark.usefixtures("unchecked_shapes")
def test_gates_are_given_by_name():
    with pytest.raises(TypeError, match="0 positional arguments"):
        cell_from_gates(*torch.ones(4, 3))  # pyrefly: ignore


def test_forget_bias_is_set_and_nothing_else():
    bias = torch.arange(12.0)
    assert set_forget_bias(bias, -1.5).tolist() == [0, 1, 2, -1.5, -1.5, -1.5, 6, 7, 8, 9, 10, 11]
    assert bias.tolist() == list(range(12))


def test_a_layer_starts_with_the_bias_asked_for():
    plain, biased = (LSTM(2, 3, torch.Generator().manual_seed(1), forget_bias=bias) for bias in (None, 2.0))
    torch.testing.assert_close(biased.bias, set_forget_bias(plain.bias, 2.0))
    torch.testing.assert_close(biased.weight_hidden, plain.weight_hidden)
    gru = GRU(2, 3, torch.Generator().manual_seed(1), update_bias=2.0)
    assert (gru.bias + gru.bias_hidden)[3:6].tolist() == [2, 2, 2]
    assert (gru.bias[:3] != 2).all()


def test_an_input_bias_is_set_and_nothing_else():
    plain, biased = (LSTM(2, 3, torch.Generator().manual_seed(1), input_bias=bias) for bias in (None, -2.0))
    assert biased.bias[:3].tolist() == [-2, -2, -2]
    assert torch.equal(biased.bias[3:], plain.bias[3:])
    assert torch.equal(biased.weight_input, plain.weight_input)
    assert torch.equal(biased.weight_hidden, plain.weight_hidden)


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_the_block_of_a_gate_decides_it(kind: type[RecurrentLayer], generator: torch.Generator):
    inputs = torch.randn(BATCH, 1, INPUTS, generator=generator)
    for gate in kind.GATES:
        layer = kind(INPUTS, HIDDEN, generator)
        before = layer(inputs).gates
        with torch.no_grad():
            layer.bias[layer.block(gate)] += 1
        after = layer(inputs).gates
        assert {name for name in kind.GATES if (after[name] > before[name]).all()} == {gate}


@each_kind
def test_the_generator_decides_the_weights(kind: type[RecurrentLayer]):
    first, again, other = (kind(2, 3, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    for one, two, three in zip(first.parameters(), again.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
        assert not torch.equal(one, three)
        assert one.abs().max() <= 3**-0.5


@each_kind
def test_bad_inputs_get_a_line(kind: type[RecurrentLayer], generator: torch.Generator):
    layer = kind(INPUTS, HIDDEN, generator)
    with pytest.raises(ValueError, match="the sequences are empty: give at least one step"):
        layer(torch.zeros(BATCH, 0, INPUTS))
    with pytest.raises(ValueError, match="each step has 7 values, but this layer reads 2"):
        layer(torch.zeros(BATCH, STEPS, 7))
    message = "an RNN has no gates to hold" if kind is RNN else "no gate is called fotget"
    with pytest.raises(ValueError, match=message):
        layer(torch.zeros(BATCH, STEPS, INPUTS), held={"fotget": 1.0})


@each_kind
@pytest.mark.usefixtures("unchecked_shapes")
def test_inputs_without_a_batch_get_a_line(kind: type[RecurrentLayer], generator: torch.Generator):
    layer = kind(INPUTS, HIDDEN, generator)
    for shape in [(STEPS, INPUTS), (STEPS,), (1, BATCH, STEPS, INPUTS)]:
        with pytest.raises(
            ValueError, match=r"^inputs are \(batch, time, inputs\); add a batch with x\[None\]$"
        ):
            layer(torch.zeros(shape))


@each_kind
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_bad_initial_state_gets_a_line(kind: type[RecurrentLayer], generator: torch.Generator):
    layer = kind(INPUTS, HIDDEN, generator)
    inputs = torch.zeros(BATCH, STEPS, INPUTS)
    h = torch.zeros(BATCH, HIDDEN)
    needed, other = ("h and c", h) if kind is LSTM else ("h", (h, h))
    for state in (other, (h, h, h)):
        with pytest.raises(ValueError, match=f"^this layer starts from {needed}, as `Trace.last` gives it$"):
            layer(inputs, state)
    for shape in [(BATCH, HIDDEN + 1), (1, HIDDEN), (1, BATCH, HIDDEN), (HIDDEN,)]:
        bad = torch.zeros(shape)
        with pytest.raises(ValueError, match=r"^an initial state is \(batch, hidden\), here \(3, 5\), as "):
            layer(inputs, (h, bad) if kind is LSTM else bad)


@each_kind
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_bad_mask_gets_a_line(kind: type[RecurrentLayer], generator: torch.Generator):
    layer = kind(INPUTS, HIDDEN, generator)
    numbers, longer = torch.ones(BATCH, STEPS), torch.ones(BATCH, STEPS + 1, dtype=torch.bool)
    for mask in (numbers, longer, longer.T, longer[0]):
        with pytest.raises(ValueError, match=r"^a mask is \(batch, time\), of booleans: False where"):
            layer(torch.zeros(BATCH, STEPS, INPUTS), mask=mask)


def test_a_stack_needs_a_state_for_each_layer(generator: torch.Generator):
    stack = Stack([RNN(INPUTS, HIDDEN, generator), RNN(HIDDEN, HIDDEN, generator)])
    for count in (0, 1, 3):
        with pytest.raises(ValueError, match=f"^give one initial state for each layer: 2, not {count}$"):
            stack(torch.zeros(BATCH, STEPS, INPUTS), [torch.zeros(BATCH, HIDDEN)] * count)


def test_rnn_parameter_count_is_what_the_layer_has():
    assert rnn_parameter_count(INPUTS, HIDDEN) == sum(
        weight.numel() for weight in RNN(INPUTS, HIDDEN).parameters()
    )
    theirs = sum(weight.numel() for weight in nn.RNN(INPUTS, HIDDEN).parameters())
    assert rnn_parameter_count(INPUTS, HIDDEN) == theirs - HIDDEN
