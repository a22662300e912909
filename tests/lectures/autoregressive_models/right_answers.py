"""Other right answers to the exercises of lecture 02, which the check must accept."""

import torch
from torch import Tensor

from course_lib.models import autoregressive, markov

Fit = tuple[Tensor, Tensor]


def lag_matrix_by_column(series: Tensor, order: int) -> Tensor:
    return torch.stack([series[order - j : len(series) - j] for j in range(1, order + 1)], dim=1)


def _inputs(series: Tensor, order: int) -> Tensor:
    windows = autoregressive.lag_matrix(series, order)
    return torch.cat([windows, windows.new_ones(len(windows), 1)], dim=1)


def fit_autoregression_by_model(series: Tensor, order: int) -> Fit:
    model = autoregressive.fit_least_squares(series, order)
    return model.weights, model.bias


def fit_autoregression_by_normal_equations(series: Tensor, order: int) -> Fit:
    inputs = _inputs(series, order)
    solution = torch.linalg.solve(inputs.T @ inputs, inputs.T @ series[order:])
    return solution[:-1], solution[-1]


def fit_autoregression_to_a_vector(series: Tensor, order: int) -> Fit:
    *weights, bias = torch.linalg.lstsq(_inputs(series, order), series[order:]).solution
    return torch.stack(weights), bias


def fit_autoregression_by_pseudoinverse(series: Tensor, order: int) -> Fit:
    solution = torch.linalg.pinv(_inputs(series, order)) @ series[order:]
    return solution[:-1], solution[-1]


def fit_autoregression_by_means(series: Tensor, order: int) -> Fit:
    windows, targets = autoregressive.lag_matrix(series, order), series[order:]
    centred = windows - windows.mean(dim=0)
    weights = torch.linalg.lstsq(centred, (targets - targets.mean())[:, None]).solution[:, 0]
    return weights, targets.mean() - windows.mean(dim=0) @ weights


def forecast_by_model(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    return autoregressive.Autoregressive(weights, bias, variance=torch.zeros(())).forecast(history, steps)


def forecast_by_growing(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    values = history
    for _ in range(steps):
        prediction = bias + (weights.flip(0) * values[-len(weights) :]).sum()
        values = torch.cat([values, prediction[None]])
    return values[len(history) :]


def forecast_by_lists(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    values = history.tolist()
    for _ in range(steps):
        recent = values[: -len(weights) - 1 : -1]
        values.append(sum(w * x for w, x in zip(weights.tolist(), recent, strict=True)) + bias.item())
    return torch.tensor(values[-steps:])


def transition_matrix_by_accumulation(sequences: list[Tensor], states: int) -> Tensor:
    counts = torch.zeros(states, states, dtype=torch.float64)
    for sequence in sequences:
        ones = torch.ones_like(sequence[1:], dtype=torch.float64)
        counts.index_put_((sequence[:-1], sequence[1:]), ones, accumulate=True)
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals.clamp(min=1), 1 / states)


def joint_log_probability_by_model(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    return markov.MarkovChain(initial, transition).log_probability(sequence)


def joint_log_probability_by_loop(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    total = initial[sequence[0]].log()
    for t in range(1, len(sequence)):
        total = total + transition[sequence[t - 1], sequence[t]].log()
    return total


def joint_log_probability_by_concatenation(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    return torch.cat([initial[sequence[:1]], transition[sequence[:-1], sequence[1:]]]).log().sum()


RIGHT_ANSWERS = {
    "lag_matrix": (autoregressive.lag_matrix, lag_matrix_by_column),
    "fit_autoregression": (
        fit_autoregression_by_model,
        fit_autoregression_by_normal_equations,
        fit_autoregression_to_a_vector,
        fit_autoregression_by_pseudoinverse,
        fit_autoregression_by_means,
    ),
    "forecast": (forecast_by_model, forecast_by_growing, forecast_by_lists),
    "transition_matrix": (markov.transition_matrix, transition_matrix_by_accumulation),
    "joint_log_probability": (
        joint_log_probability_by_model,
        joint_log_probability_by_loop,
        joint_log_probability_by_concatenation,
    ),
}
