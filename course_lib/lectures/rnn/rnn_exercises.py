"""The exercises of lecture 03."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.lectures.rnn.recurrent_step_cases import (
    PARAMETER_COUNT_CASES,
    in_single_precision,
    step_cases,
)
from course_lib.models import recurrent
from course_lib.models.recurrent import rnn_step


def _weights(generator: torch.Generator, inputs: int, hidden: int) -> tuple[Tensor, Tensor, Tensor]:
    return (
        0.7 * draw.normal(generator, hidden, inputs),
        0.7 * draw.normal(generator, hidden, hidden),
        draw.uniform(generator, 0.3, 0.9, hidden),
    )


def _step_case(generator: torch.Generator, batch: int) -> tuple[Any, ...]:
    inputs, hidden = draw.unequal(generator, 2, 2, 5)
    x, h = draw.normal(generator, batch, inputs), draw.normal(generator, batch, hidden)
    return x, h, *_weights(generator, inputs, hidden)


def _before_tanh(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    return x @ w.T + h @ u.T + bias


def _step_by_linear(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    linear = torch.nn.functional.linear
    return torch.tanh(linear(x, w, bias) + linear(h, u))


def _step_by_einsum(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    from_input = torch.einsum("bi,hi->bh", x, w)
    from_hidden = torch.einsum("bk,hk->bh", h, u)
    return (from_input + from_hidden + bias).tanh()


def _step_by_one_product(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
    return torch.tanh(torch.cat([w, u], dim=1) @ torch.cat([x, h], dim=1).T + bias[:, None]).T


RNN_STEP = Exercise(
    reference=rnn_step,
    cases=step_cases(_step_case),
    mistakes=(
        Mistake(
            "the bias is left out",
            lambda x, h, w, u, bias: rnn_step(x, h, w, u, torch.zeros_like(bias)),
            "Add `bias` before tanh.",
        ),
        Mistake(
            "tanh is left out",
            _before_tanh,
            "Without tanh the network is linear however many steps it takes, and its state may grow without "
            "bound.",
        ),
        Mistake(
            "the sigmoid stands in place of tanh",
            lambda x, h, w, u, bias: torch.sigmoid(_before_tanh(x, h, w, u, bias)),
            "The state of this network lies between -1 and 1, that of a sigmoid between 0 and 1.",
        ),
        Mistake(
            "the hidden weights are not transposed",
            lambda x, h, w, u, bias: rnn_step(x, h, w, u.T, bias),
            "Rows of `weight_hidden` belong to new units and columns to old ones: `h @ weight_hidden.T`. A "
            "square matrix gives no error when it is the wrong way round.",
        ),
        Mistake(
            "the old state is forgotten",
            lambda x, h, w, u, bias: rnn_step(x, torch.zeros_like(h), w, u, bias),
            "Without `h @ weight_hidden.T` the network has no memory.",
        ),
        Mistake(
            "the input is ignored",
            lambda x, h, w, u, bias: rnn_step(torch.zeros_like(x), h, w, u, bias),
            "The new state depends on the input x as well as on the old state h.",
        ),
        Mistake(
            "the bias is added after tanh",
            lambda x, h, w, u, bias: rnn_step(x, h, w, u, torch.zeros_like(bias)) + bias,
            "tanh is the last thing that happens: everything else stands inside its parentheses.",
        ),
        Mistake(
            "tanh is applied to input and state one by one",
            lambda x, h, w, u, bias: torch.tanh(x @ w.T + bias) + torch.tanh(h @ u.T),
            "Add the two first: one tanh of the whole sum.",
        ),
    ),
    hints=(
        "What shape must the new state have, and which shapes do the two products give?",
        "x has shape (batch, inputs) and weight_input (hidden, inputs): one of them must be transposed.",
        "It is the tanh of `x @ weight_input.T`, `h @ weight_hidden.T` and `bias` added up.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_step_by_linear, _step_by_einsum, _step_by_one_product, in_single_precision(rnn_step)),
    differentiable=True,
)


def rnn_unroll(
    inputs: Float[Tensor, "batch time inputs"],
    h: Float[Tensor, "batch hidden"],
    weight_input: Float[Tensor, "hidden inputs"],
    weight_hidden: Float[Tensor, "hidden hidden"],
    bias: Float[Tensor, "hidden"],
) -> Float[Tensor, "batch time hidden"]:
    """Return the state after every step, starting from the state `h`."""
    states = []
    for x in inputs.unbind(dim=1):
        h = rnn_step(x, h, weight_input, weight_hidden, bias)
        states.append(h)
    return torch.stack(states, dim=1)


def _unroll_case(generator: torch.Generator, time: int) -> tuple[Any, ...]:
    inputs, hidden, batch = draw.unequal(generator, 3, 2, 5)
    x, h = draw.normal(generator, batch, time, inputs), draw.normal(generator, batch, hidden)
    return x, h, *_weights(generator, inputs, hidden)


def _state_not_carried(inputs: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    return torch.stack([rnn_step(x, h, *weights) for x in inputs.unbind(dim=1)], dim=1)


def _unroll_with_layer(inputs: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    weight_input, weight_hidden, bias = weights
    layer = recurrent.RNN(inputs.shape[2], h.shape[1])
    parameters = {"weight_input": weight_input, "weight_hidden": weight_hidden, "bias": bias}
    return torch.func.functional_call(layer, parameters, (inputs, h)).states


def _unroll_into_rows(inputs: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    states = [h]
    for t in range(inputs.shape[1]):
        states.append(rnn_step(inputs[:, t], states[-1], *weights))
    return torch.stack(states[1:]).transpose(0, 1)


RNN_UNROLL = Exercise(
    reference=rnn_unroll,
    cases={
        "sizes that are all different": lambda generator: _unroll_case(
            generator, draw.whole(generator, 6, 8)
        ),
        "a single step": lambda generator: _unroll_case(generator, 1),
    },
    mistakes=(
        Mistake(
            "every step starts from the first state",
            _state_not_carried,
            "The state that a step returns is the state that the next step begins with: assign it to `h`.",
        ),
        Mistake(
            "the states are stacked with time first",
            lambda inputs, h, *weights: rnn_unroll(inputs, h, *weights).transpose(0, 1),
            "The shape is (batch, time, hidden): `torch.stack(states, dim=1)`.",
        ),
        Mistake(
            "the last state alone is returned",
            lambda inputs, h, *weights: rnn_unroll(inputs, h, *weights)[:, -1],
            "The exercise asks for the state after every step: collect them in a list.",
        ),
        Mistake(
            "the first state is returned as well",
            lambda inputs, h, *weights: torch.cat([h[:, None], rnn_unroll(inputs, h, *weights)], dim=1),
            "There are as many states as steps; the one that was given is not among them.",
        ),
        Mistake(
            "the state before each step is returned, not the one after it",
            lambda inputs, h, *weights: torch.cat(
                [h[:, None], rnn_unroll(inputs, h, *weights)[:, :-1]], dim=1
            ),
            "Append the state after it has been updated.",
        ),
        Mistake(
            "the sequence is read from its end",
            lambda inputs, h, *weights: rnn_unroll(inputs.flip(1), h, *weights).flip(1),
            "Time runs forward: step 0 reads `inputs[:, 0]`.",
        ),
        Mistake(
            "the network starts from zeros",
            lambda inputs, h, *weights: rnn_unroll(inputs, torch.zeros_like(h), *weights),
            "The first state is given as the argument `h`.",
        ),
        Mistake(
            "the last state is repeated at every step",
            lambda inputs, h, *weights: rnn_unroll(inputs, h, *weights)[:, -1:].expand(
                -1, inputs.shape[1], -1
            ),
            "Collect each state when it is computed, not the last one after the loop.",
        ),
    ),
    hints=(
        "What does step 1 need that step 0 has computed?",
        "Go through `inputs[:, t]` in a loop, and call `recurrent.rnn_step` with the last state.",
        "In the loop `h = recurrent.rnn_step(inputs[:, t], h, weight_input, weight_hidden, bias)` and "
        "`states.append(h)`; after it `torch.stack(states, dim=1)`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    variants=(_unroll_with_layer, _unroll_into_rows),
    differentiable=True,
)


def rnn_parameter_count(inputs: int, hidden: int) -> int:
    """Count the weights and biases of an RNN with one bias vector."""
    return recurrent.rnn_parameter_count(inputs, hidden)


RNN_PARAMETER_COUNT = Exercise(
    reference=rnn_parameter_count,
    cases=PARAMETER_COUNT_CASES,
    mistakes=(
        Mistake(
            "two bias vectors are counted",
            lambda inputs, hidden: hidden * (inputs + hidden + 2),
            "`torch.nn.RNN` keeps two, which are added up; this network has one.",
        ),
        Mistake(
            "the bias is left out",
            lambda inputs, hidden: hidden * (inputs + hidden),
            "Every hidden unit has a bias of its own.",
        ),
        Mistake(
            "the bias is a single number",
            lambda inputs, hidden: hidden * (inputs + hidden) + 1,
            "`bias` has shape (hidden,): one number a unit.",
        ),
        Mistake(
            "the hidden weights are left out",
            lambda inputs, hidden: hidden * (inputs + 1),
            "The old state reaches the new one through `weight_hidden`, of shape (hidden, hidden).",
        ),
        Mistake(
            "the input weights are left out",
            lambda _inputs, hidden: hidden * (hidden + 1),
            "The input reaches the state through `weight_input`, of shape (hidden, inputs).",
        ),
        Mistake(
            "inputs and hidden units are swapped",
            lambda inputs, hidden: inputs * (inputs + hidden + 1),
            "The square matrix is that of the hidden units: (hidden, hidden).",
        ),
        Mistake(
            "the bias has a number for each input",
            lambda inputs, hidden: hidden * (inputs + hidden) + inputs,
            "The bias is added to the new state, which has `hidden` units.",
        ),
    ),
    hints=(
        "Which three tensors does `rnn_step` learn, and what are their shapes?",
        "Multiply the sizes of each shape, and add the three numbers. Does the number of steps come in?",
        "`weight_input` has hidden * inputs numbers, `weight_hidden` hidden * hidden, `bias` hidden.",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(
        lambda inputs, hidden: hidden * inputs + hidden**2 + hidden,
        lambda inputs, hidden: sum(p.numel() for p in recurrent.RNN(inputs, hidden).parameters()),
    ),
)

EXERCISES = (RNN_STEP, RNN_UNROLL, RNN_PARAMETER_COUNT)
