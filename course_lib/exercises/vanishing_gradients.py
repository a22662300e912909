"""The exercises of lecture 04 on the norm of gradients."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
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


def _norm_of_each_step(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    return torch.linalg.matrix_norm(state_jacobians(step, state, inputs).flip(0), ord=2)


def _multiplied_from_the_left(jacobians: Tensor) -> Tensor:
    product, norms = torch.eye(jacobians.shape[1], dtype=jacobians.dtype), []
    for jacobian in jacobians:
        product = jacobian @ product
        norms.append(torch.linalg.matrix_norm(product, ord=2))
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


GRADIENT_NORM_BY_DISTANCE = Exercise(
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
        "`gradient_flow.state_jacobians(step, state, inputs)` gives a matrix for every step. Which of them "
        "lie between the last state and the one k steps earlier, and in which order are they multiplied?",
        "Go through the Jacobians from the last to the first: `product = product @ jacobian`, starting from "
        "`torch.eye(len(state))`, and each time `torch.linalg.matrix_norm(product, ord=2)`.",
    ),
    points=4,
    difficulty=3,
    minutes=15,
    variants=(_flow_by_autograd, _flow_without_jacobians_of_steps),
)


def clip_gradient_norm(gradients: list[Float[Tensor, "..."]], limit: float) -> list[Float[Tensor, "..."]]:
    """Scale gradients down together, so that their common norm is at most `limit`. Pascanu et al. 2013."""
    return _clipped(gradients, limit, _norm(gradients))


def _norm(gradients: list[Tensor]) -> Tensor:
    return torch.cat([gradient.flatten() for gradient in gradients]).norm()


def _clipped(gradients: list[Tensor], limit: float, norm: Tensor) -> list[Tensor]:
    scale = (limit / norm).clamp(max=1)
    return [gradient * scale for gradient in gradients]


def _gradients_of_norm(generator: torch.Generator, low: float, high: float) -> tuple[Any, ...]:
    """Draw gradients whose norm is `low` to `high` times the limit."""
    inputs, hidden = draw.unequal(generator, 2, 2, 5)
    shapes = (hidden, inputs), (hidden, hidden), (hidden,)
    gradients = [draw.normal(generator, *shape) for shape in shapes]
    limit = draw.uniform(generator, 0.05, 0.09).item()
    scale = draw.uniform(generator, low, high) * limit / _norm(gradients)
    return [gradient * scale for gradient in gradients], limit


def _one_long_gradient(generator: torch.Generator) -> tuple[Any, ...]:
    (*short, long), limit = _gradients_of_norm(generator, 0.1, 0.3)
    return [*short, long * (2 * limit / long.norm())], limit


def _zero_gradients(generator: torch.Generator) -> tuple[Any, ...]:
    gradients, limit = _gradients_of_norm(generator, 1, 1)
    return [torch.zeros_like(gradient) for gradient in gradients], limit


def _short_ones_scaled(gradients: list[Tensor], limit: float) -> list[Tensor]:
    scale = (limit / _norm(gradients)).clamp(min=1)
    return [gradient * scale for gradient in gradients]


def _clip_with_if(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = sum(gradient.square().sum() for gradient in gradients) ** 0.5
    return [limit * gradient / norm for gradient in gradients] if norm > limit else gradients


def _clip_by_norm_of_norms(gradients: list[Tensor], limit: float) -> tuple[Tensor, ...]:
    norm = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]).norm().item()
    return tuple(gradient / max(1.0, norm / limit) for gradient in gradients)


CLIP_GRADIENT_NORM = Exercise(
    reference=clip_gradient_norm,
    cases={
        "gradients longer than the limit": lambda generator: _gradients_of_norm(generator, 8, 10),
        "one long gradient among short ones": _one_long_gradient,
        "gradients shorter than the limit": lambda generator: _gradients_of_norm(generator, 0.3, 0.7),
        "gradients that are all zero": _zero_gradients,
    },
    mistakes=(
        Mistake(
            "each tensor is clipped on its own",
            lambda gradients, limit: [
                clipped for gradient in gradients for clipped in clip_gradient_norm([gradient], limit)
            ],
            "Clipping must not turn the gradient: take one norm over all tensors, and scale all alike.",
        ),
        Mistake(
            "each value is clipped",
            lambda gradients, limit: [gradient.clamp(-limit, limit) for gradient in gradients],
            "Cutting off single values turns the gradient to another direction; scale all of them alike.",
        ),
        Mistake(
            "short gradients are scaled up",
            lambda gradients, limit: [gradient * (limit / _norm(gradients)) for gradient in gradients],
            "The limit is an upper one: gradients within it stay as they are, and so do those that are zero.",
        ),
        Mistake(
            "short gradients are scaled and long ones are not",
            _short_ones_scaled,
            "Scale if the norm is greater than the limit, not if it is smaller.",
        ),
        Mistake(
            "the root is left out of the norm",
            lambda gradients, limit: _clipped(gradients, limit, _norm(gradients) ** 2),
            "The norm is the square root of the sum of all squares.",
        ),
        Mistake(
            "the norms of the tensors are added up",
            lambda gradients, limit: _clipped(
                gradients, limit, torch.stack([gradient.norm() for gradient in gradients]).sum()
            ),
            "Norms do not add up, their squares do: sum the squares, then take the root.",
        ),
        Mistake(
            "the absolute values are summed",
            lambda gradients, limit: _clipped(
                gradients, limit, torch.stack([gradient.abs().sum() for gradient in gradients]).sum()
            ),
            "The norm meant here is the length of a vector: the root of the sum of squares.",
        ),
        Mistake(
            "the largest value is taken for the norm",
            lambda gradients, limit: _clipped(
                gradients, limit, torch.stack([gradient.abs().max() for gradient in gradients]).max()
            ),
            "Many small values make a long vector, too: the norm is the root of the sum of squares.",
        ),
        Mistake(
            "the squares are averaged, not summed",
            lambda gradients, limit: _clipped(
                gradients,
                limit,
                torch.cat([gradient.flatten() for gradient in gradients]).square().mean().sqrt(),
            ),
            "The root of the mean square is the size of a typical value; the norm sums the squares.",
        ),
        Mistake(
            "long gradients get the norm 1",
            lambda gradients, limit: _clipped(
                [gradient / limit if _norm(gradients) > limit else gradient for gradient in gradients],
                limit,
                _norm(gradients),
            ),
            "Divided by its norm a vector has length 1; it should be `limit`: multiply by that.",
        ),
        Mistake(
            "a small number is added to the norm, as PyTorch does",
            lambda gradients, limit: _clipped(gradients, limit, _norm(gradients) + 1e-6),
            "Then the clipped norm is not quite the limit. There is no division by zero if you scale only "
            "when the norm is greater than the limit.",
        ),
        Mistake(
            "the gradients are returned as they were given",
            lambda gradients, _limit: gradients,
            "To assign to the variable of a loop changes no list: build a new one, "
            "`[gradient * scale for gradient in gradients]`.",
        ),
        Mistake(
            "the norm is returned",
            lambda gradients, _limit: _norm(gradients),
            "PyTorch's function changes its input and returns the norm; this one returns new gradients.",
        ),
    ),
    hints=(
        "How long is the vector that you get if you write all gradients one after another?",
        "The common norm is the square root of the sum of all squares, over all tensors. By which one number "
        "must everything be multiplied to make it `limit`?",
        "`norm = torch.cat([g.flatten() for g in gradients]).norm()`; if it is greater than `limit`, "
        "multiply each gradient by `limit / norm`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_clip_with_if, _clip_by_norm_of_norms),
)

EXERCISES = (GRADIENT_NORM_BY_DISTANCE, CLIP_GRADIENT_NORM)
