"""Wrong answers to the exercises of lecture 10 that are right for most inputs: an edge refuses them."""

import torch
from torch import Tensor
from torch.nn import functional

from course_lib.exercises.exercise import Function
from course_lib.lectures.encoder.encoder_layer_exercise import Parameters, encoder_layer
from course_lib.models import transformer


def padding_mask_without_the_axis_of_one(lengths: Tensor, steps: int) -> Tensor:
    return transformer.padding_mask(lengths, steps).squeeze()


def padding_mask_as_wide_as_the_longest(lengths: Tensor, _steps: int) -> Tensor:
    return transformer.padding_mask(lengths, int(lengths.max()))


def padding_mask_of_at_least_a_token(lengths: Tensor, steps: int) -> Tensor:
    return transformer.padding_mask(lengths.clamp(min=1), steps)


def padding_mask_up_to_the_last_step(lengths: Tensor, steps: int) -> Tensor:
    return transformer.padding_mask(lengths.clamp(max=steps - 1), steps)


def feed_forward_of_matrices(x: Tensor, *parameters: Tensor) -> Tensor:
    """`mT` needs two axes."""
    weight_hidden, bias_hidden, weight_output, bias_output = parameters
    hidden = torch.relu((weight_hidden @ x.mT).mT + bias_hidden)
    return (weight_output @ hidden.mT).mT + bias_output


def feed_forward_of_one_batch_axis(x: Tensor, *parameters: Tensor) -> Tensor:
    steps, d_model = x.shape[-2:] if x.ndim > 1 else (1, len(x))
    vectors = transformer.feed_forward(x.reshape(-1, steps, d_model), *parameters)
    return vectors.squeeze(0).squeeze(0) if x.ndim < 3 else vectors


def feed_forward_without_small_units(x: Tensor, *parameters: Tensor) -> Tensor:
    weight_hidden, bias_hidden, weight_output, bias_output = parameters
    hidden = functional.threshold(x @ weight_hidden.T + bias_hidden, 1e-2, 0.0)
    return hidden @ weight_output.T + bias_output


def layer_norm_of_a_batch(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    dim = 0 if x.ndim == 1 else 1 if x.ndim == 2 else 2
    centred = x - x.mean(dim=dim, keepdim=True)
    return centred / (x.var(dim=dim, correction=0, keepdim=True) + 1e-5).sqrt() * gain + bias


def layer_norm_of_two_axes(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    centred = (x.mT - x.mean(dim=-1)[..., None, :]).mT
    return centred / (x.var(dim=-1, correction=0, keepdim=True) + 1e-5).sqrt() * gain + bias


def layer_norm_with_epsilon_outside(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    variance = x.var(dim=-1, correction=0, keepdim=True)
    return (x - x.mean(dim=-1, keepdim=True)) / (variance.sqrt() + 1e-5) * gain + bias


def layer_norm_with_epsilon_twice(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    variance = x.var(dim=-1, correction=0, keepdim=True)
    return (x - x.mean(dim=-1, keepdim=True)) / (variance + 2e-5).sqrt() * gain + bias


def layer_norm_without_epsilon_where_it_can(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    variance = x.var(dim=-1, correction=0, keepdim=True)
    divisor = torch.where(variance > 1e-12, variance, 1.0).sqrt()
    return (x - x.mean(dim=-1, keepdim=True)) / divisor * gain + bias


def encoder_layer_without_axes_of_one(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return encoder_layer(x, parameters, mask).squeeze()


def encoder_layer_that_asks_if_mask(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return encoder_layer(x, parameters, mask if mask else None)


def encoder_layer_with_its_own_causal_mask(x: Tensor, parameters: Parameters, _mask: Tensor | None) -> Tensor:
    return encoder_layer(x, parameters, torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril())


def encoder_layer_without_gradients(x: Tensor, parameters: Parameters, mask: Tensor | None) -> Tensor:
    return encoder_layer(x.detach(), parameters, mask)


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("padding_mask", padding_mask_without_the_axis_of_one),
    ("padding_mask", padding_mask_as_wide_as_the_longest),
    ("padding_mask", padding_mask_of_at_least_a_token),
    ("padding_mask", padding_mask_up_to_the_last_step),
    ("feed_forward", feed_forward_of_matrices),
    ("feed_forward", feed_forward_of_one_batch_axis),
    ("feed_forward", feed_forward_without_small_units),
    ("layer_norm", layer_norm_of_a_batch),
    ("layer_norm", layer_norm_of_two_axes),
    ("layer_norm", layer_norm_with_epsilon_outside),
    ("layer_norm", layer_norm_with_epsilon_twice),
    ("layer_norm", layer_norm_without_epsilon_where_it_can),
    ("encoder_layer", encoder_layer_without_axes_of_one),
    ("encoder_layer", encoder_layer_that_asks_if_mask),
    ("encoder_layer", encoder_layer_with_its_own_causal_mask),
    ("encoder_layer", encoder_layer_without_gradients),
)
