"""The exercises of lecture 05 on how an LSTM is made to remember."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models.recurrent import cell_from_gates, set_forget_bias

Pair = tuple[Tensor, Tensor]


def _bias_case(generator: torch.Generator, low: float, high: float) -> tuple[Any, ...]:
    bias = draw.normal(generator, 4 * draw.whole(generator, 3, 6))
    return bias, draw.uniform(generator, low, high).item()


def _entries_set(entries: Callable[[int], slice | int]) -> Callable[[Tensor, float], Tensor]:
    """Set other entries than those of the forget gate, which depend on the number of hidden units."""

    def set_entries(bias: Tensor, value: float) -> Tensor:
        changed = bias.clone()
        changed[entries(len(bias) // 4)] = value
        return changed

    return set_entries


def _added(bias: Tensor, value: float) -> Tensor:
    zeros = torch.zeros_like(bias)
    return bias + set_forget_bias(zeros, value)


def _by_slice(bias: Tensor, value: float) -> Tensor:
    hidden = len(bias) // 4
    changed = bias.clone()
    changed[hidden : 2 * hidden] = value
    return changed


def _by_where(bias: Tensor, value: float) -> Tensor:
    block = torch.arange(len(bias)) // (len(bias) // 4)
    return torch.where(block == 1, value, bias)


SET_FORGET_BIAS = Exercise(
    reference=set_forget_bias,
    cases={
        "forget gates that start open": lambda generator: _bias_case(generator, 1, 4),
        "forget gates that start shut": lambda generator: _bias_case(generator, -4, -1),
    },
    mistakes=(
        Mistake(
            "the input gate's bias is set",
            _entries_set(lambda hidden: slice(hidden)),
            "The first block is the input gate's; the forget gate's comes second.",
        ),
        Mistake(
            "the candidate's bias is set",
            _entries_set(lambda hidden: slice(2 * hidden, 3 * hidden)),
            "The third block is the candidate's; the forget gate's is the second, from `hidden` on.",
        ),
        Mistake(
            "the output gate's bias is set",
            _entries_set(lambda hidden: slice(3 * hidden, None)),
            "The last block is the output gate's; the forget gate's comes second.",
        ),
        Mistake(
            "the bias of every gate is set",
            _entries_set(lambda _hidden: slice(None)),
            "The other three blocks stay as they are: a quarter of the entries changes.",
        ),
        Mistake(
            "all blocks from the forget gate's on are set",
            _entries_set(lambda hidden: slice(hidden, None)),
            "The forget gate's block ends where the candidate's begins: `hidden : 2 * hidden`.",
        ),
        Mistake(
            "the biases of the input gate and the forget gate are set",
            _entries_set(lambda hidden: slice(2 * hidden)),
            "The forget gate's block begins where the input gate's ends: `hidden : 2 * hidden`.",
        ),
        Mistake(
            "a single entry is set",
            _entries_set(lambda _hidden: 1),
            "`bias[1]` is one number; the forget gate has one for each of the `len(bias) // 4` units.",
        ),
        Mistake(
            "every fourth entry is set",
            _entries_set(lambda _hidden: slice(1, None, 4)),
            "The gates do not alternate: the entries of each stand together in a block.",
        ),
        Mistake(
            "the last unit is left out",
            _entries_set(lambda hidden: slice(hidden, 2 * hidden - 1)),
            "A slice ends before its second number: `hidden : 2 * hidden`.",
        ),
        Mistake(
            "the value is added to the bias",
            _added,
            "Set the entries to the value, whatever they were before.",
        ),
        Mistake(
            "the other biases are lost",
            lambda bias, value: set_forget_bias(torch.zeros_like(bias), value),
            "The other three blocks keep their values: start from a copy, `bias.clone()`.",
        ),
        Mistake(
            "the bias is returned as it was given",
            lambda bias, _value: bias,
            "Assign with `=` to a slice of a copy, and return that copy.",
        ),
        Mistake(
            "the forget gate's block alone is returned",
            lambda bias, value: bias.new_full((len(bias) // 4,), value),
            "Return the whole bias of the layer, with one of its four blocks changed.",
        ),
    ),
    hints=(
        "`bias` holds four blocks of the same length. How long is one, and which is the forget gate's?",
        "With `hidden = len(bias) // 4` the second block is `bias[hidden : 2 * hidden]`. Mind that the given "
        "tensor must not change.",
        "`new = bias.clone()`, then assign the value to `new[hidden : 2 * hidden]`, and return `new`.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(_by_slice, _by_where),
)


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
"""What `bit`, `write` and `tell` are at one step; at a step of rest nothing is written or told."""


def _memory_case(
    generator: torch.Generator, events: Sequence[tuple[int, int, int]], rest: int = 2
) -> tuple[Any, ...]:
    """Let up to `rest` steps of rest follow each event."""
    steps: list[tuple[int, int, int]] = []
    for event in events:
        steps.append(event)
        for _ in range(draw.whole(generator, 0, rest)):
            steps.append((REST_0, REST_1)[draw.whole(generator, 0, 1)])
    return torch.tensor(steps, dtype=torch.float64).unbind(dim=1)


def _gates(choose: Callable[..., Sequence[Tensor]]) -> Callable[..., Pair]:
    """The states that follow from a choice of f, i, g and o."""

    def states(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
        f, i, g, o = choose(bit, write, tell)
        return cell_from_gates(f=f, i=i, g=g, o=o)

    return states


def _by_loop(bit: Tensor, write: Tensor, tell: Tensor) -> Pair:
    stored, cells = 0.0, []
    for b, w in zip(bit.tolist(), write.tolist(), strict=True):
        stored = b if w else stored
        cells.append(stored)
    c = torch.tensor(cells, dtype=torch.float64)
    return torch.where(tell == 1, torch.tanh(c), 0), c


REMEMBER_UNTIL_TOLD = Exercise(
    reference=remember_until_told,
    cases={
        "a bit that is told some steps later": lambda generator: _memory_case(
            generator, [TELL_1, REST_1, WRITE_1, REST_0, REST_1, TELL_0, TELL_1, REST_1]
        ),
        "a bit that replaces another": lambda generator: _memory_case(
            generator, [WRITE_1, TELL_0, WRITE_1, REST_1, TELL_0, WRITE_0, REST_1, TELL_1, WRITE_1, REST_0]
        ),
        "bits written one right after the other": lambda generator: _memory_case(
            generator, [WRITE_1, WRITE_1, TELL_0, WRITE_1, WRITE_0, TELL_1], rest=0
        ),
        "a bit that is told while it is written": lambda generator: _memory_case(
            generator, [(1, 1, 1), REST_0, TELL_0, (0, 1, 1), REST_1, TELL_1]
        ),
    },
    mistakes=(
        Mistake(
            "the cell never forgets",
            _gates(lambda bit, write, tell: (torch.ones_like(bit), write, bit, tell)),
            "A bit that is written replaces the one before it: while writing, the forget gate must be 0.",
        ),
        Mistake(
            "the cell forgets at every step",
            _gates(lambda bit, write, tell: (torch.zeros_like(bit), write, bit, tell)),
            "Where nothing is written the cell must keep what it has: the forget gate is 1 there.",
        ),
        Mistake(
            "the forget gate is open while writing and shut while waiting",
            _gates(lambda bit, write, tell: (write, write, bit, tell)),
            "A forget gate of 1 keeps the cell state, one of 0 drops it: here it is the wrong way round.",
        ),
        Mistake(
            "the cell forgets when the bit is told, not when one is written",
            _gates(lambda bit, write, tell: (1 - tell, write, bit, tell)),
            "The forget gate depends on `write`: a new bit drives out the old one; telling changes nothing.",
        ),
        Mistake(
            "writing a 0 does not erase a 1",
            _gates(lambda bit, write, tell: (1 - write * bit, write, bit, tell)),
            "The old bit goes whenever one is written, 0 or 1: the forget gate depends on `write` only.",
        ),
        Mistake(
            "the cell is emptied when it is told",
            _gates(lambda bit, write, tell: ((1 - write) * (1 - tell), write, bit, tell)),
            "Telling shows the bit and keeps it: that is the output gate's work, not the forget gate's.",
        ),
        Mistake(
            "the input gate is always open",
            _gates(lambda bit, write, tell: (1 - write, torch.ones_like(bit), bit, tell)),
            "A bit that passes while `write` is 0 must not get in: the input gate is 0 there.",
        ),
        Mistake(
            "the last bit that passed is stored, written or not",
            _gates(lambda bit, write, tell: (torch.zeros_like(bit), torch.ones_like(write), bit, tell)),
            "Only where `write` is 1 the bit gets in; everywhere else the cell keeps what it has.",
        ),
        Mistake(
            "the output gate is always open",
            _gates(lambda bit, write, _tell: (1 - write, write, bit, torch.ones_like(bit))),
            "The hidden state is 0 unless `tell` is 1: the output gate holds the rest back.",
        ),
        Mistake(
            "the output gate is shut while telling",
            _gates(lambda bit, write, tell: (1 - write, write, bit, 1 - tell)),
            "An output gate of 1 shows the cell state, one of 0 hides it.",
        ),
        Mistake(
            "the output gate opens while writing",
            _gates(lambda bit, write, _tell: (1 - write, write, bit, write)),
            "What the unit shows is decided by `tell`; writing and telling are different things.",
        ),
        Mistake(
            "a 0 is stored as -1",
            _gates(lambda bit, write, tell: (1 - write, write, 2 * bit - 1, tell)),
            "The cell state is to be the bit itself, 0 or 1: let the candidate be the bit.",
        ),
        Mistake(
            "the cell state is returned first",
            lambda bit, write, tell: remember_until_told(bit, write, tell)[::-1],
            "Return what `recurrent.cell_from_gates` returns: `h, c` in this order.",
        ),
    ),
    hints=(
        "What must the forget gate be while the cell waits, and what while a new bit is written?",
        "Each gate follows from one of the three arguments: one says what is stored, one when it is stored, "
        "one when it is shown.",
        "The input gate is `write`, and the forget gate its opposite, `1 - write`. Which arguments are the "
        "candidate and the output gate?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(
        _by_loop,
        _gates(lambda bit, write, tell: (1 - write, write * bit, torch.ones_like(bit), tell)),
        _gates(lambda bit, write, tell: (write.eq(0).double(), bit, write, tell.clone())),
    ),
)

EXERCISES = (SET_FORGET_BIAS, REMEMBER_UNTIL_TOLD)
