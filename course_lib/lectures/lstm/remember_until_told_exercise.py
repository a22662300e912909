"""The exercise of lecture 05 on the gates of a unit that stores a bit."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.recurrent import cell_from_gates


def remember_until_told(
    bit: Float[Tensor, "time"], write: Float[Tensor, "time"], tell: Float[Tensor, "time"]
) -> tuple[Float[Tensor, "time"], Float[Tensor, "time"]]:
    """Choose the gates of one LSTM unit that stores a bit, and return its hidden and cell states.

    All arguments are 0 or 1. The cell state is the bit of the last step at which `write` was 1, that step
    included, and 0 before the first one. The hidden state is the cell state's tanh where `tell` is 1, else 0.
    """
    return cell_from_gates(f=1 - write, i=write, g=bit, o=tell)


WRITE_0, WRITE_1 = (0, 1, 0), (1, 1, 0)
TELL_0, TELL_1 = (0, 0, 1), (1, 0, 1)
REST_0, REST_1 = (0, 0, 0), (1, 0, 0)
"""What `bit`, `write` and `tell` are at one step; at a step of rest nothing is written or shown."""


def _case(
    generator: torch.Generator, events: Sequence[tuple[int, int, int]], rest: int = 2
) -> tuple[Any, ...]:
    """Let up to `rest` steps of rest follow each event."""
    steps: list[tuple[int, int, int]] = []
    for event in events:
        steps.append(event)
        for _ in range(draw.whole(generator, 0, rest)):
            steps.append((REST_0, REST_1)[draw.whole(generator, 0, 1)])
    return torch.tensor(steps, dtype=torch.float64).unbind(dim=1)


MISTAKES = """
    the cell never forgets
        1 - write -> torch.ones_like(write)
    A bit that is written replaces the one before it: while writing, the forget gate must be 0.

    the cell forgets at every step
        1 - write -> torch.zeros_like(write)
    Where nothing is written the cell must keep what it has: the forget gate is 1 there.

    the forget gate is open while writing and shut while waiting
        f=1 - write -> f=write
    A forget gate of 1 keeps the cell state, one of 0 drops it: yours is the wrong way round.

    the forget gate and the input gate are swapped
        f=1 - write -> f=write
        i=write -> i=1 - write
    The input gate lets the bit in where `write` is 1; the forget gate keeps the old one elsewhere.

    the cell forgets when the bit is shown, not when one is written
        1 - write -> 1 - tell
    The forget gate depends on `write`: a new bit drives out the old one; showing it changes nothing.

    writing a 0 does not erase a 1
        1 - write -> 1 - write * bit
    The old bit goes whenever one is written, 0 or 1: the forget gate depends on `write` only.

    the cell forgets whenever a 1 passes
        1 - write -> 1 - bit
    A bit that passes while `write` is 0 must leave no trace: the forget gate depends on `write` only.

    the cell is emptied when it shows its bit
        1 - write -> (1 - write) * (1 - tell)
    The bit is shown and kept: showing is the work of the output gate, not of the forget gate.

    the gates pass the sigmoid
        f=1 - write -> f=torch.sigmoid(1 - write)
        i=write -> i=torch.sigmoid(write)
        o=tell -> o=torch.sigmoid(tell)
    Here you give the gates themselves, not scores: 1 is open, 0 is shut, and no sigmoid is needed.

    a gate is given as a number
        f=1 - write -> f=1
    The error says that a gate has a value for each step: a gate that never moves cannot do this either.

    the gates are given without their names
        f=1 - write, i=write, g=bit, o=tell -> 1 - write, write, bit, tell
    The error says that `cell_from_gates` takes its gates by name only, as in `o=...`.

    `not` is applied to a tensor
        1 - write -> not write
    The error says that a tensor of several values is neither true nor false: `not` makes one value, and a
    gate has one for each step. To turn 0 into 1 and 1 into 0, calculate.

    `~` is applied to a tensor of floats
        1 - write -> ~write
    The error says that `~` is for masks and whole numbers. These are floats: to turn 0 into 1 and 1
    into 0, calculate.

    the input gate is always open
        i=write -> i=torch.ones_like(write)
    A bit that passes while `write` is 0 must not get in: the input gate is 0 there.

    the bit gets in where `tell` is 1
        i=write -> i=tell
    `write` says when a bit is stored; `tell` is about showing it.

    the last bit that passed is stored, written or not
        1 - write -> torch.zeros_like(write)
        i=write -> i=torch.ones_like(write)
    The bit gets in only where `write` is 1; everywhere else the cell keeps what it has.

    the output gate is always open
        o=tell -> o=torch.ones_like(tell)
    The hidden state is 0 unless `tell` is 1: the output gate holds the rest back.

    the output gate is shut where `tell` is 1 and open elsewhere
        o=tell -> o=1 - tell
    An output gate of 1 shows the cell state, one of 0 hides it.

    the output gate opens while writing
        o=tell -> o=write
    `tell` decides what the unit shows; writing a bit and showing it are different things.

    the output gate is shut while a 0 passes
        o=tell -> o=tell * bit
    The unit shows what it has stored, whatever passes now: the output gate depends on `tell` only.

    a 0 is stored as -1
        g=bit -> g=2 * bit - 1
    The cell state must be the bit itself, 0 or 1: let the candidate be the bit.

    the cell state is returned first
        o=tell) -> o=tell)[::-1]
    Return what `recurrent.cell_from_gates` returns: `h, c` in this order.

    the hidden state alone is returned
        o=tell) -> o=tell)[0]
    Return both results of `recurrent.cell_from_gates`, the hidden states and the cell states.

    the cell state is shown without tanh
        return -> _, c =
        o=tell) -> o=tell); return tell * c, c
    An LSTM shows the tanh of its cell state: `recurrent.cell_from_gates` applies it for you.
"""

EXERCISE = Exercise(
    reference=remember_until_told,
    cases={
        "a bit that is told some steps later": lambda generator: _case(
            generator, [TELL_1, REST_1, WRITE_1, REST_0, REST_1, TELL_0, TELL_1, REST_1]
        ),
        "a bit that replaces another": lambda generator: _case(
            generator, [WRITE_1, TELL_0, WRITE_1, REST_1, TELL_0, WRITE_0, REST_1, TELL_1, WRITE_1, REST_0]
        ),
        "bits written one right after the other": lambda generator: _case(
            generator, [WRITE_1, WRITE_1, TELL_0, WRITE_1, WRITE_0, TELL_1], rest=0
        ),
        "a bit that is told while it is written": lambda generator: _case(
            generator, [(1, 1, 1), REST_0, TELL_0, (0, 1, 1), REST_1, TELL_1]
        ),
        "a 0 that is written before a 1": lambda generator: _case(
            generator, [WRITE_0, REST_1, TELL_1, WRITE_1, REST_0, TELL_0]
        ),
        "steps at which nothing is written": lambda generator: _case(
            generator, [REST_1, TELL_1, REST_0, TELL_0]
        ),
        "a single step": lambda generator: _case(generator, [(1, 1, 1)], rest=0),
    },
    mistakes=mistakes(remember_until_told, MISTAKES),
    hints=(
        "What must the forget gate be while the cell waits, and what while a new bit is written?",
        "Each gate follows from one of the three arguments: one says what is stored, one when it is stored, "
        "one when it is shown.",
        "The input gate is `write`, and the forget gate is open wherever nothing is written. Which arguments "
        "are the candidate and the output gate?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    library="A `torch.nn.LSTM` with large weights and biases comes as near to these gates as you like. It "
    "takes the sigmoid of scores, so no gate is ever quite shut.",
)
