"""The exercises of lecture 06 on the GRU's step and on the parameters of all three networks."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.lectures.rnn.recurrent_step_cases import in_single_precision, step_cases
from course_lib.models.recurrent import gru_step

Gates = tuple[Tensor, Tensor, Tensor]
sigmoid, tanh = torch.sigmoid, torch.tanh


def _case(generator: torch.Generator, batch: int) -> tuple[Any, ...]:
    inputs, hidden = draw.unequal(generator, 2, 2, 5)
    return (
        draw.normal(generator, batch, inputs),
        draw.uniform(generator, -1, 1, batch, hidden),
        draw.normal(generator, 3 * hidden, inputs),
        draw.normal(generator, 3 * hidden, hidden),
        draw.uniform(generator, 0.3, 0.9, 3 * hidden),
        draw.uniform(generator, -0.9, -0.3, 3 * hidden),
    )


def _blocks(
    x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor
) -> tuple[Gates, Gates]:
    """What input and old state give to reset gate, update gate and candidate."""
    r, z, g = (x @ w.T + bias_x).chunk(3, dim=1)
    r_hidden, z_hidden, g_hidden = (h @ u.T + bias_h).chunk(3, dim=1)
    return (r, z, g), (r_hidden, z_hidden, g_hidden)


def _with_candidate(candidate: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The step whose candidate follows from the reset gate, the input and the old state by another rule."""

    def step(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
        (r, z, g), (r_hidden, z_hidden, g_hidden) = _blocks(x, h, *weights)
        z = sigmoid(z + z_hidden)
        return (1 - z) * candidate(sigmoid(r + r_hidden), g, g_hidden) + z * h

    return step


def _with_update(update: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """The step whose new state follows from z, the candidate and the old state by another rule."""

    def step(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
        (r, z, g), (r_hidden, z_hidden, g_hidden) = _blocks(x, h, *weights)
        g = tanh(g + sigmoid(r + r_hidden) * g_hidden)
        return update(sigmoid(z + z_hidden), g, h)

    return step


def _reset_and_update_swapped(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    (z, r, g), (z_hidden, r_hidden, g_hidden) = _blocks(x, h, *weights)
    z, g = sigmoid(z + z_hidden), tanh(g + sigmoid(r + r_hidden) * g_hidden)
    return (1 - z) * g + z * h


def _tanh_gates(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    (r, z, g), (r_hidden, z_hidden, g_hidden) = _blocks(x, h, *weights)
    z, g = tanh(z + z_hidden), tanh(g + tanh(r + r_hidden) * g_hidden)
    return (1 - z) * g + z * h


def _candidate_from_reset_state(keep: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """The step that resets the old state itself, and keeps of it what `keep` makes of the update gate."""

    def step(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor) -> Tensor:
        (r, z, g), (r_hidden, z_hidden, _) = _blocks(x, h, w, u, bias_x, bias_h)
        r, kept = sigmoid(r + r_hidden), keep(sigmoid(z + z_hidden))
        rows = slice(2 * h.shape[1], None)
        return (1 - kept) * tanh(g + (r * h) @ u[rows].T + bias_h[rows]) + kept * h

    return step


def _hidden_bias_outside_the_reset(
    x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor
) -> Tensor:
    return gru_step(x, h, w, u, bias_x + bias_h, torch.zeros_like(bias_h))


def _hidden_weights_transposed(
    x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor
) -> Tensor:
    blocks = u.view(3, h.shape[1], h.shape[1])
    return gru_step(x, h, w, blocks.transpose(1, 2).reshape(u.shape), bias_x, bias_h)


def _rows_alternating(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor) -> Tensor:
    order = torch.arange(len(bias_x)).view(-1, 3).T.flatten()
    return gru_step(x, h, w[order], u[order], bias_x[order], bias_h[order])


def _by_torch(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    return torch.gru_cell(x, h, *weights)


def _by_einsum(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor) -> Tensor:
    hidden = h.shape[1]
    from_input = torch.einsum("bi,nhi->nbh", x, w.view(3, hidden, -1)) + bias_x.view(3, 1, hidden)
    from_hidden = torch.einsum("bk,nhk->nbh", h, u.view(3, hidden, hidden)) + bias_h.view(3, 1, hidden)
    r, z = (from_input[:2] + from_hidden[:2]).sigmoid()
    g = (from_input[2] + r * from_hidden[2]).tanh()
    return g + z * (h - g)


def _gate_by_gate(x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor) -> Tensor:
    linear, size = nn.functional.linear, h.shape[1]
    pairs = zip(linear(x, w, bias_x).split(size, dim=1), linear(h, u, bias_h).split(size, dim=1), strict=True)
    (r, r_hidden), (z, z_hidden), (g, g_hidden) = pairs
    g = tanh(g + sigmoid(r + r_hidden) * g_hidden)
    return torch.lerp(g, h, sigmoid(z + z_hidden))


GRU_STEP = Exercise(
    reference=gru_step,
    cases=step_cases(_case),
    mistakes=(
        Mistake(
            "the update gate is taken for the share of the candidate",
            _with_update(lambda z, g, h: z * g + (1 - z) * h),
            "Both conventions are in use; here, as in PyTorch, the old state is kept where z is 1.",
        ),
        Mistake(
            "the reset gate is applied to the state before its product with the weights",
            _candidate_from_reset_state(keep=lambda z: z),
            "That is the GRU as first published. PyTorch's multiplies the product, its bias included, by r: "
            "`r * (h @ weight_hidden.T + bias_hidden)`.",
        ),
        Mistake(
            "both gates follow other conventions than PyTorch's",
            _candidate_from_reset_state(keep=lambda z: 1 - z),
            "Here z is the share of the old state that is kept, and r multiplies that state's product with "
            "its weights, not the state itself.",
        ),
        Mistake(
            "the hidden bias stands outside of the reset gate",
            _hidden_bias_outside_the_reset,
            "The reset gate multiplies the product and `bias_hidden`: that is why there are two biases.",
        ),
        Mistake(
            "the reset gate is applied to the input as well",
            _with_candidate(lambda r, g, g_hidden: tanh(r * (g + g_hidden))),
            "`r` multiplies only what comes from the old state, before tanh: the input always enters.",
        ),
        Mistake(
            "the reset gate is applied after tanh",
            _with_candidate(lambda r, g, g_hidden: r * tanh(g + g_hidden)),
            "`r` multiplies only what comes from the old state, and does so before tanh.",
        ),
        Mistake(
            "the reset gate is applied to the input in place of the old state",
            _with_candidate(lambda r, g, g_hidden: tanh(r * g + g_hidden)),
            "`r` multiplies what comes from the old state, not what comes from the input.",
        ),
        Mistake(
            "the reset gate is left out",
            _with_candidate(lambda _r, g, g_hidden: tanh(g + g_hidden)),
            "In the candidate the part that comes from the old state is multiplied by r.",
        ),
        Mistake(
            "the reset gate and the update gate are swapped",
            _reset_and_update_swapped,
            "The first block of rows is the reset gate's, the second the update gate's.",
        ),
        Mistake(
            "the rows of the three blocks are taken to alternate",
            _rows_alternating,
            "Each block's rows stand together: `.chunk(3, dim=1)`.",
        ),
        Mistake(
            "the sigmoid is applied to the candidate",
            _with_candidate(lambda r, g, g_hidden: sigmoid(g + r * g_hidden)),
            "The state lies between -1 and 1, and so does the candidate: it takes tanh.",
        ),
        Mistake(
            "tanh is applied to the gates",
            _tanh_gates,
            "A gate is a share from 0 to 1: it takes the sigmoid. Only the candidate takes tanh.",
        ),
        Mistake(
            "the old state is dropped",
            _with_update(lambda z, g, _h: (1 - z) * g),
            "The new state mixes candidate and old state: `(1 - z) * g + z * h`.",
        ),
        Mistake(
            "the candidate is added in full",
            _with_update(lambda z, g, h: g + z * h),
            "The two shares sum to one: what is kept of the old state, z, the candidate does not get.",
        ),
        Mistake(
            "the candidate is returned",
            _with_update(lambda _z, g, _h: g),
            "The candidate is a proposal; the update gate mixes it with the old state.",
        ),
        Mistake(
            "the input bias is left out",
            lambda x, h, w, u, bias_x, bias_h: gru_step(x, h, w, u, torch.zeros_like(bias_x), bias_h),
            "Add `bias_input` to `x @ weight_input.T`.",
        ),
        Mistake(
            "the hidden bias is left out",
            lambda x, h, w, u, bias_x, bias_h: gru_step(x, h, w, u, bias_x, torch.zeros_like(bias_h)),
            "Add `bias_hidden` to `h @ weight_hidden.T`.",
        ),
        Mistake(
            "the hidden weights of each gate are transposed",
            _hidden_weights_transposed,
            "Within a block rows belong to new units and columns to old ones: `h @ weight_hidden.T`.",
        ),
    ),
    hints=(
        "Compute what the input gives and what the old state gives, and cut each into three blocks. Which "
        "blocks may be added at once, and where must the reset gate come in between?",
        "Reset and update gate are sigmoids of a sum. For the candidate only the old state's block is "
        "multiplied by r, before the sum and tanh.",
        "`g = torch.tanh(g_input + r * g_hidden)`, and the new state is `(1 - z) * g + z * h`.",
    ),
    points=4,
    difficulty=3,
    minutes=20,
    variants=(_by_torch, _by_einsum, _gate_by_gate, in_single_precision(gru_step)),
    differentiable=True,
)


BLOCKS = {"RNN": 1, "LSTM": 4, "GRU": 3}
"""How many blocks of rows the weights of a network hold: one for each gate and one for the candidate."""


def parameter_count(kind: str, inputs: int, hidden: int) -> int:
    """Count the weights and biases of `torch.nn.RNN`, `LSTM` or `GRU`, which keep two bias vectors."""
    return BLOCKS[kind] * hidden * (inputs + hidden + 2)


def _count(blocks: dict[str, int], biases: int = 2) -> Callable[[str, int, int], int]:
    return lambda kind, inputs, hidden: blocks[kind] * hidden * (inputs + hidden + biases)


def _layer_count(kind: str, inputs: int, hidden: int) -> int:
    layer = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}[kind](inputs, hidden)
    return sum(parameter.numel() for parameter in layer.parameters())


def _tensor_by_tensor(kind: str, inputs: int, hidden: int) -> int:
    rows = hidden * ("RNN", "", "GRU", "LSTM").index(kind) + hidden
    return rows * inputs + rows * hidden + rows + rows


def _count_case(kind: str) -> Callable[[torch.Generator], tuple[Any, ...]]:
    return lambda generator: (kind, *draw.unequal(generator, 2, 6, 40))


PARAMETER_COUNT = Exercise(
    reference=parameter_count,
    cases={
        "an RNN": _count_case("RNN"),
        "an LSTM": _count_case("LSTM"),
        "a GRU": _count_case("GRU"),
    },
    mistakes=(
        Mistake(
            "one bias vector is counted",
            _count(BLOCKS, biases=1),
            "`torch.nn` keeps two for each block, one with the input's weights and one with the state's.",
        ),
        Mistake(
            "the second bias is counted for the GRU alone",
            lambda kind, inputs, hidden: _count(BLOCKS, biases=2 if kind == "GRU" else 1)(
                kind, inputs, hidden
            ),
            "Only the GRU needs two, but `torch.nn` keeps two for the RNN and the LSTM as well.",
        ),
        Mistake(
            "the GRU's second bias is counted for its candidate alone",
            lambda kind, inputs, hidden: (
                BLOCKS[kind] * hidden * (inputs + hidden + 1) + hidden * (kind == "GRU")
            ),
            "`torch.nn` keeps two biases for every block, though only the GRU's candidate needs both.",
        ),
        Mistake(
            "the biases are left out",
            _count(BLOCKS, biases=0),
            "Each block has two bias vectors besides its weights.",
        ),
        Mistake(
            "LSTM and GRU are swapped",
            _count({"RNN": 1, "LSTM": 3, "GRU": 4}),
            "The LSTM has three gates and a candidate, the GRU two gates and a candidate.",
        ),
        Mistake(
            "the candidate is not counted",
            _count({"RNN": 1, "LSTM": 3, "GRU": 2}),
            "Besides its gates each network has a candidate, which has weights as well: 4 blocks and 3.",
        ),
        Mistake(
            "the GRU's candidate is not counted",
            _count({"RNN": 1, "LSTM": 4, "GRU": 2}),
            "Its two gates and the candidate have weights each: three blocks.",
        ),
        Mistake(
            "the LSTM's cell state is counted as a block",
            _count({"RNN": 1, "LSTM": 5, "GRU": 3}),
            "The cell state is computed from the gates without weights of its own.",
        ),
        Mistake(
            "all three are counted as an RNN",
            _count({"RNN": 1, "LSTM": 1, "GRU": 1}),
            "Each gate has weights and biases of its own, and so has the candidate.",
        ),
        Mistake(
            "each block reads all blocks",
            lambda kind, inputs, hidden: BLOCKS[kind] * hidden * (inputs + BLOCKS[kind] * hidden + 2),
            "All blocks read the same state, which has `hidden` units.",
        ),
        Mistake(
            "inputs and hidden units are swapped",
            lambda kind, inputs, hidden: parameter_count(kind, hidden, inputs),
            "A block has a row for each hidden unit, which reads all inputs and all hidden units.",
        ),
    ),
    hints=(
        "How many blocks of rows do the weights of `rnn_step`, `lstm_step` and `gru_step` hold?",
        "A block has weights of shape (hidden, inputs) and (hidden, hidden), and in `torch.nn` two biases of "
        "shape (hidden,).",
        "Multiply the number of blocks, 1, 4 or 3, by hidden * (inputs + hidden + 2).",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    variants=(_layer_count, _tensor_by_tensor),
)

EXERCISES = (GRU_STEP, PARAMETER_COUNT)
