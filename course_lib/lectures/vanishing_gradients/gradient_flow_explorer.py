"""The explorer of lecture 04: how the gradient of the last state fades or grows with the distance."""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.explore.controls import Choice, Stops
from course_lib.explore.explorer import Explorer, explorer
from course_lib.explore.panels import Heat, Lines, Panel
from course_lib.models.gradient_flow import orthogonal, product_norms, with_spectral_radius

GAINS = (0.5, 0.9, 1.0, 1.1, 1.5, 2.0, 3.0)
LENGTHS = (10, 25, 50, 100)
STARTS = ("Gaussian", "orthogonal")
ACTIVATIONS = {"linear": lambda a: a, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "ReLU": torch.relu}
TIME = "time step"
LIMITS = (1e-20, 1e20)
LOST = torch.finfo(torch.float32).eps / 2
"""The largest number that leaves 1 as it is when added to it in float32."""
MUCH = 1000
"""A gradient that changes by less than this factor is said neither to vanish nor to explode."""


def gradient_flow(hidden: int = 24, seed: int = 0) -> Explorer:
    """The norm of the last state's gradient with respect to earlier states, and the states behind it.

    The network is h_t = activation(W h_{t-1} + x_t); the inputs are drawn with standard deviation 0.5, and W
    is drawn and scaled to a spectral radius, the gain.

    Args:
        hidden: the number of units.
        seed: of the inputs and the weights.

    Raises:
        ValueError: if there are no units.
    """
    if hidden < 1:
        raise ValueError(f"give the network at least one unit, not {hidden}")
    generator = torch.Generator().manual_seed(seed)
    longest = max(LENGTHS)
    inputs = 0.5 * torch.randn(longest, hidden, generator=generator, dtype=torch.float64)
    gaussian = torch.randn(hidden, hidden, generator=generator, dtype=torch.float64)
    weights = dict(zip(STARTS, (gaussian, orthogonal(hidden, generator).double()), strict=True))

    @cache
    def run(gain: float, activation: str, start: str) -> tuple[Tensor, Tensor, Tensor]:
        weight = with_spectral_radius(weights[start], gain)
        return run_network(weight, inputs, activation)

    @explorer(
        name="gradient flow",
        widths=(1.3, 1, 1),
        scrub=(TIME,),
        gain=Stops(GAINS, at=1.1),
        activation=Choice(tuple(ACTIVATIONS), at="tanh"),
        start=Choice(STARTS),
        length=Stops(LENGTHS, at=50),
    )
    def picture(gain: float, activation: str, start: str, length: float) -> list[Panel]:
        length = int(length)
        states, slopes, jacobians = run(gain, activation, start)
        norms = product_norms(jacobians[:length])
        shown = torch.full((3, longest), torch.nan, dtype=torch.float64)
        shown[0, :length] = norms
        shown[1], shown[2] = 1, LOST
        seen = torch.full((hidden, longest), torch.nan, dtype=torch.float64)
        seen[:, :length] = states[:length].T
        slope = torch.full((1, longest), torch.nan, dtype=torch.float64)
        slope[0, :length] = slopes[:length]
        typical = slopes[:length].square().mean().sqrt().item()
        return [
            Lines(
                title="gradient of the last state",
                data=shown,
                x="steps back from the last state",
                y="largest stretch (spectral norm)",
                names=["gradient", "1", "float32 drops it beside 1"],
                start=1,
                limits=LIMITS,
                log=True,
                caption=verdict(norms),
            ),
            Heat(
                title="states, colours end at ±1",
                data=seen,
                x=TIME,
                y="unit",
                limits=(-1, 1),
                caption=f"The largest state is {_short(states[:length].abs().max().item())} away from zero.",
            ),
            Lines(
                title="slope of the activation",
                data=slope,
                x=TIME,
                y="typical slope (root mean square over the units)",
                start=1,
                limits=(0, 1.05),
                caption=f"Typically (root mean square) {typical:.2f}; times the gain {gain * typical:.2f}.",
            ),
        ]

    return picture


def run_network(
    weight: Float[Tensor, "hidden hidden"], inputs: Float[Tensor, "time hidden"], activation: str
) -> tuple[Float[Tensor, "time hidden"], Float[Tensor, "time"], Float[Tensor, "time hidden hidden"]]:
    """Run h_t = activation(W h_{t-1} + x_t) from zeros.

    Returns the states, the root mean square over the units of the activation's slope, and the Jacobians
    d h_t / d h_{t-1}: the slopes times W.
    """
    activate = ACTIVATIONS[activation]
    h, before, states = torch.zeros_like(inputs[0]), [], []
    for x in inputs:
        before.append(weight @ h + x)
        h = activate(before[-1])
        states.append(h)
    reached = torch.stack(before).requires_grad_()
    (slope,) = torch.autograd.grad(activate(reached).sum(), reached)
    return torch.stack(states), slope.square().mean(dim=1).sqrt(), slope[:, :, None] * weight


def verdict(norms: Float[Tensor, "distance"]) -> str:
    """Say in a sentence how the gradient changes from the nearest distance to the farthest."""
    first, last, steps = norms[0].item(), norms[-1].item(), len(norms) - 1
    if first == 0:
        return "All units are off at the last step: no gradient goes back at all."
    factor = (last / first) ** (1 / steps)
    if last < first / MUCH:
        judged = f"less than 1/{MUCH} is left: it vanishes"
    elif last > first * MUCH:
        judged = f"more than {MUCH} times as much: it explodes"
    else:
        judged = f"within a factor of {MUCH}: over this distance it neither vanishes nor explodes"
    way = f"From distance 1 to {steps + 1} the norm goes from {_short(first)} to {_short(last)}"
    return f"{way}, by a factor of {factor:.2f} a step; {judged}."


def _short(number: float) -> str:
    return f"{number:.3g}".replace("e+", "e")
