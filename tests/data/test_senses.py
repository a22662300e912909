"""Made-up sentences with an ambiguous word."""

import pytest
import torch

from course_lib.data import senses


def test_the_second_noun_is_a_cue_of_the_meaning_and_the_third_of_another_word(generator: torch.Generator):
    drawn = senses.draw_sentences(300, generator)
    assert drawn.tokens.shape == (300, 11)
    for tokens, asked, meaning in zip(*drawn, strict=True):
        words = senses.decode(tokens)
        assert words[asked] in senses.SENSES
        assert words[7] in senses.SENSES[words[asked]][meaning]
        assert words[10] in {
            cue
            for word, meanings in senses.SENSES.items()
            if word != words[asked]
            for cues in meanings
            for cue in cues
        }


def test_every_word_and_both_meanings_occur(generator: torch.Generator):
    drawn = senses.draw_sentences(2000, generator)
    assert drawn.tokens.unique().tolist() == list(range(len(senses.VOCABULARY)))
    assert drawn.meanings.double().mean().item() == pytest.approx(0.5, abs=0.05)


def test_the_other_nouns_tell_nothing_of_the_meaning(generator: torch.Generator):
    drawn = senses.draw_sentences(20_000, generator)
    for place in (4, 10):
        for token in drawn.tokens[:, place].unique():
            share = drawn.meanings[drawn.tokens[:, place] == token].double().mean().item()
            assert share == pytest.approx(0.5, abs=0.06)


def test_no_word_stands_twice_in_the_vocabulary():
    assert len(set(senses.VOCABULARY)) == len(senses.VOCABULARY)


def test_encode_and_decode():
    tokens = senses.encode("  We saw the BANK ")
    assert senses.decode(tokens) == ["we", "saw", "the", "bank"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("we saw a horse", "“a” is not one of the 31 words"),
        ("  ", "Type words, such as: we saw"),
    ],
)
def test_what_cannot_be_encoded_is_named(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        senses.encode(text)
