"""The exercise of lecture 01 on the chain rule of probability."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def sequence_log_probability(conditionals: Float[Tensor, "time"]) -> Float[Tensor, ""]:
    """Return the log probability of a sequence from each step's probability given the steps before it."""
    return conditionals.log().sum()


def _short_sequence(generator: torch.Generator) -> tuple[Any, ...]:
    return (draw.uniform(generator, 0.1, 0.9, draw.whole(generator, 3, 9)),)


def _long_sequence(generator: torch.Generator) -> tuple[Any, ...]:
    return (draw.uniform(generator, 0.05, 0.3, draw.whole(generator, 800, 1200)),)


def _impossible_step(generator: torch.Generator) -> tuple[Any, ...]:
    (conditionals,) = _short_sequence(generator)
    conditionals[draw.whole(generator, 1, len(conditionals) - 1)] = 0
    return (conditionals,)


MISTAKES = """
    the probabilities are multiplied first
        .log().sum() -> .prod().log()
    The product of a thousand probabilities is too small for a float and becomes 0: add their logarithms.

    the probability itself is returned
        .log().sum() -> .prod()
    The exercise asks for its logarithm; the product itself rounds to 0 for long sequences.

    the logarithms are averaged
        .sum() -> .mean()
    The mean is the log probability per step; that of the sequence is the sum.

    the logarithm has base 2
        .log() -> .log2()
    Base 2 gives bits; the course uses the natural logarithm, which gives nats.

    the sign is flipped
        conditionals -> -conditionals
    A probability is at most 1, so its logarithm is at most 0; the loss has the opposite sign.

    the logarithm of the sum is taken
        .log().sum() -> .sum().log()
    Take the logarithm of each probability first, then add.

    the first step is left out
        conditionals -> conditionals[1:]
    The first step has a probability too: that of its symbol after an empty past.

    the probabilities are kept away from 0
        conditionals -> conditionals.clamp(min=1e-12)
    A sequence with an impossible step has probability 0, and log 0 is minus infinity.
"""

EXERCISE = Exercise(
    reference=sequence_log_probability,
    cases={
        "a short sequence": _short_sequence,
        "a sequence so long that its probability rounds to 0": _long_sequence,
        "an impossible step": _impossible_step,
    },
    mistakes=mistakes(sequence_log_probability, MISTAKES),
    hints=(
        "By the chain rule a sequence's probability is a product. What is the logarithm of a product?",
        "Take the logarithm of every conditional probability before you put them together.",
        "`conditionals.log()` holds the logarithms; add them up.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
)
