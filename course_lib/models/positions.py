"""Positions: what tells a model that reads all tokens at once where each of them stands."""

from math import comb

import torch
from jaxtyping import Float, Int
from torch import Tensor


def sinusoidal_encoding(steps: int, d_model: int, base: float = 10_000.0) -> Float[Tensor, "steps d_model"]:
    """Return a vector for each position, counted from 0. Vaswani et al. 2017.

    The numbers 2i and 2i + 1 of position p are the sine and the cosine of p / base^(2i / d_model): waves of
    2 pi steps and more, up to 2 pi base^(1 - 2 / d_model). Raises ValueError if `d_model` is odd.
    """
    angles = _angles(torch.arange(steps), d_model, base)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(start_dim=-2)


def rotate(
    x: Float[Tensor, "*batch steps d"], positions: Int[Tensor, "steps"], base: float = 10_000.0
) -> Float[Tensor, "*batch steps d"]:
    """Turn each pair of numbers (2i, 2i + 1) of a vector by the angle position / base^(2i / d).

    The dot product of a turned query with a turned key knows of their positions only how far, and to which
    side, one is from the other. Rotary positions, Su et al. 2021. Raises ValueError if `d` is odd.
    """
    angles = _angles(positions, x.shape[-1], base)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x.unflatten(-1, (-1, 2)).unbind(dim=-1)
    turned = first * cos - second * sin, first * sin + second * cos
    return torch.stack(turned, dim=-1).flatten(start_dim=-2)


def reversal_ceiling(symbols: int, steps: int) -> float:
    """Return the best share of right symbols in reversing random sequences without knowing positions.

    All that can be known of a token's mirror image is that it is one of the `steps - 1` other tokens: the
    best guess is the most frequent of their symbols. Raises ValueError if `steps` is odd: then one token is
    its own mirror image.
    """
    if steps < 2 or steps % 2:
        raise ValueError(f"give an even number of steps, from 2; got {steps}")
    return most_frequent_share(symbols, steps - 1)


def most_frequent_share(symbols: int, steps: int) -> float:
    """Return which share of random tokens has the symbol that is most frequent among them, on average.

    Raises ValueError if there is no symbol or no step.
    """
    if symbols < 1 or steps < 1:
        raise ValueError(f"give at least one symbol and one step; got {symbols} and {steps}")
    at_most = [_sequences(symbols, steps, most) / symbols**steps for most in range(steps)]
    return sum(1 - share for share in at_most) / steps  # the mean of a count adds up the chances to exceed


def _sequences(symbols: int, steps: int, most: int) -> int:
    """How many sequences have no symbol more than `most` times; symbol after symbol is put in its places."""
    ways = [1] + [0] * steps
    for _ in range(symbols):
        ways = [sum(ways[n - k] * comb(n, k) for k in range(min(n, most) + 1)) for n in range(steps + 1)]
    return ways[steps]


def _angles(positions: Int[Tensor, "steps"], d: int, base: float) -> Float[Tensor, "steps half"]:
    if d % 2:
        raise ValueError(f"sine and cosine come in pairs: give an even size, not {d}")
    return positions[:, None] * base ** (-torch.arange(0, d, 2) / d)
