"""Recurrent networks: a state is carried from step to step.

The gates of LSTM and GRU are blocks of rows in one weight matrix, in PyTorch's order: copied weights fit.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

Batch = Float[Tensor, "batch hidden"]
Run = Float[Tensor, "batch time hidden"]
State = Batch | tuple[Batch, Batch]
"""What a layer carries: the hidden state h of an RNN or a GRU, the pair (h, c) of an LSTM."""
Held = Mapping[str, float]
"""Gates that are not computed but held at a number, by name."""


def rnn_step(
    x: Float[Tensor, "batch inputs"],
    h: Float[Tensor, "batch hidden"],
    weight_input: Float[Tensor, "hidden inputs"],
    weight_hidden: Float[Tensor, "hidden hidden"],
    bias: Float[Tensor, "hidden"],
) -> Float[Tensor, "batch hidden"]:
    """Return the next hidden state, tanh(W_input x + W_hidden h + bias). Elman 1990."""
    return torch.tanh(x @ weight_input.T + h @ weight_hidden.T + bias)


def lstm_step(
    x: Float[Tensor, "batch inputs"],
    h: Float[Tensor, "batch hidden"],
    c: Float[Tensor, "batch hidden"],
    weight_input: Float[Tensor, "4*hidden inputs"],
    weight_hidden: Float[Tensor, "4*hidden hidden"],
    bias: Float[Tensor, "4*hidden"],
) -> tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]]:
    """Return the next hidden state and the next cell state of an LSTM.

    The rows of the weights hold four blocks: input gate, forget gate, candidate, output gate. Hochreiter and
    Schmidhuber 1997; the forget gate is from Gers, Schmidhuber and Cummins 2000.
    """
    i, f, g, o = _lstm_gates(x @ weight_input.T + h @ weight_hidden.T + bias, {})
    c = f * c + i * g
    return o * torch.tanh(c), c


def gru_step(
    x: Float[Tensor, "batch inputs"],
    h: Float[Tensor, "batch hidden"],
    weight_input: Float[Tensor, "3*hidden inputs"],
    weight_hidden: Float[Tensor, "3*hidden hidden"],
    bias_input: Float[Tensor, "3*hidden"],
    bias_hidden: Float[Tensor, "3*hidden"],
) -> Float[Tensor, "batch hidden"]:
    """Return the next hidden state of a GRU; where its update gate is 1, the old state is kept.

    The rows of the weights hold three blocks: reset gate, update gate, candidate. The reset gate multiplies
    the old state's product with its weights (and its bias), not the old state itself, as in `torch.nn.GRU`.
    Cho et al. 2014.
    """
    _, z, g = _gru_gates(x @ weight_input.T + bias_input, h @ weight_hidden.T + bias_hidden, {})
    return (1 - z) * g + z * h


def cell_from_gates(
    *, f: Float[Tensor, "time"], i: Float[Tensor, "time"], g: Float[Tensor, "time"], o: Float[Tensor, "time"]
) -> tuple[Float[Tensor, "time"], Float[Tensor, "time"]]:
    """Return hidden and cell states of one LSTM unit whose gates are given; the cell starts from 0.

    Raises TypeError if a gate is a number or another thing than a tensor with one value for each step.
    """
    if not all(isinstance(gate, Tensor) and gate.ndim == 1 for gate in (f, i, g, o)):
        raise TypeError("each gate is a tensor of shape (time,); `torch.ones(time)` holds one open")
    c, cells = torch.zeros_like(f[0]), []
    for forget, add in zip(f, i * g, strict=True):
        c = forget * c + add
        cells.append(c)
    c = torch.stack(cells)
    return o * torch.tanh(c), c


def set_forget_bias(bias: Float[Tensor, "rows"], value: float) -> Float[Tensor, "rows"]:
    """Return the bias of an LSTM with all its forget gates' entries at `value`. Jozefowicz et al. 2015."""
    i, _, g, o = bias.chunk(4)
    return torch.cat([i, torch.full_like(i, value), g, o])


def rnn_parameter_count(inputs: int, hidden: int) -> int:
    """Return how many weights and biases an RNN has; the number of steps plays no part.

    `torch.nn.RNN` keeps a second bias vector that is added to the first, so it counts `hidden` more.
    """
    return hidden * (inputs + hidden + 1)


@dataclass(frozen=True)
class Trace:
    """What a recurrent layer computed in one forward pass.

    Where a step is padding, states and cells are those of the step before, and the gates mean nothing.

    Attributes:
        states: the hidden state after every step.
        cells: the cell state after every step, of an LSTM.
        gates_by_step: the gates' values, by name, in a row of one tensor for each step.
    """

    states: Run
    cells: Run | None
    gates_by_step: Mapping[str, tuple[Batch, ...]]

    @cached_property
    def gates(self) -> dict[str, Run]:
        """The gates' values at every step, by name: put together when asked for, as training does not."""
        return {name: torch.stack(values, dim=1) for name, values in self.gates_by_step.items()}

    @property
    def last(self) -> State:
        """The state after the last step: what `initial` takes to go on from there."""
        h = self.states[:, -1]
        return h if self.cells is None else (h, self.cells[:, -1])


class RecurrentLayer(nn.Module):
    """What RNN, LSTM and GRU share: weights in blocks of rows, one block a gate, and the loop over time."""

    GATES: tuple[str, ...] = ()
    STATES: tuple[str, ...] = ("h",)

    def __init__(self, inputs: int, hidden: int, generator: torch.Generator | None = None):
        """Draw all parameters uniformly between -1/sqrt(hidden) and 1/sqrt(hidden)."""
        super().__init__()
        self.inputs, self.hidden = inputs, hidden
        rows = max(1, len(self.GATES)) * hidden  # an RNN has one block without a gate
        self.weight_input = _uniform(hidden, (rows, inputs), generator)
        self.weight_hidden = _uniform(hidden, (rows, hidden), generator)
        self.bias = _uniform(hidden, (rows,), generator)

    def block(self, gate: str) -> slice:
        """Return which rows of the weights and of the biases belong to a gate."""
        start = self.GATES.index(gate) * self.hidden
        return slice(start, start + self.hidden)

    def forward(
        self,
        inputs: Float[Tensor, "batch time inputs"],
        initial: State | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
        held: Held | None = None,
    ) -> Trace:
        """Run over all steps.

        The inputs are multiplied by their weights for all steps and gates at once, before the loop: only the
        state has to wait for the step before it.

        Args:
            inputs: the values to read.
            initial: the state before the first step, as `Trace.last` gives it; zeros by default.
            mask: False where a value is padding; such a step leaves the state as it was.
            held: gates that are not computed but held at a number, by name.

        Raises:
            ValueError: there is no step, inputs, state or mask don't fit, or a held gate is not in `GATES`.
        """
        self._check(inputs, mask, held or {})
        projected = inputs @ self.weight_input.T + self.bias
        weight = self.weight_hidden.T
        state = self._first(inputs, initial)
        steps = []
        for t, projected_step in enumerate(projected.unbind(dim=1)):
            after, gates = self._step(projected_step, state, weight, held or {})
            if mask is not None:
                after = tuple(torch.where(mask[:, t, None], *pair) for pair in zip(after, state, strict=True))
            state = after
            steps.append((*state, *gates))
        by_name = dict(zip((*self.STATES, *self.GATES), zip(*steps, strict=True), strict=True))
        h, *c = (torch.stack(by_name.pop(name), dim=1) for name in self.STATES)
        return Trace(h, c[0] if c else None, by_name)

    def _step(
        self, projected: Tensor, state: tuple[Tensor, ...], weight: Tensor, held: Held, /
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """The state after one step, and the gates; `weight` multiplies the old state from the right."""
        raise NotImplementedError

    def _first(self, inputs: Tensor, initial: State | None) -> tuple[Tensor, ...]:
        shape = (len(inputs), self.hidden)
        if initial is None:
            return tuple(inputs.new_zeros(shape) for _ in self.STATES)
        state = initial if isinstance(initial, tuple) else (initial,)
        if len(state) != len(self.STATES):
            raise ValueError(f"this layer starts from {' and '.join(self.STATES)}, as `Trace.last` gives it")
        if any(part.shape != shape for part in state):
            raise ValueError(f"an initial state is (batch, hidden), here {shape}, as `Trace.last` gives it")
        return state

    def _check(self, inputs: Tensor, mask: Tensor | None, held: Held) -> None:
        if inputs.ndim != 3:
            raise ValueError("inputs are (batch, time, inputs); add a batch with x[None]")
        if inputs.shape[1] == 0:
            raise ValueError("the sequences are empty: give at least one step")
        if inputs.shape[2] != self.inputs:
            raise ValueError(f"each step has {inputs.shape[2]} values, but this layer reads {self.inputs}")
        if mask is not None and (mask.dtype != torch.bool or mask.shape != inputs.shape[:2]):
            raise ValueError("a mask is (batch, time), of booleans: False where a value is padding")
        if held and not self.GATES:
            raise ValueError("an RNN has no gates to hold")
        if unknown := set(held) - set(self.GATES):
            raise ValueError(f"no gate is called {', '.join(sorted(unknown))}; there are {self.GATES}")


class RNN(RecurrentLayer):
    """A layer without gates, as `torch.nn.RNN` with `batch_first=True`, but with one bias vector."""

    def __init__(
        self,
        inputs: int,
        hidden: int,
        generator: torch.Generator | None = None,
        activation: Callable[[Tensor], Tensor] = torch.tanh,
    ):
        """Draw all parameters uniformly between -1/sqrt(hidden) and 1/sqrt(hidden)."""
        super().__init__(inputs, hidden, generator)
        self.activation = activation

    def _step(
        self, projected: Tensor, state: tuple[Tensor, ...], weight: Tensor, _held: Held, /
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        (h,) = state
        return (self.activation(projected + h @ weight),), ()


class LSTM(RecurrentLayer):
    """Long short-term memory, as `torch.nn.LSTM` with `batch_first=True`, but with one bias vector."""

    GATES = ("input", "forget", "candidate", "output")
    STATES = ("h", "c")

    def __init__(
        self,
        inputs: int,
        hidden: int,
        generator: torch.Generator | None = None,
        forget_bias: float | None = None,
        input_bias: float | None = None,
    ):
        """Draw the parameters as every layer does; all forget or input gates get the bias that is given.

        To remember for about T steps from the start, Tallec and Ollivier 2018 set them near log T and -log T.
        """
        super().__init__(inputs, hidden, generator)
        with torch.no_grad():
            for gate, bias in (("forget", forget_bias), ("input", input_bias)):
                if bias is not None:
                    self.bias[self.block(gate)] = bias

    def _step(
        self, projected: Tensor, state: tuple[Tensor, ...], weight: Tensor, held: Held, /
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        h, c = state
        i, f, g, o = gates = _lstm_gates(projected + h @ weight, held)
        c = f * c + i * g
        return (o * torch.tanh(c), c), gates


class GRU(RecurrentLayer):
    """Gated recurrent units, as `torch.nn.GRU` with `batch_first=True`; its two biases can't be added up."""

    GATES = ("reset", "update", "candidate")

    def __init__(
        self,
        inputs: int,
        hidden: int,
        generator: torch.Generator | None = None,
        update_bias: float | None = None,
    ):
        """Draw the parameters as every layer does; all update gates get the bias `update_bias` if given."""
        super().__init__(inputs, hidden, generator)
        self.bias_hidden = _uniform(hidden, tuple(self.bias.shape), generator)
        if update_bias is not None:
            with torch.no_grad():
                self.bias[self.block("update")] = update_bias
                self.bias_hidden[self.block("update")] = 0

    def _step(
        self, projected: Tensor, state: tuple[Tensor, ...], weight: Tensor, held: Held, /
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        (h,) = state
        from_state = self.bias_hidden + h @ weight
        _, z, g = gates = _gru_gates(projected, from_state, held)
        return (torch.lerp(g, h, z),), gates


def from_torch(layer: nn.RNNBase, number: int = 0) -> RecurrentLayer:
    """Copy the weights of a `torch.nn.RNN`, `LSTM` or `GRU`; of several layers in it, those of one.

    Its dropout between layers is ignored. Raises ValueError if it has two directions, no bias or a projection
    of its state, or no layer of that number.
    """
    if layer.bidirectional or not layer.bias or layer.proj_size:
        raise ValueError("only a layer of one direction, with bias and without a projection, can be copied")
    if not 0 <= number < layer.num_layers:
        layers = "1 layer" if layer.num_layers == 1 else f"{layer.num_layers} layers"
        raise ValueError(f"this layer has {layers}, counted from 0; there is no {number}")
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    copied = (getattr(layer, f"{name}_l{number}").detach() for name in names)
    weight_input, weight_hidden, bias_input, bias_hidden = copied
    inputs, hidden = weight_input.shape[1], layer.hidden_size
    copy = {
        "RNN_TANH": lambda: RNN(inputs, hidden),
        "RNN_RELU": lambda: RNN(inputs, hidden, activation=torch.relu),
        "LSTM": lambda: LSTM(inputs, hidden),
        "GRU": lambda: GRU(inputs, hidden),
    }[layer.mode]()
    biases = (
        {"bias": bias_input, "bias_hidden": bias_hidden}
        if isinstance(copy, GRU)
        else {"bias": bias_input + bias_hidden}
    )
    copy.to(weight_input.dtype)
    copy.load_state_dict({"weight_input": weight_input, "weight_hidden": weight_hidden} | biases)
    return copy


class Stack(nn.Module):
    """Several recurrent layers; each reads the states of the one before."""

    def __init__(self, layers: Iterable[RecurrentLayer]):
        """Stack the layers, the first one reading the inputs."""
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(
        self,
        inputs: Float[Tensor, "batch time inputs"],
        initial: Iterable[Tensor | tuple[Tensor, Tensor]] | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> list[Trace]:
        """Run all layers over all steps, from one initial state a layer; return a trace for each layer."""
        states = [None] * len(self.layers) if initial is None else list(initial)
        if len(states) != len(self.layers):
            raise ValueError(f"give one initial state for each layer: {len(self.layers)}, not {len(states)}")
        traces = []
        for layer, state in zip(self.layers, states, strict=True):
            traces.append(layer(inputs, state, mask))
            inputs = traces[-1].states
        return traces


class SequencePredictor(nn.Module):
    """A recurrent layer and a linear read-out of its state after every step."""

    def __init__(self, layer: RecurrentLayer, outputs: int, generator: torch.Generator | None = None):
        """Draw the read-out uniformly between -1/sqrt(hidden) and 1/sqrt(hidden)."""
        super().__init__()
        self.layer = layer
        self.weight_output = _uniform(layer.hidden, (outputs, layer.hidden), generator)
        self.bias_output = _uniform(layer.hidden, (outputs,), generator)

    def forward(
        self,
        inputs: Float[Tensor, "batch time inputs"],
        initial: State | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
        held: Held | None = None,
    ) -> tuple[Float[Tensor, "batch time outputs"], Trace]:
        """Return the prediction after every step, and the trace of the recurrent layer."""
        trace = self.layer(inputs, initial, mask, held)
        return trace.states @ self.weight_output.T + self.bias_output, trace

    @torch.no_grad()
    def forecast(
        self, history: Float[Tensor, "batch time values"], steps: int
    ) -> Float[Tensor, "batch steps values"]:
        """Continue each history by `steps` predictions, feeding each one back as the next input.

        The model must predict its own next input: raises ValueError unless it has as many outputs as inputs
        and `steps` is at least 1. The result requires no gradient.
        """
        if steps < 1:
            raise ValueError("forecast at least one step")
        if len(self.bias_output) != self.layer.inputs:
            sizes = f"{len(self.bias_output)} and {self.layer.inputs}"
            raise ValueError(f"a model that forecasts needs as many outputs as inputs: {sizes}")
        outputs, trace = self(history)
        predictions = [outputs[:, -1:]]
        for _ in range(steps - 1):
            outputs, trace = self(predictions[-1], trace.last)
            predictions.append(outputs)
        return torch.cat(predictions, dim=1)


def _lstm_gates(preactivations: Float[Tensor, "batch rows"], held: Held) -> tuple[Batch, Batch, Batch, Batch]:
    """Return input gate, forget gate, candidate and output gate, of the blocks in this order."""
    i, f, g, o = preactivations.chunk(4, dim=-1)
    return (
        _unless_held("input", torch.sigmoid(i), held),
        _unless_held("forget", torch.sigmoid(f), held),
        _unless_held("candidate", torch.tanh(g), held),
        _unless_held("output", torch.sigmoid(o), held),
    )


def _gru_gates(
    from_input: Float[Tensor, "batch rows"], from_state: Float[Tensor, "batch rows"], held: Held
) -> tuple[Batch, Batch, Batch]:
    """Return reset gate, update gate and candidate; the reset gate acts on what comes from the old state."""
    r, z, g = from_input.chunk(3, dim=-1)
    r_state, z_state, g_state = from_state.chunk(3, dim=-1)
    r = _unless_held("reset", torch.sigmoid(r + r_state), held)
    z = _unless_held("update", torch.sigmoid(z + z_state), held)
    return r, z, _unless_held("candidate", torch.tanh(g + r * g_state), held)


def _unless_held(name: str, gate: Batch, held: Held) -> Batch:
    return torch.full_like(gate, held[name]) if name in held else gate


def _uniform(hidden: int, shape: tuple[int, ...], generator: torch.Generator | None) -> nn.Parameter:
    bound = hidden**-0.5
    return nn.Parameter(nn.init.uniform_(torch.empty(shape), -bound, bound, generator=generator))
