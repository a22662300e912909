"""The exercise of lecture 04 on clipping gradients."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake


def clip_gradient_norm(gradients: list[Float[Tensor, "..."]], limit: float) -> list[Float[Tensor, "..."]]:
    """Scale gradients down together, so that their common norm is at most `limit`. Pascanu et al. 2013."""
    return _clipped(gradients, limit, _norm(gradients))


def _norm(gradients: list[Tensor]) -> Tensor:
    return torch.cat([gradient.flatten() for gradient in gradients]).norm()


def _clipped(gradients: list[Tensor], limit: float, norm: Tensor) -> list[Tensor]:
    scale = (limit / norm).clamp(max=1)
    return [gradient * scale for gradient in gradients]


def _gradients_of_norm(generator: torch.Generator, low: float, high: float) -> tuple[Any, ...]:
    """Draw gradients whose norm is `low` to `high` times the limit."""
    inputs, hidden = draw.unequal(generator, 2, 2, 5)
    shapes = (hidden, inputs), (hidden, hidden), (hidden,)
    gradients = [draw.normal(generator, *shape) for shape in shapes]
    limit = draw.uniform(generator, 0.05, 0.09).item()
    scale = draw.uniform(generator, low, high) * limit / _norm(gradients)
    return [gradient * scale for gradient in gradients], limit


def _one_long_gradient(generator: torch.Generator) -> tuple[Any, ...]:
    (*short, long), limit = _gradients_of_norm(generator, 0.1, 0.3)
    return [*short, long * (2 * limit / long.norm())], limit


def _zero_gradients(generator: torch.Generator) -> tuple[Any, ...]:
    gradients, limit = _gradients_of_norm(generator, 1, 1)
    return [torch.zeros_like(gradient) for gradient in gradients], limit


def _short_ones_scaled(gradients: list[Tensor], limit: float) -> list[Tensor]:
    scale = (limit / _norm(gradients)).clamp(min=1)
    return [gradient * scale for gradient in gradients]


def _clip_with_if(gradients: list[Tensor], limit: float) -> list[Tensor]:
    norm = sum(gradient.square().sum() for gradient in gradients) ** 0.5
    return [limit * gradient / norm for gradient in gradients] if norm > limit else gradients


def _clip_by_norm_of_norms(gradients: list[Tensor], limit: float) -> tuple[Tensor, ...]:
    norm = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]).norm().item()
    return tuple(gradient / max(1.0, norm / limit) for gradient in gradients)


EXERCISE = Exercise(
    reference=clip_gradient_norm,
    cases={
        "gradients longer than the limit": lambda generator: _gradients_of_norm(generator, 8, 10),
        "one long gradient among short ones": _one_long_gradient,
        "gradients shorter than the limit": lambda generator: _gradients_of_norm(generator, 0.3, 0.7),
        "gradients that are all zero": _zero_gradients,
    },
    mistakes=(
        Mistake(
            "each tensor is clipped on its own",
            lambda gradients, limit: [
                clipped for gradient in gradients for clipped in clip_gradient_norm([gradient], limit)
            ],
            "Clipping must not turn the gradient: take one norm over all tensors, and scale all alike.",
        ),
        Mistake(
            "each value is clipped",
            lambda gradients, limit: [gradient.clamp(-limit, limit) for gradient in gradients],
            "Cutting off single values turns the gradient to another direction; scale all of them alike.",
        ),
        Mistake(
            "short gradients are scaled up",
            lambda gradients, limit: [gradient * (limit / _norm(gradients)) for gradient in gradients],
            "The limit is an upper one: gradients within it stay as they are, and so do those that are zero.",
        ),
        Mistake(
            "short gradients are scaled and long ones are not",
            _short_ones_scaled,
            "Scale if the norm is greater than the limit, not if it is smaller.",
        ),
        Mistake(
            "the root is left out of the norm",
            lambda gradients, limit: _clipped(gradients, limit, _norm(gradients) ** 2),
            "The norm is the square root of the sum of all squares.",
        ),
        Mistake(
            "the norms of the tensors are added up",
            lambda gradients, limit: _clipped(
                gradients, limit, torch.stack([gradient.norm() for gradient in gradients]).sum()
            ),
            "Norms do not add up, their squares do: sum the squares, then take the root.",
        ),
        Mistake(
            "the longest tensor's norm is taken for that of all",
            lambda gradients, limit: _clipped(
                gradients, limit, torch.stack([gradient.norm() for gradient in gradients]).max()
            ),
            "Together they are longer than the longest: the norm is that of all values in one vector.",
        ),
        Mistake(
            "the absolute values are summed",
            lambda gradients, limit: _clipped(
                gradients, limit, torch.stack([gradient.abs().sum() for gradient in gradients]).sum()
            ),
            "The norm meant here is the length of a vector: the root of the sum of squares.",
        ),
        Mistake(
            "the largest value is taken for the norm",
            lambda gradients, limit: _clipped(
                gradients, limit, torch.stack([gradient.abs().max() for gradient in gradients]).max()
            ),
            "Many small values make a long vector, too: the norm is the root of the sum of squares.",
        ),
        Mistake(
            "the squares are averaged, not summed",
            lambda gradients, limit: _clipped(
                gradients,
                limit,
                torch.cat([gradient.flatten() for gradient in gradients]).square().mean().sqrt(),
            ),
            "The root of the mean square is the size of a typical value; the norm sums the squares.",
        ),
        Mistake(
            "long gradients get the norm 1",
            lambda gradients, limit: _clipped(
                [gradient / limit if _norm(gradients) > limit else gradient for gradient in gradients],
                limit,
                _norm(gradients),
            ),
            "Divided by its norm a vector has length 1; it should be `limit`: multiply by that.",
        ),
        Mistake(
            "a small number is added to the norm, as PyTorch does",
            lambda gradients, limit: _clipped(gradients, limit, _norm(gradients) + 1e-6),
            "Then the clipped norm is not quite the limit. There is no division by zero if you scale only "
            "when the norm is greater than the limit.",
        ),
        Mistake(
            "the gradients come back unchanged",
            lambda gradients, _limit: gradients,
            "Return new ones, `[gradient * scale for gradient in gradients]`. (PyTorch's function clips the "
            "`.grad` of parameters; these tensors have none. An assignment to a loop's variable changes "
            "no list.)",
        ),
        Mistake(
            "the norm is returned",
            lambda gradients, _limit: _norm(gradients),
            "PyTorch's function changes its input and returns the norm; this one returns new gradients.",
        ),
    ),
    hints=(
        "How long is the vector that you get if you write all gradients one after another?",
        "The common norm is the square root of the sum of all squares, over all tensors. By which one number "
        "must everything be multiplied to make it `limit`?",
        "`norm = torch.cat([g.flatten() for g in gradients]).norm()`; if it is greater than `limit`, "
        "multiply each gradient by `limit / norm`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_clip_with_if, _clip_by_norm_of_norms),
)
