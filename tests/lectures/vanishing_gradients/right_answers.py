"""Other right answers to the exercises of lecture 04, which the check must accept."""

from functools import partial

import torch
from torch import Tensor

from course_lib.models.gradient_flow import Step, gradient_norm_by_distance
from course_lib.models.recurrent import rnn_step

Parameters = tuple[Tensor, Tensor, Tensor, Tensor]


def backpropagate_through_time_by_einsum(
    inputs: Tensor, targets: Tensor, parameters: Parameters
) -> tuple[Tensor, ...]:
    weight_input, weight_hidden, bias, weight_output = parameters
    states = [torch.zeros(len(inputs), len(bias), dtype=inputs.dtype)]
    for x in inputs.unbind(dim=1):
        states.append(rnn_step(x, states[-1], weight_input, weight_hidden, bias))
    error = (states[-1] @ weight_output.T - targets) / len(inputs)
    to_state, deltas = error @ weight_output, []
    for h in reversed(states[1:]):
        deltas.insert(0, to_state * (1 - h**2))
        to_state = deltas[0] @ weight_hidden
    to_input = torch.einsum("tbh,bti->hi", torch.stack(deltas), inputs)
    to_hidden = torch.einsum("tbh,tbk->hk", torch.stack(deltas), torch.stack(states[:-1]))
    return to_input, to_hidden, torch.stack(deltas).sum(dim=(0, 1)), error.T @ states[-1]


def backpropagate_through_time_by_autograd(
    inputs: Tensor, targets: Tensor, parameters: Parameters
) -> tuple[Tensor, ...]:
    weight_input, weight_hidden, bias, weight_output = (p.detach().requires_grad_() for p in parameters)
    h = torch.zeros(len(inputs), len(bias), dtype=inputs.dtype)
    for x in inputs.unbind(dim=1):
        h = rnn_step(x, h, weight_input, weight_hidden, bias)
    loss = (h @ weight_output.T - targets).square().sum(dim=1).mean() / 2
    return torch.autograd.grad(loss, [weight_input, weight_hidden, bias, weight_output])


def backpropagate_through_time_by_example(
    inputs: Tensor, targets: Tensor, parameters: Parameters
) -> list[Tensor]:
    each = [
        backpropagate_through_time_by_einsum(x[None], y[None], parameters)
        for x, y in zip(inputs, targets, strict=True)
    ]
    return [torch.stack(gradients).mean(dim=0) for gradients in zip(*each, strict=True)]


def gradient_norm_by_distance_by_autograd(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
    states = [state.requires_grad_()]
    for x in inputs:
        states.append(step(x, states[-1]))
    rows = [torch.autograd.grad(unit, states[:-1], retain_graph=True) for unit in states[-1]]
    jacobians = [torch.stack(parts) for parts in zip(*rows, strict=True)]
    return torch.stack([torch.linalg.svdvals(jacobian)[0] for jacobian in reversed(jacobians)])


def gradient_norm_by_distance_by_whole_runs(step: Step, state: Tensor, inputs: Tensor) -> Tensor:
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


def clip_gradient_norm_by_clamp(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    scale = (limit / norm).clamp(max=1)
    return [gradient * scale for gradient in gradients]


def clip_gradient_norm_by_squares(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = sum(gradient.square().sum() for gradient in gradients) ** 0.5
    return [limit * gradient / norm for gradient in gradients] if norm > limit else gradients


def clip_gradient_norm_by_norm_of_norms(gradients: list[Tensor], limit: float) -> tuple[Tensor, ...]:
    norm = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]).norm().item()
    return tuple(gradient / max(1.0, norm / limit) for gradient in gradients)


RIGHT_ANSWERS = {
    "backpropagate_through_time": (
        backpropagate_through_time_by_einsum,
        backpropagate_through_time_by_autograd,
        backpropagate_through_time_by_example,
    ),
    "gradient_norm_by_distance": (
        gradient_norm_by_distance,
        gradient_norm_by_distance_by_autograd,
        gradient_norm_by_distance_by_whole_runs,
    ),
    "clip_gradient_norm": (
        clip_gradient_norm_by_clamp,
        clip_gradient_norm_by_squares,
        clip_gradient_norm_by_norm_of_norms,
    ),
}
