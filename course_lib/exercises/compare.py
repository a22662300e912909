"""The first difference between an expected result and a learner's, told in words."""

import inspect
import math
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import torch
from torch import Tensor

ORDINALS = ("first", "second", "third", "fourth")


@dataclass(frozen=True, eq=False)
class Values:
    """Two tensors that differ, for those who want to see more than the first wrong place.

    Attributes:
        expected: the right values, in the dtype of the exercise.
        got: the learner's values as float64; its shape may be another.
        axes: the name of each axis of the expected values; empty if they have none.
        tolerance: the relative and the absolute error that is put down to rounding.

    """

    expected: Tensor
    got: Tensor
    axes: tuple[str, ...]
    tolerance: tuple[float, float]

    def are_close(self, expected: Tensor) -> bool:
        """Whether the learner's values are these, up to rounding."""
        return expected.shape == self.got.shape and not wrong_places(expected, self.got, self.tolerance).any()

    @property
    def wrong(self) -> Tensor:
        """True where a value is wrong; the shapes must be equal."""
        return wrong_places(self.expected.double(), self.got, self.tolerance)


@dataclass(frozen=True)
class Difference:
    """Where and how a result differs.

    Attributes:
        problem: one line that completes "your result ...".
        where: the place of the first wrong value, such as "[2, 0]" of a tensor or "result[0][1]" of nested
            lists; empty if the result has no such place.
        expected: the right value there, empty if there is none to show.
        got: the learner's value there.
        place: the same place by the names of the axes, such as "query 2, key 0"; empty if they have none.
        values: all of it, if two tensors were compared.

    """

    problem: str
    where: str = ""
    expected: str = ""
    got: str = ""
    place: str = ""
    values: Values | None = field(default=None, compare=False, repr=False)


def axis_names(function: Callable[..., Any]) -> list[tuple[str, ...]]:
    """Return the axis names of each result, as far as jaxtyping annotates them."""
    annotation = inspect.signature(function).return_annotation
    is_tuple = typing.get_origin(annotation) is tuple
    results = typing.get_args(annotation) if is_tuple else [annotation]
    return [tuple(getattr(result, "dim_str", "").split()) for result in results]


def difference(
    expected: Any, got: Any, axes: Sequence[tuple[str, ...]] = (), path: tuple[int, ...] = ()
) -> Difference | None:
    """Find the first difference between two results; None if they are equal.

    Tensors, numbers, and tuples or lists of them are compared. A tensor may have another dtype or memory
    layout, and a mask may hold 0 and 1; numbers agree up to the precision of the learner's dtype. Values
    that are not a number agree with each other. `axes` holds the axis names of each result, `path` the
    indices that lead to this part of the whole result.
    """
    result = _part(path)
    if got is None:
        return Difference(f"{result} is None: is a `return` missing?")
    if isinstance(expected, tuple | list):
        return _sequence_difference(expected, got, axes, path)
    if isinstance(expected, int):
        return _integer_difference(expected, got, path)
    if not isinstance(got, Tensor | int | float) or isinstance(got, bool):
        wanted = "a tensor" if isinstance(expected, Tensor) and expected.ndim else "a number"
        return Difference(f"{result} is {kind(got)}, expected {wanted}{_way_to_tensor(got, expected)}")
    if isinstance(got, Tensor) and not is_dense(got):
        return Difference(f"{result} is a tensor of an unusual kind, expected a dense tensor of real numbers")
    try:
        given = _as_tensor(got)
    except OverflowError:
        return Difference(f"{result} is {_digits(int(got))}: that is too large for a float")
    return _tensor_difference(_as_tensor(expected), given, axes[0] if axes else (), path)


def _part(path: tuple[int, ...]) -> str:
    """Name a part of the result in a sentence."""
    if not path:
        return "your result"
    if len(path) == 1 and path[0] < len(ORDINALS):
        return f"the {ORDINALS[path[0]]} part of your result"
    return f"`{_place(path)}`"


def _place(path: tuple[int, ...]) -> str:
    """Write a part of the result as code; empty for the whole."""
    return f"result{''.join(f'[{index}]' for index in path)}" if path else ""


def _sequence_difference(
    expected: Sequence[Any], got: Any, axes: Sequence[tuple[str, ...]], path: tuple[int, ...]
) -> Difference | None:
    result = _part(path)
    if not isinstance(got, tuple | list):
        container = type(expected).__name__
        return Difference(f"{result} is {kind(got)}, expected {len(expected)} results in a {container}")
    if len(got) != len(expected):
        parts = "1 part" if len(got) == 1 else f"{len(got)} parts"
        problem = f"{result} has {parts}, expected {len(expected)}"
        if all(isinstance(part, int) and part.bit_length() < 64 for part in (*expected, *got)):
            return Difference(problem, _place(path), str(expected), str(got))
        return Difference(problem)
    for index, (right, part) in enumerate(zip(expected, got, strict=True)):
        found = difference(right, part, axes[index : index + 1], (*path, index))
        if found:
            return found
    return None


def _integer_difference(expected: int, got: Any, path: tuple[int, ...]) -> Difference | None:
    result = _part(path)
    if isinstance(got, Tensor) and is_dense(got) and not got.ndim and not got.dtype.is_floating_point:
        got = got.item()
    if isinstance(got, bool) or not isinstance(got, Integral):
        return Difference(f"{result} is {kind(got)}, expected a whole number (int)")
    if got != expected:
        return Difference(
            f"{result} is another number than expected", _place(path), _digits(expected), _digits(int(got))
        )
    return None


def _digits(number: int) -> str:
    bits = number.bit_length()
    return str(number) if bits < 100 else f"a number of about {math.ceil(bits * math.log10(2))} digits"


def is_dense(tensor: Tensor) -> bool:
    """Whether a tensor holds real numbers that can be read one by one: no sparse, meta or nested one does."""
    unusual = tensor.is_complex() or tensor.is_meta or tensor.is_quantized or tensor.is_nested
    return tensor.layout == torch.strided and not unusual


def _as_tensor(value: Tensor | float) -> Tensor:
    return value.detach() if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)


def _tensor_difference(
    expected: Tensor, got: Tensor, names: tuple[str, ...], path: tuple[int, ...]
) -> Difference | None:
    result, axes = _part(path), _axes(names, expected.ndim)
    right, given = expected.detach().cpu(), got.to("cpu", torch.float64, copy=True)
    values = Values(right, given, axes, _tolerance(got.dtype))
    if got.shape != expected.shape:
        problem = f"{result} has the wrong shape: expected {_named_shape(expected, axes)}, got {_shape(got)}"
        return Difference(problem, values=values)
    if expected.dtype == torch.bool and not ((got == 0) | (got == 1)).all():
        return Difference(f"{result} is not a mask: it holds other values than true and false, or 0 and 1")
    wrong = values.wrong
    if not wrong.any():
        return None
    problem, places = _value_problem(given, right.double(), wrong)
    index = tuple(places.nonzero()[0].tolist())
    where = f"[{', '.join(map(str, index))}]" if index else _place(path)
    if expected.dtype == torch.bool:
        wanted, found = (str(bool(mask[index])) for mask in (expected, got))
    else:
        wanted, found = _unlike(expected[index].item(), got[index].item())
    place = ", ".join(place_along(name, number) for name, number in zip(axes, index, strict=False))
    return Difference(f"{result} {problem}", where, wanted, found, place, values)


def place_along(axis: str, number: int) -> str:
    """Name a place along an axis: "step 3" along `steps`."""
    return f"{axis.removesuffix('s')} {number}"


def wrong_places(expected: Tensor, got: Tensor, tolerance: tuple[float, float]) -> Tensor:
    """True where two tensors of one shape differ by more than a relative and an absolute error."""
    relative, absolute = tolerance
    return ~torch.isclose(got, expected, rtol=relative, atol=absolute, equal_nan=True)


def _axes(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    """The names of a tensor's axes; empty if there are none, or if two are the same.

    A name such as `*batch` stands for any number of axes, and has no place unless it is one.
    """
    axes = [name.removeprefix("*") for name in names if count == len(names) or not name.startswith("*")]
    return tuple(axes) if len(axes) == count == len(set(axes)) else ()


def _value_problem(given: Tensor, right: Tensor, wrong: Tensor) -> tuple[str, Tensor]:
    """What is wrong above all, and in which of the wrong places."""
    if (nan := given.isnan() & ~right.isnan()).any():
        return "contains NaN (not a number)", nan
    if (infinite := given.isinf() & ~right.isinf()).any():
        among = " where there should be none" if right.isinf().any() else ""
        return f"contains an infinite value{among}", infinite
    if not given.ndim:
        return "is another number than expected", wrong
    return "has the right shape, but wrong values", wrong


def _tolerance(dtype: torch.dtype) -> tuple[float, float]:
    """The relative and absolute error that is put down to rounding."""
    if not dtype.is_floating_point:
        return 0, 1e-9
    if dtype == torch.float64:
        return 1e-8, 1e-9
    return (1e-4, 1e-5) if dtype == torch.float32 else (3e-2, 3e-2)


def _unlike(expected: float, got: float) -> tuple[str, str]:
    """Write two numbers with so many digits that they look different."""
    for digits in (4, 8):
        texts = f"{expected:.{digits}g}", f"{got:.{digits}g}"
        if texts[0] != texts[1]:
            return texts
    return repr(expected), repr(got)


def _shape(tensor: Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))})" if tensor.ndim else "a single number, shape ()"


def _named_shape(tensor: Tensor, axes: tuple[str, ...]) -> str:
    if not axes:
        return _shape(tensor)
    return f"({', '.join(f'{name}={size}' for name, size in zip(axes, tensor.shape, strict=True))})"


def kind(value: Any) -> str:
    """Name the type of a value with its article."""
    if value is None:
        return "None"
    if isinstance(value, types.GeneratorType):
        return "a generator (made by `yield`, or by round brackets around `... for ...`)"
    if isinstance(value, types.FunctionType | types.MethodType):
        return "a function (are its parentheses missing?)"
    module = type(value).__module__
    if module == "numpy":
        return f"a NumPy {type(value).__name__}"
    name = type(value).__name__
    article = "an" if name[:1].lower() in "aeiou" else "a"
    return f"{article} {name}"


def _way_to_tensor(value: Any, expected: Any) -> str:
    if type(value).__module__ == "numpy":
        return ": compute with torch, or return `torch.as_tensor(...)`"
    if isinstance(value, list | tuple):
        shapes = [part.shape for part in value if isinstance(part, Tensor) and is_dense(part)]
        if isinstance(expected, Tensor) and expected.shape in shapes:
            return ": return one of its tensors alone"
        return ": `torch.tensor(...)` or `torch.stack(...)` turns it into one"
    return ""
