"""The exercise of lecture 11 on beam search."""

import heapq
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from course_lib import generation
from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.generation import Step
from course_lib.lectures.decoder.next_symbol_models import Tree, table_step, tree_step

Found = tuple[list[int], float]
"""What has been generated and how it is rated; in a search with the start symbol and the log-probability."""
Search = Callable[[Step, int, int, int, int], Found]
Beam = list[Found]
Rate = Callable[[list[int], float, int], float]


def beam_search(step: Step, start: int, end: int, width: int, limit: int) -> tuple[list[int], float]:
    """Return the best sequence that a beam search finds, and its log-probability divided by its length.

    `step` takes prefixes (rows, steps) and returns the scores (rows, symbols) of the next symbol, whose
    log-softmax are log-probabilities. At every step, all continuations of the open hypotheses are ranked by
    log-probability, and the `width` best are kept: those that have ended are put aside, the others stay open.
    The search goes on until none is open, or for `limit` symbols. Of those that have ended the one of the
    highest log-probability by length is returned; those the limit has cut off count only if none has ended.

    The sequence is without `start`, and with `end` if it came; its length is the number of its symbols. The
    library returns several hypotheses, the best first.
    """
    best, *_ = generation.beam_search(step, start, end, width, limit)
    return list(best.symbols), best.score


def _sum(_symbols: list[int], total: float, _end: int) -> float:
    return total


def _mean(symbols: list[int], total: float, _end: int) -> float:
    return total / (len(symbols) - 1)


def _mean_with_start(symbols: list[int], total: float, _end: int) -> float:
    return total / len(symbols)


def _mean_without_end(symbols: list[int], total: float, end: int) -> float:
    return total / max(1, len(symbols) - 1 - (symbols[-1] == end))


def _together(beams: list[Beam], width: int, _end: int) -> Beam:
    """Keep the best continuations of all."""
    return heapq.nlargest(width, [one for beam in beams for one in beam], key=operator.itemgetter(1))


def _best_of_each(beams: list[Beam], width: int, end: int) -> Beam:
    if len(beams) == 1:
        return _together(beams, width, end)
    return [one for beam in beams for one in _together([beam], 1, end)]


def _width_of_each(beams: list[Beam], width: int, end: int) -> Beam:
    return [one for beam in beams for one in _together([beam], width, end)]


def _all_that_end(beams: list[Beam], width: int, end: int) -> Beam:
    """Keep everything that has ended, and as many open ones as the beam is wide."""
    longer = [one for beam in beams for one in beam]
    ended, opened = ([one for one in longer if (one[0][-1] == end) == has] for has in (True, False))
    return ended + _together([opened], width, end)


def _filled_up(beams: list[Beam], width: int, end: int) -> Beam:
    """Keep those of the best continuations that have ended, and as many open ones as the beam is wide."""
    best = _together(beams, width, end)
    return [one for one in _all_that_end(beams, width, end) if one in best or one[0][-1] != end]


def _best_has_ended(closed: Beam, opened: Beam, _width: int) -> bool:
    return bool(closed) and max(_mean(*one, 0) for one in closed) >= max(_mean(*one, 0) for one in opened)


def _search(
    step: Step,
    start: int,
    end: int,
    width: int,
    limit: int,
    *,
    weigh: Callable[[Tensor], Tensor] = lambda scores: scores.log_softmax(dim=-1),
    join: Callable[[float, float], float] = operator.add,
    keep: Callable[[list[Beam], int, int], Beam] = _together,
    ends: bool = True,
    competes: bool = False,
    takes_place: bool = False,
    enough: Callable[[Beam, Beam, int], bool] = lambda _closed, _opened, _width: False,
    pool: Callable[[Beam, Beam], Beam] = lambda closed, opened: closed or opened,
    rank: Rate = _mean,
    rate: Rate = _mean,
    choose: Callable[..., Found] = max,
) -> Found:
    """Search with another sum, choice of continuations or end, or another way to compare what was found.

    `keep` chooses among the continuations of each beam. What is closed `competes` with them at every step, or
    `takes_place` in the beam, or stops the search when there is `enough`. Of a `pool` of closed and open ones
    the best in `rank` is returned, with its `rate`.
    """
    opened, closed = [([start], 1.0 if join is operator.mul else 0.0)], []
    for _ in range(limit):
        rows = weigh(step(torch.tensor([symbols for symbols, _ in opened]))).tolist()
        beams = [
            [([*symbols, symbol], join(total, more)) for symbol, more in enumerate(row)]
            for (symbols, total), row in zip(opened, rows, strict=True)
        ]
        if competes:
            beams, closed = [*beams, closed], []
        best = keep(beams, width - len(closed) if takes_place else width, end)
        closed += [one for one in best if ends and one[0][-1] == end]
        opened = [one for one in best if not ends or one[0][-1] != end]
        if not opened or (takes_place and len(closed) >= width) or enough(closed, opened, width):
            break
    symbols, total = choose(pool(closed, opened), key=lambda found: rank(found[0], found[1], end))
    return symbols[1:], rate(symbols, total, end)


def _changed(change: Callable[[list[int]], list[int]], *arguments: Any) -> Found:
    """The right sequence with something more or less, and its right score."""
    symbols, score = _search(*arguments)
    return change(symbols), score


def _of_another_length(more: int) -> Search:
    return lambda step, start, end, width, limit: _search(step, start, end, width, limit + more)


def _tree_case(limit: int, tree: Tree) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Step, int, int, int, int]:
        step, start, end = tree_step(generator, tree)
        return step, start, end, 2, limit

    return draw_case


def _random_case(end_score: float = 0.0) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Step, int, int, int, int]:
        symbols, limit, width = draw.whole(generator, 5, 7), draw.whole(generator, 4, 5), 3
        start, end = torch.randperm(symbols, generator=generator)[:2].tolist()
        tables = 2 * draw.normal(generator, limit + 1, symbols, symbols)
        tables[:, :, end] += end_score
        return table_step(tables), start, end, width, limit

    return draw_case


# The comments say which beginnings a beam of width 2 keeps, step by step; `.` is the end.
# a and b; bc and bd; bd.
GREEDY_IS_BEATEN = {"": {"a": 0.5, "b": 0.4}, "b": {"c": 0.5, "d": 0.45}, "bd": {".": 0.9}}
LONGER_IS_BETTER = {  # a and `.`; aa and a.; aaa and aa.; aaaa; aaaa.
    "": {"a": 0.8, ".": 0.15},
    "a": {"a": 0.75, ".": 0.2},
    "aa": {"a": 0.5, ".": 0.4},
    "aaa": {"a": 0.9},
    "aaaa": {".": 0.8},
}
# a and `.`; aa and ab; ab.
ONE_ENDS_AND_TWO_GO_ON = {"": {"a": 0.6, ".": 0.22}, "a": {"a": 0.5, "b": 0.47}, "ab": {".": 0.9}}
# a and `.`; aa; aa., which is the best though no beginning was better than `.`
BETTER_LATER = {"": {"a": 0.3, ".": 0.35}, "a": {"a": 0.95}, "aa": {".": 0.9}}
# a and `.`; aa and ab, which come to nothing, and b, which would end well, is out
NOT_FILLED_UP = {"": {"a": 0.5, ".": 0.25, "b": 0.2}, "a": {"a": 0.35, "b": 0.3}, "b": {".": 0.95}}
LIKELIER_BEGINNINGS = {  # a and b; aa and b.; aaa and aab, which come to nothing
    "": {"a": 0.58, "b": 0.4},
    "a": {"a": 0.97},
    "b": {".": 0.5},
    "aa": {"a": 0.5, "b": 0.48},
}
BEST_IS_MISSED = {  # a and b; aa and ba; ba., while bb. would be better
    "": {"a": 0.38, "b": 0.36},
    "a": {"a": 0.55, ".": 0.38},
    "b": {"a": 0.52, "b": 0.42},
    "ba": {".": 0.25},
    "bb": {".": 0.95},
}
LIMIT_CUTS_OFF = {  # a and b; aa and b.; aaa; aaaa, which never ends
    "": {"a": 0.6, "b": 0.35},
    "a": {"a": 0.95},
    "b": {".": 0.6},
    "aa": {"a": 0.95},
    "aaa": {"a": 0.95},
}


def _prefix_by_prefix(step: Step, start: int, end: int, width: int, limit: int) -> Found:
    """Ask for one prefix at a time, and look only at the best few symbols of each."""
    opened, found = [(0.0, [start])], []
    for _ in range(limit):
        longer = []
        for total, symbols in opened:
            best = zip(*step(torch.tensor(symbols)[None])[0].log_softmax(dim=0).topk(width), strict=True)
            longer += [(total + gain.item(), [*symbols, int(one)]) for gain, one in best]
        longer = sorted(longer, reverse=True)[:width]
        found += [(total / (len(symbols) - 1), symbols) for total, symbols in longer if symbols[-1] == end]
        opened = [(total, symbols) for total, symbols in longer if symbols[-1] != end]
    score, symbols = max(found or [(total / limit, symbols) for total, symbols in opened])
    return symbols[1:], score


def _by_tensors(step: Step, start: int, end: int, width: int, limit: int) -> tuple[tuple[int, ...], Tensor]:
    prefixes, totals, ended = torch.tensor([[start]]), torch.zeros(1), []
    for length in range(1, limit + 1):
        continued = totals[:, None] + step(prefixes).softmax(dim=-1).log()
        totals, places = (part[:width] for part in continued.flatten().sort(descending=True))
        parents, symbols = torch.unravel_index(places, continued.shape)
        prefixes = torch.cat([prefixes[parents], symbols[:, None]], dim=1)
        is_last = symbols == end
        ended += [*zip(totals[is_last] / length, prefixes[is_last], strict=True)]
        if is_last.all() or length == limit:
            break
        prefixes, totals = prefixes[~is_last], totals[~is_last]
    score, symbols = max(ended or [(totals[0] / limit, prefixes[0])], key=operator.itemgetter(0))
    return tuple(symbols[1:].tolist()), score


EXERCISE = Exercise(
    reference=beam_search,
    cases={
        "greedy decoding is beaten": _tree_case(4, GREEDY_IS_BEATEN),
        "a longer sequence is the better one": _tree_case(6, LONGER_IS_BETTER),
        "one sequence ends and two go on": _tree_case(4, ONE_ENDS_AND_TWO_GO_ON),
        "a sequence gets better after another has ended": _tree_case(5, BETTER_LATER),
        "what has ended leaves the beam narrower for a step": _tree_case(4, NOT_FILLED_UP),
        "the best ends while others are likelier": _tree_case(5, LIKELIER_BEGINNINGS),
        "a narrow beam misses the best": _tree_case(4, BEST_IS_MISSED),
        "the limit cuts off a likely sequence": _tree_case(4, LIMIT_CUTS_OFF),
        "no sequence ends": _random_case(end_score=-20.0),
        "a random model": _random_case(),
    },
    mistakes=(
        Mistake(
            "the sequence is built of the likeliest symbol at every step",
            lambda step, start, end, _width, limit: _search(step, start, end, 1, limit),
            "That is greedy decoding: keep the `width` best continuations, not one.",
        ),
        Mistake(
            "those that have ended are forgotten when others are still open",
            partial(_search, pool=lambda closed, opened: opened or closed),
            "Put a hypothesis that has ended on a list, and choose from that list in the end.",
        ),
        Mistake(
            "the first sequence that ends is returned",
            partial(_search, enough=lambda closed, _opened, _width: bool(closed)),
            "Another that ends later may be better: go on until none is open, or up to the limit.",
        ),
        Mistake(
            "the search stops when as many have ended as the beam is wide",
            partial(_search, enough=lambda closed, _opened, width: len(closed) >= width),
            "Some libraries stop there. Here the search goes on until none is open, or up to the limit.",
        ),
        Mistake(
            "the search stops when the best that has ended beats all open ones",
            partial(_search, enough=_best_has_ended),
            "A mean can still rise as a sequence grows: go on until none is open, or up to the limit.",
        ),
        Mistake(
            "the beam is filled up again with open ones when some have ended",
            partial(_search, keep=_filled_up),
            "Keep `width` of all continuations, ended or not: what ranks lower fills no free place.",
        ),
        Mistake(
            "each that has ended makes the beam narrower",
            partial(_search, takes_place=True),
            "What has ended is put aside and takes up no place: at every step keep `width` continuations.",
        ),
        Mistake(
            "those that have ended compete with the continuations at every step",
            partial(_search, competes=True),
            "Rank only the continuations of what is open; what has ended is put aside for good.",
        ),
        Mistake(
            "everything that ends is kept, and `width` open ones besides",
            partial(_search, keep=_all_that_end),
            "Rank all continuations together, and keep `width` of them: what ends counts only if it is "
            "among these.",
        ),
        Mistake(
            "each hypothesis keeps its own best continuation",
            partial(_search, keep=_best_of_each),
            "Rank the continuations of all together: the best two may both go on from the same hypothesis.",
        ),
        Mistake(
            "each hypothesis keeps its `width` best continuations",
            partial(_search, keep=_width_of_each),
            "So the beam grows at every step: keep only the `width` best of all continuations.",
        ),
        Mistake(
            "the end symbol is a symbol like any other",
            partial(_search, ends=False),
            "A hypothesis that ends in `end` must not go on: put it aside.",
        ),
        Mistake(
            "the end symbol is a symbol like any other, and nothing is divided by the length",
            partial(_search, ends=False, rank=_sum, rate=_sum),
            "Put a hypothesis aside when it ends; to compare unequal lengths, divide each sum by its length.",
        ),
        Mistake(
            "those that the limit has cut off compete with those that have ended",
            partial(_search, pool=lambda closed, opened: closed + opened),
            "What was cut off is no whole sequence: it counts only if none has ended.",
        ),
        Mistake(
            "log-probabilities are not divided by the length",
            partial(_search, rank=_sum, rate=_sum),
            "Each symbol makes the sum smaller, so short sequences win. Divide by the number of symbols.",
        ),
        Mistake(
            "the sums are compared, and only the result is divided by the length",
            partial(_search, rank=_sum),
            "Divide before you compare: the sequence of the best mean is asked for.",
        ),
        Mistake(
            "the means are compared, and the sum is returned",
            partial(_search, rate=_sum),
            "Return the number that was compared: log-probability divided by length.",
        ),
        Mistake(
            "the start symbol counts in the length",
            partial(_search, rank=_mean_with_start, rate=_mean_with_start),
            "The length is the number of generated symbols: without the start, with the end.",
        ),
        Mistake(
            "the end symbol does not count in the length",
            partial(_search, rank=_mean_without_end, rate=_mean_without_end),
            "The end was generated, too, and its log-probability is in the sum: count it.",
        ),
        Mistake(
            "probabilities are added up",
            partial(_search, weigh=lambda scores: scores.softmax(dim=-1)),
            "The probability of a sequence is a product: add logarithms, `log_softmax`.",
        ),
        Mistake(
            "probabilities are multiplied, and no logarithm is taken",
            partial(_search, weigh=lambda scores: scores.softmax(dim=-1), join=operator.mul),
            "Divided by the length is the logarithm: add log-probabilities, `log_softmax`.",
        ),
        Mistake(
            "scores are added up as they are",
            partial(_search, weigh=torch.clone),
            "Scores of different prefixes cannot be compared: take their `log_softmax(dim=-1)`.",
        ),
        Mistake(
            "the worst is returned",
            partial(_search, choose=min),
            "Log-probabilities are negative: the best one is the largest, nearest to 0.",
        ),
        Mistake(
            "the start symbol is returned as well",
            lambda step, start, *others: _changed(lambda found: [start, *found], step, start, *others),
            "The start was given, not generated: return `symbols[1:]`.",
        ),
        Mistake(
            "the end symbol is left out of the result",
            lambda step, start, end, *others: _changed(
                lambda found: [symbol for symbol in found if symbol != end], step, start, end, *others
            ),
            "The end was generated as every other symbol: it belongs to the sequence.",
        ),
        Mistake(
            "the start symbol counts towards the limit",
            _of_another_length(-1),
            "`limit` symbols may be generated besides the start: go through the loop `limit` times.",
        ),
        Mistake(
            "one symbol more than the limit is generated",
            _of_another_length(1),
            "Go through the loop `limit` times: `for _ in range(limit)`.",
        ),
    ),
    hints=(
        "Greedy decoding keeps one list of symbols. Now keep several, each with its log-probability so far. "
        "How many continuations do they have together, and which of them stay?",
        "Two lists of pairs `(symbols, total)`: open ones, at first `[([start], 0.0)]`, and closed ones. At "
        "every step make all continuations, sort them by total, keep `width`, and part them by their last "
        "symbol.",
        "`rows = step(torch.tensor([symbols for symbols, _ in opened])).log_softmax(-1).tolist()`; in the "
        "end `max(closed or opened, key=lambda one: one[1] / (len(one[0]) - 1))`.",
    ),
    points=5,
    difficulty=4,
    minutes=30,
    variants=(_search, _prefix_by_prefix, _by_tensors),
)
