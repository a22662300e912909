"""All exercises of the course under their names."""

from collections.abc import Iterable
from types import ModuleType

from course_lib.exercises import (
    attention_cost,
    autoregressive_models,
    backpropagation,
    beam,
    bucketing,
    chain_rule,
    cross_attention,
    encoder_layer,
    equivariance,
    feed_forward,
    gradient_clipping,
    greedy,
    gru,
    heads,
    layer_norm,
    lstm,
    lstm_memory,
    lstm_parameters,
    markov_models,
    match_objects,
    multi_head_attention,
    padding,
    patchify,
    positional_encoding,
    reversal_ceiling,
    rnn,
    rotary_positions,
    sample_tokens,
    scaled_dot_product,
    self_attention,
    sequences,
    shift_right,
    start,
    top_p,
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
    self_attention,
    scaled_dot_product,
    attention_cost,
    heads,
    multi_head_attention,
    equivariance,
    positional_encoding,
    rotary_positions,
    reversal_ceiling,
    padding,
    feed_forward,
    layer_norm,
    encoder_layer,
    shift_right,
    cross_attention,
    greedy,
    beam,
    top_p,
    patchify,
    match_objects,
    sample_tokens,
)
IN_PREPARATION: tuple[ModuleType, ...] = ()
"""Those of the modules whose lecture is still being written."""

EXERCISES = by_name(exercise for module in MODULES for exercise in module.EXERCISES)
