"""Generation: symbol by symbol from a model of the next one, greedy, by beam search or by chance."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

Step = Callable[[Int[Tensor, "rows steps"]], Float[Tensor, "rows symbols"]]
"""From prefixes, all of one length, to the scores (logits) of the symbol that follows each of them."""
Start = int | np.integer | Sequence[int] | Int[Tensor, "rows given"]
"""What sequences start with: all with a symbol, or with the symbols of a prompt, or a prompt for each row."""


def greedy_decode(
    step: Step, start: Start, end: int, limit: int, rows: int = 1
) -> Int[Tensor, "{rows} generated"]:
    """Take the symbol of the highest score again and again.

    Args:
        step: the model; row r of what it is given belongs to sequence r.
        start: what each sequence starts with; it is given to the model and not returned.
        end: the symbol that ends a sequence.
        limit: the largest number of symbols to generate, `end` counted.
        rows: how many sequences are generated side by side.

    Returns:
        The generated symbols, with `end` where it came. A row that has ended is filled up with `end` until
        all rows have ended or the limit is reached: there are as many columns as the longest row has symbols.

    Raises:
        ValueError: limit or rows below 1, a start that is no integer, or scores of a wrong shape, or with NaN
            or no possible symbol.
    """
    return _generate(step, lambda scores: scores.argmax(dim=-1), start, end, limit, rows)


def sample(
    step: Step,
    start: Start,
    end: int,
    limit: int,
    generator: torch.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    rows: int = 1,
) -> Int[Tensor, "{rows} generated"]:
    """Draw each symbol by its probability; what is returned is laid out as by `greedy_decode`.

    Args:
        step: the model; row r of what it is given belongs to sequence r.
        start: what each sequence starts with; it is given to the model and not returned.
        end: the symbol that ends a sequence.
        limit: the largest number of symbols to generate, `end` counted.
        generator: what the symbols are drawn from.
        temperature: see `scale`, which comes first.
        top_k: see `top_k_filter`, which follows; None leaves all symbols.
        top_p: see `top_p_filter`, the last; None leaves all symbols.
        rows: how many sequences are drawn side by side.

    Raises:
        ValueError: an argument out of its range, or scores as in `greedy_decode`.
    """

    def draw(scores: Tensor) -> Tensor:
        scores = scale(scores, temperature)
        scores = scores if top_k is None else top_k_filter(scores, top_k)
        scores = scores if top_p is None else top_p_filter(scores, top_p)
        return sample_tokens(scores, 1.0, generator)

    return _generate(step, draw, start, end, limit, rows)


def sample_tokens(
    logits: Float[Tensor, "rows symbols"], temperature: float, generator: torch.Generator
) -> Int[Tensor, "rows"]:
    """Draw a symbol for each row by its probability at a temperature.

    Raises ValueError if the temperature isn't finite and above 0.
    """
    probabilities = scale(logits, temperature).softmax(dim=-1)
    return torch.multinomial(probabilities, 1, generator=generator)[:, 0]


def scale(logits: Float[Tensor, "*batch symbols"], temperature: float) -> Float[Tensor, "*batch symbols"]:
    """Divide logits by a temperature: below 1 likely symbols become likelier, above 1 all more alike.

    Raises ValueError if the temperature isn't finite and above 0.
    """
    if not 0 < temperature < math.inf:
        raise ValueError(
            f"temperature must be finite and above 0, not {temperature}; for 0 use `greedy_decode`"
        )
    return logits / temperature


def top_k_filter(logits: Float[Tensor, "*batch symbols"], k: int) -> Float[Tensor, "*batch symbols"]:
    """Keep the k most likely symbols, or all if there are fewer; others become -inf. Fan et al. 2018.

    Of equally likely ones the first are kept.

    Raises ValueError if k is below 1.
    """
    _require_positive(k=k)
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    return torch.full_like(logits, -torch.inf).scatter(-1, order[..., :k], ranked[..., :k])


def top_p_filter(logits: Float[Tensor, "*batch symbols"], p: float) -> Float[Tensor, "*batch symbols"]:
    """Keep the fewest of the most likely symbols that have probability p together. Holtzman et al. 2020.

    Their probabilities add up to p or more; the logits of the others become -inf. The likeliest symbol
    always stays.

    Raises ValueError if p isn't above 0 and at most 1.
    """
    if not 0 < p <= 1:
        raise ValueError(f"p is a probability above 0 and at most 1, not {p}")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    probabilities = ranked.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities
    return torch.empty_like(logits).scatter(-1, order, ranked.masked_fill(before >= p, -torch.inf))


@dataclass(frozen=True)
class Hypothesis:
    """A sequence that a beam search has found.

    Attributes:
        symbols: what was generated, with the end symbol if it came.
        log_probability: the sum of its symbols' log-probabilities.
        score: log_probability / length ** length_power, where the length counts all of `symbols`.
        has_ended: whether the end symbol came before the limit cut the sequence off.
    """

    symbols: tuple[int, ...]
    log_probability: float
    score: float
    has_ended: bool


def beam_search(
    step: Step, start: Start, end: int, width: int, limit: int, length_power: float = 1.0
) -> list[Hypothesis]:
    """Follow the most likely prefixes side by side instead of one. Sutskever et al. 2014.

    At every step all continuations of the open hypotheses are ranked by log-probability, and the `width`
    best are kept. Those that have ended are put aside, the others stay open, until none is open or the limit
    cuts them off.

    Args:
        step: the model, for one source: it is given one row first, then as many as there are open ones.
        start: what each sequence starts with; it is not returned.
        end: the symbol that ends a sequence.
        width: how many continuations are kept at a step; 1 is `greedy_decode`.
        limit: the largest number of symbols to generate, `end` counted.
        length_power: log-probabilities are divided by the length to this power before hypotheses of unequal
            length are compared, as Wu et al. 2016 discuss; 1 makes them a mean, 0 leaves them as they are.

    Returns:
        At most `width` hypotheses, the best first: those that have ended by their scores, then those cut off.

    Raises:
        ValueError: width or limit below 1, or scores as in `greedy_decode`.
    """
    _require_positive(width=width, limit=limit)
    prefixes, totals, found = _prefixes(start, 1), torch.zeros(1), []
    given = prefixes.shape[1]
    for length in range(1, limit + 1):
        continued = totals[:, None] + _scores(step, prefixes).log_softmax(dim=-1)
        kept = min(width, int((continued > -torch.inf).sum()))
        ranked, order = continued.flatten().sort(descending=True, stable=True)
        totals, places = ranked[:kept], order[:kept]
        rows, symbols = places // continued.shape[1], places % continued.shape[1]
        prefixes = torch.cat([prefixes[rows], symbols[:, None]], dim=1)
        is_open = (symbols != end) & (length < limit)
        for prefix, total in zip(prefixes[~is_open, given:].tolist(), totals[~is_open].tolist(), strict=True):
            found.append(Hypothesis(tuple(prefix), total, total / length**length_power, prefix[-1] == end))
        prefixes, totals = prefixes[is_open], totals[is_open]
        if not len(prefixes):
            break
    return sorted(found, key=lambda one: (one.has_ended, one.score), reverse=True)[:width]


P = TypeVar("P", bound="Part")


class Part(Protocol):
    """Part of what a model keeps of earlier symbols, such as `transformer.LayerPast` of one layer."""

    def pick(self: P, rows: Int[Tensor, "rows"]) -> P:
        """Return the same for these rows of the batch, in their order; a row may come more than once."""
        ...


Advance = Callable[[Int[Tensor, "rows new"], list[P] | None], tuple[Float[Tensor, "rows symbols"], list[P]]]
"""From new symbols of each row, and the past of those before, to the next one's scores and a longer past."""


class CachedStep(Generic[P]):
    """A `Step` that computes only what is new: it remembers the last call's prefixes and their past.

    Where each prefix is one of them and a symbol more, the model is given that symbol and the past of those
    rows. Otherwise it starts again with whole prefixes and no past.

    Attributes:
        computed: how many symbols the model was given so far, those of all rows together.
    """

    def __init__(self, advance: Advance[P], one_source: bool = False):
        """Wrap a model.

        Args:
            advance: the model.
            one_source: all rows are about the same source, as in a beam search: a row may go on from any
                other. Without, row r goes on only from row r.
        """
        self.advance, self.one_source = advance, one_source
        self.computed = 0
        self._prefixes: Tensor | None = None
        self._past: list[P] = []

    def __call__(self, prefixes: Int[Tensor, "rows steps"]) -> Float[Tensor, "rows symbols"]:
        """Return the scores of the symbol after each prefix."""
        rows = self._continued_rows(prefixes)
        if rows is None:
            new, past = prefixes, None
        else:
            new, past = prefixes[:, -1:], [part.pick(rows) for part in self._past]
        scores, self._past = self.advance(new, past)
        self._prefixes = prefixes.clone()
        self.computed += new.numel()
        return scores

    def _continued_rows(self, prefixes: Tensor) -> Tensor | None:
        """Which row of the last call each prefix continues; None if one of them continues none."""
        if self._prefixes is None or prefixes.shape[1] != self._prefixes.shape[1] + 1:
            return None
        known = prefixes[:, :-1]
        if not self.one_source:
            return torch.arange(len(known)) if torch.equal(known, self._prefixes) else None
        continues = (known[:, None] == self._prefixes).all(dim=-1)
        return continues.int().argmax(dim=1) if continues.any(dim=1).all() else None


def _generate(
    step: Step, choose: Callable[[Tensor], Tensor], start: Start, end: int, limit: int, rows: int
) -> Tensor:
    _require_positive(limit=limit, rows=rows)
    prefixes = _prefixes(start, rows)
    given, has_ended = prefixes.shape[1], torch.zeros(rows, dtype=torch.bool)
    for _ in range(limit):
        symbols = choose(_scores(step, prefixes)).masked_fill(has_ended, end)
        prefixes = torch.cat([prefixes, symbols[:, None]], dim=1)
        has_ended = symbols == end  # those of before were filled up with it
        if has_ended.all():
            break
    return prefixes[:, given:]


def _prefixes(start: Start, rows: int) -> Int[Tensor, "{rows} given"]:
    prompts = torch.as_tensor(start)
    prompts = prompts if prompts.ndim == 2 else prompts.repeat(rows, 1)
    if len(prompts) != rows:
        raise ValueError(f"give a prompt for each of the {rows} rows, not {len(prompts)}")
    if not prompts.shape[1]:
        raise ValueError("a model needs a symbol to start from, and the prompt is empty")
    if prompts.is_floating_point():
        raise ValueError(f"the symbols to start from are integers, not {prompts.dtype}")
    return prompts.long()


@torch.no_grad()
def _scores(step: Step, prefixes: Tensor) -> Float[Tensor, "rows symbols"]:
    scores = step(prefixes)
    if scores.ndim != 2 or len(scores) != len(prefixes):
        wanted = f"scores (rows, symbols) with {len(prefixes)} rows"
        raise ValueError(f"the step must return {wanted}, not {tuple(scores.shape)}")
    best = scores.amax(dim=-1)
    if not best.isfinite().all():
        bad = best[~best.isfinite()][0].item()
        raise ValueError(f"the best score of a row is {bad}: the step must return a finite one for each")
    return scores


def _require_positive(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise ValueError(f"{name} must be at least 1, not {number}")
