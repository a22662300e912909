"""Other right answers to the exercises of lecture 03, which the check must accept."""

import torch
from torch import Tensor

from course_lib.models import recurrent
from course_lib.models.recurrent import rnn_step


def rnn_step_by_linear(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    linear = torch.nn.functional.linear
    return torch.tanh(linear(x, w, bias) + linear(h, u))


def rnn_step_by_einsum(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    from_input = torch.einsum("bi,hi->bh", x, w)
    from_hidden = torch.einsum("bk,hk->bh", h, u)
    return (from_input + from_hidden + bias).tanh()


def rnn_step_by_one_product(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    return torch.tanh(torch.cat([w, u], dim=1) @ torch.cat([x, h], dim=1).T + bias[:, None]).T


def rnn_step_in_single_precision(*arguments: Tensor) -> Tensor:
    return rnn_step(*(argument.float() for argument in arguments))


def rnn_unroll_by_the_layer(inputs: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    weight_input, weight_hidden, bias = weights
    layer = recurrent.RNN(inputs.shape[2], h.shape[1])
    parameters = {"weight_input": weight_input, "weight_hidden": weight_hidden, "bias": bias}
    return torch.func.functional_call(layer, parameters, (inputs, h)).states


def rnn_unroll_by_index(inputs: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    states = [h]
    for t in range(inputs.shape[1]):
        states.append(rnn_step(inputs[:, t], states[-1], *weights))
    return torch.stack(states[1:]).transpose(0, 1)


def rnn_parameter_count_by_shapes(inputs: int, hidden: int) -> int:
    return hidden * inputs + hidden**2 + hidden


def rnn_parameter_count_by_the_layer(inputs: int, hidden: int) -> int:
    return sum(parameter.numel() for parameter in recurrent.RNN(inputs, hidden).parameters())


RIGHT_ANSWERS = {
    "rnn_step": (
        rnn_step_by_linear,
        rnn_step_by_einsum,
        rnn_step_by_one_product,
        rnn_step_in_single_precision,
    ),
    "rnn_unroll": (rnn_unroll_by_the_layer, rnn_unroll_by_index),
    "rnn_parameter_count": (rnn_parameter_count_by_shapes, rnn_parameter_count_by_the_layer),
}
