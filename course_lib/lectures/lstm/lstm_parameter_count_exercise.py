"""The exercise of lecture 05 on the number of an LSTM's parameters."""

from course_lib.exercises import draw
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

    a single number is counted for all biases
        4 * hidden * (inputs + hidden + 1) -> 4 * hidden * (inputs + hidden) + 1
    One bias *vector* has a number for each row: the 1 belongs inside the brackets.

    a pair of brackets is missing
        (inputs + hidden + 1) -> inputs + hidden + 1
    Python multiplies before it adds: all that belongs to a row must be summed first.

    peephole weights are counted
        4 * hidden * (inputs + hidden + 1) -> 4 * hidden * (inputs + hidden + 1) + 3 * hidden
    In some LSTMs each gate also reads its own cell state, through a peephole; in this one none does.

    the gates read the cell state as well
        inputs + hidden -> inputs + 2 * hidden
    The cell state has no weights: it is multiplied by the forget gate, and that is all.

    the hidden weights are left out
        + hidden ->
    All four blocks read the old hidden state through `weight_hidden`.

    the input weights are left out
        inputs + hidden -> hidden
    All four blocks read the input through `weight_input`.

    each block is taken to have a single row
        4 * hidden -> 4
    A block has a row for each hidden unit.

    the square of `hidden` is taken for its double
        inputs + hidden + 1 -> inputs + 2 + 1
    `hidden * 2` is the double; each unit reads every unit, which makes hidden times hidden weights.

    `^` is written for a power
        4 * hidden * (inputs + hidden + 1) -> 4 * (hidden * inputs + hidden ^ 2 + hidden)
    In Python `^` compares bits; a power is written `**`.

    inputs and hidden units are swapped
        4 * hidden -> 4 * inputs
    There are 4 * hidden rows: a row for each unit of each block.
"""

EXERCISE = Exercise(
    reference=lstm_parameter_count,
    cases={
        **PARAMETER_COUNT_CASES,
        "as many inputs as hidden units": lambda generator: (draw.whole(generator, 5, 64),) * 2,
    },
    mistakes=mistakes(lstm_parameter_count, MISTAKES),
    hints=(
        "How many rows do the weights of `lstm_step` have, and what does each row read?",
        "A row has a weight for each input, one for each hidden unit, and a bias.",
        "With 2 inputs and 3 hidden units there are 4 blocks of 3 rows, and a row has 2 + 3 + 1 numbers: 72 "
        "in all. Which of these numbers change with the sizes?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`sum(p.numel() for p in recurrent.LSTM(inputs, hidden).parameters())` counts the same. "
    "`torch.nn.LSTM` has 4 * hidden more, for its second bias.",
)
