"""The exercise of lecture 08 on layers that don't know where their tokens are."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase
from course_lib.models.attention import (
    causal_mask,
    equivariance_error,
    scaled_dot_product_attention,
)

Layer = Callable[[Tensor], Tensor]
Case = tuple[Layer, Tensor, Tensor]
MakeLayer = Callable[[torch.Generator, int], Layer]


def _perceptron(weight_hidden: Tensor, weight_output: Tensor, x: Tensor) -> Tensor:
    return torch.tanh(x @ weight_hidden.T) @ weight_output.T


def _attention(weight_query: Tensor, weight_key: Tensor, is_causal: bool, x: Tensor) -> Tensor:
    mask = causal_mask(x.shape[1]) if is_causal else None
    return scaled_dot_product_attention(x @ weight_query.T, x @ weight_key.T, x, mask)[0]


def _convolution(weight: Tensor, x: Tensor) -> Tensor:
    return functional.conv1d(x.mT, weight, padding=1).mT


def _running_sum(x: Tensor) -> Tensor:
    return x.cumsum(dim=1)


def _draw_perceptron(generator: torch.Generator, size: int) -> Layer:
    return partial(_perceptron, *(draw.normal(generator, *shape) for shape in ((6, size), (size, 6))))


def _draw_attention(generator: torch.Generator, size: int, is_causal: bool = False) -> Layer:
    weight_query, weight_key = draw.normal(generator, 2, 3, size)
    return partial(_attention, weight_query, weight_key, is_causal)


def _draw_convolution(generator: torch.Generator, size: int) -> Layer:
    return partial(_convolution, draw.normal(generator, size, size, 3))


def _tokens_and_order(generator: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
    """Tokens, and an order that moves each of them and doesn't undo itself when done twice."""
    batch, steps = draw.whole(generator, 2, 3), draw.whole(generator, 6, 9)
    cycle = torch.randperm(steps, generator=generator)
    order = torch.empty_like(cycle)
    order[cycle] = cycle.roll(1)
    return draw.normal(generator, batch, steps, size), order


def _case(draw_layer: MakeLayer) -> MakeCase:
    def draw_case(generator: torch.Generator) -> Case:
        size = draw.whole(generator, 4, 5)
        return draw_layer(generator, size), *_tokens_and_order(generator, size)

    return draw_case


def _linear_case(draw_layer: MakeLayer, sign: int) -> MakeCase:
    """A layer without biases, and tokens for which the difference of the largest size has this sign."""

    def draw_case(generator: torch.Generator) -> Case:
        layer, x, order = _case(draw_layer)(generator)
        differences = _differences(layer, x, order).flatten()
        return layer, x * (sign * differences[differences.abs().argmax()].sign()), order

    return draw_case


def _differences(layer: Layer, x: Tensor, order: Tensor) -> Tensor:
    return layer(x[:, order]) - layer(x)[:, order]


def _single_token(generator: torch.Generator) -> Case:
    size = draw.whole(generator, 4, 5)
    return _draw_convolution(generator, size), draw.normal(generator, 1, 1, size), torch.tensor([0])


MISTAKES = """
    the sequences are reordered instead of their tokens
        [:, order] -> [order]
    The error says that there are not so many sequences: the tokens are on axis 1, after the batch.

    the numbers of each token are reordered instead of the tokens
        [:, order] -> [..., order]
    The error says that a vector has not so many numbers: the tokens are on axis 1, in the middle.

    the differences are returned, not the largest of them
        .abs().max().item() ->
    One number is asked for: the largest absolute difference.

    there is an error for each token
        .abs().max().item() -> .abs().amax(dim=-1)
    One number is asked for: the largest of all tokens and sequences.

    the maximum is taken along an axis
        .max() -> .max(dim=1)
    The error is about two results: along an axis `max` also says where the maximum is. Without `dim` there is
    one.

    the length of each token's difference is taken
        .abs().max() -> .norm(dim=-1).max()
    Each number counts on its own: take absolute values, not lengths of vectors.

    absolute values are taken before the difference
        layer(x[:, order]) - layer(x)[:, order] -> layer(x[:, order]).abs() - layer(x)[:, order].abs()
    Then numbers that differ in their sign only count as equal: subtract first.

    the outputs are compared with the inputs
        layer(x)[:, order] -> x[:, order]
    Compare outputs of the layer with outputs of the layer: it may change its tokens as it likes.

    the smallest difference is taken
        max -> min
    Some numbers may agree by chance: it is the largest difference that counts.

    the outputs are not reordered
        layer(x)[:, order] -> layer(x)
    The output of a token moves with the token: compare with `layer(x)[:, order]`.

    the inputs are not reordered
        layer(x[:, order]) -> layer(x)
    The layer has to see the tokens in their new order: `layer(x[:, order])`.

    the layer is not used
        layer(x[:, order]) - layer(x)[:, order] -> x[:, order] - x
    Compare outputs of the layer: those of the reordered tokens with the reordered ones.

    the outputs are reordered the wrong way round
        layer(x[:, order]) -> layer(x[:, order])[:, order]
        layer(x)[:, order] -> layer(x)
    Reordering twice doesn't bring the tokens back: reorder the outputs of x in the same way as its tokens, or
    undo the order that the inputs were given.

    the absolute value is left out
        .abs() ->
    A large negative difference is large, too: take `.abs()` before the maximum.

    the absolute value is left out, and the difference is taken the other way round
        layer(x[:, order]) - layer(x)[:, order] -> layer(x)[:, order] - layer(x[:, order])
        .abs() ->
    A large negative difference is large as well: take `.abs()` before `.max()`.

    the mean is taken instead of the maximum
        max -> mean
    A mean can be small although one token is far off: take the largest difference.

    the differences are added up
        max -> sum
    A sum grows with the number of tokens: take the largest difference.

    the length of the difference is taken instead of its largest number
        .abs().max() -> .square().sum().sqrt()
    The Euclidean norm adds up all squares: take `.abs().max()`.

    the differences are squared
        abs -> square
    The square of a difference is not the difference: take the absolute value.

    the squared differences are averaged
        .abs().max() -> .square().mean()
    Neither a square nor a mean is wanted: take the largest absolute difference.

    the largest outputs are compared
        layer(x[:, order]) -> layer(x[:, order]).abs().max()
        layer(x)[:, order] -> layer(x)[:, order].abs().max()
    Subtract token by token first, then look for the largest difference.

    the error is divided by the largest output
        .max() -> .max() / layer(x).abs().max()
    Return the difference itself, in the units of the outputs.
"""

EXERCISE = Exercise(
    reference=equivariance_error,
    cases={
        "attention without a mask": _case(_draw_attention),
        "attention with a causal mask": _case(partial(_draw_attention, is_causal=True)),
        "a perceptron": _case(_draw_perceptron),
        "a convolution": _linear_case(_draw_convolution, sign=1),
        "a single token": _single_token,
        "a running sum": _linear_case(lambda _generator, _size: _running_sum, sign=-1),
    },
    mistakes=mistakes(equivariance_error, MISTAKES),
    hints=(
        "There are two ways from x to reordered outputs: reorder first or apply the layer first. When do "
        "both lead to the same place?",
        "`x[:, order]` reorders the steps of x: step t gets the token that was at step order[t]. "
        "Apply the layer to that, reorder `layer(x)` in the same way, and subtract.",
        "`layer(x[:, order])` is one of the two outputs. Subtract the other: the differences have the shape "
        "of x. Make one number of them, for which a large negative difference is large. `.item()` makes it a "
        "float.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    library="`torch.testing.assert_close(layer(x[:, order]), layer(x)[:, order])` raises if they differ by "
    "more than rounding, and names the largest difference and its place.",
)
