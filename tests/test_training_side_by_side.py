"""Several models trained side by side: each as if it were trained alone."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib.models.recurrent import GRU, LSTM, RNN, SequencePredictor
from course_lib.training import fit, fit_side_by_side


@pytest.fixture(autouse=True)
def no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")


def draw_sums(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    inputs = torch.randn(4, 5, 2, generator=generator)
    return inputs, 10 * inputs.sum(dim=(1, 2))


def sum_loss(model, inputs: Tensor, targets: Tensor) -> Tensor:
    return (model(inputs)[0][:, -1, 0] - targets).square().mean()


def networks(kind) -> list[SequencePredictor]:
    generators = [torch.Generator().manual_seed(seed) for seed in range(3)]
    return [SequencePredictor(kind(2, 3, generator), 1, generator) for generator in generators]


@pytest.mark.parametrize(("clip", "seeds"), [(1e-3, None), (math.inf, (5, 0, 5))])
@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
def test_side_by_side_each_is_trained_as_alone(kind, clip: float, seeds: tuple[int, ...] | None):
    alone, together = networks(kind), networks(kind)
    expected = [
        fit(
            model.parameters(),
            lambda generator, model=model: sum_loss(model, *draw_sums(generator)),
            steps=20,
            learning_rate=3e-2,
            clip=clip,
            seed=seed,
        )
        for seed, model in zip(seeds or range(3), alone, strict=True)
    ]
    losses = fit_side_by_side(
        together, draw_sums, sum_loss, steps=20, learning_rate=3e-2, clip=clip, seeds=seeds
    )
    torch.testing.assert_close(torch.tensor(losses), torch.tensor(expected), rtol=1e-9, atol=0)
    for model, other in zip(together, alone, strict=True):
        for parameter, wanted in zip(model.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(parameter, wanted, rtol=1e-7, atol=1e-9)


def test_side_by_side_a_norm_of_1_is_the_largest_by_default():
    """Where all gradients are clipped, Adam makes no difference between limits; one of these is not."""

    def train(model: torch.nn.Module, **options: Any) -> None:
        slopes = iter([10.0, 0.5, 1.5])
        fit_side_by_side(
            [model],
            lambda _generator: (torch.full((1,), next(slopes)),),
            lambda model, slope: model(slope).sum(),
            steps=3,
            **options,
        )

    default, chosen = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
    chosen.load_state_dict(default.state_dict())
    train(default)
    train(chosen, clip=1.0)
    assert torch.equal(default.weight, chosen.weight)


def test_side_by_side_they_are_watched_as_they_are():
    models, alone = networks(RNN), networks(RNN)[1]
    fit(alone.parameters(), lambda generator: sum_loss(alone, *draw_sums(generator)), steps=50, seed=1)
    seen = []

    def watch() -> None:
        seen.append(models[1].layer.weight_hidden.detach().clone())

    fit_side_by_side(models, draw_sums, sum_loss, steps=120, watch=watch)
    assert len(seen) == 2
    torch.testing.assert_close(seen[0], alone.layer.weight_hidden.detach(), rtol=1e-7, atol=1e-9)


class Shifted(torch.nn.Module):
    """Embeddings that are shifted by a buffer; one parameter is never used, and one is frozen."""

    def __init__(self, shift: float):
        super().__init__()
        self.register_buffer("shift", torch.tensor(shift))
        self.embedding = torch.nn.Parameter(torch.ones(3, 2))
        self.scale = torch.nn.Parameter(torch.tensor(2.0))
        self.unused = torch.nn.Parameter(torch.ones(2))
        self.frozen = torch.nn.Parameter(torch.ones(2), requires_grad=False)

    def forward(self, symbols: Tensor) -> Tensor:
        return self.scale * self.embedding[symbols] * self.frozen + self.shift


def test_buffers_unused_and_frozen_parameters_and_integer_batches_are_as_in_fit():
    def draw(generator: torch.Generator) -> tuple[Tensor]:
        return (torch.randint(3, (4,), generator=generator),)

    def loss(model, symbols: Tensor) -> Tensor:
        return model(symbols).square().sum()

    alone, together = ([Shifted(0.5), Shifted(-2.0)] for _ in range(2))
    for seed, model in enumerate(alone):
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        fit(trained, lambda generator, model=model: loss(model, *draw(generator)), steps=9, seed=seed)
    fit_side_by_side(together, draw, loss, steps=9)
    for model, other in zip(together, alone, strict=True):
        torch.testing.assert_close(model.state_dict(), other.state_dict())


@pytest.mark.parametrize("other", ["activation", "kind", "mode"])
def test_models_that_differ_in_more_than_numbers_are_refused(other: str):
    models = networks(RNN)
    if other == "activation":
        models[1].layer = RNN(2, 3, activation=torch.relu)
    if other == "kind":
        models[1] = networks(GRU)[1]
    if other == "mode":
        models[1].eval()
    with pytest.raises(ValueError, match="differ in more than their numbers are to be trained one by one"):
        fit_side_by_side(models, draw_sums, sum_loss, steps=1)


@pytest.mark.parametrize("chosen", [[], [0, 1, 0]])
def test_each_model_is_given_once(chosen: list[int]):
    models = networks(RNN)
    with pytest.raises(ValueError, match="give one model or more, and none of them twice"):
        fit_side_by_side([models[number] for number in chosen], draw_sums, sum_loss, steps=1)


def test_each_model_needs_a_seed():
    with pytest.raises(ValueError, match="one seed for each of the 3 models, not 2"):
        fit_side_by_side(networks(RNN), draw_sums, sum_loss, steps=1, seeds=(0, 1))


@pytest.mark.parametrize("done", [0, 2])
def test_an_interrupt_keeps_what_all_have_learnt(done: int, capsys: pytest.CaptureFixture[str]):
    batches = 0

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        nonlocal batches
        batches += 1
        if batches == 3 * done + 2:
            raise KeyboardInterrupt
        return draw_sums(generator)

    models, expected = networks(RNN), networks(RNN)
    losses = fit_side_by_side(models, draw, sum_loss, steps=9, label="sums")
    assert list(map(len, losses)) == [done] * 3
    stopped = f"sums: stopped after {done} of 9 steps; what was learnt so far is kept\n"
    assert capsys.readouterr().out == stopped
    fit_side_by_side(expected, draw_sums, sum_loss, steps=done)
    for model, other in zip(models, expected, strict=True):
        assert torch.equal(model.layer.weight_hidden, other.layer.weight_hidden)


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_one_loss_that_is_not_finite_leaves_all_models_as_they_were(bad: float):
    models, before = networks(RNN), networks(RNN)
    batches = 0

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        nonlocal batches
        batches += 1
        return (*draw_sums(generator), torch.tensor(bad if batches == 3 * 2 + 2 else 0.0))

    def loss(model, inputs: Tensor, targets: Tensor, extra: Tensor) -> Tensor:
        return sum_loss(model, inputs, targets) + extra

    with pytest.raises(FloatingPointError, match=rf"sums, seed 6: the loss is {bad} at step 2; start again"):
        fit_side_by_side(models, draw, loss, steps=3, label="sums", seeds=(5, 6, 7))
    for model, other in zip(models, before, strict=True):
        assert torch.equal(model.layer.weight_hidden, other.layer.weight_hidden)


def test_one_gradient_that_is_not_finite_leaves_all_models_as_they_were():
    models, before = networks(RNN), networks(RNN)
    batches = 0

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        nonlocal batches
        batches += 1
        return (*draw_sums(generator), torch.tensor(0.0 if batches == 3 * 2 + 2 else 1.0))

    def loss(model, inputs: Tensor, targets: Tensor, factor: Tensor) -> Tensor:
        return (factor * sum_loss(model, inputs, targets)).sqrt()

    with pytest.raises(FloatingPointError, match=r"^sums, seed 6: the gradient's norm is nan at step 2"):
        fit_side_by_side(models, draw, loss, steps=3, label="sums", seeds=(5, 6, 7))
    for model, other in zip(models, before, strict=True):
        assert torch.equal(model.layer.weight_hidden, other.layer.weight_hidden)


@pytest.mark.parametrize(("shape", "told"), [((1,), r"\(1,\)"), ((2, 3), r"\(2, 3\)")])
def test_losses_that_are_no_scalars_are_refused(shape: tuple[int, ...], told: str):
    def loss(model: Any, *batch: Tensor) -> Tensor:
        return sum_loss(model, *batch).expand(shape)

    with pytest.raises(ValueError, match=f"letters: the loss must be a scalar, not of shape {told}"):
        fit_side_by_side(networks(RNN), draw_sums, loss, steps=1, label="letters")
