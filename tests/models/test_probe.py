"""The linear probe finds what is in the states, and nothing else."""

import torch

from course_lib.models.probe import LinearProbe, fit_linear_probe


def test_predictions_take_the_highest_score():
    probe = LinearProbe(torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), torch.tensor([0.0, 0.0, 0.5]))
    states = torch.tensor([[2.0, 1.0], [0.0, 1.0], [0.1, 0.2]])
    assert probe.predict(states).tolist() == [0, 1, 2]
    assert probe.accuracy(states, torch.tensor([0, 1, 1])) == 2 / 3


def test_it_reads_a_class_that_is_linearly_in_the_states(generator: torch.Generator):
    labels = torch.randint(3, (400,), generator=generator)
    centres = 4 * torch.randn(3, 5, generator=generator)
    states = centres[labels] + torch.randn(400, 5, generator=generator)
    probe = fit_linear_probe(states[:200], labels[:200], classes=4)
    assert probe.weights.shape == (4, 5)
    assert probe.accuracy(states[200:], labels[200:]) > 0.95


def test_it_reads_nothing_from_states_without_it(generator: torch.Generator):
    labels = torch.randint(3, (4000,), generator=generator)
    states = torch.randn(4000, 5, generator=generator)
    probe = fit_linear_probe(states[:2000], labels[:2000], classes=3)
    assert abs(probe.accuracy(states[2000:], labels[2000:]) - 1 / 3) < 0.05


def test_it_is_the_least_squares_solution(generator: torch.Generator):
    states = torch.randn(50, 3, generator=generator)
    labels = torch.randint(2, (50,), generator=generator)
    probe = fit_linear_probe(states, labels, classes=2)
    targets = torch.nn.functional.one_hot(labels, 2)
    residuals = targets - (states @ probe.weights.T + probe.bias)
    torch.testing.assert_close(residuals.sum(dim=0), torch.zeros(2))
    torch.testing.assert_close(states.T @ residuals, torch.zeros(3, 2))
