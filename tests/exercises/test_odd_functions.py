"""Functions and results of every odd kind get one line, and never a traceback of ours."""

import inspect
import threading
from functools import partial
from typing import Any

import pytest
import torch

from course_lib.exercises import (
    EXERCISES,
    check,
)
from course_lib.exercises.attempt import attempt
from course_lib.exercises.check import _failed_tries, examine
from course_lib.exercises.panel import Result
from tests.exercises.learners import Function, examined, moving_average_returning, right


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    _failed_tries.clear()


@pytest.mark.parametrize("thing", [3, None, [], torch.zeros(3), EXERCISES["moving_average"]])
def test_what_is_not_a_function(thing: object) -> None:
    result = check(thing)
    assert result.message.startswith(
        "`check` takes your function itself, as in `check(moving_average)`, not "
    )
    assert (repr(result), result.is_solved) == ("0", False)


def test_unknown_names() -> None:
    def moving_avrage() -> None: ...

    assert check(moving_avrage).message == "no exercise is called moving_avrage: did you mean moving_average?"
    assert check(len).message == "no exercise is called len: name your function as the exercise asks"
    assert check(partial(right, window=2)).message.startswith("define your function with `def`; this is a ")


class Averager:
    def __call__(self, series: Any, window: int) -> Any:
        return right(series, window)


class Raiser:
    def __call__(self, series: Any, window: int) -> Any: ...
    def __getattr__(self, name: str) -> Any:
        raise ValueError(name)


def wrapped(function: Function) -> Function:
    def wrapper(*arguments: Any) -> Any:
        return function(*arguments)

    return wrapper


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda series, window: right(series, window),
            "define your function with `def`: a `lambda` does not",
        ),
        (partial(right, window=2), "define your function with `def`; this is a partial"),
        (Averager(), "define your function with `def`; this is an Averager"),
        (
            wrapped(right),
            "your function moving_average is wrapped in wrapper, which hides its name: write `@functools",
        ),
    ],
)
def test_what_has_no_name_of_its_own_is_told_how_to_get_one(function: Function, message: str) -> None:
    assert check(function).message.startswith(message)


def test_an_object_that_raises_when_asked_for_its_name_gets_one_line() -> None:
    assert check(Raiser()).message == "define your function with `def`; this is a Raiser"


def test_a_check_within_the_function_that_it_checks_is_told() -> None:
    def moving_average(series: Any, window: int) -> Any:
        check(moving_average)
        return right(series, window)

    result = check(moving_average)
    assert result.message.startswith("your function calls `check`, which calls it again")
    assert check(right).is_solved


def test_a_check_in_another_thread_says_that_one_is_running() -> None:
    others: list[Result] = []

    def moving_average(series: Any, window: int) -> Any:
        other = threading.Thread(target=lambda: others.append(check(right)))
        other.start()
        other.join()
        return right(series, window)

    assert check(moving_average).is_solved
    assert {other.message for other in others} == {"another check is running: wait until it has ended"}
    assert {other.points for other in others} == {0}
    assert check(right).is_solved


def test_a_function_that_wraps_itself_gets_one_line() -> None:
    function = moving_average_returning(lambda _s, _w: 1 / 0)
    function.__dict__["__wrapped__"] = function
    assert check(function).message.startswith("your function raises ZeroDivisionError in line")


def test_a_result_that_a_later_call_changes_stays_as_it_was() -> None:
    out: list[torch.Tensor] = [torch.zeros(1)]

    def value(series: Any, _: int) -> Any:
        out[0][:] = series[:1]
        return out

    arguments = [(torch.full((2,), number), 1) for number in (1.0, 2.0)]
    made = [attempt(EXERCISES["moving_average"], value, "", one) for one in arguments]
    assert [one.got for one in made] == [[torch.ones(1)], [torch.full((1,), 2.0)]]


class Hostile:
    """Raises whatever is asked of it."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("eq")

    __hash__ = None

    def __repr__(self) -> str:
        raise ValueError("repr")

    def __getattr__(self, name: str) -> Any:
        raise ValueError(name)

    @property
    def shape(self) -> Any:
        raise ValueError("shape")


class HostileTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *_arguments: Any, **_named: Any) -> Any:
        raise ValueError("two\nlines")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda _s, _w: Hostile(), "your result is a Hostile, expected a tensor"),
        (lambda _s, _w: [Hostile()], "your result is a list, expected a tensor"),
        (
            lambda s, w: right(s, w).as_subclass(HostileTensor),
            "your result, a HostileTensor, cannot be read: ValueError: two lines",
        ),
    ],
)
def test_hostile_results_get_one_line(value: object, message: str) -> None:
    assert examined(value).message.startswith(message)


def test_an_input_that_cannot_be_compared_any_more_gets_one_line() -> None:
    def pad_batch(sequences: Any, value: Any) -> Any:
        result = EXERCISES["pad_batch"].reference(sequences, value)
        sequences[0] = HostileTensor()
        return result

    assert "cannot be read: ValueError" in check(pad_batch).message


def test_lying_name() -> None:
    def pad_batch(*_arguments: Any) -> None: ...

    pad_batch.__name__ = "moving_average"
    message = "this function says that it is moving_average, but it was defined as pad_batch"
    assert check(pad_batch).message == message


def test_function_without_a_signature_is_tried() -> None:
    with pytest.raises(ValueError, match="no signature found"):
        inspect.signature(torch.conv1d)
    result = examine(EXERCISES["moving_average"], torch.conv1d, seed=1)
    assert result.message.startswith("your function raises TypeError")


def test_decorated_function_is_found_by_its_name() -> None:
    assert check(torch.no_grad()(moving_average_returning(right))).is_solved
