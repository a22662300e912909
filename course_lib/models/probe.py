"""A linear probe: what can be read out of a model's states by a linear map (Alain and Bengio 2016)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import linear, one_hot


@dataclass(frozen=True)
class LinearProbe:
    """A linear map from a state to one score a class.

    Attributes:
        weights: shape (classes, hidden).
        bias: shape (classes,).

    """

    weights: Float[Tensor, "classes hidden"]
    bias: Float[Tensor, "classes"]

    def predict(self, states: Float[Tensor, "sample hidden"]) -> Int[Tensor, "sample"]:
        """Return the class of the highest score for each state."""
        return linear(states, self.weights, self.bias).argmax(dim=1)

    def accuracy(self, states: Float[Tensor, "sample hidden"], labels: Int[Tensor, "sample"]) -> float:
        """Return the share of states, 0 to 1, whose predicted class is the label."""
        return (self.predict(states) == labels).double().mean().item()


def fit_linear_probe(
    states: Float[Tensor, "sample hidden"], labels: Int[Tensor, "sample"], classes: int
) -> LinearProbe:
    """Fit a probe by least squares on one-hot labels, numbered from 0 to classes - 1.

    There is nothing to tune and no chance in it, so what the probe finds was in the states.
    """
    inputs = torch.cat([states, torch.ones_like(states[:, :1])], dim=1)
    solution = torch.linalg.lstsq(inputs, one_hot(labels, classes).to(states.dtype)).solution
    return LinearProbe(weights=solution[:-1].T, bias=solution[-1])
