"""The exercise of lecture 04 on clipping gradients."""

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise


def clip_gradient_norm(gradients: list[Float[Tensor, "..."]], limit: float) -> list[Float[Tensor, "..."]]:
    """Scale gradients down together, so that their common norm is at most `limit`. Pascanu et al. 2013."""
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    scale = limit / norm if norm > limit else 1
    return [gradient * scale for gradient in gradients]


def _gradients_of_norm(generator: torch.Generator, low: float, high: float) -> tuple[Any, ...]:
    """Draw gradients whose norm is `low` to `high` times the limit."""
    inputs, hidden = draw.unequal(generator, 2, 2, 5)
    shapes = (hidden, inputs), (hidden, hidden), (hidden,)
    limit = draw.uniform(generator, 0.05, 0.09).item()
    return _scaled(generator, shapes, limit, draw.uniform(generator, low, high).item())


def _scaled(
    generator: torch.Generator, shapes: Iterable[tuple[int, ...]], limit: float, ratio: float
) -> tuple[Any, ...]:
    """Draw gradients whose norm is `ratio` times the limit."""
    gradients = [draw.normal(generator, *shape) for shape in shapes]
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    return [gradient * (ratio * limit / norm) for gradient in gradients], limit


def _one_long_gradient(generator: torch.Generator) -> tuple[Any, ...]:
    (*short, long), limit = _gradients_of_norm(generator, 0.1, 0.3)
    return [*short, long * (2 * limit / long.norm())], limit


def _zero_gradients(generator: torch.Generator) -> tuple[Any, ...]:
    gradients, limit = _gradients_of_norm(generator, 1, 1)
    return [torch.zeros_like(gradient) for gradient in gradients], limit


def _other_shapes(generator: torch.Generator) -> tuple[Any, ...]:
    """Draw a scalar and tensors of three and four axes, much longer than a limit above 1."""
    a, b, c = draw.unequal(generator, 3, 2, 4)
    shapes = (), (a, b, c), (1, c, a, b)
    return _scaled(generator, shapes, draw.uniform(generator, 2, 4).item(), 20)


def _short_above_1(generator: torch.Generator) -> tuple[Any, ...]:
    """Draw a single tensor whose norm is greater than 1, and its square than the limit."""
    shape = tuple(draw.unequal(generator, 2, 2, 5))
    return _scaled(generator, [shape], draw.uniform(generator, 4, 8).item(), 0.8)


MISTAKES = """
    each tensor is clipped on its own
        gradient * scale -> gradient * min(1, limit / gradient.norm())
    Clipping must not turn the gradient: take one norm over all tensors, and scale them all alike.

    each value is clipped
        gradient * scale -> gradient.clamp(-limit, limit)
    Cutting off single values turns the gradient in another direction; scale them all alike.

    short gradients are scaled up
        if norm > limit else 1 ->
    The limit is an upper one: gradients within it stay as they are, and so do those that are zero.

    short gradients are scaled and long ones are not
        norm > limit -> norm < limit
    Scale if the norm is greater than the limit, not if it is smaller.

    limit and norm are the wrong way round
        limit / norm -> norm / limit
    This factor is greater than 1 for long gradients, and makes them longer still.

    short gradients are made shorter still, and long ones stay long
        limit / norm if norm > limit else 1 -> min(1, norm / limit)
    The minimum of 1 and a ratio has to be below 1 when the norm is above the limit: think about which of the
    two is divided by the other.

    the factor is the limit less the norm
        limit / norm -> limit - norm
    Scaling multiplies the norm by the factor. By what must a norm of 10 be multiplied to become 2? Not by -8.

    the square of the norm is compared with the limit
        norm > limit -> norm ** 2 > limit
    Compare the norm itself with the limit, that is, after the root.

    the root is left out of the norm
        .norm() -> .square().sum()
    The norm is the square root of the sum of all squares.

    the norms of the tensors are added up
        torch.cat([gradient.flatten() for gradient in gradients]).norm() -> sum(g.norm() for g in gradients)
    Norms do not add up, but their squares do: sum the squares, then take the root.

    the norm of the first tensor is taken for that of all
        torch.cat([gradient.flatten() for gradient in gradients]).norm() -> gradients[0].norm()
    All tensors together make one long vector: every one of them adds to its length.

    the tensors are joined without being flattened
        [gradient.flatten() for gradient in gradients] -> gradients
    The error says that the tensors' shapes do not fit: make a vector of each before you join them.

    the tensors are stacked
        torch.cat([gradient.flatten() for gradient in gradients]) -> torch.stack(gradients)
    The error says that `torch.stack` needs tensors of one shape: make vectors of them and join those.

    the list is asked for its norm
        torch.cat([gradient.flatten() for gradient in gradients]).norm() -> gradients.norm()
    `gradients` is a list, and only a tensor has a norm: join its tensors, or combine their norms.

    the list is multiplied, not its tensors
        [gradient * scale for gradient in gradients] -> gradients * scale
    A list times a number is not computed entry by entry: multiply each tensor in it.

    `^` is written for a power
        torch.cat([gradient.flatten() for gradient in gradients]).norm() -> (gradients[0] ^ 2).sum()
    In Python `^` compares bits, which PyTorch refuses to do with floats; a power is written `**`.

    the longest tensor's norm is taken for that of all
        torch.cat([gradient.flatten() for gradient in gradients]).norm() -> max(g.norm() for g in gradients)
    Together they are longer than the longest: the norm is that of all values in one vector.

    the absolute values are summed
        .norm() -> .abs().sum()
    The norm meant here is the length of a vector: the root of the sum of squares.

    the largest value is taken for the norm
        .norm() -> .abs().max()
    Many small values make a long vector, too: the norm is the root of the sum of squares.

    the squares are averaged, not summed
        .norm() -> .square().mean().sqrt()
    The root of the mean square is the size of a typical value; the norm sums the squares.

    long gradients get the norm 1
        limit / norm -> 1 / norm
    Divided by its norm a vector has length 1; it should be `limit`, so multiply by that.

    a small number is added to the norm, as PyTorch does
        .norm() -> .norm() + 1e-6
    Then the clipped norm is not quite the limit. There is no division by zero if you scale only when the
    norm is greater than the limit.

    the gradients come back unchanged
        gradient * scale -> gradient
    Return a list of new tensors: assigning to a loop variable does not change the list, and PyTorch's
    function clips the `.grad` of parameters, which these tensors lack.

    the one long vector is returned
        [gradient * scale for gradient in gradients] -> torch.cat([g.flatten() for g in gradients]) * scale
    Only the norm needs the long vector: return a list of tensors in the shapes that were given.

    the norm is returned
        [gradient * scale for gradient in gradients] -> norm
    PyTorch's function changes its input and returns the norm; this one returns new gradients.
"""

EXERCISE = Exercise(
    reference=clip_gradient_norm,
    cases={
        "gradients longer than the limit": lambda generator: _gradients_of_norm(generator, 8, 10),
        "one long gradient among short ones": _one_long_gradient,
        "gradients shorter than the limit": lambda generator: _gradients_of_norm(generator, 0.3, 0.7),
        "gradients that are all zero": _zero_gradients,
        "tensors of other shapes and a limit above 1": _other_shapes,
        "a single tensor whose norm lies between 1 and the limit": _short_above_1,
    },
    mistakes=mistakes(clip_gradient_norm, MISTAKES),
    hints=(
        "How long is the vector that you get if you write all gradients one after another?",
        "The common norm is the square root of the sum of all squares, over all tensors. By which "
        "single number must everything be multiplied to make it `limit`?",
        "`torch.cat([g.flatten() for g in gradients]).norm()` is the common norm. Which factor makes of a "
        "vector of this norm one whose norm is `limit`? And when must nothing be changed?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    library="`torch.nn.utils.clip_grad_norm_(parameters, limit)` does it to the `.grad` of parameters in "
    "place, and returns the norm. It adds 1e-6 to the norm before it divides.",
)
