"""The exercise of lecture 03 on the RNN's step."""

from typing import Any

import torch

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.lectures.rnn.recurrent_step_cases import rnn_weights, step_cases
from course_lib.models.recurrent import rnn_step


def _case(generator: torch.Generator, batch: int) -> tuple[Any, ...]:
    inputs, hidden = draw.unequal(generator, 2, 2, 5)
    x, h = draw.normal(generator, batch, inputs), draw.normal(generator, batch, hidden)
    return x, h, *rnn_weights(generator, inputs, hidden)


def _one_of_each(generator: torch.Generator) -> tuple[Any, ...]:
    x, h = draw.normal(generator, 4, 1), draw.normal(generator, 4, 1)
    return x, h, *rnn_weights(generator, 1, 1)


def _saturated(generator: torch.Generator) -> tuple[Any, ...]:
    """Sums of about 1000 or -1000, whose exponentials are infinite."""
    *others, bias = _case(generator, draw.whole(generator, 6, 8))
    sign = (-1) ** torch.arange(len(bias))
    return *others, 1000 * sign * bias.round().clamp(min=1)


MISTAKES = """
    the bias is left out
        + bias ->
    Add `bias` before tanh.

    tanh is left out
        torch.tanh ->
    Without tanh the network is linear, however many steps it takes, and its state may grow without bound.

    the sigmoid is applied instead of tanh
        torch.tanh -> torch.sigmoid
    The state of this network lies between -1 and 1; a sigmoid's values lie between 0 and 1.

    `weight_hidden` is not transposed
        weight_hidden.T -> weight_hidden
    Rows of `weight_hidden` belong to new units and columns to old ones: `h @ weight_hidden.T`. A square
    matrix gives no error when it is the wrong way round.

    the old state is forgotten
        + h @ weight_hidden.T ->
    Without `h @ weight_hidden.T` the network has no memory.

    the input is ignored
        x @ weight_input.T + ->
    The new state depends on the input x as well as on the old state h.

    the bias is added after tanh
        + bias) -> ) + bias
    tanh comes last: everything else goes inside its parentheses.

    tanh is applied to the input and to the state separately
        + h @ weight_hidden.T + bias -> + bias) + torch.tanh(h @ weight_hidden.T
    Add the two first, then take one tanh of the whole sum.

    the weights are not transposed
        weight_input.T -> weight_input
    The error says which shapes do not fit: x is (batch, inputs), so `x @` needs a matrix of shape
    (inputs, hidden).

    the weights stand before the input
        x @ weight_input.T + h @ weight_hidden.T + bias -> weight_input @ x + weight_hidden @ h + bias
    The formula has columns for vectors; here the examples of a batch are rows, and come before the weights.

    input and state are transposed in place of the weights
        x @ weight_input.T + h @ weight_hidden.T + bias -> weight_input @ x.T + weight_hidden @ h.T + bias
    That makes the examples columns, and the bias meets the wrong axis. Leave x and h: transpose the weights.

    the weights are multiplied entry by entry
        x @ weight_input.T + h @ weight_hidden.T -> x * weight_input + h * weight_hidden
    The star multiplies entry by entry; `@` is the product of matrices.

    input and state are swapped
        x @ -> h @
        h @ -> x @
    `weight_input` has a column for each input, `weight_hidden` one for each hidden unit: the shapes differ.

    ReLU is applied instead of tanh
        torch.tanh -> torch.relu
    The state of this network lies between -1 and 1; that of a ReLU may grow without bound.

    the bias is added twice
        + bias -> + bias + bias
    `torch.nn.RNN` has two bias vectors; this network has one.

    the bias is subtracted
        + bias -> - bias
    The bias is added.

    the old state is added after tanh
        torch.tanh -> h + torch.tanh
    The old state acts through `weight_hidden`, inside tanh; nothing is added outside.

    the old state is added without its weights
        h @ weight_hidden.T -> h
    The old state reaches the new one through the matrix `weight_hidden`.

    tanh is applied to the product with the input alone
        + h @ weight_hidden.T + bias) -> ) + h @ weight_hidden.T + bias
    The sum of all three goes inside the parentheses of tanh.

    the new state is read from the input weights twice
        h @ weight_hidden.T -> x @ weight_input.T
    The second product is that of the old state with `weight_hidden`.
"""

EXERCISE = Exercise(
    reference=rnn_step,
    cases={
        **step_cases(_case),
        "one input and one unit": _one_of_each,
        "sums so large that tanh is 1 or -1": _saturated,
    },
    mistakes=mistakes(rnn_step, MISTAKES),
    hints=(
        "What shape must the new state have, and which shapes do the two products give?",
        "x has shape (batch, inputs) and weight_input (hidden, inputs): one of them must be transposed.",
        "The input's part is `x @ weight_input.T`, of shape (batch, hidden). What is the state's part, and "
        "where do the bias and tanh go?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    differentiable=True,
    library="`course_lib.models.recurrent.rnn_step` is the same; `torch.nn.RNNCell(inputs, hidden)` too, but "
    "it holds the weights, with two bias vectors, which it adds up.",
)
