"""An exercise begins again with its stub, and what stood in the cell stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from course_lib.exercises import start_over
from course_lib.exercises.panel import LONGEST_LINE
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


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("# moving_average", "x = 1"),
        ("", "# moving_average"),
        ("", "    def moving_average(series, window):"),
    ],
)
def test_exercise_is_understood_where_it_stands(shell: Shell, line: str, cell: str) -> None:
    assert next_input(shell, line, cell)[0].startswith("def moving_average(")


def test_emptied_cell_gets_its_stub_by_the_line_magic(shell: Shell) -> None:
    shell.run_cell("%start_over moving_average", store_history=True)
    text, is_same_cell = shell.told.pop()
    assert is_same_cell
    assert text.startswith("def moving_average(")
    assert start_over.KEPT not in text


def test_line_magic_keeps_what_stands_around_it(shell: Shell) -> None:
    shell.run_cell("x = 1\n%start_over moving_average\ny = 2", store_history=True)
    assert shell.told.pop()[0].endswith(f"\n{start_over.KEPT}\n# x = 1\n# y = 2")


@pytest.mark.parametrize("character", ["\u2028", "\x0c", "\x1c"])
def test_only_line_ends_of_python_end_a_line(shell: Shell, character: str) -> None:
    mine = f"def moving_average(s, w): return 'a{character}b'"
    assert next_input(shell, "", mine)[0].endswith(f"\n# {mine}")


def test_advice_is_no_longer_than_a_line_of_the_panel() -> None:
    assert max(len(start_over.advice(name)) for name in start_over.EXERCISES) <= LONGEST_LINE


@pytest.mark.parametrize(
    ("line", "cell", "told"),
    [
        ("", "x = 1", "say which"),
        ("nothing", MINE, "nothing"),
        (
            "",
            "def pad_batch(s, v): ...\ndef rotate(x, p): ...",
            "pad_batch and rotate: say which exercise, as in %%start_over pad_batch",
        ),
    ],
)
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
