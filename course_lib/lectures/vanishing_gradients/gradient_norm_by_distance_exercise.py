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
    inputs, hidden = draw.unequal(generator, 2, 3, 5)
    weights = draw.normal(generator, hidden, inputs) / inputs, draw.normal(generator, hidden, hidden)
    return (
        partial(_step, activation, *weights),
        draw.normal(generator, hidden),
        draw.normal(generator, time, inputs),
    )


MISTAKES = """
    the Frobenius norm is taken
        , ord=2 ->
    The spectral norm, `matrix_norm(..., ord=2)`, is the most by which a matrix stretches a vector; the
    Frobenius norm adds up all directions.

    the largest eigenvalue is taken instead of the norm
        torch.linalg.matrix_norm(product, ord=2) -> torch.linalg.eigvals(product).abs().max()
    The spectral norm is the largest singular value; the largest eigenvalue can be far smaller.

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

    the Jacobians are taken from the first step on
        jacobians.flip(0) -> jacobians
    The last step's Jacobian is the first factor: go through them from the end, `jacobians.flip(0)`.

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
    },
    mistakes=mistakes(gradient_norm_by_distance, MISTAKES),
    hints=(
        "The last state depends on the one before it, and that one on its own past. Which rule of "
        "differentiation applies?",
        "`flow.state_jacobians(step, state, inputs)` gives a matrix for every step. Which of them "
        "lie between the last state and the one k steps earlier, and in which order are they multiplied?",
        "Go through the Jacobians from the last to the first: `product = product @ jacobian`, starting from "
        "`torch.eye(len(state))`, and each time `torch.linalg.matrix_norm(product, ord=2)`.",
    ),
    points=4,
    difficulty=3,
    minutes=15,
)
