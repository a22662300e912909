"""The exercise of lecture 04 on backpropagation through time."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
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
    return _gradients(inputs, *_run(inputs, targets, parameters))


def _slope(h: Tensor) -> Tensor:
    """The derivative of tanh where its value is h."""
    return 1 - h**2


def _run(
    inputs: Tensor,
    targets: Tensor,
    parameters: Parameters,
    slope: Callable[[Tensor], Tensor] = _slope,
    weight_back: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Run the network forward and back.

    Returns its states before the first and after every step, (batch, time + 1, hidden), and the gradients
    of the loss by the prediction, (batch, outputs), and by what each tanh is taken of, (batch, time, hidden).
    """
    weight_input, weight_hidden, bias, weight_output = parameters
    states = [inputs.new_zeros(len(inputs), len(bias))]
    for x in inputs.unbind(dim=1):
        states.append(rnn_step(x, states[-1], weight_input, weight_hidden, bias))
    error = (states[-1] @ weight_output.T - targets) / len(inputs)
    to_state, deltas = error @ weight_output, []
    for h in reversed(states[1:]):
        deltas.append(to_state * slope(h))
        to_state = deltas[-1] @ (weight_hidden if weight_back is None else weight_back)
    return torch.stack(states, dim=1), error, torch.stack(deltas[::-1], dim=1)


def _gradients(inputs: Tensor, states: Tensor, error: Tensor, deltas: Tensor) -> Parameters:
    """Add up the shares of all steps."""
    to_input = torch.einsum("bth,bti->hi", deltas, inputs)
    to_hidden = torch.einsum("bth,btk->hk", deltas, states[:, :-1])
    return to_input, to_hidden, deltas.sum(dim=(0, 1)), error.T @ states[:, -1]


def _case(generator: torch.Generator, batch: int, time: int) -> tuple[Any, ...]:
    inputs, hidden, outputs = draw.unequal(generator, 3, 3, 6)
    parameters = (
        draw.normal(generator, hidden, inputs) / inputs,
        draw.normal(generator, hidden, hidden) / hidden**0.5,
        draw.uniform(generator, 0.1, 0.5, hidden),
        draw.normal(generator, outputs, hidden),
    )
    return draw.normal(generator, batch, time, inputs), draw.normal(generator, batch, outputs), parameters


def _with_slope(slope: Callable[[Tensor], Tensor]) -> Callable[..., Parameters]:
    def gradients(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
        return _gradients(inputs, *_run(inputs, targets, parameters, slope))

    return gradients


def _going_back_by(weight_back: Callable[[Tensor], Tensor]) -> Callable[..., Parameters]:
    def gradients(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
        run = _run(inputs, targets, parameters, weight_back=weight_back(parameters[1]))
        return _gradients(inputs, *run)

    return gradients


def _share_of_step(step: int) -> Callable[..., Parameters]:
    def gradients(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
        states, error, deltas = _run(inputs, targets, parameters)
        share = torch.zeros_like(deltas)
        share[:, step] = deltas[:, step]
        return _gradients(inputs, states, error, share)

    return gradients


def _times(factor: Callable[[Tensor], float]) -> Callable[..., tuple[Tensor, ...]]:
    def gradients(inputs: Tensor, targets: Tensor, parameters: Parameters) -> tuple[Tensor, ...]:
        right = backpropagate_through_time(inputs, targets, parameters)
        return tuple(gradient * factor(targets) for gradient in right)

    return gradients


def _state_after_each_step(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
    states, error, deltas = _run(inputs, targets, parameters)
    return _gradients(inputs, torch.cat([states[:, 1:], states[:, -1:]], dim=1), error, deltas)


def _slope_lost_on_the_way(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
    states, error, _ = _run(inputs, targets, parameters)
    to_state, deltas = error @ parameters[3], []
    for h in states[:, 1:].flip(1).unbind(dim=1):
        deltas.append(to_state * _slope(h))
        to_state = to_state @ parameters[1]
    return _gradients(inputs, states, error, torch.stack(deltas[::-1], dim=1))


def _same_at_every_state(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
    states, error, _ = _run(inputs, targets, parameters)
    to_state = error @ parameters[3]
    return _gradients(inputs, states, error, to_state[:, None] * _slope(states[:, 1:]))


def _slope_of_the_state_before(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
    states, error, _ = _run(inputs, targets, parameters)
    to_state, deltas = error @ parameters[3], []
    for h in states[:, :-1].flip(1).unbind(dim=1):
        deltas.append(to_state * _slope(h))
        to_state = deltas[-1] @ parameters[1]
    return _gradients(inputs, states, error, torch.stack(deltas[::-1], dim=1))


def _hidden_gradient_transposed(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
    to_input, to_hidden, to_bias, to_output = backpropagate_through_time(inputs, targets, parameters)
    return to_input, to_hidden.T, to_bias, to_output


def _bias_averaged_twice(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
    to_input, to_hidden, to_bias, to_output = backpropagate_through_time(inputs, targets, parameters)
    return to_input, to_hidden, to_bias / len(inputs), to_output


def _output_weights_first(inputs: Tensor, targets: Tensor, parameters: Parameters) -> tuple[Tensor, ...]:
    *rest, to_output = backpropagate_through_time(inputs, targets, parameters)
    return to_output, *rest


def _inputs_from_their_end(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
    return _gradients(inputs.flip(1), *_run(inputs, targets, parameters))


def _bias_from_last_step(inputs: Tensor, targets: Tensor, parameters: Parameters) -> Parameters:
    to_input, to_hidden, _, to_output = backpropagate_through_time(inputs, targets, parameters)
    _, _, to_bias, _ = _share_of_step(-1)(inputs, targets, parameters)
    return to_input, to_hidden, to_bias, to_output


def _by_loop(inputs: Tensor, targets: Tensor, parameters: Parameters) -> tuple[Tensor, ...]:
    weight_input, weight_hidden, bias, weight_output = parameters
    states = [torch.zeros(len(inputs), len(bias), dtype=inputs.dtype)]
    for x in inputs.unbind(dim=1):
        states.append(rnn_step(x, states[-1], weight_input, weight_hidden, bias))
    error = (states[-1] @ weight_output.T - targets) / len(inputs)
    to_input, to_hidden, to_bias = map(torch.zeros_like, (weight_input, weight_hidden, bias))
    to_state = error @ weight_output
    for t in reversed(range(inputs.shape[1])):
        delta = to_state * (1 - states[t + 1] ** 2)
        to_input += delta.T @ inputs[:, t]
        to_hidden += delta.T @ states[t]
        to_bias += delta.sum(dim=0)
        to_state = delta @ weight_hidden
    return to_input, to_hidden, to_bias, error.T @ states[-1]


def _by_autograd(inputs: Tensor, targets: Tensor, parameters: Parameters) -> tuple[Tensor, ...]:
    weight_input, weight_hidden, bias, weight_output = (p.detach().requires_grad_() for p in parameters)
    h = torch.zeros(len(inputs), len(bias), dtype=inputs.dtype)
    for x in inputs.unbind(dim=1):
        h = rnn_step(x, h, weight_input, weight_hidden, bias)
    loss = (h @ weight_output.T - targets).square().sum(dim=1).mean() / 2
    return torch.autograd.grad(loss, [weight_input, weight_hidden, bias, weight_output])


def _one_example_at_a_time(inputs: Tensor, targets: Tensor, parameters: Parameters) -> list[Tensor]:
    each = [
        backpropagate_through_time(x[None], y[None], parameters) for x, y in zip(inputs, targets, strict=True)
    ]
    return [torch.stack(gradients).mean(dim=0) for gradients in zip(*each, strict=True)]


EXERCISE = Exercise(
    reference=backpropagate_through_time,
    cases={
        "sizes that are all different": lambda generator: _case(
            generator, draw.whole(generator, 7, 8), draw.whole(generator, 9, 10)
        ),
        "a batch of one": lambda generator: _case(generator, 1, draw.whole(generator, 3, 5)),
        "a single step": lambda generator: _case(generator, draw.whole(generator, 7, 8), 1),
    },
    mistakes=(
        Mistake(
            "the gradient stops at the last step",
            _share_of_step(-1),
            "Every step used the same weights, and the last state depends on all of them: carry the gradient "
            "back from state to state, and add up the steps' shares.",
        ),
        Mistake(
            "each step's share replaces the one before it",
            _share_of_step(0),
            "The weights are shared by all steps, so their gradient is a sum over the steps: `+=`, not `=`.",
        ),
        Mistake(
            "the derivative of tanh is left out",
            _with_slope(torch.ones_like),
            "On its way back through a step the gradient passes tanh: multiply it by `1 - h**2`.",
        ),
        Mistake(
            "`1 - h` stands for the derivative of tanh",
            _with_slope(lambda h: 1 - h),
            "The derivative of tanh where its value is h is `1 - h**2`, with the square.",
        ),
        Mistake(
            "the derivative of the sigmoid is taken",
            _with_slope(lambda h: h * (1 - h)),
            "That derivative, `h * (1 - h)`, belongs to the sigmoid; that of tanh is `1 - h**2`.",
        ),
        Mistake(
            "tanh is taken twice in its derivative",
            _with_slope(lambda h: 1 - torch.tanh(h) ** 2),
            "The state h is a tanh already, so the derivative is `1 - h**2`.",
        ),
        Mistake(
            "the derivative of tanh is taken at the state before the step",
            _slope_of_the_state_before,
            "The slope belongs to the state after the step, `states[t + 1]`.",
        ),
        Mistake(
            "the hidden weights are transposed on the way back",
            _going_back_by(lambda weight: weight.T),
            "Forward it is `h @ weight_hidden.T`, so backward it is `delta @ weight_hidden`.",
        ),
        Mistake(
            "the gradient goes back without passing the hidden weights",
            _going_back_by(lambda weight: torch.eye(len(weight), dtype=weight.dtype)),
            "The state before a step reaches it through `weight_hidden`; the gradient returns the same way.",
        ),
        Mistake(
            "the slope of tanh is lost on the way back",
            _slope_lost_on_the_way,
            "What goes back to the state before has passed tanh: `delta @ weight_hidden`, not "
            "`to_state @ weight_hidden`.",
        ),
        Mistake(
            "the gradient by the last state is taken at every step",
            _same_at_every_state,
            "Going back from a step its gradient changes: `to_state = delta @ weight_hidden`.",
        ),
        Mistake(
            "the gradient of the hidden weights takes the state after each step",
            _state_after_each_step,
            "`weight_hidden` was multiplied by the state before the step, which is zero at the first one.",
        ),
        Mistake(
            "the gradient of the hidden weights is transposed",
            _hidden_gradient_transposed,
            "As in `weight_hidden`, rows belong to new units and columns to old ones: `delta.T @ states[t]`.",
        ),
        Mistake(
            "the inputs are met from the wrong end",
            _inputs_from_their_end,
            "Going back, the last step comes first, and it read the last input: use the same t for all.",
        ),
        Mistake(
            "the gradient of the bias is that of the last step alone",
            _bias_from_last_step,
            "The bias was added at every step: its gradient, too, is a sum over all of them.",
        ),
        Mistake(
            "the gradient of the bias is averaged over the batch twice",
            _bias_averaged_twice,
            "The error is divided by the number of examples already: `delta.sum(dim=0)`, not `.mean(dim=0)`.",
        ),
        Mistake(
            "the gradients are summed over the batch, not averaged",
            _times(len),
            "The loss is a mean over the batch: divide the error by the number of examples.",
        ),
        Mistake(
            "the sign is turned round",
            _times(lambda _targets: -1),
            "The error is the prediction minus the target, not the other way round.",
        ),
        Mistake(
            "the gradients are twice as large",
            _times(lambda _targets: 2),
            "The loss is half the squared error, so that the 2 of the square's derivative cancels.",
        ),
        Mistake(
            "the squared error is averaged over the outputs as well",
            _times(lambda targets: 2 / targets.shape[1]),
            "This loss is half the squared error, summed over the outputs; `mse_loss` takes their mean.",
        ),
        Mistake(
            "the error is divided by the number of outputs, too",
            _times(lambda targets: 1 / targets.shape[1]),
            "The loss is summed over the outputs: divide by the number of examples alone.",
        ),
        Mistake(
            "the gradient of the output weights is returned first",
            _output_weights_first,
            "Return the gradients in the parameters' order: input weights, hidden weights, bias, output "
            "weights.",
        ),
    ),
    hints=(
        "Write the loss as a function of the last state. How does that state depend on the one before it?",
        "Keep all states on the way forward. Going back, multiply the gradient by the state by `1 - h**2` to "
        "get `delta`, and that by `weight_hidden` to get to the state before.",
        "At step t: `to_input += delta.T @ inputs[:, t]`, `to_hidden += delta.T @ state_before`, "
        "`to_bias += delta.sum(dim=0)`; then `to_state = delta @ weight_hidden`.",
    ),
    points=5,
    difficulty=4,
    minutes=30,
    variants=(_by_loop, _by_autograd, _one_example_at_a_time),
)
