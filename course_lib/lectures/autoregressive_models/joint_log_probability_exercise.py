"""The exercise of lecture 02 on the probability of a walk of a Markov chain."""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def joint_log_probability(
    sequence: Int[Tensor, "time"],
    initial: Float[Tensor, "states"],
    transition: Float[Tensor, "states states"],
) -> Float[Tensor, ""]:
    """Return the log probability of a sequence of states under a Markov chain."""
    first = initial[sequence[0]]
    steps = transition[sequence[:-1], sequence[1:]]
    return first.log() + steps.log().sum()


def _chain(generator: torch.Generator, steps: int) -> tuple[Tensor, Tensor, Tensor]:
    states = draw.whole(generator, 3, 5)
    weights = draw.uniform(generator, 0.1, 1, states + 1, states)
    probabilities = weights / weights.sum(dim=1, keepdim=True)
    sequence = torch.randint(states, (steps,), generator=generator)
    return sequence, probabilities[0], probabilities[1:]


def _impossible_step(generator: torch.Generator) -> tuple[Any, ...]:
    sequence, initial, transition = _chain(generator, draw.whole(generator, 4, 8))
    transition[sequence[1], sequence[2]] = 0
    return sequence, initial, transition / transition.sum(dim=1, keepdim=True)


MISTAKES = """
    the first state's own probability is left out
        first.log() + ->
    The first state follows nothing; its probability is in `initial`.

    rows and columns of the transition matrix are swapped
        sequence[:-1], sequence[1:] -> sequence[1:], sequence[:-1]
    The row is the present state, the column the next one: `transition[present, next]`.

    the probabilities are multiplied before the logarithm
        first.log() + steps.log().sum() -> (first * steps.prod()).log()
    The product of a thousand probabilities is too small for a float; add logarithms instead.

    the states are independent of each other
        first.log() + steps.log().sum() -> initial[sequence].log().sum()
    `initial` is only for the first state; each later one depends on the state before it.

    the probability itself is returned
        first.log() + steps.log().sum() -> first * steps.prod()
    The exercise asks for its logarithm; the probability of a long sequence rounds to 0.

    the last step is left out
        steps.log() -> steps[:-1].log()
    A sequence of T states has T - 1 steps, and all of them count.

    the first state is taken to be uniform
        initial[sequence[0]] -> torch.tensor(1 / len(initial))
    The distribution of the first state is given: `initial`.
"""

EXERCISE = Exercise(
    reference=joint_log_probability,
    cases={
        "a short sequence": lambda generator: _chain(generator, draw.whole(generator, 4, 9)),
        "a single state": lambda generator: _chain(generator, 1),
        "a sequence so long that its probability rounds to 0": lambda generator: _chain(
            generator, draw.whole(generator, 1200, 1500)
        ),
        "an impossible step": _impossible_step,
    },
    mistakes=mistakes(joint_log_probability, MISTAKES),
    hints=(
        "Write the probability of the three states a, b, c as a product. How many factors does it have?",
        "The first factor comes from `initial`, the others from `transition`; add their logarithms.",
        "`transition[sequence[:-1], sequence[1:]]` holds the probabilities of all steps at once; what is "
        "missing is `initial[sequence[0]]`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
)
