"""Other right answers to the exercises of lecture 10, which the check must accept."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from course_lib.lectures.encoder.encoder_layer_exercise import Parameters, encoder_layer
from course_lib.models import transformer

EPSILON = 1e-5
Part = Callable[[Tensor], Tensor]


def padding_mask_by_a_loop(lengths: Tensor, steps: int) -> Tensor:
    mask = torch.zeros(len(lengths), steps, dtype=torch.bool)
    for row, length in enumerate(lengths):
        mask[row, :length] = True
    return mask


def padding_mask_by_lists(lengths: Tensor, steps: int) -> Tensor:
    return torch.tensor([[step < length for step in range(steps)] for length in lengths.tolist()])


def padding_mask_by_integers(lengths: Tensor, steps: int) -> Tensor:
    return (lengths.view(-1, 1).expand(-1, steps) > torch.arange(steps)).long()


def feed_forward_by_clamping(x: Tensor, *parameters: Tensor) -> Tensor:
    weight_hidden, bias_hidden, weight_output, bias_output = parameters
    hidden = (x @ weight_hidden.T + bias_hidden).clamp(min=0)
    return hidden @ weight_output.mT + bias_output


def feed_forward_by_einsum(x: Tensor, *parameters: Tensor) -> Tensor:
    weight_hidden, bias_hidden, weight_output, bias_output = parameters
    hidden = torch.einsum("...d,hd->...h", x, weight_hidden) + bias_hidden
    return torch.einsum("...h,dh->...d", torch.where(hidden > 0, hidden, 0.0), weight_output) + bias_output


def feed_forward_vector_by_vector(x: Tensor, *parameters: Tensor) -> Tensor:
    vectors = x.reshape(-1, x.shape[-1])
    return torch.stack([transformer.feed_forward(vector, *parameters) for vector in vectors]).view(x.shape)


def feed_forward_in_single_precision(x: Tensor, *parameters: Tensor) -> Tensor:
    return transformer.feed_forward(x.float(), *(parameter.float() for parameter in parameters))


def layer_norm_by_torch(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    return functional.layer_norm(x, gain.shape, gain, bias, eps=EPSILON)


def layer_norm_by_var_mean(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + EPSILON) * gain + bias


def layer_norm_vector_by_vector(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    normed = []
    for vector in x.reshape(-1, x.shape[-1]):
        centred = vector - vector.mean()
        normed.append(gain * centred / torch.sqrt(centred @ centred / len(vector) + EPSILON) + bias)
    return torch.stack(normed).view(x.shape)


def layer_norm_by_moments(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.square().mean(dim=-1, keepdim=True) - mean.square()
    return torch.addcmul(bias, (x - mean) / (variance + EPSILON) ** 0.5, gain)


def encoder_layer_with_names(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    read = parameters.attention(parameters.norm_attention(x), mask)
    between = read + x
    thought = parameters.feed_forward(parameters.norm_feed_forward(between))
    return torch.stack([x, read, thought]).sum(dim=0)


def encoder_layer_by_a_loop(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    branches: list[tuple[Part, Part]] = [
        (parameters.norm_attention, lambda normed: parameters.attention(normed, mask)),
        (parameters.norm_feed_forward, parameters.feed_forward),
    ]
    for norm, part in branches:
        x = x.add(part(norm(x)))
    return x


def encoder_layer_in_single_precision(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return encoder_layer(x, parameters, mask).float()


RIGHT_ANSWERS = {
    "padding_mask": (padding_mask_by_a_loop, padding_mask_by_lists, padding_mask_by_integers),
    "feed_forward": (
        transformer.feed_forward,
        feed_forward_by_clamping,
        feed_forward_by_einsum,
        feed_forward_vector_by_vector,
        feed_forward_in_single_precision,
    ),
    "layer_norm": (
        transformer.layer_norm,
        layer_norm_by_torch,
        layer_norm_by_var_mean,
        layer_norm_vector_by_vector,
        layer_norm_by_moments,
    ),
    "encoder_layer": (
        encoder_layer_with_names,
        encoder_layer_by_a_loop,
        encoder_layer_in_single_precision,
    ),
}
