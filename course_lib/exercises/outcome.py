"""What comes of a call: a value, or an error."""

from dataclasses import dataclass
from typing import Any

from course_lib.exercises import run
from course_lib.exercises.compare import difference
from course_lib.exercises.exercise import Function


@dataclass(frozen=True)
class Raised:
    """An error that a call ended with.

    Attributes:
        kind: the name of its class.
        text: its words on one line; PyTorch's name the shapes that do not fit.

    """

    kind: str
    text: str


def raised(error: BaseException) -> Raised:
    """Describe an error."""
    return Raised(type(error).__name__, run.message(error))


def outcome(function: Function, arguments: tuple[Any, ...]) -> Any:
    """Call a function on a copy of the arguments: its value, or `Raised`."""
    try:
        return function(*run.copy(arguments))
    except Exception as error:  # mistakes may raise anything
        return raised(error)


def is_same(expected: Any, got: Any) -> bool:
    """Whether two outcomes are equal: values up to rounding, errors to the word."""
    if isinstance(expected, Raised) or isinstance(got, Raised):
        return expected == got
    return difference(expected, got) is None
