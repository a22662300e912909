"""A learner's function is stopped when its time is up, and only its own time counts."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.panel import Result
from course_lib.exercises.time_limit import PATIENCE, TimeLimitReached, time_limit
from tests.exercises.learners import examined, right, written


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n    try: x = 1\n    except: pass",
        "while True:\n    try: time.sleep(1)\n    except: pass",
        "while True:\n    try: sum(range(1000))\n    except BaseException: pass",
        "pause = 0.6\n  while True:\n    try: sum(range(1000))\n    except: time.sleep(pause); pause = 0",
        "time.sleep(60)",
    ],
)
def test_endless_loop_is_stopped(body: str) -> None:
    function = written(f"import time\ndef moving_average(series, window):\n  {body}")
    handler, trace, started = signal.getsignal(signal.SIGINT), sys.gettrace(), time.monotonic()
    result = examine(EXERCISES["moving_average"], function, seed=1, seconds=0.2)
    assert time.monotonic() - started < 10
    assert result.message.startswith("your function was stopped after 0.2 s in one call: it has a loop")
    assert repr(result) == "0"
    assert (signal.getsignal(signal.SIGINT), sys.gettrace()) == (handler, trace)
    time.sleep(0.1)  # a late signal would raise KeyboardInterrupt here


def test_the_trace_of_a_debugger_is_put_back() -> None:
    def trace(*_: Any) -> None:
        """Looks at nothing."""

    body = "while True:\n    try: x = 1\n    except: pass"  # only a trace of our own ends this loop
    function, before = written(f"def moving_average(series, window):\n  {body}"), sys.gettrace()
    sys.settrace(trace)
    try:
        result = examine(EXERCISES["moving_average"], function, seed=1, seconds=0.2)
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert result.message.startswith("your function was stopped")
    assert after is trace


def test_time_that_runs_out_leaves_the_points_of_the_cases_before() -> None:
    def value(series: Any, window: int) -> Any:
        while window == len(series):
            pass
        return right(series, window)

    result = examined(value, seconds=0.3)
    assert result.failed == ("a window as long as the series",)
    assert repr(result) == "1.25"


def test_a_right_answer_that_is_slow_is_not_taken_for_an_endless_loop() -> None:
    def value(series: Any, window: int) -> Any:
        time.sleep(0.1)
        return right(series, window)

    result = examined(value, seconds=0.2)
    assert "calls had ended: it is too slow for the check" in result.message
    assert result.points >= 0.5
    assert result.passed


def test_a_block_that_waits_gets_longer_than_one_that_computes() -> None:
    def lasted(body: Callable[[], object]) -> float:
        started = time.monotonic()
        with pytest.raises(TimeLimitReached), time_limit(0.2):
            while True:
                body()
        return time.monotonic() - started

    assert lasted(lambda: time.sleep(0.01)) > PATIENCE * 0.2 - 0.01
    assert lasted(lambda: sum(range(1000))) >= 0.2


def test_nested_limits_stop_their_own_blocks_and_nothing_after() -> None:
    handler = signal.getsignal(signal.SIGINT)
    stopped = []
    with pytest.raises(TimeLimitReached), time_limit(0.3):
        with pytest.raises(TimeLimitReached), time_limit(0.1):
            while True:
                stopped.append("inner")
        while True:
            stopped.append("outer")
    assert {"inner", "outer"} == set(stopped)
    assert signal.getsignal(signal.SIGINT) is handler
    time.sleep(0.1)  # a late signal would raise KeyboardInterrupt here


def test_the_timer_raises_nothing_while_the_block_is_left() -> None:
    def late() -> None:
        signal.raise_signal(signal.SIGINT)  # raised here, the exception would leave timer and handler behind
        end()

    handler, limit = signal.getsignal(signal.SIGINT), time_limit(60)
    end = limit._ended.set
    with patch.object(limit._ended, "set", late), limit:
        limit._is_late.set()
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.fixture
def interrupts_allowed() -> Iterator[None]:
    """Let an interrupt raise KeyboardInterrupt; a shell starts background jobs with interrupts ignored."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.mark.usefixtures("interrupts_allowed")
def test_users_own_interrupt_passes_through() -> None:
    def value(_series: Any, _window: int) -> Any:
        signal.raise_signal(signal.SIGINT)
        while True:
            time.sleep(0.01)

    output = sys.stdout
    with pytest.raises(KeyboardInterrupt):
        examined(value)
    assert sys.stdout is output


def test_outside_the_main_thread_there_is_no_limit_but_an_answer() -> None:
    results: list[Result] = []
    thread = threading.Thread(target=lambda: results.append(examined(right)))
    thread.start()
    thread.join()
    assert results[0].is_solved


LOADED_LATE = """
import sys
import torch
from course_lib.exercises import check
from course_lib.models import gradient_flow

loaded = []

def layer_norm(x, gain, bias):
    loaded.append(set(sys.modules))
    return torch.nn.functional.layer_norm(x, x.shape[-1:], gain, bias)

def gradient_norm_by_distance(step, state, inputs):
    loaded.append(set(sys.modules))
    return gradient_flow.gradient_norm_by_distance(step, state, inputs)

points = check(globals()[sys.argv[1]], seed=0).points
print(points, [name for name in set(sys.modules) - loaded[0] if name.startswith(("torch", "sympy"))])
"""


@pytest.mark.parametrize(("name", "points"), [("layer_norm", 3.0), ("gradient_norm_by_distance", 4.0)])
def test_what_pytorch_loads_late_is_not_the_learners_time(name: str, points: float):
    """The first gradient, or Jacobian, of a process can take longer than the learner has."""
    command = [sys.executable, "-c", LOADED_LATE, name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(points), "[]"]
