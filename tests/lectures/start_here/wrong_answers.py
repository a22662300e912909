"""Wrong answers to the exercise of lecture 00 that only an edge refuses."""

from torch import Tensor

from course_lib.exercises.exercise import Function


def centred_on_the_middle(series: Tensor, window: int) -> Tensor:
    half = window // 2
    padded = series.unfold(0, 2 * half + 1, 1) if 2 * half < len(series) else series[None]
    return padded.mean(dim=1)


def centred_between_two_values(series: Tensor, window: int) -> Tensor:
    return series.unfold(0, 2 * (window // 2), 1).mean(dim=1)


def axes_of_size_one_dropped(series: Tensor, window: int) -> Tensor:
    return series.unfold(0, window, 1).mean(dim=1).squeeze()


def guarded_against_division_by_zero(series: Tensor, window: int) -> Tensor:
    return series.unfold(0, window, 1).sum(dim=1) / (window + 1e-5)


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("moving_average", centred_on_the_middle, "a window shorter than the series"),
    ("moving_average", centred_between_two_values, "a window of one value"),
    ("moving_average", axes_of_size_one_dropped, "a window as long as the series"),
    ("moving_average", guarded_against_division_by_zero, "a window of one value"),
)
