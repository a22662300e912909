"""Made-up tasks that show how far back a recurrent network can remember."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from course_lib.data.sequences import pad_batch

REBER_SYMBOLS = "BTPSXVE"
_REBER = [
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
]
"""Reber's grammar (1967): for each state the symbols that may come next, and the state that each leads to."""


def _embed(grammar: list[dict[str, int]]) -> list[dict[str, int]]:
    """Put two copies of a grammar between T and T, and between P and P; the last state is the end."""
    size = len(grammar) + 1
    first = {"T": 2, "P": 2 + size}
    states = [{"B": 1}, first]
    for symbol, start in first.items():
        states += [{symbol: start + end for symbol, end in ways.items()} for ways in grammar]
        states.append({symbol: 2 + 2 * size})
    return [*states, {"E": 3 + 2 * size}]


_EMBEDDED_REBER = _embed(_REBER)


def adding_problem(
    batch: int, steps: int, generator: torch.Generator
) -> tuple[Float[Tensor, "batch steps 2"], Float[Tensor, "batch"]]:
    """Draw sequences of numbers of which two are marked; the target is the sum of the marked ones.

    The first input is uniform between 0 and 1; the second marks, with a 1, one step in the first half and one
    in the second. Always answering 1, the mean, has a mean squared error of 1/6. Hochreiter and Schmidhuber
    1997. Raises ValueError if there are fewer than two steps.
    """
    if steps < 2:
        raise ValueError(f"two steps are marked, so steps must be at least 2; got {steps}")
    half = steps // 2
    numbers = torch.rand(batch, steps, generator=generator)
    marked = torch.stack(
        [
            torch.randint(half, (batch,), generator=generator),
            torch.randint(half, steps, (batch,), generator=generator),
        ],
        dim=1,
    )
    marks = torch.zeros(batch, steps).scatter(1, marked, 1.0)
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=1)


def first_symbol_recall(
    batch: int, symbols: int, distractors: int, generator: torch.Generator
) -> tuple[Float[Tensor, "batch time inputs"], Int[Tensor, "batch"]]:
    """Draw a symbol to remember, followed by random distractors; the target is the number of the symbol.

    The inputs are one-hot, (batch, 1 + distractors, 2 * symbols): the first `symbols` entries stand for what
    is to be remembered, the others for the distractors. Guessing is right once in `symbols` times.
    """
    targets = torch.randint(symbols, (batch,), generator=generator)
    others = torch.randint(symbols, 2 * symbols, (batch, distractors), generator=generator)
    sequences = torch.cat([targets[:, None], others], dim=1)
    return one_hot(sequences, 2 * symbols).to(torch.get_default_dtype()), targets


class ReberBatch(NamedTuple):
    """Embedded Reber strings as tensors: every symbol but the last is an input, what follows it the target.

    `inputs` are one-hot; `targets` hold numbers of `REBER_SYMBOLS`; `legal` says which symbols the grammar
    allows next; `mask` is true where there is an input. The last target but one repeats the second symbol.
    """

    inputs: Float[Tensor, "batch time 7"]
    targets: Int[Tensor, "batch time"]
    legal: Bool[Tensor, "batch time 7"]
    mask: Bool[Tensor, "batch time"]


def embedded_reber_strings(count: int, generator: torch.Generator, shortest: int = 9) -> list[str]:
    """Draw strings of the embedded Reber grammar that have at least `shortest` symbols.

    A string is B, then T or P, then a string of Reber's grammar, then the T or P of before, then E. Wherever
    the grammar has two ways to go on, each is as likely. Hochreiter and Schmidhuber 1997.
    """
    strings: list[str] = []
    while len(strings) < count:
        string = _draw_string(generator)
        if len(string) >= shortest:
            strings.append(string)
    return strings


def encode_reber(strings: Sequence[str]) -> ReberBatch:
    """Turn embedded Reber strings into tensors, padded at the end with zeros.

    Raises ValueError if there are no strings, or one isn't of the grammar.
    """
    numbers = [torch.tensor([REBER_SYMBOLS.find(symbol) for symbol in string]) for string in strings]
    symbols, mask = pad_batch([sequence[:-1] for sequence in numbers])
    targets, _ = pad_batch([sequence[1:] for sequence in numbers])
    legal = torch.zeros(*mask.shape, len(REBER_SYMBOLS), dtype=torch.bool)
    for row, string in enumerate(strings):
        for step, choices in enumerate(legal_next_symbols(string)):
            legal[row, step, [REBER_SYMBOLS.index(symbol) for symbol in choices]] = True
    inputs = one_hot(symbols, len(REBER_SYMBOLS)) * mask[..., None]
    return ReberBatch(inputs.to(torch.get_default_dtype()), targets, legal, mask)


def legal_next_symbols(string: str) -> list[str]:
    """Return for each symbol of an embedded Reber string but the last the symbols that may come next.

    Raises ValueError if the string isn't of the grammar.
    """
    state, legal = 0, []
    for symbol in string:
        if state == len(_EMBEDDED_REBER) or symbol not in _EMBEDDED_REBER[state]:
            raise ValueError(f"{string!r} is no embedded Reber string: {symbol!r} can't be at {len(legal)}")
        legal.append("".join(_EMBEDDED_REBER[state]))
        state = _EMBEDDED_REBER[state][symbol]
    if state < len(_EMBEDDED_REBER):
        raise ValueError(f"{string!r} is no embedded Reber string: it stops before the end")
    return legal[1:]


def _draw_string(generator: torch.Generator) -> str:
    state, string = 0, ""
    while state < len(_EMBEDDED_REBER):
        ways = sorted(_EMBEDDED_REBER[state].items())
        symbol, state = ways[int(torch.randint(len(ways), (), generator=generator))]
        string += symbol
    return string
