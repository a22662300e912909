"""Generation finds what enumerating all sequences finds, draws by the right probabilities, and caches."""

import itertools
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from course_lib.generation import (
    Hypothesis,
    Step,
    beam_search,
    greedy_decode,
    sample,
    scale,
    top_k_filter,
    top_p_filter,
)

SYMBOLS, LIMIT, START, END = 3, 4, 2, 0
SEEDS = range(25)
Tree = dict[tuple[int, ...], list[float]]

on_random_models = pytest.mark.parametrize("seed", SEEDS)


def random_step(seed: int, spread: float = 2.0) -> Step:
    """A model with scores of its own for every prefix."""
    generator = torch.Generator().manual_seed(seed)
    tables = [spread * torch.randn(SYMBOLS**length, SYMBOLS, generator=generator) for length in range(LIMIT)]

    def step(prefixes: Tensor) -> Tensor:
        assert (prefixes[:, 0] == START).all()
        generated = prefixes[:, 1:]
        places = (generated * SYMBOLS ** torch.arange(generated.shape[1])).sum(dim=1)
        return tables[generated.shape[1]][places]

    return step


def constant_step(*probabilities: float) -> Step:
    """A model without memory."""
    return lambda prefixes: torch.tensor(probabilities).log().expand(len(prefixes), -1)


def tree_step(tree: Tree) -> Step:
    """A model with these probabilities after what has been generated."""
    return lambda prefixes: torch.tensor([tree[tuple(row[1:])] for row in prefixes.tolist()]).log()


def log_probability(step: Step, symbols: tuple[int, ...]) -> float:
    steps = (step(torch.tensor([[START, *symbols[:t]]]))[0].log_softmax(dim=0) for t in range(len(symbols)))
    return sum(scores[symbol].item() for scores, symbol in zip(steps, symbols, strict=True))


def every_sequence() -> list[tuple[int, ...]]:
    """All that ends by the limit or is cut off there."""
    return [
        symbols
        for length in range(1, LIMIT + 1)
        for symbols in itertools.product(range(SYMBOLS), repeat=length)
        if END not in symbols[:-1] and (symbols[-1] == END or length == LIMIT)
    ]


def ranked(step: Step, length_power: float = 1.0) -> list[tuple[int, ...]]:
    def rank(symbols: tuple[int, ...]) -> tuple[bool, float]:
        return symbols[-1] == END, log_probability(step, symbols) / len(symbols) ** length_power

    return sorted(every_sequence(), key=rank, reverse=True)


def greedy_by_enumeration(step: Step) -> tuple[int, ...]:
    """Of all sequences the one whose first symbol is likeliest, then the second after it, and so on."""
    left = every_sequence()
    for place in range(LIMIT):
        scores = step(torch.tensor([[START, *left[0][:place]]]))[0]
        best = max({symbols[place] for symbols in left}, key=lambda symbol: scores[symbol].item())
        left = [symbols for symbols in left if symbols[place] == best]
        if best == END:
            break
    return left[0]


@on_random_models
def test_greedy_follows_the_likeliest_symbol(seed: int):
    step = random_step(seed)
    assert tuple(greedy_decode(step, START, END, LIMIT)[0].tolist()) == greedy_by_enumeration(step)


def test_random_models_end_early_late_and_never():
    generated = [greedy_decode(random_step(seed), START, END, LIMIT)[0].tolist() for seed in SEEDS]
    assert {len(symbols) for symbols in generated} == {1, 2, 3, 4}
    assert any(END not in symbols for symbols in generated)


def test_rows_that_have_ended_are_filled_up_with_the_end():
    """Row r counts down from its number, then ends; the last row comes to the limit."""
    first = torch.tensor([3, 1, 4, 8])

    def step(prefixes: Tensor) -> Tensor:
        left = (first - (prefixes.shape[1] - 1)).clamp(min=0)
        return one_hot(left, 9).double()

    assert greedy_decode(step, 7, 0, limit=5, rows=4).tolist() == [
        [3, 2, 1, 0, 0],
        [1, 0, 0, 0, 0],
        [4, 3, 2, 1, 0],
        [8, 7, 6, 5, 4],
    ]
    first = first[:2]
    assert greedy_decode(step, 7, 0, limit=50, rows=2).tolist() == [[3, 2, 1, 0], [1, 0, 0, 0]]


def test_a_model_is_not_asked_again_when_all_rows_have_ended():
    asked = []

    def step(prefixes: Tensor) -> Tensor:
        asked.append(prefixes.tolist())
        return one_hot(torch.full((len(prefixes),), END if prefixes.shape[1] == 2 else 1), SYMBOLS).double()

    greedy_decode(step, START, END, limit=9, rows=2)
    assert asked == [[[2], [2]], [[2, 1], [2, 1]]]


def test_generation_may_start_from_a_prompt():
    def step(prefixes: Tensor) -> Tensor:
        return one_hot(prefixes.sum(dim=1) % 7, 7).double()

    assert greedy_decode(step, [1, 2], 6, limit=3, rows=2).tolist() == [[3, 6], [3, 6]]
    assert beam_search(step, (1, 2), 6, width=2, limit=3)[0].symbols == (3, 6)
    with pytest.raises(ValueError, match="the prompt is empty"):
        greedy_decode(step, [], 6, limit=3)


def test_each_row_may_have_a_prompt_of_its_own():
    def step(prefixes: Tensor) -> Tensor:
        return one_hot(prefixes.sum(dim=1) % 7, 7).double()

    prompts = torch.tensor([[1, 2], [0, 5], [4, 4]])
    generated = greedy_decode(step, prompts, 6, limit=3, rows=3)
    assert generated.tolist() == [[3, 6, 6], [5, 3, 6], [1, 2, 4]]
    assert prompts.tolist() == [[1, 2], [0, 5], [4, 4]]
    with pytest.raises(ValueError, match=r"^give a prompt for each of the 2 rows, not 3$"):
        greedy_decode(step, prompts, 6, limit=3, rows=2)


def test_a_start_may_be_a_number_of_numpy():
    seen = []

    def step(prefixes: Tensor) -> Tensor:
        seen.append(prefixes)
        return random_step(seed=0)(prefixes)

    greedy_decode(step, np.uint8(START), END, LIMIT)
    assert seen[0].tolist() == [[START]] and seen[0].dtype == torch.int64


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("start", [0.5, [0.5], [1.0, 2.0], np.float64(1), torch.ones(1, 2)])
def test_a_start_that_is_no_integer_is_refused(start: Any):
    with pytest.raises(ValueError, match=r"^the symbols to start from are integers, not torch\.float64$"):
        greedy_decode(random_step(seed=0), start, END, LIMIT)


@on_random_models
def test_a_beam_of_width_1_is_greedy(seed: int):
    step = random_step(seed)
    (only,) = beam_search(step, START, END, width=1, limit=LIMIT)
    assert list(only.symbols) == greedy_decode(step, START, END, LIMIT)[0].tolist()


def test_of_equally_likely_symbols_the_first_is_taken():
    def undecided(prefixes: Tensor) -> Tensor:
        return torch.zeros(len(prefixes), 40)

    assert greedy_decode(undecided, 1, -1, 1).tolist() == [[0]]
    assert [one.symbols for one in beam_search(undecided, 1, -1, 2, 1)] == [(0,), (1,)]
    assert top_k_filter(torch.zeros(40), 3).isfinite().nonzero()[:, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize("length_power", [1.0, 0.5, 0.0])
@on_random_models
def test_a_beam_as_wide_as_the_tree_ranks_all_sequences(seed: int, length_power: float):
    step = random_step(seed)
    found = beam_search(step, START, END, SYMBOLS**LIMIT, LIMIT, length_power)
    assert [one.symbols for one in found] == ranked(step, length_power)
    for one in found:
        total = log_probability(step, one.symbols)
        assert one.log_probability == pytest.approx(total)
        assert one.score == pytest.approx(total / len(one.symbols) ** length_power)
        assert one.has_ended == (one.symbols[-1] == END)


def beam_by_enumeration(step: Step, width: int) -> list[tuple[int, ...]]:
    """The rule once more, of all prefixes: one is reached if it is among the best of what can be reached."""
    reached, closed = [()], []
    for length in range(1, LIMIT + 1):
        longer = [(*prefix, symbol) for prefix in reached for symbol in range(SYMBOLS)]
        best = sorted(longer, key=lambda symbols: log_probability(step, symbols))[-width:]
        closed += [symbols for symbols in best if symbols[-1] == END or length == LIMIT]
        reached = [symbols for symbols in best if symbols[-1] != END]
    return [symbols for symbols in ranked(step) if symbols in closed][:width]


@pytest.mark.parametrize("width", [2, 3, 5])
@on_random_models
def test_a_beam_keeps_the_best_of_each_step(seed: int, width: int):
    step = random_step(seed)
    found = [one.symbols for one in beam_search(step, START, END, width, LIMIT)]
    assert found == beam_by_enumeration(step, width)


def test_a_beam_finds_what_greedy_misses():
    step = tree_step(
        {
            (): [0.0, 0.6, 0.4],
            (1,): [0.4, 0.3, 0.3],  # the likelier beginning, and then nothing is likely
            (2,): [1.0, 0.0, 0.0],
            (1, 1): [1.0, 0.0, 0.0],
            (1, 2): [1.0, 0.0, 0.0],
        }
    )
    assert greedy_decode(step, START, END, limit=3).tolist() == [[1, 0]]
    found = beam_search(step, START, END, width=2, limit=3)
    assert [one.symbols for one in found] == [(2, 0), (1, 0)]
    assert [math.exp(one.log_probability) for one in found] == pytest.approx([0.4, 0.6 * 0.4])


EARLY_END: Tree = {
    (): [0.4, 0.6, 0.0],
    (1,): [0.1, 0.9, 0.0],
    (1, 1): [0.0, 0.5, 0.5],
    (1, 1, 1): [0.2, 0.8, 0.0],
    (1, 1, 2): [0.9, 0.1, 0.0],
}


def test_what_has_ended_is_kept_while_others_go_on():
    found = beam_search(tree_step(EARLY_END), START, END, width=2, limit=4, length_power=0)
    assert found[0] == Hypothesis((0,), math.log(0.4), math.log(0.4), has_ended=True)
    assert found[1].symbols == (1, 1, 2, 0)


def test_the_length_decides_who_wins():
    step = tree_step(EARLY_END)
    assert [beam_search(step, START, END, 2, 4, power)[0].symbols for power in (0.0, 1.0)] == [
        (0,),
        (1, 1, 2, 0),
    ]


def test_what_the_limit_cuts_off_comes_after_what_has_ended():
    best, second = beam_search(constant_step(0.1, 0.9), 1, 0, width=2, limit=3, length_power=0)
    assert best.symbols == (0,)
    assert second.symbols == (1, 0)
    (only,) = beam_search(constant_step(0.1, 0.9), 1, 0, width=1, limit=3)
    assert only == Hypothesis((1, 1, 1), only.log_probability, only.score, has_ended=False)


def test_impossible_continuations_are_not_kept():
    (only,) = beam_search(constant_step(0.0, 1.0, 0.0), START, END, width=3, limit=2)
    assert only.symbols == (1, 1)


def frequencies(probabilities: tuple[float, ...], **choice: Any) -> list[float]:
    """How often each symbol is drawn first."""
    draws = 20000
    symbols = sample(
        constant_step(*probabilities),
        start=0,
        end=0,
        limit=1,
        generator=torch.Generator().manual_seed(3),
        rows=draws,
        **choice,
    )
    return (symbols[:, 0].bincount(minlength=len(probabilities)) / draws).tolist()


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, [0.1, 0.2, 0.3, 0.4]),
        ({"temperature": 0.5}, [1 / 30, 4 / 30, 9 / 30, 16 / 30]),
        ({"top_k": 2}, [0, 0, 3 / 7, 4 / 7]),
        ({"top_p": 0.75}, [0, 2 / 9, 3 / 9, 4 / 9]),
        ({"top_k": 3, "top_p": 0.75}, [0, 0, 3 / 7, 4 / 7]),  # of the three, two have more than p
        ({"temperature": 0.5, "top_p": 0.5}, [0, 0, 0, 1]),
    ],
)
def test_symbols_are_drawn_by_their_probabilities(choice: dict[str, Any], expected: list[float]):
    probabilities = (0.1, 0.2, 0.3, 0.4)
    assert frequencies(probabilities, **choice) == pytest.approx(expected, abs=0.015)


def test_sequences_are_drawn_by_their_probabilities():
    step, draws = random_step(seed=1, spread=1.0), 20000
    drawn = sample(step, START, END, LIMIT, torch.Generator().manual_seed(0), rows=draws)
    counts = Counter(tuple(row) for row in drawn.tolist())
    for symbols in every_sequence():
        row = symbols + (END,) * (LIMIT - len(symbols))
        assert counts.pop(row, 0) / draws == pytest.approx(
            math.exp(log_probability(step, symbols)), abs=0.015
        )
    assert not counts


def test_the_generator_decides_what_is_drawn():
    step = random_step(seed=2)
    first, again, other = (
        sample(step, START, END, LIMIT, torch.Generator().manual_seed(seed), rows=20) for seed in (5, 5, 6)
    )
    assert torch.equal(first, again)
    assert not (first.shape == other.shape and torch.equal(first, other))


def test_nothing_is_kept_for_gradients():
    weight = torch.ones(SYMBOLS, requires_grad=True)
    seen = []

    def step(prefixes: Tensor) -> Tensor:
        seen.append(weight.expand(len(prefixes), -1) * 2)
        return seen[-1]

    greedy_decode(step, START, END, LIMIT)
    assert seen
    assert not any(scores.requires_grad for scores in seen)


everyone = pytest.mark.parametrize(
    "decode",
    [
        lambda step, limit=3: greedy_decode(step, START, END, limit, rows=2),
        lambda step, limit=3: sample(step, START, END, limit, torch.Generator(), rows=2),
        lambda step, limit=3: beam_search(step, START, END, 2, limit),
    ],
    ids=["greedy", "sampling", "beam"],
)


@everyone
@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            lambda prefixes: torch.zeros(len(prefixes), 2, 3),
            r"scores \(rows, symbols\) with [12] rows, not",
        ),
        (lambda prefixes: torch.zeros(len(prefixes) + 3, 3), r"with [12] rows, not \([45], 3\)"),
        (lambda _prefixes: torch.zeros(3), r"with [12] rows, not \(3,\)"),
        (constant_step(0.5, math.nan), "the best score of a row is nan"),
        (constant_step(0.5, math.inf), "the best score of a row is inf"),
        (constant_step(0.0, 0.0), "the best score of a row is -inf"),
    ],
)
def test_scores_that_lead_nowhere_are_refused(decode: Callable[[Step], object], step: Step, message: str):
    with pytest.raises(ValueError, match=message):
        decode(step)


@everyone
@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_must_be_positive(decode: Callable[[Step, int], object], limit: int):
    with pytest.raises(ValueError, match=f"limit must be at least 1, not {limit}"):
        decode(constant_step(0.5, 0.5), limit)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda step: beam_search(step, START, END, 0, 3), "width must be at least 1, not 0"),
        (lambda step: greedy_decode(step, START, END, 3, rows=0), "rows must be at least 1, not 0"),
        (lambda _step: top_k_filter(torch.zeros(3), 0), "k must be at least 1, not 0"),
        (lambda _step: top_p_filter(torch.zeros(3), 0.0), "above 0 and at most 1, not 0"),
        (lambda _step: top_p_filter(torch.zeros(3), 1.1), "above 0 and at most 1, not 1.1"),
        (lambda _step: top_p_filter(torch.zeros(3), math.nan), "above 0 and at most 1, not nan"),
        (lambda _step: top_p_filter(torch.zeros(3), math.inf), "above 0 and at most 1, not inf"),
        (lambda _step: scale(torch.zeros(3), 0.0), "above 0, not 0.0; for 0 use `greedy_decode`"),
        (lambda _step: scale(torch.zeros(3), math.nan), "finite and above 0, not nan"),
        (lambda _step: scale(torch.zeros(3), math.inf), "finite and above 0, not inf"),
        (lambda _step: scale(torch.zeros(3), -math.inf), "finite and above 0, not -inf"),
        (lambda step: sample(step, START, END, 3, torch.Generator(), temperature=0), "use `greedy_decode`"),
        (lambda step: sample(step, START, END, 3, torch.Generator(), top_k=0), "k must be at least 1"),
        (lambda step: sample(step, START, END, 3, torch.Generator(), top_p=0.0), "p is a probability"),
    ],
)
def test_arguments_out_of_range_are_refused(act: Callable[[Step], object], message: str):
    with pytest.raises(ValueError, match=message):
        act(constant_step(0.5, 0.3, 0.2))
