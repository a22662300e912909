"""What the exercises on RNN, LSTM and GRU share: their cases."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import MakeCase

Arguments = tuple[Any, ...]


def step_cases(arguments: Callable[[torch.Generator, int], Arguments]) -> dict[str, MakeCase]:
    """Cases of a step whose arguments are drawn for a given size of the batch."""
    return {
        "sizes that are all different": lambda generator: arguments(generator, draw.whole(generator, 6, 8)),
        "a batch of one": lambda generator: arguments(generator, 1),
    }


def rnn_weights(generator: torch.Generator, inputs: int, hidden: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw input weights, hidden weights and a bias that counts."""
    return (
        0.7 * draw.normal(generator, hidden, inputs),
        0.7 * draw.normal(generator, hidden, hidden),
        draw.uniform(generator, 0.3, 0.9, hidden),
    )


PARAMETER_COUNT_CASES: dict[str, MakeCase] = {
    "more hidden units than inputs": lambda generator: (
        draw.whole(generator, 2, 9),
        draw.whole(generator, 10, 64),
    ),
    "more inputs than hidden units": lambda generator: (
        draw.whole(generator, 10, 64),
        draw.whole(generator, 5, 9),
    ),
}
"""Cases of a number of parameters that follows from the numbers of inputs and hidden units."""
