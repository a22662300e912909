"""The exercise of lecture 10 on layer normalisation."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase

EPSILON = 1e-5
Case = tuple[Tensor, Tensor, Tensor]


def layer_norm(
    x: Float[Tensor, "*batch d"], gain: Float[Tensor, "d"], bias: Float[Tensor, "d"]
) -> Float[Tensor, "*batch d"]:
    """Bring each vector to mean 0 and variance 1, then times a gain and plus a bias. Ba et al. 2016."""
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, correction=0, keepdim=True)
    return centred / torch.sqrt(variance + EPSILON) * gain + bias


def _case(axes: int, spread: float = 1.0) -> MakeCase:
    """Vectors around unlike means, along the last of as many axes; with a small spread epsilon counts."""

    def draw_case(generator: torch.Generator) -> Case:
        *batch, d = draw.unequal(generator, axes, 3, 8)
        x = spread * draw.normal(generator, *batch, d)
        centres = draw.uniform(generator, 1, 3, *batch, 1)
        gain, bias = draw.uniform(generator, 0.5, 2, d), draw.normal(generator, d)
        return x + centres, gain, bias

    return draw_case


def _with_a_constant_vector(generator: torch.Generator) -> Case:
    x, gain, bias = _case(3)(generator)
    x[1, draw.whole(generator, 0, x.shape[1] - 1)] = draw.uniform(generator, 1, 2)
    return x, gain, bias


MISTAKES = """
    epsilon is added to the standard deviation, outside the root
        torch.sqrt(variance + EPSILON) -> (torch.sqrt(variance) + EPSILON)
    Epsilon is added to the variance, under the root.

    the variance is the unbiased one, divided by d - 1
        correction=0 -> correction=1
    Divide by d: PyTorch's `var` and `std` divide by d - 1 unless they get `correction=0`.

    the standard deviation is the unbiased one, and epsilon is added outside the root
        correction=0 -> correction=1
        torch.sqrt(variance + EPSILON) -> (torch.sqrt(variance) + EPSILON)
    A well-known tutorial does it this way, but PyTorch doesn't: divide by d, and add epsilon to the variance.

    epsilon is left out
        variance + EPSILON -> variance
    Without epsilon a vector of equal numbers is divided by zero.

    epsilon is 1e-6
        EPSILON -> 1e-6
    Epsilon is 1e-5 here, the default of PyTorch.

    epsilon is 1e-8
        EPSILON -> 1e-8
    Adam's usual epsilon is 1e-8; here epsilon is 1e-5.

    epsilon is 1e-12
        EPSILON -> 1e-12
    BERT's epsilon is 1e-12; here epsilon is 1e-5, PyTorch's default.

    epsilon is 1e-3
        EPSILON -> 1e-3
    Keras has the default 1e-3; here epsilon is 1e-5, as in PyTorch.

    mean and variance are taken over axis 1
        dim=-1 -> dim=1
    Axis 1 is the last one of a sequence of vectors only. Count from the end, so that it holds for any number
    of axes.

    mean and variance are taken over all axes but the first
        dim=-1 -> dim=tuple(range(1, x.ndim))
    `x.shape[1:]` holds the steps, too. Each vector is normalised over its own d numbers: only the last axis.

    PyTorch's function is told to normalise all axes but the first
        return -> return functional.layer_norm(x, x.shape[1:], gain, bias) +
    The error says that gain and the axes to normalise don't fit. Only the last axis is normalised, and gain
    has its size.

    mean and variance are taken over the whole tensor
        dim=-1, keepdim=True ->
        dim=-1, correction=0, keepdim=True -> correction=0
    Without an axis all vectors are taken together. Each one has its own mean and variance: name the axis.

    the axis of mean and variance is not kept
        , keepdim=True ->
    The error names two sizes that don't fit: the means have lost their axis. `keepdim=True` leaves it, with
    the size 1.

    the squares are added up, and not divided by d
        x.var(dim=-1, correction=0, keepdim=True) -> centred.square().sum(dim=-1, keepdim=True)
    Dividing by the root of that sum brings each vector to the length 1. The variance is the mean of the
    squares, not their sum.

    the gain is a change: 1 is added to it
        * gain -> * (1 + gain)
    Some later models store the gain less 1. Here it is the factor itself.

    the bias is subtracted
        + bias -> - bias
    The bias is added at the end.

    mean and variance are taken over the steps
        dim=-1 -> dim=-2
    Each vector is normalised by itself: over its own d numbers, which lie along the last axis.

    mean and variance are taken over the first axis
        dim=-1 -> dim=0
    Averaging over the first axis is closer to batch normalisation. Each vector is normalised by itself.

    mean and variance are taken over the steps and the numbers together
        dim=-1 -> dim=(-2, -1)
    Each vector has its own mean and variance, even within a sequence: one axis is enough.

    gain and bias are left out
        * gain + bias ->
    At the end each number is multiplied by its gain, and its bias is added.

    the bias is left out
        + bias ->
    At the end the bias is added.

    the gain is left out
        * gain ->
    Each number is multiplied by its gain before the bias is added.

    the bias is added before the gain is multiplied
        centred / -> (centred /
        * gain + bias -> + bias) * gain
    First multiply by the gain, then add the bias.

    gain and bias come before the normalisation
        centred = x -> x = x * gain + bias; centred = x
        * gain + bias ->
    Normalise first: gain and bias then scale and shift the normalised numbers.

    the mean is not subtracted
        centred / torch -> x / torch
    First subtract the mean of each vector.

    the vectors are divided by the root of the mean of their squares, and nothing is subtracted
        centred / torch -> x / torch
        x.var(dim=-1, correction=0, keepdim=True) -> x.square().mean(dim=-1, keepdim=True)
    RMSNorm, which later models use, works like that. Here the mean is subtracted first.

    the mean is subtracted, but the squares are those of x itself
        x.var(dim=-1, correction=0, keepdim=True) -> x.square().mean(dim=-1, keepdim=True)
    The variance is the mean square of what is left after the mean is subtracted.

    the vectors are divided by the variance, without its root
        torch.sqrt(variance + EPSILON) -> (variance + EPSILON)
    Divide by the standard deviation, the root of the variance.

    the mean is subtracted, but nothing is divided
        / torch.sqrt(variance + EPSILON) ->
    Then divide by the root of the variance plus epsilon.
"""

EXERCISE = Exercise(
    reference=layer_norm,
    cases={
        "a single vector": _case(1),
        "a sequence of vectors": _case(2),
        "a batch of sequences": _case(3),
        "a batch with several heads": _case(4),
        "vectors of numbers that are nearly equal": _case(3, spread=0.01),
        "a vector of equal numbers among the others": _with_a_constant_vector,
    },
    mistakes=mistakes(layer_norm, MISTAKES, functional=functional),
    hints=(
        "Over which axis do you take mean and variance, so that every vector is normalised by itself? And "
        "how many numbers is the sum of squares divided by?",
        "`x.mean(dim=-1, keepdim=True)` is the mean of each vector, as a column. The variance is a mean as "
        "well: of which numbers?",
        "Subtract the mean, divide by the root of the variance and epsilon together, and only then bring "
        "gain and bias in. PyTorch's `var` divides by d - 1 unless it gets `correction=0`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    differentiable=True,
    library="`torch.nn.functional.layer_norm(x, (d,), gain, bias)` does the same; it is one step of the "
    "graph of gradients, and can normalise several last axes at once.",
)
