"""Markov chains on sequences whose counts are known."""

import math

import pytest
import torch

from course_lib.models.markov import MarkovChain, stationary_distribution, transition_matrix

CHAIN = MarkovChain(
    torch.tensor([0.2, 0.8, 0.0]), torch.tensor([[0.5, 0.5, 0.0], [0.1, 0.6, 0.3], [0.0, 0.4, 0.6]])
)


def test_transitions_are_counted_and_normalised():
    sequences = [torch.tensor([0, 1, 1, 0, 1]), torch.tensor([1, 0]), torch.tensor([2])]
    expected = torch.tensor([[0, 1, 0], [2 / 3, 1 / 3, 0], [1 / 3, 1 / 3, 1 / 3]])
    torch.testing.assert_close(transition_matrix(sequences, 3), expected)


def test_smoothing_is_added_to_every_count():
    expected = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    torch.testing.assert_close(transition_matrix([torch.tensor([0, 1])], 2, smoothing=0.5), expected)


def test_transitions_of_a_long_sample_approach_the_chain(generator: torch.Generator):
    sample = CHAIN.sample(20000, generator)
    assert sample.shape == (20000,)
    torch.testing.assert_close(transition_matrix([sample], 3), CHAIN.transition, atol=0.02, rtol=0)
    frequencies = torch.bincount(sample) / len(sample)
    torch.testing.assert_close(frequencies, stationary_distribution(CHAIN.transition), atol=0.02, rtol=0)


def test_samples_start_from_the_initial_distribution(generator: torch.Generator):
    firsts = torch.tensor([CHAIN.sample(1, generator).item() for _ in range(2000)])
    torch.testing.assert_close(torch.bincount(firsts, minlength=3) / 2000, CHAIN.initial, atol=0.03, rtol=0)


def test_joint_probability_is_the_product():
    assert CHAIN.log_probability(torch.tensor([1, 2, 1, 0])).item() == pytest.approx(
        math.log(0.8 * 0.3 * 0.4 * 0.1)
    )
    assert CHAIN.log_probability(torch.tensor([0])).item() == pytest.approx(math.log(0.2))
    assert CHAIN.log_probability(torch.tensor([0, 2])).item() == -math.inf


def test_distribution_after_some_steps():
    torch.testing.assert_close(CHAIN.distribution(0), CHAIN.initial)
    torch.testing.assert_close(CHAIN.distribution(1), torch.tensor([0.18, 0.58, 0.24]))
    torch.testing.assert_close(CHAIN.distribution(200), stationary_distribution(CHAIN.transition))


def test_stationary_distribution_stays():
    stationary = stationary_distribution(CHAIN.transition)
    torch.testing.assert_close(stationary @ CHAIN.transition, stationary)
    assert stationary.sum().item() == pytest.approx(1)
    two_states = stationary_distribution(torch.tensor([[0.9, 0.1], [0.3, 0.7]]))
    assert two_states.tolist() == pytest.approx([0.75, 0.25])


def test_stationary_distribution_of_a_chain_that_alternates():
    assert stationary_distribution(torch.tensor([[0.0, 1.0], [1.0, 0.0]])).tolist() == pytest.approx(
        [0.5, 0.5]
    )
