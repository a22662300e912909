"""The exercise of lecture 10 on the feed-forward network."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import dropout, gelu, leaky_relu

from course_lib.exercises import draw
from course_lib.exercises.attempt import GLOBAL_SEED
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase

Case = tuple[Tensor, ...]


def feed_forward(
    x: Float[Tensor, "*batch d_model"],
    weight_hidden: Float[Tensor, "hidden d_model"],
    bias_hidden: Float[Tensor, "hidden"],
    weight_output: Float[Tensor, "d_model hidden"],
    bias_output: Float[Tensor, "d_model"],
) -> Float[Tensor, "*batch d_model"]:
    """Return what a perceptron with one hidden layer of ReLU units makes of each vector by itself."""
    hidden = torch.relu(x @ weight_hidden.T + bias_hidden)
    return hidden @ weight_output.T + bias_output


def _case(axes: int) -> MakeCase:
    """Vectors along the last of as many axes; there may be fewer hidden units than numbers in a vector."""

    def draw_case(generator: torch.Generator) -> Case:
        *batch, d_model, hidden = draw.unequal(generator, axes + 1, 3, 8)
        shapes = (hidden, d_model), (hidden,), (d_model, hidden), (d_model,)
        x = draw.normal(generator, *batch, d_model)
        return x, *(draw.normal(generator, *shape) / shape[-1] ** 0.5 for shape in shapes)

    return draw_case


def _with_dropout(x: Tensor) -> Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(GLOBAL_SEED)
        return dropout(x, 0.1)


MISTAKES = """
    the ReLU is left out
        torch.relu ->
    Without it one linear map follows another, and together they are just one linear map.

    the ReLU comes at the end instead of between the two maps
        torch.relu ->
        hidden @ weight_output.T + bias_output -> torch.relu(hidden @ weight_output.T + bias_output)
    The hidden units are rectified; the output may be negative.

    the output passes a ReLU as well
        hidden @ weight_output.T + bias_output -> torch.relu(hidden @ weight_output.T + bias_output)
    The output may be negative: what is added to the stream must be able to lower a number.

    the input passes a ReLU as well
        x @ -> torch.relu(x) @
    The input goes into the first map as it is, with its negative numbers.

    the ReLU is applied to the input instead of the hidden units
        torch.relu ->
        x @ -> torch.relu(x) @
    The hidden units are rectified: first the map to them, then the ReLU.

    the hidden units are tanh
        relu -> tanh
    The units of the original Transformer are ReLU: what is below zero becomes zero.

    the hidden units are sigmoid
        relu -> sigmoid
    A sigmoid makes a gate; here the units are ReLU: what is above zero stays as it is.

    the hidden units are GELU
        torch.relu -> gelu
    Many later models use GELU; this one uses ReLU, as in 2017.

    the hidden units pass a softmax
        torch.relu(x @ weight_hidden.T + bias_hidden) -> (x @ weight_hidden.T + bias_hidden).softmax(dim=-1)
    A softmax shares out 1 among them; here every unit is rectified by itself.

    the bias of the hidden units is left out
        + bias_hidden ->
    Each hidden unit has a bias: it decides where the unit becomes active.

    the bias of the output is left out
        + bias_output ->
    `bias_output` is added at the end.

    both biases are left out
        + bias_hidden ->
        + bias_output ->
    Each of the two maps has a bias of its own.

    the bias of the hidden units is added after the ReLU
        torch.relu(x @ weight_hidden.T + bias_hidden) -> torch.relu(x @ weight_hidden.T) + bias_hidden
    The bias belongs to the map: it is added before the ReLU.

    `x` meets the first matrix untransposed, or the second one first
        weight_hidden.T -> weight_hidden
    The error names two shapes whose inner sizes don't fit. The hidden layer comes first, and the rows of
    `weight_hidden` belong to its outputs: with `x` on the left they must be columns.

    the second matrix is not transposed
        weight_output.T -> weight_output
    The first map works; the second has rows for outputs, too, so its inner sizes don't fit yet.

    each matrix stands on the left of what it multiplies
        x @ weight_hidden.T -> weight_hidden @ x
        hidden @ weight_output.T -> weight_output @ hidden
    That fits a single vector. With more axes the numbers of a vector lie along the last one of `x`, which
    must meet the last one of the matrix.

    `*` stands for the matrix product
        x @ weight_hidden.T -> x * weight_hidden.T
        hidden @ weight_output.T -> hidden * weight_output.T
    `*` multiplies number by number, so the shapes don't fit. A map takes the matrix product, `@`.

    the two matrices are swapped
        x @ weight_hidden.T -> x @ weight_output
        hidden @ weight_output.T -> hidden @ weight_hidden
    The shapes fit, but each matrix has its own task: `weight_hidden` leads to the hidden units.

    `torch.max` is used to rectify the hidden units
        torch.relu(x @ weight_hidden.T + bias_hidden) -> torch.max(x @ weight_hidden.T + bias_hidden, 0)
    `torch.max(..., 0)` looks for the largest along axis 0 and returns values and places. Here each number is
    compared with 0.

    the hidden units are leaky ReLU
        torch.relu -> leaky_relu
    A plain ReLU lets nothing through below zero.

    the hidden units are absolute values
        relu -> abs
    ReLU makes zero of what is below zero, and doesn't turn its sign.

    some hidden units are dropped out
        hidden @ -> with_dropout(hidden) @
    Dropout belongs to training, and sets other units to zero on each call. Here all of them count.

    the input is added to the result
        + bias_output -> + bias_output + x
    That is the residual connection, which the layer makes; here only the network is wanted.

    the vectors are averaged over the steps first
        x @ -> x.mean(dim=-2, keepdim=True).expand_as(x) @
    Every vector passes through the network by itself; only attention mixes tokens.

    only the last step is returned
        x @ -> x[..., -1, :] @
    Every vector passes through the network: the result has as many as the input.
"""

EXERCISE = Exercise(
    reference=feed_forward,
    cases={
        "a single vector": _case(1),
        "a sequence of vectors": _case(2),
        "a batch of sequences": _case(3),
        "a batch with several heads": _case(4),
    },
    mistakes=mistakes(feed_forward, MISTAKES, gelu=gelu, leaky_relu=leaky_relu, with_dropout=_with_dropout),
    hints=(
        "Two linear maps, from d_model to hidden and back. What has to come between them, so that they are "
        "more than one linear map?",
        "The rows of a matrix belong to its outputs, as in `torch.nn.Linear`. What has to be done with the "
        "matrix, so that `x @ ...` works for all steps of all sequences at once?",
        "`x @ weight_hidden.T + bias_hidden` are the hidden units before the ReLU. The second map looks like "
        "the first: what does it read?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    differentiable=True,
    library="`course_lib.models.transformer.FeedForward` keeps the four weights. In PyTorch it is "
    "`nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, d))`, which makes them itself.",
)
