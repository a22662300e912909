"""Wrong answers that go well until an edge comes: each is refused on every seed."""

import pytest

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.diagnosis import search
from course_lib.exercises.exercise import Function
from tests.lectures.answers import WRONG_ANSWERS

SEEDS = range(20)


@pytest.mark.parametrize(
    ("name", "wrong", "title"),
    [pytest.param(*one, id=f"{one[0]}-{one[1].__name__}-{one[2]}") for one in WRONG_ANSWERS],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_an_edge_refuses_a_wrong_answer_on_every_seed(
    name: str, wrong: Function, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SECONDS", 0.0)  # why it is wrong is not asked here
    for seed in SEEDS:
        assert _is_refused(name, wrong, title, seed, draws=1) or _is_refused(
            name, wrong, title, seed, draws=3
        )


def _is_refused(name: str, wrong: Function, title: str, seed: int, draws: int) -> bool:
    result = examine(EXERCISES[name], wrong, seed, draws)
    return title in result.failed if title else not result.is_solved


def test_every_exercise_has_edges() -> None:
    assert {name for name, _, _ in WRONG_ANSWERS} == EXERCISES.keys()
