"""The exercise of lecture 12 on drawing tokens at a temperature."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.attempt import GLOBAL_SEED
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.generation import sample_tokens


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


def _drawn(
    logits: Tensor,
    temperature: float,
    generator: torch.Generator | None,
    weigh: Callable[[Tensor, float], Tensor] = lambda logits, t: (logits / t).softmax(dim=-1),
) -> Tensor:
    """Draw by other weights than the right ones."""
    return torch.multinomial(weigh(logits, temperature), 1, generator=generator)[:, 0]


def _from_the_global_generator(logits: Tensor, temperature: float, _generator: torch.Generator) -> Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(GLOBAL_SEED)
        return _drawn(logits, temperature, None)


def _one_for_all(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    return sample_tokens(logits[:1], temperature, generator).repeat(len(logits))


def _along_the_sums(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    chance = torch.rand(len(logits), 1, generator=generator, dtype=logits.dtype)
    sums = (logits / temperature).softmax(dim=-1).cumsum(dim=-1)
    return (sums[:, :-1] <= chance).sum(dim=-1)


def _row_by_row(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    tokens = []
    for row in logits:
        probabilities = torch.softmax(row / temperature, dim=0)
        tokens.append(int(torch.multinomial(probabilities, num_samples=1, generator=generator)))
    return torch.tensor(tokens)


def _by_powers(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """Raise probabilities to a power; `multinomial` divides by their sum itself."""
    powers = logits.softmax(dim=-1) ** (1 / temperature)
    return torch.multinomial(powers, 1, generator=generator).squeeze(dim=-1)


EXERCISE = Exercise(
    reference=sample_tokens,
    cases={
        "a temperature below 1": _case(40, 0.4, 0.6),
        "a temperature above 1": _case(41, 1.8, 2.4),
        "a single row": _case(1, 0.6, 0.9),
    },
    mistakes=(
        Mistake(
            "the logits are multiplied by the temperature",
            partial(_drawn, weigh=lambda logits, t: (logits * t).softmax(dim=-1)),
            "A low temperature makes likely tokens likelier: it divides the logits, and so pulls them apart.",
        ),
        Mistake(
            "the temperature has no effect",
            partial(_drawn, weigh=lambda logits, _t: logits.softmax(dim=-1)),
            "Divide the logits by it, before the softmax: probabilities divided by a number are scaled back "
            "to a sum of 1 when they are drawn from.",
        ),
        Mistake(
            "the likeliest token is taken",
            lambda logits, _temperature, _generator: logits.argmax(dim=-1),
            "Draw a token by its probability: `torch.multinomial(probabilities, 1, generator=generator)`.",
        ),
        Mistake(
            "the softmax is taken over the rows",
            partial(_drawn, weigh=lambda logits, t: (logits / t).softmax(dim=0)),
            "Each row is a distribution of its own: the softmax runs over the last axis, `dim=-1`.",
        ),
        Mistake(
            "the softmax is taken twice",
            partial(_drawn, weigh=lambda logits, t: (logits / t).softmax(dim=-1).softmax(dim=-1)),
            "`torch.multinomial` takes probabilities as they come: neither it nor you need a second softmax "
            "or exponential.",
        ),
        Mistake(
            "the generator that was given is not used",
            _from_the_global_generator,
            "Pass it on, `torch.multinomial(..., generator=generator)`: then the same seed gives the same "
            "tokens.",
        ),
        Mistake(
            "all rows get the token that was drawn for the first",
            _one_for_all,
            "`torch.multinomial` draws for each row by itself when it is given all rows.",
        ),
        Mistake(
            "the axis of the single draw is left in place",
            lambda logits, t, generator: sample_tokens(logits, t, generator)[:, None],
            "`torch.multinomial` returns (rows, 1), a column for each draw: take the first by `[:, 0]`.",
        ),
        Mistake(
            "`squeeze()` takes the axis of a single row, too",
            lambda logits, t, generator: sample_tokens(logits, t, generator).squeeze(),
            "Name the axis that is to go, `squeeze(dim=-1)`, or take the first draw of each row by `[:, 0]`.",
        ),
        Mistake(
            "another function than `torch.multinomial` draws the tokens",
            _along_the_sums,
            "A random number that is looked up in the sums of the probabilities draws rightly, but other "
            "tokens: the check compares draws of `torch.multinomial`.",
        ),
        Mistake(
            "the probabilities are returned",
            lambda logits, t, _generator: (logits / t).softmax(dim=-1),
            "From them, draw one token for each row: `torch.multinomial(probabilities, 1, "
            "generator=generator)`.",
        ),
    ),
    hints=(
        "What happens to the ratio of two probabilities if both logits are divided by 0.5? And by 2?",
        "Divide the logits by the temperature, make probabilities of each row by a softmax, and let "
        "`torch.multinomial` draw.",
        "`torch.multinomial((logits / temperature).softmax(dim=-1), 1, generator=generator)` has shape "
        "(rows, 1).",
    ),
    points=2,
    difficulty=1,
    minutes=10,
    variants=(_row_by_row, _by_powers),
)
