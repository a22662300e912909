"""An exercise begins again with its stub, and what stood in the cell stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from course_lib.exercises import start_over
from course_lib.folders import NOTEBOOKS
from course_lib.notebooks.workspace import update

MINE = "import math\n\ndef moving_average(series, window):\n    return (\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learner") / "workspace"
    update(NOTEBOOKS, folder)
    return folder


class Shell(InteractiveShell):
    """Notes what the notebook is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, bool]] = []

    def set_next_input(self, s: str, replace: bool = False) -> None:
        self.told.append((s, replace))


@pytest.fixture
def shell(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.chdir(workspace)
    shell = Shell.instance()
    start_over.register()
    yield shell
    Shell.clear_instance()


def next_input(shell: Shell, line: str, cell: str) -> tuple[str, bool]:
    """What the cell becomes, and whether it is the same cell."""
    shell.run_cell_magic("start_over", line, cell)
    return shell.told.pop()


def test_cell_becomes_the_stub_above_what_stood_there(shell: Shell) -> None:
    text, is_same_cell = next_input(shell, "", MINE)
    assert is_same_cell
    stub, mine = text.split(f"\n\n\n{start_over.KEPT}\n")
    assert stub.startswith("def moving_average(series, window):")
    assert stub.endswith('raise NotImplementedError("write your code here")')
    assert mine == "# import math\n#\n# def moving_average(series, window):\n#     return ("


def test_beginning_again_twice_loses_nothing(shell: Shell) -> None:
    once, _ = next_input(shell, "", MINE)
    twice, _ = next_input(shell, "", once)
    assert "# #     return (" in twice


def test_exercise_may_be_named(shell: Shell) -> None:
    assert next_input(shell, "pad_batch", MINE)[0].startswith("def pad_batch(")


@pytest.mark.parametrize(("line", "cell", "told"), [("", "x = 1", "say which"), ("nothing", MINE, "nothing")])
def test_unknown_exercise_is_one_line_and_leaves_the_cell(
    shell: Shell, line: str, cell: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        start_over.start_over(line, cell)
    assert shell.told == []


def test_every_exercise_has_a_stub(workspace: Path) -> None:
    for name in start_over.EXERCISES:
        _, cell = start_over.find_stub(name, workspace)
        assert "NotImplementedError" in "".join(cell["source"])
