"""Wrong answers to the exercises of lecture 12 that are right for most inputs: an edge refuses them."""

from itertools import permutations

import torch
from torch import Tensor

from course_lib.exercises.exercise import Function
from course_lib.generation import sample_tokens
from course_lib.models.detection import match_objects
from course_lib.models.vision import patchify


def patchify_without_axes_of_one(images: Tensor, size: int) -> Tensor:
    return patchify(images, size).squeeze()


def patchify_of_squares(images: Tensor, size: int) -> Tensor:
    """Pictures with more columns than rows lose what is beyond the square."""
    side = min(images.shape[2:])
    return patchify(images[:, :, :side, :side], size)


def patchify_of_two_pixels_at_least(images: Tensor, size: int) -> Tensor:
    return patchify(images, size) if size > 1 else images.flatten(start_dim=2)


def patchify_without_gradients(images: Tensor, size: int) -> Tensor:
    return patchify(images.detach(), size)


def matched(cost: Tensor, least: float) -> Tensor:
    """Keep the best of all ways that are better than what the search starts with."""
    best, found = least, torch.full((cost.shape[1],), -1)
    for way in permutations(range(len(cost)), cost.shape[1]):
        total = float(cost[list(way), range(cost.shape[1])].sum())
        if total < best:
            best, found = total, torch.tensor(way)
    return found


def match_objects_from_zero(cost: Tensor) -> Tensor:
    return matched(cost, 0.0)


def match_objects_from_a_thousand(cost: Tensor) -> Tensor:
    return matched(cost, 1000.0)


def match_objects_by_absolute_values(cost: Tensor) -> Tensor:
    return match_objects(cost.abs())


def match_objects_by_squares(cost: Tensor) -> Tensor:
    return match_objects(cost.square())


def match_objects_without_the_axis_of_one(cost: Tensor) -> Tensor:
    return match_objects(cost).squeeze()


def sample_tokens_without_axes_of_one(
    logits: Tensor, temperature: float, generator: torch.Generator
) -> Tensor:
    return sample_tokens(logits, temperature, generator).squeeze()


def sample_tokens_no_bolder_than_the_model(
    logits: Tensor, temperature: float, generator: torch.Generator
) -> Tensor:
    return sample_tokens(logits, min(temperature, 1.0), generator)


def sample_tokens_no_shyer_than_the_model(
    logits: Tensor, temperature: float, generator: torch.Generator
) -> Tensor:
    return sample_tokens(logits, max(temperature, 1.0), generator)


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("patchify", patchify_without_axes_of_one),
    ("patchify", patchify_of_squares),
    ("patchify", patchify_of_two_pixels_at_least),
    ("patchify", patchify_without_gradients),
    ("match_objects", match_objects_from_zero),
    ("match_objects", match_objects_from_a_thousand),
    ("match_objects", match_objects_by_absolute_values),
    ("match_objects", match_objects_by_squares),
    ("match_objects", match_objects_without_the_axis_of_one),
    ("sample_tokens", sample_tokens_without_axes_of_one),
    ("sample_tokens", sample_tokens_no_bolder_than_the_model),
    ("sample_tokens", sample_tokens_no_shyer_than_the_model),
)
