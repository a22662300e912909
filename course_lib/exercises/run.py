"""Call a learner's function, and describe what it raises."""

import inspect
import linecache
import traceback
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises.exercise import Function
from course_lib.exercises.quiet import UnwelcomeError, settings_kept
from course_lib.exercises.time_limit import TimeLimitReached


class LearnerError(Exception):
    """The learner's function raised; the message is one line.

    Attributes:
        cause: what was raised.
        text: its words.
        in_own_code: whether it was raised by the function itself, not by one that it called.

    """

    def __init__(self, cause: BaseException, function: Function):
        self.cause = cause
        frames = list(traceback.walk_tb(cause.__traceback__))
        self.in_own_code = frames[-1][0].f_code is getattr(innermost(function), "__code__", None)
        self.text = message(cause)
        super().__init__(_describe(cause, self.text, function))


def call(function: Function, arguments: tuple[Any, ...]) -> Any:
    """Call the learner's function; raises LearnerError for whatever it raises, except an interrupt.

    A time limit that is reached passes through as well. What the function sets is put back.
    """
    try:
        with settings_kept():
            return function(*arguments)
    except (KeyboardInterrupt, TimeLimitReached):
        raise
    except BaseException as error:
        raise LearnerError(error, function) from error


def copy(value: Any, requires_grad: bool = False) -> Any:
    """Copy arguments or a result deeply, so that the learner's function cannot change ours.

    Tensors lose their gradients, and named tuples their names.
    """
    if isinstance(value, Tensor):
        clone = value.detach().clone()
        return clone.requires_grad_(requires_grad and clone.is_floating_point())
    if isinstance(value, tuple | list):
        parts = (copy(part, requires_grad) for part in value)
        return tuple(parts) if isinstance(value, tuple) else list(parts)
    if isinstance(value, torch.Generator):
        return value.clone_state()
    return value


def is_unchanged(before: Any, after: Any) -> bool:
    """Tell whether a function left its arguments as they were."""
    if isinstance(before, Tensor):
        return (
            isinstance(after, Tensor)
            and before.shape == after.shape
            and before.dtype == after.dtype
            and torch.equal(before.isnan(), after.isnan())
            and torch.equal(before.nan_to_num(), after.nan_to_num())
        )
    if isinstance(before, tuple | list):
        return len(before) == len(after) and all(map(is_unchanged, before, after))
    if isinstance(before, torch.Generator):
        return True  # it is there to be drawn from
    return bool(before == after)


def innermost(function: Function) -> Function:
    """Return the function that the wrappers hide; the given one if they wrap one another in a circle."""
    try:
        return inspect.unwrap(function)
    except ValueError:
        return function


def call_mismatch(function: Function, reference: Function) -> str | None:
    """Say in one line why the function cannot be called as the reference is; None if it can."""
    if inspect.iscoroutinefunction(function):
        return "your function is defined with `async def`: write `def`"
    parameters = list(inspect.signature(reference).parameters)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # built-in and compiled functions keep no signature
        return None
    try:
        signature.bind(*parameters)
    except TypeError:
        return f"your function takes {_bare(signature)}, but it must take ({', '.join(parameters)})"
    return None


def _bare(signature: inspect.Signature) -> str:
    """Write a signature without annotations and defaults, which may be long."""
    names = [inspect.Parameter(one.name, one.kind) for one in signature.parameters.values()]
    return str(inspect.Signature(names))


def _describe(error: BaseException, text: str, function: Function) -> str:
    if isinstance(error, UnwelcomeError):
        return f"your function {text}"
    if isinstance(error, SystemExit):
        what = "your function tries to leave Python (SystemExit)"
    elif isinstance(error, RecursionError):
        what = "your function calls itself without an end (RecursionError)"
    else:
        what = f"your function raises {type(error).__name__}"
    line = _line_number(error, function)
    place = f" in line {line}" if line else ""
    source = linecache.getline(_file(function), line).strip() if line else ""
    return f"{what}{place}{f', `{source}`' if source else ''}{f': {text}' if text else ''}"


def message(error: BaseException) -> str:
    """Return the words of an error on one line."""
    if isinstance(error, SystemExit) and error.code is None:
        return ""
    try:
        return " ".join(str(error).split())
    except Exception:  # the learner's own exception class may be broken, too
        return ""


def _file(function: Callable[..., Any]) -> str:
    code = getattr(innermost(function), "__code__", None)
    return code.co_filename if code else ""


def _line_number(error: BaseException, function: Function) -> int:
    """The last line of the learner's own code that was running; 0 if none was."""
    file, line, step = _file(function), 0, error.__traceback__
    while step:
        if step.tb_frame.f_code.co_filename == file:
            line = step.tb_lineno
        step = step.tb_next
    return line
