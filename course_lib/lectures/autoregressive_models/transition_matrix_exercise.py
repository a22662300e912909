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


def _without_a_step(generator: torch.Generator) -> tuple[Any, ...]:
    """An empty sequence and one of a single state, first and last among others."""
    walks, states = _several_walks(generator)
    empty, single = torch.tensor([], dtype=torch.long), torch.randint(states, (1,), generator=generator)
    return [empty, *walks, single], states


def _staying(generator: torch.Generator) -> tuple[Any, ...]:
    walks, states = _several_walks(generator)
    return [walk.repeat_interleave(3) for walk in walks], states


def visits(sequences: Sequence[Tensor], states: int) -> Tensor:
    """Count how often each state occurs; at least 1, to divide by."""
    return torch.cat(list(sequences)).bincount(minlength=states).clamp(min=1)


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

    empty rows are filled with 1, and all counts are divided by their common sum
        counts.sum(dim=1, keepdim=True) -> counts.sum()
    One sum over the whole table makes the table sum to one; here every row has to, by a sum of its own.

    all counts are divided by their common sum, and only empty rows sum to one
        counts[counts.sum(dim=1) == 0] = 1 -> empty = counts.sum(dim=1) == 0; counts /= counts.sum()
        counts / counts.sum(dim=1, keepdim=True) -> counts.index_fill(0, empty.nonzero()[:, 0], 1 / states)
    The rows with counts are distributions, too: each is divided by the sum of its own counts.

    a pair that occurs several times in a sequence is counted once
        pairwise(sequence.tolist()) -> [(sequence[:-1], sequence[1:])]
    `counts[present, next] += 1` with tensors of indices adds 1 to each cell once, however often it is named:
    count in a loop, or with `index_put_(..., accumulate=True)`.

    column 0 is divided by the sum of row 0, column 1 by that of row 1, and so on
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

    rows without counts are filled with 1 in the result
        counts[counts.sum(dim=1) == 0] = 1 ->
        counts / counts.sum(dim=1, keepdim=True) -> (counts / counts.sum(dim=1, keepdim=True)).nan_to_num(1)
    Every row sums to one, and ones sum to the number of states: they must be divided by their sum as well.

    a state that is never left stays where it is
        counts[counts.sum(dim=1) == 0] = 1 -> counts += torch.diag((counts.sum(dim=1) == 0).double())
    Nothing is known of what follows such a state, so its row is uniform: equal probabilities.

    each row is divided by how often its state occurs
        counts.sum(dim=1, keepdim=True) -> visits(sequences, states)[:, None]
    The last state of a sequence is followed by nothing: divide by the number of steps from the state, the
    row's sum.

    it is marked that a step occurs, not how often
        counts[present, following] += 1 -> counts[present, following] = 1
    Add 1 for every step: how often it occurs is its probability.

    steps that stay in their state are not counted
        counts[present, following] += 1 -> counts[present, following] += present != following
    A pair of equal neighbours is a step as any other.

    only the last sequence is counted
        for sequence in sequences -> for sequence in sequences[-1:]
    The counts begin at zero once, before the loop over the sequences.

    steps are counted in both directions
        counts[present, following] += 1 -> counts[[present, following], [following, present]] += 1
    A step from 0 to 1 says nothing about steps from 1 to 0.

    pairs two steps apart are counted
        pairwise(sequence.tolist()) -> zip(sequence[:-2].tolist(), sequence[2:].tolist())
    A pair is a state and the one right after it: `sequence[:-1]` and `sequence[1:]`.

    the pairs do not overlap
        pairwise(sequence.tolist()) -> zip(sequence[:-1:2].tolist(), sequence[1::2].tolist())
    The state that ends one step begins the next: a sequence of 4 states has 3 steps, not 2.

    the last state of each sequence leads to its first
        pairwise(sequence.tolist()) -> zip(sequence.roll(1).tolist(), sequence.tolist())
    Index -1 is the last state, and nothing follows that one: a sequence of T states has T - 1 steps.

    the last step of each sequence is left out
        pairwise(sequence.tolist()) -> pairwise(sequence.tolist()[:-1])
    A sequence of T states has T - 1 steps; `range(n)` ends at n - 1 by itself.

    the first step of each sequence is left out
        pairwise(sequence.tolist()) -> pairwise(sequence.tolist()[1:])
    Every state but the last begins a step, number 0 included.

    the rows go through a softmax
        counts[counts.sum(dim=1) == 0] = 1 ->
        counts / counts.sum(dim=1, keepdim=True) -> counts.softmax(dim=1)
    A softmax takes scores. Counts are shares of their sum: divide.

    the pairs are taken from single states
        pairwise(sequence.tolist()) -> sequence
    A sequence holds states, not pairs. Each state but the last forms a pair with the one after it.

    the loop asks for the state after the last
        present, following in pairwise(sequence.tolist()) -> t in range(len(sequence))
        counts[present, following] -> counts[sequence[t], sequence[t + 1]]
    A sequence of T states has T - 1 steps; the error says that the index is one too large.

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
        "sequences without a step: one state, and none": _without_a_step,
        "states that stay": _staying,
        "a state that is never left": _state_without_end,
        "a state that never occurs": _state_never_seen,
    },
    mistakes=mistakes(transition_matrix, MISTAKES),
    hints=(
        "For the sequence 0, 1, 1, which pairs of neighbours are there, and which rows do they belong to?",
        "Count the pairs (present, next) in a table of zeros first; divide the rows afterwards. What if a "
        "row's sum is 0?",
        "When all pairs are counted, `counts.sum(dim=1, keepdim=True)` has the rows' sums. What must the row "
        "of a state that is never left hold, so that dividing it by its sum gives equal probabilities?",
    ),
    points=4,
    difficulty=2,
    minutes=15,
    library="`course_lib.models.markov.transition_matrix` does the same without a loop over the pairs, by "
    "`torch.bincount`; it can also add a number to every count (`smoothing`).",
)
