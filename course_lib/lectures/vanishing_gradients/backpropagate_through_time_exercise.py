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
    return _arguments(generator, batch, time, inputs, hidden, outputs)


def _arguments(
    generator: torch.Generator, batch: int, time: int, inputs: int, hidden: int, outputs: int
) -> tuple[Any, ...]:
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

    the steps are gone through from the first to the last
        reversed(range(inputs.shape[1])) -> range(inputs.shape[1])
    The gradient starts from the last state: going back, the last step comes first.

    the first step is left out
        range(inputs.shape[1]) -> range(1, inputs.shape[1])
    The first step used the weights as well: its index is 0, so go down to that.

    each step's share replaces the one before it
        += -> =
    The weights are shared by all steps, so their gradient is a sum over the steps: `+=`, not `=`.

    the derivative of tanh is left out
        * (1 - states[t + 1] ** 2) ->
    On its way back through a step the gradient passes tanh: multiply it by the slope of tanh there.

    `^` is written for a power
        states[t + 1] ** 2 -> states[t + 1] ^ 2
    In Python `^` compares bits, which PyTorch refuses to do with floats; a power is written `**`.

    `1 - h` is taken for the derivative of tanh
        states[t + 1] ** 2 -> states[t + 1]
    The derivative of tanh where its value is h is `1 - h**2`, with the square.

    the derivative of the sigmoid is taken
        (1 - states[t + 1] ** 2) -> states[t + 1] * (1 - states[t + 1])
    That derivative, `h * (1 - h)`, belongs to the sigmoid; that of tanh is `1 - h**2`.

    the slope of tanh at the last step is used at every step
        states[t + 1] ** 2 -> states[-1] ** 2
    Each step has a slope of its own, which follows from the state that the step has made.

    tanh is taken twice in its derivative
        states[t + 1] ** 2 -> torch.tanh(states[t + 1]) ** 2
    The state h is a tanh already, so the derivative is `1 - h**2`.

    the derivative of tanh is taken at the state before the step
        states[t + 1] -> states[t]
    The slope is that of the state that comes out of tanh at this step, not of the one that went in.

    the hidden weights are transposed on the way back
        delta @ weight_hidden -> delta @ weight_hidden.T
    Forward the state is multiplied by `weight_hidden.T`; the way back takes the transpose of that.

    the gradient goes back without passing the hidden weights
        delta @ weight_hidden -> delta
    The state before a step reaches it through `weight_hidden`; the gradient returns the same way.

    the slope of tanh is lost on the way back
        delta @ weight_hidden -> to_state @ weight_hidden
    What goes back to the state before has passed tanh: send `delta` back, not `to_state`.

    the gradient of the last state is used at every step
        to_state = delta @ weight_hidden ->
    The gradient changes as it goes back through a step: compute `to_state` again at the end of each.

    the gradient of the hidden weights takes the state after each step
        delta.T @ states[t] -> delta.T @ states[t + 1]
    `weight_hidden` was multiplied by the state before the step, which is zero at the first one.

    the gradient of the hidden weights takes the state two steps back
        delta.T @ states[t] -> delta.T @ states[t - 1]
    If your list of states begins with the zeros, `states[t]` is the state before step t already.

    the gradient of the hidden weights is transposed
        delta.T @ states[t] -> states[t].T @ delta
    As in `weight_hidden`, rows belong to new units and columns to old ones: the left factor gives the rows.

    the gradient of the input weights is transposed
        delta.T @ inputs[:, t] -> inputs[:, t].T @ delta
    The error says that two shapes differ: the gradient has a row for each unit, as `weight_input` has.

    the gradient of the output weights is transposed
        error.T @ states[-1] -> states[-1].T @ error
    It has the shape of `weight_output`: a row for each output, a column for each unit.

    `delta` is not transposed where it meets the inputs
        delta.T @ inputs[:, t] -> delta @ inputs[:, t]
    The error says that two matrices do not fit: the product sums over the batch, so this axis must be the
    inner one of both.

    the output weights are not transposed
        weight_output.T -> weight_output
    The error says that two matrices do not fit: `weight_output` has shape (outputs, hidden), and the
    prediction sums over the hidden units.

    the loop goes over the batch instead of the steps
        inputs.unbind(dim=1) -> inputs
    `for x in inputs` takes one example after the other, since the batch is the first axis; a step needs
    the values of all examples at one time.

    an example is read where a step is meant
        inputs[:, t] -> inputs[t]
    `inputs[t]` is the example number t, since the batch is the first axis; time is the second.

    the inputs are read from the wrong end
        inputs[:, t] -> inputs[:, -1 - t]
    Going back, the last step comes first, and it read the last input: use the same t for all.

    the gradient of the bias is that of the last step alone
        to_bias += delta.sum(dim=0) -> to_bias += delta.sum(dim=0) * (t == inputs.shape[1] - 1)
    The bias was added at every step, so its gradient is a sum over all steps.

    the gradient of the bias is that of the first step alone
        to_bias += -> to_bias =
    The bias was added at every step: its gradient, too, is a sum over all of them.

    the gradient of the bias is not summed over the batch
        delta.sum(dim=0) -> delta
    The error says that two shapes differ: `delta` has a row for each example, the bias has none.

    the gradient of the bias is summed over the units as well
        delta.sum(dim=0) -> delta.sum()
    Each unit has a bias and a gradient of its own: sum over the batch alone.

    the gradient of the bias is averaged over the batch twice
        delta.sum(dim=0) -> delta.mean(dim=0)
    The error is divided by the number of examples already: from there on, shares are summed.

    the gradients are summed over the batch, not averaged
        / len(inputs) ->
    The loss is a mean over the batch: divide the error by the number of examples.

    the sign is the wrong way round
        states[-1] @ weight_output.T - targets -> targets - states[-1] @ weight_output.T
    The error is the prediction minus the target, not the other way round.

    the gradients are twice as large
        error = ( -> error = 2 * (
    The loss is half the squared error, so that the 2 of the square's derivative cancels.

    the factor one half of the loss is kept
        error = ( -> error = 0.5 * (
    The derivative of a square brings a factor 2, and the one half cancels it.

    the squared error is averaged over the outputs as well
        error = ( -> error = 2 * (
        / len(inputs) -> / targets.numel()
    This loss is half the squared error, summed over the outputs; `mse_loss` takes their mean.

    the error is divided by the number of outputs, too
        / len(inputs) -> / targets.numel()
    The loss is summed over the outputs: divide by the number of examples alone.

    the error is divided by the number of steps
        / len(inputs) -> / inputs.shape[1]
    The network predicts once, after the last step: the mean is over the examples of the batch.

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
        "more than ten steps": lambda generator: _case(
            generator, draw.whole(generator, 7, 8), draw.whole(generator, 12, 15)
        ),
        "one input, one unit and one output": lambda generator: _arguments(
            generator, draw.whole(generator, 2, 3), draw.whole(generator, 4, 5), 1, 1, 1
        ),
    },
    mistakes=mistakes(backpropagate_through_time, MISTAKES),
    hints=(
        "Write the loss as a function of the last state. How does that state depend on the one before it?",
        "Keep all states on the way forward. Going back, multiply the gradient of the state by `1 - h**2` to "
        "get `delta`, and that by `weight_hidden` to get to the state before.",
        "The share of step t in the gradient of `weight_input` is `delta.T @ inputs[:, t]`. What was "
        "`weight_hidden` multiplied by at this step, and what the bias? Their shares follow.",
    ),
    points=5,
    difficulty=4,
    minutes=30,
    library="`torch.autograd.grad(loss, parameters)` gives the same for any loss; "
    "it records a graph on the way forward, where you kept the states, and goes back through that.",
)
