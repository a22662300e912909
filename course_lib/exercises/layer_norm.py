"""The exercise of lecture 10 on layer normalisation."""

from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models import transformer

EPSILON = 1e-5
Case = tuple[Tensor, Tensor, Tensor]
Statistic = Callable[[Tensor], Tensor]


def layer_norm(
    x: Float[Tensor, "*batch d"], gain: Float[Tensor, "d"], bias: Float[Tensor, "d"]
) -> Float[Tensor, "*batch d"]:
    """Bring each vector to mean 0 and variance 1, then times a gain and plus a bias. Ba et al. 2016."""
    return transformer.layer_norm(x, gain, bias, EPSILON)


def _case(*batch: int, spread: float = 1.0) -> MakeCase:
    """Vectors around unlike means; with a small spread epsilon counts."""

    def draw_case(generator: torch.Generator) -> Case:
        steps, d = draw.unequal(generator, 2, 4, 8)
        x = spread * draw.normal(generator, *batch, steps, d)
        centres = draw.uniform(generator, 1, 3, *batch, steps, 1)
        gain, bias = draw.uniform(generator, 0.5, 2, d), draw.normal(generator, d)
        return x + centres, gain, bias

    return draw_case


def _with_a_constant_vector(generator: torch.Generator) -> Case:
    x, gain, bias = _case(2)(generator)
    x[1, draw.whole(generator, 0, x.shape[1] - 1)] = draw.uniform(generator, 1, 2)
    return x, gain, bias


def _variance(x: Tensor, over: tuple[int, ...], correction: int) -> Tensor:
    return x.var(dim=over, correction=correction, keepdim=True)


def _norm(
    x: Tensor,
    gain: Tensor,
    bias: Tensor,
    over: tuple[int, ...] = (-1,),
    correction: int = 0,
    spread: Statistic = lambda variance: (variance + EPSILON).sqrt(),
    centred: bool = True,
    affine: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda x, gain, bias: x * gain + bias,
) -> Tensor:
    """Normalise over other axes, by another spread, or go on otherwise."""
    centre = x.mean(dim=over, keepdim=True) if centred else 0.0
    return affine((x - centre) / spread(_variance(x, over, correction)), gain, bias)


def _outside(variance: Tensor) -> Tensor:
    return variance.sqrt() + EPSILON


def _by_the_root_mean_square(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    return x / (x.square().mean(dim=-1, keepdim=True) + EPSILON).sqrt() * gain + bias


def _centred_by_the_root_mean_square(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    centred = x - x.mean(dim=-1, keepdim=True)
    return centred / (x.square().mean(dim=-1, keepdim=True) + EPSILON).sqrt() * gain + bias


def _of_the_scaled(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    return _norm(x * gain + bias, gain, bias, affine=lambda x, _gain, _bias: x)


def _over_all_but_the_batch(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    return _norm(x, gain, bias, over=(-2, -1))


def _by_torch(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    return functional.layer_norm(x, gain.shape, gain, bias, eps=EPSILON)


def _by_var_mean(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + EPSILON) * gain + bias


def _vector_by_vector(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    normed = []
    for vector in x.reshape(-1, x.shape[-1]):
        centred = vector - vector.mean()
        normed.append(gain * centred / torch.sqrt(centred @ centred / len(vector) + EPSILON) + bias)
    return torch.stack(normed).view(x.shape)


def _by_moments(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.square().mean(dim=-1, keepdim=True) - mean.square()
    return torch.addcmul(bias, (x - mean) / (variance + EPSILON) ** 0.5, gain)


LAYER_NORM = Exercise(
    reference=layer_norm,
    cases={
        "a sequence of vectors": _case(),
        "a batch of sequences": _case(3),
        "vectors of numbers that are nearly equal": _case(2, spread=0.01),
        "a vector of equal numbers among the others": _with_a_constant_vector,
    },
    mistakes=(
        Mistake(
            "epsilon is added to the standard deviation, outside the root",
            partial(_norm, spread=_outside),
            "It is added to the variance, under the root: `torch.sqrt(variance + epsilon)`.",
        ),
        Mistake(
            "the variance is the unbiased one, divided by d - 1",
            partial(_norm, correction=1),
            "Divide by d: `x.var(dim=-1, correction=0)`, or the mean of the squares of what is centred.",
        ),
        Mistake(
            "the standard deviation is the unbiased one, and epsilon is added outside the root",
            partial(_norm, correction=1, spread=_outside),
            "So stands it in a famous account, but not in PyTorch: divide by d, and add epsilon to the "
            "variance.",
        ),
        Mistake(
            "epsilon is left out",
            partial(_norm, spread=torch.sqrt),
            "Without it a vector of equal numbers is divided by zero.",
        ),
        Mistake(
            "epsilon is 1e-6",
            partial(_norm, spread=lambda variance: (variance + 1e-6).sqrt()),
            "Here it is 1e-5, as it is by default in PyTorch.",
        ),
        Mistake(
            "epsilon is 1e-8",
            partial(_norm, spread=lambda variance: (variance + 1e-8).sqrt()),
            "That is the usual epsilon of Adam; here it is 1e-5.",
        ),
        Mistake(
            "mean and variance are taken over the steps",
            partial(_norm, over=(-2,)),
            "Each vector is normalised by itself: over its own d numbers, `dim=-1`.",
        ),
        Mistake(
            "mean and variance are taken over the first axis",
            partial(_norm, over=(0,)),
            "That is nearer to batch normalisation. Each vector is normalised by itself: `dim=-1`.",
        ),
        Mistake(
            "mean and variance are taken over the steps and the numbers together",
            _over_all_but_the_batch,
            "Each vector has its own mean and variance, also within a sequence: `dim=-1` alone.",
        ),
        Mistake(
            "gain and bias are left out",
            partial(_norm, affine=lambda x, _gain, _bias: x),
            "At the end each number is multiplied by its gain, and its bias is added.",
        ),
        Mistake(
            "the bias is left out",
            partial(_norm, affine=lambda x, gain, _bias: x * gain),
            "At the end the bias is added.",
        ),
        Mistake(
            "the gain is left out",
            partial(_norm, affine=lambda x, _gain, bias: x + bias),
            "Each number is multiplied by its gain before the bias is added.",
        ),
        Mistake(
            "the bias is added before the gain is multiplied",
            partial(_norm, affine=lambda x, gain, bias: (x + bias) * gain),
            "First times the gain, then plus the bias.",
        ),
        Mistake(
            "gain and bias come before the normalisation",
            _of_the_scaled,
            "Normalise first: gain and bias say what is to become of the normalised numbers.",
        ),
        Mistake(
            "the mean is not subtracted",
            partial(_norm, centred=False),
            "First subtract the mean of each vector.",
        ),
        Mistake(
            "the vectors are divided by the root of the mean of their squares, and nothing is subtracted",
            _by_the_root_mean_square,
            "That is RMSNorm, which later models have. Here the mean is subtracted first.",
        ),
        Mistake(
            "the mean is subtracted, but the squares are those of x itself",
            _centred_by_the_root_mean_square,
            "The variance is the mean square of what is left when the mean has been subtracted.",
        ),
        Mistake(
            "the vectors are divided by the variance, without its root",
            partial(_norm, spread=lambda variance: variance + EPSILON),
            "Divide by the standard deviation, the root of the variance.",
        ),
        Mistake(
            "the mean is subtracted, but nothing is divided",
            partial(_norm, spread=torch.ones_like),
            "After that divide by the root of variance plus epsilon.",
        ),
    ),
    hints=(
        "Over which axis do you take mean and variance, so that every vector is normalised by itself? And "
        "how many numbers is the sum of squares divided by?",
        "`x.mean(dim=-1, keepdim=True)` and `x.var(dim=-1, correction=0, keepdim=True)`; epsilon, 1e-5, goes "
        "under the root.",
        "`(x - mean) / torch.sqrt(variance + 1e-5) * gain + bias`",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_by_torch, _by_var_mean, _vector_by_vector, _by_moments),
    differentiable=True,
)

EXERCISES = (LAYER_NORM,)
