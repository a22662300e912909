"""The exercise of lecture 03 on an RNN's run over a sequence."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.lectures.rnn.recurrent_step_cases import rnn_weights
from course_lib.models.recurrent import rnn_step


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


def _case(generator: torch.Generator, time: int) -> tuple[Any, ...]:
    inputs, hidden, batch = draw.unequal(generator, 3, 2, 5)
    x, h = draw.normal(generator, batch, time, inputs), draw.normal(generator, batch, hidden)
    return x, h, *rnn_weights(generator, inputs, hidden)


MISTAKES = """
    every step starts from the first state
        h = rnn_step -> state = rnn_step
        append(h) -> append(state)
    The state that a step returns is the state that the next step begins with: assign it to `h`.

    the states are stacked with time first
        torch.stack(states, dim=1) -> torch.stack(states)
    The shape is (batch, time, hidden): `torch.stack(states, dim=1)`.

    only the last state is returned
        torch.stack(states, dim=1) -> h
    The exercise asks for the state after every step: collect them in a list.

    the first state is returned as well
        states = [] -> states = [h]
    There are as many states as steps; the one that was given is not among them.

    the state before each step is returned, not the one after it
        h = rnn_step(x, h, weight_input, weight_hidden, bias) -> states.append(h)
        states.append(h) -> h = rnn_step(x, h, weight_input, weight_hidden, bias)
    Append the state after it has been updated.

    the sequence is read from its end
        inputs.unbind -> inputs.flip(1).unbind
        torch.stack(states, dim=1) -> torch.stack(states[::-1], dim=1)
    Time runs forward: step 0 reads `inputs[:, 0]`.

    the network starts from zeros
        states = [] -> states = []; h = torch.zeros_like(h)
    The first state is given as the argument `h`.

    the last state is repeated at every step
        torch.stack(states, dim=1) -> torch.stack([h] * len(states), dim=1)
    Collect each state as it is computed, not the last one after the loop.
"""

EXERCISE = Exercise(
    reference=rnn_unroll,
    cases={
        "sizes that are all different": lambda generator: _case(generator, draw.whole(generator, 6, 8)),
        "a single step": lambda generator: _case(generator, 1),
    },
    mistakes=mistakes(rnn_unroll, MISTAKES),
    hints=(
        "What does step 1 need that step 0 has computed?",
        "Go through `inputs[:, t]` in a loop, and call `recurrent.rnn_step` with the last state.",
        "In the loop `h = recurrent.rnn_step(inputs[:, t], h, weight_input, weight_hidden, bias)` and "
        "`states.append(h)`; after it `torch.stack(states, dim=1)`.",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    differentiable=True,
)
