"""Words and alphabets."""

import re

import pytest

from course_lib.data import words


@pytest.mark.parametrize(
    ("read", "pattern", "about"), [(words.english, "[a-z]{3,}", 1363), (words.korean, "[가-힣]{2,}", 1208)]
)
def test_words_are_sorted_unique_and_of_one_script(read, pattern: str, about: int):
    found = read()
    assert found == sorted(set(found))
    assert [word for word in found if not re.fullmatch(pattern, word)] == []
    assert len(found) == pytest.approx(about, rel=0.1)


def test_known_words_are_there():
    assert {"korean", "iceland", "dollar", "cyrillic"} <= set(words.english())
    assert {"한국어", "아이슬란드", "달러"} <= set(words.korean())


def test_jamo_take_syllables_apart():
    assert words.to_jamo("한국") == "\u1112\u1161\u11ab\u1100\u116e\u11a8"


def test_alphabet_numbers_the_sorted_letters_from_one():
    alphabet = words.Alphabet(["cab", "bad"])
    assert alphabet.symbols == (".", "a", "b", "c", "d")
    assert len(alphabet) == 5
    assert [sequence.tolist() for sequence in alphabet.encode(["cab", "d"])] == [[0, 3, 1, 2, 0], [0, 4, 0]]


@pytest.mark.parametrize("read", [words.english, words.korean])
def test_decode_undoes_encode(read):
    letters = [words.to_jamo(word) for word in read()]
    alphabet = words.Alphabet(letters)
    assert [alphabet.decode(sequence) for sequence in alphabet.encode(letters)] == letters


def test_unknown_letters_are_named():
    with pytest.raises(ValueError, match=r"'bed' has letters that aren't in the alphabet: e"):
        words.Alphabet(["bad"]).encode(["bed"])


def test_the_boundary_is_no_letter():
    with pytest.raises(ValueError, match=r"must not contain '\.'"):
        words.Alphabet(["a.b"])
    with pytest.raises(ValueError, match="aren't in the alphabet"):
        words.Alphabet(["ab"]).encode(["a.b"])
