"""Other right answers to the exercises of lecture 01, which the check must accept."""

import math

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

Batch = tuple[Tensor, Tensor]


def pad_batch_by_torch(sequences: list[Tensor], value: float) -> Batch:
    values = pad_sequence(sequences, batch_first=True, padding_value=value)
    return values, pad_sequence([torch.ones(len(sequence)) for sequence in sequences], batch_first=True)


def pad_batch_by_rows(sequences: list[Tensor], value: float) -> list[Tensor]:
    steps = max(len(sequence) for sequence in sequences)
    rows = [torch.cat([row, torch.full((steps - len(row),), value)]) for row in sequences]
    mask = [[step < len(sequence) for step in range(steps)] for sequence in sequences]
    return [torch.stack(rows), torch.tensor(mask)]


def masked_mean_by_selection(loss: Tensor, mask: Tensor) -> Tensor | float:
    return loss[mask].mean() if mask.any() else 0.0


def masked_mean_by_loop(loss: Tensor, mask: Tensor) -> Tensor:
    total, cells = torch.tensor(0.0), 0
    for loss_row, mask_row in zip(loss, mask, strict=True):
        for cell, is_real in zip(loss_row, mask_row, strict=True):
            if is_real:
                total, cells = total + cell, cells + 1
    return total / max(cells, 1)


def naive_parameter_count_by_loop(symbols: int, steps: int) -> int:
    total, pasts = 0, 1
    for _ in range(steps):
        total += pasts * (symbols - 1)
        pasts *= symbols
    return total


def naive_parameter_count_by_formula(symbols: int, steps: int) -> int:
    return symbols**steps - 1


def sequence_log_probability_by_loop(conditionals: Tensor) -> float:
    return sum(math.log(p) if p else -math.inf for p in conditionals.tolist())


def sequence_log_probability_by_cumulative_sum(conditionals: Tensor) -> Tensor:
    return conditionals.log().cumsum(dim=0)[-1]


RIGHT_ANSWERS = {
    "pad_batch": (pad_batch_by_torch, pad_batch_by_rows),
    "masked_mean": (masked_mean_by_selection, masked_mean_by_loop),
    "naive_parameter_count": (naive_parameter_count_by_loop, naive_parameter_count_by_formula),
    "sequence_log_probability": (
        sequence_log_probability_by_loop,
        sequence_log_probability_by_cumulative_sum,
    ),
}
