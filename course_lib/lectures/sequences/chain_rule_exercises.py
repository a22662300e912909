"""The exercises of lecture 01 on the chain rule of probability and the naive model."""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake


def naive_parameter_count(symbols: int, steps: int) -> int:
    """Count the free parameters of the naive model made of tables, one a step with a row for each past."""
    return sum(symbols ** (t - 1) * (symbols - 1) for t in range(1, steps + 1))


def _row_by_row(symbols: int, steps: int) -> int:
    total, pasts = 0, 1
    for _ in range(steps):
        total += pasts * (symbols - 1)
        pasts *= symbols
    return total


NAIVE_PARAMETER_COUNT = Exercise(
    reference=naive_parameter_count,
    cases={
        "a few symbols and steps": lambda generator: (
            draw.whole(generator, 3, 6),
            draw.whole(generator, 3, 6),
        ),
        "a single step": lambda generator: (draw.whole(generator, 2, 9), 1),
        "a single symbol": lambda generator: (1, draw.whole(generator, 2, 9)),
        "27 letters and many steps": lambda generator: (27, draw.whole(generator, 10, 20)),
    },
    mistakes=(
        Mistake(
            "all entries of every row are counted",
            lambda symbols, steps: sum(symbols**t for t in range(1, steps + 1)),
            "The probabilities of a row sum to one, so its last entry follows from the others.",
        ),
        Mistake(
            "the entries of one table of all sequences are counted",
            lambda symbols, steps: symbols**steps,
            "All of these probabilities sum to one, so one of them follows from the others.",
        ),
        Mistake(
            "the last step's table alone is counted",
            lambda symbols, steps: symbols ** (steps - 1) * (symbols - 1),
            "The chain rule has a factor for every step, and each needs a table of its own.",
        ),
        Mistake(
            "each step's past is one symbol too long",
            lambda symbols, steps: symbols * naive_parameter_count(symbols, steps),
            "Step t has t - 1 symbols before it; the first step has none, and so one row.",
        ),
        Mistake(
            "the last step is left out",
            lambda symbols, steps: naive_parameter_count(symbols, steps - 1),
            "`range(1, steps)` ends at steps - 1.",
        ),
        Mistake(
            "the inputs of the steps are counted",
            lambda _symbols, steps: steps * (steps + 1) // 2,
            "That fits a linear layer; a table has a row for every possible past.",
        ),
        Mistake(
            "the past is ignored",
            lambda symbols, steps: steps * (symbols - 1),
            "A table has a row for each possible past, and there are symbols ** (t - 1) of them at step t.",
        ),
    ),
    hints=(
        "How many different pasts can step 3 have, if there are 2 symbols?",
        "Step t needs a table of symbols ** (t - 1) rows. How many entries of a row are free, if they sum to "
        "one?",
        "Add up `symbols ** (t - 1) * (symbols - 1)` for t from 1 to `steps`, `steps` included.",
    ),
    points=2,
    difficulty=2,
    minutes=10,
    variants=(_row_by_row, lambda symbols, steps: symbols**steps - 1),
)


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


def _add_logs(conditionals: Tensor) -> float:
    return sum(math.log(p) if p else -math.inf for p in conditionals.tolist())


SEQUENCE_LOG_PROBABILITY = Exercise(
    reference=sequence_log_probability,
    cases={
        "a short sequence": _short_sequence,
        "a sequence so long that its probability rounds to 0": _long_sequence,
        "an impossible step": _impossible_step,
    },
    mistakes=(
        Mistake(
            "the probabilities are multiplied first",
            lambda conditionals: conditionals.prod().log(),
            "The product of a thousand probabilities is too small for a float and becomes 0. The logarithm "
            "of a product is the sum of the logarithms.",
        ),
        Mistake(
            "the probability itself is returned",
            lambda conditionals: conditionals.prod(),
            "The exercise asks for its logarithm; the product itself rounds to 0 for long sequences.",
        ),
        Mistake(
            "the logarithms are averaged",
            lambda conditionals: conditionals.log().mean(),
            "The mean is the log probability of a step; that of the sequence is the sum.",
        ),
        Mistake(
            "the logarithm has base 2",
            lambda conditionals: conditionals.log2().sum(),
            "Base 2 gives bits; the course uses the natural logarithm, which gives nats.",
        ),
        Mistake(
            "the sign is turned round",
            lambda conditionals: -conditionals.log().sum(),
            "A probability is at most 1, so its logarithm is at most 0; the loss is the negative of it.",
        ),
        Mistake(
            "the logarithm of the sum is taken",
            lambda conditionals: conditionals.sum().log(),
            "Take the logarithm of each probability first, then add.",
        ),
        Mistake(
            "the first step is left out",
            lambda conditionals: conditionals[1:].log().sum(),
            "The first step has a probability as well: that of its symbol after an empty past.",
        ),
        Mistake(
            "the probabilities are kept away from 0",
            lambda conditionals: conditionals.clamp(min=1e-12).log().sum(),
            "A sequence with an impossible step has probability 0, and log 0 is minus infinity.",
        ),
    ),
    hints=(
        "By the chain rule a sequence's probability is a product. What is the logarithm of a product?",
        "Take the logarithm of every conditional probability before you put them together.",
        "`conditionals.log()` holds the logarithms; add them up.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(_add_logs, lambda conditionals: conditionals.log().cumsum(dim=0)[-1]),
)

EXERCISES = (NAIVE_PARAMETER_COUNT, SEQUENCE_LOG_PROBABILITY)
