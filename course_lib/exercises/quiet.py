"""Leave the notebook as it was, whatever a learner's function does."""

import builtins
import io
import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

import numpy as np
import torch
from IPython.core.getipython import get_ipython
from IPython.utils.capture import capture_output
from torch import _tensor_str

CPU = torch.device("cpu")
LONGEST_PRINT = 10_000
"""How many characters of what a function prints are kept."""


@dataclass
class Noise:
    """What a function did besides returning: what it printed and the warnings it raised."""

    printed: str = ""
    warned: list[str] = field(default_factory=list)


class UnwelcomeError(Exception):
    """A function does what it must not do while it is checked; the words complete "your function ..."."""


def _set_default_device(device: torch.device) -> None:
    torch.set_default_device(None if device == CPU else device)  # None costs nothing at each call


def _folder() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return ""


def _enter(folder: str) -> None:
    if Path(folder).is_dir():
        os.chdir(folder)


def _set_environment(variables: dict[str, str]) -> None:
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)


def _logging() -> tuple[list[logging.Handler], int, int]:
    return logging.root.handlers[:], logging.root.level, logging.root.manager.disable


def _set_logging(state: tuple[list[logging.Handler], int, int]) -> None:
    handlers, level, disabled = state
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.disable(disabled)


SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...] = (
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_default_device, _set_default_device),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.is_grad_enabled, torch.set_grad_enabled),
    (
        lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
        lambda anomaly: torch.autograd.set_detect_anomaly(*anomaly),
    ),
    (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode),
    (lambda: asdict(_tensor_str.PRINT_OPTS), lambda options: torch.set_printoptions(**options)),
    (np.get_printoptions, lambda options: np.set_printoptions(**options)),
    (np.geterr, lambda handling: np.seterr(**handling)),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (_folder, _enter),
    (lambda: dict(os.environ), _set_environment),
    (lambda: list(sys.path), lambda folders: setattr(sys, "path", folders)),
    (_logging, _set_logging),
    (sys.getrecursionlimit, sys.setrecursionlimit),
)
"""What reads a setting, and what puts it back."""


@contextmanager
def settings_kept() -> Generator[None, None, None]:
    """Put back the settings that the block changes: of PyTorch, NumPy, Python and the process."""
    before = [read() for read, _ in SETTINGS]
    try:
        yield
    finally:
        for (read, write), value in zip(SETTINGS, before, strict=True):
            if read() != value:
                write(value)


@contextmanager
def quiet() -> Generator[Noise, None, None]:
    """Run the block as if it were not there: what it prints, displays, warns and sets goes no further.

    Random states, settings, streams and filters of warnings are afterwards as they were, and new figures are
    closed; what is drawn into a figure that was there before stays. What is printed is kept up to
    LONGEST_PRINT characters. Inside, PyTorch computes on the processor, in float64 by default and with
    gradients, whatever the notebook has set. `input()` raises UnwelcomeError, and `exit()` SystemExit also in
    a kernel.
    """
    noise, printed = Noise(), _Printed()
    with (
        settings_kept(),
        _random_states_kept(),
        _new_figures_closed(),
        torch.inference_mode(False),
        torch.enable_grad(),
        warnings.catch_warnings(record=True) as warned,
        capture_output(stdout=False, stderr=False),
        redirect_stdout(printed),
        redirect_stderr(printed),
        _nobody_to_ask(),
    ):
        warnings.simplefilter("always")
        torch.set_default_dtype(torch.float64)
        _set_default_device(CPU)
        try:
            yield noise
        finally:
            noise.printed = printed.getvalue()
            noise.warned = [f"{entry.category.__name__}: {entry.message}" for entry in warned]


class _Printed(io.StringIO):
    """A stream that stays open, so that it can be read, and keeps only its first characters."""

    def write(self, text: str) -> int:
        """Write what there is room for; what comes after is dropped, and counted as written."""
        super().write(text[: max(0, LONGEST_PRINT - self.tell())])
        return len(text)

    def close(self) -> None:
        """Do nothing."""


@contextmanager
def _random_states_kept() -> Generator[None, None, None]:
    of_python, of_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            random.setstate(of_python)
            np.random.set_state(of_numpy)  # noqa: NPY002


@contextmanager
def _new_figures_closed() -> Generator[None, None, None]:
    before = _figures()
    try:
        yield
    finally:
        for number in _figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)


def _figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


@contextmanager
def _nobody_to_ask() -> Generator[None, None, None]:
    shell = get_ipython()
    with ExitStack() as stack:
        stack.enter_context(patch.object(builtins, "input", _refuse_input))
        stack.enter_context(patch.object(sys, "stdin", _NoInput()))
        if shell:  # whose `exit()` would end the kernel after the cell
            stack.enter_context(patch.object(shell, "ask_exit", sys.exit, create=True))
        yield


class _NoInput(io.StringIO):
    """A stream that refuses to be read."""

    def read(self, *_: object) -> NoReturn:
        """Raise UnwelcomeError."""
        _refuse_input()

    readline = __next__ = readlines = read


def _refuse_input(*_: object) -> NoReturn:
    raise UnwelcomeError("waits for `input()`: it gets everything from its arguments")
