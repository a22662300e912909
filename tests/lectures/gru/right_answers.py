"""Other right answers to the exercises of lecture 06, which the check must accept."""

import torch
from torch import Tensor, nn

from course_lib.models import recurrent

Batches = list[list[int]]
sigmoid, tanh = torch.sigmoid, torch.tanh


def gru_step_by_torch(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    return torch.gru_cell(x, h, *weights)


def gru_step_by_einsum(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor) -> Tensor:
    hidden = h.shape[1]
    from_input = torch.einsum("bi,nhi->nbh", x, w.view(3, hidden, -1)) + bias_x.view(3, 1, hidden)
    from_hidden = torch.einsum("bk,nhk->nbh", h, u.view(3, hidden, hidden)) + bias_h.view(3, 1, hidden)
    r, z = (from_input[:2] + from_hidden[:2]).sigmoid()
    g = (from_input[2] + r * from_hidden[2]).tanh()
    return g + z * (h - g)


def gru_step_by_gate(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor) -> Tensor:
    linear, size = nn.functional.linear, h.shape[1]
    pairs = zip(linear(x, w, bias_x).split(size, dim=1), linear(h, u, bias_h).split(size, dim=1), strict=True)
    (r, r_hidden), (z, z_hidden), (g, g_hidden) = pairs
    g = tanh(g + sigmoid(r + r_hidden) * g_hidden)
    return torch.lerp(g, h, sigmoid(z + z_hidden))


def gru_step_in_single_precision(*arguments: Tensor) -> Tensor:
    return recurrent.gru_step(*(argument.float() for argument in arguments))


def parameter_count_by_layer(kind: str, inputs: int, hidden: int) -> int:
    layer = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}[kind](inputs, hidden)
    return sum(parameter.numel() for parameter in layer.parameters())


def parameter_count_by_tensor(kind: str, inputs: int, hidden: int) -> int:
    rows = hidden * ("RNN", "", "GRU", "LSTM").index(kind) + hidden
    return rows * inputs + rows * hidden + rows + rows


def parameter_count_by_branches(kind: str, inputs: int, hidden: int) -> int:
    row = inputs + hidden + 2
    if kind == "RNN":
        return hidden * row
    return (4 if kind == "LSTM" else 3) * hidden * row


def bucket_by_length_by_argsort(lengths: list[int], size: int) -> Batches:
    order = torch.tensor(lengths).argsort(stable=True)
    return [batch.tolist() for batch in order.split(size)] if lengths else []


def bucket_by_length_by_pairs(lengths: list[int], size: int) -> list[tuple[int, ...]]:
    batches: Batches = []
    for _, index in sorted((length, index) for index, length in enumerate(lengths)):
        if not batches or len(batches[-1]) == size:
            batches.append([])
        batches[-1].append(index)
    return [tuple(batch) for batch in batches]


def bucket_by_length_by_zip(lengths: list[int], size: int) -> Batches:
    order = [index for _, index in sorted(zip(lengths, range(len(lengths)), strict=True))]
    batches = []
    while order:
        batches.append(order[:size])
        order = order[size:]
    return batches


RIGHT_ANSWERS = {
    "gru_step": (
        recurrent.gru_step,
        gru_step_by_torch,
        gru_step_by_einsum,
        gru_step_by_gate,
        gru_step_in_single_precision,
    ),
    "parameter_count": (parameter_count_by_layer, parameter_count_by_tensor, parameter_count_by_branches),
    "bucket_by_length": (bucket_by_length_by_argsort, bucket_by_length_by_pairs, bucket_by_length_by_zip),
}
