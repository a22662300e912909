"""The exercise of lecture 06 on the GRU's step."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.lectures.rnn.recurrent_step_cases import step_cases


def gru_step(
    x: Float[Tensor, "batch inputs"],
    h: Float[Tensor, "batch hidden"],
    weight_input: Float[Tensor, "3*hidden inputs"],
    weight_hidden: Float[Tensor, "3*hidden hidden"],
    bias_input: Float[Tensor, "3*hidden"],
    bias_hidden: Float[Tensor, "3*hidden"],
) -> Float[Tensor, "batch hidden"]:
    """Return the next hidden state of a GRU; where its update gate is 1, the old state is kept.

    The rows of the weights hold three blocks: reset gate, update gate, candidate. The reset gate multiplies
    the old state's product with its weights (and its bias), not the old state itself, as in `torch.nn.GRU`.
    Cho et al. 2014.
    """
    r_input, z_input, g_input = (x @ weight_input.T + bias_input).chunk(3, dim=1)
    r_hidden, z_hidden, g_hidden = (h @ weight_hidden.T + bias_hidden).chunk(3, dim=1)
    r = torch.sigmoid(r_input + r_hidden)
    z = torch.sigmoid(z_input + z_hidden)
    g = torch.tanh(g_input + r * g_hidden)
    return (1 - z) * g + z * h


def _case(generator: torch.Generator, batch: int) -> tuple[Any, ...]:
    return _arguments(generator, batch, *draw.unequal(generator, 2, 2, 5))


def _arguments(generator: torch.Generator, batch: int, inputs: int, hidden: int) -> tuple[Any, ...]:
    return (
        draw.normal(generator, batch, inputs),
        draw.uniform(generator, -1, 1, batch, hidden),
        draw.normal(generator, 3 * hidden, inputs),
        draw.normal(generator, 3 * hidden, hidden),
        draw.uniform(generator, 0.3, 0.9, 3 * hidden),
        draw.uniform(generator, -0.9, -0.3, 3 * hidden),
    )


MISTAKES = """
    the update gate is taken for the share of the candidate
        (1 - z) * g + z * h -> z * g + (1 - z) * h
    Both conventions are in use; here, as in PyTorch, the old state is kept where z is 1.

    the update gate multiplies both the candidate and the old state
        (1 - z) * g -> z * g
    The two shares add up to one: what is kept of the old state is not taken from the candidate.

    the reset gate is applied to the state before its product with the weights
        r * g_hidden -> (r * h) @ weight_hidden.chunk(3)[2].T + bias_hidden.chunk(3)[2]
    The GRU as first published does so. PyTorch's multiplies the product, including its bias, by r.

    both gates follow conventions other than PyTorch's
        r * g_hidden -> (r * h) @ weight_hidden.chunk(3)[2].T + bias_hidden.chunk(3)[2]
        (1 - z) * g + z * h -> z * g + (1 - z) * h
    Here z is the share of the old state that is kept, and r multiplies that state's product with its weights,
    not the state itself.

    the hidden bias is added outside the reset gate
        + bias_input -> + bias_input + bias_hidden
        h @ weight_hidden.T + bias_hidden -> h @ weight_hidden.T
    The reset gate multiplies the product and `bias_hidden`: that is why there are two biases.

    the reset gate is applied to the input as well
        g_input + r * g_hidden -> r * (g_input + g_hidden)
    `r` multiplies only what comes from the old state, before tanh: the input always counts in full.

    the reset gate is applied after tanh
        torch.tanh(g_input + r * g_hidden) -> r * torch.tanh(g_input + g_hidden)
    `r` multiplies only what comes from the old state, and does so before tanh.

    the reset gate is applied to the input instead of the old state
        g_input + r * g_hidden -> r * g_input + g_hidden
    `r` multiplies what comes from the old state, not what comes from the input.

    the reset gate is left out
        r * g_hidden -> g_hidden
    In the candidate the part that comes from the old state is multiplied by r.

    the reset gate is taken for the share that is dropped
        r * g_hidden -> (1 - r) * g_hidden
    In spite of its name, the reset gate is the share that is let through: at 1 the old state counts in full.

    the candidate does not read the old state
        + r * g_hidden ->
    The candidate is made of the input *and* of what the reset gate lets through of the old state.

    the reset gate and the update gate are swapped
        r_input, z_input, g_input -> z_input, r_input, g_input
        r_hidden, z_hidden, g_hidden -> z_hidden, r_hidden, g_hidden
    The first block of rows is the reset gate's, the second the update gate's.

    the rows of the three blocks are taken to alternate
        .chunk(3, dim=1) -> .unflatten(1, (-1, 3)).unbind(dim=2)
    The rows of a block are next to each other: the first block is the first third of the columns.

    the batch is cut into three, not the columns
        .chunk(3, dim=1) -> .chunk(3)
    Without `dim`, `chunk` cuts the first axis, which is the batch here; the blocks lie along the second.

    pieces of three columns are cut, not three pieces
        .chunk(3, dim=1) -> .split(3, dim=1)
    `split` takes the size of a piece, `chunk` the number of pieces.

    `weight_input` is not transposed
        weight_input.T -> weight_input
    The error says that two matrices do not fit: the weights have a row for each unit of each block, so that
    their *columns* belong to the inputs.

    `weight_hidden` is not transposed
        weight_hidden.T -> weight_hidden
    The error says that two matrices do not fit: the columns of the weights belong to the old state.

    the weights stand before the values
        x @ weight_input.T -> weight_input @ x
    The error says that two matrices do not fit: the formula is for one example, and a batch has a row for
    each. It stands on the left, and the weights are transposed.

    the sigmoid is applied to the candidate
        tanh -> sigmoid
    The state lies between -1 and 1, and so does the candidate: it takes tanh.

    tanh is left out of the candidate
        torch.tanh(g_input + r * g_hidden) -> g_input + r * g_hidden
    The candidate lies between -1 and 1: it takes tanh once both of its parts are there.

    tanh is applied to the gates
        sigmoid -> tanh
    A gate is a share from 0 to 1: it takes the sigmoid. Only the candidate takes tanh.

    the sigmoid is left out of both gates
        torch.sigmoid ->
    A gate is a share from 0 to 1: `torch.sigmoid` turns any number into one.

    the old state is dropped
        + z * h ->
    The new state mixes candidate and old state: z says how much of the old one stays.

    the candidate is added in full
        (1 - z) * g -> g
    The two shares add up to one: the old state gets z, and the candidate the rest.

    the candidate is returned
        (1 - z) * g + z * h -> g
    The candidate is a proposal; the update gate mixes it with the old state.

    the input bias is left out
        + bias_input ->
    Add `bias_input` to `x @ weight_input.T`.

    the hidden bias is left out
        + bias_hidden ->
    Add `bias_hidden` to `h @ weight_hidden.T`.

    the input bias is added twice
        bias_hidden -> bias_input
    There are two bias vectors: what comes of the old state has a bias of its own.

    the hidden weights of each gate are transposed
        h @ weight_hidden.T -> torch.cat([h @ block for block in weight_hidden.chunk(3)], dim=1)
    Within a block rows belong to new units and columns to old ones: transpose the whole, not each block.

    both bias vectors are left out
        + bias_input ->
        + bias_hidden ->
    Each of the two products has a bias of its own: one vector for the input's, one for the old state's.
"""

EXERCISE = Exercise(
    reference=gru_step,
    cases={
        **step_cases(_case),
        "one input and one unit": lambda generator: _arguments(generator, draw.whole(generator, 6, 8), 1, 1),
    },
    mistakes=mistakes(gru_step, MISTAKES),
    hints=(
        "Compute what the input gives and what the old state gives, and cut each into three blocks. Which "
        "blocks can be added right away, and where does the reset gate have to come in between?",
        "Reset and update gate are sigmoids of a sum. For the candidate only the old state's block is "
        "multiplied by r, before the sum and tanh.",
        "The candidate is tanh of its two parts. In the new state the shares of candidate and old state "
        "add up to one: which of them is z, and which `1 - z`?",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    differentiable=True,
    library="`torch.nn.GRUCell` takes the same step and keeps the weights itself. The course's is "
    "`course_lib.models.recurrent.gru_step`.",
)
