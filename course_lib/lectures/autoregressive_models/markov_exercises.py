"""The exercises of lecture 02 on Markov chains."""

import itertools
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models import markov


def transition_matrix(
    sequences: Sequence[Int[Tensor, "_"]], states: int
) -> Float[Tensor, "present_state next_state"]:
    """Estimate the probability of each next state (column) after each present state (row).

    Rows sum to one; the row of a state that is never left is uniform.
    """
    return markov.transition_matrix(sequences, states)


def _walks(generator: torch.Generator, states: int, count: int) -> list[Tensor]:
    lengths = draw.unequal(generator, count, 3 * states, 5 * states)
    return [torch.randint(states, (length,), generator=generator) for length in lengths]


def _several_walks(generator: torch.Generator) -> tuple[Any, ...]:
    states = draw.whole(generator, 3, 5)
    return _walks(generator, states, 3), states


def _single_walk(generator: torch.Generator) -> tuple[Any, ...]:
    states = draw.whole(generator, 2, 4)
    return _walks(generator, states, 1), states


def _state_without_end(generator: torch.Generator) -> tuple[Any, ...]:
    visited = draw.whole(generator, 3, 4)
    walks = _walks(generator, visited, 2)
    return [torch.cat([walk, torch.tensor([visited])]) for walk in walks], visited + 1


def _state_never_seen(generator: torch.Generator) -> tuple[Any, ...]:
    visited = draw.whole(generator, 3, 4)
    return _walks(generator, visited, 2), visited + 1


def _counts(sequences: Sequence[Tensor], states: int) -> Tensor:
    counts = torch.zeros(states, states, dtype=torch.float64)
    for sequence in sequences:
        ones = torch.ones(len(sequence) - 1, dtype=torch.float64)
        counts.index_put_((sequence[:-1], sequence[1:]), ones, accumulate=True)
    return counts


def _counts_without_repeats(sequences: Sequence[Tensor], states: int) -> Tensor:
    counts = torch.zeros(states, states)
    for sequence in sequences:
        counts[sequence[:-1], sequence[1:]] += 1
    return counts


def _divided_without_keepdim(sequences: Sequence[Tensor], states: int) -> Tensor:
    counts = _counts(sequences, states)
    return torch.where(counts.sum(dim=1, keepdim=True) > 0, counts / counts.sum(dim=1), 1 / states)


def _normalised(counts: Tensor) -> Tensor:
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals.clamp(min=1), 1 / len(counts))


def _normalised_or_nan(sequences: Sequence[Tensor], states: int) -> Tensor:
    counts = _counts(sequences, states)
    return counts / counts.sum(dim=1, keepdim=True)


def _count_one_by_one(sequences: Sequence[Tensor], states: int) -> Tensor:
    counts = torch.zeros(states, states)
    for sequence in sequences:
        for present, following in itertools.pairwise(sequence.tolist()):
            counts[present, following] += 1
    counts[counts.sum(dim=1) == 0] = 1
    return counts / counts.sum(dim=1, keepdim=True)


TRANSITION_MATRIX = Exercise(
    reference=transition_matrix,
    cases={
        "several sequences": _several_walks,
        "a single sequence": _single_walk,
        "a state that is never left": _state_without_end,
        "a state that never occurs": _state_never_seen,
    },
    mistakes=(
        Mistake(
            "the columns sum to one, not the rows",
            lambda sequences, states: _normalised(_counts(sequences, states).T).T,
            "A row holds the probabilities of what follows its state, so divide by the sum over dim=1.",
        ),
        Mistake(
            "rows are next states and columns present ones",
            lambda sequences, states: _normalised(_counts(sequences, states).T),
            "The row is where the step starts, the column where it ends: `counts[present, next]`.",
        ),
        Mistake(
            "the counts are divided by the number of all steps",
            lambda sequences, states: _counts(sequences, states) / _counts(sequences, states).sum(),
            "That is the joint probability of a pair; a transition probability is given the present state.",
        ),
        Mistake(
            "pairs that occur several times are counted once in a sequence",
            lambda sequences, states: _normalised(_counts_without_repeats(sequences, states)),
            "`counts[present, next] += 1` with tensors of indices adds 1 to each cell once, however often it "
            "is named: count in a loop, or with `index_put_(..., accumulate=True)`.",
        ),
        Mistake(
            "each column is divided by the sum of the row of its number",
            _divided_without_keepdim,
            "`counts / counts.sum(dim=1)` lines the sums up with the columns: write `keepdim=True`.",
        ),
        Mistake(
            "the counts are not normalised",
            _counts,
            "Divide each row by its sum, so that it sums to one.",
        ),
        Mistake(
            "rows without counts stay zero",
            lambda sequences, states: torch.nan_to_num(_normalised_or_nan(sequences, states)),
            "Every row is a distribution and sums to one; where nothing was seen, all states are as likely.",
        ),
        Mistake(
            "rows without counts are 0 / 0",
            _normalised_or_nan,
            "A state that is never left has no counts; give its row the uniform distribution.",
        ),
        Mistake(
            "the end of one sequence is followed by the start of the next",
            lambda sequences, states: _normalised(_counts([torch.cat(list(sequences))], states)),
            "No step leads from one sequence to the next: count the pairs within each sequence.",
        ),
        Mistake(
            "one is added to every count",
            lambda sequences, states: _normalised(_counts(sequences, states) + 1),
            "That is smoothing. It makes sense for small samples, but the exercise asks for the plain "
            "frequencies.",
        ),
    ),
    hints=(
        "For the sequence 0, 1, 1, which pairs of neighbours are there, and which rows do they belong to?",
        "Count the pairs (present, next) in a table of zeros first; divide the rows afterwards. What if a "
        "row's sum is 0?",
        "After `counts[present, next] += 1` for all pairs, set the rows with sum 0 to 1, and divide by "
        "`counts.sum(dim=1, keepdim=True)`.",
    ),
    points=4,
    difficulty=2,
    minutes=15,
    variants=(lambda sequences, states: _normalised(_counts(sequences, states)), _count_one_by_one),
)


def joint_log_probability(
    sequence: Int[Tensor, "time"],
    initial: Float[Tensor, "states"],
    transition: Float[Tensor, "states states"],
) -> Float[Tensor, ""]:
    """Return the log probability of a sequence of states under a Markov chain."""
    return markov.MarkovChain(initial, transition).log_probability(sequence)


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


def _steps(sequence: Tensor, transition: Tensor) -> Tensor:
    return transition[sequence[:-1], sequence[1:]]


def _log_by_loop(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    total = initial[sequence[0]].log()
    for t in range(1, len(sequence)):
        total = total + transition[sequence[t - 1], sequence[t]].log()
    return total


def _log_by_concatenation(sequence: Tensor, initial: Tensor, transition: Tensor) -> Tensor:
    return torch.cat([initial[sequence[:1]], _steps(sequence, transition)]).log().sum()


JOINT_LOG_PROBABILITY = Exercise(
    reference=joint_log_probability,
    cases={
        "a short sequence": lambda generator: _chain(generator, draw.whole(generator, 4, 9)),
        "a single state": lambda generator: _chain(generator, 1),
        "a sequence so long that its probability rounds to 0": lambda generator: _chain(
            generator, draw.whole(generator, 1200, 1500)
        ),
        "an impossible step": _impossible_step,
    },
    mistakes=(
        Mistake(
            "the first state's own probability is left out",
            lambda sequence, _initial, transition: _steps(sequence, transition).log().sum(),
            "The first state follows nothing; its probability stands in `initial`.",
        ),
        Mistake(
            "rows and columns of the transition matrix are swapped",
            lambda sequence, initial, transition: joint_log_probability(sequence, initial, transition.T),
            "The row is the present state, the column the next one: `transition[present, next]`.",
        ),
        Mistake(
            "the probabilities are multiplied before the logarithm",
            lambda sequence, initial, transition: (
                initial[sequence[0]] * _steps(sequence, transition).prod()
            ).log(),
            "The product of a thousand probabilities is too small for a float; add logarithms instead.",
        ),
        Mistake(
            "the states are independent of each other",
            lambda sequence, initial, _transition: initial[sequence].log().sum(),
            "`initial` holds for the first state alone; each later one depends on the state before it.",
        ),
        Mistake(
            "the probability itself is returned",
            lambda sequence, initial, transition: joint_log_probability(sequence, initial, transition).exp(),
            "The exercise asks for its logarithm; the probability of a long sequence rounds to 0.",
        ),
        Mistake(
            "the last step is left out",
            lambda sequence, initial, transition: (
                initial[sequence[0]].log() + _steps(sequence[:-1], transition).log().sum()
            ),
            "A sequence of T states has T - 1 steps, and all of them count.",
        ),
        Mistake(
            "the first state is taken to be uniform",
            lambda sequence, initial, transition: joint_log_probability(
                sequence, torch.full_like(initial, 1 / len(initial)), transition
            ),
            "The distribution of the first state is given: `initial`.",
        ),
    ),
    hints=(
        "Write the probability of the three states a, b, c as a product. How many factors has it?",
        "The first factor comes from `initial`, the others from `transition`; add their logarithms.",
        "`transition[sequence[:-1], sequence[1:]]` holds the probabilities of all steps at once; what is "
        "missing is `initial[sequence[0]]`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_log_by_loop, _log_by_concatenation),
)

EXERCISES = (TRANSITION_MATRIX, JOINT_LOG_PROBABILITY)
