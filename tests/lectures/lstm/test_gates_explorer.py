"""The explorers of the gates show what the model computes."""

import copy
import math
import re

import numpy as np
import pytest
import torch

from course_lib.explore import Explorer, Heat, Lines
from course_lib.lectures.lstm.gates_explorer import (
    LONGEST,
    gates,
    read_marked_numbers,
    read_symbols,
    typed_gates,
)
from course_lib.models.recurrent import GRU, LSTM, RNN, SequencePredictor
from tests.explore.reading import captions, data, panel, plain

TIME, HIDDEN, INPUTS = 7, 5, 2
SYMBOLS = {"input": "i", "forget": "f", "output": "o", "reset": "r", "update": "z"}


@pytest.fixture(scope="module", params=[LSTM, GRU])
def model(request: pytest.FixtureRequest) -> SequencePredictor:
    generator = torch.Generator().manual_seed(5)
    return SequencePredictor(request.param(INPUTS, HIDDEN, generator), 1, generator)


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    return torch.randn(TIME, INPUTS, generator=torch.Generator().manual_seed(6))


@pytest.fixture(scope="module")
def explorer(model: SequencePredictor, inputs: torch.Tensor) -> Explorer:
    return gates(model, inputs, ["value", "mark"])


def keeper(model: SequencePredictor) -> str:
    return "forget" if isinstance(model.layer, LSTM) else "update"


@pytest.mark.parametrize("held", ["none", "keeper at 0", "keeper at 1"])
@pytest.mark.parametrize("more", [0, -3])
def test_maps_and_curves_are_the_models_trace(
    model: SequencePredictor, inputs: torch.Tensor, explorer: Explorer, more: float, held: str
):
    keeping = keeper(model)
    held = held.replace("keeper", keeping)
    setting = {f"added_to_{keeping}_bias": more, "held_gate": held}
    layer = (LSTM if isinstance(model.layer, LSTM) else GRU)(INPUTS, HIDDEN)
    changed = SequencePredictor(layer, 1)
    changed.load_state_dict(model.state_dict())
    with torch.no_grad():
        layer.bias[HIDDEN : 2 * HIDDEN] += more  # the second block, in both
        outputs, trace = changed(inputs[None], held={} if held == "none" else {keeping: float(held[-1])})
    curves = {"g": trace.gates["candidate"], "h": trace.states}
    for gate in set(trace.gates) - {"candidate"}:
        curves[SYMBOLS[gate]] = trace.gates[gate]
        np.testing.assert_allclose(data(explorer, f"{gate} gate", **setting), trace.gates[gate][0].T)
    np.testing.assert_allclose(data(explorer, "candidate", **setting), curves["g"][0].T)
    np.testing.assert_allclose(data(explorer, "hidden state", **setting), trace.states[0].T)
    if trace.cells is not None:
        curves["tanh c"] = trace.cells.tanh()
        np.testing.assert_allclose(data(explorer, "cell state", **setting), trace.cells[0].T)
        stored = trace.gates["input"] * trace.gates["candidate"]
        np.testing.assert_allclose(data(explorer, "what is stored", **setting), stored[0].T)
    panel = explorer(**setting)[-1]
    assert isinstance(panel, Lines) and panel.title == "one unit"
    assert set(panel.names) == set(curves)
    expected = torch.stack([curves[name][0].T for name in panel.names], dim=1)
    np.testing.assert_allclose(panel.data, expected)
    read, trained = data(explorer, "read-out", **setting)
    np.testing.assert_allclose(read, outputs[0, :, 0])
    np.testing.assert_allclose(trained, model(inputs[None])[0][0, :, 0].detach())
    told = plain(captions(explorer, **setting))
    assert f"After the last step: {read[-1]:.3f}." in told
    assert ("As trained" in told) == (held != "none" or more != 0)
    assert ("As trained" not in told) or f"As trained: {trained[-1]:.3f}." in told
    assert f"On average {trace.gates[keeping].mean():.2f}." in told


def test_the_candidate_is_no_gate_to_hold(model: SequencePredictor, explorer: Explorer):
    offered = explorer.controls["held_gate"].values
    assert offered is not None and offered[0] == "none"
    assert set(offered[1:]) == {
        f"{gate} at {value}" for gate in set(model.layer.GATES) - {"candidate"} for value in (0, 1)
    }


def test_the_model_stays_as_it_is(model: SequencePredictor, explorer: Explorer):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    explorer(**{f"added_to_{keeper(model)}_bias": 2, "held_gate": "none"})
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_the_sweep_needs_no_kernel(explorer: Explorer):
    assert not explorer.live
    frames, deflated = explorer.frames(explorer.settings())
    assert len(frames["captions"]) == math.prod(len(c.values or ()) for c in explorer.controls.values())
    assert len(deflated) < 2**20


def test_several_outputs_are_probabilities(generator: torch.Generator, inputs: torch.Tensor):
    model = SequencePredictor(LSTM(INPUTS, HIDDEN, generator), 3, generator)
    explorer = gates(model, inputs, output_names=["A", "B", "C"])
    with torch.no_grad():
        expected = model(inputs[None])[0][0].softmax(dim=-1)
    np.testing.assert_allclose(data(explorer, "read-out"), expected.T)
    chance, best = expected[-1].max(dim=0)
    assert f"After the last step: “{'ABC'[int(best)]}” with probability {chance:.2f}." in captions(explorer)


def test_unnamed_answers_are_counted_from_one(generator: torch.Generator, inputs: torch.Tensor):
    model = SequencePredictor(LSTM(INPUTS, HIDDEN, generator), 3, generator)
    with torch.no_grad():
        model.bias_output.copy_(torch.tensor([0.0, 9.0, 0.0]))
    assert "After the last step: “2” with" in captions(gates(model, inputs))


def test_the_axes_of_the_gates(model: SequencePredictor, explorer: Explorer):
    for title in ("hidden state", "candidate"):
        assert panel(explorer, title).limits == (-1, 1)
    for gate in set(model.layer.GATES) - {"candidate"}:
        assert panel(explorer, f"{gate} gate").limits == (0, 1)
    if isinstance(model.layer, LSTM):
        assert panel(explorer, "what is stored").limits == (-1, 1)
    assert panel(explorer, "one unit").limits == (-1.05, 1.05)
    trained = panel(explorer, "read-out").data[1]
    low, high = trained.min(), trained.max()
    room = 0.6 * (high - low)  # a twentieth, and half of what it is then
    for more in (0, 4):
        setting = {f"added_to_{keeper(model)}_bias": more}
        assert panel(explorer, "read-out", **setting).limits == pytest.approx((low - room, high + room))


def test_the_axes_of_maps_of_inputs_and_answers(generator: torch.Generator):
    explorer = gates(SequencePredictor(GRU(4, HIDDEN, generator), 3, generator), torch.eye(4))
    assert panel(explorer, "input").limits == panel(explorer, "read-out").limits == (0, 1)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_cell_states_set_the_limits_of_their_map(
    sign: int, inputs: torch.Tensor, generator: torch.Generator
):
    layer = LSTM(INPUTS, HIDDEN, generator, forget_bias=9, input_bias=9)
    model = SequencePredictor(layer, 1, generator)
    with torch.no_grad():
        layer.bias[2 * HIDDEN : 3 * HIDDEN] = 9 * sign  # so a cell state grows by one a step
    explorer = gates(model, inputs)
    cells = panel(explorer, "cell state")
    assert (sign * cells.data > 0).all() and TIME - 0.1 < abs(cells.data).max() < TIME
    assert cells.limits == (-TIME, TIME)
    average, largest = sign * abs(cells.data).mean(), abs(cells.data).max()
    assert plain(cells.caption) == f"On average {average:.2f}, at most {largest:.2f} from zero."
    assert plain(panel(explorer, "forget gate").caption) == "On average 1.00."


def test_the_liveliest_unit_is_shown_first(model: SequencePredictor, inputs: torch.Tensor):
    changed = copy.deepcopy(model)
    quiet = torch.arange(HIDDEN) != 3
    with torch.no_grad():
        for weight in (changed.layer.weight_input, changed.layer.weight_hidden):
            weight.unflatten(0, (-1, HIDDEN))[:, quiet] *= 0.1
    shown = panel(gates(changed, inputs), "one unit")
    assert isinstance(shown, Lines) and (shown.place, shown.among) == (3, "unit")


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (torch.zeros(0, INPUTS), "the sequences are empty: give at least one step"),
        (torch.zeros(TIME, INPUTS + 1), "each step has 3 values, but this layer reads 2"),
        (torch.tensor([[0, 0], [1, math.nan]]), "Step 2 is not a finite number."),
        (torch.tensor([[-math.inf, 0], [1, 1]]), "Step 1 is not a finite number."),
    ],
)
def test_a_sequence_that_does_not_fit_is_refused(
    model: SequencePredictor, wrong: torch.Tensor, complaint: str
):
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        gates(model, wrong)


def test_a_reader_that_makes_no_sequence_is_told_so(model: SequencePredictor):
    with pytest.raises(
        ValueError, match=r"^Give one sequence \(time, inputs\), not a tensor of shape \(2,\)\.$"
    ):
        typed_gates(model, "ab", lambda text: torch.zeros(len(text)))()


def test_a_setting_is_taken_by_name(model: SequencePredictor, explorer: Explorer):
    gate, added = keeper(model), f"added_to_{keeper(model)}_bias"
    one, other = (
        explorer.picture(**setting)
        for setting in ({added: -2, "held_gate": f"{gate} at 1"}, {"held_gate": f"{gate} at 1", added: -2})
    )
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first.data, second.data)


def test_the_bias_moves_by_four_at_most(model: SequencePredictor, explorer: Explorer):
    slider = explorer.controls[f"added_to_{keeper(model)}_bias"]
    assert slider.values == list(range(-4, 5))
    assert slider.at == 0


def test_three_inputs_are_curves(generator: torch.Generator):
    model = SequencePredictor(GRU(3, HIDDEN, generator), 1, generator)
    assert isinstance(panel(gates(model, torch.ones(TIME, 3)), "input"), Lines)


def test_many_inputs_are_a_map(generator: torch.Generator):
    model = SequencePredictor(GRU(4, HIDDEN, generator), 1, generator)
    one_hot = torch.eye(4)[[0, 3, 1]]
    explorer = gates(model, one_hot, list("abcd"))
    assert isinstance(panel(explorer, "input"), Heat)
    np.testing.assert_array_equal(data(explorer, "input"), one_hot.T)


def test_a_layer_without_gates_is_refused(generator: torch.Generator, inputs: torch.Tensor):
    model = SequencePredictor(RNN(INPUTS, HIDDEN, generator), 1, generator)
    with pytest.raises(ValueError, match="no gates to look at: give an LSTM or a GRU"):
        gates(model, inputs)
    with pytest.raises(ValueError, match="no gates to look at: give an LSTM or a GRU"):
        typed_gates(model, "0.5", read_marked_numbers)()


# typed gates


@pytest.fixture(scope="module")
def typed(model: SequencePredictor) -> Explorer:
    return typed_gates(model, "0.3* 0.5 0.9*", read_marked_numbers, ["value", "mark"])


def test_what_is_typed_is_what_the_model_reads(model: SequencePredictor, typed: Explorer):
    assert typed.live
    gate = f"{keeper(model)} gate"
    for text, values in {"0.3* 0.5 0.9*": [0.3, 0.5, 0.9], " -1*  2 1e-1* ": [-1, 2, 0.1]}.items():
        expected = torch.tensor([values, [1, 0, 1]]).T
        np.testing.assert_array_equal(data(typed, "input, as", sequence=text), expected.T)
        with torch.no_grad():
            outputs, trace = model(expected[None])
        np.testing.assert_allclose(data(typed, gate, sequence=text), trace.gates[keeper(model)][0].T)
        assert f"After the last step: {outputs[0, -1, 0]:.3f}." in plain(captions(typed, sequence=text))
        shut = data(typed, gate, sequence=text, held_gate=f"{keeper(model)} at 0")
        np.testing.assert_array_equal(shut, 0)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", f"Type 1 to {LONGEST} steps; these are 0."),
        ("   ", f"Type 1 to {LONGEST} steps; these are 0."),
        ("1 " * (LONGEST + 1), f"Type 1 to {LONGEST} steps; these are {LONGEST + 1}."),
        ("0.5 zero", "“zero” is not a number; type numbers as in 0.3* 0.5 0.9*"),
        ("0.5 *", "“*” is not a number; type numbers as in 0.3* 0.5 0.9*"),
        ("0.5 nan 1", "Step 2 is not a finite number."),
        ("0.5 1 -inf*", "Step 3 is not a finite number."),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(typed: Explorer, text: str, complaint: str):
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        typed(sequence=text)


def test_as_many_steps_as_allowed_are_read(typed: Explorer):
    assert data(typed, "hidden state", sequence="1 " * LONGEST).shape == (HIDDEN, LONGEST)


def test_a_reader_of_another_size_is_told_so(model: SequencePredictor):
    with pytest.raises(ValueError, match=r"3 values, but this layer reads 2"):
        typed_gates(model, "ab", read_symbols("abc"))()


def test_symbols_are_read_one_hot():
    read = read_symbols("abc")
    torch.testing.assert_close(read("a cb"), torch.eye(3)[[0, 2, 1]])
    assert read("").shape == (0, 3)
    with pytest.raises(ValueError, match=r"^“x” is not one of the symbols a b c\.$"):
        read("abx")


def test_symbols_name_the_steps():
    generator = torch.Generator().manual_seed(2)
    model = SequencePredictor(LSTM(5, 4, generator), 5, generator)
    explorer = typed_gates(model, "bad", read_symbols("abcde"), list("abcde"), list("abcde"))
    for shown in explorer():
        assert isinstance(shown, Heat | Lines)
        assert shown.x == "time step"
        assert shown.x_names == ["b", "a", "d"]
    unnamed = gates(model, torch.rand(3, 5, generator=generator), list("abcde"))
    assert not any(shown.x_names for shown in unnamed() if isinstance(shown, Heat | Lines))


def test_the_explorers_are_called_as_their_makers(explorer: Explorer, typed: Explorer):
    assert [explorer.name, typed.name] == ["gates", "typed gates"]
