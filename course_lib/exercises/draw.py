"""Random arguments for cases."""

import torch
from jaxtyping import Float64
from torch import Tensor


def whole(generator: torch.Generator, low: int, high: int) -> int:
    """Draw a whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def normal(generator: torch.Generator, *shape: int) -> Float64[Tensor, "..."]:
    """Draw a tensor of standard normal values."""
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def uniform(generator: torch.Generator, low: float, high: float, *shape: int) -> Float64[Tensor, "..."]:
    """Draw a tensor of values between `low` and `high`."""
    return low + (high - low) * torch.rand(shape, generator=generator, dtype=torch.float64)


def unequal(generator: torch.Generator, count: int, low: int, high: int) -> list[int]:
    """Draw `count` different whole numbers from `low` to `high`, both included, in any order."""
    order = torch.randperm(high - low + 1, generator=generator)
    return (low + order[:count]).tolist()
