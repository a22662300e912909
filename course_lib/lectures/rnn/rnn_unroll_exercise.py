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


def _different_sizes(generator: torch.Generator, time: int) -> tuple[Any, ...]:
    return _case(generator, time, *draw.unequal(generator, 3, 2, 5))


def _case(generator: torch.Generator, time: int, batch: int, inputs: int, hidden: int) -> tuple[Any, ...]:
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

    `weight_hidden` is not transposed
        rnn_step( -> torch.tanh(
        x, h, weight_input, weight_hidden, bias -> x @ weight_input.T + h @ weight_hidden + bias
    Rows of `weight_hidden` belong to new units and columns to old ones. A square matrix gives no error when
    it is the wrong way round: let `recurrent.rnn_step` take the step.

    the weights are not transposed
        rnn_step( -> torch.tanh(
        x, h, weight_input, weight_hidden, bias -> x @ weight_input + h @ weight_hidden + bias
    The error says which shapes do not fit: `weight_input` is (hidden, inputs). `recurrent.rnn_step` takes
    care of that.

    the last state is repeated at every step
        torch.stack(states, dim=1) -> torch.stack([h] * len(states), dim=1)
    Collect each state as it is computed, not the last one after the loop.

    batch and time are exchanged by a reshape
        torch.stack(states, dim=1) -> torch.stack(states).reshape(len(inputs), -1, h.shape[1])
    `reshape` keeps the order of the numbers and only cuts them otherwise; to exchange axes, `transpose` them
    or stack along the right one.

    the loop runs over the batch
        inputs.unbind(dim=1) -> inputs.unbind(dim=0)
    A loop over a tensor, and `inputs[t]`, go along the first axis, the batch: step t is `inputs[:, t]`.

    the states are joined along the units
        torch.stack(states, dim=1) -> torch.cat(states, dim=1)
    `cat` joins along an axis that is there; `stack` makes a new one, for time.

    the states are joined along the batch
        torch.stack(states, dim=1) -> torch.cat(states)
    `cat` joins along an axis that is there; `stack` makes a new one, for time, and is told where.

    the states are stacked with time last
        torch.stack(states, dim=1) -> torch.stack(states, dim=2)
    The shape is (batch, time, hidden): time is axis 1, the hidden units come last.

    the first step is left out
        torch.stack(states, dim=1) -> torch.stack(states, dim=1)[:, 1:]
    There are as many states as steps, the one after step 0 included.

    the last step is left out
        torch.stack(states, dim=1) -> torch.stack(states, dim=1)[:, :-1]
    There are as many states as steps, the one after the last step included.

    the last state is returned beside all others
        torch.stack(states, dim=1) -> (torch.stack(states, dim=1), h)
    `torch.nn.RNN` returns two results; here only the states of all steps are asked for.

    every step reads the first value
        rnn_step(x -> rnn_step(inputs[:, 0]
    Step t reads its own value, `inputs[:, t]`.

    every step reads the last value
        rnn_step(x -> rnn_step(inputs[:, -1]
    The value changes from step to step: take it from the loop.

    the states come in the order of a sequence read from its end
        inputs.unbind -> inputs.flip(1).unbind
    Time runs forward: step 0 reads `inputs[:, 0]`, and its state comes first.

    the steps' states are added up
        torch.stack(states, dim=1) -> torch.stack(states, dim=1).cumsum(dim=1)
    Each state is what the step returns; the past is in it already.
"""

EXERCISE = Exercise(
    reference=rnn_unroll,
    cases={
        "sizes that are all different": lambda generator: _different_sizes(
            generator, draw.whole(generator, 6, 8)
        ),
        "a single step": lambda generator: _different_sizes(generator, 1),
        "a batch of one": lambda generator: _case(generator, draw.whole(generator, 4, 6), 1, 3, 2),
        "one input and one unit": lambda generator: _case(generator, draw.whole(generator, 4, 6), 3, 1, 1),
    },
    mistakes=mistakes(rnn_unroll, MISTAKES),
    hints=(
        "What does step 1 need that step 0 has computed?",
        "Go through `inputs[:, t]` in a loop, and call `recurrent.rnn_step` with the last state.",
        "Assign what the step returns to `h`, so that the next step begins there, and append it to a list. "
        "Along which axis must `torch.stack` put the states?",
    ),
    points=3,
    difficulty=2,
    minutes=10,
    differentiable=True,
    library="`course_lib.models.recurrent.RNN` does the same: `layer(inputs, h).states`. `torch.nn.RNN` too, "
    "with `batch_first=True`; it returns the last state as well.",
)
