"""Products of Jacobians equal the gradients of autograd, and grow and shrink as they should."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from course_lib.models.gradient_flow import (
    gradient_norm_by_distance,
    orthogonal,
    state_jacobians,
    with_spectral_radius,
)
from course_lib.models.recurrent import GRU, RNN, gru_step, rnn_step

INPUTS, HIDDEN, STEPS = 2, 5, 7


def linear_step(weight: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda x, h: weight @ h + x


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("seed", range(3))
def test_radius_is_set_and_the_direction_kept(radius: float, seed: int):
    weight = torch.randn(HIDDEN, HIDDEN, generator=torch.Generator().manual_seed(seed))
    scaled = with_spectral_radius(weight, radius)
    assert torch.linalg.eigvals(scaled).abs().max().item() == pytest.approx(radius)
    ratios = scaled / weight
    torch.testing.assert_close(ratios, ratios[0, 0].expand_as(ratios))
    assert ratios[0, 0] > 0


def test_a_matrix_without_eigenvalues_is_refused():
    with pytest.raises(ValueError, match="all eigenvalues of this matrix are zero"):
        with_spectral_radius(torch.tensor([[0.0, 1.0], [0.0, 0.0]]), 1.1)


def test_orthogonal_keeps_lengths_and_follows_its_generator():
    first, again, other = (orthogonal(HIDDEN, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    torch.testing.assert_close(first @ first.T, torch.eye(HIDDEN))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_jacobians_are_the_partial_derivatives_by_hand(generator: torch.Generator):
    """For tanh: d h_t / d h_{t-1} = diag(1 - h_t^2) W."""
    rnn = RNN(INPUTS, HIDDEN, generator)
    inputs = torch.randn(STEPS, INPUTS, generator=generator)
    state = torch.randn(HIDDEN, generator=generator)
    states = rnn(inputs[None], state[None]).states[0]
    expected = (1 - states.square())[..., None] * rnn.weight_hidden
    torch.testing.assert_close(state_jacobians(step_of(rnn), state, inputs), expected)


def step_of(layer: RNN | GRU) -> Callable[[Tensor, Tensor], Tensor]:
    """The step of a layer for one sequence, without the batch."""
    if isinstance(layer, GRU):
        weights = (layer.weight_input, layer.weight_hidden, layer.bias, layer.bias_hidden)
        return lambda x, h: gru_step(x[None], h[None], *weights)[0]
    weights = (layer.weight_input, layer.weight_hidden, layer.bias)
    return lambda x, h: rnn_step(x[None], h[None], *weights)[0]


@pytest.mark.parametrize("kind", [RNN, GRU])
@pytest.mark.parametrize("seed", range(5))
def test_norms_equal_those_of_autograd_through_the_layer(kind: type[RNN] | type[GRU], seed: int):
    generator = torch.Generator().manual_seed(seed)
    layer = kind(INPUTS, HIDDEN, generator)
    inputs = torch.randn(1, STEPS, INPUTS, generator=generator)
    state = torch.randn(1, HIDDEN, generator=generator)
    norms = gradient_norm_by_distance(step_of(layer), state[0], inputs[0])
    assert norms.shape == (STEPS,)
    for distance in range(1, STEPS + 1):
        start = STEPS - distance
        earlier = layer(inputs[:, :start], state).last if start else state

        def last(h: Tensor, start: int = start) -> Tensor:
            return layer(inputs[:, start:], h).last[0]

        jacobian = torch.autograd.functional.jacobian(last, earlier)[:, 0]
        assert norms[distance - 1].item() == pytest.approx(
            torch.linalg.svdvals(jacobian)[0].item(), abs=1e-12
        )


def test_a_linear_network_multiplies_by_its_weights(generator: torch.Generator):
    weight = torch.randn(HIDDEN, HIDDEN, generator=generator)
    inputs = torch.randn(STEPS, HIDDEN, generator=generator)
    norms = gradient_norm_by_distance(linear_step(weight), torch.zeros(HIDDEN), inputs)
    expected = [
        torch.linalg.matrix_norm(torch.linalg.matrix_power(weight, k + 1), ord=2) for k in range(STEPS)
    ]
    torch.testing.assert_close(norms, torch.stack(expected))


def test_an_orthogonal_linear_network_keeps_every_norm(generator: torch.Generator):
    step = linear_step(orthogonal(HIDDEN, generator))
    norms = gradient_norm_by_distance(step, torch.zeros(HIDDEN), torch.zeros(200, HIDDEN))
    torch.testing.assert_close(norms, torch.ones(200))


ACTIVATIONS = {
    "linear": lambda value: value,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
}


@pytest.mark.parametrize(
    ("activation", "radius", "smallest", "largest"),
    [
        ("linear", 0.9, 1e-3, 0.1),
        ("linear", 1.1, 50, 5e3),
        ("tanh", 0.9, 0, 1e-6),
        ("tanh", 1.1, 0, 1e-2),
        ("tanh", 3.0, 1e3, 1e12),
        ("relu", 1.0, 0, 1e-3),
        ("relu", 2.0, 1e3, 1e15),
        ("sigmoid", 3.0, 0, 1e-10),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_which_networks_vanish_and_which_explode(
    activation: str, radius: float, smallest: float, largest: float, seed: int
):
    """Over 50 steps of noise: only the linear network turns at radius 1."""
    generator = torch.Generator().manual_seed(seed)
    weight = with_spectral_radius(torch.randn(32, 32, generator=generator), radius)
    inputs = 0.5 * torch.randn(50, 32, generator=generator)
    function = ACTIVATIONS[activation]
    norms = gradient_norm_by_distance(lambda x, h: function(weight @ h + x), torch.zeros(32), inputs)
    assert smallest <= norms[-1].item() <= largest


@pytest.mark.parametrize("function", [state_jacobians, gradient_norm_by_distance])
def test_no_inputs(function: Callable[..., Tensor]):
    with pytest.raises(ValueError, match="there are no inputs: give at least one step"):
        function(linear_step(torch.eye(HIDDEN)), torch.zeros(HIDDEN), torch.zeros(0, INPUTS))
