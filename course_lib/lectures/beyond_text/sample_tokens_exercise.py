"""The exercise of lecture 12 on drawing tokens at a temperature."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.attempt import GLOBAL_SEED
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase


def sample_tokens(
    logits: Float[Tensor, "rows symbols"], temperature: float, generator: torch.Generator
) -> Int[Tensor, "rows"]:
    """Draw a symbol for each row by its probability at a temperature."""
    probabilities = (logits / temperature).softmax(dim=-1)
    drawn = torch.multinomial(probabilities, 1, generator=generator)
    return drawn[:, 0]


class _Seeded(torch.Generator):
    """A generator that says what its draws depend on."""

    def __repr__(self) -> str:
        return f"a generator with seed {self.initial_seed()}"


def _case(rows: int, low: float, high: float) -> MakeCase:
    """Logits of rows that like the same symbols, a temperature between low and high, and a generator."""

    def draw_case(generator: torch.Generator) -> tuple[Tensor, float, torch.Generator]:
        symbols = draw.whole(generator, 7, 9)
        liked = torch.randperm(symbols, generator=generator) / 2
        logits = liked - 2 + draw.uniform(generator, -1.5, 1.5, rows, symbols)
        temperature = draw.uniform(generator, low, high).item()
        seeded = _Seeded()
        seeded.manual_seed(draw.whole(generator, 0, 10**6))
        return logits, temperature, seeded

    return draw_case


MISTAKES = """
    the logits are multiplied by the temperature
        logits / temperature -> logits * temperature
    A low temperature makes likely tokens likelier: it divides the logits, and so pulls them apart.

    the temperature has no effect
        logits / temperature -> logits
    Divide the logits by it, before the softmax: probabilities divided by a number are scaled back to a sum of
    1 when they are drawn from.

    the likeliest token is taken
        drawn[:, 0] -> logits.argmax(dim=-1)
    Draw a token by its probability, so that others come as well. `torch.multinomial` does it.

    the softmax is left out
        .softmax(dim=-1) ->
    The error says that a number is below 0. `torch.multinomial` takes probabilities, and scores or
    logarithms are none.

    the generator is given by its place, not by its name
        generator=generator -> generator
    The third place belongs to another argument of `torch.multinomial`: name the generator when you hand it
    on.

    as many tokens are drawn from each row as there are rows
        torch.multinomial(probabilities, 1, -> torch.multinomial(probabilities, len(logits),
    `torch.multinomial` draws so many from *each* row, none twice, so the symbols run out. One a row is
    enough.

    only the first row's token is returned
        drawn[:, 0] -> drawn[0]
    The first index counts rows, the second draws: of every row the only draw is wanted.

    the probability of each drawn token is returned
        drawn[:, 0] -> probabilities.gather(1, drawn)[:, 0]
    The tokens are asked for, as whole numbers, and not how likely they were.

    the likelier a token, the more seldom it is drawn
        logits / temperature -> -logits / temperature
    A score says how likely a token is: don't change its sign.

    the temperature's root divides the logits
        logits / temperature -> logits / temperature ** 0.5
    A root belongs to the scaling of attention. The temperature itself divides.

    the least likely token is taken
        drawn[:, 0] -> logits.argmin(dim=-1)
    Draw a token by its probability: no single one is right.

    the softmax is taken over the rows
        dim=-1 -> dim=0
    Each row is a distribution of its own: the softmax runs along it, over the symbols.

    the softmax is taken twice
        .softmax(dim=-1) -> .softmax(dim=-1).softmax(dim=-1)
    `torch.multinomial` takes probabilities: don't apply a second softmax or an exponential.

    the generator that was given is not used
        generator=generator -> generator=torch.Generator().manual_seed(GLOBAL_SEED)
    Hand it on to `torch.multinomial`: then the same seed gives the same tokens.

    all rows get the token that was drawn for the first
        drawn[:, 0] -> drawn[:1, 0].repeat(len(logits))
    `torch.multinomial` draws for each row by itself when it is given all rows.

    the axis of the single draw is left in place
        drawn[:, 0] -> drawn
    `torch.multinomial` returns (rows, 1), a column for each draw: take the first by `[:, 0]`.

    `squeeze()` takes the axis of a single row, too
        drawn[:, 0] -> drawn.squeeze()
    Name the axis that is to go, `squeeze(dim=-1)`, or take the first draw of each row by `[:, 0]`.

    a function other than `torch.multinomial` draws the tokens
        torch.multinomial(probabilities, 1, -> torch.rand(len(logits), 1, dtype=logits.dtype,
        drawn[:, 0] -> (probabilities.cumsum(dim=-1)[:, :-1] <= drawn).sum(dim=-1)
    Looking a random number up in the cumulative probabilities is correct, but gives other tokens: the check
    compares draws of `torch.multinomial`.

    the probabilities are returned
        drawn[:, 0] -> probabilities
    From them, draw one token for each row.
"""

EXERCISE = Exercise(
    reference=sample_tokens,
    cases={
        "a temperature below 1": _case(40, 0.4, 0.6),
        "a temperature above 1": _case(41, 1.8, 2.4),
        "a single row": _case(1, 0.6, 0.9),
    },
    mistakes=mistakes(sample_tokens, MISTAKES, GLOBAL_SEED=GLOBAL_SEED),
    hints=(
        "What happens to the ratio of two probabilities if both logits are divided by 0.5? And by 2?",
        "Divide the logits by the temperature, make probabilities of each row by a softmax, and let "
        "`torch.multinomial` draw.",
        "`torch.multinomial(probabilities, 1, generator=generator)` has shape (rows, 1): what is left to do "
        "with it, and how are the probabilities made?",
    ),
    points=2,
    difficulty=1,
    minutes=10,
    library="`course_lib.generation.sample_tokens(logits, temperature, generator)` does the same, and "
    "refuses a temperature that is 0 or below. For 0 take `argmax`.",
)
