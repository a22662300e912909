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

    all blocks share their biases
        blocks * hidden * (inputs + hidden + 2) -> blocks * hidden * (inputs + hidden) + 2 * hidden
    The biases are as long as the weights have rows: a number for each unit of each block.

    a single number is counted for each bias
        blocks * hidden * (inputs + hidden + 2) -> blocks * hidden * (inputs + hidden) + 2
    A bias *vector* has a number for each row: the 2 belongs inside the brackets.

    a pair of brackets is missing
        (inputs + hidden + 2) -> inputs + hidden + 2
    Python multiplies before it adds: all that belongs to a row must be summed first.

    LSTM and GRU are swapped
        'LSTM': 4, 'GRU': 3 -> 'LSTM': 3, 'GRU': 4
    The LSTM has three gates and a candidate, the GRU two gates and a candidate.

    the candidate is not counted
        'LSTM': 4, 'GRU': 3 -> 'LSTM': 3, 'GRU': 2
    Besides its gates each network has a candidate, which has weights as well: 4 blocks and 3.

    all three are counted as an LSTM
        {'RNN': 1, 'LSTM': 4, 'GRU': 3}[kind] -> 4
    Is there an `or` in your condition? `kind == "LSTM" or "GRU"` is always true, since it asks whether "GRU"
    is a text that is not empty: compare `kind` with each.

    the GRU is counted as an LSTM
        'GRU': 3 -> 'GRU': 4
    Is there an `or` in your condition, or an `else` for both? The GRU has two gates and a candidate.

    the kinds are written in lower case
        'RNN': 1, 'LSTM': 4, 'GRU': 3 -> 'rnn': 1, 'lstm': 4, 'gru': 3
    The error says that a dictionary lacks this key: `kind` is written in capitals.

    all three are counted as an RNN
        blocks * hidden -> hidden
    Each gate has weights and biases of its own, and so does the candidate.

    each block reads all blocks
        inputs + hidden -> inputs + blocks * hidden
    All blocks read the same state, which has `hidden` units.

    the hidden weights are left out
        inputs + hidden -> inputs
    Each block reads the old state, too: that is what makes the network recurrent.

    the input weights are left out
        inputs + hidden -> hidden
    Each block reads the input, too.

    inputs and hidden units are swapped
        blocks * hidden -> blocks * inputs
    A block has a row for each hidden unit, which reads all inputs and all hidden units.
"""

EXERCISE = Exercise(
    reference=parameter_count,
    cases={
        "an RNN": _case("RNN"),
        "an LSTM": _case("LSTM"),
        "a GRU": _case("GRU"),
        "as many inputs as hidden units": lambda generator: ("LSTM", *(draw.whole(generator, 6, 40),) * 2),
    },
    mistakes=mistakes(parameter_count, MISTAKES),
    hints=(
        "How many blocks of rows do the weights of `rnn_step`, `lstm_step` and `gru_step` hold?",
        "A block has weights of shape (hidden, inputs) and (hidden, hidden), and in `torch.nn` two biases of "
        "shape (hidden,).",
        "With 2 inputs and 3 units an RNN has 1 block of 3 rows, and a row has 2 + 3 + 2 numbers: 21 in all. "
        "Which of these numbers change with the kind, and which with the sizes?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`sum(p.numel() for p in torch.nn.GRU(inputs, hidden).parameters())` counts the same, "
    "and does so for any module.",
)
