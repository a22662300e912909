"""A small change of the right answer, and how its syntax tree is changed for a moment."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Any

from course_lib.exercises.exercise import Function


class Kind(IntEnum):
    """The sorts of mistakes, the likeliest first: of several that explain a result it is named."""

    AXIS = auto()
    TRANSPOSE = auto()
    TERM = auto()
    STEP = auto()
    ORDER = auto()
    NAME = auto()
    LEFT_OUT = auto()
    FUNCTION = auto()
    CONDITION = auto()
    OPPOSITE = auto()
    SIGN = auto()
    FACTOR = auto()
    ARGUMENT = auto()
    RETURNED = auto()
    LOOP = auto()
    OFF_BY_ONE = auto()
    BRACKETS = auto()
    POWER = auto()
    NUMBER = auto()
    ROUNDING = auto()
    OPERATOR = auto()
    INPUT = auto()
    RESULT = auto()
    CALLED = auto()
    PAIR = auto()
    CHANGED_MISTAKE = auto()


@dataclass(frozen=True)
class Change:
    """What stands in place of a part of the right answer.

    Attributes:
        kind: what sort of mistake it is.
        words: completes "your result is what you get when ...", without the right line.
        advice: a sentence that says where to look.
        node: the changed part.

    """

    kind: Kind
    words: str
    advice: str
    node: Any


@dataclass(frozen=True)
class Candidate:
    """A wrong answer that nobody listed, with the words of the change that makes it."""

    kind: Kind
    words: str
    advice: str
    function: Function


@dataclass(frozen=True)
class Place:
    """Where a node stands in its tree: a field of its parent, or an item of a list there."""

    parent: ast.AST
    field: str
    index: int | None = None

    @property
    def node(self) -> Any:
        """What stands there."""
        value = getattr(self.parent, self.field)
        return value if self.index is None else value[self.index]

    def put(self, node: Any) -> None:
        """Put another node there."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def places(tree: ast.AST) -> Iterator[Place]:
    """All places of a tree, in the order in which it is read."""
    for place in _own_places(tree):
        yield place
        yield from places(place.node)


def expressions(statement: ast.stmt) -> Iterator[Place]:
    """The places of a statement that are not within another statement."""
    for place in _own_places(statement):
        if not isinstance(place.node, ast.stmt):
            yield place
            yield from places(place.node)


def _own_places(tree: ast.AST) -> Iterator[Place]:
    for field, value in ast.iter_fields(tree):
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(node, ast.AST):
                yield Place(tree, field, index)


def compiled(definition: ast.FunctionDef, known: dict[str, Any]) -> Function:
    """Make the function that a tree defines, which may use the names in `known`.

    Raises:
        SyntaxError: if the tree is no Python.
    """
    namespace = dict(known)
    exec(compile(ast.Module([definition], []), f"<{definition.name}, changed>", "exec"), namespace)
    return namespace[definition.name]
