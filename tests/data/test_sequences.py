"""Padding and made-up series."""

import math

import pytest
import torch

from course_lib.data.sequences import add_noise, bucket_by_length, pad_batch, sine


def test_padding_fills_up_at_the_end():
    values, mask = pad_batch(
        [torch.tensor([1.0, 2.0]), torch.tensor([3.0]), torch.tensor([4.0, 5.0, 6.0])], -1.0
    )
    assert values.tolist() == [[1, 2, -1], [3, -1, -1], [4, 5, 6]]
    assert mask.tolist() == [[True, True, False], [True, False, False], [True, True, True]]


@pytest.mark.parametrize("dtype", [torch.long, torch.float32, torch.float64, torch.bool])
def test_padding_keeps_the_dtype(dtype: torch.dtype):
    values, _ = pad_batch([torch.ones(2, dtype=dtype), torch.ones(1, dtype=dtype)])
    assert values.dtype == dtype
    assert values.tolist() == [[1, 1], [1, 0]]


def test_padding_copies_and_takes_empty_sequences():
    sequence = torch.tensor([1.0, 2.0])
    values, mask = pad_batch([sequence, torch.tensor([])])
    values[0, 0] = 9
    assert sequence.tolist() == [1, 2]
    assert mask.sum(dim=1).tolist() == [2, 0]


def test_padding_lets_gradients_through():
    sequence = torch.tensor([1.0, 2.0], requires_grad=True)
    values, _ = pad_batch([sequence, torch.ones(3)])
    values.sum().backward()
    assert sequence.grad is not None
    assert sequence.grad.tolist() == [1, 1]


def test_nothing_to_pad():
    with pytest.raises(ValueError, match="at least one sequence"):
        pad_batch([])


def test_batches_hold_the_shortest_first_and_equal_lengths_in_their_order():
    assert bucket_by_length([5, 2, 9, 2, 5, 1, 5], 3) == [[5, 1, 3], [0, 4, 6], [2]]
    assert bucket_by_length([5, 2, 9, 2], 2) == [[1, 3], [0, 2]]
    assert bucket_by_length((3, 1), 5) == [[1, 0]]
    assert bucket_by_length([], 5) == []


def test_batches_leave_the_lengths_as_they_were():
    lengths = [3, 1, 2]
    bucket_by_length(lengths, 2)
    assert lengths == [3, 1, 2]


@pytest.mark.parametrize("size", [0, -1])
@pytest.mark.parametrize("lengths", [[3, 1], []])
def test_an_empty_batch_is_refused(lengths: list[int], size: int):
    with pytest.raises(ValueError, match=r"^a batch holds at least one sequence$"):
        bucket_by_length(lengths, size)


def test_sine_has_its_period_and_phase():
    series = sine(25, period=12.5, phase=0.4)
    assert series.shape == (25,)
    assert series[0].item() == pytest.approx(math.sin(0.4))
    assert series[5].item() == pytest.approx(math.sin(0.4 + 0.4 * 2 * math.pi))
    assert sine(23, period=11)[11:22].tolist() == pytest.approx(sine(23, period=11)[:11].tolist(), abs=1e-12)


def test_noise_has_its_deviation_and_its_seed(generator: torch.Generator):
    series = torch.full((20000,), 5.0)
    noisy = add_noise(series, 0.3, generator)
    assert (noisy - 5).std().item() == pytest.approx(0.3, rel=0.03)
    assert noisy.mean().item() == pytest.approx(5, abs=0.01)
    assert torch.equal(noisy, add_noise(series, 0.3, torch.Generator().manual_seed(20)))
    assert add_noise(series.float(), 0.3, generator).dtype == torch.float32
