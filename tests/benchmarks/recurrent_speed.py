"""How much longer the recurrent layers take than PyTorch's: forward and backward, float32, one thread.

Run by `make benchmark` (tests/benchmarks/__main__.py). It prints a table for each layer and size; the
numbers in brackets are multiples of the faster one's time.
"""

from collections.abc import Callable

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor, nn

from course_lib.models.recurrent import from_torch

BATCH, STEPS = 32, 128

torch.set_num_threads(1)


def course_states(layer: nn.RNNBase) -> Callable[[Tensor], Tensor]:
    copy = from_torch(layer)
    return lambda inputs: copy(inputs).states


def torch_states(layer: nn.RNNBase) -> Callable[[Tensor], Tensor]:
    return lambda inputs: layer(inputs)[0]


@pytest.mark.parametrize("states", [torch_states, course_states])
@pytest.mark.parametrize("size", [64, 128, 256])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_forward_and_backward(
    benchmark: BenchmarkFixture, kind: Callable[..., nn.RNNBase], size: int, states: Callable
):
    benchmark.group = f"{kind.__name__}, {size:3} inputs and hidden units"
    run = states(kind(size, size, batch_first=True, dtype=torch.float32))
    inputs = torch.randn(BATCH, STEPS, size, dtype=torch.float32)
    benchmark(lambda: run(inputs).sum().backward())
