"""Wrong answers to the exercises of lecture 06 that a single edge refuses."""

import math

import torch
from torch import Tensor

from course_lib.data import sequences
from course_lib.exercises.exercise import Function
from course_lib.models import recurrent

Batches = list[list[int]]
BLOCKS = {"RNN": 1, "LSTM": 4, "GRU": 3}


def gru_step_of_a_squeezed_batch(*arguments: Tensor) -> Tensor:
    return recurrent.gru_step(*arguments).squeeze(0)


def gru_step_of_squeezed_units(*arguments: Tensor) -> Tensor:
    return recurrent.gru_step(*arguments).squeeze(1)


def gru_step_by_squeezed_weights(
    x: Tensor, h: Tensor, w: Tensor, u: Tensor, bias_x: Tensor, bias_h: Tensor
) -> Tensor:
    return recurrent.gru_step(x, h, w.squeeze(), u.squeeze(), bias_x, bias_h)


def gru_step_in_place(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    return h.copy_(recurrent.gru_step(x, h, *weights))


def gru_step_with_a_small_number(*arguments: Tensor) -> Tensor:
    return recurrent.gru_step(*arguments) + 1e-5


def gru_step_without_gradients(*arguments: Tensor) -> Tensor:
    return recurrent.gru_step(*arguments).detach()


def gru_step_with_a_detached_state(x: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
    return recurrent.gru_step(x, h.detach(), *weights)


def count_by_shapes(kind: str, inputs: int, hidden: int) -> int:
    rows = BLOCKS[kind] * hidden
    return sum(height * width for height, width in {(rows, inputs), (rows, hidden)}) + 2 * rows


def count_of_gated_networks(kind: str, inputs: int, hidden: int) -> int:
    return (4 if kind == "LSTM" else 3) * hidden * (inputs + hidden + 2)


def buckets_by_a_dictionary(lengths: list[int], size: int) -> Batches:
    index = {length: place for place, length in enumerate(lengths)}
    order = [index[length] for length in sorted(lengths)]
    return [order[start : start + size] for start in range(0, len(order), size)]


def buckets_with_the_later_of_equals_first(lengths: list[int], size: int) -> Batches:
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])[::-1]
    return [order[start : start + size] for start in range(0, len(order), size)]


def buckets_of_what_is_not_empty(lengths: list[int], size: int) -> Batches:
    order = sorted((index for index, length in enumerate(lengths) if length), key=lengths.__getitem__)
    return [order[start : start + size] for start in range(0, len(order), size)]


def buckets_with_single_sequences_bare(lengths: list[int], size: int) -> list[list[int] | int]:
    return [batch if len(batch) > 1 else batch[0] for batch in sequences.bucket_by_length(lengths, size)]


def buckets_of_two_at_least(lengths: list[int], size: int) -> Batches:
    return sequences.bucket_by_length(lengths, max(2, size))


def buckets_of_at_least_one_batch(lengths: list[int], size: int) -> Batches:
    return sequences.bucket_by_length(lengths, size) or [[]]


def buckets_by_tensor(lengths: list[int], size: int) -> Batches:
    return [batch.tolist() for batch in torch.tensor(lengths).argsort(stable=True).split(size)]


def buckets_of_even_sizes(lengths: list[int], size: int) -> Batches:
    batches = math.ceil(len(lengths) / size)
    return sequences.bucket_by_length(lengths, math.ceil(len(lengths) / batches)) if batches else []


def buckets_that_sort_the_lengths(lengths: list[int], size: int) -> Batches:
    batches = sequences.bucket_by_length(lengths, size)
    lengths.sort()
    return batches


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("gru_step", gru_step_of_a_squeezed_batch),
    ("gru_step", gru_step_of_squeezed_units),
    ("gru_step", gru_step_by_squeezed_weights),
    ("gru_step", gru_step_in_place),
    ("gru_step", gru_step_with_a_small_number),
    ("gru_step", gru_step_without_gradients),
    ("gru_step", gru_step_with_a_detached_state),
    ("parameter_count", count_by_shapes),
    ("parameter_count", count_of_gated_networks),
    ("bucket_by_length", buckets_by_a_dictionary),
    ("bucket_by_length", buckets_with_the_later_of_equals_first),
    ("bucket_by_length", buckets_of_what_is_not_empty),
    ("bucket_by_length", buckets_with_single_sequences_bare),
    ("bucket_by_length", buckets_of_two_at_least),
    ("bucket_by_length", buckets_of_at_least_one_batch),
    ("bucket_by_length", buckets_by_tensor),
    ("bucket_by_length", buckets_of_even_sizes),
    ("bucket_by_length", buckets_that_sort_the_lengths),
)
