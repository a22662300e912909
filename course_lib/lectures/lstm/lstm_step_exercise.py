"""The exercise of lecture 05 on the LSTM's step."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.lectures.rnn.recurrent_step_cases import in_single_precision, step_cases
from course_lib.models.recurrent import lstm_step

Pair = tuple[Tensor, Tensor]
Squash = Callable[[Tensor], Tensor]
sigmoid, tanh = torch.sigmoid, torch.tanh


def _case(generator: torch.Generator, batch: int) -> tuple[Any, ...]:
    inputs, hidden = draw.unequal(generator, 2, 2, 5)
    return (
        draw.normal(generator, batch, inputs),
        draw.uniform(generator, -1, 1, batch, hidden),
        draw.normal(generator, batch, hidden),
        draw.normal(generator, 4 * hidden, inputs),
        draw.normal(generator, 4 * hidden, hidden),
        draw.uniform(generator, 0.3, 0.9, 4 * hidden),
    )


def _blocks(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> tuple[Tensor, ...]:
    """What goes into input gate, forget gate, candidate and output gate."""
    return (x @ w.T + h @ u.T + bias).chunk(4, dim=1)


def _gated(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> Pair:
    c = f * c + i * g
    return o * tanh(c), c


def _in_order(order: str) -> Callable[..., Pair]:
    """The step of someone who takes the four blocks to stand in another order."""

    def step(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> Pair:
        blocks = dict(zip(order, _blocks(x, h, *weights), strict=True))
        i, f, g, o = (blocks[name] for name in "ifgo")
        return _gated(c, sigmoid(i), sigmoid(f), tanh(g), sigmoid(o))

    return step


def _as_it_is(x: Tensor) -> Tensor:
    return x


def _squashed_by(
    i: Squash = sigmoid, f: Squash = sigmoid, g: Squash = tanh, o: Squash = sigmoid
) -> Callable[..., Pair]:
    """The step that squashes some of the blocks by other functions."""

    def step(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> Pair:
        blocks = _blocks(x, h, *weights)
        return _gated(c, *(squash(block) for squash, block in zip((i, f, g, o), blocks, strict=True)))

    return step


def _updated_by(update: Callable[..., Pair]) -> Callable[..., Pair]:
    """The step whose new states follow from h, c and the four gates by another rule."""

    def step(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> Pair:
        i, f, g, o = _blocks(x, h, *weights)
        return update(h, c, sigmoid(i), sigmoid(f), tanh(g), sigmoid(o))

    return step


def _output_gate_on_the_cell(_h: Tensor, c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> Pair:
    h, c = _gated(c, i, f, g, o)
    return h, o * c


def _gates_interleaved(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Pair:
    i, f, g, o = (x @ w.T + h @ u.T + bias).view(*h.shape, 4).unbind(dim=-1)
    return _gated(c, sigmoid(i), sigmoid(f), tanh(g), sigmoid(o))


def _hidden_weights_transposed(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Pair:
    blocks = u.view(4, h.shape[1], h.shape[1])
    return lstm_step(x, h, c, w, blocks.transpose(1, 2).reshape(u.shape), bias)


def _by_torch(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Pair:
    return torch.lstm_cell(x, [h, c], w, u, bias, torch.zeros_like(bias))


def _by_einsum(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Pair:
    hidden = h.shape[1]
    from_input = torch.einsum("bi,nhi->nbh", x, w.view(4, hidden, -1))
    from_hidden = torch.einsum("bk,nhk->nbh", h, u.view(4, hidden, hidden))
    i, f, g, o = from_input + from_hidden + bias.view(4, 1, hidden)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _gate_by_gate(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> list[Tensor]:
    parts = []
    for start, squash in enumerate((sigmoid, sigmoid, tanh, sigmoid)):
        rows = slice(start * h.shape[1], (start + 1) * h.shape[1])
        w, u, bias = (weight[rows] for weight in weights)
        parts.append(squash(torch.nn.functional.linear(x, w, bias) + torch.nn.functional.linear(h, u)))
    i, f, g, o = parts
    c = torch.addcmul(i * g, f, c)
    return [o * tanh(c), c]


EXERCISE = Exercise(
    reference=lstm_step,
    cases=step_cases(_case),
    mistakes=(
        Mistake(
            "the input gate and the forget gate are swapped",
            _in_order("figo"),
            "The first block of rows is the input gate's, the second the forget gate's.",
        ),
        Mistake(
            "the candidate and the output gate are swapped",
            _in_order("ifog"),
            "The third block of rows is the candidate's, the fourth the output gate's.",
        ),
        Mistake(
            "the blocks are taken in the order forget gate, input gate, output gate, candidate",
            _in_order("fiog"),
            "Their order is input gate, forget gate, candidate, output gate.",
        ),
        Mistake(
            "the rows of the four gates are taken to alternate",
            _gates_interleaved,
            "Each gate's rows stand together in a block: `.chunk(4, dim=1)`.",
        ),
        Mistake(
            "the sigmoid is applied to the candidate",
            _squashed_by(g=sigmoid),
            "A gate lies between 0 and 1, but the candidate may be negative: it takes tanh.",
        ),
        Mistake(
            "the candidate passes the sigmoid and then tanh",
            _squashed_by(g=lambda g: tanh(sigmoid(g))),
            "Cut the sum into its four blocks first; the candidate's goes to tanh alone.",
        ),
        Mistake(
            "tanh is applied to the gates",
            _squashed_by(i=tanh, f=tanh, o=tanh),
            "A gate is a share from 0 to 1: it takes the sigmoid. Only the candidate takes tanh.",
        ),
        Mistake(
            "the sigmoid is left out of all three gates",
            _squashed_by(i=_as_it_is, f=_as_it_is, o=_as_it_is),
            "A gate is a share from 0 to 1: `torch.sigmoid` makes one of any number.",
        ),
        Mistake(
            "the sigmoid is left out of the input gate",
            _squashed_by(i=_as_it_is),
            "All three gates take the sigmoid: i too is a share from 0 to 1.",
        ),
        Mistake(
            "the sigmoid is left out of the forget gate",
            _squashed_by(f=_as_it_is),
            "All three gates take the sigmoid: f too is a share from 0 to 1.",
        ),
        Mistake(
            "the sigmoid is left out of the output gate",
            _squashed_by(o=_as_it_is),
            "All three gates take the sigmoid: o too is a share from 0 to 1.",
        ),
        Mistake(
            "neither sigmoid nor tanh is applied to the four blocks",
            _squashed_by(i=_as_it_is, f=_as_it_is, g=_as_it_is, o=_as_it_is),
            "The three gates take the sigmoid and the candidate takes tanh before they are used.",
        ),
        Mistake(
            "tanh is left out of the candidate",
            _squashed_by(g=_as_it_is),
            "The candidate lies between -1 and 1: it takes tanh before its gate.",
        ),
        Mistake(
            "the old cell state is dropped",
            _updated_by(lambda _h, _c, i, _f, g, o: (o * tanh(i * g), i * g)),
            "The new cell state is the sum of what is kept, `f * c`, and what is added, `i * g`.",
        ),
        Mistake(
            "the candidate is added without its gate",
            _updated_by(lambda _h, c, _i, f, g, o: _gated(c, torch.ones_like(f), f, g, o)),
            "The input gate says how much of the candidate is stored: `i * g`.",
        ),
        Mistake(
            "the forget gate is taken for the share to be dropped",
            _updated_by(lambda _h, c, i, f, g, o: _gated(c, i, 1 - f, g, o)),
            "In spite of its name the forget gate is what is kept: at 1 the cell state stays whole.",
        ),
        Mistake(
            "the old hidden state stands in place of the old cell state",
            _updated_by(lambda h, _c, i, f, g, o: _gated(h, i, f, g, o)),
            "The forget gate multiplies c; the hidden state h goes into the gates.",
        ),
        Mistake(
            "tanh of the cell state is left out",
            _updated_by(lambda _h, c, i, f, g, o: (o * (f * c + i * g), f * c + i * g)),
            "The cell state may grow beyond 1; what is shown of it is `o * torch.tanh(c)`.",
        ),
        Mistake(
            "the hidden state shows the old cell state",
            _updated_by(lambda _h, c, i, f, g, o: (o * tanh(c), f * c + i * g)),
            "Update the cell state first: the output gate shows the new one.",
        ),
        Mistake(
            "the output gate is applied to the cell state that is carried on, too",
            _updated_by(_output_gate_on_the_cell),
            "The output gate decides what is shown, not what is remembered: c goes on as it is.",
        ),
        Mistake(
            "the cell state is returned first",
            lambda *arguments: lstm_step(*arguments)[::-1],
            "Return `h, c` in this order.",
        ),
        Mistake(
            "the hidden state is returned twice",
            lambda *arguments: (lstm_step(*arguments)[0], lstm_step(*arguments)[0]),
            "The second result is the new cell state, which no output gate holds back on its way.",
        ),
        Mistake(
            "the bias is left out",
            lambda x, h, c, w, u, bias: lstm_step(x, h, c, w, u, torch.zeros_like(bias)),
            "Add `bias` before the sigmoid and tanh are applied.",
        ),
        Mistake(
            "the hidden weights of each gate are transposed",
            _hidden_weights_transposed,
            "Within a block rows belong to new units and columns to old ones: `h @ weight_hidden.T`.",
        ),
    ),
    hints=(
        "All four blocks are computed at once. What shape has `x @ weight_input.T`, and how is it cut?",
        "`i, f, g, o = (...).chunk(4, dim=1)`. Which of them take the sigmoid, which takes tanh? Then the "
        "cell keeps a share of its old state and adds a share of the candidate.",
        "After the sigmoids and tanh: `c = f * c + i * g`, and `h = o * torch.tanh(c)`. Return `h, c`.",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    variants=(_by_torch, _by_einsum, _gate_by_gate, in_single_precision(lstm_step)),
    differentiable=True,
)
