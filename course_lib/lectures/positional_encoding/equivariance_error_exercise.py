"""The exercise of lecture 08 on layers that do not know where their tokens stand."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
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
    """Tokens, and an order that moves each of them and is not undone by doing it again."""
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
    """A layer without biases and tokens by which the difference that is largest in size has this sign."""

    def draw_case(generator: torch.Generator) -> Case:
        layer, x, order = _case(draw_layer)(generator)
        differences = _differences(layer, x, order).flatten()
        return layer, x * (sign * differences[differences.abs().argmax()].sign()), order

    return draw_case


def _differences(layer: Layer, x: Tensor, order: Tensor) -> Tensor:
    return layer(x[:, order]) - layer(x)[:, order]


def _measured_by(measure: Callable[[Tensor], Tensor]) -> Callable[[Layer, Tensor, Tensor], float]:
    """The error of someone who makes one number of the right differences in another way."""
    return lambda layer, x, order: measure(_differences(layer, x, order)).item()


def _largest_outputs_compared(layer: Layer, x: Tensor, order: Tensor) -> float:
    return abs(layer(x[:, order]).abs().max() - layer(x)[:, order].abs().max()).item()


def _relative(layer: Layer, x: Tensor, order: Tensor) -> float:
    return (_differences(layer, x, order).abs().max() / layer(x).abs().max()).item()


def _order_undone(layer: Layer, x: Tensor, order: Tensor) -> Tensor:
    return (layer(x[:, order])[:, order.argsort()] - layer(x)).abs().max()


def _token_by_token(layer: Layer, x: Tensor, order: Tensor) -> float:
    before, after = layer(x), layer(x.index_select(1, order))
    places = enumerate(order.tolist())
    return max(float((after[:, new] - before[:, old]).abs().max()) for new, old in places)


def _by_infinity_norm(layer: Layer, x: Tensor, order: Tensor) -> float:
    return torch.dist(layer(x[:, order]), layer(x)[:, order], p=torch.inf).item()


def _by_gathering(layer: Layer, x: Tensor, order: Tensor) -> float:
    def reordered(tokens: Tensor) -> Tensor:
        return tokens.gather(1, order[None, :, None].expand_as(tokens))

    error = reordered(layer(x)) - layer(reordered(x))
    return max(error.max().item(), -error.min().item())


def _in_place(layer: Layer, x: Tensor, order: Tensor) -> float:
    shuffled = x.clone()
    shuffled[:] = x[:, order]
    return torch.amax(torch.abs(layer(x)[:, order] - layer(shuffled)), dim=(0, 1, 2)).item()


EXERCISE = Exercise(
    reference=equivariance_error,
    cases={
        "attention without a mask": _case(_draw_attention),
        "attention with a causal mask": _case(partial(_draw_attention, is_causal=True)),
        "a perceptron": _case(_draw_perceptron),
        "a convolution": _linear_case(_draw_convolution, sign=1),
        "a running sum": _linear_case(lambda _generator, _size: _running_sum, sign=-1),
    },
    mistakes=(
        Mistake(
            "the outputs are not reordered",
            lambda layer, x, order: (layer(x[:, order]) - layer(x)).abs().max().item(),
            "The output of a token moves with the token: compare with `layer(x)[:, order]`.",
        ),
        Mistake(
            "the inputs are not reordered",
            lambda layer, x, order: (layer(x) - layer(x)[:, order]).abs().max().item(),
            "The layer has to see the tokens in their new order: `layer(x[:, order])`.",
        ),
        Mistake(
            "the layer is not used",
            lambda _layer, x, order: (x[:, order] - x).abs().max().item(),
            "Compare outputs of the layer: those of reordered tokens with the reordered ones.",
        ),
        Mistake(
            "the outputs are reordered the wrong way round",
            lambda layer, x, order: (layer(x[:, order])[:, order] - layer(x)).abs().max().item(),
            "Reordering twice is not going back: reorder the outputs of x in the same way as its tokens, or "
            "undo it by `order.argsort()`.",
        ),
        Mistake(
            "the absolute value is left out",
            _measured_by(torch.max),
            "A large negative difference is large, too: take `.abs()` before the maximum.",
        ),
        Mistake(
            "the absolute value is left out, and the difference taken the other way round",
            _measured_by(lambda differences: (-differences).max()),
            "A large negative difference is large as well: take `.abs()` before `.max()`.",
        ),
        Mistake(
            "the mean is taken instead of the maximum",
            _measured_by(lambda differences: differences.abs().mean()),
            "A mean can be small although one token is far off: take the largest difference.",
        ),
        Mistake(
            "the differences are added up",
            _measured_by(lambda differences: differences.abs().sum()),
            "A sum grows with the number of tokens: take the largest difference.",
        ),
        Mistake(
            "the length of the difference is taken instead of its largest number",
            _measured_by(torch.linalg.vector_norm),
            "The Euclidean norm adds up all squares: take `.abs().max()`.",
        ),
        Mistake(
            "the differences are squared",
            _measured_by(lambda differences: differences.square().max()),
            "A square is another number than the difference: take the absolute value.",
        ),
        Mistake(
            "the squared differences are averaged",
            _measured_by(lambda differences: differences.square().mean()),
            "No square and no mean: the largest absolute difference is asked for.",
        ),
        Mistake(
            "the largest outputs are compared",
            _largest_outputs_compared,
            "Subtract token by token first, then look for the largest difference.",
        ),
        Mistake(
            "the error is divided by the largest output",
            _relative,
            "Give the difference itself, in the units of the outputs.",
        ),
    ),
    hints=(
        "There are two ways from x to reordered outputs: reorder first or apply the layer first. When do "
        "both lead to the same place?",
        "`x[:, order]` reorders the steps of x: at step t stands the token that stood at step order[t]. "
        "Apply the layer to that; reorder `layer(x)` in the same way; subtract.",
        "The largest absolute number of `layer(x[:, order]) - layer(x)[:, order]`: `.abs().max().item()`",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_order_undone, _token_by_token, _by_infinity_norm, _by_gathering, _in_place),
)
