"""The exercise of lecture 03 on the number of an RNN's parameters."""

import torch

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.lectures.rnn.recurrent_step_cases import PARAMETER_COUNT_CASES
from course_lib.models.recurrent import rnn_parameter_count


def _equal_sizes(generator: torch.Generator) -> tuple[int, int]:
    size = draw.whole(generator, 1, 9)
    return size, size


MISTAKES = """
    two bias vectors are counted
        + 1 -> + 2
    `torch.nn.RNN` keeps two and adds them up; this network has one.

    the bias is left out
        + 1 ->
    Every hidden unit has a bias of its own.

    the bias is a single number
        + 1) -> ) + 1
    `bias` has shape (hidden,): one number for each unit.

    the hidden weights are left out
        + hidden ->
    The old state reaches the new one through `weight_hidden`, of shape (hidden, hidden).

    the input weights are left out
        inputs + ->
    The input reaches the state through `weight_input`, of shape (hidden, inputs).

    inputs and hidden units are swapped
        hidden * -> inputs *
    The square matrix is that of the hidden units: (hidden, hidden).

    the bias has a number for each input
        + 1) -> ) + inputs
    The bias is added to the new state, which has `hidden` units.

    the sizes of each matrix are added
        hidden * (inputs + hidden + 1) -> hidden + inputs + (hidden + hidden) + hidden
    A matrix of shape (a, b) holds a * b numbers.

    the rows of each tensor are counted
        hidden * (inputs + hidden + 1) -> 3 * hidden
    `len` of a matrix is the number of its rows; `numel` counts all its numbers.

    both matrices are square in all sizes together
        hidden * (inputs + hidden + 1) -> (inputs + hidden) ** 2 + hidden
    The two matrices side by side have the shape (hidden, inputs + hidden): only the new state has rows.

    both matrices have the input's shape
        hidden * (inputs + hidden + 1) -> hidden * (inputs + inputs + 1)
    The square matrix is that of the old state: (hidden, hidden).

    both matrices are square
        hidden * (inputs + hidden + 1) -> hidden * (hidden + hidden + 1)
    The input has a size of its own: `weight_input` has the shape (hidden, inputs).

    an LSTM is counted
        hidden * ( -> 4 * hidden * (
    The RNN has no gates, and so one block of rows in each weight, not four.

    a read-out is counted as well
        hidden * (inputs + hidden + 1) -> hidden * (inputs + hidden + 1) + hidden * inputs + inputs
    What makes a prediction of the state is a layer of its own. The RNN ends with its state.

    the three sizes are returned one by one
        hidden * (inputs + hidden + 1) -> (hidden * inputs, hidden * hidden, hidden)
    The exercise asks for all of them together: add them up.

    PyTorch's parameters are asked for their length
        hidden * (inputs + hidden + 1) -> len(torch.nn.RNN(inputs, hidden).parameters())
    `parameters()` gives one tensor after the other, and has no length: add up their `numel()`. And mind that
    PyTorch has two biases.
"""

EXERCISE = Exercise(
    reference=rnn_parameter_count,
    cases={
        **PARAMETER_COUNT_CASES,
        "as many inputs as hidden units": _equal_sizes,
    },
    mistakes=mistakes(rnn_parameter_count, MISTAKES, torch=torch),
    hints=(
        "Which three tensors does `rnn_step` learn, and what are their shapes?",
        "Multiply the sizes of each shape, and add the three numbers. Does the number of steps matter?",
        "`weight_input` has the shape (hidden, inputs), and so hidden * inputs numbers. What about the old "
        "state's matrix and the bias?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`sum(p.numel() for p in course_lib.models.recurrent.RNN(inputs, hidden).parameters())` counts "
    "the same; `torch.nn.RNN` has `hidden` more, for a second bias.",
)
