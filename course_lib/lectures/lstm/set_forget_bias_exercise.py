"""The exercise of lecture 05 on the bias of the forget gate."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def set_forget_bias(bias: Float[Tensor, "rows"], value: float) -> Float[Tensor, "rows"]:
    """Return the bias of an LSTM with all its forget gates' entries at `value`. Jozefowicz et al. 2015."""
    hidden = len(bias) // 4
    new = bias.clone()
    new[hidden : 2 * hidden] = value
    return new


def _case(generator: torch.Generator, low: float, high: float) -> tuple[Any, ...]:
    bias = draw.normal(generator, 4 * draw.whole(generator, 3, 6))
    return bias, draw.uniform(generator, low, high).item()


MISTAKES = """
    the input gate's bias is set
        hidden:2 * hidden -> :hidden
    The first block is the input gate's; the forget gate's comes second.

    the candidate's bias is set
        hidden:2 * hidden -> 2 * hidden:3 * hidden
    The third block is the candidate's; the forget gate's is the second, from `hidden` on.

    the output gate's bias is set
        hidden:2 * hidden -> 3 * hidden:
    The last block is the output gate's; the forget gate's comes second.

    the bias of every gate is set
        hidden:2 * hidden -> :
    The other three blocks stay as they are: only a quarter of the entries changes.

    all blocks from the forget gate's on are set
        hidden:2 * hidden -> hidden:
    The forget gate's block ends where the candidate's begins: `hidden : 2 * hidden`.

    the biases of the input gate and the forget gate are set
        hidden:2 * hidden -> :2 * hidden
    The forget gate's block begins where the input gate's ends: `hidden : 2 * hidden`.

    a single entry is set
        hidden:2 * hidden -> 1
    `bias[1]` is one number; the forget gate has one for each of the `len(bias) // 4` units.

    every fourth entry is set
        hidden:2 * hidden -> 1::4
    The gates do not alternate: the entries of each form a block.

    the last unit is left out
        hidden:2 * hidden -> hidden:2 * hidden - 1
    A slice ends before its second number: `hidden : 2 * hidden`.

    the value is added to the bias
        ] = value -> ] += value
    Set the entries to the value, whatever they were before.

    the other biases are lost
        bias.clone() -> torch.zeros_like(bias)
    The other three blocks keep their values: start from a copy, `bias.clone()`.

    the bias is returned as it was given
        return new -> return bias
    Assign with `=` to a slice of a copy, and return that copy.

    only the forget gate's block is returned
        return new -> return new[hidden:2 * hidden]
    Return the whole bias of the layer, with one of its four blocks changed.
"""

EXERCISE = Exercise(
    reference=set_forget_bias,
    cases={
        "forget gates that start open": lambda generator: _case(generator, 1, 4),
        "forget gates that start shut": lambda generator: _case(generator, -4, -1),
    },
    mistakes=mistakes(set_forget_bias, MISTAKES),
    hints=(
        "`bias` holds four blocks of the same length. How long is one, and which is the forget gate's?",
        "With `hidden = len(bias) // 4` the second block is `bias[hidden : 2 * hidden]`. The given tensor "
        "must not change.",
        "`new = bias.clone()`, then assign the value to `new[hidden : 2 * hidden]`, and return `new`.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
)
