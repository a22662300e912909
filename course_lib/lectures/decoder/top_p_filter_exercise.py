"""The exercise of lecture 11 on top-p sampling."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.generation import top_k_filter, top_p_filter

Filter = Callable[[Tensor, float], Tensor]


def _case(fewest: int, most: int, rows: int = 0) -> MakeCase:
    """Logits in any order, and a p that is not reached by a hair in the first row, or the only one.

    A single row is negative, and of several one is, so that logits are no probabilities. The last of several
    is so steep that it needs fewer symbols than the first. A p that is met exactly is not among the cases:
    rounding would tell right answers apart.
    """
    batch = (rows,) if rows else ()

    def draw_case(generator: torch.Generator) -> tuple[Tensor, float]:
        symbols, kept = draw.whole(generator, 7, 9), draw.whole(generator, fewest, most)
        gaps = draw.uniform(generator, 0.2, 0.5, *batch, symbols)
        if rows:
            gaps[-1] *= 5
        ranked = -gaps.cumsum(dim=-1)
        probabilities = (ranked[0] if rows else ranked).softmax(dim=-1)
        if rows:
            ranked += 2 * (torch.randperm(rows, generator=generator)[:, None] - 1)
        share = draw.uniform(generator, 0.3, 0.7)
        p = probabilities[: kept - 1].sum() + share * probabilities[kept - 1]
        order = draw.uniform(generator, 0.0, 1.0, *batch, symbols).argsort(dim=-1)
        return ranked.gather(-1, order), p.item()

    return draw_case


def _filtered(logits: Tensor, kept: Tensor, other: float = -math.inf) -> Tensor:
    return torch.where(kept, logits, other)


def _ranked(
    logits: Tensor,
    p: float,
    keeps: Callable[[Tensor, Tensor, float], Tensor] = lambda before, _own, p: before < p,
    weigh: Callable[[Tensor], Tensor] = lambda ranked: ranked.softmax(dim=-1),
    descending: bool = True,
    back: bool = True,
) -> Tensor:
    """Filter by what stands before each symbol, and by its own share, with another rule, order or share."""
    ranked, order = logits.sort(dim=-1, descending=descending)
    own = weigh(ranked)
    result = _filtered(ranked, keeps(own.cumsum(dim=-1) - own, own, p))
    return torch.empty_like(logits).scatter(-1, order, result) if back else result


def _kept(logits: Tensor, p: float) -> Tensor:
    return top_p_filter(logits, p) > -math.inf


def _probabilities_kept(logits: Tensor, p: float, other: float) -> Tensor:
    return _filtered(logits.softmax(dim=-1), _kept(logits, p), other)


def _gathered(logits: Tensor, p: float) -> Tensor:
    return _ranked(logits, p, back=False).gather(-1, logits.argsort(dim=-1, descending=True))


def _cumulated_unsorted(logits: Tensor, p: float) -> Tensor:
    own = logits.softmax(dim=-1)
    return _filtered(logits, own.cumsum(dim=-1) - own < p)


def _first_always(before: Tensor, own: Tensor, p: float) -> Tensor:
    return (before + own <= p) | (before == 0)


def _one_more(before: Tensor, _own: Tensor, p: float) -> Tensor:
    is_kept = before < p
    return is_kept | is_kept.roll(1, dims=-1)


def _as_many_in_every_row(logits: Tensor, p: float) -> Tensor:
    """Keep in every row as many as the row needs that needs the most."""
    most = int(_kept(logits, p).sum(dim=-1).max())
    return top_k_filter(logits, most)


def _by_a_loop(logits: Tensor, p: float) -> Tensor:
    if logits.ndim > 1:
        return torch.stack([_by_a_loop(row, p) for row in logits])
    probabilities, result, total = logits.softmax(dim=0), torch.full_like(logits, -math.inf), 0.0
    while total < p:
        place = probabilities.argmax()
        total += probabilities[place].item()
        probabilities[place] = 0.0
        result[place] = logits[place]
    return result


def _by_the_tail(logits: Tensor, p: float) -> Tensor:
    """Drop the least likely symbols as long as they have no more than 1 - p together."""
    ranked, order = logits.sort(dim=-1)
    is_dropped = ranked.softmax(dim=-1).cumsum(dim=-1) <= 1 - p
    is_dropped[..., -1] = False
    return logits.masked_fill(is_dropped.scatter(-1, order, is_dropped), -math.inf)


def _by_pairs(logits: Tensor, p: float) -> Tensor:
    """Ask of each symbol what all likelier ones have together."""
    likelier = logits[..., None, :] > logits[..., None]
    return _filtered(logits, (likelier * logits.softmax(dim=-1)[..., None, :]).sum(dim=-1) < p)


def _in_single_precision(logits: Tensor, p: float) -> Tensor:
    return top_p_filter(logits.float(), p)


EXERCISE = Exercise(
    reference=top_p_filter,
    cases={
        "some symbols are needed": _case(3, 4),
        "the likeliest symbol is enough": _case(1, 1),
        "several rows": _case(2, 4, 3),
    },
    mistakes=(
        Mistake(
            "the symbol that reaches p is dropped",
            partial(_ranked, keeps=lambda before, own, p: before + own <= p),
            "The kept probabilities add up to p or more: keep a symbol if those before it have less than p.",
        ),
        Mistake(
            "the symbol that reaches p is dropped, unless it is the first",
            partial(_ranked, keeps=_first_always),
            "Keep a symbol if what stands before it has less than p: that holds for the first by itself.",
        ),
        Mistake(
            "one symbol too many is kept",
            partial(_ranked, keeps=_one_more),
            "The symbol that reaches p is the last one to be kept.",
        ),
        Mistake(
            "every row keeps as many symbols as the row that needs the most",
            _as_many_in_every_row,
            "Each row has its own number: compare `before < p` row by row, and cut no column off.",
        ),
        Mistake(
            "the least likely symbols are kept",
            partial(_ranked, descending=False),
            "Begin with the most likely symbol: `sort(descending=True)`.",
        ),
        Mistake(
            "the result is left in the order of the sorting",
            partial(_ranked, back=False),
            "Place i must hold symbol i again: bring the result back by `scatter(-1, order, ...)`.",
        ),
        Mistake(
            "the result is sorted once more instead of being brought back",
            _gathered,
            "Indexing with `order` sorts; the way back is `scatter(-1, order, ...)`, or indexing with "
            "`order.argsort(-1)`.",
        ),
        Mistake(
            "logits are added up, not probabilities",
            partial(_ranked, weigh=torch.clone),
            "It is probabilities that add up to p: pass the logits through the softmax first.",
        ),
        Mistake(
            "the exponentials are not divided by their sum",
            partial(_ranked, weigh=torch.exp),
            "Probabilities add up to 1: use the softmax.",
        ),
        Mistake(
            "the other logits become 0",
            lambda logits, p: _filtered(logits, _kept(logits, p), 0.0),
            "A logit of 0 is as good as any other: its exponential is 1. Minus infinity gives probability 0.",
        ),
        Mistake(
            "the probabilities are added up before they are sorted",
            _cumulated_unsorted,
            "Sort first: the sum has to begin with the most likely symbol.",
        ),
        Mistake(
            "each symbol is kept that has probability p by itself",
            lambda logits, p: _filtered(logits, logits.softmax(dim=-1) >= p),
            "It is the sum of the kept probabilities that has to reach p: sort, and add up.",
        ),
        Mistake(
            "each symbol is kept that has probability 1 - p by itself",
            lambda logits, p: _filtered(logits, logits.softmax(dim=-1) >= 1 - p),
            "No single symbol is compared with p, but the sum of those that are likelier.",
        ),
        Mistake(
            "probabilities are returned",
            lambda logits, p: top_p_filter(logits, p).softmax(dim=-1),
            "Return the logits that were kept as they were, and minus infinity elsewhere.",
        ),
        Mistake(
            "probabilities are kept, and the others become 0",
            partial(_probabilities_kept, other=0.0),
            "Return logits: the kept ones as they came, and minus infinity, not 0, elsewhere.",
        ),
        Mistake(
            "probabilities are kept, not logits",
            partial(_probabilities_kept, other=-math.inf),
            "Probabilities only decide what is kept; return the logits themselves there.",
        ),
        Mistake(
            "log-probabilities are returned",
            lambda logits, p: _filtered(logits.log_softmax(dim=-1), _kept(logits, p)),
            "Use the probabilities to decide; what is kept are the logits as they came.",
        ),
        Mistake(
            "a mask is returned",
            _kept,
            "Return logits: those that are kept, and minus infinity where the mask is false.",
        ),
        Mistake(
            "the softmax is taken over the rows",
            partial(_ranked, weigh=partial(torch.softmax, dim=0)),
            "Each row is a distribution: softmax, sorting and sum run over the last axis, `dim=-1`.",
        ),
    ),
    hints=(
        "If the symbols stood in order, the most likely first: of which ones would you need the probability "
        "to decide whether the fifth is kept?",
        "`ranked, order = logits.sort(dim=-1, descending=True)`; the softmax and `cumsum(dim=-1)` give the "
        "sums. What stands before a symbol is the sum without its own probability.",
        "`ranked.masked_fill(before >= p, -torch.inf)` and then "
        "`torch.empty_like(logits).scatter(-1, order, ...)`, which undoes the sorting.",
    ),
    points=3,
    difficulty=3,
    minutes=15,
    variants=(_by_a_loop, _by_the_tail, _by_pairs, _in_single_precision),
)
