"""Wrong answers to the exercises of lecture 04 that a single edge refuses."""

from itertools import pairwise

import torch
from torch import Tensor

from course_lib.exercises.exercise import Function
from course_lib.models.gradient_flow import Step, product_norms, state_jacobians
from course_lib.models.recurrent import rnn_step

Parameters = tuple[Tensor, Tensor, Tensor, Tensor]


def shares(inputs: Tensor, targets: Tensor, parameters: Parameters, steps: int) -> list[Tensor]:
    """The gradients of which only the last `steps` steps have a share."""
    weight_input, weight_hidden, bias, weight_output = parameters
    states = [torch.zeros(len(inputs), len(bias))]
    for x in inputs.unbind(dim=1):
        states.append(rnn_step(x, states[-1], weight_input, weight_hidden, bias))
    error = (states[-1] @ weight_output.T - targets) / len(inputs)
    to_state = error @ weight_output
    gradients = [torch.zeros_like(parameter) for parameter in parameters[:3]]
    reads = zip(inputs.unbind(dim=1), pairwise(states), strict=True)
    for x, (before, after) in list(reads)[: -steps - 1 : -1]:
        delta = to_state * (1 - after**2)
        for gradient, share in zip(gradients, (delta.T @ x, delta.T @ before, delta.sum(dim=0)), strict=True):
            gradient += share
        to_state = delta @ weight_hidden
    return [*gradients, error.T @ states[-1]]


def bptt_through_ten_steps(inputs: Tensor, targets: Tensor, parameters: Parameters) -> list[Tensor]:
    return shares(inputs, targets, parameters, steps=10)


def bptt_squeezed(inputs: Tensor, targets: Tensor, parameters: Parameters) -> list[Tensor]:
    return [gradient.squeeze() for gradient in shares(inputs, targets, parameters, inputs.shape[1])]


def bptt_with_a_small_number(inputs: Tensor, targets: Tensor, parameters: Parameters) -> list[Tensor]:
    scale = len(inputs) / (len(inputs) + 1e-5)
    return [gradient * scale for gradient in shares(inputs, targets, parameters, inputs.shape[1])]


def norms_of_ten_steps(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    return product_norms(state_jacobians(step, state, inputs))[:10]


def norms_of_squeezed_jacobians(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    return product_norms(state_jacobians(step, state, inputs).squeeze(-1))


def norms_of_rescaled_products(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    product, logarithm, norms = torch.eye(len(state)), torch.zeros(()), []
    for jacobian in state_jacobians(step, state, inputs).flip(0):
        product = product @ jacobian
        norm = torch.linalg.matrix_norm(product, ord=2)
        product, logarithm = product / norm, logarithm + norm.log()
        norms.append(logarithm.exp())
    return torch.stack(norms)


def norms_above_zero(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    return product_norms(state_jacobians(step, state, inputs)).clamp(min=1e-8)


def norms_until_one_is_zero(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    norms = product_norms(state_jacobians(step, state, inputs))
    return norms[: int((norms > 0).sum()) + 1]


def common_norm(gradients: list[Tensor]) -> Tensor:
    return torch.cat([gradient.flatten() for gradient in gradients]).norm()


def clip_by_direction(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = common_norm(gradients)
    return [gradient / norm * min(norm, limit) for gradient in gradients]


def clip_by_division_of_floats(gradients: list[Tensor], limit: float) -> list[Tensor]:
    scale = min(1.0, limit / common_norm(gradients).item())
    return [gradient * scale for gradient in gradients]


def clip_with_a_small_number(gradients: list[Tensor], limit: float) -> list[Tensor]:
    scale = min(1.0, limit / (common_norm(gradients).item() + 1e-5))
    return [gradient * scale for gradient in gradients]


def clip_rows_and_columns(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = sum(gradient.square().sum(dim=-1).sum(dim=-1) for gradient in gradients) ** 0.5
    return [gradient * (limit / norm) for gradient in gradients] if norm > limit else gradients


def clip_by_rows(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = torch.cat([gradient.view(len(gradient), -1).flatten() for gradient in gradients]).norm()
    return [gradient * (limit / norm) for gradient in gradients] if norm > limit else gradients


def clip_to_1_at_most(gradients: list[Tensor], limit: float) -> list[Tensor]:
    scale = (min(limit, 1.0) / common_norm(gradients)).clamp(max=1)
    return [gradient * scale for gradient in gradients]


def clip_several(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = common_norm(gradients)
    is_long = norm > (limit if len(gradients) > 1 else 1)
    return [gradient * (limit / norm) for gradient in gradients] if is_long else gradients


def clip_in_place(gradients: list[Tensor], limit: float) -> list[Tensor]:
    scale = (limit / common_norm(gradients)).clamp(max=1)
    return [gradient.mul_(scale) for gradient in gradients]


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("backpropagate_through_time", bptt_through_ten_steps),
    ("backpropagate_through_time", bptt_squeezed),
    ("backpropagate_through_time", bptt_with_a_small_number),
    ("gradient_norm_by_distance", norms_of_ten_steps),
    ("gradient_norm_by_distance", norms_of_squeezed_jacobians),
    ("gradient_norm_by_distance", norms_of_rescaled_products),
    ("gradient_norm_by_distance", norms_above_zero),
    ("gradient_norm_by_distance", norms_until_one_is_zero),
    ("clip_gradient_norm", clip_by_direction),
    ("clip_gradient_norm", clip_by_division_of_floats),
    ("clip_gradient_norm", clip_with_a_small_number),
    ("clip_gradient_norm", clip_rows_and_columns),
    ("clip_gradient_norm", clip_by_rows),
    ("clip_gradient_norm", clip_to_1_at_most),
    ("clip_gradient_norm", clip_several),
    ("clip_gradient_norm", clip_in_place),
)
