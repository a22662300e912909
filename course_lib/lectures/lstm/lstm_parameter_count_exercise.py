"""The exercise of lecture 05 on the number of an LSTM's parameters."""

from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.lectures.rnn.recurrent_step_cases import PARAMETER_COUNT_CASES


def lstm_parameter_count(inputs: int, hidden: int) -> int:
    """Count the weights and biases of an LSTM with one bias vector."""
    return 4 * hidden * (inputs + hidden + 1)


MISTAKES = """
    the candidate is not counted
        4 -> 3
    There are three gates, but four blocks of weights: the candidate has one as well.

    the parameters of one gate are counted
        4 * ->
    That is an RNN; each of the three gates and the candidate has weights of its own.

    two bias vectors are counted
        + 1 -> + 2
    `torch.nn.LSTM` keeps two and adds them up; this one has one.

    the biases are left out
        + 1 ->
    Every unit has a bias in each of the four blocks.

    all gates share one bias vector
        + 1) -> ) + hidden
    `bias` has shape (4 * hidden,): one number for each unit of each block.

    the gates read the cell state as well
        inputs + hidden -> inputs + 2 * hidden
    The cell state has no weights: it is multiplied by the forget gate, and that is all.

    the hidden weights are left out
        + hidden ->
    All four blocks read the old hidden state through `weight_hidden`.

    inputs and hidden units are swapped
        4 * hidden -> 4 * inputs
    There are 4 * hidden rows: a row for each unit of each block.
"""

EXERCISE = Exercise(
    reference=lstm_parameter_count,
    cases=PARAMETER_COUNT_CASES,
    mistakes=mistakes(lstm_parameter_count, MISTAKES),
    hints=(
        "How many rows do the weights of `lstm_step` have, and what does each row read?",
        "There are 4 * hidden rows. A row has a weight for each input, one for each hidden unit, and a bias.",
        "Multiply 4 * hidden by inputs + hidden + 1.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
)
