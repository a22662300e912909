"""Whatever a learner's function does gets an answer of one line."""

import sys
import warnings
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.exercises import (
    EXERCISES,
    check,
)
from course_lib.exercises.check import _failed_tries, _points, examine
from course_lib.exercises.run import is_unchanged
from course_lib.exercises.time_limit import TimeLimitReached
from course_lib.lectures.sequences import masked_mean_exercise
from course_lib.models.recurrent import rnn_step
from tests.exercises.learners import Function, examined, moving_average_returning, right, written


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    _failed_tries.clear()


def test_right_solution_earns_all_points() -> None:
    result = check(right)
    assert repr(result) == "2"
    assert result.is_solved
    assert result.message == "everything passed"


def test_cases_are_fresh_but_follow_a_seed() -> None:
    seen: list[float] = []

    def moving_average(series: Any, window: int) -> Any:
        seen.append(series[0].item())
        return right(series, window)

    for seed in (None, None, 5, 5):
        check(moving_average, seed=seed)
    calls = len(seen) // 4
    first, second, third, fourth = (seen[start : start + calls] for start in range(0, len(seen), calls))
    assert first != second
    assert third == fourth


def test_part_of_the_cases_earns_part_of_the_points() -> None:
    result = examined(lambda series, window: right(series, window) if window > 1 else series + 1)
    assert result.failed == ("a window of one value",)
    assert len(result.passed) == 2
    assert repr(result) == "1.25"


def test_points_come_in_quarters_and_are_rounded_down() -> None:
    result = examined(lambda series, window: right(series, window) if window == 1 else series)
    assert result.passed == ("a window of one value",)
    assert repr(result) == "0.5"


@pytest.mark.parametrize(
    ("passed", "is_faulty", "points"),
    [(3, False, 1), (3, True, 0.5), (1, False, 0.25), (1, True, 0.25), (0, True, 0)],
)
def test_something_right_earns_a_quarter_at_least(passed: int, is_faulty: bool, points: float) -> None:
    exercise = replace(EXERCISES["moving_average"], points=1)
    assert _points(exercise, passed, is_faulty) == points


def test_every_title_is_drawn_three_times() -> None:
    windows: list[int] = []

    def moving_average(series: Any, window: int) -> Any:
        windows.append(window)
        return right(series, window)

    assert check(moving_average).is_solved
    assert len(windows) == 9
    assert windows.count(1) == 3


def test_a_function_has_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    def reached_at_once(_seconds: float) -> None:
        raise TimeLimitReached

    monkeypatch.setattr(import_module("course_lib.exercises.check"), "time_limit", reached_at_once)
    assert check(right).message.startswith("your function was stopped after 5 s in one call")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "your result is None: is a `return` missing?"),
        (3, "your result has the wrong shape: expected (runs=7), got a single number, shape ()"),
        ("text", "your result is a str, expected a tensor"),
        (np.zeros(3), "your result is a NumPy ndarray, expected a tensor: compute with torch"),
        ([0.5, 1.5], "your result is a list, expected a tensor: `torch.tensor(...)`"),
        (lambda _s, _w: right, "your result is a function (are its parentheses missing?), expected a tensor"),
        (torch.zeros(2, 3), "your result has the wrong shape: expected (runs=7), got (2, 3)"),
        (lambda s, w: right(s, w) * torch.nan, "your result contains NaN"),
        (lambda s, w: right(s, w) / torch.zeros(1), "your result contains an infinite value"),
        (lambda s, w: right(s, w) + 1, "your result has the right shape, but wrong values"),
        (lambda s, w: right(s, w).to(torch.complex128), "your result is a tensor of an unusual kind"),
        (
            lambda _s, _w: (yield),
            "your result is a generator (made by `yield`, or by round brackets around `... for ...`)",
        ),
    ],
)
def test_wrong_result(value: object, message: str) -> None:
    result = examined(value)
    assert result.message.startswith(message)
    assert repr(result) == "0"


@pytest.mark.parametrize(
    "value",
    [
        lambda s, w: right(s, w).float(),
        lambda s, w: right(s.float(), w),
        lambda s, w: right(s, w).repeat_interleave(2)[::2],
        lambda s, w: right(s, w).requires_grad_(),
    ],
)
def test_other_dtype_and_layout_are_accepted(value: Function) -> None:
    assert examined(value).is_solved


def test_result_with_wrong_number_of_parts() -> None:
    def pad_batch(sequences: Any, value: Any) -> Any:
        return EXERCISES["pad_batch"].reference(sequences, value)[0]

    message = "your result is a Tensor, expected 2 results in a tuple"
    assert check(pad_batch).message == message


def test_difference_tells_where_and_what() -> None:
    result = examined(lambda s, w: right(s, w) + torch.eye(len(s))[1, : len(s) - w + 1])
    assert result.difference is not None
    assert result.case == "a window shorter than the series"
    assert result.difference.where == "[1]"
    assert float(result.difference.got) == pytest.approx(float(result.difference.expected) + 1, abs=2e-3)


def test_nothing_is_shared_with_the_learner() -> None:
    before = torch.random.get_rng_state()

    def value(series: Any, window: int) -> Any:
        torch.manual_seed(0)
        return right(series, window)

    assert examined(value).is_solved
    assert torch.equal(torch.random.get_rng_state(), before)


def test_default_dtype_stays_as_it_was() -> None:
    def value(series: Any, window: int) -> Any:
        torch.set_default_dtype(torch.float16)
        return right(series, window)

    assert examined(value).is_solved
    assert torch.get_default_dtype() == torch.float64


def test_changed_input_costs_half() -> None:
    def value(series: Any, window: int) -> Any:
        result = right(series, window)
        series.zero_()
        return result

    result = examined(value)
    assert result.message == (
        "your function changes its input `series`: copy a tensor by `x.clone()`, a list by `x.copy()`"
    )
    assert result.passed == tuple(EXERCISES["moving_average"].cases)
    assert repr(result) == "1"


@pytest.mark.parametrize(
    "after",
    [
        torch.tensor([1.0, 0.0]),
        torch.tensor([2.0, torch.nan]),
        torch.tensor([1.0, torch.nan], dtype=torch.float32),
        torch.tensor([[1.0, torch.nan]]),
    ],
)
def test_each_kind_of_change_of_a_tensor_is_noticed(after: torch.Tensor) -> None:
    before = torch.tensor([1.0, torch.nan])
    assert is_unchanged(before, before.clone())
    assert not is_unchanged(before, after)


def test_changed_list_of_inputs_is_noticed() -> None:
    def pad_batch(sequences: Any, value: Any) -> Any:
        result = EXERCISES["pad_batch"].reference(sequences, value)
        sequences.clear()
        return result

    assert "changes its input `sequences`" in check(pad_batch).message


def test_changed_input_is_told_before_the_wrong_values_that_it_may_explain() -> None:
    def value(lengths: Any, size: int) -> Any:
        lengths.sort()
        order = list(range(len(lengths)))
        return [order[start : start + size] for start in range(0, len(order), size)]

    result = examine(EXERCISES["bucket_by_length"], value, seed=1)
    assert result.message.startswith("your function changes its input `lengths`")
    assert result.difference is not None
    assert result.difference.where.startswith("result[0][")
    assert any("is another number than expected" in note for note in result.notes)
    assert result.mistake is not None
    assert "lose track of which sequence each belongs to" in result.mistake.hint


@pytest.mark.parametrize(
    "masked_mean",
    [
        lambda loss, mask: masked_mean_exercise.masked_mean(loss, mask).item(),
        lambda loss, mask: masked_mean_exercise.masked_mean(loss.detach(), mask),
        lambda loss, mask: torch.no_grad()(masked_mean_exercise.masked_mean)(loss, mask),
        lambda loss, mask: torch.where(mask, loss.detach() + loss - loss, 0).sum() / mask.sum().clamp(min=1),
    ],
)
def test_missing_gradient_costs_half(masked_mean: Function) -> None:
    result = examine(EXERCISES["masked_mean"], masked_mean, seed=1)
    assert "gradient" in result.message
    assert repr(result) == "1.5"


def test_gradient_that_is_right_in_the_plain_sum_alone_costs_half() -> None:
    """The values are right, but the gradients of each row of the batch go to another row."""

    def value(*arguments: Any) -> Any:
        h = rnn_step(*arguments)
        swapped = h.flip(0)
        return h.detach() + swapped - swapped.detach()

    result = examine(EXERCISES["rnn_step"], value, seed=1)
    assert result.message.startswith("the gradient of your result by `x` has wrong values")
    assert repr(result) == "1.5"


def test_missing_gradient_costs_half_also_where_the_notebook_has_switched_gradients_off() -> None:
    def masked_mean(loss: Any, mask: Any) -> Any:
        return masked_mean_exercise.masked_mean(loss.detach(), mask)

    with torch.no_grad():
        assert examine(EXERCISES["masked_mean"], masked_mean_exercise.masked_mean, seed=1).is_solved
        assert repr(examine(EXERCISES["masked_mean"], masked_mean, seed=1)) == "1.5"


def test_in_place_change_of_a_leaf_is_told() -> None:
    def value(x: Any, h: Any, *weights: Any) -> Any:
        if x.requires_grad:
            x.zero_()
        return rnn_step(x, h, *weights)

    result = examine(EXERCISES["rnn_step"], value, seed=1)
    assert result.message.startswith("with inputs that require gradients, your function raises RuntimeError")


def test_prints_and_warnings_are_noted_and_allowed(capfd: pytest.CaptureFixture[str]) -> None:
    def value(series: Any, window: int) -> Any:
        print("first <line>")
        print("second", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return right(series, window)

    result = examined(value)
    assert result.is_solved
    assert "prints (first <line>)" in result.notes[0]
    assert result.notes[1] == "your function warns: UserWarning: careful"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "def moving_average(series, window):\n  x = 1\n  return 1 / 0",
            "your function raises ZeroDivisionError in line 3: division by zero",
        ),
        (
            "def helper():\n  return 1 / 0\ndef moving_average(series, window):\n  return helper()",
            "your function raises ZeroDivisionError in line 2: division by zero",
        ),
        (
            "def moving_average(series, window):\n  return series.reshape(-1, 10**6)",
            "your function raises RuntimeError in line 2: shape '[-1, 1000000]' is invalid",
        ),
        ("def moving_average(series): return 1", "your function takes (series), but it must take (series, w"),
        (
            "def moving_average(series: list, *, window: int = 3) -> list: return 1",
            "your function takes (series, *, window), but it must take (series, window)",
        ),
        ("async def moving_average(series, window): return 1", "your function is defined with `async def`"),
        (
            "import sys\ndef moving_average(series, window):\n  sys.exit(3)",
            "your function tries to leave Python (SystemExit) in line 3: 3",
        ),
        (
            "def moving_average(series, window):\n  return moving_average(series, window)",
            "your function calls itself without an end (RecursionError) in line 2",
        ),
        (
            "class Own(BaseException):\n  def __str__(self): return 1 / 0\n"
            "def moving_average(series, window):\n  raise Own",
            "your function raises Own in line 4",
        ),
        (
            "def moving_average(series, window):\n  raise ValueError('two\\nlines')",
            "your function raises ValueError in line 2: two lines",
        ),
    ],
)
def test_what_a_function_raises(source: str, message: str) -> None:
    result = check(written(source))
    assert result.message.startswith(message)
    assert "\n" not in result.message
    assert repr(result) == "0"


def test_stub_is_not_done_yet_and_counts_as_no_try() -> None:
    for raised in ("NotImplementedError", "NotImplementedError('write your code here')"):
        result = check(written(f"def moving_average(series, window):\n  raise {raised}"))
        assert result.is_stub
        assert repr(result) == "0"
    assert check(moving_average_returning(None)).hints == ()


def test_each_failing_try_after_the_first_shows_one_hint_more() -> None:
    wrong = moving_average_returning(torch.zeros(1))
    shown = [len(check(wrong).hints) for _ in range(5)]
    assert shown == [0, 1, 2, 3, 3]
    assert check(right).hints == ()


def test_way_to_begin_again_is_told_from_the_third_failing_try_on() -> None:
    wrong = moving_average_returning(torch.zeros(1))
    assert ["%%start_over" in check(wrong).advice for _ in range(4)] == [False, False, True, True]
    assert check(right).advice == ""


def test_hints_wait_while_a_mistake_is_named() -> None:
    exercise = EXERCISES["moving_average"]
    named = moving_average_returning(exercise.mistakes[0].function)
    other = moving_average_returning(torch.zeros(1))
    tries = [check(function) for function in (other, other, named, named, other)]
    assert [len(result.hints) for result in tries] == [0, 1, 0, 0, 2]
    assert [bool(result.mistake) for result in tries] == [False, False, True, True, False]


def test_result_brings_a_failing_call_and_the_librarys_own_version() -> None:
    exercise = replace(EXERCISES["moving_average"], library="`torch.x`")
    result = examine(exercise, moving_average_returning(None), seed=1)
    assert "moving_average(\n    torch.tensor(" in result.example
    assert examine(exercise, right, seed=1).example == ""
    assert examine(exercise, right, seed=1).library == "`torch.x`"


def test_mistake_of_lecture_00_is_named() -> None:
    """The lecture promises it for this very line, which raises where the window is the whole series."""
    result = check(
        written("""
        import torch
        def moving_average(series, window):
            return torch.stack([series[t : t + window].mean() for t in range(len(series) - window)])
        """)
    )
    assert result.mistake is not None
    assert result.mistake.name == "the last run is left out"


def test_calling_another_unwritten_exercise_is_no_stub() -> None:
    result = check(
        written("""
        def helper(series):
            raise NotImplementedError("write your code here")
        def moving_average(series, window):
            return helper(series)
        """)
    )
    assert not result.is_stub
    assert "NotImplementedError" in result.message


@pytest.mark.filterwarnings("ignore")  # PyTorch does not support all of them for long
@pytest.mark.parametrize(
    "unusual",
    [
        torch.Tensor.to_sparse,
        lambda x: x.to("meta"),
        lambda x: torch.quantize_per_tensor(x.float(), 1.0, 0, torch.quint8),
        lambda x: torch.nested.nested_tensor([x, x]),
        lambda x: torch.nested.nested_tensor([x, x], layout=torch.jagged),
    ],
    ids=["sparse", "meta", "quantized", "nested", "jagged"],
)
def test_a_tensor_of_an_unusual_kind_gets_one_line(unusual: Function) -> None:
    result = examined(lambda series, window: unusual(right(series, window)))
    assert "a tensor of an unusual kind" in result.message
    assert not result.points
