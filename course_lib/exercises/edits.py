"""Mistakes written as edits of the right answer.

    epsilon is left out
        variance + EPSILON -> variance
    Without epsilon a vector of equal numbers is divided by zero.

A paragraph is a mistake: its name, its edits, each on an indented line, and its hint. An edit replaces what
is left of the arrow wherever it occurs in the answer as whole words. The edits of a mistake are made at once,
so two can swap names. The answer is read as `ast.unparse` writes it: without comments, one statement a line.

Edits need an answer that is written as learners write it. Where the library's function is, the exercise
imports it; else it spells the answer out, and the library's function is one of the tests' right answers.
"""

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Mapping
from typing import Any, NamedTuple

from course_lib.exercises.exercise import Function, Mistake

ARROW = " -> "


def mistakes(reference: Function, paragraphs: str, **names: Any) -> tuple[Mistake, ...]:
    """Make mistakes of paragraphs.

    Args:
        reference: the right answer, whose source is edited.
        paragraphs: the mistakes, with empty lines between them.
        **names: what the edited answers use besides what the reference's module knows.

    Raises:
        ValueError: if a paragraph lacks its name, its edits or its hint, an edit doesn't fit the answer, or
            what it makes is no Python.
    """
    right = _written(reference)
    known = {**inspect.unwrap(reference).__globals__, **names}
    blocks = re.split(r"\n\s*\n", textwrap.dedent(paragraphs).strip("\n"))
    return tuple(_mistake(right, block, known) for block in blocks)


def both(reference: Function, first: Mistake, second: Mistake) -> Mistake | None:
    """Make two mistakes at once; None if one is no edit, or their edits do not go together."""
    if not (first.edits and second.edits) or first.edits.keys() & second.edits.keys():
        return None
    name = f"{first.name}, and {second.name}"
    known = {**second.function.__globals__, **first.function.__globals__}
    try:
        function = _edited(_written(reference), name, {**first.edits, **second.edits}, known)
    except ValueError:
        return None
    return Mistake(name, function, f"{first.hint} {second.hint}")


def edited(reference: Function, mistake: Mistake) -> ast.FunctionDef:
    """Return the definition that the edits of a mistake make of the right answer."""
    tree = ast.parse(_source(_written(reference), mistake.name, dict(mistake.edits))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def answer(function: Function) -> ast.FunctionDef:
    """Return the definition of a function without its docstring and annotations."""
    definition = ast.parse(_text(function)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list, definition.returns = [], None
    for argument in ast.walk(definition.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    if ast.get_docstring(definition) is not None:
        del definition.body[0]
    return definition


class _Written(NamedTuple):
    """An answer as text: the function's name, its first line and its body."""

    name: str
    head: str
    body: str


@functools.cache
def _written(function: Function) -> _Written:
    definition = answer(function)
    head = f"def {definition.name}({ast.unparse(definition.args)}):\n"
    return _Written(definition.name, head, ast.unparse(ast.Module(definition.body, [])))


@functools.cache
def _text(function: Function) -> str:
    return textwrap.dedent(inspect.getsource(function))


def _mistake(right: _Written, block: str, known: dict[str, Any]) -> Mistake:
    lines = block.splitlines()
    indented = [number for number, line in enumerate(lines) if line.startswith(" ")]
    if not indented or indented[0] == 0 or indented[-1] == len(lines) - 1:
        raise ValueError(f"a mistake is a name, indented edits and a hint, not: {block!r}")
    name = " ".join(lines[: indented[0]])
    hint = " ".join(lines[indented[-1] + 1 :])
    edits = [_edit(line) for line in lines[indented[0] : indented[-1] + 1]]
    if len({before for before, _ in edits}) < len(edits):
        raise ValueError(f"{name}: two edits replace the same words")
    return Mistake(name, _edited(right, name, dict(edits), known), hint, dict(edits))


def _edit(line: str) -> tuple[str, str]:
    before, arrow, after = line.strip().partition(ARROW if ARROW in line else ARROW.rstrip())
    if not arrow or not before or before == after:
        raise ValueError(f"an edit is `before -> after`, not {line.strip()!r}")
    return before, after


def _edited(right: _Written, name: str, edits: dict[str, str], known: dict[str, Any]) -> Function:
    """The function that the edited answer defines."""
    source = _source(right, name, edits)
    namespace = dict(known)
    try:
        exec(compile(source, f"<{right.name}: {name}>", "exec"), namespace)
    except SyntaxError as error:
        raise ValueError(f"{name}: the edited answer is no Python:\n{source}") from error
    return namespace[right.name]


def _source(right: _Written, name: str, edits: Mapping[str, str]) -> str:
    made: set[str] = set()

    def edit(found: re.Match[str]) -> str:
        made.add(found[0])
        return edits[found[0]]

    longest_first = sorted(edits, key=len, reverse=True)
    changed = re.sub("|".join(map(_whole, longest_first)), edit, right.body)
    for before in edits.keys() - made:
        raise ValueError(
            f"{name}: {before!r} is not in the answer, or within another edit only:\n{right.body}"
        )
    return right.head + textwrap.indent(changed, "    ")


def _whole(words: str) -> str:
    """A pattern for words that are not part of longer ones."""
    start = r"(?<!\w)" if re.match(r"\w", words) else ""
    end = r"(?!\w)" if re.search(r"\w$", words) else ""
    return f"{start}{re.escape(words)}{end}"
