"""The explorer of lecture 04 says what its network computes."""

import re

import numpy as np
import pytest
import torch

from course_lib.explore import Explorer
from course_lib.lectures.vanishing_gradients.gradient_flow_explorer import (
    ACTIVATIONS,
    LOST,
    gradient_flow,
    product_norms,
    run_network,
    verdict,
)
from course_lib.models.gradient_flow import gradient_norm_by_distance
from tests.explore.reading import captions, data, panel

TIME, HIDDEN = 7, 5


@pytest.fixture(scope="module")
def flow() -> Explorer:
    return gradient_flow(hidden=6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_run_and_its_gradients_are_those_of_autograd(activation: str, generator: torch.Generator):
    weight = torch.randn(HIDDEN, HIDDEN, generator=generator)
    inputs = torch.randn(TIME, HIDDEN, generator=generator)
    states, slopes, jacobians = run_network(weight, inputs, activation)

    def step(x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        return ACTIVATIONS[activation](weight @ h + x)

    h = torch.zeros(HIDDEN)
    expected = gradient_norm_by_distance(step, h, inputs)
    torch.testing.assert_close(product_norms(jacobians), expected)
    for x, state, slope, jacobian in zip(inputs, states, slopes, jacobians, strict=True):
        by_autograd = torch.autograd.functional.jacobian(lambda h, x=x: step(x, h), h)
        torch.testing.assert_close(jacobian, by_autograd)
        torch.testing.assert_close(slope, (by_autograd @ weight.inverse()).diag().square().mean().sqrt())
        h = step(x, h)
        torch.testing.assert_close(state, h)


@pytest.mark.parametrize(("gain", "length"), [(0.5, 10), (1.0, 100), (3.0, 25)])
def test_an_orthogonal_linear_network_stretches_by_the_gain(flow: Explorer, gain: float, length: int):
    setting = {"gain": gain, "activation": "linear", "start": "orthogonal", "length": length}
    gradient, one, lost = data(flow, "gradient", **setting)
    np.testing.assert_allclose(gradient[:length], gain ** np.arange(1, length + 1))
    assert (one == 1).all() and (lost == LOST).all()
    slope, states = data(flow, "slope", **setting)[0], data(flow, "states", **setting)
    assert (slope[:length] == 1).all()
    for curve in (gradient, slope, *states):
        assert np.isnan(curve[length:]).all() and not np.isnan(curve[:length]).any()
    largest = re.search(r"The largest state is (\S+) away", captions(flow, **setting))
    assert largest and float(largest[1]) == pytest.approx(abs(states[:, :length]).max(), rel=0.01)


@pytest.mark.parametrize(
    ("activation", "gain", "judged"),
    [
        ("linear", 0.5, "vanishes"),
        ("linear", 1.5, "explodes"),
        ("tanh", 1.1, "vanishes"),
        ("tanh", 3.0, "explodes"),
        ("sigmoid", 3.0, "vanishes"),
        ("ReLU", 1.1, "vanishes"),
        ("ReLU", 2.0, "explodes"),
    ],
)
def test_what_the_lecture_says_of_gain_and_activation_is_seen(activation: str, gain: float, judged: str):
    for seed in range(3):
        flow = gradient_flow(seed=seed)
        setting = {"gain": gain, "activation": activation, "length": 50}
        assert captions(flow, **setting).partition(": it ")[2].startswith(judged)
        gradient = data(flow, "gradient", **setting)[0][:50]
        assert (gradient[-1] < gradient[0]) == (judged == "vanishes")


@pytest.mark.parametrize(
    ("last", "judged"),
    [
        (2e-3 * 1.01, "neither vanishes nor explodes"),
        (2e-3 * 0.99, "less than 1/1000 is left: it vanishes"),
        (2e3 * 0.99, "neither vanishes nor explodes"),
        (2e3 * 1.01, "more than 1000 times as much: it explodes"),
    ],
)
def test_the_verdict_is_as_the_numbers_are(last: float, judged: str):
    norms = torch.tensor([2.0, 7.0, last])
    text = verdict(norms)
    assert judged in text
    assert text.startswith(f"From distance 1 to 3 the norm goes from 2 to {last:.3g}, ".replace("e+", "e"))
    assert f"by a factor of {(last / 2) ** 0.5:.2f} a step" in text


def test_a_gradient_of_zero_has_a_verdict():
    off = "All units are off at the last step: no gradient goes back at all."
    assert verdict(torch.zeros(3)) == off
    assert verdict(torch.tensor([0.5, 0.0, 0.0])).endswith(
        "by a factor of 0.00 a step; less than 1/1000 is left: it vanishes."
    )
    flow = gradient_flow(hidden=2)
    seen = set()
    for setting in flow.settings():
        gradient = panel(flow, "gradient", **setting)
        seen.add(gradient.data[0, 0] == 0)
        assert (gradient.caption == off) == (gradient.data[0, 0] == 0)
    assert seen == {True, False}


@pytest.mark.parametrize("hidden", [0, -1])
def test_a_network_without_units_is_refused(hidden: int):
    with pytest.raises(ValueError, match=f"^give the network at least one unit, not {hidden}$"):
        gradient_flow(hidden=hidden)


def test_float32_drops_what_is_said_to_be_lost_and_nothing_larger():
    one = np.float32(1)
    assert one + np.float32(LOST) == one
    assert one + np.nextafter(np.float32(LOST), one) > one


def test_the_axes_of_the_gradient_flow(flow: Explorer):
    limits = {title: panel(flow, title).limits for title in ("gradient", "states", "slope")}
    assert limits == {"gradient": (1e-20, 1e20), "states": (-1, 1), "slope": (0, 1.05)}


@pytest.mark.parametrize(("gain", "activation"), [(0.5, "linear"), (2.0, "tanh"), (3.0, "sigmoid")])
def test_the_slopes_caption_tells_their_root_mean_square(flow: Explorer, gain: float, activation: str):
    slope = panel(flow, "slope", gain=gain, activation=activation, length=25)
    typical = np.sqrt(np.nanmean(slope.data**2))
    assert (
        slope.caption == f"Typically (root mean square) {typical:.2f}; times the gain {gain * typical:.2f}."
    )


def test_the_explorer_is_called_as_its_maker(flow: Explorer):
    assert flow.name == "gradient flow"
