"""The explorers of lecture 08 say what their models compute."""

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.explore import Explorer, Heat
from course_lib.lectures.multi_head_attention.heads_explorer import heads, typed_heads
from course_lib.models.attention import MultiHeadAttention
from tests.explore.reading import numbers_in, panel
from tests.explore.samples import ANSWERS, WORDS, attended, read_words

READ_OUT = "read-out, probabilities"


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
def test_what_cannot_be_read_is_complained_of(model, text: str, complaint: str):
    typed = typed_heads(model, "the", read_words)
    with pytest.raises(ValueError) as caught:
        typed(text=text)
    assert str(caught.value) == complaint


def test_names_must_fit(model, tokens: Tensor, names: list[str]):
    with pytest.raises(ValueError, match="give a name to each of the 4 tokens, not 3 names"):
        heads(model, tokens, names[:3])
    with pytest.raises(ValueError, match="give a name to each of the 3 scores, or to none"):
        heads(model, tokens, names, ANSWERS[:2])()
