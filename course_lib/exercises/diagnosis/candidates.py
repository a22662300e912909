"""Wrong answers to try: small changes of the right answer, of what it calls, and listed mistakes together."""

import ast
import functools
import inspect
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from course_lib.exercises import edits
from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.diagnosis import around, calls, everywhere, parts, steps, terms
from course_lib.exercises.diagnosis.change import (
    Candidate,
    Change,
    Kind,
    Place,
    compiled,
    expressions,
    places,
)
from course_lib.exercises.diagnosis.wording import is_clear
from course_lib.exercises.exercise import Exercise, Function

LIKELY = (Kind.AXIS, Kind.TRANSPOSE, Kind.TERM, Kind.LEFT_OUT, Kind.FUNCTION)
"""Kinds of small changes that are tried together with a listed mistake."""


def stages(exercise: Exercise) -> Iterator[Iterator[Candidate]]:
    """The candidates in the order in which they are tried; those of a stage are as likely as each other."""
    yield iter(small_changes(exercise.reference))
    yield around.candidates(exercise.reference)
    yield of_called_exercises(exercise)
    yield pairs(exercise)
    yield changed_mistakes(exercise)


@functools.cache
def small_changes(function: Function) -> tuple[Candidate, ...]:
    """All answers that one small change of an answer makes."""
    definition = edits.answer(function)
    known = inspect.unwrap(function).__globals__
    changed = (_changed, _reordered, everywhere.candidates)
    return tuple(candidate for change in changed for candidate in change(definition, known))


def _changed(
    definition: ast.FunctionDef, known: dict[str, Any], kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[Candidate]:
    for statement in [place for place in places(definition) if isinstance(place.node, ast.stmt)]:
        where, names = _where(statement.node), _names_before(definition, statement.node.lineno)
        for place in [statement, *expressions(statement.node)]:
            right = place.node
            for change in _changes(place, names, known):
                if change.kind not in kinds or not is_clear(change.words):
                    continue
                if function := _with(change, place, definition, known):
                    words = change.words if place is statement else change.words + where
                    yield Candidate(change.kind, words, change.advice, function)
            place.put(right)


def _with(
    change: Change, place: Place, definition: ast.FunctionDef, known: dict[str, Any]
) -> Function | None:
    """The function that one change of a definition makes; None if it is no Python."""
    place.put(ast.fix_missing_locations(change.node))
    try:
        return compiled(definition, known)
    except (SyntaxError, ValueError, TypeError):
        return None


def _where(statement: ast.stmt) -> str:
    """Which value a statement makes, to be said after what is wrong there."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)):
            return f", where `{name}` is made"
        case ast.Return():
            return ", in what is returned"
    return ""


def _reordered(definition: ast.FunctionDef, known: dict[str, Any]) -> Iterator[Candidate]:
    """Two steps in a row, of the function or of a loop, that change places."""
    for block in [node for node in ast.walk(definition) if isinstance(node, ast.FunctionDef | ast.For)]:
        right = block.body
        for words, body in steps.other_orders(right):
            block.body = body
            yield Candidate(Kind.STEP, words, steps.ORDER_ADVICE, compiled(definition, known))
            block.body = right


def _changes(place: Place, names: frozenset[str], known: dict[str, Any]) -> Iterator[Change]:
    node = place.node
    if isinstance(node, ast.stmt):
        yield from steps.changes(node, names)
    elif isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        if isinstance(node, ast.Constant) and isinstance(place.parent, ast.UnaryOp):
            return  # it is changed with its sign
        yield from terms.changes(node)
        if not (isinstance(node, ast.Tuple) and isinstance(place.parent, ast.Subscript)):
            yield from parts.changes(node)
        if isinstance(node, ast.Call):
            yield from calls.changes(node)
        elif isinstance(node, ast.Name) and node.id in names:
            yield from steps.other_names(node, names)
        elif isinstance(node, ast.Name):
            yield from steps.other_values(node, known.get(node.id))


def _names_before(definition: ast.FunctionDef, line: int) -> frozenset[str]:
    """The arguments, and what has got a value before a line."""
    stored = (
        one for one in ast.walk(definition) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    )
    arguments = (one.arg for one in ast.walk(definition.args) if isinstance(one, ast.arg))
    return frozenset([*arguments, *(one.id for one in stored if one.lineno < line)])


def of_called_exercises(exercise: Exercise) -> Iterator[Candidate]:
    """Mistakes of other exercises whose functions the answer calls."""
    known = inspect.unwrap(exercise.reference).__globals__
    definition = edits.answer(exercise.reference)
    used = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
    for name in sorted(used & EXERCISES.keys() & known.keys() - {exercise.name}):
        for mistake in EXERCISES[name].mistakes:
            function = compiled(definition, {**known, name: mistake.function})
            yield Candidate(Kind.CALLED, f"in `{name}`, {mistake.name}", mistake.hint, function)


def pairs(exercise: Exercise) -> Iterator[Candidate]:
    """Two listed mistakes at once."""
    for first, second in combinations(exercise.mistakes, 2):
        if mistake := edits.both(exercise.reference, first, second):
            yield Candidate(Kind.PAIR, mistake.name, mistake.hint, mistake.function)


def changed_mistakes(exercise: Exercise) -> Iterator[Candidate]:
    """A listed mistake and a small change at once."""
    for mistake in exercise.mistakes:
        if mistake.edits:
            definition = edits.edited(exercise.reference, mistake)
            for candidate in _changed(definition, mistake.function.__globals__, LIKELY):
                words = f"{mistake.name}, and {candidate.words}"
                yield Candidate(Kind.CHANGED_MISTAKE, words, mistake.hint, candidate.function)
