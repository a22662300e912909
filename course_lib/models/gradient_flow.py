"""How the last state of a recurrent network depends on earlier ones: Jacobians and their products."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

Step = Callable[[Tensor, Tensor], Tensor]
"""From the input (inputs,) and the state (hidden,) to the next state (hidden,)."""


def with_spectral_radius(
    weight: Float[Tensor, "hidden hidden"], radius: float
) -> Float[Tensor, "hidden hidden"]:
    """Return the matrix scaled so that its largest eigenvalue has the modulus `radius`.

    Raises ValueError if all eigenvalues are zero.
    """
    largest = torch.linalg.eigvals(weight).abs().max()
    if largest == 0:
        raise ValueError("all eigenvalues of this matrix are zero: no scaling gives it another radius")
    return weight * (radius / largest)


def orthogonal(hidden: int, generator: torch.Generator | None = None) -> Float[Tensor, "hidden hidden"]:
    """Draw one of the matrices that keep every vector's length. Saxe, McClelland and Ganguli 2014."""
    return torch.nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator)


def state_jacobians(
    step: Step, state: Float[Tensor, "hidden"], inputs: Float[Tensor, "time inputs"]
) -> Float[Tensor, "time hidden hidden"]:
    """Return the Jacobian of each step, d h_t / d h_{t-1}, along the run from h_0 = `state`.

    Raises ValueError if there are no inputs.
    """
    if len(inputs) == 0:
        raise ValueError("there are no inputs: give at least one step")
    states = [state]
    for x in inputs[:-1]:
        states.append(step(x, states[-1]))
    return torch.func.vmap(torch.func.jacrev(step, argnums=1))(inputs, torch.stack(states))


def gradient_norm_by_distance(
    step: Step, state: Float[Tensor, "hidden"], inputs: Float[Tensor, "time inputs"]
) -> Float[Tensor, "time"]:
    """Return how much the last state answers to earlier ones: entry k-1 is the norm of d h_T / d h_{T-k}.

    The gradient over k steps is the product of their Jacobians (the chain rule); its norm is the largest
    factor by which it stretches a vector, its spectral norm. Pascanu, Mikolov and Bengio 2013.

    Raises ValueError if there are no inputs.
    """
    return product_norms(state_jacobians(step, state, inputs))


def product_norms(jacobians: Float[Tensor, "time hidden hidden"]) -> Float[Tensor, "time"]:
    """Return the spectral norms of the products of the last 1, 2, ... Jacobians."""
    products = [jacobians[-1]]
    for jacobian in jacobians[:-1].flip(0):
        products.append(products[-1] @ jacobian)
    return torch.linalg.matrix_norm(torch.stack(products), ord=2)
