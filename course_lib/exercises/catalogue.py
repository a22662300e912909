"""All exercises of the course under their names."""

from collections.abc import Iterable

from course_lib.exercises import (
    autoregressive_models,
    backpropagation,
    bucketing,
    chain_rule,
    gradient_clipping,
    gru,
    lstm,
    lstm_memory,
    lstm_parameters,
    markov_models,
    rnn,
    sequences,
    start,
    vanishing_gradients,
)
from course_lib.exercises.exercise import Exercise


def by_name(exercises: Iterable[Exercise]) -> dict[str, Exercise]:
    """Index exercises by name; raises ValueError if two have the same one."""
    named: dict[str, Exercise] = {}
    for exercise in exercises:
        if exercise.name in named:
            raise ValueError(f"two exercises are called {exercise.name}: rename one")
        named[exercise.name] = exercise
    return named


MODULES = (
    start,
    sequences,
    chain_rule,
    autoregressive_models,
    markov_models,
    rnn,
    backpropagation,
    vanishing_gradients,
    gradient_clipping,
    lstm,
    lstm_parameters,
    lstm_memory,
    gru,
    bucketing,
)
EXERCISES = by_name(exercise for module in MODULES for exercise in module.EXERCISES)
