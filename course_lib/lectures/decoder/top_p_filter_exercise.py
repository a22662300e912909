"""The exercise of lecture 11 on top-p sampling."""

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase


def top_p_filter(logits: Float[Tensor, "*batch symbols"], p: float) -> Float[Tensor, "*batch symbols"]:
    """Keep the fewest of the most likely symbols that have probability p together. Holtzman et al. 2020.

    Their probabilities add up to p or more; the logits of the others become -inf. The likeliest symbol
    always stays.
    """
    ranked, order = logits.sort(dim=-1, descending=True)
    probabilities = ranked.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities
    kept = ranked.masked_fill(before >= p, -torch.inf)
    return torch.empty_like(logits).scatter(-1, order, kept)


def _case(fewest: int, most: int, rows: int = 0) -> MakeCase:
    """Logits in any order, and a p that the last row, or the only one, reaches with room to spare.

    A single row is negative, and so is one of several, so that logits are no probabilities. The first of
    several is so steep that it needs fewer symbols than the last. No case has a p that is met exactly, and no
    two symbols are equally likely: right answers would differ.
    """
    batch = (rows,) if rows else ()

    def draw_case(generator: torch.Generator) -> tuple[Tensor, float]:
        symbols, kept = draw.whole(generator, 7, 9), draw.whole(generator, fewest, most)
        gaps = draw.uniform(generator, 0.2, 0.5, *batch, symbols)
        if rows:
            gaps[0] *= 5
        ranked = -gaps.cumsum(dim=-1)
        probabilities = (ranked[-1] if rows else ranked).softmax(dim=-1)
        if rows:
            ranked += 2 * (torch.randperm(rows, generator=generator)[:, None] - 1)
        share = draw.uniform(generator, 0.3, 0.7)
        p = probabilities[: kept - 1].sum() + share * probabilities[kept - 1]
        order = draw.uniform(generator, 0.0, 1.0, *batch, symbols).argsort(dim=-1)
        return ranked.gather(-1, order), p.item()

    return draw_case


def _everything(generator: torch.Generator) -> tuple[Tensor, float]:
    """Logits whose probabilities add up to exactly 1, in spite of rounding."""
    while True:
        logits, _ = _case(1, 1)(generator)
        if logits.sort(descending=True)[0].softmax(dim=-1).cumsum(dim=-1)[-1] == 1:
            return logits, 1.0


MISTAKES = """
    the symbol that reaches p is dropped
        cumsum(dim=-1) - probabilities -> cumsum(dim=-1)
        before >= p -> before > p
    The kept probabilities add up to p or more: keep a symbol if those before it have less than p.

    the symbol that reaches p is dropped, unless it is the first
        cumsum(dim=-1) - probabilities -> cumsum(dim=-1)
        before >= p -> (before > p) & (before > before[..., :1])
    Keep a symbol if those before it have less than p: that holds for the first by itself.

    each symbol is dropped with which the sum reaches p
        cumsum(dim=-1) - probabilities -> cumsum(dim=-1)
    The symbol that reaches p is still needed: ask for what comes before it, without its own probability.

    each symbol is dropped with which the sum reaches p, but for the first
        cumsum(dim=-1) - probabilities -> cumsum(dim=-1)
        before >= p -> (before >= p) & (before > before[..., :1])
    The likeliest stays, but so must the symbol that reaches p, in whatever place it stands.

    one symbol too many is kept
        before >= p -> (before >= p) & (before >= p).roll(1, dims=-1)
    The symbol that reaches p is the last one to be kept.

    every row keeps as many symbols as the row that needs the most
        before >= p -> torch.arange(before.shape[-1]) >= (before < p).sum(dim=-1).max()
    Each row has its own number: compare the sums with p row by row, and don't cut off columns.

    every row keeps as many symbols as the first
        before >= p -> torch.arange(before.shape[-1]) >= (before < p).sum(dim=-1).flatten()[0]
    Each row has its own number: where the first is sure of one word, another may need many.

    the mask is moved by one place, and its end wraps around to the front
        cumsum(dim=-1) - probabilities -> cumsum(dim=-1)
        before >= p -> (before > p).roll(1, dims=-1)
    Moving the mask is a good idea, but `roll` brings the last place to the first: the likeliest symbol must
    stay.

    the mask is left in the order of the sorting
        kept = ranked -> kept = logits
        torch.empty_like(logits).scatter(-1, order, kept) -> kept
    Place i of a mask made from sorted numbers is about the symbol of rank i: bring the mask back before it
    meets the logits.

    p is taken for the probability of those that are dropped
        before >= p -> before >= 1 - p
    The symbols that are kept have probability p together; the others share the rest.

    a symbol is kept if it is at least p times as likely as the likeliest
        before >= p -> probabilities < p * probabilities[..., :1]
    The filter min-p works like that. In top-p a sum has to reach p.

    the pair that `sort` returns is taken for the sorted logits
        ranked, order = -> ranked =
    `sort` returns values and places. You need both: the places show where each logit came from.

    the sum has no axis
        cumsum(dim=-1) -> cumsum()
    `cumsum` must be told along which axis to add: that of the symbols.

    the places are used to index the rows
        return torch.empty_like(logits).scatter(-1, order, kept) -> logits[order] = kept; return logits
    That works for a single row. The first index of a table counts its rows, and the error says that there
    are not so many.

    the others become a very low number
        -torch.inf -> -1e9
    After a softmax the result looks the same, but the text asks for minus infinity, whose probability is
    exactly 0.

    only the logits that are kept are returned
        torch.empty_like(logits).scatter(-1, order, kept) -> ranked[before < p]
    Each symbol keeps its place, and the result the shape of the logits: the others are there, with minus
    infinity.

    the least likely symbols are kept
        descending=True -> descending=False
    Begin with the most likely symbol: by itself `sort` puts the lowest first.

    the result is left in the order of the sorting
        torch.empty_like(logits).scatter(-1, order, kept) -> kept
    Place i must hold symbol i again: the result has to go back to the order it came in.

    the result is sorted once more instead of being brought back
        torch.empty_like(logits).scatter(-1, order, kept) -> kept.gather(-1, order)
    Indexing with `order` sorts; the way back is `scatter(-1, order, ...)`, or indexing with
    `order.argsort(-1)`.

    logits are added up, not probabilities
        ranked.softmax(dim=-1) -> ranked
    Only probabilities add up to p: pass the logits through the softmax first.

    the exponentials are not divided by their sum
        softmax(dim=-1) -> exp()
    Probabilities add up to 1: use the softmax.

    the other logits become 0
        -torch.inf -> 0.0
    A logit of 0 is as good as any other: its exponential is 1. Minus infinity gives probability 0.

    the probabilities are added up before they are sorted
        probabilities = ranked -> probabilities = logits
        kept = ranked -> kept = logits
        torch.empty_like(logits).scatter(-1, order, kept) -> kept
    Sort first: the sum has to begin with the most likely symbol.

    each symbol is kept that has probability p by itself
        before >= p -> probabilities < p
    The sum of the kept probabilities has to reach p, not each one: sort, and add up.

    each symbol is kept that has probability 1 - p by itself
        before >= p -> probabilities < 1 - p
    No single symbol is compared with p, but the sum of those that are likelier.

    probabilities are returned
        order, kept) -> order, kept.softmax(dim=-1))
    Return the logits that were kept as they were, and minus infinity elsewhere.

    probabilities are kept, and the others become 0
        kept = ranked -> kept = probabilities
        -torch.inf -> 0.0
    Return logits: the kept ones as they came, and minus infinity, not 0, elsewhere.

    probabilities are kept, not logits
        kept = ranked -> kept = probabilities
    Probabilities only decide what is kept; return the logits themselves there.

    log-probabilities are returned
        kept = ranked -> kept = probabilities.log()
    Use the probabilities to decide; what is kept are the logits as they came.

    a mask is returned
        order, kept) -> order, kept) > -torch.inf
    Return logits: those that are kept, and minus infinity where the mask is false.

    the softmax is taken over the rows
        softmax(dim=-1) -> softmax(dim=0)
    Each row is a distribution: softmax, sorting and sum run over the last axis, `dim=-1`.

    sorting, softmax and sum all run over the first axis
        dim=-1 -> dim=0
        scatter(-1, order, kept) -> scatter(0, order, kept)
    Each row is a distribution, and the symbols lie along the last axis. With a single row the two are the
    same axis.

    the mask is brought back by `gather` where `scatter` is needed
        kept = ranked.masked_fill(before >= p, -torch.inf) -> dropped = (before >= p).gather(-1, order)
        torch.empty_like(logits).scatter(-1, order, kept) -> logits.masked_fill(dropped, -torch.inf)
    `gather` with `order` sorts, as indexing does. The way back writes number i of the sorted mask to place
    `order[i]`.

    all rows are taken for one distribution
        logits.sort -> logits.flatten().sort
        scatter(-1, order, kept) -> flatten().scatter(-1, order, kept).view_as(logits)
    Each row is a distribution of its own: without `flatten` the last axis holds just its symbols.

    p is taken for the share of symbols to keep, and their number is rounded up
        before >= p -> torch.arange(before.shape[-1]) >= p * before.shape[-1]
    A share of the symbols says nothing about how likely they are: p is a probability, which a few likely
    symbols may reach together.

    p is taken for the share of symbols to keep, and their number is rounded down
        before >= p -> torch.arange(before.shape[-1]) >= max(1, int(p * before.shape[-1]))
    The number of symbols that stay follows from their probabilities: the surer the model is, the fewer.

    the kept logits are normalised to log-probabilities
        order, kept) -> order, kept.log_softmax(dim=-1))
    The filter only removes symbols: whoever samples takes the softmax later. Leave the kept logits unchanged.
"""

EXERCISE = Exercise(
    reference=top_p_filter,
    cases={
        "some symbols are needed": _case(3, 4),
        "the likeliest symbol is enough": _case(1, 1),
        "several rows": _case(2, 4, 3),
        "all symbols are needed": _everything,
    },
    mistakes=mistakes(top_p_filter, MISTAKES),
    hints=(
        "If the symbols stood in order, the most likely first: of which ones would you need the probability "
        "to decide whether the fifth is kept?",
        "`ranked, order = logits.sort(dim=-1, descending=True)`; the softmax and `cumsum(dim=-1)` give the "
        "sums. Does a symbol's own probability belong to the sum that decides about it?",
        "Fill the sorted logits with minus infinity where those before have p already. Then "
        "`torch.empty_like(logits).scatter(-1, order, ...)` undoes the sorting.",
    ),
    points=3,
    difficulty=3,
    minutes=15,
    library="`course_lib.generation.top_p_filter(logits, p)` does the same for any number of axes, and "
    "refuses a p out of range. PyTorch has none; other libraries sort as you do.",
)
