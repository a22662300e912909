"""The explorers of lecture 10 say what their layers compute."""

import re

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.explore import Diagram, Explorer
from course_lib.lectures.encoder.encoder_explorer import encoder, typed_encoder
from course_lib.lectures.encoder.norm_orders_explorer import PLACES, STEPS, norm_orders
from course_lib.models.encoder_classifier import EncoderClassifier
from course_lib.models.transformer import EncoderLayer, make_encoder
from tests.explore.reading import panel, plain

LETTERS = ("·", "a", "b", "c")
STREAM, LENGTHS, ALIKE = "residual stream", "lengths", "similarity"
LINKS, WEIGHTS, READ_OUT = "what each token reads", "weights of one head", "read-out"
LAYERS, HEADS, PADDING, D_MODEL = 3, 2, 2, 8


def make(seed: int = 0, **options) -> EncoderClassifier:
    generator = torch.Generator().manual_seed(seed)
    layers = make_encoder(LAYERS, D_MODEL, HEADS, 6, generator, **options)
    model = EncoderClassifier(len(LETTERS), 6, layers, len(LETTERS), generator)
    with torch.no_grad():
        model.weight_output.mul_(3)
    return model


@pytest.fixture(scope="module")
def model() -> EncoderClassifier:
    return make()


@pytest.fixture(scope="module")
def tokens() -> Tensor:
    return torch.tensor([2, 1, 3, 1])


@pytest.fixture(scope="module")
def explorer(model: EncoderClassifier, tokens: Tensor) -> Explorer:
    return encoder(model, tokens, list("baca"), LETTERS, PADDING)


def numbers_in(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", plain(text))]


def run(model: EncoderClassifier, tokens: Tensor, padding: bool, mask: bool):
    """Scores and trace of the tokens alone, or padded and masked or not."""
    row = torch.cat([tokens, tokens.new_zeros(PADDING)])[None] if padding else tokens[None]
    readable = torch.arange(row.shape[1])[None] < (len(tokens) if mask else row.shape[1])
    with torch.no_grad():
        return model(row, readable)


each_setting = pytest.mark.parametrize(
    ("padding", "mask"), [(True, True), (True, False), (False, True), (False, False)]
)


@each_setting
@pytest.mark.parametrize(("layer", "head"), [(1, 1), (2, 2), (3, 1)])
def test_every_picture_is_the_models(
    explorer: Explorer,
    model: EncoderClassifier,
    tokens: Tensor,
    padding: bool,
    mask: bool,
    layer: int,
    head: int,
):
    scores, trace = run(model, tokens, padding, mask)
    setting = {"layer": layer, "head": head, "padding": padding, "mask": mask}
    steps, all_steps = scores.shape[1], len(tokens) + PADDING
    weights = trace.layers[layer - 1].attended.weights[0].numpy()
    links, of_head = panel(explorer, LINKS, **setting).data, panel(explorer, WEIGHTS, **setting).data
    np.testing.assert_array_equal(links[:, :steps, :steps], weights)
    np.testing.assert_array_equal(of_head[:steps, :steps], weights[head - 1])

    stream = panel(explorer, STREAM, **setting).data
    assert stream.shape == (all_steps, D_MODEL, 2 * LAYERS + 1)
    lengths = panel(explorer, LENGTHS, **setting).data
    for number, each in enumerate(trace.layers):
        stages = trace.stream[number], each.between, trace.stream[number + 1]
        for stage, vectors in enumerate(stages):
            np.testing.assert_array_equal(stream[:steps, :, 2 * number + stage], vectors[0])
        assert each.thought is not None
        for part, added in enumerate((each.attended.output, each.thought)):
            np.testing.assert_allclose(lengths[:steps, 0, 2 * number + part], stages[part][0].norm(dim=-1))
            np.testing.assert_allclose(lengths[:steps, 1, 2 * number + part], added[0].norm(dim=-1))

    after = trace.stream[layer][0].numpy()
    unit = after / np.linalg.norm(after, axis=1, keepdims=True)
    alike = panel(explorer, ALIKE, **setting).data
    np.testing.assert_allclose(alike[:steps, :steps], unit @ unit.T)
    chances = panel(explorer, READ_OUT, **setting).data
    np.testing.assert_allclose(chances[:steps], scores[0].softmax(dim=-1))
    for empty in (links[:, steps:], of_head[:, steps:], stream[steps:], alike[steps:], chances[steps:]):
        assert np.isnan(empty).all()
    for shown in explorer(**setting):
        low, high = shown.limits
        assert low - 1e-9 <= np.nanmin(shown.data) and np.nanmax(shown.data) <= high + 1e-9


@each_setting
def test_captions_tell_what_padding_gets_and_changes(
    explorer: Explorer, model: EncoderClassifier, tokens: Tensor, padding: bool, mask: bool
):
    setting = {"layer": 2, "padding": padding, "mask": mask}
    scores, trace = run(model, tokens, padding, mask)
    alone, _ = run(model, tokens, False, True)
    said = panel(explorer, LINKS, **setting).caption
    share = trace.layers[1].attended.weights[0, :, :4, 4:].sum(dim=-1).mean().item()
    assert said == f"Layer 2, all heads. Of what the tokens read, padding is {share:.0%}."
    assert (share > 0) == (padding and not mask)
    answers, expected = scores[0, :4].argmax(dim=-1), alone[0].argmax(dim=-1)
    said = panel(explorer, READ_OUT, **setting).caption
    assert said.startswith(f"Most likely: {' '.join(LETTERS[answer] for answer in answers)}. ")
    if padding and not mask:
        changed = int((answers != expected).sum())
        assert said.endswith(f"changed: {changed} of 4 answers, and other probabilities.")
    else:
        assert said.endswith("changed: nothing.")


def test_padding_that_is_read_can_change_answers():
    counts = set()
    for seed in range(5):
        shown = encoder(make(seed), torch.tensor([2, 1, 3, 1]), list("baca"), LETTERS, PADDING)
        counts.add(numbers_in(panel(shown, READ_OUT, mask=False).caption)[0])
    assert max(counts) > 0


def test_captions_tell_lengths_likeness_and_the_strongest_reading(explorer: Explorer):
    setting = {"layer": 3, "head": 2}
    lengths = panel(explorer, LENGTHS, **setting)
    means = lengths.data[:4].mean(axis=0)
    told = numbers_in(re.sub(r"(att|ff) \d", "", lengths.caption))
    expected = [value for part in range(2 * LAYERS) for value in (means[1, part], means[0, part])]
    assert told == pytest.approx(expected, abs=0.051)
    stream = panel(explorer, STREAM, **setting)
    ends = np.linalg.norm(stream.data[:4, :, [0, -1]], axis=1).mean(axis=0)
    assert numbers_in(stream.caption) == pytest.approx([D_MODEL, *ends], abs=0.051)
    alike = panel(explorer, ALIKE, **setting)
    mean = (alike.data[:4, :4].sum() - 4) / 12
    assert numbers_in(alike.caption) == pytest.approx([3, mean], abs=0.0051)
    weights = panel(explorer, WEIGHTS, **setting)
    query, key = np.unravel_index(weights.data[:4].argmax(), (4, 6))
    reads = f"“{'baca'[query]}” at {query + 1} reads “{'baca'[key]}” at {key + 1}"
    assert weights.caption == f"Layer 3, head 2. Strongest: {reads} ({weights.data[query, key]:.2f})."


def test_a_model_without_networks_adds_nothing_there(tokens: Tensor):
    bare = encoder(make(without=("feed_forward",)), tokens, list("baca"), LETTERS, 0)
    assert (panel(bare, LENGTHS).data[:, 1, 1::2] == 0).all()


def test_a_single_token_is_like_no_other(model: EncoderClassifier):
    one = encoder(model, torch.tensor([2]), ["b"], LETTERS, 0)
    assert panel(one, ALIKE).caption == "After layer 3: there is one token only."


def test_an_encoder_is_a_sweep_and_a_typed_one_is_the_same(explorer: Explorer, model: EncoderClassifier):
    def read(text: str) -> tuple[Tensor, list[str]]:
        return torch.tensor([LETTERS.index(letter) for letter in text], dtype=torch.long), list(text)

    typed = typed_encoder(model, "baca", read, LETTERS)
    assert typed.live and not explorer.live
    frames, _ = explorer.frames(explorer.settings())
    assert len(frames["captions"]) == LAYERS * HEADS * 2 * 2
    for setting in ({}, {"layer": 1, "head": 2, "mask": False}, {"padding": False}):
        for shown, expected in zip(typed(**setting), explorer(**setting), strict=True):
            np.testing.assert_array_equal(shown.data, expected.data)
            assert (shown.caption, shown.description()) == (expected.caption, expected.description())
    assert panel(typed, WEIGHTS, text="ab").data.shape == (6, 6)
    for text in ("", "abcabca"):
        with pytest.raises(ValueError, match=f"^Type 1 to 6 tokens; these are {len(text)}.$"):
            typed(text=text)


def test_what_does_not_fit_gets_a_line(model: EncoderClassifier, tokens: Tensor):
    with pytest.raises(ValueError, match="give a name to each of the 4 tokens, not 3 names"):
        encoder(model, tokens, list("bac"), LETTERS)
    with pytest.raises(ValueError, match="give a name to each of the 4 scores"):
        encoder(model, tokens, list("baca"), LETTERS[1:])
    message = "the model has 6 positions, too few for 4 tokens and 3 of padding"
    with pytest.raises(ValueError, match=message):
        encoder(model, tokens, list("baca"), LETTERS, 3)


# the two orders


@pytest.fixture
def layer(generator: torch.Generator) -> EncoderLayer:
    return EncoderLayer(D_MODEL, HEADS, 6, generator)


@pytest.fixture
def x(generator: torch.Generator) -> Tensor:
    return 2 * torch.randn(5, D_MODEL, generator=generator)


@pytest.mark.parametrize("rotary", [False, True])
def test_lengths_are_those_of_both_orders(rotary: bool, x: Tensor, generator: torch.Generator):
    layer = EncoderLayer(D_MODEL, HEADS, 6, generator, rotary=rotary)
    with torch.no_grad():
        read = layer.attention(layer.norm_attention(x[None])).output
        between = x + read
        thought = layer.feed_forward(layer.norm_feed_forward(between))
        pre = [x, layer.norm_attention(x), read, between, layer.norm_feed_forward(between), thought]
        pre += [between + thought, between + thought]
        first = x + layer.attention(x[None]).output
        between = layer.norm_attention(first)
        thought = layer.feed_forward(between)
        last = layer.norm_feed_forward(between + thought)
        post = [x, layer.attention(x[None]).output, first, between, thought, between + thought, last, last]
    for shown, vectors in zip(norm_orders(layer, x)(), (pre, post), strict=True):
        lengths = [vector.norm(dim=-1).mean().item() for vector in vectors]
        np.testing.assert_allclose(shown.data, lengths)
        assert shown.limits[1] >= max(lengths)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_layer_of_either_order_shows_both(norm: str, layer: EncoderLayer, x: Tensor):
    other = EncoderLayer(D_MODEL, HEADS, 6, norm=norm)  # pyrefly: ignore
    other.load_state_dict(layer.state_dict())
    for shown, expected in zip(norm_orders(other, x)(), norm_orders(layer, x)(), strict=True):
        np.testing.assert_array_equal(shown.data, expected.data)


def test_parts_light_up_when_what_they_read_is_there(layer: EncoderLayer, x: Tensor):
    explorer = norm_orders(layer, x)
    for places in PLACES.values():
        for place in places.values():
            assert all(places[origin].step < place.step or place.node.label for origin in place.reads)
    for computed in range(STEPS + 1):
        for shown, places in zip(explorer(computed=computed), PLACES.values(), strict=True):
            assert isinstance(shown, Diagram)
            steps = [place.step for place in places.values()]
            expected = [(step < computed) / 2 + (step == computed) for step in steps]
            assert shown.lit.tolist() == expected
            assert shown.lit.max() == 1


def test_captions_tell_what_is_computed(layer: EncoderLayer, x: Tensor):
    explorer = norm_orders(layer, x)
    pre, post = explorer(computed=6)
    assert numbers_in(pre.caption) == pytest.approx(pre.data[[0, 3, 6]], abs=0.051)
    assert numbers_in(post.caption) == pytest.approx(post.data[[0, 2, 3, 5, 6]], abs=0.051)
    start = explorer(computed=0)[0].caption
    assert start == f"Given: the stream, vectors of length {pre.data[0]:.1f} on average."
    said = explorer(computed=3)[0].caption
    assert said == f"sum 1 reads in and attention: its vectors have length {pre.data[3]:.1f}."


def test_a_layer_that_lacks_a_part_is_refused(x: Tensor):
    layer = EncoderLayer(D_MODEL, HEADS, 6, without=("norm",))
    with pytest.raises(
        ValueError, match="the diagram shows a layer with all its parts; this one has no norm"
    ):
        norm_orders(layer, x)
