"""Stop a computation that takes too long, an endless loop in Python included.

A loop inside one call of compiled code, as in `sum(itertools.repeat(0))`, hears no interrupt: such a call can
only be ended by restarting the kernel.
"""

import _thread
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

REPEAT_SECONDS = 0.02


class TimeLimitReached(BaseException):
    """Raised inside the computation; not an Exception, so that `except Exception` does not swallow it."""


@contextmanager
def time_limit(seconds: float) -> Generator[None, None, None]:
    """Raise TimeLimitReached in the block when it has run for `seconds`.

    A timer thread interrupts the main thread as Ctrl-C does, again and again until the block is left. The
    user's own interrupts keep their effect. Outside the main thread, which alone receives signals, the
    block runs without a limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ended, is_late = threading.Event(), threading.Event()
    block = sys._getframe(2)  # past contextmanager's __enter__
    previous_handler, previous_trace = signal.getsignal(signal.SIGINT), sys.gettrace()
    raised = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal raised
        if is_late.is_set():
            if not ended.is_set():
                if raised:  # and swallowed by a bare `except:`
                    _raise_at_next_line(frame, block)
                raised = True
                raise TimeLimitReached
        elif callable(previous_handler):
            previous_handler(number, frame)

    def watch() -> None:
        pause = seconds
        while not ended.wait(pause):
            is_late.set()
            _interrupt_main_thread()
            pause = REPEAT_SECONDS

    timer = threading.Thread(target=watch, daemon=True)
    signal.signal(signal.SIGINT, interrupt)
    timer.start()
    try:
        yield
    finally:
        ended.set()
        timer.join()
        signal.signal(signal.SIGINT, previous_handler)
        if raised:
            sys.settrace(previous_trace)


def _interrupt_main_thread() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _raise_at_next_line(frame: FrameType | None, block: FrameType) -> None:
    """Raise also inside the `except:` that swallows the exception, in any function called by the block."""

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            raise TimeLimitReached
        return trace

    while frame and frame is not block:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(lambda *_: None)  # functions called from now on are left alone
