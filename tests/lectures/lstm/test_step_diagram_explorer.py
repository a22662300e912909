"""The diagram of one step shows what an LSTM or a GRU computes."""

import itertools
import math

import pytest
import torch

from course_lib.explore import Diagram
from course_lib.lectures.lstm.step_diagram_explorer import step_diagram
from course_lib.models.recurrent import GRU, LSTM, lstm_step
from tests.explore.reading import captions, plain


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


def test_a_larger_layer_has_no_diagram(generator: torch.Generator):
    with pytest.raises(ValueError, match="one input and one unit"):
        step_diagram(LSTM(2, 1, generator))
    with pytest.raises(ValueError, match="one input and one unit"):
        step_diagram(GRU(1, 2, generator))


def test_the_explorer_is_called_as_its_maker(generator: torch.Generator):
    assert step_diagram(GRU(1, 1, generator)).name == "step diagram"
