"""Wrong answers to the exercises of lecture 01, each with the title of the case that refuses it."""

from fractions import Fraction

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.exercises.exercise import Function

Batch = tuple[Tensor, Tensor]


def padded(sequences: list[Tensor], value: float) -> Tensor:
    return pad_sequence(sequences, batch_first=True, padding_value=value)


def mask_of(sequences: list[Tensor]) -> Tensor:
    return padded([torch.ones(len(sequence)) for sequence in sequences], 0) == 1


def as_wide_as_the_first(sequences: list[Tensor], value: float) -> Batch:
    return padded(sequences, value)[:, : len(sequences[0])], mask_of(sequences)[:, : len(sequences[0])]


def sorted_by_length(sequences: list[Tensor], value: float) -> Batch:
    longest_first = sorted(sequences, key=len, reverse=True)
    return padded(longest_first, value), mask_of(longest_first)


def single_sequence_without_batch(sequences: list[Tensor], value: float) -> Batch:
    values, mask = padded(sequences, value), mask_of(sequences)
    return (values[0], mask[0]) if len(sequences) == 1 else (values, mask)


def padded_with_zeros(sequences: list[Tensor], _value: float) -> Batch:
    return padded(sequences, 0), mask_of(sequences)


def empty_sequence_dropped(sequences: list[Tensor], value: float) -> Batch:
    filled = [sequence for sequence in sequences if len(sequence)]
    return padded(filled, value), mask_of(filled)


def mask_up_to_the_last_value_that_differs(sequences: list[Tensor], value: float) -> Batch:
    values = padded(sequences, value)
    return values, (values != value).flip(1).cumsum(dim=1).flip(1) > 0


def nan_as_the_mark_of_padding(sequences: list[Tensor], value: float) -> Batch:
    values = padded(sequences, torch.nan)
    return values.nan_to_num(nan=value), ~values.isnan()


def padding_multiplied(sequences: list[Tensor], value: float) -> Batch:
    values, mask = padded(sequences, 0), mask_of(sequences)
    return values + ~mask * value, mask


def divided_by_losses_that_are_not_zero(loss: Tensor, mask: Tensor) -> Tensor:
    chosen = torch.where(mask, loss, 0)
    return chosen.sum() / (chosen != 0).sum().clamp(min=1)


def only_nan_replaced(loss: Tensor, mask: Tensor) -> Tensor:
    return (torch.where(loss.isnan() & ~mask, 0, loss) * mask).sum() / mask.sum().clamp(min=1)


def every_nan_replaced(loss: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, loss.nan_to_num(), 0).sum() / mask.sum().clamp(min=1)


def guarded_by_a_small_number(loss: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, loss, 0).sum() / (mask.sum() + 1e-6)


def single_cell_taken_for_none(loss: Tensor, mask: Tensor) -> Tensor:
    return loss[mask].mean() if mask.sum() > 1 else torch.tensor(0.0)


def prefixes_averaged(loss: Tensor, mask: Tensor) -> Tensor:
    prefix = torch.arange(loss.shape[1]) < mask.sum(dim=1, keepdim=True)
    return torch.where(prefix, loss, 0).sum() / prefix.sum().clamp(min=1)


def mean_of_no_cells(loss: Tensor, mask: Tensor) -> Tensor:
    return loss[mask].mean()


def product_first(conditionals: Tensor) -> Tensor:
    return conditionals.prod().log()


def kept_away_from_zero(conditionals: Tensor) -> Tensor:
    return (conditionals + 1e-12).log().sum()


def axes_of_size_one_dropped(conditionals: Tensor) -> Tensor:
    return torch.stack([step.log() for step in conditionals.squeeze()]).sum()


def divided_floats(symbols: int, steps: int) -> int:
    return int((symbols**steps - 1) / max(symbols - 1, 1) * (symbols - 1))


def geometric_series(symbols: int, steps: int) -> int:
    rows = Fraction(symbols**steps - 1, symbols - 1)
    return int(rows) * (symbols - 1)


def later_steps_only(symbols: int, steps: int) -> int:
    return symbols**steps - 1 if steps > 1 else 0


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("pad_batch", as_wide_as_the_first, "sequences of unequal length"),
    ("pad_batch", sorted_by_length, "sequences of unequal length"),
    ("pad_batch", padded_with_zeros, "another padding than zero"),
    ("pad_batch", single_sequence_without_batch, "a single sequence"),
    ("pad_batch", empty_sequence_dropped, "an empty sequence among them"),
    ("pad_batch", mask_up_to_the_last_value_that_differs, "values that equal the padding"),
    ("pad_batch", nan_as_the_mark_of_padding, "values that are NaN, and infinite padding"),
    ("pad_batch", padding_multiplied, "values that are NaN, and infinite padding"),
    ("masked_mean", divided_by_losses_that_are_not_zero, "a loss of exactly 0 in a true cell"),
    ("masked_mean", only_nan_replaced, "NaN and infinity in the padded cells"),
    ("masked_mean", every_nan_replaced, "NaN in a true cell, which must not be hidden"),
    ("masked_mean", guarded_by_a_small_number, "a single true cell, anywhere"),
    ("masked_mean", single_cell_taken_for_none, "a single true cell, anywhere"),
    ("masked_mean", prefixes_averaged, "a single true cell, anywhere"),
    ("masked_mean", mean_of_no_cells, "no true cell at all"),
    ("sequence_log_probability", product_first, "a sequence so long that its probability rounds to 0"),
    ("sequence_log_probability", kept_away_from_zero, "an impossible step"),
    ("sequence_log_probability", axes_of_size_one_dropped, "a single step"),
    ("naive_parameter_count", divided_floats, "27 letters and many steps"),
    ("naive_parameter_count", geometric_series, "a single symbol"),
    ("naive_parameter_count", later_steps_only, "a single step"),
)
