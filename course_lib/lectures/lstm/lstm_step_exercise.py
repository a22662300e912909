"""The exercise of lecture 05 on the LSTM's step."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.lectures.rnn.recurrent_step_cases import step_cases


def lstm_step(
    x: Float[Tensor, "batch inputs"],
    h: Float[Tensor, "batch hidden"],
    c: Float[Tensor, "batch hidden"],
    weight_input: Float[Tensor, "4*hidden inputs"],
    weight_hidden: Float[Tensor, "4*hidden hidden"],
    bias: Float[Tensor, "4*hidden"],
) -> tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]]:
    """Return the next hidden state and the next cell state of an LSTM.

    The rows of the weights hold four blocks: input gate, forget gate, candidate, output gate. Hochreiter and
    Schmidhuber 1997; the forget gate is from Gers, Schmidhuber and Cummins 2000.
    """
    i, f, g, o = (x @ weight_input.T + h @ weight_hidden.T + bias).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, c


def _case(generator: torch.Generator, batch: int) -> tuple[Any, ...]:
    return _arguments(generator, batch, *draw.unequal(generator, 2, 2, 5))


def _arguments(generator: torch.Generator, batch: int, inputs: int, hidden: int) -> tuple[Any, ...]:
    return (
        draw.normal(generator, batch, inputs),
        draw.uniform(generator, -1, 1, batch, hidden),
        draw.normal(generator, batch, hidden),
        draw.normal(generator, 4 * hidden, inputs),
        draw.normal(generator, 4 * hidden, hidden),
        draw.uniform(generator, 0.3, 0.9, 4 * hidden),
    )


MISTAKES = """
    the input gate and the forget gate are swapped
        i, f, g, o -> f, i, g, o
    The first block of rows is the input gate's, the second the forget gate's.

    the candidate and the output gate are swapped
        i, f, g, o -> i, f, o, g
    The third block of rows is the candidate's, the fourth the output gate's.

    the blocks are taken in the order forget gate, input gate, output gate, candidate
        i, f, g, o -> f, i, o, g
    Their order is input gate, forget gate, candidate, output gate.

    the rows of the four gates are taken to alternate
        .chunk(4, dim=1) -> .view(*h.shape, 4).unbind(dim=-1)
    The rows of each gate are next to each other: the first block is the first quarter of the columns.

    the batch is cut into four, not the columns
        .chunk(4, dim=1) -> .chunk(4)
    Without `dim`, `chunk` cuts the first axis, which is the batch here; the blocks lie along the second.

    pieces of four columns are cut, not four pieces
        .chunk(4, dim=1) -> .split(4, dim=1)
    `split` takes the size of a piece, `chunk` the number of pieces.

    `weight_input` is not transposed
        weight_input.T -> weight_input
    The error says that two matrices do not fit: the weights have a row for each unit of each block, so that
    their *columns* belong to the inputs.

    `weight_hidden` is not transposed
        weight_hidden.T -> weight_hidden
    The error says that two matrices do not fit: the columns of the weights belong to the old hidden state.

    the weights stand before the values
        x @ weight_input.T -> weight_input @ x
    The error says that two matrices do not fit: the formula is for one example, and a batch has a row for
    each. It stands on the left, and the weights are transposed.

    the sigmoid is applied to the candidate
        torch.tanh(g) -> torch.sigmoid(g)
    A gate lies between 0 and 1, but the candidate may be negative: it takes tanh.

    the candidate passes the sigmoid and then tanh
        torch.tanh(g) -> torch.tanh(torch.sigmoid(g))
    Cut the sum into its four blocks first, then apply tanh alone to the candidate's.

    tanh is applied to the gates
        torch.sigmoid -> torch.tanh
    A gate is a share from 0 to 1: it takes the sigmoid. Only the candidate takes tanh.

    the sigmoid is left out of all three gates
        torch.sigmoid ->
    A gate is a share from 0 to 1: `torch.sigmoid` turns any number into one.

    the sigmoid has the wrong sign
        torch.sigmoid( -> torch.sigmoid(-
    A large score opens a gate: the sigmoid of a is `1 / (1 + exp(-a))`, with a minus.

    the sigmoid is left out of the input gate
        torch.sigmoid(i) -> i
    All three gates take the sigmoid: i too is a share from 0 to 1.

    the sigmoid is left out of the forget gate
        torch.sigmoid(f) -> f
    All three gates take the sigmoid: f too is a share from 0 to 1.

    the sigmoid is left out of the output gate
        torch.sigmoid(o) -> o
    All three gates take the sigmoid: o too is a share from 0 to 1.

    neither sigmoid nor tanh is applied to the four blocks
        torch.sigmoid ->
        torch.tanh(g) -> g
    The three gates take the sigmoid and the candidate takes tanh before they are used.

    tanh is left out of the candidate
        torch.tanh(g) -> g
    The candidate lies between -1 and 1: it takes tanh before its gate.

    the old cell state is dropped
        torch.sigmoid(f) * c + ->
    The new cell state is the sum of what is kept of the old one and what is added.

    the forget gate is left out
        torch.sigmoid(f) * c -> c
    The LSTM of 1997 has no forget gate. Here a gate says which share of the old cell state is kept.

    1 is added to the forget gate's score
        torch.sigmoid(f) -> torch.sigmoid(f + 1)
    Some libraries add 1 within the step, so that gates start open; here `bias` holds all there is to add.

    what is not written is kept
        torch.sigmoid(f) * c -> (1 - torch.sigmoid(i)) * c
    One gate for both is a variant. Here the forget gate has weights of its own, and the shares need not
    add up to 1.

    the forget gate multiplies the new candidate as well
        torch.sigmoid(f) * c + -> torch.sigmoid(f) * c + torch.sigmoid(f) *
    What is added passes the input gate only; the forget gate is for the old cell state.

    the candidate is added without its gate
        torch.sigmoid(i) * ->
    The input gate says how much of the candidate is stored: it is a factor.

    the forget gate is taken for the share that is dropped
        torch.sigmoid(f) -> (1 - torch.sigmoid(f))
    In spite of its name, the forget gate is the share that is kept: at 1 the cell state stays whole.

    the forget gate multiplies the old hidden state, not the old cell state
        torch.sigmoid(f) * c -> torch.sigmoid(f) * h
    The forget gate multiplies c; the hidden state h goes into the gates.

    tanh of the cell state is left out
        torch.tanh(c) -> c
    The cell state may grow beyond 1; it passes tanh before the output gate shows it.

    the sigmoid of the cell state is shown
        torch.tanh(c) -> torch.sigmoid(c)
    The sigmoid is for gates. The cell state may be negative, and so may what is shown of it: it takes tanh.

    the candidate is shown, not the cell state
        torch.tanh(c) -> torch.tanh(g)
    The output gate shows the whole memory, the new cell state, not only what was proposed at this step.

    the hidden state shows the old cell state
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) -> h = torch.sigmoid(o) * torch.tanh(c)
        h = torch.sigmoid(o) * torch.tanh(c) -> c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    Update the cell state first: the output gate shows the new one.

    the output gate is applied to the cell state that is carried on, too
        h, c -> h, torch.sigmoid(o) * c
    The output gate decides what is shown, not what is remembered: c goes on as it is.

    the cell state is returned first
        h, c -> c, h
    Return `h, c` in this order.

    the hidden state alone is returned
        return (h, c) -> return h
    The next step needs both states: return the hidden state and the cell state.

    the hidden state is returned twice
        h, c -> h, h
    The second result is the new cell state, which passes no output gate.

    the bias is left out
        + bias ->
    Add `bias` before the sigmoid and tanh are applied.

    the hidden weights of each gate are transposed
        weight_hidden.T -> torch.cat(weight_hidden.chunk(4), dim=1)
    Within a block rows belong to new units and columns to old ones: transpose the whole, not each block.

    what is not kept is written
        torch.sigmoid(i) * torch.tanh(g) -> (1 - torch.sigmoid(f)) * torch.tanh(g)
    A cell with one gate for both shares is a variant. Here the input gate has weights of its own: how much is
    written does not follow from how much is kept.

    a gate and a state are multiplied as matrices
        torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) -> torch.sigmoid(f) @ c
    The error says that two matrices do not fit: `@` is the product of matrices. A gate has one number for
    each number of the state, so multiply number by number.
"""

EXERCISE = Exercise(
    reference=lstm_step,
    cases={
        **step_cases(_case),
        "one input and one unit": lambda generator: _arguments(generator, draw.whole(generator, 6, 8), 1, 1),
    },
    mistakes=mistakes(lstm_step, MISTAKES),
    hints=(
        "All four blocks are computed at once. What shape does `x @ weight_input.T` have, and how is it cut?",
        "`i, f, g, o = (...).chunk(4, dim=1)`. Which of them take the sigmoid, which takes tanh? Then the "
        "cell keeps a share of its old state and adds a share of the candidate.",
        "The new cell state is a sum of two products: which gate goes with the old state, which with the "
        "candidate? The third gate multiplies tanh of the *new* cell state.",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    differentiable=True,
    library="`torch.nn.LSTMCell` takes the same step and keeps the weights itself, with a second bias that "
    "is added to the first. The course's is `course_lib.models.recurrent.lstm_step`.",
)
