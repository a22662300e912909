"""Random words that are to be read backwards."""

import pytest
import torch

from course_lib.data import backwards


def test_targets_are_the_words_backwards(generator: torch.Generator):
    tokens, targets, lengths = backwards.draw_words(200, generator, shortest=2, longest=5)
    assert tokens.shape == targets.shape == (200, 5)
    for word, turned, length in zip(tokens, targets, lengths.tolist(), strict=True):
        assert (word[:length] > 0).all()
        assert turned[:length].tolist() == word[:length].tolist()[::-1]
        assert (word[length:] == 0).all() and (turned[length:] == 0).all()


def test_every_length_and_letter_is_as_likely(generator: torch.Generator):
    tokens, _, lengths = backwards.draw_words(20_000, generator)
    for length in range(3, 7):
        assert (lengths == length).double().mean().item() == pytest.approx(1 / 4, abs=0.02)
    letters = tokens[tokens > 0]
    for letter in range(1, 9):
        assert (letters == letter).double().mean().item() == pytest.approx(1 / 8, abs=0.01)


def test_words_of_one_length(generator: torch.Generator):
    drawn = backwards.draw_words(4, generator, shortest=1, longest=1)
    assert drawn.tokens.tolist() == drawn.targets.tolist()
    assert drawn.lengths.tolist() == [1] * 4


def test_impossible_lengths_get_a_line(generator: torch.Generator):
    for shortest, longest in ((0, 3), (4, 3)):
        message = rf"^words have 1 letter at least; these would have {shortest} to {longest}$"
        with pytest.raises(ValueError, match=message):
            backwards.draw_words(2, generator, shortest, longest)


def test_encode_and_decode():
    tokens, targets, lengths = backwards.encode(["bag", "facade"])
    assert [backwards.decode(row) for row in tokens] == ["bag···", "facade"]
    assert [backwards.decode(row) for row in targets] == ["gab···", "edacaf"]
    assert lengths.tolist() == [3, 6]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bag", "bug"], "“u” in “bug” is not one of the letters a, b, c, d, e, f, g, h."),
        (["bag", ""], "Type a word of the letters a, b, c, d, e, f, g, h."),
        ([], "Type a word of the letters a, b, c, d, e, f, g, h."),
    ],
)
def test_what_cannot_be_encoded_is_named(words: list[str], message: str):
    with pytest.raises(ValueError) as caught:
        backwards.encode(words)
    assert str(caught.value) == message
