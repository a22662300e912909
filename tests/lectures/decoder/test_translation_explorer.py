"""The explorer of lecture 11 shows what the model computes when it translates."""

import warnings

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.data import dates
from course_lib.explore import Bars, Heat, Links, Panel
from course_lib.lectures.decoder.translation_explorer import IN_LATIN, LIKELY, translation
from course_lib.models.translation import RecurrentTranslator, TransformerTranslator, Translated, Translator

WORDS = len(dates.VOCABULARY)
TEXT = "Saturday, March 3"


def transformer(seed: int = 1) -> TransformerTranslator:
    return TransformerTranslator(WORDS, 8, 2, torch.Generator().manual_seed(seed))


@pytest.fixture
def model() -> Translator:
    return transformer()


@torch.no_grad()
def greedily(model: Translator, words: list[str]) -> tuple[Tensor, Translated]:
    """What the model writes, by whole forward passes, and the last of these."""
    source = dates.encode(words)[None]
    written = [dates.START]
    while len(written) <= 20 and dates.END not in written:
        written.append(int(model(source, torch.tensor([written])).scores[0, -1].argmax()))
    return torch.tensor(written[1:]), model(source, torch.tensor([written[:-1]]))


def panels(shown: list[Panel]) -> tuple[Links, Heat, Bars]:
    links, heat, bars = shown
    assert isinstance(links, Links) and isinstance(heat, Heat) and isinstance(bars, Bars)
    return links, heat, bars


def spelt(tokens: Tensor) -> list[str]:
    return ["end" if token == dates.END else dates.VOCABULARY[token] for token in tokens]


@pytest.mark.parametrize(
    ("change", "word", "words"),
    [
        ("nothing", 20, ["Saturday", ",", "March", "3"]),
        ("drop", 1, [",", "March", "3"]),
        ("drop", 4, ["Saturday", ",", "March"]),
        ("swap", 1, [",", "Saturday", "March", "3"]),
        ("swap", 3, ["Saturday", ",", "3", "March"]),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_weights_and_candidates_are_the_models(seed: int, change: str, word: int, words: list[str]):
    model = transformer(seed)
    written, translated = greedily(model, words)
    links, heat, bars = panels(translation(model)(text=TEXT, change=change, word=word))
    assert translated.crossed is not None
    weights = translated.crossed.weights[0].numpy()
    np.testing.assert_allclose(links.data, weights, rtol=0, atol=1e-12)
    np.testing.assert_allclose(heat.data, weights.mean(axis=0), rtol=0, atol=1e-12)
    for panel in (links, heat):
        assert (panel.x_names, panel.y_names) == (words, spelt(written))
    chances = translated.scores[0].softmax(dim=-1)
    expected = [token for token in range(WORDS) if chances[:, token].max() >= LIKELY or token in written]
    assert bars.x_names == spelt(torch.tensor(expected))
    np.testing.assert_allclose(bars.data[:, 0], chances[:, expected], rtol=0, atol=1e-12)
    assert bars.place == chances[range(len(written)), written].argmin()


def test_what_is_written_is_a_candidate_however_unlikely():
    model = transformer()
    with torch.no_grad():
        model.weight_output.mul_(0.01)
        model.bias_output.zero_()
    written, translated = greedily(model, ["Saturday", ",", "March", "3"])
    assert translated.scores.softmax(dim=-1).max() < LIKELY
    _, _, bars = panels(translation(model)(text=TEXT))
    assert set(bars.x_names) == set(spelt(written))


def test_a_recurrent_model_has_one_head(generator: torch.Generator):
    model = RecurrentTranslator(WORDS, 8, generator, attention=True)
    links, heat, _ = panels(translation(model)(text=TEXT))
    np.testing.assert_allclose(links.data[0], heat.data)
    assert links.names == ["head 1"]


def test_a_model_without_attention_is_refused(generator: torch.Generator):
    model = RecurrentTranslator(WORDS, 8, generator, attention=False)
    with pytest.raises(ValueError, match="this model has no attention to the source"):
        translation(model)()


class Copier(TransformerTranslator):
    """Writes what it is told to, surely but for one step."""

    def __init__(self, words: list[str], unsure: int):
        super().__init__(WORDS, 8, 2, torch.Generator().manual_seed(0))
        self.tokens, self.unsure = [dates.encode([word])[0] for word in words] + [dates.END], unsure

    def decode(self, target, encoded, past=None):
        computed = super().decode(target, encoded, past)
        before = 0 if past is None else past[0].own.key.shape[-2]
        scores = torch.full_like(computed.scores, -20.0)
        for step in range(target.shape[1]):
            place = before + step
            scores[:, step, self.tokens[place]] = np.log(0.6 if place == self.unsure else 0.99)
            scores[:, step, dates.encode(["8"])] = np.log(0.4 if place == self.unsure else 0.01)
        return Translated(scores, computed.crossed, computed.past)


def test_the_captions_say_what_was_written():
    model = Copier(["1", "월", "토요일"], unsure=1)
    links, heat, bars = panels(translation(model)(text="saturday , MARCH"))
    assert links.caption == "“Saturday, March” becomes “1월 토요일”."
    most = heat.data.argmax(axis=1)
    told = [
        f"“{name}” “{heat.x_names[most[k]]}” ({heat.data[k].max():.2f})"
        for k, name in enumerate(["1", "월", "토요일", "end"])
    ]
    assert heat.caption == f"Each reads most: {', '.join(told)}."
    assert bars.caption == "Least sure at word 2, “월”, with probability 0.60."
    assert bars.place == 1 and set(bars.x_names) == {"1", "8", "월", "토요일", "end"}


def test_what_does_not_end_is_said(model: Translator):
    with torch.no_grad():
        model.bias_output[dates.END] = -1e6
    links, _, _ = panels(translation(model)(text=TEXT))
    assert links.caption.endswith(", and no end after 20 words.")
    assert len(links.y_names) == 20


def test_one_of_several_models_is_chosen(model: Translator):
    other = transformer(5)
    both = translation({"first": model, "second": other}, TEXT)
    assert list(both.controls) == ["text", "change", "word", "model"]
    for name, alone in (("first", model), ("second", other)):
        for shown, expected in zip(both(model=name), translation(alone, TEXT)(), strict=True):
            np.testing.assert_array_equal(shown.data, expected.data)
    assert "model" not in translation(model).controls
    for shown, expected in zip(translation({"only": model}, TEXT)(), translation(model, TEXT)(), strict=True):
        np.testing.assert_array_equal(shown.data, expected.data)
    assert both.live


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"text": "Saturday, Marz 3"}, "“Marz” is unknown"),
        ({"text": "  "}, "Type a date, such as:"),
        ({"text": "1 " * 21}, "Type at most 20 words; these are 21."),
    ],
)
def test_what_cannot_be_translated_is_complained_of(model: Translator, setting: dict, complaint: str):
    with pytest.raises(ValueError, match=complaint) as caught:
        translation(model, TEXT)(**setting)
    assert "\n" not in str(caught.value)


def test_a_word_that_is_not_there_is_the_last_that_can_be_changed(model: Translator):
    explorer = translation(model, TEXT)  # of 4 words
    for change, last in {"drop": 4, "swap": 3}.items():
        assert explorer(change=change, word=20)[0].caption == explorer(change=change, word=last)[0].caption
        assert explorer.fits(text=TEXT, change=change, word=1) == {"change": 3, "word": last}
    assert explorer.fits(text=TEXT, change="nothing", word=1) == {"change": 3, "word": 0}
    for change in ("drop", "swap"):
        assert explorer(text="May", change=change)[0].caption.startswith("“May” becomes")
        assert explorer.fits(text="May", change=change, word=1) == {"change": 1, "word": 0}


def test_paper_has_a_letter_for_every_word(model: Translator):
    korean = translation(model, "2018년 3월 5일 (월)")
    assert "년" in panels(korean())[0].x_names
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a missing glyph
        figure = korean.figure()
        figure.canvas.draw()
    names = {label.get_text() for axes in figure.axes for label in axes.get_xticklabels()}
    assert {"nyeon", "wol", "il"} <= names


def test_every_korean_word_can_be_put_on_paper():
    korean = {word for word in dates.VOCABULARY if "가" <= word <= "힣"}
    assert set(IN_LATIN) == korean
