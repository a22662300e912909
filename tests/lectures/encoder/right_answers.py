"""Other right answers to the exercises of lecture 10, which the check must accept."""

import torch
from torch import Tensor
from torch.nn import functional

EPSILON = 1e-5


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


RIGHT_ANSWERS = {
    "layer_norm": (
        layer_norm_by_torch,
        layer_norm_by_var_mean,
        layer_norm_vector_by_vector,
        layer_norm_by_moments,
    ),
}
