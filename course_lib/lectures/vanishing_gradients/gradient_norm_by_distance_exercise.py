"""The exercise of lecture 04 on the norm of gradients."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.gradient_flow import Step, state_jacobians


def gradient_norm_by_distance(
    step: Step, state: Float[Tensor, "hidden"], inputs: Float[Tensor, "time inputs"]
) -> Float[Tensor, "time"]:
    """Return how much the last state answers to earlier ones: entry k-1 is the norm of d h_T / d h_{T-k}.

    The gradient over k steps is the product of their Jacobians (the chain rule); its norm is the largest
    factor by which it stretches a vector, its spectral norm. Pascanu, Mikolov and Bengio 2013.

    Raises ValueError if there are no inputs.
    """
    jacobians = state_jacobians(step, state, inputs)
    product, norms = torch.eye(len(state), dtype=state.dtype), []
    for jacobian in jacobians.flip(0):
        product = product @ jacobian
        norms.append(torch.linalg.matrix_norm(product, ord=2))
    return torch.stack(norms)


def _step(
    activation: Callable[[Tensor], Tensor], weight_input: Tensor, weight_hidden: Tensor, x: Tensor, h: Tensor
) -> Tensor:
    return activation(weight_input @ x + weight_hidden @ h)


def _case(generator: torch.Generator, activation: Callable[[Tensor], Tensor], time: int) -> tuple[Any, ...]:
    return _run(generator, activation, time, *draw.unequal(generator, 2, 3, 5))


def _run(
    generator: torch.Generator, activation: Callable[[Tensor], Tensor], time: int, inputs: int, hidden: int
) -> tuple[Any, ...]:
    weights = draw.normal(generator, hidden, inputs) / inputs, draw.normal(generator, hidden, hidden)
    return (
        partial(_step, activation, *weights),
        draw.normal(generator, hidden),
        draw.normal(generator, time, inputs),
    )


def _off(a: Tensor) -> Tensor:
    """ReLU far below its threshold."""
    return torch.relu(a - 100)


MISTAKES = """
    the Frobenius norm is taken
        , ord=2 ->
    The spectral norm, `matrix_norm(..., ord=2)`, is the most by which a matrix stretches a vector; the
    Frobenius norm adds up all directions.

    the largest eigenvalue is taken instead of the norm
        torch.linalg.matrix_norm(product, ord=2) -> torch.linalg.eigvals(product).abs().max()
    The spectral norm is the largest singular value; the largest eigenvalue can be far smaller.

    the smallest singular value is taken
        ord=2 -> ord=-2
    The norm is the *largest* factor by which a vector is stretched: the first of `svdvals`, not the last.

    the norm is squared
        torch.linalg.matrix_norm(product, ord=2) -> torch.linalg.matrix_norm(product, ord=2) ** 2
    The eigenvalues of `product.T @ product` are the squares of the singular values: take the root.

    the largest sum of a column is taken for the norm
        ord=2 -> ord=1
    `ord=1` sums absolute values in each column; the spectral norm is `ord=2`.

    each step's own Jacobian is measured
        matrix_norm(product -> matrix_norm(jacobian
    Over a distance of k steps the gradient passes k Jacobians: multiply them, then take the norm.

    the norms of the steps are multiplied
        matrix_norm(product -> matrix_norm(jacobian
        torch.stack(norms) -> torch.stack(norms).cumprod(dim=0)
    The norm of a product is at most the product of the norms: multiply the matrices first.

    the Jacobians are multiplied in the wrong order
        product @ jacobian -> jacobian @ product
    The last step's Jacobian is the leftmost factor; each earlier one comes in from the right.

    the last step's Jacobian is raised to powers
        product @ jacobian -> product @ jacobians[-1]
    Each step has a Jacobian of its own, since the state it starts from is another.

    the Jacobians are added
        product @ jacobian -> product + jacobian
    By the chain rule the derivatives along a way are multiplied; ways are added, and here is only one.

    the run starts from a state of zeros
        step, state, inputs -> step, torch.zeros_like(state), inputs
    `state` is the state before the first step: the Jacobians depend on it.

    the Jacobians are reversed by a slice
        jacobians.flip(0) -> jacobians[::-1]
    The error says that a step must be positive: unlike a list, a tensor takes no `[::-1]`, but `.flip(0)`.

    the product starts from the number 1
        torch.eye(len(state), dtype=state.dtype) -> 1
    The error says that `@` takes no number: what changes nothing in a product of matrices is the identity.

    the identity has a row for each step
        len(state) -> len(inputs)
    The error says that two matrices do not fit: a Jacobian has a row for each unit of the state.

    the Jacobians are taken from the first step on
        jacobians.flip(0) -> jacobians
    The last step's Jacobian is the first factor: go through them from the end.

    the Jacobians are multiplied cell by cell
        torch.eye(len(state), dtype=state.dtype) -> torch.ones_like(jacobians[0])
        product @ jacobian -> product * jacobian
    `*` multiplies cell by cell; matrices take `@`.

    the identity is multiplied by the Jacobians cell by cell
        product @ jacobian -> product * jacobian
    `*` multiplies cell by cell, so only the diagonal is left; matrices take `@`.

    the distance is counted from the first state
        jacobians.flip(0) -> jacobians
        product @ jacobian -> jacobian @ product
    Entry k-1 is about the last state: start from the last step's Jacobian and go back.

    the farthest state comes first
        torch.stack(norms) -> torch.stack(norms[::-1])
    Entry 0 belongs to a distance of one step, the last entry to the state before the first step.

    the last state is summed before the gradient is taken
        torch.linalg.matrix_norm(product, ord=2) -> product.sum(dim=0).norm()
    The gradient of the sum is one vector; the Jacobian has a row for every unit of the last state.

    no gradient passes from state to state
        jacobians.flip(0) -> torch.zeros_like(jacobians)
    `.detach()` or a copy made by `torch.tensor(...)` cuts the states apart: keep the graph whole.

    the first entry is the distance of no step
        product = product @ jacobian -> norms.append(torch.linalg.matrix_norm(product, ord=2))
        norms.append(torch.linalg.matrix_norm(product, ord=2)) -> product = product @ jacobian
    The distances run from 1 to T; that of the last state to itself is not asked for.

    only the longest distance is measured
        torch.stack(norms) -> norms[-1]
    Take the norm after each factor, not only at the end: there is one entry for every distance.

    the state before the first step is left out
        torch.stack(norms) -> torch.stack(norms)[:-1]
    With T inputs there are T earlier states, `state` itself among them.
"""

EXERCISE = Exercise(
    reference=gradient_norm_by_distance,
    cases={
        "a network with tanh": lambda generator: _case(generator, torch.tanh, draw.whole(generator, 4, 5)),
        "a network with the sigmoid": lambda generator: _case(
            generator, torch.sigmoid, draw.whole(generator, 3, 4)
        ),
        "a single step": lambda generator: _case(generator, torch.tanh, 1),
        "more than ten steps": lambda generator: _case(generator, torch.tanh, draw.whole(generator, 12, 15)),
        "a single unit": lambda generator: _run(
            generator, torch.tanh, draw.whole(generator, 3, 4), draw.whole(generator, 2, 3), 1
        ),
        "units that are all off": lambda generator: _case(generator, _off, draw.whole(generator, 3, 4)),
    },
    mistakes=mistakes(gradient_norm_by_distance, MISTAKES),
    hints=(
        "The last state depends on the one before it, and that one on its own past. Which rule of "
        "differentiation applies?",
        "`flow.state_jacobians(step, state, inputs)` gives a matrix for every step. Which of them "
        "lie between the last state and the one k steps earlier, and in which order are they multiplied?",
        "Keep one running product that starts from `torch.eye(len(state))`, and go through the Jacobians "
        "from the last step to the first. On which side does each come in? Take the norm after each.",
    ),
    points=4,
    difficulty=3,
    minutes=15,
    library="`course_lib.models.gradient_flow.gradient_norm_by_distance` does the same, and takes the norms "
    "of all products in one call. The lecture's curves come from it.",
)
