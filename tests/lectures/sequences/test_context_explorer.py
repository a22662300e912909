"""The explorer of lecture 01 says what each model reads."""

import numpy as np
import pytest
import torch

from course_lib.explore import Arrows, Explorer
from course_lib.lectures.sequences import context_explorer
from course_lib.models.recurrent import RNN, SequencePredictor
from tests.explore.reading import (
    captions,
    data,
    every_control_changes_the_picture,
    is_small_sweep,
    numbers_in,
)

TIME = 12


@pytest.fixture(scope="module")
def context() -> Explorer:
    return context_explorer.context(torch.linspace(3, 25, TIME))


def test_a_small_sweep_in_which_every_control_changes_the_picture(context: Explorer):
    assert every_control_changes_the_picture(context, model="AR(order)")
    assert is_small_sweep(context)


@pytest.mark.parametrize(
    ("step", "model", "order", "read"),
    [
        (8, "naive", 2, [1, 2, 3, 4, 5, 6, 7]),
        (8, "AR(order)", 3, [5, 6, 7]),
        (2, "AR(order)", 5, [1]),
        (8, "Markov", 3, [7]),
        (2, "naive", 1, [1]),
        (8, "latent", 3, []),
    ],
)
def test_arrows_come_from_what_is_read(context: Explorer, step: int, model: str, order: int, read: list[int]):
    graph = context(step=step, model=model, order=order)[0]
    assert isinstance(graph, Arrows)
    arrows = {(int(origin) + 1, int(target) + 1) for origin, target in np.argwhere(graph.links > 0)}
    h = TIME
    states = {(k, h + k) for k in range(1, step)} | {(h + k, h + k + 1) for k in range(1, step - 1)}
    states.add((h + step - 1, step))
    assert arrows == (states if model == "latent" else {(k, step) for k in read})
    assert np.isnan(graph.data[step - 1 :]).all()
    assert graph.data[: step - 1] == pytest.approx(np.linspace(3, 25, TIME)[: step - 1])
    if read:
        table = 3 * 4 ** len(read)
        told = [len(read), step - 1, len(read) + 1, 4, table]
        assert numbers_in(graph.caption.replace(f"AR({order})", "AR")) == told
    assert f"x{step} " in graph.caption


def test_parameters_grow_as_counted(context: Explorer):
    table, linear, markov, latent = data(context, "parameters")
    small = SequencePredictor(RNN(1, context_explorer.HIDDEN), 1)
    for t in range(1, TIME + 1):
        assert table[t - 1] == pytest.approx(context_explorer.SYMBOLS**t - 1)  # a joint table
        assert linear[t - 1] == pytest.approx(sum(range(1, t + 1)))
        assert markov[t - 1] == pytest.approx(context_explorer.SYMBOLS * (context_explorer.SYMBOLS - 1))
        assert latent[t - 1] == pytest.approx(sum(p.numel() for p in small.parameters()))
    assert f"it has {latent[0]:.0f} parameters" in captions(context, model="latent")


def test_models_can_be_left_out():
    explorer = context_explorer.context(torch.ones(6), models=["naive", "latent"], step=3)
    assert explorer.controls["model"].values == ["naive", "latent"]
    assert "x3 the naive model reads 2 of 2 values" in captions(explorer)
