"""The learner's workspace: lectures without solutions, kept up to date without losing text.

workspace/01_sequences.ipynb      what the learner works in
workspace/.base/...               what the learner was last given, to tell whose a change is
workspace/earlier versions/...    each notebook as it was before the course changed it
workspace/predictions.json        what the learner predicted
"""

import copy
import hashlib
import json
from datetime import datetime
from itertools import count
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from course_lib import predictions
from course_lib.files import write
from course_lib.folders import BASE, FORMER_HISTORY, HISTORY
from course_lib.notebooks import trust
from course_lib.notebooks.equality import WIDGET_VIEW
from course_lib.notebooks.notebook import as_text, read
from course_lib.notebooks.recognition import content, recognise

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = 'raise NotImplementedError("write your code here")'
UPDATE_TAG = "course-update"


def student_version(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of a lecture for learners: stubs in place of solutions, no outputs, locked checks.

    Raises ValueError, naming the cell, if solution markers do not pair up, stand in a text cell or are
    missing in an answer cell.
    """
    student = copy.deepcopy(notebook)
    for cell in student.cells:
        grading = cell.metadata.get("nbgrader", {})
        cell.source = _without_solution(cell, required=grading.get("solution", False))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if grading:
            cell.metadata.deletable = False
        if grading.get("locked"):
            cell.metadata.editable = False
    return student


def _without_solution(cell: NotebookNode, required: bool) -> str:
    kept: list[str] = []
    inside = found = False
    for line in cell.source.split("\n"):
        marker = line.strip()
        if marker == BEGIN and not inside and cell.cell_type == "code":
            inside = found = True
            kept.append(line[: line.index(BEGIN)] + STUB)
        elif marker == END and inside:
            inside = False
        elif "BEGIN SOLUTION" in line or "END SOLUTION" in line:
            raise ValueError(f"cell {cell.id}: stray solution marker {marker!r}")
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError(f"cell {cell.id}: {BEGIN!r} without {END!r}")
    if required and not found:
        raise ValueError(f"cell {cell.id}: an answer cell without {BEGIN!r}")
    return "\n".join(kept)


def merge(base: NotebookNode, mine: NotebookNode, new: NotebookNode) -> NotebookNode:
    """Bring a learner's notebook (`mine`) from the course's `base` to its `new` version, cell by cell.

    Cells are matched by id (see `recognise`). One that the learner left as it was given becomes the new one,
    or goes if the course removed it. One that the learner changed stays; if the course changed it too, the
    new text is added right below. The learner's own cells stay after the cell that they followed. A cell that
    the learner deleted stays deleted unless it is graded or has changed. Order and the metadata of its cells
    are the course's; the notebook's own metadata are the learner's where the course sets none. Outputs stay
    where the source does, and the points of a check also where its text changes. Ids must be unique within
    each notebook.
    """
    given, learners = _by_id(base), _by_id(mine)
    own = _own_cells(mine, given, new)
    cells = list(own[None])
    for fresh in new.cells:
        old, learner = given.get(fresh.id), learners.get(fresh.id)
        if learner is None:
            unchanged = old is not None and content(old) == content(fresh)
            if not unchanged or "nbgrader" in fresh.metadata:
                cells.append(fresh)
        elif content(learner) == content(fresh):
            cells.append(_with_metadata(learner, _as_folded(learner, old, fresh)))
        elif old is not None and content(learner) == content(old):
            updated = _as_folded(learner, old, fresh)
            cells.append(_with_outputs(updated, learner) if _are_one_check(old, fresh) else updated)
        else:
            cells.append(_with_metadata(learner, _as_folded(learner, None, fresh)))
            if old is None or content(old) != content(fresh):
                update = _update_cell(fresh)
                if update.id not in learners and content(update) not in map(content, mine.cells):
                    cells.append(update)
        cells += own[fresh.id]
    merged = copy.deepcopy(new)
    merged.metadata = mine.metadata | new.metadata
    merged.cells = copy.deepcopy(cells)
    return merged


def _by_id(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {cell.id: cell for cell in notebook.cells}


def _with_metadata(cell: NotebookNode, source: NotebookNode) -> NotebookNode:
    return NotebookNode(cell | {"metadata": source.metadata})


def _as_folded(learner: NotebookNode, old: NotebookNode | None, fresh: NotebookNode) -> NotebookNode:
    """Return the course's cell; if the learner has folded or unfolded it since `old`, it stays as it is."""
    folding = learner.metadata.get("jupyter", {})
    if old is not None and folding == old.metadata.get("jupyter", {}):
        return fresh
    cell = copy.deepcopy(fresh)
    cell.metadata.pop("jupyter", None)
    if folding:
        cell.metadata.jupyter = folding
    return cell


def _with_outputs(cell: NotebookNode, source: NotebookNode) -> NotebookNode:
    return NotebookNode(cell | {name: source[name] for name in ("outputs", "execution_count")})


def _are_one_check(old: NotebookNode, new: NotebookNode) -> bool:
    """Tell whether two versions of a cell check the same exercise: what the learner has earned stays."""
    before, after = (cell.metadata.get("nbgrader", {}) for cell in (old, new))
    return (
        old.cell_type == new.cell_type == "code"
        and after.get("grade", False)
        and before.get("grade_id") == after.get("grade_id")
    )


def _own_cells(
    mine: NotebookNode, given: dict[str, NotebookNode], new: NotebookNode
) -> dict[str | None, list[NotebookNode]]:
    """Group the learner's cells that are not the course's by the id of the course's cell that they follow.

    Cells of the course that the learner changed and the course removed become the learner's own.
    """
    groups: dict[str | None, list[NotebookNode]] = {None: []} | {cell.id: [] for cell in new.cells}
    anchor = None
    for cell in mine.cells:
        if cell.id in groups:
            anchor = cell.id
        elif cell.id not in given or content(cell) != content(given[cell.id]):
            own = copy.deepcopy(cell)
            for name in ("nbgrader", "deletable", "editable"):  # a pasted check is no check of the course
                own.metadata.pop(name, None)
            groups[anchor].append(own)
    return groups


def _update_cell(cell: NotebookNode) -> NotebookNode:
    """Make the cell that shows the course's new text below a cell that the learner has changed."""
    update = copy.deepcopy(cell)
    digest = hashlib.sha256(json.dumps(content(cell), sort_keys=True).encode()).hexdigest()[:8]
    update.id = f"{cell.id[:50]}-new-{digest}"
    update.metadata = NotebookNode(tags=[UPDATE_TAG])
    if cell.cell_type == "code":
        lines = ["The course changed this cell. You keep yours; its new text is:", *cell.source.split("\n")]
        update.source = "\n".join(f"# {line}".rstrip() for line in lines)
    else:
        update.source = (
            f"*The course changed the text above. You keep yours; its new text is:*\n\n{cell.source}"
        )
    return update


def update(source: Path, workspace: Path, jupyter_data: Path | None = None) -> list[str]:
    """Bring every lecture of `source` up to date in `workspace`; return a line for each notebook concerned.

    A notebook that has lost its ids or nbgrader's names in another editor gets them back. A learner's file is
    copied to the history before the course changes it. Views of widgets that no kernel
    can fill any more go without a word. A file with neither stays untouched. One that can't be read stays as
    it is, and the course's comes beside it. Notebooks that only the workspace has are left alone. Jupyter,
    whose data are in `jupyter_data`, trusts each notebook as it did before. Run it while no notebook is open:
    an editor would find its file changed.
    Raises ValueError if a lecture of the course is no valid notebook or its solution markers are wrong.
    """
    predictions.bring_along(workspace)
    _bring_history_along(workspace)
    lines = []
    for path in sorted(source.glob("*.ipynb")):
        lecture = read(path)
        try:
            student = student_version(lecture)
        except ValueError as error:
            raise ValueError(f"{path.name}, {error}") from None
        lines += _update_one(path.name, student, workspace, jupyter_data)
    return lines


def _update_one(name: str, new: NotebookNode, workspace: Path, jupyter_data: Path | None) -> list[str]:
    path, base_path = workspace / name, workspace / BASE / name
    given = as_text(new).encode()
    if not path.exists():
        write(path, given)
        write(base_path, given)
        return [f"{name}: new"]
    try:
        mine = read(path)
    except (OSError, ValueError):
        beside = f"{path.stem}.new.ipynb"
        line = f"{name}: cannot be read and stays as it is; the course's version is {beside}"
        return [line, *_update_one(beside, new, workspace, jupyter_data)]
    base_is_current = base_path.exists() and base_path.read_bytes() == given
    base = new if base_is_current else _read_base(base_path)
    known = recognise(mine, base, new)
    merged = mine if base_is_current and known == mine else merge(base, known, new)
    if merged != mine:
        _keep_in_history(path)
    updated = _without_stale_widgets(merged)
    if updated != mine:
        with trust.kept(path, jupyter_data):
            write(path, as_text(updated).encode())
    if not base_is_current:
        write(base_path, given)
    return [f"{name}: {_summary(mine, merged)}"] if merged != mine else []


def _read_base(path: Path) -> NotebookNode:
    try:
        return read(path)
    except (OSError, ValueError):  # without it nothing counts as untouched: more is kept, nothing is lost
        return new_notebook()


def _without_stale_widgets(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without the views of widgets whose kernel is gone; their words and pictures stay."""
    result = copy.deepcopy(notebook)
    for cell in result.cells:
        for output in cell.get("outputs", []):
            if len(output.get("data", {})) > 1:
                output.data.pop(WIDGET_VIEW, None)
    return result


def start_over(exercise: str, workspace: Path, jupyter_data: Path | None = None) -> str:
    """Set the cell of an exercise back to the stub that was given; return what was done, in one line.

    The notebook as it was is kept in the history. The points of the check stay until it runs again. Run it
    while the notebook is not open, as `update`.
    Raises ValueError if the workspace has no such exercise, or the notebook has lost its cell.
    """
    from course_lib.exercises.start_over import find_stub  # brings torch: seconds that `update` need not wait

    name, given = find_stub(exercise, workspace)
    path = workspace / name
    notebook = recognise(read(path), read(workspace / BASE / name))
    cell = next((cell for cell in notebook.cells if cell.id == given["id"]), None)
    if cell is None:
        raise ValueError(f"{name} has no cell for {exercise} any more; `course workspace` brings it back")
    stub = "".join(given["source"])
    if cell.source == stub:
        return f"{name}: {exercise} is as you were given it."
    kept = _keep_in_history(path)
    cell.source, cell.outputs, cell.execution_count = stub, [], None
    with trust.kept(path, jupyter_data):
        write(path, as_text(notebook).encode())
    return f"{name}: {exercise} is a stub again; the notebook as it was is {HISTORY}/{kept.name}."


def _keep_in_history(path: Path) -> Path:
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    kept = _free_path(path.parent / HISTORY, f"{path.stem}.{stamp}")
    write(kept, path.read_bytes())
    return kept


def _bring_history_along(workspace: Path) -> None:
    """Move what is in the folder that held earlier versions, and that JupyterLab didn't show."""
    former = workspace / FORMER_HISTORY
    if not former.is_dir():
        return
    for path in former.iterdir():
        present = workspace / HISTORY / path.name
        present.parent.mkdir(exist_ok=True)
        path.rename(_free_path(present.parent, path.stem) if present.exists() else present)
    former.rmdir()


def _free_path(folder: Path, stem: str) -> Path:
    names = (folder / f"{stem}-{number}.ipynb" for number in count(1))
    return next(path for path in names if not path.exists())


def _summary(mine: NotebookNode, updated: NotebookNode) -> str:
    added = _updates(updated) - _updates(mine)
    if not added:
        return "updated"
    if added == 1:
        return "updated; a cell that you changed too is kept, with the course's new text below it"
    return f"updated; {added} cells that you changed too are kept, with the course's new text below them"


def _updates(notebook: NotebookNode) -> int:
    return sum(UPDATE_TAG in cell.metadata.get("tags", []) for cell in notebook.cells)
