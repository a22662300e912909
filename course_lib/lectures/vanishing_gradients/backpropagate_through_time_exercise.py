"""The exercise of lecture 04 on backpropagation through time."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.recurrent import rnn_step

Parameters = tuple[
    Float[Tensor, "hidden inputs"],
    Float[Tensor, "hidden hidden"],
    Float[Tensor, "hidden"],
    Float[Tensor, "outputs hidden"],
]


def backpropagate_through_time(
    inputs: Float[Tensor, "batch time inputs"],
    targets: Float[Tensor, "batch outputs"],
    parameters: Parameters,
) -> Parameters:
    """Return the gradient of an RNN's loss by each of its parameters.

    The parameters are weight_input, weight_hidden, bias and weight_output. The network starts from zeros
    and predicts once, `h @ weight_output.T` from its last state h. The loss is half the squared error, summed
    over the outputs and averaged over the batch. Werbos 1990.
    """
    weight_input, weight_hidden, bias, weight_output = parameters
    states = [inputs.new_zeros(len(inputs), len(bias))]
    for x in inputs.unbind(dim=1):
        states.append(rnn_step(x, states[-1], weight_input, weight_hidden, bias))
    error = (states[-1] @ weight_output.T - targets) / len(inputs)
    to_output = error.T @ states[-1]
    to_input, to_hidden, to_bias = map(torch.zeros_like, (weight_input, weight_hidden, bias))
    to_state = error @ weight_output
    for t in reversed(range(inputs.shape[1])):
        delta = to_state * (1 - states[t + 1] ** 2)
        to_input += delta.T @ inputs[:, t]
        to_hidden += delta.T @ states[t]
        to_bias += delta.sum(dim=0)
        to_state = delta @ weight_hidden
    return to_input, to_hidden, to_bias, to_output


def _case(generator: torch.Generator, batch: int, time: int) -> tuple[Any, ...]:
    inputs, hidden, outputs = draw.unequal(generator, 3, 3, 6)
    parameters = (
        draw.normal(generator, hidden, inputs) / inputs,
        draw.normal(generator, hidden, hidden) / hidden**0.5,
        draw.uniform(generator, 0.1, 0.5, hidden),
        draw.normal(generator, outputs, hidden),
    )
    return draw.normal(generator, batch, time, inputs), draw.normal(generator, batch, outputs), parameters


MISTAKES = """
    the gradient stops at the last step
        reversed(range(inputs.shape[1])) -> [inputs.shape[1] - 1]
    Every step used the same weights, and the last state depends on all of them: carry the gradient back
    from state to state, and add up the steps' shares.

    each step's share replaces the one before it
        += -> =
    The weights are shared by all steps, so their gradient is a sum over the steps: `+=`, not `=`.

    the derivative of tanh is left out
        * (1 - states[t + 1] ** 2) ->
    On its way back through a step the gradient passes tanh: multiply it by `1 - h**2`.

    `1 - h` is taken for the derivative of tanh
        states[t + 1] ** 2 -> states[t + 1]
    The derivative of tanh where its value is h is `1 - h**2`, with the square.

    the derivative of the sigmoid is taken
        (1 - states[t + 1] ** 2) -> states[t + 1] * (1 - states[t + 1])
    That derivative, `h * (1 - h)`, belongs to the sigmoid; that of tanh is `1 - h**2`.

    tanh is taken twice in its derivative
        states[t + 1] ** 2 -> torch.tanh(states[t + 1]) ** 2
    The state h is a tanh already, so the derivative is `1 - h**2`.

    the derivative of tanh is taken at the state before the step
        states[t + 1] -> states[t]
    The slope belongs to the state after the step, `states[t + 1]`.

    the hidden weights are transposed on the way back
        delta @ weight_hidden -> delta @ weight_hidden.T
    Forward it is `h @ weight_hidden.T`, so backward it is `delta @ weight_hidden`.

    the gradient goes back without passing the hidden weights
        delta @ weight_hidden -> delta
    The state before a step reaches it through `weight_hidden`; the gradient returns the same way.

    the slope of tanh is lost on the way back
        delta @ weight_hidden -> to_state @ weight_hidden
    What goes back to the state before has passed tanh: `delta @ weight_hidden`, not
    `to_state @ weight_hidden`.

    the gradient of the last state is used at every step
        to_state = delta @ weight_hidden ->
    The gradient changes as it goes back through a step: `to_state = delta @ weight_hidden`.

    the gradient of the hidden weights takes the state after each step
        delta.T @ states[t] -> delta.T @ states[t + 1]
    `weight_hidden` was multiplied by the state before the step, which is zero at the first one.

    the gradient of the hidden weights is transposed
        delta.T @ states[t] -> states[t].T @ delta
    As in `weight_hidden`, rows belong to new units and columns to old ones: `delta.T @ states[t]`.

    the inputs are read from the wrong end
        inputs[:, t] -> inputs[:, -1 - t]
    Going back, the last step comes first, and it read the last input: use the same t for all.

    the gradient of the bias is that of the last step alone
        to_bias += delta.sum(dim=0) -> to_bias += delta.sum(dim=0) * (t == inputs.shape[1] - 1)
    The bias was added at every step, so its gradient is a sum over all steps.

    the gradient of the bias is that of the first step alone
        to_bias += -> to_bias =
    The bias was added at every step: its gradient, too, is a sum over all of them.

    the gradient of the bias is averaged over the batch twice
        delta.sum(dim=0) -> delta.mean(dim=0)
    The error is divided by the number of examples already: `delta.sum(dim=0)`, not `.mean(dim=0)`.

    the gradients are summed over the batch, not averaged
        / len(inputs) ->
    The loss is a mean over the batch: divide the error by the number of examples.

    the sign is the wrong way round
        states[-1] @ weight_output.T - targets -> targets - states[-1] @ weight_output.T
    The error is the prediction minus the target, not the other way round.

    the gradients are twice as large
        error = ( -> error = 2 * (
    The loss is half the squared error, so that the 2 of the square's derivative cancels.

    the squared error is averaged over the outputs as well
        error = ( -> error = 2 * (
        / len(inputs) -> / targets.numel()
    This loss is half the squared error, summed over the outputs; `mse_loss` takes their mean.

    the error is divided by the number of outputs, too
        / len(inputs) -> / targets.numel()
    The loss is summed over the outputs: divide by the number of examples alone.

    the gradient of the output weights is returned first
        to_input, to_hidden, to_bias, to_output -> to_output, to_input, to_hidden, to_bias
    Return the gradients in the parameters' order: input weights, hidden weights, bias, output weights.
"""

EXERCISE = Exercise(
    reference=backpropagate_through_time,
    cases={
        "sizes that are all different": lambda generator: _case(
            generator, draw.whole(generator, 7, 8), draw.whole(generator, 9, 10)
        ),
        "a batch of one": lambda generator: _case(generator, 1, draw.whole(generator, 3, 5)),
        "a single step": lambda generator: _case(generator, draw.whole(generator, 7, 8), 1),
    },
    mistakes=mistakes(backpropagate_through_time, MISTAKES),
    hints=(
        "Write the loss as a function of the last state. How does that state depend on the one before it?",
        "Keep all states on the way forward. Going back, multiply the gradient of the state by `1 - h**2` to "
        "get `delta`, and that by `weight_hidden` to get to the state before.",
        "At step t: `to_input += delta.T @ inputs[:, t]`, `to_hidden += delta.T @ state_before`, "
        "`to_bias += delta.sum(dim=0)`; then `to_state = delta @ weight_hidden`.",
    ),
    points=5,
    difficulty=4,
    minutes=30,
)
