"""Wrong answers to the exercises of lecture 02, each with the title of the case that refuses it."""

from itertools import pairwise

import torch
from torch import Tensor

from course_lib.exercises.exercise import Function
from course_lib.models import autoregressive, markov

Fit = tuple[Tensor, Tensor]


def oldest_value_first(series: Tensor, order: int) -> Tensor:
    return autoregressive.lag_matrix(series, order).flip(1)


def axes_of_size_one_dropped(series: Tensor, order: int) -> Tensor:
    return autoregressive.lag_matrix(series, order).squeeze()


def fit_with_shrunk_weights(series: Tensor, order: int) -> Fit:
    inputs = torch.cat([autoregressive.lag_matrix(series, order), torch.ones(len(series) - order, 1)], dim=1)
    solution = torch.linalg.solve(inputs.T @ inputs + 1e-5 * torch.eye(order + 1), inputs.T @ series[order:])
    return solution[:-1], solution[-1]


def fit_with_the_oldest_weight_first(series: Tensor, order: int) -> Fit:
    model = autoregressive.fit_least_squares(series, order)
    return model.weights.flip(0), model.bias


def fit_with_a_single_weight_as_a_number(series: Tensor, order: int) -> Fit:
    model = autoregressive.fit_least_squares(series, order)
    return model.weights.squeeze(), model.bias


def predictions_from(window: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    return autoregressive.Autoregressive(weights, bias, torch.zeros(())).forecast(window, steps)


def forecast_from_the_start(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    return predictions_from(history[: len(weights)], weights, bias, steps)


def forecast_from_one_value_more(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    return predictions_from(history[-len(weights) - 1 :][1:], weights, bias, steps)


def forecast_without_axes_of_size_one(history: Tensor, weights: Tensor, bias: Tensor, steps: int) -> Tensor:
    return predictions_from(history, weights, bias, steps).squeeze()


def forecast_that_keeps_the_value_before(
    history: Tensor, weights: Tensor, bias: Tensor, steps: int
) -> Tensor:
    window, predictions = history[-len(weights) :].flip(0), []
    for _ in range(steps):
        predictions.append(window @ weights + bias)
        window = torch.cat([predictions[-1][None], window[:1], window[1:-1]])
    return torch.stack(predictions)


def forecast_that_runs_out_of_known_values(
    history: Tensor, weights: Tensor, bias: Tensor, steps: int
) -> Tensor:
    right = predictions_from(history, weights, bias, steps)
    return torch.cat([right[: len(weights)], right[len(weights) - 1].expand(max(0, steps - len(weights)))])


def joined(sequences: list[Tensor], states: int) -> Tensor:
    return markov.transition_matrix([torch.cat(sequences)], states)


def smoothed_a_little(sequences: list[Tensor], states: int) -> Tensor:
    return markov.transition_matrix(sequences, states, smoothing=1e-5)


def of_the_first_sequence(sequences: list[Tensor], states: int) -> Tensor:
    return markov.transition_matrix(sequences[:1], states)


def counted_from_the_first_state(sequences: list[Tensor], states: int) -> Tensor:
    pairs = [(sequence[0], sequence[1]) for sequence in sequences]
    pairs += [pair for sequence in sequences for pair in pairwise(sequence[1:])]
    return markov.transition_matrix([torch.stack(pair) for pair in pairs], states)


def of_changes(sequences: list[Tensor], states: int) -> Tensor:
    return markov.transition_matrix([sequence.unique_consecutive() for sequence in sequences], states)


def zeros_for_a_state_without_end(sequences: list[Tensor], states: int) -> Tensor:
    left = torch.cat([sequence[:-1] for sequence in sequences])
    return markov.transition_matrix(sequences, states) * torch.isin(torch.arange(states), left)[:, None]


def states_that_occur(sequences: list[Tensor], _states: int) -> Tensor:
    return markov.transition_matrix(sequences, int(torch.cat(sequences).max()) + 1)


def steps_alone(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    both = markov.MarkovChain(initial, transition).log_probability(sequence)
    return both if len(sequence) > 1 else torch.zeros(())


def product_first(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    return (initial[sequence[0]] * transition[sequence[:-1], sequence[1:]].prod()).log()


def steps_kept_away_from_zero(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    return markov.MarkovChain(initial, transition + 1e-12).log_probability(sequence)


def start_kept_away_from_zero(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    return markov.MarkovChain(initial + 1e-12, transition).log_probability(sequence)


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("lag_matrix", oldest_value_first, "two lags or more"),
    ("lag_matrix", axes_of_size_one_dropped, "a single lag"),
    ("lag_matrix", axes_of_size_one_dropped, "a series that gives one row"),
    ("fit_autoregression", fit_with_the_oldest_weight_first, "two lags or more"),
    ("fit_autoregression", fit_with_a_single_weight_as_a_number, "a single lag"),
    ("fit_autoregression", fit_with_shrunk_weights, "a series far from 0"),
    ("forecast", forecast_from_the_start, "a history longer than the order"),
    ("forecast", forecast_that_runs_out_of_known_values, "a history longer than the order"),
    ("forecast", forecast_from_one_value_more, "a history as long as the order"),
    ("forecast", forecast_without_axes_of_size_one, "a single step"),
    ("forecast", forecast_that_keeps_the_value_before, "a single weight"),
    ("transition_matrix", joined, "several sequences"),
    ("transition_matrix", smoothed_a_little, "several sequences"),
    ("transition_matrix", of_the_first_sequence, "several sequences"),
    ("transition_matrix", counted_from_the_first_state, "sequences without a step: one state, and none"),
    ("transition_matrix", of_changes, "states that stay"),
    ("transition_matrix", zeros_for_a_state_without_end, "a state that is never left"),
    ("transition_matrix", states_that_occur, "a state that never occurs"),
    ("joint_log_probability", steps_alone, "a single state"),
    ("joint_log_probability", product_first, "a sequence so long that its probability rounds to 0"),
    ("joint_log_probability", steps_kept_away_from_zero, "an impossible step"),
    ("joint_log_probability", start_kept_away_from_zero, "an impossible first state"),
)
