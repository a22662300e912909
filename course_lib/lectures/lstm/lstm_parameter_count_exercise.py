"""The exercise of lecture 05 on the number of an LSTM's parameters."""

from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.lectures.rnn.recurrent_step_cases import PARAMETER_COUNT_CASES
from course_lib.models import recurrent


def lstm_parameter_count(inputs: int, hidden: int) -> int:
    """Count the weights and biases of an LSTM with one bias vector."""
    return 4 * hidden * (inputs + hidden + 1)


EXERCISE = Exercise(
    reference=lstm_parameter_count,
    cases=PARAMETER_COUNT_CASES,
    mistakes=(
        Mistake(
            "the candidate is not counted",
            lambda inputs, hidden: 3 * hidden * (inputs + hidden + 1),
            "There are three gates, but four blocks of weights: the candidate has one as well.",
        ),
        Mistake(
            "the parameters of one gate are counted",
            recurrent.rnn_parameter_count,
            "That is an RNN; each of the three gates and the candidate has weights of its own.",
        ),
        Mistake(
            "two bias vectors are counted",
            lambda inputs, hidden: 4 * hidden * (inputs + hidden + 2),
            "`torch.nn.LSTM` keeps two, which are added up; this one has one.",
        ),
        Mistake(
            "the rows of one unit are counted",
            lambda inputs, hidden: 4 * (inputs + hidden + 1),
            "That is what one unit has in the four blocks; there are `hidden` units.",
        ),
        Mistake(
            "the biases are left out",
            lambda inputs, hidden: 4 * hidden * (inputs + hidden),
            "Every unit has a bias in each of the four blocks.",
        ),
        Mistake(
            "all gates share one bias vector",
            lambda inputs, hidden: 4 * hidden * (inputs + hidden) + hidden,
            "`bias` has shape (4 * hidden,): one number for each unit of each block.",
        ),
        Mistake(
            "the bias of each gate is a single number",
            lambda inputs, hidden: 4 * hidden * (inputs + hidden) + 4,
            "Each gate has a bias for each of its units.",
        ),
        Mistake(
            "the bias is counted as one number",
            lambda inputs, hidden: 4 * hidden * (inputs + hidden) + 1,
            "`bias` holds a number for each of the 4 * hidden rows.",
        ),
        Mistake(
            "each gate reads all four gates",
            lambda inputs, hidden: 4 * hidden * (inputs + 4 * hidden + 1),
            "The gates read the hidden state: weight_hidden has shape (4 * hidden, hidden).",
        ),
        Mistake(
            "the gates read the cell state as well",
            lambda inputs, hidden: 4 * hidden * (inputs + 2 * hidden + 1),
            "The cell state has no weights: it is multiplied by the forget gate, and that is all.",
        ),
        Mistake(
            "the hidden weights are left out",
            lambda inputs, hidden: 4 * hidden * (inputs + 1),
            "All four blocks read the old hidden state through `weight_hidden`.",
        ),
        Mistake(
            "inputs and hidden units are swapped",
            lambda inputs, hidden: 4 * inputs * (inputs + hidden + 1),
            "There are 4 * hidden rows: a row for each unit of each block.",
        ),
    ),
    hints=(
        "How many rows have the weights of `lstm_step`, and what does each row read?",
        "There are 4 * hidden rows. A row has a weight for each input, one for each hidden unit, and a bias.",
        "Multiply 4 * hidden by inputs + hidden + 1.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(
        lambda inputs, hidden: 4 * (hidden * inputs + hidden**2 + hidden),
        lambda inputs, hidden: sum(p.numel() for p in recurrent.LSTM(inputs, hidden).parameters()),
    ),
)
