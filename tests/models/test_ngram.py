"""N-gram models on words whose counts are known, and on the course's words."""

import math

import pytest
import torch

from course_lib.data import words
from course_lib.models.ngram import NGram

ALPHABET = words.Alphabet(["aab", "ab"])  # . a b
SEQUENCES = ALPHABET.encode(["aab", "ab"])


def test_unigram_counts_letters_and_closing_boundaries():
    unigram = NGram(1, 3, smoothing=0).fit(SEQUENCES)
    assert unigram.probabilities(()).tolist() == pytest.approx([2 / 7, 3 / 7, 2 / 7])


def test_bigram_and_trigram_count_what_follows_a_context():
    bigram = NGram(2, 3, smoothing=0).fit(SEQUENCES)
    assert bigram.probabilities((0,)).tolist() == [0, 1, 0]
    assert bigram.probabilities((1,)).tolist() == pytest.approx([0, 1 / 3, 2 / 3])
    trigram = NGram(3, 3, smoothing=0).fit(SEQUENCES)
    assert trigram.probabilities((0, 1)).tolist() == [0, 0.5, 0.5]
    assert trigram.contexts_seen == 4  # .. .a aa ab


def test_an_unseen_context_asks_the_shorter_one():
    trigram = NGram(3, 3, smoothing=0).fit(SEQUENCES)
    assert trigram.probabilities((2, 1)).tolist() == pytest.approx([0, 1 / 3, 2 / 3])
    assert NGram(3, 4).probabilities((2, 1)).tolist() == [0.25] * 4


def test_smoothing_adds_observations_of_the_shorter_context():
    bigram = NGram(2, 3, smoothing=2.0).fit(SEQUENCES)
    unigram = (torch.tensor([2.0, 3, 2]) + 2 / 3) / 9
    expected = (torch.tensor([0.0, 1, 2]) + 2 * unigram) / 5
    torch.testing.assert_close(bigram.probabilities((1,)), expected)
    assert bigram.probabilities((1,)).sum().item() == pytest.approx(1)


def test_nats_are_the_mean_over_letters_and_closing_boundaries():
    bigram = NGram(2, 3, smoothing=0).fit(SEQUENCES)
    assert bigram.nats_per_symbol(ALPHABET.encode(["ab"])) == pytest.approx(-math.log(2 / 3) / 3)
    assert bigram.nats_per_symbol(ALPHABET.encode(["ba"])) == math.inf
    assert NGram(2, 3).nats_per_symbol(SEQUENCES) == pytest.approx(math.log(3))


def test_fitting_again_adds_counts():
    in_two_parts = NGram(2, 3).fit(SEQUENCES[:1]).fit(SEQUENCES[1:])
    at_once = NGram(2, 3).fit(iter(SEQUENCES))
    assert in_two_parts.probabilities((1,)).tolist() == at_once.probabilities((1,)).tolist()


def test_what_was_asked_before_is_counted_anew():
    bigram = NGram(2, 3, smoothing=0).fit(SEQUENCES[:1])
    assert bigram.probabilities((1,)).tolist() == [0, 0.5, 0.5]
    bigram.fit(SEQUENCES[1:])
    assert bigram.probabilities((1,)).tolist() == pytest.approx([0, 1 / 3, 2 / 3])


@pytest.mark.parametrize("context", [(1,), (3,)])
def test_what_is_handed_out_is_no_part_of_the_table(context: tuple[int, ...]):
    bigram = NGram(2, 4, smoothing=0).fit(SEQUENCES)
    before = bigram.probabilities(context).tolist()
    bigram.probabilities(context).zero_()
    assert bigram.probabilities(context).tolist() == before


def test_table_size():
    assert [NGram(order, 27).table_size for order in (1, 2, 3)] == [27, 729, 19683]


def test_order_zero_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        NGram(0, 27)


def test_samples_are_words_between_boundaries(generator: torch.Generator):
    bigram = NGram(2, 3, smoothing=0).fit(SEQUENCES)
    samples = [bigram.sample(generator) for _ in range(2000)]
    assert all(sample[0] == 0 and sample[-1] == 0 for sample in samples)
    spelled = [ALPHABET.decode(sample) for sample in samples]
    assert all(set(word[:-1]) == {"a"} and word[-1] == "b" for word in spelled)
    assert spelled.count("ab") / 2000 == pytest.approx(2 / 3, abs=0.03)
    assert max(len(bigram.sample(generator, longest=2)) for _ in range(50)) == 4


def test_a_word_without_end_is_cut_after_30_letters(generator: torch.Generator):
    endless = NGram(1, 2, smoothing=0).fit([torch.tensor([0, 1])])
    assert endless.sample(generator).tolist() == [0, *[1] * 30, 0]


@pytest.mark.parametrize(
    ("read", "margin"),
    [(words.english, 0.3), (lambda: [words.to_jamo(word) for word in words.korean()], 0.6)],
)
def test_the_ladder_on_held_out_words(read, margin: float):
    """Uniform, unigram, bigram, trigram: each predicts held-out words better than the one before."""
    vocabulary = read()
    alphabet = words.Alphabet(vocabulary)
    sequences = alphabet.encode(vocabulary)
    held_out = sequences[::10]
    training = [sequence for number, sequence in enumerate(sequences) if number % 10]
    uniform = math.log(len(alphabet))
    unigram, bigram, trigram = (
        NGram(order, len(alphabet)).fit(training).nats_per_symbol(held_out) for order in (1, 2, 3)
    )
    assert uniform - margin > unigram
    assert unigram - margin > bigram
    assert bigram > trigram + 0.02
