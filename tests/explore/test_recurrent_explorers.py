"""The explorers of lectures 04 to 06 say what their models compute."""

import copy
import itertools
import math
import re

import numpy as np
import pytest
import torch

from course_lib.explore import Diagram, Explorer, Lines, Panel
from course_lib.explore.gates import LONGEST, gates, read_marked_numbers, read_symbols, typed_gates
from course_lib.explore.gradient_flow import (
    ACTIVATIONS,
    LOST,
    gradient_flow,
    product_norms,
    run_network,
    verdict,
)
from course_lib.explore.step_diagram import step_diagram
from course_lib.models.gradient_flow import gradient_norm_by_distance
from course_lib.models.recurrent import GRU, LSTM, RNN, SequencePredictor, lstm_step
from tests.explore.test_lecture_explorers import captions, data

TIME, HIDDEN, INPUTS = 7, 5, 2
SYMBOLS = {"input": "i", "forget": "f", "output": "o", "reset": "r", "update": "z"}


def panel(explorer: Explorer, title: str, **setting: object) -> Panel:
    """The panel whose title starts so."""
    (found,) = (panel for panel in explorer(**setting) if panel.title.startswith(title))
    return found


def plain(text: str) -> str:
    return text.replace("−", "-")


# gradient flow


@pytest.fixture(scope="module")
def flow() -> Explorer:
    return gradient_flow(hidden=6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_run_and_its_gradients_are_those_of_autograd(activation: str, generator: torch.Generator):
    weight = torch.randn(HIDDEN, HIDDEN, generator=generator)
    inputs = torch.randn(TIME, HIDDEN, generator=generator)
    states, slopes, jacobians = run_network(weight, inputs, activation)

    def step(x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        return ACTIVATIONS[activation](weight @ h + x)

    h = torch.zeros(HIDDEN)
    expected = gradient_norm_by_distance(step, h, inputs)
    torch.testing.assert_close(product_norms(jacobians), expected)
    for x, state, slope, jacobian in zip(inputs, states, slopes, jacobians, strict=True):
        by_autograd = torch.autograd.functional.jacobian(lambda h, x=x: step(x, h), h)
        torch.testing.assert_close(jacobian, by_autograd)
        torch.testing.assert_close(slope, (by_autograd @ weight.inverse()).diag().square().mean().sqrt())
        h = step(x, h)
        torch.testing.assert_close(state, h)


@pytest.mark.parametrize(("gain", "length"), [(0.5, 10), (1.0, 100), (3.0, 25)])
def test_an_orthogonal_linear_network_stretches_by_the_gain(flow: Explorer, gain: float, length: int):
    setting = {"gain": gain, "activation": "linear", "start": "orthogonal", "length": length}
    gradient, one, lost = data(flow, "gradient", **setting)
    np.testing.assert_allclose(gradient[:length], gain ** np.arange(1, length + 1))
    assert (one == 1).all() and (lost == LOST).all()
    slope, states = data(flow, "slope", **setting)[0], data(flow, "states", **setting)
    assert (slope[:length] == 1).all()
    for curve in (gradient, slope, *states):
        assert np.isnan(curve[length:]).all() and not np.isnan(curve[:length]).any()
    largest = re.search(r"The largest state is (\S+) away", captions(flow, **setting))
    assert largest and float(largest[1]) == pytest.approx(abs(states[:, :length]).max(), rel=0.01)


@pytest.mark.parametrize(
    ("activation", "gain", "judged"),
    [
        ("linear", 0.5, "vanishes"),
        ("linear", 1.5, "explodes"),
        ("tanh", 1.1, "vanishes"),
        ("tanh", 3.0, "explodes"),
        ("sigmoid", 3.0, "vanishes"),
        ("ReLU", 1.1, "vanishes"),
        ("ReLU", 2.0, "explodes"),
    ],
)
def test_what_the_lecture_says_of_gain_and_activation_is_seen(activation: str, gain: float, judged: str):
    for seed in range(3):
        flow = gradient_flow(seed=seed)
        setting = {"gain": gain, "activation": activation, "length": 50}
        assert captions(flow, **setting).partition(": it ")[2].startswith(judged)
        gradient = data(flow, "gradient", **setting)[0][:50]
        assert (gradient[-1] < gradient[0]) == (judged == "vanishes")


@pytest.mark.parametrize(
    ("last", "judged"),
    [
        (2e-3 * 1.01, "neither vanishes nor explodes"),
        (2e-3 * 0.99, "less than 1/1000 is left: it vanishes"),
        (2e3 * 0.99, "neither vanishes nor explodes"),
        (2e3 * 1.01, "more than 1000 times as much: it explodes"),
    ],
)
def test_the_verdict_is_as_the_numbers_are(last: float, judged: str):
    norms = torch.tensor([2.0, 7.0, last])
    text = verdict(norms)
    assert judged in text
    assert text.startswith(f"From distance 1 to 3 the norm goes from 2 to {last:.3g}, ".replace("e+", "e"))
    assert f"by a factor of {(last / 2) ** 0.5:.2f} a step" in text


def test_a_gradient_of_zero_has_a_verdict():
    off = "All units are off at the last step: no gradient goes back at all."
    assert verdict(torch.zeros(3)) == off
    assert verdict(torch.tensor([0.5, 0.0, 0.0])).endswith(
        "by a factor of 0.00 a step; less than 1/1000 is left: it vanishes."
    )
    flow = gradient_flow(hidden=2)
    seen = set()
    for setting in flow.settings():
        gradient = panel(flow, "gradient", **setting)
        seen.add(gradient.data[0, 0] == 0)
        assert (gradient.caption == off) == (gradient.data[0, 0] == 0)
    assert seen == {True, False}


@pytest.mark.parametrize("hidden", [0, -1])
def test_a_network_without_units_is_refused(hidden: int):
    with pytest.raises(ValueError, match=f"^give the network at least one unit, not {hidden}$"):
        gradient_flow(hidden=hidden)


def test_float32_drops_what_is_said_to_be_lost_and_nothing_larger():
    one = np.float32(1)
    assert one + np.float32(LOST) == one
    assert one + np.nextafter(np.float32(LOST), one) > one


def test_the_axes_of_the_gradient_flow(flow: Explorer):
    limits = {title: panel(flow, title).limits for title in ("gradient", "states", "slope")}
    assert limits == {"gradient": (1e-20, 1e20), "states": (-1, 1), "slope": (0, 1.05)}


@pytest.mark.parametrize(("gain", "activation"), [(0.5, "linear"), (2.0, "tanh"), (3.0, "sigmoid")])
def test_the_slopes_caption_tells_their_root_mean_square(flow: Explorer, gain: float, activation: str):
    slope = panel(flow, "slope", gain=gain, activation=activation, length=25)
    typical = np.sqrt(np.nanmean(slope.data**2))
    assert (
        slope.caption == f"Typically (root mean square) {typical:.2f}; times the gain {gain * typical:.2f}."
    )


# gates


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


def test_many_inputs_are_a_map(generator: torch.Generator):
    model = SequencePredictor(GRU(4, HIDDEN, generator), 1, generator)
    one_hot = torch.eye(4)[[0, 3, 1]]
    explorer = gates(model, one_hot, list("abcd"))
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


# one step


def step_setting(layer: LSTM | GRU, part: str) -> dict[str, object]:
    setting: dict[str, object] = {"part": part, "x": -1, "h": 0.8}
    return setting | ({"c": 2} if isinstance(layer, LSTM) else {})


def numbers_by_name(diagram: Diagram) -> dict[str, float]:
    return {node.name: value for node, value in zip(diagram.nodes, diagram.data.tolist(), strict=True)}


def diagram_of(layer: LSTM | GRU, part: str) -> Diagram:
    (diagram,) = step_diagram(layer)(**step_setting(layer, part))
    assert isinstance(diagram, Diagram)
    return diagram


LSTM_ORDER = ["forget gate", "input gate", "candidate", "cell update", "output gate", "hidden state"]
GRU_ORDER = ["reset gate", "update gate", "candidate", "hidden state"]


def test_the_lstms_diagram_shows_the_step(generator: torch.Generator):
    layer = LSTM(1, 1, generator)
    shown = numbers_by_name(diagram_of(layer, "hidden state"))
    x, h, c = (torch.tensor([[number]]) for number in (-1.0, 0.8, 2.0))
    with torch.no_grad():
        new_h, new_c = lstm_step(x, h, c, layer.weight_input, layer.weight_hidden, layer.bias)
        trace = layer(x[None], (h, c))
    i, f, g, o = (trace.gates[name].item() for name in ("input", "forget", "candidate", "output"))
    assert shown == pytest.approx(
        {
            "current input": -1,
            "previous hidden state": 0.8,
            "previous cell state": 2,
            "input gate": i,
            "forget gate": f,
            "candidate": g,
            "output gate": o,
            "kept of the cell state": f * 2,
            "stored of the candidate": i * g,
            "cell state": new_c.item(),
            "tanh of the cell state": new_c.tanh().item(),
            "hidden state": new_h.item(),
            "next cell state": new_c.item(),
            "next hidden state": new_h.item(),
            "output": new_h.item(),
        }
    )


def test_the_grus_diagram_shows_the_step(generator: torch.Generator):
    layer = GRU(1, 1, generator)
    shown = numbers_by_name(diagram_of(layer, "hidden state"))
    x, h = torch.tensor([[-1.0]]), torch.tensor([[0.8]])
    with torch.no_grad():
        trace = layer(x[None], h)
        r, z, g = (trace.gates[name].item() for name in ("reset", "update", "candidate"))
        w, b = layer.weight_input[2, 0].item(), layer.bias[2].item()
    assert math.tanh(w * -1 + b + shown["let through by r"]) == pytest.approx(g)
    assert shown["let through by r"] == pytest.approx(r * shown["u h + b′"])
    assert shown["kept of the state"] + shown["written of the candidate"] == pytest.approx(
        shown["hidden state"]
    )
    assert shown["part that is written"] == pytest.approx(1 - z)
    assert (shown["reset gate"], shown["update gate"], shown["candidate"]) == pytest.approx((r, z, g))
    new = trace.states.item()
    assert shown["hidden state"] == shown["next hidden state"] == shown["output"] == pytest.approx(new)


GATES_READ = {"current input", "previous hidden state"}
READS = {
    LSTM: {
        "input gate": GATES_READ,
        "forget gate": GATES_READ,
        "candidate": GATES_READ,
        "output gate": GATES_READ,
        "kept of the cell state": {"previous cell state", "forget gate"},
        "stored of the candidate": {"input gate", "candidate"},
        "cell state": {"kept of the cell state", "stored of the candidate"},
        "tanh of the cell state": {"cell state"},
        "hidden state": {"tanh of the cell state", "output gate"},
        "next cell state": {"cell state"},
        "next hidden state": {"hidden state"},
        "output": {"hidden state"},
    },
    GRU: {
        "reset gate": GATES_READ,
        "update gate": GATES_READ,
        "u h + b′": {"previous hidden state"},
        "let through by r": {"reset gate", "u h + b′"},
        "candidate": {"current input", "let through by r"},
        "kept of the state": {"previous hidden state", "update gate"},
        "part that is written": {"update gate"},
        "written of the candidate": {"part that is written", "candidate"},
        "hidden state": {"kept of the state", "written of the candidate"},
        "next hidden state": {"hidden state"},
        "output": {"hidden state"},
    },
}


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_wires_lead_from_what_is_read(kind: type[LSTM | GRU], generator: torch.Generator):
    diagram = diagram_of(kind(1, 1, generator), "hidden state")
    reads: dict[str, set[str]] = {}
    for wire in diagram.wires:
        reads.setdefault(diagram.nodes[wire.target].name, set()).add(diagram.nodes[wire.origin].name)
    assert reads == READS[kind]
    assert len(diagram.wires) == sum(map(len, reads.values()))


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_no_node_stands_on_another(kind: type[LSTM | GRU], generator: torch.Generator):
    diagram = diagram_of(kind(1, 1, generator), "hidden state")
    for one, other in itertools.combinations(diagram.nodes, 2):
        assert math.dist(one.place, other.place) > 0.75, (one.name, other.name)


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_the_limits_hold_the_numbers_at_every_setting(kind: type[LSTM | GRU], generator: torch.Generator):
    small, large = kind(1, 1, generator), kind(1, 1, generator)
    with torch.no_grad():
        for parameter in large.parameters():
            parameter[2] = 4  # the block of the candidate
    for layer, reach in ((small, 4), (large, 4 if kind is LSTM else 4 * 0.8 + 4)):
        explorer = step_diagram(layer)
        every = [setting for setting in explorer.settings() if setting["part"] == "hidden state"]
        for setting in every:  # the other parts have the same numbers
            (diagram,) = explorer(**setting)
            assert diagram.limits == pytest.approx((-reach, reach))
            assert diagram.limits[0] <= diagram.data.min() and diagram.data.max() <= diagram.limits[1]


@pytest.mark.parametrize(("kind", "order"), [(LSTM, LSTM_ORDER), (GRU, GRU_ORDER)])
def test_parts_light_up_one_after_another(
    kind: type[LSTM | GRU], order: list[str], generator: torch.Generator
):
    layer = kind(1, 1, generator)
    parts = step_diagram(layer).controls["part"].values
    assert parts == ["nothing yet", *order]
    before = diagram_of(layer, "nothing yet").lit
    given = {
        name for name, light in zip(diagram_of(layer, "nothing yet").nodes, before, strict=True) if light
    }
    assert {node.name.split()[0] for node in given} == {"current", "previous"}
    done = before > 0
    for part in order:
        diagram = diagram_of(layer, part)
        now = diagram.lit == 1
        assert now.any() and not (now & done).any()
        assert (diagram.lit[done] == 0.5).all()
        done = done | now
        for wire in diagram.wires:  # what is computed reads only what is there
            assert diagram.lit[wire.target] == 0 or diagram.lit[wire.origin] > 0
    assert done.all()


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_the_formulas_add_up(kind: type[LSTM | GRU], generator: torch.Generator):
    """Put the numbers of every caption into Python: the right side is what the left side says."""
    layer = kind(1, 1, generator)
    explorer = step_diagram(layer)
    parts = explorer.controls["part"].values
    assert parts is not None
    names = {"σ": lambda a: 1 / (1 + math.exp(-a)), "tanh": math.tanh}
    for part in parts[1:]:
        caption = plain(captions(explorer, **step_setting(layer, str(part)))).partition(": ")[0].rstrip(".")
        *_, product, result = caption.split(" = ")
        value = eval(product.replace("·", "*"), names)
        assert value == pytest.approx(float(result), abs=0.03), caption


def test_explorers_are_called_as_their_makers(
    flow: Explorer, explorer: Explorer, typed: Explorer, generator: torch.Generator
):
    explorers = (flow, explorer, typed, step_diagram(GRU(1, 1, generator)))
    assert [each.name for each in explorers] == ["gradient flow", "gates", "typed gates", "step diagram"]


def test_a_larger_layer_has_no_diagram(generator: torch.Generator):
    with pytest.raises(ValueError, match="one input and one unit"):
        step_diagram(LSTM(2, 1, generator))
    with pytest.raises(ValueError, match="one input and one unit"):
        step_diagram(GRU(1, 2, generator))
