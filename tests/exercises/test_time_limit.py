"""A learner's function is stopped when its time is up, and only its own time counts."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.panel import Result
from tests.exercises.learners import examined, right, written


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n    try: x = 1\n    except: pass",
        "while True:\n    try: time.sleep(1)\n    except: pass",
        "while True:\n    try: sum(range(1000))\n    except BaseException: pass",
        "time.sleep(60)",
    ],
)
def test_endless_loop_is_stopped(body: str) -> None:
    function = written(f"import time\ndef moving_average(series, window):\n  {body}")
    handler, trace, started = signal.getsignal(signal.SIGINT), sys.gettrace(), time.monotonic()
    result = examine(EXERCISES["moving_average"], function, seed=1, seconds=0.2)
    assert time.monotonic() - started < 3
    assert result.message == "your function was stopped after 0.2 s: does a loop never end?"
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
    assert repr(result) == "1.33"


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
