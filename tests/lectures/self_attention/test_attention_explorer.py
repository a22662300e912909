"""The explorers of lecture 07 say what their models compute."""

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.explore import Explorer
from course_lib.explore.panels import Stack
from course_lib.lectures.self_attention.attention_explorer import (
    TEMPERATURES,
    attention,
    soft_look_up,
    typed_attention,
)
from course_lib.models.attention import SelfAttention, causal_mask
from tests.explore.reading import numbers_in, panel
from tests.explore.samples import WORDS, read_words

D_MODEL, D_K, D_V = 6, 5, 4
NAMES = ["the", "old", "bank", "water"]


@pytest.fixture
def layer(generator: torch.Generator) -> SelfAttention:
    return SelfAttention(D_MODEL, D_K, D_V, generator)


@pytest.fixture
def x(generator: torch.Generator) -> Tensor:
    return torch.randn(4, D_MODEL, generator=generator)


@pytest.fixture
def explorer(layer: SelfAttention, x: Tensor) -> Explorer:
    return attention(layer, x, NAMES)


def test_a_soft_look_up_weighs_by_dot_products():
    keys = {"east": (1.0, 0.0), "north": (0.0, 1.0), "west": (-1.0, 0.0)}
    look_up = soft_look_up(keys, (10, 20, 40))
    assert not look_up.live
    for direction, length in ((45, 4), (90, 2), (0, 0)):
        points, weights = (found.data for found in look_up(direction=direction, length=length))
        query = length * np.array([np.cos(np.deg2rad(direction)), np.sin(np.deg2rad(direction))])
        np.testing.assert_allclose(points, np.array([*keys.values(), tuple(query)]), atol=1e-12)
        expected = np.exp(np.array(list(keys.values())) @ query)
        np.testing.assert_allclose(weights[0], expected / expected.sum())
    caption = look_up(direction=45, length=4)[1].caption
    assert caption == "Read: east 0.50, north 0.50, west 0.00. Output: 15.0."


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("mask", ["none", "causal"])
def test_every_step_is_the_layers(
    explorer: Explorer, layer: SelfAttention, x: Tensor, temperature: float, scaled: bool, mask: str
):
    setting = {"temperature": temperature, "scaled": scaled, "mask": mask}
    causal = causal_mask(4) if mask == "causal" else torch.ones(4, 4, dtype=torch.bool)
    scale = (D_K**-0.5 if scaled else 1) / temperature
    with torch.no_grad():
        outcome = layer(x[None], mask=causal, scale=scale)
    scores = (outcome.query[0] @ outcome.key[0].T).numpy()
    weights, value = outcome.weights[0].numpy(), outcome.value[0].numpy()
    np.testing.assert_allclose(panel(explorer, "scores", **setting).data, scores)
    expected = np.where(causal, scale * scores, np.nan)
    scaled_scores = panel(explorer, "scaled scores", **setting)
    np.testing.assert_allclose(scaled_scores.data, expected)
    assert np.nanmax(abs(expected)) <= scaled_scores.limits[1]  # so that it can be read as it is
    np.testing.assert_array_equal(panel(explorer, "weights", **setting).data, weights)
    np.testing.assert_array_equal(panel(explorer, "row of weights", **setting).data[:, 0], weights)
    table = panel(explorer, "weight × value, and the sum", **setting).data
    assert table.shape == (4, 4 + 1, D_V)
    np.testing.assert_allclose(table[:, :-1], weights[:, :, None] * value)
    np.testing.assert_allclose(table[:, :-1].sum(axis=1), table[:, -1])
    np.testing.assert_array_equal(table[:, -1], outcome.output[0].numpy())


def test_captions_say_how_the_weights_are(explorer: Explorer):
    for temperature in (0.1, 1.0, 10.0):
        shown = panel(explorer, "weights", temperature=temperature)
        mean, total = numbers_in(shown.caption)
        assert mean == pytest.approx(shown.data.max(axis=1).mean(), abs=0.005)
        assert total == 1
    shown = panel(explorer, "scaled scores", temperature=2.0, mask="causal")
    known = shown.data[~np.isnan(shown.data)]
    expected = [D_K**-0.5 / 2, known.min(), known.max(), known.std()]
    assert numbers_in(shown.caption) == pytest.approx(expected, abs=0.005)


def test_an_attention_is_a_sweep_and_a_typed_one_is_the_same(layer: SelfAttention, x: Tensor):
    def read(text: str) -> tuple[Tensor, list[str]]:
        return x[: len(text.split())], text.split()

    names = ["a", "b", "c"]
    fixed, typed = attention(layer, x[:3], names), typed_attention(layer, "a b c", read)
    assert typed.live and not fixed.live
    frames, _ = fixed.frames(fixed.settings())
    assert len(frames["captions"]) == 2 * 2 * len(TEMPERATURES)
    for shown, expected in zip(typed(), fixed(), strict=True):
        np.testing.assert_array_equal(shown.data, expected.data)
        assert shown.description() == expected.description()


def test_the_query_shown_first_can_be_chosen(layer: SelfAttention, x: Tensor):
    names = [f"token {k}" for k in range(len(x))]
    for chosen, place in ((2, 2), (None, len(x) - 1)):
        shown = [panel for panel in attention(layer, x, names, query=chosen)() if isinstance(panel, Stack)]
        assert {panel.place for panel in shown if panel.among} == {place}
    for query in (-1, len(x)):
        with pytest.raises(ValueError, match=f"counted from 0 to {len(x) - 1}; there is no query {query}"):
            attention(layer, x, names, query=query)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Type 1 to 40 tokens; these are 0."),
        ("the " * 41, "Type 1 to 40 tokens; these are 41."),
        ("the boat", "“boat” is not one of the words the, old, bank, near, water."),
    ],
)
def test_what_cannot_be_read_is_complained_of(
    layer: SelfAttention, text: str, complaint: str, generator: torch.Generator
):
    embedding = torch.randn(len(WORDS), D_MODEL, generator=generator)

    def read(text: str) -> tuple[Tensor, list[str]]:
        tokens, words = read_words(text)
        return embedding[tokens], words

    typed = typed_attention(layer, "the", read)
    with pytest.raises(ValueError) as caught:
        typed(text=text)
    assert str(caught.value) == complaint


def test_names_must_fit(layer: SelfAttention, x: Tensor):
    with pytest.raises(ValueError, match="give a name to each of the 2 tokens, not 4 names"):
        attention(layer, x[:2], NAMES)
