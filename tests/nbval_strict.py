"""What ``pytest --nbval`` means here: running a lecture again gives exactly what is stored.

nbval itself skips pictures, prints what a trailing semicolon hides, and waits half an hour for a dead kernel.
So its option stays, and what it collects is replaced by cells that are executed and compared by the code that
stores lectures. A cell that was never run is one that lacks the outputs that it gives.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbFile

from course_lib.notebooks import equality, store
from course_lib.notebooks.notebook import read


class CellError(Exception):
    """A cell did not give what is stored; the message says how."""


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, list, list]:
    collectors = yield
    return [
        LectureFile.from_parent(parent, path=file_path) if isinstance(collector, IPyNbFile) else collector
        for collector in collectors
    ]


class LectureFile(pytest.File):
    """A notebook, its kernel while its cells are tested, and the reason why the rest can't be run, if any."""

    def collect(self) -> Iterator[pytest.Item]:
        self.stored = read(Path(self.path))
        for index, cell in enumerate(self.stored.cells):
            if cell.cell_type == "code":
                yield LectureCell.from_parent(self, name=cell.id, index=index)

    def setup(self) -> None:
        timeout = min(self.config.getoption("nbval_cell_timeout"), store.CELL_TIMEOUT)
        folder = Path(self.path).parent
        self.stopped_by: str | None = None
        self.resources = ExitStack()
        self.client = self.resources.enter_context(store.kernel(read(Path(self.path)), folder, timeout))

    def teardown(self) -> None:
        self.resources.close()


class LectureCell(pytest.Item):
    """A code cell: executed after those above it, then compared with what is stored."""

    def __init__(self, name: str, parent: LectureFile, index: int) -> None:
        super().__init__(name, parent)
        self.lecture = parent
        self.index = index

    def runtest(self) -> None:
        if self.lecture.stopped_by is not None:
            raise CellError(f"cell {self.name}: not run after {self.lecture.stopped_by}")
        try:
            store.execute_cell(self.lecture.client, self.index)
        except store.NotebookError as error:
            self.lecture.stopped_by = str(error)
            raise CellError(str(error)) from None
        stored = self.lecture.stored.cells[self.index]
        new = self.lecture.client.nb.cells[self.index]
        if problems := _problems(stored, new):
            raise CellError("\n".join(f"cell {self.name}: {problem}" for problem in problems))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style=None):
        if isinstance(excinfo.value, CellError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return Path(self.path), 0, f"{self.path.name}: {self.name}"


def _problems(stored: NotebookNode, new: NotebookNode) -> list[str]:
    warnings = [
        f"writes to stderr: {output.text.splitlines()[0]}"
        for output in new.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]
    return warnings + equality.differences(stored.outputs, new.outputs)
