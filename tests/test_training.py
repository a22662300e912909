"""The training loop: it learns, repeats itself, clips, and stops cleanly."""

import math

import pytest
import torch
from torch import Tensor

from course_lib.training import fit


def quadratic(weight: Tensor):
    return lambda _generator: (weight - 3).square().sum()


def test_it_reaches_the_minimum():
    weight = torch.zeros(2, requires_grad=True)
    losses = fit([weight], quadratic(weight), steps=300, learning_rate=0.1)
    assert len(losses) == 300
    assert losses[0] == 18
    assert losses[-1] < 1e-6
    torch.testing.assert_close(weight.detach(), torch.full((2,), 3.0), atol=1e-3, rtol=0)


def test_a_generator_of_parameters_is_read_once():
    layer = torch.nn.Linear(2, 1)
    before = layer.weight.detach().clone()
    fit(layer.parameters(), lambda _generator: layer(torch.ones(1, 2)).square().mean(), steps=3)
    assert not torch.equal(layer.weight, before)


def noisy_losses(seed: int) -> list[float]:
    weight = torch.zeros(3, requires_grad=True)
    return fit([weight], lambda g: (weight - torch.randn(3, generator=g)).square().sum(), steps=5, seed=seed)


def test_the_seed_decides_the_run_and_the_global_one_does_not():
    torch.manual_seed(1)
    first = noisy_losses(seed=7)
    torch.manual_seed(2)
    assert noisy_losses(seed=7) == first
    assert noisy_losses(seed=8) != first


def test_the_first_update_moves_by_the_learning_rate():
    weight = torch.zeros(2, requires_grad=True)
    fit([weight], quadratic(weight), steps=1, learning_rate=0.3)
    assert weight.tolist() == pytest.approx([0.3, 0.3])


@pytest.mark.parametrize("clip", [0.5, math.inf])
def test_the_gradient_is_clipped(clip: float):
    weight = torch.zeros(4, requires_grad=True)
    fit([weight], quadratic(weight), steps=1, clip=clip)
    assert weight.grad is not None
    assert weight.grad.norm().item() == pytest.approx(min(clip, 12.0))


def test_an_interrupt_keeps_the_losses_so_far(capsys: pytest.CaptureFixture[str]):
    weight = torch.zeros(1, requires_grad=True)

    values = iter([1.0, 2.0, 3.0])

    def loss(_generator: torch.Generator) -> Tensor:
        value = next(values, None)
        if value is None:
            raise KeyboardInterrupt
        return weight.square().sum() + value

    assert fit([weight], loss, steps=10, label="letters") == [1, 2, 3]
    assert capsys.readouterr().out == "letters: stopped after 3 of 10 steps; what was learnt so far is kept\n"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_before_it_spoils_the_parameters(bad: float):
    weight = torch.ones(1, requires_grad=True)
    with pytest.raises(FloatingPointError, match=r"letters: the loss is (nan|inf) at step 0; .* below 0\.01"):
        fit([weight], lambda _generator: (weight * bad).sum(), steps=2, label="letters")
    assert weight.item() == 1


def test_the_bar_leaves_nothing_on_standard_output(capsys: pytest.CaptureFixture[str]):
    weight = torch.zeros(1, requires_grad=True)
    fit([weight], quadratic(weight), steps=2)
    assert capsys.readouterr().out == ""
