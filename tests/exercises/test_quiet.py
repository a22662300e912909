"""After a check the notebook is as it was, whatever the function did."""

import builtins
import io
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import _tensor_str

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.quiet import LONGEST_PRINT, quiet
from tests.exercises.learners import examined, right

STATE: dict[str, tuple[Callable[[], Any], Callable[[], object]]] = {
    "default dtype": (torch.get_default_dtype, lambda: torch.set_default_dtype(torch.float16)),
    "default device": (torch.get_default_device, lambda: torch.set_default_device("meta")),
    "threads": (torch.get_num_threads, lambda: torch.set_num_threads(3)),
    "gradients": (torch.is_grad_enabled, lambda: torch.set_grad_enabled(False)),
    "anomalies": (torch.is_anomaly_enabled, lambda: torch.autograd.set_detect_anomaly(True)),
    "determinism": (
        torch.get_deterministic_debug_mode,
        lambda: torch.use_deterministic_algorithms(True, warn_only=True),
    ),
    "print options": (lambda: str(_tensor_str.PRINT_OPTS), lambda: torch.set_printoptions(precision=1)),
    "NumPy's print options": (np.get_printoptions, lambda: np.set_printoptions(precision=1)),
    "random state": (lambda: torch.get_rng_state().tolist(), lambda: torch.manual_seed(1)),
    "NumPy's random state": (lambda: str(np.random.get_state()), lambda: np.random.seed(1)),  # noqa: NPY002
    "NumPy's errors": (np.geterr, lambda: np.seterr(all="raise")),
    "precision of products": (
        torch.get_float32_matmul_precision,
        lambda: torch.set_float32_matmul_precision("medium"),
    ),
    "environment": (lambda: dict(os.environ), lambda: os.environ.update(COURSE_TEST="1")),
    "unset environment": (lambda: dict(os.environ), lambda: os.environ.pop("PATH")),
    "search path": (lambda: list(sys.path), lambda: sys.path.append("/")),
    "handlers of logging": (
        lambda: logging.root.handlers[:],
        lambda: logging.root.addHandler(logging.StreamHandler()),
    ),
    "level of logging": (lambda: logging.root.level, lambda: logging.root.setLevel(logging.DEBUG)),
    "disabled logging": (lambda: logging.root.manager.disable, logging.disable),
    "working directory": (os.getcwd, lambda: os.chdir("/")),
    "recursion limit": (sys.getrecursionlimit, lambda: sys.setrecursionlimit(5000)),
    "figures": (plt.get_fignums, plt.figure),
    "filters of warnings": (lambda: list(warnings.filters), lambda: warnings.simplefilter("ignore")),
    "stdout": (lambda: sys.stdout, lambda: setattr(sys, "stdout", io.StringIO())),
    "stderr": (lambda: sys.stderr, lambda: setattr(sys, "stderr", None)),
    "stdin": (lambda: sys.stdin, lambda: setattr(sys, "stdin", None)),
    "input": (lambda: builtins.input, lambda: setattr(builtins, "input", len)),
    "closed stdout": (lambda: sys.stdout.closed, lambda: sys.stdout.close()),
}


@pytest.mark.parametrize("name", STATE)
def test_the_notebook_is_as_it_was(name: str) -> None:
    read, change = STATE[name]

    def value(series: Any, window: int) -> Any:
        change()
        return right(series, window)

    before = read()
    assert examined(value).is_solved
    assert read() == before
    with quiet():
        change()
        if name != "closed stdout":
            assert read() != before, "the change must be one"
    assert read() == before


def test_what_a_function_sets_is_not_there_when_the_reference_is_called() -> None:
    reference = EXERCISES["sinusoidal_encoding"].reference

    def value(steps: int, d_model: int) -> Any:
        encoding = reference(steps, d_model)
        torch.set_default_dtype(torch.float16)
        return encoding

    assert examine(EXERCISES["sinusoidal_encoding"], value, seed=1).is_solved


def test_the_verdict_is_the_same_whatever_the_notebook_has_set() -> None:
    reference = EXERCISES["rotate"].reference

    def value(x: Any, positions: Any) -> Any:
        return reference(x, positions) * torch.tensor(1 / 3) * 3

    torch.set_default_dtype(torch.float32)
    torch.set_default_device("meta")
    try:
        with torch.inference_mode():
            result = examine(EXERCISES["rotate"], value, seed=1)
    finally:
        torch.set_default_device(None)
    assert (result.is_solved, result.notes) == (True, ())


@pytest.mark.parametrize(
    "ask", [lambda: input("number: "), lambda: sys.stdin.readline(), lambda: next(sys.stdin)]
)
def test_whoever_waits_for_input_is_told(ask: Callable[[], object]) -> None:
    message = examined(lambda _s, _w: ask()).message
    assert message == "your function waits for `input()`: it gets everything from its arguments"


@pytest.mark.parametrize("leave", [sys.exit, builtins.exit, builtins.quit])
def test_whoever_leaves_python_is_told(leave: Callable[[], object]) -> None:
    assert "tries to leave Python (SystemExit)" in examined(lambda _s, _w: leave()).message


def test_what_is_printed_before_stdout_is_closed_is_noted() -> None:
    def value(series: Any, window: int) -> Any:
        print("seen")
        sys.stdout.close()
        return right(series, window)

    assert "prints (seen)" in examined(value).notes[0]


def test_what_is_printed_without_end_is_kept_in_part() -> None:
    with quiet() as noise:
        for _ in range(100):
            assert print("x" * 1000) is None
        assert sys.stdout.write("y" * 1000) == 1000
    assert len(noise.printed) == LONGEST_PRINT


def test_long_line_that_is_printed_is_noted_in_part() -> None:
    note = examined(lambda s, w: print("x" * 1000) or right(s, w)).notes[0]
    assert f"prints ({'x' * 100} ...): good for looking" in note


def test_a_shell_that_nobody_can_leave_is_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_lib.exercises.quiet.get_ipython", SimpleNamespace)
    assert examined(right).is_solved


PYTHONS_RANDOM_STATE = """
import random
from course_lib.exercises import EXERCISES, check

def moving_average(series, window):
    random.seed(1)
    return EXERCISES["moving_average"].reference(series, window)

before = random.getstate()
print(check(moving_average), random.getstate() == before)
"""


def test_pythons_random_state_is_as_it_was() -> None:
    """In a process of its own: here the checks of annotations draw from it."""
    command = [sys.executable, "-c", PYTHONS_RANDOM_STATE]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["2", "True"]


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    script = f"""if True:
    import os, torch
    from course_lib.exercises import EXERCISES, check
    os.chdir({str(tmp_path)!r})
    os.rmdir({str(tmp_path)!r})
    print(check(EXERCISES["moving_average"].reference))
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2"
