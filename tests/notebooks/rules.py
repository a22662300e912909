"""Rules for stored lectures that need no kernel: each takes a notebook and yields its breaches."""

import ast
import json
import re
import symtable
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.validator import isvalid

from course_lib.notebooks.equality import WIDGET_VIEW, is_measured
from course_lib.notebooks.folding import is_folded, lines_that_draw
from course_lib.notebooks.notebook import as_text, read
from course_lib.notebooks.store import normal_form
from course_lib.notebooks.workspace import student_version

MAX_LINES = 25
MAX_DRAWING_LINES = 8
MAX_OUTPUT_BYTES = 300_000

BOILERPLATE = {
    "installs packages": r"^\s*[!%]\s*(pip|conda|mamba)\b",
    "changes sys.path": r"\bsys\.path\b",
    "hides warnings": r"\b(filterwarnings|simplefilter)\b",
    "steers nbval": r"NBVAL|nbval-",
}
VOLATILE = {
    "memory address": r"\b0x[0-9a-fA-F]{6,}",
    "absolute path": r"(?<![\w.:/<])(/[\w.-]+){2,}|\b[A-Z]:\\\w|file://",
    "timing": r"\b\d+(\.\d+)? ?(ms|µs|ns|it/s|s/it)\b|\b\d+\.\d+ ?(s|sec|seconds)\b|\bWall time|\d\d:\d\d<",
}


def valid(notebook: NotebookNode) -> Iterator[str]:
    if not isvalid(notebook) or not all("id" in cell for cell in notebook.cells):
        yield "not a valid notebook of format 4.5 with unlike cell ids"


def in_normal_form(notebook: NotebookNode) -> Iterator[str]:
    if notebook != normal_form(notebook):
        yield "not in normal form: store it with `course run`"


def readable_unique_ids(notebook: NotebookNode) -> Iterator[str]:
    seen = set()
    for cell in notebook.cells:
        if not re.fullmatch(r"[a-z0-9-]{2,60}", cell.id) or re.fullmatch(
            r"[0-9a-f]{8}(-[0-9a-f-]+)?", cell.id
        ):
            yield f"{cell.id}: give the cell a readable id"
        if cell.id in seen:
            yield f"{cell.id}: two cells have this id"
        seen.add(cell.id)


def clean_outputs(notebook: NotebookNode) -> Iterator[str]:
    for cell, output in _outputs(notebook):
        data = output.get("data", {})
        if output.output_type == "error":
            yield f"{cell.id}: raised {output.ename}"
        if output.get("name") == "stderr":
            yield f"{cell.id}: writes to stderr"
        if WIDGET_VIEW in data:
            yield f"{cell.id}: stores a widget view, which dies with its kernel"
        if "text/html" in data and "image/png" in data:
            yield f"{cell.id}: stores an explorer's html beside its picture"
        if (size := len(json.dumps(output))) > MAX_OUTPUT_BYTES:
            yield f"{cell.id}: an output of {size} bytes"
        for name, pattern in VOLATILE.items():
            if name == "timing" and is_measured(output):
                continue
            if match := re.search(pattern, _words(output)):
                yield f"{cell.id}: {name} in an output: {match[0]!r}"


def pictures_have_alternative_text(notebook: NotebookNode) -> Iterator[str]:
    """A picture's words stand in its metadata and, for readers without pictures, in its text/plain."""
    for cell, output in _outputs(notebook):
        if "image/png" not in output.get("data", {}):
            continue
        alt = output.metadata.get("image/png", {}).get("alt", "").strip()
        plain = output.data.get("text/plain", "")
        if not alt:
            yield f"{cell.id}: a picture without alternative text"
        elif alt not in plain:
            yield f"{cell.id}: the alternative text is not in text/plain"
        if "<Figure size" in plain:
            yield f"{cell.id}: a figure that is shown without words"
    for cell in _markdown(notebook):
        images = re.findall(r"!\[([^\]]*)\]\(", cell.source)
        images += [
            (re.search(r"""\balt=["']([^"']*)""", tag) or ["", ""])[1]
            for tag in re.findall(r"<img\b[^>]*>", cell.source)
        ]
        if not all(alt.strip() for alt in images):
            yield f"{cell.id}: an image without alternative text"


def short_clean_cells(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        if not cell.source.strip():
            yield f"{cell.id}: an empty cell"
    for cell in student_version(notebook).cells:
        lines = cell.source.count("\n") + 1
        if cell.cell_type == "code" and lines > MAX_LINES:
            yield f"{cell.id}: {lines} lines, more than {MAX_LINES}"
    for cell in _code(notebook):
        text = cell.source + " ".join(cell.metadata.get("tags", []))
        for name, pattern in BOILERPLATE.items():
            if re.search(pattern, text, re.MULTILINE):
                yield f"{cell.id}: {name}"


def headings_in_order(notebook: NotebookNode) -> Iterator[str]:
    level = 0
    for cell in _markdown(notebook):
        for marks, text in _headings(cell):
            if (len(marks) == 1) != (level == 0):
                yield f"{cell.id}: one heading of level 1, at the top: {text!r}"
            elif len(marks) > level + 1:
                yield f"{cell.id}: heading {text!r} skips a level"
            level = len(marks)
    if level == 0:
        yield "no heading"


def grading_metadata(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        if (grading := cell.metadata.get("nbgrader")) is None:
            if "BEGIN SOLUTION" in cell.source:
                yield f"{cell.id}: a solution in a cell that is no answer cell"
            continue
        if grading.get("schema_version") != 3:
            yield f"{cell.id}: nbgrader schema is not version 3"
        if grading.get("grade_id") != cell.id:
            yield f"{cell.id}: grade_id {grading.get('grade_id')!r} is not the cell's id"
        flags = {name: grading.get(name) for name in ("grade", "solution", "locked", "task")}
        if not all(isinstance(flag, bool) for flag in flags.values()):
            yield f"{cell.id}: grade, solution, locked and task must each be true or false"
        if flags["solution"] and "### BEGIN SOLUTION" not in cell.source:
            yield f"{cell.id}: an answer cell without a marked solution"
        if flags["grade"] and not flags["locked"]:
            yield f"{cell.id}: a graded cell that is not locked"
        points = grading.get("points")
        if flags["grade"] and not (isinstance(points, int | float) and points > 0):
            yield f"{cell.id}: a graded cell without points"
        if not flags["grade"] and points is not None:
            yield f"{cell.id}: points on a cell that is not graded"


def folding(notebook: NotebookNode) -> Iterator[str]:
    """A folded cell hides nothing that another cell needs or that it prints; an open one hardly draws."""
    cells = _code(notebook)
    for place, cell in enumerate(cells):
        if not is_folded(cell):
            if (
                "nbgrader" not in cell.metadata
                and (count := lines_that_draw(cell.source)) > MAX_DRAWING_LINES
            ):
                yield f"{cell.id}: {count} lines draw in an open cell: let them be a cell of their own"
            continue
        if "print" in _used(cell.source):
            yield f"{cell.id}: is folded and prints: let that be a cell of its own"
        hidden = _bound(cell.source)
        for later in cells[place + 1 :]:
            for name in sorted(hidden & _free(later.source)):
                yield f"{cell.id}: is folded and makes {name}, which {later.id} needs"
            hidden -= _bound(later.source)


def learners_code_is_only_checked(notebook: NotebookNode) -> Iterator[str]:
    """Whatever a learner has written, or not yet, changes nothing elsewhere in the lecture."""
    answers = [cell for cell in _code(notebook) if cell.metadata.get("nbgrader", {}).get("solution")]
    written = {name for cell in answers for name in _defined(cell.source)}
    for cell in _code(notebook):
        if "nbgrader" in cell.metadata:
            continue
        for name in sorted(written & _used(cell.source)):
            yield f"{cell.id}: uses {name}, which a learner writes"


def plain_words(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        if re.search(r"\bsimply\b", cell.source, re.IGNORECASE):
            yield f"{cell.id}: says 'simply'"


def links_resolve(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Links to files and headings, relative to the notebook's own path; nothing is fetched."""
    for cell in _markdown(notebook):
        text = _without_code(cell.source)
        for link in re.findall(r"\]\(<?([^)\s>]+)", text) + re.findall(
            r"""\b(?:href|src)=["']([^"']+)""", text
        ):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = path.parent / name if name else path
            if not target.exists():
                yield f"{cell.id}: there is no {name}"
            elif anchor and anchor not in _anchors(read(target) if name else notebook):
                yield f"{cell.id}: there is no heading {anchor!r} in {target.name}"


RULES = [
    valid,
    in_normal_form,
    readable_unique_ids,
    clean_outputs,
    pictures_have_alternative_text,
    short_clean_cells,
    headings_in_order,
    grading_metadata,
    folding,
    learners_code_is_only_checked,
    plain_words,
]


def breaches(path: Path) -> list[str]:
    """List all breaches of all rules by one stored notebook, each with the file's name."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.v4.reads(text)
    if found := list(valid(notebook)):
        return [f"{path.name}: {breach}" for breach in found]
    found = [breach for rule in RULES for breach in rule(notebook)]
    found += links_resolve(notebook, path)
    if text != as_text(notebook):
        found.append("the file is not as `course run` writes it")
    return [f"{path.name}: {breach}" for breach in found]


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _defined(source: str) -> set[str]:
    """The names of functions and variables that a cell defines."""
    statements = ast.parse(source).body
    functions = {statement.name for statement in statements if isinstance(statement, ast.FunctionDef)}
    return functions | {
        node.id
        for statement in statements
        if not isinstance(statement, ast.FunctionDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _used(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def _bound(source: str) -> set[str]:
    """The names that a cell gives a meaning to, for the cells below it."""
    names = symtable.symtable(source, "cell", "exec").get_symbols()
    return {name.get_name() for name in names if name.is_assigned() or name.is_imported()}


def _free(source: str) -> set[str]:
    """The names that a cell reads and never binds."""
    tables = [symtable.symtable(source, "cell", "exec")]
    read = set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        read |= {
            name.get_name()
            for name in table.get_symbols()
            if name.is_referenced() and (table.get_type() == "module" or name.is_global())
        }
    return read - _bound(source)


def _markdown(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def _outputs(notebook: NotebookNode) -> list[tuple[NotebookNode, NotebookNode]]:
    return [(cell, output) for cell in _code(notebook) for output in cell.outputs]


def _words(output: NotebookNode) -> str:
    data = output.get("data", {})
    return output.get("text", "") + "".join(text for form, text in data.items() if form.startswith("text/"))


def _without_code(markdown: str) -> str:
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", markdown, flags=re.DOTALL | re.MULTILINE)


def _headings(cell: NotebookNode) -> list[tuple[str, str]]:
    fenceless = re.sub(r"^```.*?^```", "", cell.source, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^(#{1,6})\s+(.+?)\s*$", fenceless, flags=re.MULTILINE)


def _anchors(notebook: NotebookNode) -> set[str]:
    """Return the anchors that JupyterLab gives to headings, and those set by hand."""
    anchors = set()
    for cell in _markdown(notebook):
        anchors |= {re.sub(r"[`*]", "", text).replace(" ", "-") for _, text in _headings(cell)}
        anchors |= set(re.findall(r"""\bid=["']([^"']+)""", cell.source))
    return anchors
