"""The exercise of lecture 02 on counting the steps of Markov chains."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def transition_matrix(
    sequences: Sequence[Int[Tensor, "_"]], states: int
) -> Float[Tensor, "present_state next_state"]:
    """Estimate the probability of each next state (column) after each present state (row).

    Rows sum to one; the row of a state that is never left is uniform.
    """
    counts = torch.zeros(states, states, dtype=torch.float64)
    for sequence in sequences:
        for present, following in pairwise(sequence.tolist()):
            counts[present, following] += 1
    counts[counts.sum(dim=1) == 0] = 1
    return counts / counts.sum(dim=1, keepdim=True)


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


MISTAKES = """
    the columns sum to one, not the rows
        counts[counts.sum(dim=1) == 0] -> counts[:, counts.sum(dim=0) == 0]
        counts.sum(dim=1, keepdim=True) -> counts.sum(dim=0, keepdim=True)
    A row holds the probabilities of what follows its state, so divide by the sum over dim=1.

    rows are next states and columns present ones
        counts[present, following] -> counts[following, present]
    The row is where the step starts, the column where it ends: `counts[present, next]`.

    the counts are divided by the number of all steps
        counts[counts.sum(dim=1) == 0] = 1 ->
        counts.sum(dim=1, keepdim=True) -> counts.sum()
    That is the joint probability of a pair; a transition probability is given the present state.

    a pair that occurs several times in a sequence is counted once
        pairwise(sequence.tolist()) -> [(sequence[:-1], sequence[1:])]
    `counts[present, next] += 1` with tensors of indices adds 1 to each cell once, however often it is named:
    count in a loop, or with `index_put_(..., accumulate=True)`.

    each column is divided by the sum of the row with its number
        , keepdim=True ->
    `counts / counts.sum(dim=1)` lines the sums up with the columns: write `keepdim=True`.

    the counts are not normalised
        counts[counts.sum(dim=1) == 0] = 1 ->
        / counts.sum(dim=1, keepdim=True) ->
    Divide each row by its sum, so that it sums to one.

    rows without counts stay zero
        counts[counts.sum(dim=1) == 0] = 1 ->
        counts.sum(dim=1, keepdim=True) -> counts.sum(dim=1, keepdim=True).clamp(min=1)
    Every row is a distribution and sums to one; where nothing was seen, all states are equally likely.

    rows without counts are 0 / 0
        counts[counts.sum(dim=1) == 0] = 1 ->
    A state that is never left has no counts; give its row the uniform distribution.

    the end of one sequence is followed by the start of the next
        in sequences -> in [torch.cat(sequences)]
    No step leads from one sequence to the next: count the pairs within each sequence.

    one is added to every count
        torch.zeros -> torch.ones
    That is smoothing. It makes sense for small samples, but the exercise asks for the plain frequencies.
"""

EXERCISE = Exercise(
    reference=transition_matrix,
    cases={
        "several sequences": _several_walks,
        "a single sequence": _single_walk,
        "a state that is never left": _state_without_end,
        "a state that never occurs": _state_never_seen,
    },
    mistakes=mistakes(transition_matrix, MISTAKES),
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
)
