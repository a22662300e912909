"""Which cells of a lecture are folded: those whose text says no more than what they show."""

import ast

from nbformat import NotebookNode

DRAWING = {"Arrows", "Bars", "Diagram", "Heat", "Lines", "Links", "Path", "explorer", "show"}
"""The names from `course_lib.explore` that pictures are made with."""


def is_folded(cell: NotebookNode) -> bool:
    """Tell whether JupyterLab shows the cell without its source."""
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def fold(cell: NotebookNode) -> None:
    """Fold the cell if it only asks for a prediction or mostly draws, and unfold it otherwise."""
    settings = cell.metadata.pop("jupyter", {}) | {"source_hidden": True}
    if not only_shows(cell):
        del settings["source_hidden"]
    if settings:
        cell.metadata["jupyter"] = settings


def only_shows(cell: NotebookNode) -> bool:
    """Tell whether the cell only asks for a prediction, or most of its lines draw.

    Lines draw if their statement names a panel, `show` or `explorer`; of a function, what it ends in counts.
    Graded cells are never folded.
    """
    if cell.cell_type != "code" or "nbgrader" in cell.metadata:
        return False
    statements = _statements(cell.source)
    if len(statements) == 1 and _predicts(statements[0]):
        return True
    return lines_that_draw(cell.source) > sum(map(_lines, statements)) / 2


def lines_that_draw(source: str) -> int:
    """Count the lines of all statements that draw."""
    return sum(_lines(statement) for statement in _statements(source) if _draws(statement))


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:  # as with IPython's own commands
        return []


def _predicts(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Call(ast.Name("predict"))):
            return True
    return False


def _draws(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef):
        return _draws(statement.body[-1])
    return any(isinstance(node, ast.Name) and node.id in DRAWING for node in ast.walk(statement))


def _lines(statement: ast.stmt) -> int:
    start = statement.lineno
    if isinstance(statement, ast.FunctionDef):
        start = min([start, *(decorator.lineno for decorator in statement.decorator_list)])
    return (statement.end_lineno or start) - start + 1
