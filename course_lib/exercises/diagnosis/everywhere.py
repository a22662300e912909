"""Changes that are made in all places at once, as by somebody who has mixed two things up."""

import ast
import copy
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from course_lib.exercises.diagnosis import calls, steps
from course_lib.exercises.diagnosis.change import Candidate, Kind, compiled, places
from course_lib.exercises.diagnosis.wording import called

Replace = Callable[[ast.AST], ast.AST | None]
Replacement = tuple[Kind, str, str, Replace]


def candidates(definition: ast.FunctionDef, known: dict[str, Any]) -> Iterator[Candidate]:
    """All axes of a number, all uses of a name, and all calls of a function changed together."""
    nodes = [node for statement in definition.body for node in ast.walk(statement)]
    for fewest, replacements in ((2, _replacements(definition, nodes)), (1, _of_attributes(nodes))):
        for kind, words, advice, replace in replacements:
            changed = copy.deepcopy(definition)
            if _replaced(changed, replace) >= fewest:
                yield Candidate(kind, words, advice, compiled(changed, known))


def _replaced(tree: ast.FunctionDef, replace: Replace) -> int:
    """Replace nodes of the body, and count how many."""
    count = 0
    for place in [place for statement in tree.body for place in places(statement)]:
        if (new := replace(place.node)) is not None:
            place.put(ast.fix_missing_locations(new))
            count += 1
    return count


def _replacements(definition: ast.FunctionDef, nodes: list[ast.AST]) -> Iterator[Replacement]:
    for axis in sorted(
        {axis for node in nodes if isinstance(node, ast.Call) for _, axis in calls.axes(node)}
    ):
        for other in (*calls.AXES, (-2, -1)):
            if other != axis:
                words = f"{_axes(other)} everywhere in place of another"
                yield Kind.AXIS, words, calls.AXIS_ADVICE, _other_axis(axis, other)
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names = sorted(stored | {one.arg for one in ast.walk(definition.args) if isinstance(one, ast.arg)})
    for first, second in combinations(names, 2):
        words = f"`{first}` and `{second}` change places everywhere"
        yield Kind.ORDER, words, steps.NAME_ADVICE, _other_names({first: second, second: first})
        for name, other in ((first, second), (second, first)):
            words = f"`{other}` is used everywhere in place of `{name}`"
            yield Kind.NAME, words, steps.NAME_ADVICE, _other_names({name: other})
    for name in sorted({called(node) for node in nodes if isinstance(node, ast.Call)} - {""}):
        for other in sorted(
            {other for group in calls.NEIGHBOURS if name in group for other in group} - {name}
        ):
            words = f"`{other}` stands where another function belongs, in all places"
            yield Kind.FUNCTION, words, calls.FUNCTION_ADVICE, _other_function({name: other})
        if name in calls.METHODS_TO_LEAVE_OUT:
            yield Kind.LEFT_OUT, f"`{name}` is left out in all places", calls.LEFT_OUT_ADVICE, _without(name)
    for first, second in (("sin", "cos"), ("max", "min"), ("argmax", "argmin"), ("sigmoid", "tanh")):
        words = f"`{first}` and `{second}` change places"
        yield Kind.FUNCTION, words, calls.FUNCTION_ADVICE, _other_function({first: second, second: first})
    yield Kind.TRANSPOSE, "nothing is transposed", calls.AXIS_ADVICE, _untransposed


def _of_attributes(nodes: list[ast.AST]) -> Iterator[Replacement]:
    """Parts of an argument, such as the layers of a model, that are taken for each other."""
    attributes = (
        node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    )
    names = {node.attr for node in attributes if calls.is_of_a_model(node)}
    for first, second in combinations(sorted(names), 2):
        for name, other in ((first, second), (second, first)):
            words = f"`{other}` is used in place of `{name}`"
            yield Kind.NAME, words, steps.NAME_ADVICE, _other_function({name: other})
        words = f"`{first}` and `{second}` change places"
        yield Kind.ORDER, words, steps.NAME_ADVICE, _other_function({first: second, second: first})


def _axes(axis: int | tuple[int, int]) -> str:
    return (
        f"axis {axis} is taken"
        if isinstance(axis, int)
        else f"axes {axis[0]} and {axis[1]} are taken together"
    )


def _other_axis(axis: int, other: int | tuple[int, int]) -> Replace:
    def replace(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call):
            for position, found in calls.axes(node):
                if found == axis:
                    return calls.with_argument(node, position, calls.as_axis(other))
        return None

    return replace


def _other_names(names: dict[str, str]) -> Replace:
    def replace(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            return ast.Name(names[node.id], ast.Load())
        return None

    return replace


def _other_function(names: dict[str, str]) -> Replace:
    def replace(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Attribute) and node.attr in names:
            return ast.Attribute(node.value, names[node.attr], ast.Load())
        return None

    return replace


def _without(name: str) -> Replace:
    def replace(node: ast.AST) -> ast.AST | None:
        return calls.receiver(node) if isinstance(node, ast.Call) and called(node) == name else None

    return replace


def _untransposed(node: ast.AST) -> ast.AST | None:
    return node.value if isinstance(node, ast.Attribute) and node.attr in {"T", "mT"} else None
