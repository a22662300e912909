"""An explorer goes on showing what it was made with, whatever a later cell calls by the same name."""

import ast
import builtins
import symtable
from collections.abc import Iterator

import pytest

from course_lib.folders import NOTEBOOKS
from course_lib.notebooks.notebook import read

LECTURES = sorted(NOTEBOOKS.glob("*.ipynb"))


def globals_read(source: str) -> set[str]:
    """The global names that the functions of a source read when they are called."""
    names = set()
    tables = symtable.symtable(source, "cell", "exec").get_children()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        names |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return names - set(dir(builtins))


def bound(tree: ast.Module) -> set[str]:
    """The names that a cell binds."""
    table = symtable.symtable(ast.unparse(tree), "cell", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def explorers(cells: list[ast.Module]) -> set[str]:
    """The explorers of the lectures that a notebook imports, or the modules that hold them."""
    return {
        alias.asname or alias.name
        for cell in cells
        for node in ast.walk(cell)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module} {alias.name}".count("_explorer")
    }


def given_to(call: ast.Call) -> Iterator[ast.expr]:
    """The names and lambdas among what a function is given, also within lists and other calls."""
    inside: list[ast.AST] = [*call.args, *(keyword.value for keyword in call.keywords)]
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Lambda | ast.Name):
            yield node
        elif isinstance(node, ast.Call):
            inside += given_to(node)
        else:
            inside += ast.iter_child_nodes(node)


def handed_over(cell: ast.Module, known: set[str]) -> Iterator[str | ast.Lambda]:
    """What a cell hands to explorers: names and lambdas; and the functions that it makes explorers of."""
    for node in ast.walk(cell):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] in known:
            for given in given_to(node):
                if isinstance(given, ast.Lambda):
                    yield given
                elif isinstance(given, ast.Name):
                    yield given.id
        if isinstance(node, ast.FunctionDef) and any("explorer" in ast.dump(d) for d in node.decorator_list):
            yield node.name


def late_globals(sources: list[str]) -> list[str]:
    """Say for each explorer which names its functions read that a later cell binds to something else."""
    cells = [ast.parse(source) for source in sources]
    known = explorers(cells)
    functions: dict[str, ast.FunctionDef] = {}
    found = []
    for number, cell in enumerate(cells):
        functions |= {node.name: node for node in cell.body if isinstance(node, ast.FunctionDef)}
        later = set().union(*map(bound, cells[number + 1 :]))
        for given in handed_over(cell, known):
            names: set[str] = {given} if isinstance(given, str) else globals_read(ast.unparse(given))
            seen: set[str] = set()
            while names - seen:  # also what a function reads through another one
                name = (names - seen).pop()
                seen.add(name)
                if name in functions:
                    names |= globals_read(ast.unparse(functions[name]))
            label = given if isinstance(given, str) else "lambda"
            found += [f"{label} reads {name}" for name in sorted(names - {given}) if name in later]
    return found


MADE = "from course_lib.lectures.x.x_explorer import typed\nmodel = 1"
READS = "def f(t):\n    return model"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (
            [MADE, "def f(t):\n    return model\ntyped(f)", "for model in (1, 2):\n    pass"],
            ["f reads model"],
        ),
        ([MADE, "def f(t, model=model):\n    return model\ntyped(f)", "model = 2"], []),
        ([MADE, "typed(lambda t: model)", "_, model = 1, 2"], ["lambda reads model"]),
        (
            [MADE, "def g():\n    return model\ndef f(t):\n    return g()\ntyped(f)", "model = 2"],
            ["f reads model"],
        ),
        ([MADE, f"{READS}\ntyped(t=[partial(f, 1)])", "model = 2"], ["f reads model"]),
        ([MADE, f"{READS}\ntyped(f(1))", "model = 2"], []),
        (
            [
                "from course_lib.lectures.x import x_explorer as them\nmodel = 1",
                f"{READS}\nthem.typed(f)",
                "model = 2",
            ],
            ["f reads model"],
        ),
        ([MADE, "@explorer(a=Text())\ndef f(a):\n    return model", "model = 2"], ["f reads model"]),
        ([MADE, f"{READS}\ntyped(f)", "def h():\n    model = 2"], []),
        ([MADE, f"{READS}\nother(f)", "model = 2"], []),
    ],
)
def test_rule_finds_what_is_bound_again(cells, found):
    assert late_globals(cells) == found


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_explorers_keep_what_they_were_made_with(path):
    assert late_globals([cell.source for cell in read(path).cells if cell.cell_type == "code"]) == []
