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


def _case(generator: torch.Generator, low: float, high: float, hidden: int | None = None) -> tuple[Any, ...]:
    bias = draw.normal(generator, 4 * (hidden or draw.whole(generator, 3, 6)))
    return bias, draw.uniform(generator, low, high).item()


MISTAKES = """
    the input gate's bias is set
        hidden:2 * hidden -> :hidden
    The first block is the input gate's; the forget gate's comes second.

    the candidate's bias is set
        hidden:2 * hidden -> 2 * hidden:3 * hidden
    The third block is the candidate's, as the second is in Keras; here the forget gate's is the second.

    the output gate's bias is set
        hidden:2 * hidden -> 3 * hidden:
    The last block is the output gate's; the forget gate's comes second.

    the bias of every gate is set
        hidden:2 * hidden -> :
    The other three blocks stay as they are: only a quarter of the entries changes.

    all blocks from the forget gate's on are set
        hidden:2 * hidden -> hidden:
    The forget gate's block ends where the candidate's begins: a slice has an end as well.

    the biases of the input gate and the forget gate are set
        hidden:2 * hidden -> :2 * hidden
    The forget gate's block begins where the input gate's ends: a slice has a start as well.

    a single entry is set
        hidden:2 * hidden -> 1
    `bias[1]` is one number; the forget gate has one for each of the `len(bias) // 4` units.

    the first entry of the forget gate's block is set
        hidden:2 * hidden -> hidden
    `bias[hidden]` is one number; a slice from there on takes the whole block.

    a block is taken to be a third of the bias
        len(bias) // 4 -> len(bias) // 3
    Three blocks are the GRU's; the LSTM has three gates and a candidate.

    the place in the bias is a float
        // 4 -> / 4
    The error says that a slice takes whole numbers: `/` gives a float, even of whole numbers.

    every fourth entry is set
        hidden:2 * hidden -> 1::4
    The gates do not alternate: the entries of each form a block.

    the last unit is left out
        hidden:2 * hidden -> hidden:2 * hidden - 1
    A slice ends before its second number: nothing is to be taken off.

    the first unit is left out
        hidden:2 * hidden -> hidden + 1:2 * hidden
    Python counts from 0: the first block has the places 0 to `hidden - 1`.

    the first entry of the candidate is set as well
        hidden:2 * hidden -> hidden:2 * hidden + 1
    A slice ends before its second number, which is where the candidate's block begins.

    the value is added to the bias
        ] = value -> ] += value
    Set the entries to the value, whatever they were before.

    the bias is multiplied by the value
        ] = value -> ] *= value
    What stood in the block plays no part: `value` itself is to stand there.

    the sigmoid of the value is set
        ] = value -> ] = torch.sigmoid(torch.tensor(value))
    The step applies the sigmoid: `value` is what stands in the bias, not how far the gate is open.

    the other biases are lost
        bias.clone() -> torch.zeros_like(bias)
    The other three blocks keep their values: start from a copy, `bias.clone()`.

    the bias is returned as it was given
        return new -> return bias
    Assign with `=` to a slice of a copy, and return that copy.

    only the forget gate's block is returned
        return new -> return new[hidden:2 * hidden]
    Return the whole bias of the layer, with one of its four blocks changed.

    the blocks are returned as rows of a matrix
        return new -> return new.view(4, hidden)
    The blocks lie one after another in one vector: bring it back to the shape of `bias`.
"""

EXERCISE = Exercise(
    reference=set_forget_bias,
    cases={
        "forget gates that start open": lambda generator: _case(generator, 1, 4),
        "forget gates that start shut": lambda generator: _case(generator, -4, -1),
        "forget gates that start half open": lambda generator: _case(generator, 0, 0),
        "a single unit": lambda generator: _case(generator, 1, 4, hidden=1),
    },
    mistakes=mistakes(set_forget_bias, MISTAKES),
    hints=(
        "`bias` holds four blocks of the same length. How long is one, and which is the forget gate's?",
        "A block holds `len(bias) // 4` entries, and the second begins where the first ends. The given "
        "tensor must not change: work on a copy.",
        "`new = bias.clone()` is a copy, and `new[start:end] = value` sets a part of it. Where does the "
        "second of four blocks start, and where does it end?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`course_lib.models.recurrent.set_forget_bias` does the same. A `torch.nn.LSTM` adds two biases, "
    "`bias_ih_l0` and `bias_hh_l0`: set the block in one, and to 0 in the other.",
)
