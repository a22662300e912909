"""The exercise of lecture 10 on the feed-forward network."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.functional import linear

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models.transformer import feed_forward

Activation = Callable[[Tensor], Tensor]
Case = tuple[Tensor, ...]


def _case(*batch: int) -> MakeCase:
    def draw_case(generator: torch.Generator) -> Case:
        steps, d_model, hidden = draw.unequal(generator, 3, 4, 9)
        shapes = (hidden, d_model), (hidden,), (d_model, hidden), (d_model,)
        x = draw.normal(generator, *batch, steps, d_model)
        return x, *(draw.normal(generator, *shape) / shape[-1] ** 0.5 for shape in shapes)

    return draw_case


def _as_it_is(x: Tensor) -> Tensor:
    return x


def _network(
    x: Tensor,
    weight_hidden: Tensor,
    bias_hidden: Tensor,
    weight_output: Tensor,
    bias_output: Tensor,
    before: Activation = _as_it_is,
    between: Activation = torch.relu,
    behind: Activation = _as_it_is,
) -> Tensor:
    """The network with other activations, at other places."""
    hidden = between(linear(before(x), weight_hidden, bias_hidden))
    return behind(linear(hidden, weight_output, bias_output))


def _hidden_bias_behind_the_units(x: Tensor, *parameters: Tensor) -> Tensor:
    weight_hidden, bias_hidden, weight_output, bias_output = parameters
    return linear(torch.relu(x @ weight_hidden.T) + bias_hidden, weight_output, bias_output)


def _with_biases(hidden: float, output: float) -> Callable[..., Tensor]:
    """The network with biases that are multiplied by something, such as 0."""

    def network(x: Tensor, *parameters: Tensor) -> Tensor:
        weight_hidden, bias_hidden, weight_output, bias_output = parameters
        return feed_forward(x, weight_hidden, hidden * bias_hidden, weight_output, output * bias_output)

    return network


def _input_added(x: Tensor, *parameters: Tensor) -> Tensor:
    return x + feed_forward(x, *parameters)


def _averaged_over_the_steps(x: Tensor, *parameters: Tensor) -> Tensor:
    return feed_forward(x.mean(dim=-2, keepdim=True).expand_as(x), *parameters)


def _only_the_last_step(x: Tensor, *parameters: Tensor) -> Tensor:
    return feed_forward(x[..., -1, :], *parameters)


def _by_matrix_products(x: Tensor, *parameters: Tensor) -> Tensor:
    weight_hidden, bias_hidden, weight_output, bias_output = parameters
    hidden = (x @ weight_hidden.T + bias_hidden).clamp(min=0)
    return hidden @ weight_output.mT + bias_output


def _by_einsum(x: Tensor, *parameters: Tensor) -> Tensor:
    weight_hidden, bias_hidden, weight_output, bias_output = parameters
    hidden = torch.einsum("...d,hd->...h", x, weight_hidden) + bias_hidden
    return torch.einsum("...h,dh->...d", torch.where(hidden > 0, hidden, 0.0), weight_output) + bias_output


def _step_by_step(x: Tensor, *parameters: Tensor) -> Tensor:
    return torch.stack([feed_forward(vectors, *parameters) for vectors in x.unbind(dim=-2)], dim=-2)


def _in_single_precision(x: Tensor, *parameters: Tensor) -> Tensor:
    return feed_forward(x.float(), *(parameter.float() for parameter in parameters))


EXERCISE = Exercise(
    reference=feed_forward,
    cases={
        "a sequence of vectors": _case(),
        "a batch of sequences": _case(3),
        "a batch with several heads": _case(2, 3),
    },
    mistakes=(
        Mistake(
            "the ReLU is left out",
            partial(_network, between=_as_it_is),
            "Without it two linear maps follow each other, and they are no more than one linear map.",
        ),
        Mistake(
            "the ReLU stands at the end instead of between the two maps",
            partial(_network, between=_as_it_is, behind=torch.relu),
            "The hidden units are rectified; the output may be negative.",
        ),
        Mistake(
            "the output passes a ReLU as well",
            partial(_network, behind=torch.relu),
            "The output may be negative: what is added to the stream must be able to lower a number.",
        ),
        Mistake(
            "the input passes a ReLU as well",
            partial(_network, before=torch.relu),
            "The input goes into the first map as it is, with its negative numbers.",
        ),
        Mistake(
            "the ReLU is applied to the input instead of the hidden units",
            partial(_network, before=torch.relu, between=_as_it_is),
            "The hidden units are rectified: first the map to them, then the ReLU.",
        ),
        Mistake(
            "the hidden units are tanh",
            partial(_network, between=torch.tanh),
            "The units of the original Transformer are ReLU: what is below zero becomes zero.",
        ),
        Mistake(
            "the hidden units are sigmoid",
            partial(_network, between=torch.sigmoid),
            "A sigmoid makes a gate; here the units are ReLU: what is above zero stays as it is.",
        ),
        Mistake(
            "the hidden units are GELU",
            partial(_network, between=functional.gelu),
            "Many later models have GELU; this one has ReLU, as in 2017.",
        ),
        Mistake(
            "the hidden units pass a softmax",
            partial(_network, between=lambda hidden: hidden.softmax(dim=-1)),
            "A softmax shares out 1 among them; here every unit is rectified by itself.",
        ),
        Mistake(
            "the bias of the hidden units is left out",
            _with_biases(0, 1),
            "Each hidden unit has a bias: it decides from where on the unit is active.",
        ),
        Mistake(
            "the bias of the output is left out",
            _with_biases(1, 0),
            "`bias_output` is added at the end.",
        ),
        Mistake(
            "both biases are left out",
            _with_biases(0, 0),
            "Each of the two maps has a bias: `x @ weight.T + bias`.",
        ),
        Mistake(
            "the bias of the hidden units is added behind the ReLU",
            _hidden_bias_behind_the_units,
            "The bias belongs to the map: it is added before the ReLU.",
        ),
        Mistake(
            "the input is added to the result",
            _input_added,
            "That is the residual connection, which the layer makes; only the network is asked for.",
        ),
        Mistake(
            "the vectors are averaged over the steps first",
            _averaged_over_the_steps,
            "Every vector passes the network by itself; only attention mixes tokens.",
        ),
        Mistake(
            "only the last step is returned",
            _only_the_last_step,
            "Every vector passes the network: the result has as many as the input.",
        ),
    ),
    hints=(
        "Two linear maps, from d_model to hidden and back. What has to stand between them, so that they are "
        "more than one linear map?",
        "The rows of a matrix belong to its outputs, as in `torch.nn.Linear`: `x @ weight_hidden.T + "
        "bias_hidden` are the hidden units before the ReLU, for all steps of all sequences at once.",
        "`torch.relu(x @ weight_hidden.T + bias_hidden) @ weight_output.T + bias_output`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(_by_matrix_products, _by_einsum, _step_by_step, _in_single_precision),
    differentiable=True,
)
