"""Other right answers to the exercises of lecture 05, which the check must accept."""

import torch
from torch import Tensor

from course_lib.models import recurrent
from course_lib.models.recurrent import cell_from_gates, lstm_step, set_forget_bias

Pair = tuple[Tensor, Tensor]


def lstm_step_by_torch(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Pair:
    return torch.lstm_cell(x, [h, c], w, u, bias, torch.zeros_like(bias))


def lstm_step_by_einsum(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Pair:
    hidden = h.shape[1]
    from_input = torch.einsum("bi,nhi->nbh", x, w.view(4, hidden, -1))
    from_hidden = torch.einsum("bk,nhk->nbh", h, u.view(4, hidden, hidden))
    i, f, g, o = from_input + from_hidden + bias.view(4, 1, hidden)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def lstm_step_by_gate(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> list[Tensor]:
    linear, parts = torch.nn.functional.linear, []
    for block, squash in enumerate((torch.sigmoid, torch.sigmoid, torch.tanh, torch.sigmoid)):
        rows = slice(block * h.shape[1], (block + 1) * h.shape[1])
        w, u, bias = (weight[rows] for weight in weights)
        parts.append(squash(linear(x, w, bias) + linear(h, u)))
    i, f, g, o = parts
    c = torch.addcmul(i * g, f, c)
    return [o * torch.tanh(c), c]


def lstm_step_in_single_precision(*arguments: Tensor) -> Pair:
    return lstm_step(*(argument.float() for argument in arguments))


def lstm_parameter_count_by_shapes(inputs: int, hidden: int) -> int:
    return 4 * (hidden * inputs + hidden**2 + hidden)


def lstm_parameter_count_by_the_layer(inputs: int, hidden: int) -> int:
    return sum(parameter.numel() for parameter in recurrent.LSTM(inputs, hidden).parameters())


def lstm_parameter_count_by_rows(inputs: int, hidden: int) -> int:
    rows = [inputs + hidden + 1 for _ in ("i", "f", "g", "o") for _ in range(hidden)]
    return sum(rows)


def set_forget_bias_by_where(bias: Tensor, value: float) -> Tensor:
    block = torch.arange(len(bias)) // (len(bias) // 4)
    return torch.where(block == 1, value, bias)


def set_forget_bias_by_rows(bias: Tensor, value: float) -> Tensor:
    blocks = bias.clone().view(4, -1)
    blocks[1] = value
    return blocks.flatten()


def remember_until_told_by_loop(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    stored, cells = 0.0, []
    for b, w in zip(bit.tolist(), write.tolist(), strict=True):
        stored = b if w else stored
        cells.append(stored)
    c = torch.tensor(cells, dtype=torch.float64)
    return torch.where(tell == 1, torch.tanh(c), 0), c


def remember_until_told_by_written_ones(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    return cell_from_gates(f=1 - write, i=write * bit, g=torch.ones_like(bit), o=tell)


def remember_until_told_by_gated_writing(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    return cell_from_gates(f=write.eq(0).double(), i=bit, g=write, o=tell.clone())


RIGHT_ANSWERS = {
    "lstm_step": (
        lstm_step,
        lstm_step_by_torch,
        lstm_step_by_einsum,
        lstm_step_by_gate,
        lstm_step_in_single_precision,
    ),
    "lstm_parameter_count": (
        lstm_parameter_count_by_shapes,
        lstm_parameter_count_by_the_layer,
        lstm_parameter_count_by_rows,
    ),
    "set_forget_bias": (set_forget_bias, set_forget_bias_by_where, set_forget_bias_by_rows),
    "remember_until_told": (
        remember_until_told_by_loop,
        remember_until_told_by_written_ones,
        remember_until_told_by_gated_writing,
    ),
}
