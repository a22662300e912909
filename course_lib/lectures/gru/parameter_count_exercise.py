"""The exercise of lecture 06 on the parameters of RNN, LSTM and GRU."""

import torch

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase


def parameter_count(kind: str, inputs: int, hidden: int) -> int:
    """Count the weights and biases of `torch.nn.RNN`, `LSTM` or `GRU`, which keep two bias vectors."""
    blocks = {"RNN": 1, "LSTM": 4, "GRU": 3}[kind]
    return blocks * hidden * (inputs + hidden + 2)


def _case(kind: str) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[str, int, int]:
        inputs, hidden = draw.unequal(generator, 2, 6, 40)
        return kind, inputs, hidden

    return draw_case


MISTAKES = """
    one bias vector is counted
        + 2 -> + 1
    `torch.nn` keeps two for each block, one with the input's weights and one with the state's.

    the second bias is counted for the GRU alone
        + 2 -> + 1 + (kind == 'GRU')
    Only the GRU needs two, but `torch.nn` keeps two for the RNN and the LSTM as well.

    the biases are left out
        + 2 ->
    Each block has two bias vectors besides its weights.

    LSTM and GRU are swapped
        'LSTM': 4, 'GRU': 3 -> 'LSTM': 3, 'GRU': 4
    The LSTM has three gates and a candidate, the GRU two gates and a candidate.

    the candidate is not counted
        'LSTM': 4, 'GRU': 3 -> 'LSTM': 3, 'GRU': 2
    Besides its gates each network has a candidate, which has weights as well: 4 blocks and 3.

    all three are counted as an RNN
        blocks * hidden -> hidden
    Each gate has weights and biases of its own, and so does the candidate.

    each block reads all blocks
        inputs + hidden -> inputs + blocks * hidden
    All blocks read the same state, which has `hidden` units.

    inputs and hidden units are swapped
        blocks * hidden -> blocks * inputs
    A block has a row for each hidden unit, which reads all inputs and all hidden units.
"""

EXERCISE = Exercise(
    reference=parameter_count,
    cases={"an RNN": _case("RNN"), "an LSTM": _case("LSTM"), "a GRU": _case("GRU")},
    mistakes=mistakes(parameter_count, MISTAKES),
    hints=(
        "How many blocks of rows do the weights of `rnn_step`, `lstm_step` and `gru_step` hold?",
        "A block has weights of shape (hidden, inputs) and (hidden, hidden), and in `torch.nn` two biases of "
        "shape (hidden,).",
        "Multiply the number of blocks, 1, 4 or 3, by hidden * (inputs + hidden + 2).",
    ),
    points=2,
    difficulty=1,
    minutes=5,
)
