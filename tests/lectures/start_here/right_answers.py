"""Other right answers to the exercise of lecture 00, which the check must accept."""

import torch
from torch import Tensor
from torch.nn import functional


def moving_average_by_unfolding(series: Tensor, window: int) -> Tensor:
    return series.unfold(0, window, 1).mean(dim=1)


def moving_average_by_cumulative_sum(series: Tensor, window: int) -> Tensor:
    total = torch.cat([series.new_zeros(1), series.cumsum(dim=0)])
    return (total[window:] - total[:-window]) / window


def moving_average_by_convolution(series: Tensor, window: int) -> Tensor:
    kernel = series.new_full((1, 1, window), 1 / window)
    return functional.conv1d(series[None, None], kernel)[0, 0]


RIGHT_ANSWERS = {
    "moving_average": (
        moving_average_by_unfolding,
        moving_average_by_cumulative_sum,
        moving_average_by_convolution,
    ),
}
