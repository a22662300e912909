"""Recurrent networks: a hidden state is carried from step to step."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn


def rnn_step(
    x: Float[Tensor, "batch inputs"],
    h: Float[Tensor, "batch hidden"],
    weight_input: Float[Tensor, "hidden inputs"],
    weight_hidden: Float[Tensor, "hidden hidden"],
    bias: Float[Tensor, "hidden"],
) -> Float[Tensor, "batch hidden"]:
    """Return the next hidden state, tanh(W_input x + W_hidden h + bias). Elman 1990."""
    return torch.tanh(x @ weight_input.T + h @ weight_hidden.T + bias)


def parameter_count(inputs: int, hidden: int) -> int:
    """Return how many weights and biases an RNN has; the number of steps plays no part.

    `torch.nn.RNN` keeps a second bias vector that is added to the first, so it counts `hidden` more.
    """
    return hidden * (inputs + hidden + 1)


@dataclass(frozen=True)
class Trace:
    """What a recurrent layer computed in one forward pass: `states` holds the state after every step."""

    states: Float[Tensor, "batch time hidden"]


class RNN(nn.Module):
    """A recurrent layer with tanh: `torch.nn.RNN(inputs, hidden, batch_first=True)` with one bias vector."""

    def __init__(self, inputs: int, hidden: int, generator: torch.Generator | None = None):
        """Draw all parameters uniformly between -1/sqrt(hidden) and 1/sqrt(hidden)."""
        super().__init__()
        self.weight_input = _uniform(hidden, (hidden, inputs), generator)
        self.weight_hidden = _uniform(hidden, (hidden, hidden), generator)
        self.bias = _uniform(hidden, (hidden,), generator)

    @classmethod
    def from_torch(cls, layer: nn.RNN) -> "RNN":
        """Copy the weights of a `torch.nn.RNN`; its two bias vectors are added up.

        Raises ValueError if it has several layers or directions, no bias, or another activation than tanh.
        """
        if layer.num_layers > 1 or layer.bidirectional or not layer.bias or layer.nonlinearity != "tanh":
            raise ValueError(
                "only a torch.nn.RNN of one layer, one direction, with bias and tanh can be copied"
            )
        source = layer.state_dict()
        weights = {
            "weight_input": source["weight_ih_l0"],
            "weight_hidden": source["weight_hh_l0"],
            "bias": source["bias_ih_l0"] + source["bias_hh_l0"],
        }
        rnn = cls(layer.input_size, layer.hidden_size).to(weights["bias"].dtype)
        rnn.load_state_dict(weights)
        return rnn

    @property
    def hidden(self) -> int:
        """The number of hidden units."""
        return len(self.bias)

    def forward(
        self, inputs: Float[Tensor, "batch time inputs"], initial: Float[Tensor, "batch hidden"] | None = None
    ) -> Trace:
        """Run over all steps, from the state `initial` or from zeros.

        The inputs are multiplied by their weights for all steps at once, before the loop: only the state
        has to wait for the step before it.
        """
        projected = inputs @ self.weight_input.T + self.bias
        h = inputs.new_zeros(len(inputs), self.hidden) if initial is None else initial
        states = []
        for step in projected.unbind(dim=1):
            h = torch.tanh(step + h @ self.weight_hidden.T)
            states.append(h)
        return Trace(states=torch.stack(states, dim=1))


class SequencePredictor(nn.Module):
    """A recurrent layer and a linear read-out of its state after every step."""

    def __init__(self, rnn: RNN, outputs: int, generator: torch.Generator | None = None):
        """Draw the read-out uniformly between -1/sqrt(hidden) and 1/sqrt(hidden)."""
        super().__init__()
        self.rnn = rnn
        self.weight_output = _uniform(rnn.hidden, (outputs, rnn.hidden), generator)
        self.bias_output = _uniform(rnn.hidden, (outputs,), generator)

    def forward(
        self, inputs: Float[Tensor, "batch time inputs"], initial: Float[Tensor, "batch hidden"] | None = None
    ) -> tuple[Float[Tensor, "batch time outputs"], Trace]:
        """Return the prediction after every step, and the trace of the recurrent layer."""
        trace = self.rnn(inputs, initial)
        return trace.states @ self.weight_output.T + self.bias_output, trace

    @torch.no_grad()
    def forecast(
        self, history: Float[Tensor, "batch time values"], steps: int
    ) -> Float[Tensor, "batch steps values"]:
        """Continue each history by `steps` predictions, feeding each one back as the next input.

        The model must predict its own next input, so it has as many outputs as inputs.
        """
        outputs, trace = self(history)
        predictions = [outputs[:, -1:]]
        for _ in range(steps - 1):
            outputs, trace = self(predictions[-1], trace.states[:, -1])
            predictions.append(outputs)
        return torch.cat(predictions, dim=1)


def _uniform(hidden: int, shape: tuple[int, ...], generator: torch.Generator | None) -> nn.Parameter:
    bound = hidden**-0.5
    return nn.Parameter(nn.init.uniform_(torch.empty(shape), -bound, bound, generator=generator))
