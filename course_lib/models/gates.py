"""The gates of LSTM and GRU at one step, each computed or held at a number."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

Gate = Float[Tensor, "batch hidden"]
Held = Mapping[str, float]
"""Gates that are not computed but held at a number, by name."""


def lstm_gates(preactivations: Float[Tensor, "batch rows"], held: Held) -> tuple[Gate, Gate, Gate, Gate]:
    """Return input gate, forget gate, candidate and output gate, of the blocks in this order."""
    i, f, g, o = preactivations.chunk(4, dim=-1)
    return (
        _unless_held("input", torch.sigmoid(i), held),
        _unless_held("forget", torch.sigmoid(f), held),
        _unless_held("candidate", torch.tanh(g), held),
        _unless_held("output", torch.sigmoid(o), held),
    )


def gru_gates(
    from_input: Float[Tensor, "batch rows"], from_state: Float[Tensor, "batch rows"], held: Held
) -> tuple[Gate, Gate, Gate]:
    """Return reset gate, update gate and candidate; the reset gate acts on what comes from the old state."""
    r, z, g = from_input.chunk(3, dim=-1)
    r_state, z_state, g_state = from_state.chunk(3, dim=-1)
    r = _unless_held("reset", torch.sigmoid(r + r_state), held)
    z = _unless_held("update", torch.sigmoid(z + z_state), held)
    return r, z, _unless_held("candidate", torch.tanh(g + r * g_state), held)


def _unless_held(name: str, gate: Gate, held: Held) -> Gate:
    return torch.full_like(gate, held[name]) if name in held else gate
