"""Small models of the next symbol, for the exercises on decoding."""

from collections.abc import Mapping
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.generation import Step

Tree = Mapping[str, Mapping[str, float]]
"""The probabilities of some next symbols after what has been generated; letters, and `.` for the end."""
LETTERS = ".abcde"
RARE = 0.02


def table_step(tables: Float[Tensor, "steps symbols symbols"]) -> Step:
    """Make a model whose scores depend on how long a prefix is and on its last symbol, by a table a length.

    If prefixes are longer, the tables start again. The model raises ValueError for what is no prefix.
    """
    return partial(_table_scores, tables)


def tree_step(generator: torch.Generator, tree: Tree) -> tuple[Step, int, int]:
    """Make a model of a tree, and return it with its start and its end symbol.

    Symbols that the tree does not name are equally likely; where it names none, the end is rare. Symbols are
    numbered at random, probabilities are changed at random by about a percent, and the scores of a prefix are
    log-probabilities plus any number.
    """
    numbers = torch.randperm(len(LETTERS) + 1, generator=generator).tolist()
    code = {letter: numbers[place] for place, letter in enumerate(LETTERS)}
    places = {tuple(code[letter] for letter in prefix): place for place, prefix in enumerate(tree, 1)}
    rows = [_distribution({code["."]: RARE}, len(numbers))]
    for following in tree.values():
        rows.append(_distribution({code[letter]: p for letter, p in following.items()}, len(numbers)))
    noise = draw.uniform(generator, -0.01, 0.01, 89, len(numbers)) + draw.uniform(generator, -2, 2, 89, 1)
    return partial(_tree_scores, places, torch.stack(rows).log(), noise), numbers[-1], code["."]


def _distribution(named: Mapping[int, float], symbols: int) -> Tensor:
    row = torch.full((symbols,), (1 - sum(named.values())) / (symbols - len(named)), dtype=torch.float64)
    for symbol, probability in named.items():
        row[symbol] = probability
    return row


def _tree_scores(
    places: Mapping[tuple[int, ...], int], rows: Tensor, noise: Tensor, prefixes: Tensor
) -> Tensor:
    _require_prefixes(prefixes)
    symbols = prefixes.tolist()
    found = [places.get(tuple(prefix[1:]), 0) for prefix in symbols]
    # Unlike prefixes get mostly unlike noise.
    numbers = [
        sum((2 * k + 1) * symbol for k, symbol in enumerate(prefix)) % len(noise) for prefix in symbols
    ]
    return rows[found] + noise[numbers]


def _table_scores(tables: Tensor, prefixes: Tensor) -> Tensor:
    _require_prefixes(prefixes)
    return tables[(prefixes.shape[1] - 1) % len(tables), prefixes[:, -1].long()]


def _require_prefixes(prefixes: Tensor) -> None:
    if not isinstance(prefixes, Tensor) or prefixes.ndim != 2 or not prefixes.shape[1]:
        given = tuple(prefixes.shape) if isinstance(prefixes, Tensor) else f"a {type(prefixes).__name__}"
        wanted = "a tensor of shape (rows, steps), such as `torch.tensor([symbols])`"
        raise ValueError(f"`step` takes {wanted}, not {given}")
    if prefixes.is_floating_point():
        raise ValueError("`step` takes symbols, which are whole numbers, and not scores or probabilities")
