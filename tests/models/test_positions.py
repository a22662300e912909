"""Positions follow their formulas; what can be known without them is what counting all sequences gives."""

import math
from collections import Counter, defaultdict
from itertools import product

import pytest
import torch

from course_lib.models.positions import (
    most_frequent_share,
    reversal_ceiling,
    rotate,
    sinusoidal_encoding,
)

BATCH, HEADS, STEPS, D = 2, 3, 7, 8

each_base = pytest.mark.parametrize("base", [10_000.0, 20.0])


@each_base
@pytest.mark.parametrize("d_model", [2, D])
def test_sinusoids_cell_by_cell(d_model: int, base: float):
    encoding = sinusoidal_encoding(STEPS, d_model, base)
    assert encoding.shape == (STEPS, d_model)
    for position in range(STEPS):
        for i in range(d_model // 2):
            angle = position / base ** (2 * i / d_model)
            assert encoding[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-15)
            assert encoding[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-15)


def test_the_usual_base_is_ten_thousand():
    assert torch.equal(sinusoidal_encoding(STEPS, D), sinusoidal_encoding(STEPS, D, 10_000))
    x = torch.ones(STEPS, D)
    assert torch.equal(rotate(x, torch.arange(STEPS)), rotate(x, torch.arange(STEPS), 10_000))


@each_base
@pytest.mark.parametrize("ahead", [1, 5])
def test_a_sinusoid_further_on_is_the_same_one_turned(ahead: int, base: float):
    """There is one matrix for each distance: p(t + k) = R_k p(t) for all t."""
    blocks = []
    for i in range(D // 2):
        angle = ahead / base ** (2 * i / D)
        cos, sin = math.cos(angle), math.sin(angle)
        blocks.append(torch.tensor([[cos, sin], [-sin, cos]]))
    encoding = sinusoidal_encoding(STEPS + ahead, D, base)
    torch.testing.assert_close(encoding[:-ahead] @ torch.block_diag(*blocks).T, encoding[ahead:])
    turned = rotate(encoding[:-ahead], torch.full((STEPS,), -ahead), base)
    torch.testing.assert_close(turned, encoding[ahead:])


def test_all_sinusoids_are_equally_long_and_meet_by_distance():
    encoding = sinusoidal_encoding(STEPS, D)
    torch.testing.assert_close(encoding.square().sum(dim=-1), torch.full((STEPS,), D / 2))
    products = encoding @ encoding.T
    torch.testing.assert_close(products[1:, 1:], products[:-1, :-1])


@each_base
def test_pairs_turn_as_complex_numbers_do(base: float, generator: torch.Generator):
    x = torch.randn(BATCH, HEADS, STEPS, D, generator=generator)
    positions = torch.tensor([0, 1, 2, 30, 4, 500, -6])
    angles = torch.tensor([[position / base ** (2 * i / D) for i in range(D // 2)] for position in positions])
    turns = torch.polar(torch.ones_like(angles), angles)
    expected = torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * turns).flatten(-2)
    torch.testing.assert_close(rotate(x, positions, base), expected)


def test_turning_keeps_lengths_and_the_first_position(generator: torch.Generator):
    x = torch.randn(BATCH, HEADS, STEPS, D, generator=generator)
    turned = rotate(x, torch.arange(STEPS))
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
    assert torch.equal(turned[..., 0, :], x[..., 0, :])
    torch.testing.assert_close(rotate(turned, -torch.arange(STEPS)), x)


def test_turned_vectors_meet_by_distance_only(generator: torch.Generator):
    query, key = torch.randn(2, D, generator=generator)
    queries, keys = (rotate(vector.expand(STEPS, D), torch.arange(STEPS)) for vector in (query, key))
    products = queries @ keys.T
    torch.testing.assert_close(products[1:, 1:], products[:-1, :-1])
    by_distance = torch.cat([products[0].flip(0), products[1:, 0]])
    assert len({round(value, 6) for value in by_distance.tolist()}) == 2 * STEPS - 1
    x = torch.randn(STEPS, D, generator=generator)
    near, far = (rotate(x, start + torch.arange(STEPS)) for start in (0, 1000))
    torch.testing.assert_close(far @ far.T, near @ near.T)


def test_turned_vectors_keep_their_precision(generator: torch.Generator):
    x = torch.randn(STEPS, D, generator=generator)
    turned = rotate(x.float(), torch.arange(STEPS))
    assert turned.dtype == torch.float32
    torch.testing.assert_close(turned, rotate(x, torch.arange(STEPS)).float())


def test_an_odd_size_gets_a_line():
    message = r"^sine and cosine come in pairs: give an even size, not 7$"
    with pytest.raises(ValueError, match=message):
        sinusoidal_encoding(STEPS, 7)
    with pytest.raises(ValueError, match=message):
        rotate(torch.zeros(STEPS, 7), torch.arange(STEPS))


def counted_ceiling(symbols: int, steps: int) -> float:
    """The share of right answers by the best of all functions of a token and the others, in any order."""
    seen: dict[tuple, Counter[int]] = defaultdict(Counter)
    for sequence in product(range(symbols), repeat=steps):
        for place, (own, mirrored) in enumerate(zip(sequence, reversed(sequence), strict=True)):
            others = sequence[:place] + sequence[place + 1 :]
            seen[own, tuple(sorted(others))][mirrored] += 1
    return sum(max(answers.values()) for answers in seen.values()) / (steps * symbols**steps)


@pytest.mark.parametrize(
    ("symbols", "steps"), [(1, 2), (1, 4), (2, 2), (2, 4), (2, 8), (3, 4), (3, 6), (5, 4), (7, 2)]
)
def test_ceiling_of_reversal_is_the_best_of_all_guesses(symbols: int, steps: int):
    assert reversal_ceiling(symbols, steps) == pytest.approx(counted_ceiling(symbols, steps), rel=1e-12)


@pytest.mark.parametrize("symbols", [1, 2, 3, 5])
@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_share_of_the_most_frequent_is_the_mean_over_all_sequences(symbols: int, steps: int):
    most = sum(max(Counter(sequence).values()) for sequence in product(range(symbols), repeat=steps))
    share = most / (steps * symbols**steps)
    assert most_frequent_share(symbols, steps) == pytest.approx(share, rel=1e-12)


def test_share_of_the_most_frequent_in_long_sequences(generator: torch.Generator):
    symbols, steps, draws = 12, 90, 20_000
    sequences = torch.randint(symbols, (draws, steps), generator=generator)
    counts = torch.nn.functional.one_hot(sequences, symbols).sum(dim=1)
    most = counts.amax(dim=1) / steps
    error = (most.std() / draws**0.5).item()
    assert most_frequent_share(symbols, steps) == pytest.approx(most.mean().item(), abs=4 * error)


@pytest.mark.parametrize("steps", [-2, 0, 1, 5])
def test_a_token_that_is_its_own_mirror_image_gets_a_line(steps: int):
    with pytest.raises(ValueError, match=rf"^give an even number of steps, from 2; got {steps}$"):
        reversal_ceiling(3, steps)


@pytest.mark.parametrize(("symbols", "steps"), [(0, 3), (-1, 3), (3, 0), (3, -1)])
def test_nothing_to_count_gets_a_line(symbols: int, steps: int):
    message = rf"^give at least one symbol and one step; got {symbols} and {steps}$"
    with pytest.raises(ValueError, match=message):
        most_frequent_share(symbols, steps)
