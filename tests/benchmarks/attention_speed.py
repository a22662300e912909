"""How long the attention of several heads takes beside PyTorch's: forward and backward, float32, one thread.

Run by `make benchmark` (tests/benchmarks/__main__.py). Both return the weights of every head. It prints a
table for each size; the numbers in brackets are multiples of the faster one's time.
"""

from collections.abc import Callable

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor, nn

from course_lib.models.attention import from_torch

BATCH, STEPS, HEADS = 32, 128, 4

torch.set_num_threads(1)


def course_attention(layer: nn.MultiheadAttention) -> Callable[[Tensor], Tensor]:
    copy = from_torch(layer)
    return lambda inputs: copy(inputs).output


def torch_attention(layer: nn.MultiheadAttention) -> Callable[[Tensor], Tensor]:
    return lambda inputs: layer(inputs, inputs, inputs, average_attn_weights=False)[0]


@pytest.mark.benchmark(min_rounds=60)  # the two are near each other
@pytest.mark.parametrize("attend", [torch_attention, course_attention])
@pytest.mark.parametrize("size", [64, 128, 256])
def test_forward_and_backward(benchmark: BenchmarkFixture, size: int, attend: Callable):
    benchmark.group = f"{HEADS} heads, vectors of {size:3} numbers"
    run = attend(nn.MultiheadAttention(size, HEADS, batch_first=True, dtype=torch.float32))
    inputs = torch.randn(BATCH, STEPS, size, dtype=torch.float32)
    benchmark(lambda: run(inputs).sum().backward())
