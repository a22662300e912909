"""Which cells of a learner's notebook are the course's, after whatever editor it has been in.

Some editors drop the ids of cells, give them new ones, or copy a cell with all that it carries.
"""

import copy
import difflib
from collections.abc import Callable, Hashable

from nbformat import NotebookNode

from course_lib import grading
from course_lib.notebooks.sentences import one_sentence_a_line

ALIKE = 0.5
"""Share of two texts that must be equal for one to pass as a changed version of the other."""


def content(cell: NotebookNode) -> tuple[str, str, dict]:
    """Return what a learner writes in a cell: a change in it is a change of the cell.

    Where the lines of a paragraph break is no part of it.
    """
    source = one_sentence_a_line(cell.source) if cell.cell_type == "markdown" else cell.source
    return cell.cell_type, source, cell.get("attachments", {})


def recognise(mine: NotebookNode, *given: NotebookNode) -> NotebookNode:
    """Return a copy of the learner's notebook in which the course's cells have its ids and names again.

    A cell is known by its id, else by nbgrader's name, else by its text; in a notebook that has lost all ids
    also by a text that is much like it. `given` are versions of the lecture, the newest last. Of several
    copies of a check, the one with the most points is the course's.
    """
    result = copy.deepcopy(mine)
    course = {cell.id: cell for version in given for cell in version.cells}
    texts = [cell for version in given for cell in version.cells]
    strangers = [cell for cell in result.cells if cell.id not in course]
    has_lost_all_ids = len(strangers) == len(result.cells)
    for evidence in (grading.grade_id, _text_and_type, _text):
        strangers = _rename(strangers, texts, evidence, {cell.id for cell in result.cells})
    if has_lost_all_ids:
        _rename_alike(strangers, texts, {cell.id for cell in result.cells})
    for cell in result.cells:
        if cell.id in course and "nbgrader" in course[cell.id].metadata:
            cell.metadata.nbgrader = copy.deepcopy(course[cell.id].metadata.nbgrader)
    _let_points_count(result, course)
    return result


def _text_and_type(cell: NotebookNode) -> tuple[str, str] | None:
    kind, text, _ = content(cell)
    return (kind, text) if text else None


def _text(cell: NotebookNode) -> str | None:
    return cell.source or None


def _rename(
    strangers: list[NotebookNode],
    course: list[NotebookNode],
    evidence: Callable[[NotebookNode], Hashable | None],
    taken: set[str],
) -> list[NotebookNode]:
    """Give strangers the ids of the course's cells with the same evidence; return those left over."""
    ids: dict[Hashable, list[str]] = {}
    for cell in course:
        same = ids.setdefault(evidence(cell), [])
        if cell.id not in taken | set(same):
            same.append(cell.id)
    left = []
    for cell in strangers:
        same = ids.get(evidence(cell), []) if evidence(cell) is not None else []
        free = next((name for name in same if name not in taken), None)
        if free is None:
            left.append(cell)
        else:
            cell.id = free
            taken.add(free)
    return left


def _rename_alike(strangers: list[NotebookNode], course: list[NotebookNode], taken: set[str]) -> None:
    for cell in course:
        if cell.id not in taken:
            texts = {stranger.source: stranger for stranger in reversed(strangers)}
            for text in difflib.get_close_matches(cell.source, texts, n=1, cutoff=ALIKE):
                texts[text].id = cell.id
                taken.add(cell.id)
                strangers.remove(texts[text])


def _let_points_count(notebook: NotebookNode, course: dict[str, NotebookNode]) -> None:
    """Exchange the ids of a check and of its copy if the copy has earned more."""
    checks = [cell for cell in notebook.cells if grading.is_check(cell)]
    for check in checks:
        if check.id in course:
            copies = [cell for cell in checks if grading.grade_id(cell) == grading.grade_id(check)]
            best = max(copies, key=lambda cell: (grading.points(cell), cell is check))
            check.id, best.id = best.id, check.id
