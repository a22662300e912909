"""The explorers of lectures 07 to 09 say what their models compute."""

import re

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.explore import Explorer, Heat, Panel
from course_lib.explore.panels import Stack
from course_lib.lectures.multi_head_attention.heads_explorer import heads, typed_heads
from course_lib.lectures.positional_encoding.positions_explorer import BASES, LENGTHS, SIZES, positions
from course_lib.lectures.self_attention.attention_explorer import (
    TEMPERATURES,
    attention,
    soft_look_up,
    typed_attention,
)
from course_lib.models.attention import MultiHeadAttention, SelfAttention, causal_mask
from course_lib.models.positions import rotate, sinusoidal_encoding
from tests.explore.samples import ANSWERS, WORDS, attended, read_words

D_MODEL, D_K, D_V = 6, 5, 4
READ_OUT = "read-out, probabilities"


def panel(explorer: Explorer, title: str, **setting: object) -> Panel:
    (found,) = (panel for panel in explorer(**setting) if panel.title == title)
    return found


def numbers_in(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


# heads


@pytest.fixture(scope="module")
def model():
    return attended()


@pytest.fixture(scope="module")
def tokens() -> Tensor:
    return torch.tensor([0, 1, 2, 4])


@pytest.fixture(scope="module")
def names(tokens: Tensor) -> list[str]:
    return [WORDS[token] for token in tokens]


@pytest.fixture(scope="module")
def three_heads(model, tokens: Tensor, names: list[str]) -> Explorer:
    return heads(model, tokens, names, ANSWERS)


@pytest.mark.parametrize("removed", [[], [1], [0, 2], [0, 1, 2]])
def test_links_maps_and_read_out_are_the_models(three_heads: Explorer, model, tokens: Tensor, removed: list):
    with torch.no_grad():
        scores, outcome = model(tokens[None], removed=removed)
    weights = outcome.weights[0].numpy().copy()
    weights[removed] = np.nan
    setting = {f"head_{head + 1}": head not in removed for head in range(3)}
    np.testing.assert_array_equal(panel(three_heads, "what each token reads", **setting).data, weights)
    for head in range(3):
        shown = panel(three_heads, f"head {head + 1}", **setting)
        np.testing.assert_array_equal(shown.data, weights[head])
        assert (shown.caption == "Removed.") == (head in removed)
    chances = scores[0].softmax(dim=-1).numpy()
    np.testing.assert_array_equal(panel(three_heads, READ_OUT, **setting).data, chances)


def test_the_caption_names_the_strongest_reading(three_heads: Explorer, names: list[str]):
    weights = panel(three_heads, "head 2").data
    query, key = np.unravel_index(weights.argmax(), weights.shape)
    said = f"Strongest: “{names[query]}” reads “{names[key]}” ({weights.max():.2f})"
    assert panel(three_heads, "head 2").caption == f"{said}."
    only_second = {"head_1": False, "head_3": False}
    assert panel(three_heads, "what each token reads", **only_second).caption == f"{said}, in head 2."
    none = {**only_second, "head_2": False}
    assert panel(three_heads, "what each token reads", **none).caption.startswith("All heads are removed")


def test_the_caption_tells_every_answer_and_what_removing_changes(three_heads: Explorer, names: list[str]):
    everything = panel(three_heads, READ_OUT)
    answers, chances = everything.data.argmax(axis=1), everything.data.max(axis=1)
    told = [f"{names[k]}: {ANSWERS[answers[k]]} {chances[k]:.2f}" for k in range(4)]
    assert everything.caption == f"Most likely: {'; '.join(told)}."
    changes = set()
    for removed in ("1", "2", "3"):
        without = panel(three_heads, READ_OUT, **{f"head_{removed}": False})
        changed = [f"“{names[k]}”" for k in np.flatnonzero(without.data.argmax(axis=1) != answers)]
        what = f"the answer changes at {', '.join(changed)}." if changed else "every token keeps its answer."
        assert without.caption.endswith(f" Without head {removed} {what}")
        changes.add(bool(changed))
    assert changes == {True, False}  # both sentences were seen


def test_of_many_tokens_the_mean_is_told(model):
    tokens = torch.arange(20) % len(WORDS)
    shown = panel(heads(model, tokens, [WORDS[token] for token in tokens]), READ_OUT)
    assert numbers_in(shown.caption) == [pytest.approx(shown.data.max(axis=1).mean(), abs=0.005)]
    assert isinstance(shown, Heat) and shown.x_names == ["1", "2", "3"]


def test_each_question_has_a_read_out_of_its_own(model, tokens: Tensor, names: list[str]):
    two = heads(model, tokens, names, ANSWERS, {"first": slice(0, 2), "second": slice(2, 3)})
    with torch.no_grad():
        scores = model(tokens[None])[0][0]
    first, second = panel(two, "first"), panel(two, "second")
    np.testing.assert_allclose(first.data, scores[:, :2].softmax(dim=-1))
    assert (second.data == 1).all()
    assert isinstance(first, Heat) and first.x_names == ANSWERS[:2]


def test_an_attention_alone_has_no_read_out(names: list[str], generator: torch.Generator):
    layer = MultiHeadAttention(8, 2, generator)
    x = torch.randn(4, 8, generator=generator)
    alone = heads(layer, x, names)
    assert [shown.title for shown in alone()] == ["what each token reads", "head 1", "head 2"]
    np.testing.assert_array_equal(alone()[0].data, layer(x[None]).weights[0].detach().numpy())


def test_few_heads_are_a_sweep_and_many_are_live(three_heads: Explorer, tokens: Tensor, names: list[str]):
    assert not three_heads.live
    frames, _ = three_heads.frames(three_heads.settings())
    assert len(frames["captions"]) == 2**3
    assert heads(attended(16), tokens, names).live


def test_typed_tokens_are_read(model):
    typed = typed_heads(model, "the old bank", read_words, ANSWERS)
    assert typed.live
    for text in ("the old bank", "water"):
        fixed = heads(model, *read_words(text), ANSWERS)
        for shown, expected in zip(typed(text=text, head_2=False), fixed(head_2=False), strict=True):
            np.testing.assert_array_equal(shown.data, expected.data)
            assert (shown.caption, shown.description()) == (expected.caption, expected.description())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Type 1 to 40 tokens; these are 0."),
        ("the " * 41, "Type 1 to 40 tokens; these are 41."),
        ("the boat", "“boat” is not one of the words the, old, bank, near, water."),
    ],
)
def test_what_cannot_be_read_is_complained_of(model, text: str, complaint: str, generator: torch.Generator):
    layer = SelfAttention(D_MODEL, D_K, D_V, generator)
    embedding = torch.randn(len(WORDS), D_MODEL, generator=generator)

    def read(text: str) -> tuple[Tensor, list[str]]:
        tokens, words = read_words(text)
        return embedding[tokens], words

    for typed in (typed_heads(model, "the", read_words), typed_attention(layer, "the", read)):
        with pytest.raises(ValueError) as caught:
            typed(text=text)
        assert str(caught.value) == complaint


def test_names_must_fit(model, tokens: Tensor, names: list[str], generator: torch.Generator):
    with pytest.raises(ValueError, match="give a name to each of the 4 tokens, not 3 names"):
        heads(model, tokens, names[:3])
    with pytest.raises(ValueError, match="give a name to each of the 3 scores, or to none"):
        heads(model, tokens, names, ANSWERS[:2])()
    layer = SelfAttention(D_MODEL, D_K, D_V, generator)
    with pytest.raises(ValueError, match="give a name to each of the 2 tokens, not 4 names"):
        attention(layer, torch.randn(2, D_MODEL, generator=generator), names)


# soft look-up


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


# attention


@pytest.fixture
def layer(generator: torch.Generator) -> SelfAttention:
    return SelfAttention(D_MODEL, D_K, D_V, generator)


@pytest.fixture
def x(generator: torch.Generator) -> Tensor:
    return torch.randn(4, D_MODEL, generator=generator)


@pytest.fixture
def explorer(layer: SelfAttention, x: Tensor, names: list[str]) -> Explorer:
    return attention(layer, x, names)


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


# positions


@pytest.fixture(scope="module")
def of_positions() -> Explorer:
    return positions()


@pytest.mark.parametrize(("size", "base", "length"), [(8, 10, 16), (64, 10_000, 64), (16, 100, 32)])
def test_encodings_waves_and_similarities(of_positions: Explorer, size: int, base: int, length: int):
    setting = {"kind": "sinusoidal", "size": size, "base": base, "length": length}
    expected = sinusoidal_encoding(length, size, base).numpy()
    shown, waves, alike = (panel.data for panel in of_positions(**setting))
    assert shown.shape == (64, 64)
    np.testing.assert_array_equal(shown[:: 64 // size, :length].T, expected)
    np.testing.assert_array_equal(shown[64 // size - 1 :: 64 // size, :length].T, expected)
    assert np.isnan(shown[:, length:]).all()
    np.testing.assert_array_equal(waves[[0, 3], :length].T, expected[:, [0, size - 2]])
    products = expected @ expected.T / (size / 2)  # of every two positions: their distance decides
    for first in (0, 5):
        np.testing.assert_allclose(alike[0, : length - first], products[first, first:], atol=1e-12)
    assert np.isnan(alike[0, length:]).all()


def test_rotary_positions_turn_pairs(of_positions: Explorer):
    setting = {"kind": "rotary", "size": 16, "base": 100, "length": 32}
    shown, _, alike = (panel.data for panel in of_positions(**setting))
    sine_first = sinusoidal_encoding(32, 16, 100).numpy()
    np.testing.assert_allclose(shown[::4, :32].T[:, 0::2], sine_first[:, 1::2], atol=1e-12)
    np.testing.assert_allclose(shown[::4, :32].T[:, 1::2], sine_first[:, 0::2], atol=1e-12)
    turned = rotate(torch.ones(32, 16), torch.arange(32), 100)
    for first in (0, 7):
        products = (turned[first:] @ turned[first] / 16).numpy()
        np.testing.assert_allclose(alike[0, : 32 - first], products, atol=1e-12)


def test_captions_of_positions_tell_the_wave_lengths_and_the_fall(of_positions: Explorer):
    setting = {"size": 8, "base": 10_000}
    told = panel(of_positions, "four of its waves", **setting).caption.replace(",", "")
    expected = 2 * np.pi * 10.0 ** np.arange(4)
    assert numbers_in(told) == pytest.approx(expected, rel=0.01)
    likeness = panel(of_positions, "similarity of two positions", **setting)
    _, _, half, lowest, least = numbers_in(likeness.caption)
    alike = likeness.data[0]
    assert (alike[: int(half)] >= 0.5).all() and alike[int(half)] < 0.5
    assert (alike.argmin(), alike.min()) == (lowest, pytest.approx(least, abs=0.005))


def test_positions_are_a_sweep_that_starts_where_it_is_told():
    chosen = positions(size=16, base=100, length=32)
    assert chosen.setting == {"kind": "sinusoidal", "size": 16, "base": 100, "length": 32}
    assert not chosen.live
    frames, _ = chosen.frames(chosen.settings())
    assert len(frames["captions"]) == 2 * len(SIZES) * len(BASES) * len(LENGTHS)
