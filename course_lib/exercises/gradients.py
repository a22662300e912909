"""Whether gradients flow back through a learner's function as they should."""

import inspect
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises import run
from course_lib.exercises.compare import difference
from course_lib.exercises.exercise import Function

Gradients = list[tuple[str, Tensor]]
"""The gradient of each floating input, with the name of the parameter that it belongs to."""

CUTS = "NumPy, `.detach()`, `.data`, `.item()`, `.tolist()`, `torch.tensor(...)` or `torch.no_grad()`"
ABSENT = f"no gradient flows through your result: compute it with torch alone, without {CUTS}"
NEEDS_DETACH = "Can't call numpy() on Tensor that requires grad"
"""What PyTorch says where NumPy is given a tensor that gradients should flow through."""


def gradient_fault(
    reference: Function, function: Function, arguments: tuple[Any, ...], dtype: torch.dtype
) -> str:
    """Say in one line what is wrong with the gradients of a function whose values are right.

    The gradients of a weighted sum of all finite results by every floating input are compared.

    Args:
        reference: gives the right gradients and the names of the inputs.
        function: the learner's.
        arguments: what both are called with.
        dtype: the precision that the gradients should have.

    Returns:
        the fault, empty if there is none.

    """
    names = list(inspect.signature(reference).parameters)
    right = _gradients(reference, names, arguments)
    try:
        got = _gradients(function, names, arguments)
    except run.LearnerError as error:
        return ABSENT if NEEDS_DETACH in error.text else f"with inputs that require gradients, {error}"
    if not any(_flows(gradient) for _, gradient in got) and any(_flows(gradient) for _, gradient in right):
        return ABSENT
    faults = (
        _fault(name, expected, gradient.to(dtype))
        for (name, expected), (_, gradient) in zip(right, got, strict=True)
    )
    return next(filter(None, faults), "")


def _flows(gradient: Tensor) -> bool:
    return bool((gradient != 0).any())


def _fault(name: str, expected: Tensor, got: Tensor) -> str:
    if not difference(expected, got):
        return ""
    gradient = f"the gradient of your result by `{name}`"
    if not _flows(got):
        return f"no gradient reaches `{name}`: is it cut off by {CUTS}?"
    if (got.isnan() & ~expected.isnan()).any():
        return (
            f"{gradient} is NaN: a division by 0 or the root of 0 has no slope, even where `torch.where` "
            "then hides its value; replace such numbers before, not after"
        )
    factor = ((got * expected).sum() / (expected * expected).sum()).item()
    if not difference(expected * factor, got):
        return (
            f"{gradient} is {factor:.3g} times as large as it should be: is one way to the result cut off, "
            "or taken twice?"
        )
    return f"{gradient} has wrong values: is a part of the way to your result cut off by {CUTS}?"


def _gradients(function: Function, names: list[str], arguments: tuple[Any, ...]) -> Gradients:
    """Differentiate a weighted sum of all finite results; zeros where nothing arrives."""
    given = run.copy(arguments, requires_grad=True)
    inputs = [(name, part) for name, value in zip(names, given, strict=False) for part in _floating(value)]
    returned = run.call(function, given)
    results = [part for part in _floating(returned) if part.requires_grad]
    tensors = [tensor for _, tensor in inputs]
    if not results:
        return [(name, torch.zeros_like(tensor)) for name, tensor in inputs]
    try:
        gradients = torch.autograd.grad(
            results, tensors, list(map(_weights, results)), allow_unused=True, materialize_grads=True
        )
    except RuntimeError as error:
        raise run.LearnerError(error, function) from error
    return [(name, gradient) for (name, _), gradient in zip(inputs, gradients, strict=True)]


def _floating(value: Any) -> list[Tensor]:
    """The floating tensors in a value or in its parts."""
    if isinstance(value, tuple | list):
        return [tensor for part in value for tensor in _floating(part)]
    return [value] if isinstance(value, Tensor) and value.is_floating_point() else []


def _weights(result: Tensor) -> Tensor:
    """Unequal weights: in a plain sum a gradient could pass that reaches the wrong entries."""
    weights = torch.linspace(0.5, 1.5, result.numel(), dtype=result.dtype).view(result.shape)
    return weights * result.detach().isfinite()
