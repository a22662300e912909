"""The training loop: it learns, repeats itself, clips, and stops cleanly."""

import copy
import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib import training
from course_lib.training import fit, fit_side_by_side


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


GOES_ON = "a layer: trained before, goes on from there; to start over, make the model again first\n"


def train_layer(layer: torch.nn.Module, side_by_side: bool) -> None:
    def draw(_generator: torch.Generator) -> tuple[Tensor, ...]:
        return (torch.ones(1, 2),)

    def loss(model: Any, inputs: Tensor) -> Tensor:
        return model(inputs).square().mean()

    if side_by_side:
        fit_side_by_side([layer], draw, loss, 1, label="a layer")
    else:
        fit(layer.parameters(), lambda generator: loss(layer, *draw(generator)), 1, label="a layer")


def test_one_model_of_several_that_was_trained_before_is_enough(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    shell = SimpleNamespace(execution_count=1)
    monkeypatch.setattr(training, "get_ipython", lambda: shell)
    old, new = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    train_layer(old, side_by_side=False)
    capsys.readouterr()
    shell.execution_count = 2
    batch = (torch.ones(1, 2),)
    fit_side_by_side(
        [new, old], lambda _: batch, lambda model, x: model(x).square().mean(), 1, label="a layer"
    )
    assert capsys.readouterr().out == GOES_ON


@pytest.mark.parametrize("side_by_side", [False, True])
def test_training_that_goes_on_from_an_earlier_cell_says_so(
    side_by_side: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    shell = SimpleNamespace(execution_count=7)
    monkeypatch.setattr(training, "get_ipython", lambda: shell)
    layer = torch.nn.Linear(2, 1)
    said = []
    for run, model in (
        (7, layer),
        (7, layer),
        (8, layer),
        (8, layer),
        (9, copy.deepcopy(layer)),
        (10, layer),
    ):
        shell.execution_count = run
        train_layer(model, side_by_side)
        said.append(capsys.readouterr().out)
    assert said == ["", "", GOES_ON, "", "", GOES_ON]


def test_outside_of_notebooks_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    layer = torch.nn.Linear(2, 1)
    for _ in range(2):
        train_layer(layer, side_by_side=False)
    assert capsys.readouterr().out == ""


def noisy_losses(**seed: Any) -> list[float]:
    weight = torch.zeros(3, requires_grad=True)
    return fit([weight], lambda g: (weight - torch.randn(3, generator=g)).square().sum(), steps=5, **seed)


def test_the_seed_decides_the_run_and_the_global_one_does_not():
    torch.manual_seed(1)
    first = noisy_losses(seed=7)
    torch.manual_seed(2)
    assert noisy_losses(seed=7) == first
    assert noisy_losses(seed=8) != first
    assert noisy_losses() == noisy_losses(seed=0) != first


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


def test_a_norm_of_1_is_the_largest_by_default():
    weight = torch.zeros(4, requires_grad=True)
    fit([weight], quadratic(weight), steps=1)
    assert weight.grad is not None
    assert weight.grad.norm().item() == pytest.approx(1)


@pytest.fixture(autouse=True)
def no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")


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


def test_a_gradient_that_is_not_finite_stops_before_it_spoils_the_parameters():
    weight = torch.ones(2, requires_grad=True)

    def loss(_generator: torch.Generator) -> Tensor:
        return (weight - weight.detach().round()).abs().sqrt().sum()

    with pytest.raises(
        FloatingPointError, match=r"^roots: the gradient's norm is nan at step 0; the loss is finite"
    ):
        fit([weight], loss, steps=2, label="roots")
    assert weight.tolist() == [1, 1]


@pytest.mark.parametrize(("shape", "told"), [((1,), r"\(1,\)"), ((2, 3), r"\(2, 3\)")])
def test_a_loss_that_is_no_scalar_is_refused(shape: tuple[int, ...], told: str):
    weight = torch.zeros(1, requires_grad=True)
    with pytest.raises(ValueError, match=f"letters: the loss must be a scalar, not of shape {told}"):
        fit([weight], lambda _generator: weight.expand(shape), steps=1, label="letters")


def test_the_bar_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    weight = torch.zeros(1, requires_grad=True)
    fit([weight], quadratic(weight), steps=2, label="letters")
    out, error = capsys.readouterr()
    *bars, last = out.rstrip("\r").split("\r")
    assert "letters" in "".join(bars) and not last.strip()
    assert error == "" and "\n" not in out


def test_what_is_said_of_an_interrupt_has_a_line_without_the_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)

    def loss(_generator: torch.Generator) -> Tensor:
        raise KeyboardInterrupt

    fit([torch.zeros(1, requires_grad=True)], loss, steps=2, label="letters")
    *bars, blank, last = capsys.readouterr().out.split("\r")
    assert "letters" in "".join(bars) and not blank.strip()
    assert last == "letters: stopped after 0 of 2 steps; what was learnt so far is kept\n"


def test_the_bar_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    weight = torch.zeros(1, requires_grad=True)
    fit([weight], quadratic(weight), steps=2)
    assert capsys.readouterr() == ("", "")


def test_it_is_watched_every_50_updates():
    weight = torch.zeros(1, requires_grad=True)
    seen = []
    fit([weight], quadratic(weight), steps=120, watch=lambda: seen.append(weight.item()))
    assert len(seen) == 2 and 0 < seen[0] < seen[1]
