"""Markov chains: the next state depends on the present one alone."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor


def transition_matrix(
    sequences: Iterable[Int[Tensor, "_"]], states: int, smoothing: float = 0.0
) -> Float64[Tensor, "states states"]:
    """Estimate the probability of each next state (column) after each state (row) by counting neighbours.

    `smoothing` is added to every count. Rows sum to one; a row without counts is uniform.
    """
    counts = torch.full((states, states), smoothing, dtype=torch.float64)
    for sequence in sequences:
        pairs = sequence[:-1] * states + sequence[1:]
        counts += torch.bincount(pairs, minlength=states * states).view(states, states)
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals.clamp(min=1e-300), 1 / states)


def stationary_distribution(transition: Float[Tensor, "states states"]) -> Float[Tensor, "states"]:
    """Return the distribution that a step of the chain leaves as it is.

    It is unique when every state can be reached from every other one; for a chain that falls apart into
    several closed sets of states, one of the many is returned.
    """
    states = len(transition)
    unchanged = transition.T - torch.eye(states, dtype=transition.dtype)
    sums_to_one = torch.ones(1, states, dtype=transition.dtype)
    equations = torch.cat([unchanged, sums_to_one])
    right_side = torch.zeros(states + 1, 1, dtype=transition.dtype)
    right_side[-1] = 1
    return torch.linalg.lstsq(equations, right_side).solution[:, 0]


@dataclass(frozen=True)
class MarkovChain:
    """A chain over the states 0, 1, ..., states - 1.

    Attributes:
        initial: the probabilities of the first state, shape (states,).
        transition: the probability of each next state (column) after each state (row).

    """

    initial: Float[Tensor, "states"]
    transition: Float[Tensor, "states states"]

    def log_probability(self, sequence: Int[Tensor, "time"]) -> Float[Tensor, ""]:
        """Return the natural logarithm of the sequence's joint probability; -inf if it is impossible."""
        first = self.initial[sequence[0]].log()
        return first + self.transition[sequence[:-1], sequence[1:]].log().sum()

    def distribution(self, steps: int) -> Float[Tensor, "states"]:
        """Return the distribution of the state after `steps` steps; after 0 steps it is `initial`."""
        return self.initial @ torch.linalg.matrix_power(self.transition, steps)

    def sample(self, steps: int, generator: torch.Generator) -> Int[Tensor, "steps"]:
        """Draw a sequence of `steps` states."""
        sequence: list[int] = []
        probabilities = self.initial
        for _ in range(steps):
            state = int(torch.multinomial(probabilities, 1, generator=generator))
            sequence.append(state)
            probabilities = self.transition[state]
        return torch.tensor(sequence, dtype=torch.long)
