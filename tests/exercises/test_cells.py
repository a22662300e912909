"""A check below a cell that failed says what it judges."""

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_lib.exercises import cells
from course_lib.exercises.cells import forget, remember
from course_lib.exercises.check import _failed_tries, check
from course_lib.exercises.panel import Result

WRONG = """
import torch
def moving_average(series, window):
    return torch.tensor([[3.0, 7.0]])  # like no mistake that could be named
"""
STALE = "the cell that defines `moving_average` failed ({}), so this judges the function as it was before"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    _failed_tries.clear()
    shell = InteractiveShell()
    shell.events.register("pre_run_cell", forget)
    shell.events.register("post_run_cell", remember)
    yield shell
    cells._failed.clear()


def checked(shell: InteractiveShell, *texts: str) -> Result:
    for text in texts:
        shell.run_cell(text)
    return check(shell.user_ns["moving_average"], seed=1)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("def moving_average(series, window):\n    return series[", "SyntaxError"),
        ("def moving_average(series, window):\n  return 1\n return 2", "IndentationError"),
        ("1 / 0\ndef moving_average(series, window):\n    return 1", "ZeroDivisionError"),
    ],
)
def test_a_check_below_a_cell_that_failed_judges_what_was_before_and_counts_no_try(
    shell: InteractiveShell, text: str, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = checked(shell, WRONG, text)
    assert result.message.startswith(STALE.format(error))
    assert result.notes[0].startswith("as it was before: your result has the wrong shape")
    assert not _failed_tries["moving_average"]
    assert checked(shell, WRONG + "\n").message.startswith("your result has the wrong shape")
    assert _failed_tries["moving_average"] == 1
    capsys.readouterr()


def test_a_cell_that_fails_below_the_definition_has_defined_the_function(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = checked(shell, "def moving_average(s, w): return 0", WRONG + "\nmoving_average(1)")
    assert result.message.startswith("your result has the wrong shape: expected (runs=")
    assert _failed_tries["moving_average"] == 1
    capsys.readouterr()


def test_a_cell_of_another_function_that_failed_is_no_matter(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "failed" not in checked(shell, WRONG, "def pad_batch(").message
    capsys.readouterr()


def test_a_check_in_the_cell_that_defines_the_function_anew_is_about_the_new_one(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["check"] = check
    shell.run_cell("def moving_average(")
    result = shell.run_cell(WRONG + "\ncheck(moving_average, seed=1)").result
    assert isinstance(result, Result)
    assert result.message.startswith("your result has the wrong shape")
    capsys.readouterr()


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0\nclass Mine:\n    def moving_average(self): return 1",
        "1 / 0\nclass Mine:\n    def moving_average(",
        "1 / 0\ntext = '''\ndef moving_average(series, window): ...\n'''",
    ],
    ids=["method", "unfinished method", "string"],
)
def test_a_cell_that_defines_no_function_of_the_name_at_the_top_level_is_no_matter(
    shell: InteractiveShell, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "failed" not in checked(shell, WRONG, text).message
    capsys.readouterr()
