"""Stop a computation that takes too long, an endless loop in Python included.

A loop inside one call of compiled code, as in `sum(itertools.repeat(0))`, hears no interrupt: such a call can
only be ended by restarting the kernel.
"""

import _thread
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

REPEAT_SECONDS = 0.25
"""How long an exception has to leave the block, on a busy machine too, before it is raised again."""
MOST_PAUSES = 8
"""How often an exception that is just being handled is given another REPEAT_SECONDS."""
PATIENCE = 3
"""How many times the limit may pass on the clock while the process gets too little of the processor."""


class TimeLimitReached(BaseException):
    """Raised inside the computation; not an Exception, so that `except Exception` does not swallow it."""


class time_limit:  # noqa: N801
    """Raise TimeLimitReached in the block when it has run for `seconds`.

    The block has run for so long when both the clock and the processor's time for this process say so, or
    when the clock says PATIENCE times as much: a machine that is busy with something else, or a computation
    that waits, gets longer.

    A timer thread interrupts the main thread as Ctrl-C does, again and again until the block is left, and
    never after. The user's own interrupts keep their effect. Outside the main thread, which alone receives
    signals, the block runs without a limit.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ended, self._is_late = threading.Event(), threading.Event()
        self._has_raised, self._pauses = False, 0
        self._timer: threading.Thread | None = None

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._block = sys._getframe(1)
        self._previous_handler, self._previous_trace = signal.getsignal(signal.SIGINT), sys.gettrace()
        self._timer = threading.Thread(target=self._watch, daemon=True)
        signal.signal(signal.SIGINT, self._interrupt)
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        if not self._timer:
            return
        self._ended.set()
        self._timer.join()
        signal.signal(signal.SIGINT, self._previous_handler)  # what is still to be heard is heard before
        if self._has_raised:
            sys.settrace(self._previous_trace)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if not self._is_late.is_set():
            if callable(self._previous_handler):
                self._previous_handler(number, frame)
        elif not self._ended.is_set() and not self._is_leaving(frame):
            if isinstance(sys.exc_info()[1], TimeLimitReached) and self._pauses < MOST_PAUSES:
                self._pauses += 1  # it is on its way out
                return
            if self._has_raised:  # and was swallowed by a bare `except:`
                _raise_at_next_line(frame, self._block)
            self._has_raised = True
            raise TimeLimitReached

    def _is_leaving(self, frame: FrameType | None) -> bool:
        """Whether the block is at its end: raised now, the exception would keep the timer going."""
        while frame and frame is not self._block:
            if frame.f_code.co_name == "__exit__" and frame.f_locals.get("self") is self:
                return True
            frame = frame.f_back
        return False

    def _watch(self) -> None:
        clock, processor = time.monotonic(), time.process_time()
        left = self._seconds
        while not self._ended.wait(left):
            passed, used = time.monotonic() - clock, time.process_time() - processor
            left = self._seconds - min(passed, max(used, passed / PATIENCE))
            if left <= 0:
                self._is_late.set()
                _interrupt_main_thread()
            left = max(left, REPEAT_SECONDS)


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
