"""The exercise of lecture 04 on the norm of gradients."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models.gradient_flow import Step, gradient_norm_by_distance, state_jacobians


def _step(
    activation: Callable[[Tensor], Tensor], weight_input: Tensor, weight_hidden: Tensor, x: Tensor, h: Tensor
) -> Tensor:
    return activation(weight_input @ x + weight_hidden @ h)


def _flow_case(
    generator: torch.Generator, activation: Callable[[Tensor], Tensor], time: int
) -> tuple[Any, ...]:
    inputs, hidden = draw.unequal(generator, 2, 3, 5)
    weights = draw.normal(generator, hidden, inputs) / inputs, draw.normal(generator, hidden, hidden)
    return (
        partial(_step, activation, *weights),
        draw.normal(generator, hidden),
        draw.normal(generator, time, inputs),
    )


def _products(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    """The Jacobian of the last state by each earlier one, the nearest first."""
    products = [torch.eye(len(state), dtype=state.dtype)]
    for jacobian in state_jacobians(step, state, inputs).flip(0):
        products.append(products[-1] @ jacobian)
    return torch.stack(products[1:])


def _spectral_norm(matrices: Tensor) -> Tensor:
    return torch.linalg.matrix_norm(matrices, ord=2)


def _norm_of_each_step(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    return _spectral_norm(state_jacobians(step, state, inputs).flip(0))


def _multiplied_from_the_right(jacobians: Tensor) -> Tensor:
    return _multiplied_from_the_left(jacobians.mT)  # a matrix and its transpose have the same norm


def _identity_cell_by_cell(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    products = state_jacobians(step, state, inputs).flip(0).cumprod(dim=0)
    return _spectral_norm(products * torch.eye(len(state), dtype=state.dtype))


def _multiplied_from_the_left(jacobians: Tensor) -> Tensor:
    product, norms = torch.eye(jacobians.shape[1], dtype=jacobians.dtype), []
    for jacobian in jacobians:
        product = jacobian @ product
        norms.append(_spectral_norm(product))
    return torch.stack(norms)


def _from_distance_zero(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    norms = gradient_norm_by_distance(step, state, inputs)
    return torch.cat([torch.ones_like(norms[:1]), norms[:-1]])


def _flow_by_autograd(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    states = [state.requires_grad_()]
    for x in inputs:
        states.append(step(x, states[-1]))
    rows = [torch.autograd.grad(unit, states[:-1], retain_graph=True) for unit in states[-1]]
    jacobians = [torch.stack(parts) for parts in zip(*rows, strict=True)]
    return torch.stack([torch.linalg.svdvals(jacobian)[0] for jacobian in reversed(jacobians)])


def _flow_without_jacobians_of_steps(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    def run(h: Tensor, start: int) -> Tensor:
        for x in inputs[start:]:
            h = step(x, h)
        return h

    norms = []
    for start, x in enumerate(inputs):
        jacobian = torch.autograd.functional.jacobian(partial(run, start=start), state)
        norms.append(torch.linalg.norm(jacobian, 2))
        state = step(x, state)
    return torch.stack(norms[::-1])


EXERCISE = Exercise(
    reference=gradient_norm_by_distance,
    cases={
        "a network with tanh": lambda generator: _flow_case(
            generator, torch.tanh, draw.whole(generator, 4, 5)
        ),
        "a network with the sigmoid": lambda generator: _flow_case(
            generator, torch.sigmoid, draw.whole(generator, 3, 4)
        ),
        "a single step": lambda generator: _flow_case(generator, torch.tanh, 1),
    },
    mistakes=(
        Mistake(
            "the Frobenius norm is taken",
            lambda step, state, inputs: torch.linalg.matrix_norm(_products(step, state, inputs)),
            "The spectral norm, `matrix_norm(..., ord=2)`, tells by how much a matrix stretches a vector at "
            "most; the Frobenius norm adds up all directions.",
        ),
        Mistake(
            "the largest eigenvalue stands in place of the norm",
            lambda step, state, inputs: (
                torch.linalg.eigvals(_products(step, state, inputs)).abs().amax(dim=1)
            ),
            "The spectral norm is the largest singular value; the largest eigenvalue can be far smaller.",
        ),
        Mistake(
            "each step's own Jacobian is measured",
            _norm_of_each_step,
            "Over a distance of k steps the gradient passes k Jacobians: multiply them, then take the norm.",
        ),
        Mistake(
            "the norms of the steps are multiplied",
            lambda step, state, inputs: _norm_of_each_step(step, state, inputs).cumprod(dim=0),
            "The norm of a product is at most the product of the norms: multiply the matrices first.",
        ),
        Mistake(
            "the Jacobians are multiplied in the wrong order",
            lambda *arguments: _multiplied_from_the_left(state_jacobians(*arguments).flip(0)),
            "The last step's Jacobian stands on the left; each earlier one comes in from the right.",
        ),
        Mistake(
            "the Jacobians are met from the first step on",
            lambda *arguments: _multiplied_from_the_right(state_jacobians(*arguments)),
            "The last step's Jacobian stands first: go through them from the end, `jacobians.flip(0)`.",
        ),
        Mistake(
            "the Jacobians are multiplied cell by cell",
            lambda *arguments: _spectral_norm(state_jacobians(*arguments).flip(0).cumprod(dim=0)),
            "`*` multiplies cell by cell; matrices take `@`.",
        ),
        Mistake(
            "the identity is multiplied by the Jacobians cell by cell",
            _identity_cell_by_cell,
            "`*` multiplies cell by cell, which leaves the diagonal alone; matrices take `@`.",
        ),
        Mistake(
            "the distance is counted from the first state",
            lambda *arguments: _multiplied_from_the_left(state_jacobians(*arguments)),
            "Entry k-1 is about the last state: start from the last step's Jacobian and go back.",
        ),
        Mistake(
            "the farthest state comes first",
            lambda step, state, inputs: gradient_norm_by_distance(step, state, inputs).flip(0),
            "Entry 0 belongs to a distance of one step, the last entry to the state before the first step.",
        ),
        Mistake(
            "the last state is summed before the gradient is taken",
            lambda step, state, inputs: _products(step, state, inputs).sum(dim=1).norm(dim=1),
            "The gradient of the sum is one vector; the Jacobian has a row for every unit of the last state.",
        ),
        Mistake(
            "no gradient passes from state to state",
            lambda _step, state, inputs: state.new_zeros(len(inputs)),
            "`.detach()` or a copy by `torch.tensor(...)` cuts the states apart: keep the graph whole.",
        ),
        Mistake(
            "the first entry is the distance of no step",
            _from_distance_zero,
            "The distances run from 1 to T; that of the last state to itself is not asked for.",
        ),
        Mistake(
            "the state before the first step is left out",
            lambda step, state, inputs: gradient_norm_by_distance(step, state, inputs)[:-1],
            "With T inputs there are T earlier states, `state` itself among them.",
        ),
    ),
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
    variants=(_flow_by_autograd, _flow_without_jacobians_of_steps),
)
