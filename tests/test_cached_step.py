"""A cached step changes nothing but the work: greedy decoding, sampling and beams give what they gave."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from course_lib.generation import CachedStep, Step, beam_search, greedy_decode, sample
from course_lib.models.attention import glorot
from course_lib.models.positions import sinusoidal_encoding
from course_lib.models.transformer import LayerPast, make_decoder

START, END = 1, 0
SOURCES, SOURCE_STEPS, D_MODEL, VOCABULARY = 3, 5, 8, 6


class SmallDecoder:
    """A decoder that was never trained, with a memory of each source, and counts what it is given."""

    def __init__(self, sources: slice = slice(None), seed: int = 0):
        generator = torch.Generator().manual_seed(seed)
        self.stack = make_decoder(2, D_MODEL, 2, 12, generator)
        self.embedding = 0.3 * torch.randn(VOCABULARY, D_MODEL, generator=generator)
        self.output = 3 * glorot(VOCABULARY, D_MODEL, generator)
        self.memory = 4 * torch.randn(SOURCES, SOURCE_STEPS, D_MODEL, generator=generator)[sources]
        self.mask = (torch.arange(SOURCE_STEPS) < torch.tensor([[5], [3], [4]]))[sources]
        self.computed = 0

    def advance(self, tokens: Tensor, past: list[LayerPast] | None) -> tuple[Tensor, list[LayerPast]]:
        before = 0 if past is None else past[0].own.key.shape[-2]
        positions = sinusoidal_encoding(before + tokens.shape[1], D_MODEL)[before:]
        memory, mask = self.memory.expand(len(tokens), -1, -1), self.mask.expand(len(tokens), -1)
        trace = self.stack(self.embedding[tokens] + positions, memory, mask, past=past)
        self.computed += tokens.numel()
        return trace.output[:, -1] @ self.output.T, trace.past

    def step(self, prefixes: Tensor) -> Tensor:
        return self.advance(prefixes, None)[0]


def test_the_sources_and_the_prefixes_decide():
    generated = [greedy_decode(SmallDecoder(seed=seed).step, 1, -1, 7, SOURCES).tolist() for seed in range(5)]
    assert sum(rows[0] != rows[1] for rows in generated) >= 3
    assert sum(len(set(rows[0])) > 1 for rows in generated) >= 3


def several(decode: Callable[[Step], Tensor], seed: int) -> tuple[Tensor, Tensor, int, int]:
    """Generate without and with the cache for all sources; the results and how much was computed."""
    plain, model = SmallDecoder(seed=seed), SmallDecoder(seed=seed)
    cached = CachedStep(model.advance)
    results = decode(plain.step), decode(cached)
    assert cached.computed == model.computed
    return *results, plain.computed, cached.computed


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "decode",
    [
        lambda step: greedy_decode(step, 1, -1, limit=7, rows=SOURCES),  # -1: none ever ends
        lambda step: sample(step, 1, -1, 7, torch.Generator().manual_seed(4), top_p=0.9, rows=SOURCES),
    ],
    ids=["greedy", "sampling"],
)
def test_a_cache_changes_nothing_but_the_work(decode: Callable[[Step], Tensor], seed: int):
    expected, got, without, computed = several(decode, seed)
    assert torch.equal(expected, got)
    assert without == SOURCES * sum(range(1, 8))
    assert computed == SOURCES * 7


@pytest.mark.parametrize("seed", range(5))
def test_rows_that_have_ended_stay_in_the_cache(seed: int):
    expected, got, _, computed = several(lambda step: greedy_decode(step, 1, 0, 9, SOURCES), seed)
    assert torch.equal(expected, got)
    assert computed == got.numel()


@pytest.mark.parametrize("seed", range(5))
def test_a_cache_follows_the_beam(seed: int):
    for source in range(SOURCES):
        plain, model = (SmallDecoder(slice(source, source + 1), seed) for _ in range(2))
        cached = CachedStep(model.advance, one_source=True)
        expected, got = (
            beam_search(step, 1, END, width=4, limit=7, length_power=0.5) for step in (plain.step, cached)
        )
        assert [one.symbols for one in got] == [one.symbols for one in expected]
        assert [one.score for one in got] == pytest.approx([one.score for one in expected], abs=1e-12)
        assert cached.computed == model.computed <= 1 + 6 * 4
        assert plain.computed > 2 * cached.computed


def test_only_rows_of_one_source_go_on_from_each_other():
    """Swapped prefixes belong to other sources now: the past of the other row must not be used."""
    prefixes = torch.tensor([[1, 2], [1, 3], [1, 4]])
    swapped = torch.tensor([[1, 3, 5], [1, 2, 5], [1, 4, 5]])
    model = SmallDecoder()
    cached = CachedStep(model.advance)
    cached(prefixes)
    torch.testing.assert_close(cached(swapped), model.step(swapped))
    assert cached.computed == prefixes.numel() + swapped.numel()
    cached = CachedStep(SmallDecoder(slice(1)).advance, one_source=True)
    cached(prefixes)
    torch.testing.assert_close(cached(swapped), SmallDecoder(slice(1)).step(swapped))
    assert cached.computed == prefixes.numel() + len(swapped)


@pytest.mark.parametrize(
    ("rows", "computed"),
    [(3, 3), (2, 6), (4, 12)],  # with another number of rows all begin anew
)
def test_rows_go_on_from_themselves_if_there_are_as_many(rows: int, computed: int):
    prefixes = torch.tensor([[1, 2], [1, 3], [1, 4], [1, 4]])
    longer = torch.cat([prefixes, prefixes[:, :1]], dim=1)
    model = SmallDecoder(slice(1))
    cached = CachedStep(model.advance)
    cached(prefixes[:3])
    model.computed = 0
    output = cached(longer[:rows])
    assert model.computed == computed
    torch.testing.assert_close(output, model.step(longer[:rows]))


@pytest.mark.parametrize(
    "then",
    [
        [[1, 2]],  # the same again
        [[1]],  # shorter
        [[1, 3, 4]],  # another beginning
        [[1, 2, 3, 4]],  # two symbols more
        [[1, 2, 3], [1, 4, 5]],  # one goes on, the other does not
    ],
)
def test_a_cache_that_does_not_fit_is_left(then: list[list[int]]):
    model = SmallDecoder(slice(1))
    cached = CachedStep(model.advance, one_source=True)
    cached(torch.tensor([[1, 2]]))
    torch.testing.assert_close(cached(torch.tensor(then)), model.step(torch.tensor(then)))
    assert cached.computed == 2 + torch.tensor(then).numel()


def test_a_cache_is_not_fooled_by_prefixes_changed_in_place():
    model, prefixes = SmallDecoder(slice(1)), torch.tensor([[1, 2]])
    cached = CachedStep(model.advance, one_source=True)
    cached(prefixes)
    prefixes[0, 1] = 3
    longer = torch.tensor([[1, 3, 4]])
    torch.testing.assert_close(cached(longer), model.step(longer))
