"""The exercise of lecture 03 on the number of an RNN's parameters."""

from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.lectures.rnn.recurrent_step_cases import PARAMETER_COUNT_CASES
from course_lib.models.recurrent import rnn_parameter_count

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
"""

EXERCISE = Exercise(
    reference=rnn_parameter_count,
    cases=PARAMETER_COUNT_CASES,
    mistakes=mistakes(rnn_parameter_count, MISTAKES),
    hints=(
        "Which three tensors does `rnn_step` learn, and what are their shapes?",
        "Multiply the sizes of each shape, and add the three numbers. Does the number of steps matter?",
        "`weight_input` has hidden * inputs numbers, `weight_hidden` hidden * hidden, `bias` hidden.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
)
