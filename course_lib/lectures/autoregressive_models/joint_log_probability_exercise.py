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


def _impossible_start(generator: torch.Generator) -> tuple[Any, ...]:
    sequence, initial, transition = _chain(generator, draw.whole(generator, 4, 8))
    initial[sequence[0]] = 0
    return sequence, initial / initial.sum(), transition


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

    the steps' states are chosen one after the other
        transition[sequence[:-1], sequence[1:]] -> transition[sequence[:-1]][sequence[1:]]
    Two pairs of brackets choose rows twice: write rows and columns into one pair.

    every present state is paired with every next one
        transition[sequence[:-1], sequence[1:]] -> transition[sequence[:-1]][:, sequence[1:]]
    Two lists of indices in one pair of brackets are read in pairs: one step each.

    whole rows of the transition matrix are taken
        transition[sequence[:-1], sequence[1:]] -> transition[sequence[:-1]]
    A step has a row, the present state, and a column, the next one.

    each state is followed by itself
        sequence[:-1], sequence[1:] -> sequence[1:], sequence[1:]
    The column is that of the next state: `sequence[1:]` beside `sequence[:-1]`.

    all first states are counted
        initial[sequence[0]] -> initial
        first.log() -> first.log().sum()
    Only one state comes first: `sequence[0]`.

    the probability of state 0 is taken, whatever the sequence starts with
        initial[sequence[0]] -> initial[0]
    The sequence says which entry of `initial` counts: that of its own first state.

    impossible steps are skipped
        steps.log() -> steps[steps > 0].log()
    A step of probability 0 makes the whole sequence impossible: its logarithm, minus infinity, has to stay.

    the last state leads back to the first
        transition[sequence[:-1], sequence[1:]] -> transition[sequence.roll(1), sequence]
    In Python the index -1 is the last place. A sequence of n states has n - 1 steps, and no step leads to its
    first state.

    the last state is taken for the first
        initial[sequence[0]] -> initial[sequence[-1]]
    `initial` is the distribution of the state at the start, `sequence[0]`.

    the first state's probability is added without its logarithm
        first.log() -> first
    Every factor of the product becomes a logarithm, that of the first state too.

    the logarithm of the sum of the steps is taken
        steps.log().sum() -> steps.sum().log()
    Take the logarithm of each step's probability first, then add.

    the logarithms of the steps are averaged
        steps.log().sum() -> steps.log().mean()
    The mean is a number per step; the log probability of the sequence is the sum.

    the logarithms are not added up
        first.log() + steps.log().sum() -> torch.cat([first[None], steps]).log()
    The result is one number for the whole sequence, of shape ().

    the logarithm has base 2
        .log() -> .log2()
    The course uses the natural logarithm, `log`.

    the sign is flipped
        first.log() + steps.log().sum() -> -(first.log() + steps.log().sum())
    Probabilities are at most 1, so their logarithms are at most 0. Only a loss has the opposite sign.

    the probabilities are kept away from 0
        .log() -> .clamp(min=1e-12).log()
    What cannot happen has probability 0, and log 0 is minus infinity.

    the loop asks for the step after the last
        steps.log().sum() -> sum(transition[sequence[t], sequence[t + 1]].log() for t in range(len(sequence)))
    A sequence of T states has T - 1 steps; the error says that the index is one too large.
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
        "an impossible first state": _impossible_start,
    },
    mistakes=mistakes(joint_log_probability, MISTAKES),
    hints=(
        "Write the probability of the three states a, b, c as a product. How many factors does it have?",
        "The first factor comes from `initial`, the others from `transition`; add their logarithms.",
        "`transition[a, b]` holds the probabilities of all steps at once if a holds all states that are left "
        "and b all that are entered. Which slices of `sequence` are these?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    library="`course_lib.models.markov.MarkovChain(initial, transition).log_probability(sequence)` does the "
    "same; the chain can also `sample` sequences.",
)
