"""Changes of statements: one is left out, a loop runs otherwise, another value is returned or used."""

import ast
import copy
from collections.abc import Iterator

from course_lib.exercises.diagnosis.change import Change, Kind
from course_lib.exercises.diagnosis.terms import CONDITION_ADVICE
from course_lib.exercises.diagnosis.wording import named, number

STEP_ADVICE = "Go through your steps one by one: one of them is missing, or its result is not used."
ORDER_ADVICE = "Look at the order of your steps."
LOOP_ADVICE = "Follow the loop by hand: which is its first round, and which its last?"
RETURN_ADVICE = "Look at what is returned, and in which order."
NAME_ADVICE = "Look at which of the values is used where."


def changes(node: ast.stmt, names: frozenset[str]) -> Iterator[Change]:
    """All changes of one statement; `names` are those that have a value before it."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) if name in names:
            yield Change(Kind.STEP, f"`{name}` stays as it was", STEP_ADVICE, ast.Pass())
        case ast.AugAssign(target=target, op=ast.Add(), value=value):
            yield Change(Kind.STEP, f"nothing is added to {named(target)}", STEP_ADVICE, ast.Pass())
            stored = ast.Assign([target], value)
            yield Change(Kind.STEP, f"{named(target)} keeps only what came last", STEP_ADVICE, stored)
        case ast.Assign(targets=[ast.Tuple(elts=targets)]):
            yield from _other_order(node, targets)
        case ast.If(body=body, orelse=otherwise):
            yield Change(Kind.CONDITION, "the condition is always true", CONDITION_ADVICE, _always(body))
            yield Change(Kind.CONDITION, "the condition is never true", CONDITION_ADVICE, _always(otherwise))
        case ast.For():
            yield from _other_rounds(node)
        case ast.Return(value=ast.Tuple(elts=parts)):
            yield from _other_parts(parts)
    if isinstance(node, ast.Return):
        for name in sorted(names):
            returned = ast.Return(ast.Name(name, ast.Load()))
            yield Change(Kind.RETURNED, f"`{name}` is returned", RETURN_ADVICE, returned)


def other_orders(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Two statements in a row that change places."""
    for index in range(len(body) - 1):
        first, second = body[index : index + 2]
        if not isinstance(second, ast.Return):
            words = "two of the steps are done in the other order"
            yield words, [*body[:index], second, first, *body[index + 2 :]]


def other_values(node: ast.Name, value: object) -> Iterator[Change]:
    """Other values of a constant."""
    if type(value) is float:
        for other in (0.0, 1e-3, 1e-5, 1e-6, 1e-8, 1e-12):
            if other != value:
                yield Change(Kind.NUMBER, f"`{node.id}` is {number(other)}", NAME_ADVICE, ast.Constant(other))


def other_names(node: ast.Name, names: frozenset[str]) -> Iterator[Change]:
    """Another value in place of one."""
    for name in sorted(names - {node.id}):
        words = f"`{name}` is used in a place of `{node.id}`"
        yield Change(Kind.NAME, words, NAME_ADVICE, ast.Name(name, ast.Load()))


def _always(body: list[ast.stmt]) -> ast.stmt:
    return ast.If(ast.Constant(True), body or [ast.Pass()], [])


def _other_order(node: ast.Assign, targets: list[ast.expr]) -> Iterator[Change]:
    for first in range(len(targets)):
        for second in range(first + 1, len(targets)):
            order = [*targets]
            order[first], order[second] = targets[second], targets[first]
            words = f"{named(targets[first])} and {named(targets[second])} change places"
            changed = ast.Assign([ast.Tuple(order, ast.Store())], node.value)
            yield Change(Kind.ORDER, words, NAME_ADVICE, changed)


def _other_rounds(node: ast.For) -> Iterator[Change]:
    rounds = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
    one, last = ast.Constant(1), ast.UnaryOp(ast.USub(), ast.Constant(1))
    parts = {
        "the loop leaves out its first round": ast.Slice(one),
        "the loop leaves out its last round": ast.Slice(None, last),
        "the loop runs once only": ast.Slice(None, one),
        "the loop runs in the opposite order": ast.Slice(None, None, last),
    }
    for words, part in parts.items():
        changed = copy.copy(node)
        changed.iter = ast.Subscript(rounds, part, ast.Load())
        yield Change(Kind.LOOP, words, LOOP_ADVICE, changed)
    if not any(isinstance(inner, ast.Break | ast.Return) for inner in ast.walk(node)):
        broken = copy.copy(node)
        broken.body = [*node.body, ast.Break()]
        yield Change(Kind.LOOP, "the loop ends after its first round", LOOP_ADVICE, broken)


def _other_parts(parts: list[ast.expr]) -> Iterator[Change]:
    for first in range(len(parts)):
        yield Change(
            Kind.RETURNED, f"{named(parts[first])} is returned alone", RETURN_ADVICE, ast.Return(parts[first])
        )
        for second in range(first + 1, len(parts)):
            order = [*parts]
            order[first], order[second] = parts[second], parts[first]
            words = f"{named(parts[first])} and {named(parts[second])} change places in the result"
            yield Change(Kind.ORDER, words, RETURN_ADVICE, ast.Return(ast.Tuple(order, ast.Load())))
            same = [*parts]
            same[second] = parts[first]
            words = f"{named(parts[first])} is returned in place of {named(parts[second])}"
            yield Change(Kind.RETURNED, words, RETURN_ADVICE, ast.Return(ast.Tuple(same, ast.Load())))
