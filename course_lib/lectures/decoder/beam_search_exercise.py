"""The exercise of lecture 11 on beam search."""

import math

import torch

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase
from course_lib.generation import Step
from course_lib.lectures.decoder.next_symbol_models import Tree, table_step, tree_step


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

    def mean(hypothesis: tuple[list[int], float]) -> float:
        symbols, total = hypothesis
        return total / (len(symbols) - 1)

    opened, closed = [([start], 0.0)], []
    for _ in range(limit):
        rows = step(torch.tensor([symbols for symbols, _ in opened])).log_softmax(dim=-1).tolist()
        longer = []
        for (symbols, total), row in zip(opened, rows, strict=True):
            longer += [([*symbols, symbol], total + more) for symbol, more in enumerate(row)]
        ranked = sorted(longer, key=lambda one: one[1], reverse=True)
        kept = ranked[:width]
        closed += [one for one in kept if one[0][-1] == end]
        opened = [one for one in kept if one[0][-1] != end]
        if not opened:
            break
    best = max(closed or opened, key=mean)
    return best[0][1:], mean(best)


def _tree_case(limit: int, tree: Tree) -> MakeCase:
    def draw_case(generator: torch.Generator) -> tuple[Step, int, int, int, int]:
        step, start, end = tree_step(generator, tree)
        return step, start, end, 2, limit

    return draw_case


def _random_case(width: int = 3, end_score: float = 0.0, is_end: bool = False) -> MakeCase:
    """A model for which a narrower beam finds another sequence; the start may be the end symbol, too."""

    def draw_case(generator: torch.Generator) -> tuple[Step, int, int, int, int]:
        while True:
            symbols, limit = draw.whole(generator, 5, 7), draw.whole(generator, 3, 4)
            start, end = torch.randperm(symbols, generator=generator)[:2].tolist()
            tables = 2 * draw.normal(generator, limit + 1, symbols, symbols)
            tables[:, :, end] += end_score
            model = table_step(tables), end if is_end else start, end
            narrower = min(width - 1, symbols)
            if beam_search(*model, width, limit) != beam_search(*model, narrower, limit):
                return *model, width, limit

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

MISTAKES = """
    the sequence is built of the likeliest symbol at every step
        [:width] -> [:1]
    That is greedy decoding: keep the `width` best continuations, not one.

    those that have ended are forgotten when others are still open
        closed or opened -> opened or closed
    Put a hypothesis that has ended on a list, and choose from that list in the end.

    the first sequence that ends is returned
        if not opened -> if closed or not opened
    Another that ends later may be better: go on until none is open, or up to the limit.

    the search stops when as many have ended as the beam is wide
        if not opened -> if len(closed) >= width or not opened
    Some libraries stop there. Here the search goes on until none is open, or up to the limit.

    the search stops when the best that has ended beats all open ones
        if not opened -> if not opened or (closed and max(map(mean, closed)) >= max(map(mean, opened)))
    A mean can still rise as a sequence grows: go on until none is open, or up to the limit.

    the beam is filled up again with open ones when some have ended
        for one in kept if one[0][-1] != end] -> for one in ranked if one[0][-1] != end][:width]
    Keep `width` of all continuations, ended or not: what ranks lower does not move up.

    each that has ended makes the beam narrower
        [:width] -> [:width - len(closed)]
        if not opened -> if not opened or len(closed) >= width
    What has ended is put aside and takes up no place: at every step keep `width` continuations.

    those that have ended compete with the continuations at every step
        sorted(longer -> sorted(longer + closed
        closed += -> closed =
    Rank only the continuations of what is open; what has ended is put aside for good.

    everything that ends is kept, and `width` open ones besides
        for one in kept if one[0][-1] == end] -> for one in ranked if one[0][-1] == end]
        for one in kept if one[0][-1] != end] -> for one in ranked if one[0][-1] != end][:width]
    Rank all continuations together, and keep `width` of them: what ends counts only if it is among these.

    each hypothesis keeps its own best continuation
        in enumerate(row)] -> in enumerate(row) if len(opened) == 1 or more == max(row)]
    Rank the continuations of all together: the best two may both go on from the same hypothesis.

    each hypothesis keeps its `width` best continuations
        in enumerate(row)] -> in enumerate(row) if more in sorted(row)[-width:]]
        ranked[:width] -> ranked
    So the beam grows at every step: keep only the `width` best of all continuations.

    the end symbol is a symbol like any other
        closed += [one for one in kept if one[0][-1] == end] ->
        if one[0][-1] != end ->
    A hypothesis that ends in `end` must not go on: put it aside.

    the end symbol is a symbol like any other, and nothing is divided by the length
        closed += [one for one in kept if one[0][-1] == end] ->
        if one[0][-1] != end ->
        total / (len(symbols) - 1) -> total
    Put a hypothesis aside when it ends; to compare unequal lengths, divide each sum by its length.

    those that the limit has cut off compete with those that have ended
        closed or opened -> closed + opened
    What was cut off is no whole sequence: it counts only if none has ended.

    log-probabilities are not divided by the length
        total / (len(symbols) - 1) -> total
    Each symbol makes the sum smaller, so short sequences win. Divide by the number of symbols.

    the sums are compared, and only the result is divided by the length
        key=mean -> key=lambda one: one[1]
    Divide before you compare: the best sequence is the one with the best mean.

    the means are compared, and the sum is returned
        mean(best) -> best[1]
    Return the number that was compared: log-probability divided by length.

    the start symbol counts in the length
        len(symbols) - 1 -> len(symbols)
    The length is the number of generated symbols: without the start, with the end.

    the end symbol does not count in the length
        len(symbols) - 1 -> max(1, len(symbols) - 1 - (symbols[-1] == end))
    The end was generated, too, and its log-probability is in the sum: count it.

    probabilities are added up
        log_softmax -> softmax
    The probability of a sequence is a product: add logarithms, `log_softmax`.

    probabilities are multiplied, and no logarithm is taken
        log_softmax -> softmax
        0.0 -> 1.0
        total + more -> total * more
    The logarithm is divided by the length, not the probability: add log-probabilities, `log_softmax`.

    scores are added up as they are
        .log_softmax(dim=-1) ->
    Scores of different prefixes cannot be compared: take their `log_softmax(dim=-1)`.

    the model gets one prefix without the axis of rows
        step(torch.tensor([symbols for symbols, _ in opened])) -> step(torch.tensor(opened[0][0]))
    The model takes any number of prefixes, a row each: a single one is a row as well.

    the softmax runs over the prefixes
        dim=-1 -> dim=0
    Each row of scores is a distribution over the next symbols: its softmax runs along the row.

    only the newest symbol's log-probability is counted
        total + more -> more
    A sequence is as probable as all its symbols together: add to the sum of those before.

    the worst continuations are kept
        reverse=True -> reverse=False
    Log-probabilities are negative: sort so that the largest, nearest to 0, comes first.

    each prefix is asked for more symbols than there are
        in enumerate(row) -> in enumerate(torch.tensor(row).topk(width).values.tolist() and row)
    The error says that k is too large: a beam may be wider than there are symbols. Keep all if there are
    fewer.

    the sums are divided by the limit
        len(symbols) - 1 -> limit
    Each sequence has a length of its own, and it is that by which its sum is divided.

    the sums are multiplied by the length
        total / -> total *
    Multiplying makes long sequences worse still: divide, so that each sum becomes a mean.

    the mean probability is returned, without its logarithm
        mean(best) -> math.exp(mean(best))
    The text asks for the log-probability divided by the length: leave it a logarithm.

    the number comes before the symbols
        best[0][1:], mean(best) -> mean(best), best[0][1:]
    The text asks for the symbols first, then the number.

    only the symbols are returned
        best[0][1:], mean(best) -> best[0][1:]
    Two things are asked for: the symbols, and the number by which they were chosen.

    the symbols of the best are those of the likeliest prefix
        mean(best) -> mean(max(closed or opened, key=lambda one: one[1]))
    Symbols and number belong together: take both from the same sequence.

    the worst is returned
        max(closed -> min(closed
    Log-probabilities are negative: the best one is the largest, nearest to 0.

    the start symbol is returned as well
        best[0][1:] -> best[0]
    The start was given, not generated: it doesn't belong to the sequence.

    the end symbol is left out of the result
        best[0][1:] -> [symbol for symbol in best[0][1:] if symbol != end]
    The end was generated like every other symbol: it belongs to the sequence.

    the start symbol counts towards the limit
        range(limit) -> range(limit - 1)
    `limit` symbols may be generated besides the start: don't count the start as one of them.

    one symbol more than the limit is generated
        range(limit) -> range(limit + 1)
    No sequence may have more symbols than the limit, the end counted.
"""

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
        "no sequence ends, though the start is the end symbol": _random_case(end_score=-20.0, is_end=True),
        "a random model": _random_case(),
        "a beam that is wider than there are symbols": _random_case(width=9),
    },
    mistakes=mistakes(beam_search, MISTAKES, math=math),
    hints=(
        "Greedy decoding keeps one list of symbols. Now keep several, each with its log-probability so far. "
        "How many continuations do they have together, and which of them stay?",
        "Two lists of pairs `(symbols, total)`: open ones, at first `[([start], 0.0)]`, and closed ones. At "
        "every step make all continuations, sort them by total, keep `width`, and put each into one of the "
        "two lists by its last symbol.",
        "`rows = step(torch.tensor([symbols for symbols, _ in opened])).log_softmax(-1).tolist()` has a row "
        "for each open one. In the end `max(..., key=...)` chooses: from which list, and by what?",
    ),
    points=5,
    difficulty=4,
    minutes=30,
    library="`course_lib.generation.beam_search(step, start, end, width, limit)` returns several hypotheses, "
    "the best first, and divides by another power of the length if it is told to.",
)
