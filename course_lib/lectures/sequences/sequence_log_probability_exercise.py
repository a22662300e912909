"""The exercise of lecture 01 on the chain rule of probability."""

import math
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


def _single_step(generator: torch.Generator) -> tuple[Any, ...]:
    return (draw.uniform(generator, 0.1, 0.9, 1),)


def _long_sequence(generator: torch.Generator) -> tuple[Any, ...]:
    return (draw.uniform(generator, 0.05, 0.3, draw.whole(generator, 800, 1200)),)


def _impossible_step(generator: torch.Generator) -> tuple[Any, ...]:
    (conditionals,) = _short_sequence(generator)
    conditionals[draw.whole(generator, 0, len(conditionals) - 1)] = 0
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

    a small number is added to each probability
        conditionals -> (conditionals + 1e-8)
    An impossible step makes the whole sequence impossible: its log probability is minus infinity.

    impossible steps are skipped
        conditionals -> conditionals[conditionals > 0]
    One impossible step makes the whole sequence impossible, and log 0 says so: it is minus infinity.

    the last step is left out
        conditionals -> conditionals[:-1]
    Every step counts, from the first to the last.

    the logarithms are not added up
        .log().sum() -> .log()
    The result is one number for the whole sequence, of shape ().

    the logarithm of every beginning is returned
        .sum() -> .cumsum(dim=0)
    A running sum tells it for every beginning of the sequence; the exercise asks for the whole one.

    the probabilities are added
        .log().sum() -> .sum()
    By the chain rule they are multiplied, so it is their logarithms that are added.

    the logarithms are multiplied
        .log().sum() -> .log().prod()
    The logarithm turns a product into a sum.

    the logarithm has base 10
        .log() -> .log10()
    The course uses the natural logarithm, `log`.

    1 is added to each probability
        .log() -> .log1p()
    `log1p(x)` is the logarithm of 1 + x.

    each logarithm is weighted with its probability
        .log().sum() -> .mul(conditionals.log()).sum()
    That is an entropy but for its sign, a mean over all that could happen. This sequence did happen, and
    each of its steps counts fully.

    the probabilities are made to sum to one
        conditionals -> (conditionals / conditionals.sum())
    Each is a probability of its own step, given the past: they are no distribution, and need not sum to one.

    the perplexity is computed
        conditionals.log().sum() -> (-conditionals.log().mean()).exp()
    Perplexity is the exponential of the mean loss per step; the exercise asks for the sum of the logarithms.

    Python's own logarithm is taken
        conditionals.log().sum() -> math.log(conditionals)
    `math.log` takes one number; a tensor has its own logarithm, which takes it value by value.
"""

EXERCISE = Exercise(
    reference=sequence_log_probability,
    cases={
        "a short sequence": _short_sequence,
        "a single step": _single_step,
        "a sequence so long that its probability rounds to 0": _long_sequence,
        "an impossible step": _impossible_step,
    },
    mistakes=mistakes(sequence_log_probability, MISTAKES, math=math),
    hints=(
        "By the chain rule a sequence's probability is a product. What is the logarithm of a product?",
        "Take the logarithm of every conditional probability before you put them together.",
        "The probability of one step after another is a product; `conditionals.log()` holds the logarithms "
        "of its factors.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`torch.nn.functional.nll_loss(log_probabilities, targets, reduction='sum')` is minus this sum; "
    "it also picks each step's probability by its symbol.",
)
