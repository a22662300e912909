"""Arguments as Python that can be pasted into a cell: the same call again, to look into."""

import dataclasses
import inspect
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from course_lib.exercises.attempt import Attempt
from course_lib.exercises.exercise import Exercise
from course_lib.exercises.outcome import Raised, outcome

LONGEST, LONGEST_RESULT = 4000, 1000
"""Signs of a call that a learner would still paste, and of a result that one would still read."""
UNKNOWN = "..."
"""Stands for what has no literal: a function that exists only within the check."""
STEP = "    "


def smallest_failing(attempts: Sequence[Attempt]) -> Attempt | None:
    """The failed call with the fewest numbers, among those that ended if any did."""
    failed = [one for one in attempts if one.problem]
    ended = [one for one in failed if one.was_made]
    return min(ended or failed[:1], key=lambda one: count(one.arguments), default=None)


def example(exercise: Exercise, attempts: Sequence[Attempt]) -> str:
    """Write the smallest failing call, and in a comment what is expected; empty if none has failed."""
    smallest = smallest_failing(attempts)
    if not smallest:
        return ""
    names = list(inspect.signature(exercise.reference).parameters)
    text = call(exercise.name, names, smallest.arguments)
    if len(text) > LONGEST:
        shapes = (f"# {name}: {_shape(value)}" for name, value in zip(names, smallest.arguments, strict=True))
        text = "\n".join(["# too long to paste; its arguments are", *shapes])
    return "\n".join([f"# case: {smallest.title}", text, *_expected(exercise, smallest.arguments)])


def _expected(exercise: Exercise, arguments: tuple[Any, ...]) -> list[str]:
    """Lines of a comment."""
    expected = outcome(exercise.reference, arguments)
    if isinstance(expected, Raised):
        return []
    text = literal(_rounded(expected), set())
    if len(text) > LONGEST_RESULT:
        text = _shape(expected)
    return [f"# {line}" for line in f"expected:\n{text}".splitlines()]


def call(name: str, parameters: Sequence[str], arguments: Sequence[Any]) -> str:
    """Write the call of a function with its imports; each argument is followed by its parameter's name."""
    imports = {"import torch"}
    texts = [literal(argument, imports) for argument in arguments]
    lines = [
        f"{STEP}{_indented(text)},  # {parameter}" for text, parameter in zip(texts, parameters, strict=True)
    ]
    if any(UNKNOWN in text for text in texts):
        lines.insert(0, f"{STEP}# `{UNKNOWN}` is a function that only the check has: put one of yours here")
    return "\n".join([*sorted(imports), "", f"{name}(", *lines, ")"])


def literal(value: Any, imports: set[str]) -> str:
    """Write a value as Python that makes it again, bit by bit.

    Statements that it needs besides `import torch` are added to `imports`. Tensors, generators that have not
    been drawn from, numbers, texts, None, lists, tuples, mappings, data classes and functions of modules can
    be written; what cannot is `UNKNOWN`.
    """
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, torch.Generator):
        return f"torch.Generator().manual_seed({value.initial_seed()})"
    if isinstance(value, partial):
        imports.add("from functools import partial")
        return f"partial({', '.join(literal(part, imports) for part in (value.func, *value.args))})"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in dataclasses.fields(value)]
        parts = (f"{name}={literal(getattr(value, name), imports)}" for name in names)
        return f"{_imported(type(value), imports)}({', '.join(parts)})"
    if isinstance(value, Mapping):
        pairs = (f"{literal(key, imports)}: {literal(part, imports)}" for key, part in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, tuple | list):
        return _parts([literal(part, imports) for part in value], isinstance(value, tuple))
    return _imported(value, imports) if callable(value) else repr(value)


def count(value: Any) -> int:
    """Count the numbers in arguments; anything that is neither a tensor nor made of parts counts as one."""
    if isinstance(value, Tensor):
        return value.numel()
    if isinstance(value, partial):
        return count(value.args)
    return sum(map(count, value)) if isinstance(value, tuple | list) else 1


def _rounded(value: Any) -> Any:
    """Round what is only to be read."""
    if isinstance(value, tuple | list):
        return type(value)(map(_rounded, value))
    if isinstance(value, Tensor) and value.is_floating_point():
        return value.round(decimals=4)
    return round(value, 4) if isinstance(value, float) else value


def _parts(texts: list[str], is_tuple: bool) -> str:
    comma = "," if is_tuple and len(texts) == 1 else ""
    opening, closing = "()" if is_tuple else "[]"
    if not any("\n" in text or len(text) > 40 for text in texts):
        return f"{opening}{', '.join(texts)}{comma}{closing}"
    lines = "".join(f"{STEP}{_indented(text)},\n" for text in texts)
    return f"{opening}\n{lines}{closing}"


def _indented(text: str) -> str:
    return text.replace("\n", f"\n{STEP}")


def _tensor(value: Tensor) -> str:
    if not value.numel() and value.ndim > 1:
        return f"torch.zeros({tuple(value.shape)}, dtype={value.dtype})"
    return f"torch.tensor({_nested(value.tolist(), 14)}, dtype={value.dtype})"


def _nested(value: Any, column: int) -> str:
    """Nested lists as PyTorch prints them: the innermost on lines of their own, below each other."""
    if not isinstance(value, list):
        return _float(value) if isinstance(value, float) else repr(value)
    between = f",\n{' ' * column}" if value and isinstance(value[0], list) else ", "
    return f"[{between.join(_nested(part, column + 1) for part in value)}]"


def _float(value: float) -> str:
    text = repr(value)
    return text if text[-1].isdigit() else text.replace("inf", "torch.inf").replace("nan", "torch.nan")


def _imported(value: Any, imports: set[str]) -> str:
    """The name of a function or class, if a module has it."""
    name, module = getattr(value, "__name__", ""), getattr(value, "__module__", None)
    if getattr(torch, name, None) is value:
        return f"torch.{name}"
    if getattr(sys.modules.get(module or ""), name, None) is not value:
        return UNKNOWN
    imports.add(f"from {module} import {name}")
    return name


def _shape(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}, {value.dtype}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "a function" if callable(value) else repr(value)
