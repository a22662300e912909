"""Wrong answers to the exercises of lecture 05 that a single edge refuses."""

import torch
from torch import Tensor

from course_lib.exercises.exercise import Function
from course_lib.models.recurrent import cell_from_gates, lstm_step, set_forget_bias

Pair = tuple[Tensor, Tensor]


def lstm_step_of_a_squeezed_batch(*arguments: Tensor) -> Pair:
    h, c = lstm_step(*arguments)
    return h.squeeze(0), c.squeeze(0)


def lstm_step_of_squeezed_units(*arguments: Tensor) -> Pair:
    h, c = lstm_step(*arguments)
    return h.squeeze(1), c.squeeze(1)


def lstm_step_by_matrices_and_vectors(
    x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, bias: Tensor
) -> Pair:
    return lstm_step(x, h, c, w.squeeze(), u.squeeze(), bias)


def lstm_step_in_place(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Pair:
    h, new = lstm_step(x, h, c, w, u, bias)
    return h, c.copy_(new)


def lstm_step_with_a_small_number(*arguments: Tensor) -> Pair:
    h, c = lstm_step(*arguments)
    return h, c + 1e-5


def lstm_step_without_gradients(*arguments: Tensor) -> Pair:
    with torch.no_grad():
        return lstm_step(*arguments)


def lstm_step_with_gradients_of_one_state(*arguments: Tensor) -> Pair:
    h, c = lstm_step(*arguments)
    return h, c.detach()


def count_by_shapes(inputs: int, hidden: int) -> int:
    rows = 4 * hidden
    return sum(height * width for height, width in {(rows, inputs), (rows, hidden), (rows, 1)})


def forget_bias_of_1_by_default(bias: Tensor, value: float) -> Tensor:
    return set_forget_bias(bias, value or 1.0)


def forget_bias_by_squeezed_blocks(bias: Tensor, value: float) -> Tensor:
    i, _, g, o = bias.view(4, -1).squeeze()
    return torch.cat([i, torch.full_like(i, value), g, o])


def forget_bias_in_place(bias: Tensor, value: float) -> Tensor:
    bias.chunk(4)[1].fill_(value)
    return bias


def forget_bias_with_a_small_number(bias: Tensor, value: float) -> Tensor:
    return set_forget_bias(bias, value + 1e-5)


def remember_ones(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    return cell_from_gates(f=1 - write * bit, i=write * bit, g=bit, o=tell)


def remember_the_first_bit(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    is_first = write * (write.cumsum(dim=0) == 1)
    return cell_from_gates(f=1 - is_first, i=is_first, g=bit, o=tell)


def remember_the_first_zero(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    zeros = (write * (1 - bit)).cumsum(dim=0)
    until = write * ((zeros == 0) | (bit == 0))
    return cell_from_gates(f=1 - until, i=until, g=bit, o=tell)


def remember_by_the_last_written(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    first = int(write.nonzero()[0])
    c = torch.stack([bit[: t + 1][write[: t + 1] == 1][-1] for t in range(first, len(bit))])
    c = torch.cat([bit.new_zeros(first), c])
    return tell * torch.tanh(c), c


def remember_squeezed(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    h, c = cell_from_gates(f=1 - write, i=write, g=bit, o=tell)
    return h.squeeze(), c.squeeze()


def remember_with_gates_nearly_shut(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    return cell_from_gates(f=1 - write, i=write, g=bit, o=tell.clamp(min=1e-5))


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("lstm_step", lstm_step_of_a_squeezed_batch),
    ("lstm_step", lstm_step_of_squeezed_units),
    ("lstm_step", lstm_step_by_matrices_and_vectors),
    ("lstm_step", lstm_step_in_place),
    ("lstm_step", lstm_step_with_a_small_number),
    ("lstm_step", lstm_step_without_gradients),
    ("lstm_step", lstm_step_with_gradients_of_one_state),
    ("lstm_parameter_count", count_by_shapes),
    ("set_forget_bias", forget_bias_of_1_by_default),
    ("set_forget_bias", forget_bias_by_squeezed_blocks),
    ("set_forget_bias", forget_bias_in_place),
    ("set_forget_bias", forget_bias_with_a_small_number),
    ("remember_until_told", remember_ones),
    ("remember_until_told", remember_the_first_bit),
    ("remember_until_told", remember_the_first_zero),
    ("remember_until_told", remember_by_the_last_written),
    ("remember_until_told", remember_squeezed),
    ("remember_until_told", remember_with_gates_nearly_shut),
)
