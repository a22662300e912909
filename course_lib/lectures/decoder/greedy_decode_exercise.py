"""The exercise of lecture 11 on greedy decoding."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from course_lib import generation
from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.generation import Step
from course_lib.lectures.decoder.next_symbol_models import table_step


def greedy_decode(step: Step, start: int, end: int, limit: int) -> list[int]:
    """Return the symbols that follow `start` if the one of the highest score is always taken.

    `step` takes prefixes (rows, steps) and returns the scores (rows, symbols) of the next symbol. The result
    is without `start`, and with `end`, after which nothing comes; it has at most `limit` symbols. The library
    decodes several rows at once in this way.
    """
    return generation.greedy_decode(step, start, end, limit)[0].tolist()


def _case(shortest: int, longest: int, spare: int | None) -> MakeCase:
    """A model that ends after some symbols, when `spare` more were allowed; None for one that never ends."""

    def draw_case(generator: torch.Generator) -> tuple[Step, int, int, int]:
        length, symbols = draw.whole(generator, shortest, longest), draw.whole(generator, 5, 8)
        start, end = torch.randperm(symbols, generator=generator)[:2].tolist()
        tables = draw.normal(generator, length + 6, symbols, symbols)
        tables[0].fill_diagonal_(-9.0)  # so that the start alone and the last symbol lead to unlike ones
        tables[:, :, end] = -9.0
        if spare is not None:
            tables[length - 1, :, end] = 9.0
        return table_step(tables), start, end, length + (spare or 0)

    return draw_case


def _decode(
    step: Step,
    start: int,
    end: int,
    limit: int,
    seen: Callable[[list[int]], list[int]] = lambda symbols: symbols,
    best: Callable[[Tensor], Tensor] = torch.argmax,
    stops: bool = True,
) -> list[int]:
    """Decode with another view of the symbols so far or another choice, or without a stop at the end."""
    symbols = [start]
    for _ in range(limit):
        symbols.append(int(best(step(torch.tensor([seen(symbols)]))[0])))
        if stops and symbols[-1] == end:
            break
    return symbols[1:]


def _without_end(step: Step, start: int, end: int, limit: int) -> list[int]:
    return [symbol for symbol in _decode(step, start, end, limit) if symbol != end]


def _padded(step: Step, start: int, end: int, limit: int) -> list[int]:
    symbols = _decode(step, start, end, limit)
    return symbols + [end] * (limit - len(symbols))


def _end_appended(step: Step, start: int, end: int, limit: int) -> list[int]:
    return [*_without_end(step, start, end, limit), end]


def _by_growing_a_tensor(step: Step, start: int, end: int, limit: int) -> list[int]:
    prefix = torch.tensor([[start]])
    while prefix.shape[1] <= limit and (prefix.shape[1] == 1 or prefix[0, -1] != end):
        prefix = torch.cat([prefix, step(prefix).argmax(dim=1, keepdim=True)], dim=1)
    return prefix[0, 1:].tolist()


def _by_the_most_probable(step: Step, start: int, end: int, limit: int) -> tuple[Tensor, ...]:
    symbols = [torch.tensor(start)]
    while len(symbols) <= limit:
        symbols.append(step(torch.stack(symbols)[None]).softmax(dim=-1)[0].topk(1).indices[0])
        if symbols[-1] == end:
            return tuple(symbols[1:])
    return tuple(symbols[1:])


def _recursive(step: Step, start: int, end: int, limit: int) -> list[int]:
    def continued(symbols: list[int]) -> list[int]:
        if len(symbols) > limit or end in symbols[1:]:
            return symbols[1:]
        scores = step(torch.tensor(symbols).view(1, -1))[0].tolist()
        return continued([*symbols, scores.index(max(scores))])

    return continued([start])


EXERCISE = Exercise(
    reference=greedy_decode,
    cases={
        "the end comes before the limit": _case(4, 6, spare=3),
        "the limit comes before the end": _case(4, 6, spare=None),
        "the end comes at the limit": _case(4, 6, spare=0),
        "the end comes at once": _case(1, 1, spare=4),
    },
    mistakes=(
        Mistake(
            "the start symbol is returned as well",
            lambda step, start, *others: [start, *_decode(step, start, *others)],
            "The start was given, not generated: return `symbols[1:]`.",
        ),
        Mistake(
            "the end symbol is left out of the result",
            _without_end,
            "The end was generated as every other symbol: append it, then stop.",
        ),
        Mistake(
            "the start symbol is returned, and the end symbol is not",
            lambda step, start, *others: [start, *_without_end(step, start, *others)],
            "Return what was generated: not the start, but the end where it came.",
        ),
        Mistake(
            "the end symbol does not stop the decoding",
            partial(_decode, stops=False),
            "After `end` nothing may follow: leave the loop when it comes.",
        ),
        Mistake(
            "the result is filled up with end symbols",
            _padded,
            "Only several sequences side by side need padding: stop at the first `end`.",
        ),
        Mistake(
            "an end symbol is appended where the limit has cut off",
            _end_appended,
            "Return `end` only if the model has chosen it.",
        ),
        Mistake(
            "the start symbol counts towards the limit",
            lambda step, start, end, limit: _decode(step, start, end, limit - 1),
            "`limit` symbols may be generated besides the start: go through the loop `limit` times.",
        ),
        Mistake(
            "one symbol more than the limit is generated",
            lambda step, start, end, limit: _decode(step, start, end, limit + 1),
            "Stop when `limit` symbols have been generated: `for _ in range(limit)`.",
        ),
        Mistake(
            "the symbol of the lowest score is taken",
            partial(_decode, best=torch.argmin),
            "The higher the score the likelier the symbol: `argmax`.",
        ),
        Mistake(
            "the model sees the start symbol only",
            partial(_decode, seen=lambda symbols: symbols[:1]),
            "What was generated is part of the next prefix: append the symbol before you ask again.",
        ),
        Mistake(
            "the model sees the last symbol only",
            partial(_decode, seen=lambda symbols: symbols[-1:]),
            "The next symbol depends on all before it: give the whole prefix, from the start symbol on.",
        ),
        Mistake(
            "the model does not see the last symbol",
            partial(_decode, seen=lambda symbols: symbols[: max(1, len(symbols) - 1)]),
            "The prefix that you give must contain the symbol that was chosen last.",
        ),
    ),
    hints=(
        "What does the model read at first? And when it has named a symbol, what does it read next? There "
        "are two reasons to stop.",
        "Keep a list that begins with `start`. `step(torch.tensor([symbols]))[0]` are the scores of the next "
        "symbol; append the number of the highest; stop at `end`.",
        "`for _ in range(limit): best = step(torch.tensor([symbols]))[0].argmax().item()`, then "
        "`symbols.append(best)`, then `if best == end: break`. At last `return symbols[1:]`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_by_growing_a_tensor, _by_the_most_probable, _recursive),
)
