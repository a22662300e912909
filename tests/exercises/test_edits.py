"""Mistakes that are written as edits of the right answer."""

import pytest

from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Function

FACTOR = 10


def weighted(first: float, second: float, scale: float = 1.0) -> float:
    """Add up two numbers.

    The comments and the layout of the answer don't matter.
    """
    total = first + FACTOR * second  # the second counts ten times
    return scale * total


def one(paragraph: str, reference: Function = weighted, **names: object) -> Function:
    (mistake,) = mistakes(reference, paragraph, **names)
    return mistake.function


def test_a_paragraph_is_a_name_edits_and_a_hint() -> None:
    found = mistakes(
        weighted,
        """
        the factor is left out
            FACTOR * second -> second
        The second number counts
        ten times.

        the numbers are swapped
            first -> second
            second -> first
        Look at the order.
        """,
    )
    assert [mistake.name for mistake in found] == ["the factor is left out", "the numbers are swapped"]
    assert [mistake.hint for mistake in found] == [
        "The second number counts ten times.",
        "Look at the order.",
    ]
    assert [mistake.function(1, 2, scale=3) for mistake in found] == [9, 36]
    assert weighted(1, 2, 3) == 63


@pytest.mark.parametrize(
    ("edit", "result"),
    [
        ("+ FACTOR * second ->", 2),
        ("scale -> 2", 42),
        ("total -> first", 42),
        ("first + FACTOR -> FACTOR + first", 24),
        ("return -> total = -total; return", -42),
        ("FACTOR -> other(3)", 14),
    ],
)
def test_edits_replace_whole_words_everywhere(edit: str, result: float) -> None:
    function = one(f"name\n    {edit}\nHint.", other=lambda number: number)
    assert function(1, 2, 2) == result


def test_the_longest_edit_wins_where_two_fit() -> None:
    edits = "    total -> sum\n    scale * total -> total\n"
    assert one(f"name\n{edits}Hint.".replace("sum", "total = first; total"))(1, 2, 5) == 21


def test_default_values_stay() -> None:
    assert one("name\n    first -> 0\nHint.")(1, 2) == 20


@pytest.mark.parametrize(
    ("paragraph", "problem"),
    [
        (
            "name\n    third -> 1\nHint.",
            "name: 'third' is not in the answer, or within another",
        ),
        ("name\n    firs -> 1\nHint.", "'firs' is not in the answer"),
        (
            "name\n    second -> 1\n    FACTOR * second -> 2\nHint.",
            "'second' is not in the answer",
        ),
        ("name\n    FACTOR * second -> +\nHint.", "name: the edited answer is no Python"),
        ("name\nHint.", "a mistake is a name, indented edits and a hint"),
        ("name\n    first -> 1", "a mistake is a name, indented edits and a hint"),
        ("    first -> 1\nHint.\n\nname\n    first -> 1\nHint.", "a mistake is a name, indented edits"),
        ("name\n    first\nHint.", "an edit is `before -> after`, not 'first'"),
        ("name\n    -> first\nHint.", "an edit is `before -> after`"),
        ("name\n    first -> first\nHint.", "an edit is `before -> after`"),
        ("name\n    first -> 1\n    first -> 2\nHint.", "name: two edits replace the same words"),
    ],
)
def test_what_does_not_fit_is_refused(paragraph: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        mistakes(weighted, paragraph)
    assert problem in str(caught.value)
