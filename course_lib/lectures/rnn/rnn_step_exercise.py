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

    the hidden weights are not transposed
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
"""

EXERCISE = Exercise(
    reference=rnn_step,
    cases=step_cases(_case),
    mistakes=mistakes(rnn_step, MISTAKES),
    hints=(
        "What shape must the new state have, and which shapes do the two products give?",
        "x has shape (batch, inputs) and weight_input (hidden, inputs): one of them must be transposed.",
        "It is the tanh of `x @ weight_input.T`, `h @ weight_hidden.T` and `bias` added up.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    differentiable=True,
)
