"""Changes of calls: another axis, a neighbour of the function, no call, arguments that change places."""

import ast
import copy
from collections.abc import Iterator

import torch

from course_lib.exercises.diagnosis import terms
from course_lib.exercises.diagnosis.change import Change, Kind
from course_lib.exercises.diagnosis.wording import argument, called, named, of_another, one_of

AXES = (-1, -2, -3, 0, 1, 2)
AXIS_ARGUMENTS = {"dim", "axis", "dims", "start_dim", "end_dim"}
AXIS_FIRST = one_of(
    """
    sum mean softmax log_softmax cumsum flip unbind unsqueeze squeeze argmax argmin size all any flatten
    """
)
"""Functions whose first number is an axis."""
OF_SEVERAL_AXES = frozenset({"sum", "mean", "norm", "amax", "amin", "var", "std", "all", "any"})
NEIGHBOURS = (
    ("sigmoid", "tanh", "relu", "exp"),
    ("relu", "abs"),
    ("softmax", "log_softmax", "sigmoid"),
    ("sum", "mean", "amax", "prod", "median", "norm"),
    ("norm", "amax", "mean"),
    ("max", "min", "sum"),
    ("amax", "amin"),
    ("argmax", "argmin"),
    ("cumsum", "cumprod"),
    ("sin", "cos"),
    ("ceil", "floor"),
    ("log", "log2", "log10"),
    ("sqrt", "square"),
    ("square", "abs"),
    ("tril", "triu"),
    ("all", "any"),
    ("std", "var"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("new_zeros", "new_ones"),
    ("stack", "cat"),
    ("permutations", "combinations"),
)
METHODS_TO_LEAVE_OUT = one_of(
    """
    sigmoid tanh relu exp log softmax log_softmax sqrt square abs flip cumsum clamp transpose sort norm
    reversed nan_to_num masked_fill round contiguous sorted unsqueeze squeeze mean sum add_noise roll
    tril triu
    """
)
AXIS_ADVICE = "Write down what each axis stands for, and over which of them it has to go."
FUNCTION_ADVICE = "Look up what that function makes of its input."
COUNT_ADVICE = "Try it by hand on the smallest input: which number comes first?"
LEFT_OUT_ADVICE = "One step is missing."
TOO_MUCH_ADVICE = "One step is taken too often: compare with the text."
ARGUMENT_ADVICE = "Look at which argument goes where."


def changes(node: ast.Call) -> Iterator[Change]:
    """All changes of one call."""
    yield from _other_axis(node)
    yield from _everything_at_once(node)
    yield from _neighbours(node)
    yield from _left_out(node)
    yield from _exchanged(node)
    yield from _diagonals(node)
    yield from _counted_from_one(node)
    yield from _other_norms(node)
    yield from _twice(node)
    yield from _reshaped(node)
    yield from _alternating(node)
    yield from terms.function_of_terms(node)
    yield from _without_a_keyword(node)


def with_argument(node: ast.Call, position: int | str, value: ast.expr) -> ast.Call:
    """A copy of a call with another argument."""
    changed = copy.copy(node)
    if isinstance(position, int):
        changed.args = [*node.args[:position], value, *node.args[position + 1 :]]
    else:
        changed.keywords = [
            ast.keyword(k.arg, value if k.arg == position else k.value) for k in node.keywords
        ]
    return changed


def axes(node: ast.Call) -> Iterator[tuple[int | str, int]]:
    """Where a call has an axis among its arguments, and which."""
    for keyword in node.keywords:
        axis = _whole(keyword.value)
        if keyword.arg in AXIS_ARGUMENTS and axis is not None:
            yield keyword.arg or "", axis
    if called(node) in AXIS_FIRST and node.args and not isinstance(node.func, ast.Name):
        position = 1 if isinstance(node.func, ast.Attribute) and _is_torch(node.func.value) else 0
        axis = _whole(node.args[position]) if position < len(node.args) else None
        if axis is not None:
            yield position, axis


def _whole(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if type(value) is int else None


def _is_torch(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "torch"


def _other_axis(node: ast.Call) -> Iterator[Change]:
    for position, axis in axes(node):
        for other in AXES:
            if other != axis:
                words = f"`{called(node)}` goes along axis {other}"
                yield Change(
                    Kind.AXIS, words, AXIS_ADVICE, with_argument(node, position, ast.Constant(other))
                )
        for several in ((-2, -1), (0, 1)) if called(node) in OF_SEVERAL_AXES else ():
            words = f"`{called(node)}` goes along axes {several[0]} and {several[1]} together"
            changed = with_argument(node, position, as_axis(several))
            yield Change(Kind.AXIS, words, AXIS_ADVICE, changed)


def as_axis(axis: int | tuple[int, int]) -> ast.expr:
    """Write one axis, or two, as code."""
    return ast.parse(repr(axis), mode="eval").body


def _everything_at_once(node: ast.Call) -> Iterator[Change]:
    if called(node) in {
        "sum",
        "mean",
        "norm",
        "amax",
        "amin",
        "var",
        "std",
        "all",
        "any",
        "argmax",
        "argmin",
    }:
        for position, _ in axes(node):
            changed = copy.copy(node)
            if isinstance(position, int):
                changed.args = [a for index, a in enumerate(node.args) if index != position]
            changed.keywords = [k for k in node.keywords if k.arg not in (position, "keepdim")]
            words = f"`{called(node)}` takes all axes together"
            yield Change(Kind.AXIS, words, AXIS_ADVICE, changed)


def _neighbours(node: ast.Call) -> Iterator[Change]:
    name = called(node)
    for group in NEIGHBOURS:
        for other in group if name in group else ():
            if other != name:
                changed = copy.copy(node)
                if isinstance(node.func, ast.Attribute):
                    changed.func = ast.Attribute(node.func.value, other, ast.Load())
                else:
                    changed.func = ast.Name(other, ast.Load())
                words = f"`{other}` stands where another function belongs"
                yield Change(Kind.FUNCTION, words, FUNCTION_ADVICE, changed)


def _left_out(node: ast.Call) -> Iterator[Change]:
    name = called(node)
    if isinstance(node.func, ast.Attribute) and is_of_a_model(node.func) and len(node.args) == 1:
        yield Change(Kind.LEFT_OUT, f"`{name}` is left out", LEFT_OUT_ADVICE, node.args[0])
    elif name in METHODS_TO_LEAVE_OUT and (input_alone := receiver(node)):
        yield Change(Kind.LEFT_OUT, f"`{name}` is left out", LEFT_OUT_ADVICE, input_alone)


def is_of_a_model(node: ast.Attribute) -> bool:
    """Whether what is read from a value is not what every tensor has."""
    return not hasattr(torch.Tensor, node.attr) and not _is_torch(node.value)


def receiver(node: ast.Call) -> ast.expr | None:
    """What a method or a function of a tensor is called on."""
    match node:
        case ast.Call(func=ast.Attribute(value=value)) if not _is_torch(value):
            return value
        case ast.Call(args=[first, *_]):
            return first
    return None


def _counted_from_one(node: ast.Call) -> Iterator[Change]:
    if called(node) == "arange" and isinstance(node.func, ast.Attribute):
        changed = ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield Change(Kind.OFF_BY_ONE, "the numbers of `arange` are counted from 1", COUNT_ADVICE, changed)


def _other_norms(node: ast.Call) -> Iterator[Change]:
    """What is taken for the length of a vector."""
    vector = receiver(node)
    if called(node) != "norm" or not vector:
        return
    others = {
        "the squares are summed, and no root is taken": "square().sum()",
        "the root of the mean square is taken for the norm": "square().mean().sqrt()",
        "the absolute values are summed for the norm": "abs().sum()",
        "the largest value is taken for the norm": "abs().max()",
    }
    for words, code in others.items():
        changed = ast.parse(f"({ast.unparse(vector)}).{code}", mode="eval").body
        yield Change(Kind.FUNCTION, words, FUNCTION_ADVICE, changed)


def _diagonals(node: ast.Call) -> Iterator[Change]:
    if called(node) in {"tril", "triu"} and not node.keywords:
        for by, word in ((1, "above"), (-1, "below")):
            moved = copy.copy(node)
            moved.keywords = [ast.keyword("diagonal", ast.Constant(by))]
            words = f"the edge of the triangle lies one place {word} the diagonal"
            yield Change(Kind.OFF_BY_ONE, words, AXIS_ADVICE, moved)


def _twice(node: ast.Call) -> Iterator[Change]:
    name, tensor = called(node), argument(node)
    if tensor and name in {"softmax", "sqrt", "log", "exp", "sigmoid", "tanh", "relu", "cumsum"}:
        yield Change(Kind.FUNCTION, f"`{name}` is applied twice", TOO_MUCH_ADVICE, of_another(node, node))
        for other in {"sigmoid", "tanh"} - {name} if name in {"sigmoid", "tanh"} else ():
            inner = ast.Call(ast.Attribute(tensor, other, ast.Load()), [], [])
            words = f"`{other}` is applied before `{name}`"
            yield Change(Kind.FUNCTION, words, TOO_MUCH_ADVICE, of_another(node, inner))


def _reshaped(node: ast.Call) -> Iterator[Change]:
    if called(node) in {"transpose", "permute", "movedim"} and isinstance(node.func, ast.Attribute):
        shape = ast.Attribute(node, "shape", ast.Load())
        changed = ast.Call(ast.Attribute(node.func.value, "reshape", ast.Load()), [shape], [])
        words = "`reshape` is used where axes have to change places"
        yield Change(Kind.TRANSPOSE, words, AXIS_ADVICE, changed)


def _alternating(node: ast.Call) -> Iterator[Change]:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="chunk"), args=[count, *_], keywords=keywords):
            axis = next((ast.unparse(k.value) for k in keywords if k.arg == "dim"), "0")
            rows, number = ast.unparse(value), ast.unparse(count)
            axis_of_blocks = axis if axis.startswith("-") else f"{axis} + 1"
            code = f"({rows}).unflatten({axis}, (-1, {number})).unbind({axis_of_blocks})"
            changed = ast.parse(code, mode="eval").body
            words = f"the blocks of {named(value)} are taken to alternate"
            yield Change(Kind.ORDER, words, "The blocks stand one after the other.", changed)


def _exchanged(node: ast.Call) -> Iterator[Change]:
    arguments: list[tuple[int | str, ast.expr]] = [*enumerate(node.args)]
    arguments += [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg]
    for index, (here, first) in enumerate(arguments):
        for there, second in arguments[index + 1 :]:
            if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
                words = f"{named(first)} and {named(second)} change places in `{called(node)}`"
                changed = with_argument(with_argument(node, here, second), there, first)
                yield Change(Kind.ORDER, words, ARGUMENT_ADVICE, changed)


def _without_a_keyword(node: ast.Call) -> Iterator[Change]:
    for keyword in node.keywords:
        if keyword.arg not in AXIS_ARGUMENTS | {"keepdim", "dtype", "device", "strict"}:
            changed = copy.copy(node)
            changed.keywords = [other for other in node.keywords if other is not keyword]
            words = f"`{called(node)}` is called without `{keyword.arg}`"
            yield Change(Kind.ARGUMENT, words, ARGUMENT_ADVICE, changed)
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool):
            value = not keyword.value.value
            words = f"`{called(node)}` is called with `{keyword.arg}={value}`"
            changed = with_argument(node, keyword.arg or "", ast.Constant(value))
            yield Change(Kind.ARGUMENT, words, ARGUMENT_ADVICE, changed)
