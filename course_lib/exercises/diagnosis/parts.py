"""Changes of numbers, slices, entries and lists: off by one, from the other end, in another order."""

import ast
import copy
import math
from collections.abc import Iterator
from itertools import combinations

from course_lib.exercises.diagnosis.change import Change, Kind
from course_lib.exercises.diagnosis.terms import TERM_ADVICE
from course_lib.exercises.diagnosis.wording import named, number

EDGE_ADVICE = "Try it by hand on the smallest input: where does it begin, and where does it end?"
LARGE = 100
"""A whole number from here on is a constant of a formula, such as a base, and not a place."""


def changes(node: ast.expr) -> Iterator[Change]:
    """All changes of a number, a part or a list."""
    match node:
        case ast.Constant(value=value) if type(value) is int or type(value) is float:
            yield from _of_a_number(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            yield from _of_a_number(-value)
        case ast.Subscript(slice=ast.Slice() as part):
            yield from _of_a_slice(node, part)
        case ast.Subscript(slice=ast.Tuple(elts=indices)):
            yield from _of_indices(node, indices)
        case ast.Subscript(slice=ast.Name() | ast.BinOp()):
            yield from _of_an_entry(node)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            yield from _of_a_list(node, parts)


def _of_a_number(value: float) -> Iterator[Change]:
    others: list[tuple[Kind, float]] = []
    if isinstance(value, int):
        others += [(Kind.OFF_BY_ONE, other) for other in (value + 1, value - 1)]
    if not isinstance(value, int) or value >= LARGE:
        scaled = (2 * value, value / 2, 10 * value, value / 10, 1.0, math.e)
        others += [(Kind.NUMBER, other) for other in scaled if other != value]
    for kind, other in others:
        words = f"`{number(other)}` stands where another number belongs"
        advice = EDGE_ADVICE if kind == Kind.OFF_BY_ONE else TERM_ADVICE
        yield Change(kind, words, advice, ast.parse(repr(other), mode="eval").body)


def _of_a_slice(node: ast.Subscript, part: ast.Slice) -> Iterator[Change]:
    whole = named(node.value)
    if not isinstance(node.value, ast.Attribute):
        yield Change(Kind.LEFT_OUT, f"all of {whole} is taken, not a part", EDGE_ADVICE, node.value)
    for words, other in [*_moved(part.lower, "begins", 1), *_moved(part.upper, "ends", -1)]:
        changed = copy.copy(part)
        setattr(changed, "lower" if "begins" in words else "upper", other)
        words = f"the part of {whole} {words}"
        yield Change(Kind.OFF_BY_ONE, words, EDGE_ADVICE, ast.Subscript(node.value, changed, ast.Load()))
    if part.lower is not None and part.upper is None:
        from_end = isinstance(part.lower, ast.UnaryOp)
        words = (
            f"the part of {whole} is taken from its start"
            if from_end
            else f"the other part of {whole} is taken"
        )
        length = part.lower.operand if isinstance(part.lower, ast.UnaryOp) else part.lower
        other_part = ast.Subscript(node.value, ast.Slice(None, length), ast.Load())
        yield Change(Kind.OFF_BY_ONE, words, EDGE_ADVICE, other_part)


def _moved(bound: ast.expr | None, verb: str, inwards: int) -> Iterator[tuple[str, ast.expr | None]]:
    """Where a slice may begin or end instead."""
    if bound is None:
        yield f"{verb} one place {'later' if inwards > 0 else 'earlier'}", ast.Constant(inwards)
        return
    yield f"{verb} {'at the start' if verb == 'begins' else 'at the very end'}", None
    for step, way in ((1, "later"), (-1, "earlier")):
        if not (step == 1 and ast.unparse(bound) == "-1"):  # that would be 0
            yield f"{verb} one place {way}", ast.BinOp(bound, ast.Add(), ast.Constant(step))


def _of_indices(node: ast.Subscript, indices: list[ast.expr]) -> Iterator[Change]:
    for place, index in enumerate(indices):
        for fixed, word in ((0, "first"), (-1, "last")) if isinstance(index, ast.Name | ast.BinOp) else ():
            others = [*indices]
            others[place] = ast.Constant(fixed)
            words = f"the {word} part of {named(node.value)} is taken every time"
            part = ast.Subscript(node.value, ast.Tuple(others, ast.Load()), ast.Load())
            yield Change(Kind.STEP, words, EDGE_ADVICE, part)


def _of_an_entry(node: ast.Subscript) -> Iterator[Change]:
    if isinstance(node.slice, ast.Name) and len(node.slice.id) > 1:  # a mask or a list of places
        return
    for step, word in ((1, "next"), (-1, "previous")):
        moved = ast.BinOp(node.slice, ast.Add(), ast.Constant(step))
        words = f"the {word} entry of {named(node.value)} is taken"
        yield Change(Kind.OFF_BY_ONE, words, EDGE_ADVICE, ast.Subscript(node.value, moved, ast.Load()))


def _of_a_list(node: ast.expr, parts: list[ast.expr]) -> Iterator[Change]:
    """Parts of a list that change places, or are left out."""
    for first, second in combinations(range(len(parts)), 2):
        order = [*parts]
        order[first], order[second] = parts[second], parts[first]
        words = f"{named(parts[first])} and {named(parts[second])} change places in a list"
        yield Change(Kind.ORDER, words, TERM_ADVICE, _list(node, order))
    if len(parts) > 1:
        for part in parts:
            rest = [other for other in parts if other is not part]
            yield Change(Kind.TERM, f"{named(part)} is missing in a list", TERM_ADVICE, _list(node, rest))


def _list(node: ast.expr, parts: list[ast.expr]) -> ast.expr:
    return ast.Tuple(parts, ast.Load()) if isinstance(node, ast.Tuple) else ast.List(parts, ast.Load())
