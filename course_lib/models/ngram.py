"""N-gram models: a table of what follows each run of `order - 1` symbols."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float64, Int
from torch import Tensor


class NGram:
    """A table over contexts of `order - 1` symbols: order 1 is the unigram, 2 the bigram, 3 the trigram.

    Sequences are words as `Alphabet.encode` gives them: symbol 0 is the boundary at both ends. The first
    boundary is given and not predicted, the last one is predicted. Contexts that reach back before the word
    are filled up with boundaries.

    Most long contexts are rare or were never seen. So every context is credited with `smoothing` observations
    more, spread over the symbols as the model of the next shorter context predicts them (the unigram asks the
    uniform distribution): MacKay and Peto 1995. With smoothing 0 only unseen contexts ask the shorter one.
    """

    def __init__(self, order: int, symbols: int, smoothing: float = 10.0):
        """Make an empty table; raises ValueError if `order` is below 1."""
        if order < 1:
            raise ValueError(f"the order must be at least 1, not {order}")
        self.order = order
        self.symbols = symbols
        self.smoothing = smoothing
        self._shorter = NGram(order - 1, symbols, smoothing) if order > 1 else None
        self._counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        self._probabilities: dict[tuple[int, ...], Tensor] = {}

    @property
    def table_size(self) -> int:
        """How many numbers the full table holds: one for each context and next symbol."""
        return self.symbols**self.order

    @property
    def contexts_seen(self) -> int:
        """How many of the symbols^(order - 1) contexts occurred in what the model was fitted on."""
        return len(self._counts)

    def fit(self, sequences: Iterable[Int[Tensor, "_"]]) -> "NGram":
        """Count what follows each context, in addition to what has been counted before; returns itself."""
        sequences = list(sequences)
        self._probabilities.clear()
        if self._shorter:
            self._shorter.fit(sequences)
        for sequence in sequences:
            for context, symbol in self._predictions(sequence):
                self._counts[context][symbol] += 1
        return self

    def probabilities(self, context: tuple[int, ...]) -> Float64[Tensor, "symbols"]:
        """Return the distribution of the symbol after a context, a tuple of `order - 1` symbols."""
        if context not in self._probabilities:
            self._probabilities[context] = self._estimate(context)
        return self._probabilities[context].clone()

    def _estimate(self, context: tuple[int, ...]) -> Float64[Tensor, "symbols"]:
        if self._shorter:
            expected = self._shorter.probabilities(context[1:])
        else:
            expected = torch.full((self.symbols,), 1 / self.symbols, dtype=torch.float64)
        if context not in self._counts:
            return expected
        counts = torch.zeros(self.symbols, dtype=torch.float64)
        for symbol, count in self._counts[context].items():
            counts[symbol] = count
        return (counts + self.smoothing * expected) / (counts.sum() + self.smoothing)

    def nats_per_symbol(self, sequences: Iterable[Int[Tensor, "_"]]) -> float:
        """Return the mean of -log p over all predicted symbols (letters and closing boundaries), in nats.

        It is infinite when a symbol has probability zero, which smoothing prevents.
        """
        predictions = [pair for sequence in sequences for pair in self._predictions(sequence)]
        expected = torch.stack([self.probabilities(context) for context, _ in predictions])
        symbols = torch.tensor([symbol for _, symbol in predictions])
        return -expected.gather(1, symbols[:, None]).log().mean().item()

    def sample(self, generator: torch.Generator, longest: int = 30) -> Int[Tensor, "time"]:
        """Draw a word between boundaries; it is cut after `longest` letters."""
        word = [0]
        while len(word) <= longest:
            symbol = int(torch.multinomial(self.probabilities(self._context(word)), 1, generator=generator))
            if symbol == 0:
                break
            word.append(symbol)
        return torch.tensor([*word, 0])

    def _predictions(self, sequence: Int[Tensor, "time"]) -> Iterator[tuple[tuple[int, ...], int]]:
        """Yield each predicted symbol of a word after its context."""
        word = sequence.tolist()
        for position in range(1, len(word)):
            yield self._context(word[:position]), word[position]

    def _context(self, past: list[int]) -> tuple[int, ...]:
        length = self.order - 1
        padded = [0] * length + past
        return tuple(padded[len(padded) - length :])
