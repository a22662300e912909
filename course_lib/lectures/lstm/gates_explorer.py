"""The explorers of lectures 05 and 06: what the gates of an LSTM or a GRU do over time."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.explore.controls import Choice, Control, Slider, Text
from course_lib.explore.explorer import Explorer, explorer
from course_lib.explore.panels import Heat, Lines, Panel, span, two_digits
from course_lib.models.recurrent import Held, SequencePredictor, Trace
from course_lib.typed import quoted

TIME, UNIT = "time step", "unit"
AS_TRAINED = "none"
KEEPERS = ("forget", "update")
"""The gates that keep the old state where they are 1."""
SIGNED = "candidate"
"""The part of the trace that lies between -1 and 1: it is no gate, though it is computed like one."""
SYMBOLS = {"input": "i", "forget": "f", "output": "o", "reset": "r", "update": "z"}
LONGEST = 60
"""Most steps that a typed sequence may have."""
FEW = 3
"""Most inputs that are shown as curves; more may be symbols, one-hot."""
FARTHEST = 1000
"""How far from zero a typed number may be."""


def gates(
    model: SequencePredictor,
    inputs: Float[Tensor, "time inputs"],
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
) -> Explorer:
    """Every gate of a trained LSTM or GRU on one sequence, with biases moved and gates held.

    Args:
        model: an LSTM or GRU with its read-out. One output is shown as it is; several are scores, shown as
            probabilities.
        inputs: the sequence.
        input_names: a name for each input.
        output_names: a name for each output.

    Raises:
        ValueError: if the layer has no gates, or the sequence is empty, not finite or of another size.
    """
    _check(inputs)
    trained, trace = _run(model, inputs)
    unit, reach = _liveliest_unit(trace), _reach_of_cells(trace)
    added_bias, holds = f"added_to_{_keeper(model)}_bias", _holds(model)

    def picture(**setting: Any) -> list[Panel]:
        more_bias, held = setting[added_bias], holds[setting["held_gate"]]
        outputs, trace = _run(model, inputs, more_bias, held)
        said = _last("After the last step", outputs, output_names)
        if more_bias or held:
            said += _last(" As trained", trained, output_names)
        panels = [
            _series("input", inputs, input_names),
            _map("hidden state h", trace.states[0], 1),
            _read_out(outputs, trained, output_names, said),
            *_gate_panels(trace, unit, reach),
        ]
        return _with_named_steps(panels, inputs, input_names)

    controls: dict[str, Control] = {
        added_bias: Slider(-4, 4, at=0),
        "held_gate": Choice([*holds]),
    }

    def fits(held_gate: str, **_: Any) -> dict[str, int]:
        return {added_bias: 0} if held_gate.startswith(_keeper(model)) else {}

    return Explorer(picture, controls, widths=(1, 1, 1), scrub=(TIME, UNIT), name="gates", fits=fits)


def typed_gates(
    model: SequencePredictor,
    text: str,
    read: Callable[[str], Float[Tensor, "time inputs"]],
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
) -> Explorer:
    """Every gate of a trained LSTM or GRU on a sequence that is typed.

    Args:
        model: as in `gates`.
        text: what is typed at first.
        read: from what is typed to a sequence; raises ValueError with one line for what it can't read.
        input_names: a name for each input.
        output_names: a name for each output.

    Raises:
        ValueError: when shown, if the layer has no gates, or the sequence is empty, too long, not finite or
            of another size.
    """
    holds = _holds(model)

    @explorer(
        name="typed gates",
        widths=(1, 1, 1),
        scrub=(TIME, UNIT),
        sequence=Text(text),
        held_gate=Choice([*holds]),
    )
    def picture(sequence: str, held_gate: str) -> list[Panel]:
        inputs = read(sequence)
        _check(inputs)
        if not 1 <= len(inputs) <= LONGEST:
            raise ValueError(f"Type 1 to {LONGEST} steps; these are {len(inputs)}.")
        outputs, trace = _run(model, inputs, held=holds[held_gate])
        said = _last("After the last step", outputs, output_names)
        panels = [
            _series("input, as it was read", inputs, input_names),
            _map("hidden state h", trace.states[0], 1),
            _read_out(outputs, outputs, output_names, said),
            *_gate_panels(trace, _liveliest_unit(trace), _reach_of_cells(trace)),
        ]
        return _with_named_steps(panels, inputs, input_names)

    return picture


def read_symbols(symbols: str) -> Callable[[str], Float[Tensor, "time inputs"]]:
    """Make a reader of words over the symbols, each one-hot; without spaces, in small letters."""

    def read(text: str) -> Float[Tensor, "time inputs"]:
        there = [symbol if symbol in symbols else symbol.lower() for symbol in text if not symbol.isspace()]
        for symbol in there:
            if symbol not in symbols:
                raise ValueError(f"{quoted(symbol)} is not one of the symbols {' '.join(symbols)}.")
        return torch.eye(len(symbols))[[symbols.index(symbol) for symbol in there]]

    return read


def read_marked_numbers(text: str) -> Float[Tensor, "time 2"]:
    """Read numbers such as "0.3* 0.5 0.9*": each step's number, and 1 where a star marks it, else 0.

    Raises ValueError with one line for what is no number, or too far from zero for a picture.
    """
    steps = []
    for word in text.split():
        try:
            steps.append((float(word.removesuffix("*")), float(word.endswith("*"))))
        except ValueError:
            raise ValueError(f"{quoted(word)} is not a number; type numbers as in 0.3* 0.5 0.9*") from None
        if FARTHEST < abs(steps[-1][0]) < inf:
            raise ValueError(
                f"{quoted(word)} is too far from zero; type numbers from −{FARTHEST} to {FARTHEST}."
            )
    return torch.tensor(steps).reshape(-1, 2)


def _check(inputs: Tensor) -> None:
    """Refuse what is not one sequence of finite numbers; the layer itself checks the number of inputs."""
    if inputs.ndim != 2:
        raise ValueError(f"Give one sequence (time, inputs), not a tensor of shape {tuple(inputs.shape)}.")
    finite = inputs.isfinite().all(dim=1)
    if not finite.all():
        raise ValueError(f"Step {int((~finite).nonzero()[0]) + 1} is not a finite number.")


def _keeper(model: SequencePredictor) -> str:
    keepers = [gate for gate in model.layer.GATES if gate in KEEPERS]
    if not keepers:
        raise ValueError("this layer has no gates to look at: give an LSTM or a GRU")
    return keepers[0]


def _holds(model: SequencePredictor) -> dict[str, Held | None]:
    """The options of what is held, by what the learner reads."""
    gates = [gate for gate in model.layer.GATES if gate != SIGNED]
    held = {f"{gate} at {value}": {gate: float(value)} for gate in gates for value in (0, 1)}
    return {AS_TRAINED: None, **held}


@torch.no_grad()
def _run(
    model: SequencePredictor,
    inputs: Float[Tensor, "time inputs"],
    more_bias: float = 0,
    held: Held | None = None,
) -> tuple[Float[Tensor, "time outputs"], Trace]:
    """Run the model with `more_bias` added to its keeping gate's bias and gates held."""
    changed = copy.deepcopy(model)
    changed.layer.bias[changed.layer.block(_keeper(model))] += more_bias
    outputs, trace = changed(inputs[None], held=held)
    return outputs[0], trace


def _liveliest_unit(trace: Trace) -> int:
    """The unit whose gates vary most over time."""
    variation = torch.stack([values[0].std(dim=0, correction=0) for values in trace.gates.values()])
    return int(variation.sum(dim=0).argmax())


def _reach_of_cells(trace: Trace) -> float:
    """How far from zero the cell states go, as a whole number."""
    return 1.0 if trace.cells is None else max(1.0, trace.cells.abs().max().ceil().item())


def _with_named_steps(
    panels: Sequence[Heat | Lines], inputs: Float[Tensor, "time inputs"], input_names: Sequence[str]
) -> list[Panel]:
    """The panels; where each step reads one of several symbols, it has that symbol's name."""
    symbols = inputs.argmax(dim=1)
    size = inputs.shape[1]
    one_hot = torch.equal(torch.eye(size, dtype=inputs.dtype)[symbols], inputs)
    if size <= FEW or size != len(input_names) or not one_hot:
        return [*panels]
    names = [input_names[symbol] for symbol in symbols.tolist()]
    return [replace(panel, x_names=names) for panel in panels]


def _gate_panels(trace: Trace, unit: int, reach: float) -> list[Heat | Lines]:
    """A map of every gate and of the cell state, and the curves of one unit."""
    runs = {name: values[0] for name, values in trace.gates.items()}
    candidate = runs.pop(SIGNED)
    panels: list[Heat | Lines] = [
        _map(f"{name} gate {SYMBOLS[name]}", values) for name, values in runs.items()
    ]
    panels.append(_map("candidate g", candidate, 1))
    curves = {SYMBOLS[name]: values for name, values in runs.items()} | {"g": candidate}
    if trace.cells is not None:
        panels.append(_map("what is stored, i g", runs["input"] * candidate, 1))
        panels.append(_map("cell state c", trace.cells[0], reach))
        curves["tanh c"] = torch.tanh(trace.cells[0])
    curves["h"] = trace.states[0]
    panels.append(
        Lines(
            title="one unit",
            data=torch.stack([values.T for values in curves.values()], dim=1),
            x=TIME,
            y="value",
            names=list(curves),
            start=1,
            limits=(-1.05, 1.05),
            among=UNIT,
            place=unit,
        )
    )
    return panels


def _map(title: str, values: Float[Tensor, "time hidden"], reach: float = 0) -> Heat:
    """A map from -reach to reach, or of a gate from 0 to 1."""
    said = f"On average {two_digits(values.mean().item())}"
    if reach:
        said += f", at most {two_digits(values.abs().max().item())} from zero"
    limits = (-reach, reach) if reach else (0, 1)
    return Heat(title=title, data=values.T, x=TIME, y=UNIT, limits=limits, caption=f"{said}.")


def _series(title: str, values: Float[Tensor, "time inputs"], names: Sequence[str]) -> Lines | Heat:
    """A few inputs as curves, many as a map."""
    if values.shape[1] > FEW:
        return Heat(
            title=title, data=values.T, x=TIME, y="input", y_names=names, limits=(0, 1), stretched=True
        )
    return Lines(title=title, data=values.T, x=TIME, y="input", names=names, start=1)


def _read_out(
    outputs: Float[Tensor, "time outputs"],
    trained: Float[Tensor, "time outputs"],
    names: Sequence[str],
    caption: str,
) -> Lines | Heat:
    """Probabilities as a map, or one output as a curve beside the one of the trained model."""
    if outputs.shape[1] > 1:
        chances = outputs.softmax(dim=1).T
        return Heat(
            title="read-out, probabilities",
            data=chances,
            x=TIME,
            y="answer",
            y_names=names,
            limits=(0, 1),
            stretched=True,
            caption=caption,
        )
    low, high = span(trained.numpy())
    return Lines(
        title="read-out",
        data=torch.cat([outputs, trained], dim=1).T,
        x=TIME,
        y="output",
        names=["now", "as trained"],
        start=1,
        limits=(low - (high - low) / 2, high + (high - low) / 2),
        caption=caption,
    )


def _last(when: str, outputs: Float[Tensor, "time outputs"], names: Sequence[str]) -> str:
    """Say what is read out after the last step."""
    if outputs.shape[1] == 1:
        return f"{when}: {outputs[-1].item():.3f}."
    chance, answer = outputs[-1].softmax(dim=0).max(dim=0)
    name = names[int(answer)] if names else int(answer) + 1
    return f"{when}: “{name}” with probability {chance:.2f}."
