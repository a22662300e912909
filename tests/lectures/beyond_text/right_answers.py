"""Other right answers to the exercises of lecture 12, which the check must accept."""

from itertools import permutations

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn.functional import unfold

from course_lib.generation import sample_tokens
from course_lib.models.detection import match_objects
from course_lib.models.vision import patchify


def patchify_by_unfolding_both_axes(images: Tensor, size: int) -> Tensor:
    squares = images.unfold(2, size, size).unfold(3, size, size)
    return squares.movedim(1, 3).flatten(start_dim=3).flatten(start_dim=1, end_dim=2)


def patchify_by_a_loop(images: Tensor, size: int) -> Tensor:
    height, width = images.shape[2:]
    return torch.stack(
        [
            images[:, :, top : top + size, left : left + size].flatten(start_dim=1)
            for top in range(0, height, size)
            for left in range(0, width, size)
        ],
        dim=1,
    )


def patchify_by_torch(images: Tensor, size: int) -> Tensor:
    return unfold(images, kernel_size=size, stride=size).mT


def match_objects_by_the_least_sum(cost: Tensor) -> Tensor:
    queries, objects = cost.shape

    def total(way: tuple[int, ...]) -> Tensor:
        return cost[list(way), range(objects)].sum()

    return torch.tensor(min(permutations(range(queries), objects), key=total))


def match_objects_by_scipy(cost: Tensor) -> Tensor:
    queries, objects = linear_sum_assignment(cost.numpy())
    return torch.tensor(queries)[torch.tensor(objects).argsort()]


def sample_tokens_row_by_row(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    tokens = []
    for row in logits:
        probabilities = torch.softmax(row / temperature, dim=0)
        tokens.append(int(torch.multinomial(probabilities, num_samples=1, generator=generator)))
    return torch.tensor(tokens)


def sample_tokens_by_powers(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """Raise probabilities to a power; `multinomial` divides by their sum itself."""
    powers = logits.softmax(dim=-1) ** (1 / temperature)
    return torch.multinomial(powers, 1, generator=generator).squeeze(dim=-1)


RIGHT_ANSWERS = {
    "patchify": (patchify, patchify_by_unfolding_both_axes, patchify_by_a_loop, patchify_by_torch),
    "match_objects": (match_objects, match_objects_by_the_least_sum, match_objects_by_scipy),
    "sample_tokens": (sample_tokens, sample_tokens_row_by_row, sample_tokens_by_powers),
}
