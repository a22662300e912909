"""Wrong answers to the exercises of lecture 03, each with the title of the case that refuses it."""

import torch
from torch import Tensor

from course_lib.exercises.exercise import Function
from course_lib.models.recurrent import rnn_step
from tests.lectures.rnn.right_answers import rnn_unroll_by_index


def step_by_exponentials(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    total = x @ w.T + h @ u.T + bias
    return (total.exp() - (-total).exp()) / (total.exp() + (-total).exp())


def step_without_axes_of_size_one(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    return rnn_step(x, h, w, u, bias).squeeze()


def step_of_the_first_example(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    return rnn_step(x[:1], h[:1], w, u, bias).expand_as(h)


def unroll_without_axes_of_size_one(inputs: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    return rnn_unroll_by_index(inputs, h, w, u, bias).squeeze()


def unroll_from_zeros(inputs: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    return rnn_unroll_by_index(inputs, torch.zeros_like(h), w, u, bias)


def unroll_reshaped(inputs: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    states = rnn_unroll_by_index(inputs, h, w, u, bias)
    return states.transpose(0, 1).reshape(states.shape)


def count_of_different_sizes(inputs: int, hidden: int) -> int:
    return sum({hidden * inputs, hidden * hidden, hidden})


def count_with_the_larger_matrix_square(inputs: int, hidden: int) -> int:
    return max(inputs, hidden) ** 2 + inputs * hidden + hidden


def count_with_the_smaller_matrix_square(inputs: int, hidden: int) -> int:
    return min(inputs, hidden) ** 2 + inputs * hidden + hidden


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("rnn_step", step_of_the_first_example, "sizes that are all different"),
    ("rnn_step", step_without_axes_of_size_one, "a batch of one"),
    ("rnn_step", step_without_axes_of_size_one, "one input and one unit"),
    ("rnn_step", step_by_exponentials, "sums so large that tanh is 1 or -1"),
    ("rnn_unroll", unroll_reshaped, "sizes that are all different"),
    ("rnn_unroll", unroll_from_zeros, "a single step"),
    ("rnn_unroll", unroll_without_axes_of_size_one, "a single step"),
    ("rnn_unroll", unroll_without_axes_of_size_one, "a batch of one"),
    ("rnn_unroll", unroll_without_axes_of_size_one, "one input and one unit"),
    ("rnn_parameter_count", count_with_the_larger_matrix_square, "more inputs than hidden units"),
    ("rnn_parameter_count", count_with_the_smaller_matrix_square, "more hidden units than inputs"),
    ("rnn_parameter_count", count_of_different_sizes, "as many inputs as hidden units"),
)
