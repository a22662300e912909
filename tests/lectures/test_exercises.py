"""Every exercise: its reference and variants pass, and each of its mistakes is rejected and named."""

import string
from itertools import combinations
from typing import Any

import pytest
import torch

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.exercise import Exercise, Function, Mistake
from course_lib.exercises.outcome import Raised, is_same, outcome
from course_lib.exercises.panel import LONGEST_LINE
from course_lib.exercises.precision import NOTE
from tests.lectures.answers import RIGHT_ANSWERS

Results = list[Any]


def draw_cases(exercise: Exercise, seed: int) -> list[tuple[Any, ...]]:
    generator = torch.Generator().manual_seed(seed)
    return [make(generator) for make in exercise.cases.values()]


def results(function: Function, cases: list[tuple[Any, ...]]) -> Results:
    return [outcome(function, arguments) for arguments in cases]


def are_equal(expected: Results, got: Results) -> bool:
    return all(is_same(right, result) for right, result in zip(expected, got, strict=True))


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> range:
    return range(request.config.getoption("seeds"))


every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)
every_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(exercise, mistake, id=f"{exercise.name}-{mistake.name}")
        for exercise in EXERCISES.values()
        for mistake in exercise.mistakes
    ],
)
every_right_answer = pytest.mark.parametrize(
    ("exercise", "function"),
    [
        pytest.param(exercise, function, id=f"{exercise.name}-{number}")
        for exercise in EXERCISES.values()
        for number, function in enumerate([exercise.reference, *RIGHT_ANSWERS[exercise.name]])
    ],
)


def test_every_exercise_has_other_right_answers() -> None:
    assert RIGHT_ANSWERS.keys() == EXERCISES.keys()


@every_exercise
@pytest.mark.usefixtures("unchecked_shapes")
def test_every_mistake_is_wrong_and_like_no_other_on_every_seed(exercise: Exercise, seeds: range) -> None:
    for seed in seeds:
        cases = draw_cases(exercise, seed)
        right = results(exercise.reference, cases)
        wrong = {mistake.name: results(mistake.function, cases) for mistake in exercise.mistakes}
        for name, got in wrong.items():
            assert not are_equal(right, got), f"seed {seed}: {name}"
            assert not any(one.kind == "NameError" for one in got if isinstance(one, Raised)), name
        for (earlier, expected), (later, got) in combinations(wrong.items(), 2):
            assert not are_equal(expected, got), f"seed {seed}: {later} is taken for: {earlier}"


@every_exercise
@pytest.mark.usefixtures("unchecked_shapes")
def test_every_variant_is_right_on_every_seed(exercise: Exercise, seeds: range) -> None:
    for seed in seeds:
        cases = draw_cases(exercise, seed)
        right = results(exercise.reference, cases)
        for variant in RIGHT_ANSWERS[exercise.name]:
            assert are_equal(right, results(variant, cases)), f"seed {seed}: {variant.__name__}"


@every_mistake
def test_check_rejects_and_names_the_mistake(exercise: Exercise, mistake: Mistake) -> None:
    result = examine(exercise, mistake.function, seed=1, draws=1)
    assert result.mistake is mistake
    assert result.points < exercise.points
    assert result.failed


@every_right_answer
def test_right_answer_earns_all_points(exercise: Exercise, function: Function) -> None:
    result = examine(exercise, function, seed=1)
    assert result.is_solved
    assert result.points == exercise.points
    assert result.passed == tuple(exercise.cases)
    assert set(result.notes) <= {NOTE}


@every_exercise
def test_specification_is_complete(exercise: Exercise) -> None:
    assert len(exercise.mistakes) >= 5
    assert len(RIGHT_ANSWERS[exercise.name]) >= 2
    assert len(exercise.hints) == 3
    assert 1 <= exercise.difficulty <= 5
    assert exercise.minutes > 0
    assert exercise.points > 0
    texts = [m.name for m in exercise.mistakes] + [m.hint for m in exercise.mistakes] + list(exercise.hints)
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts)) <= LONGEST_LINE
    for mistake in exercise.mistakes:
        assert mistake.name[-1] not in string.punctuation, "it stands inside a sentence"
        assert mistake.hint[0] in string.ascii_uppercase + "`" or mistake.hint.startswith("tanh")
        assert mistake.hint[-1] in ".)"


@every_exercise
def test_cases_follow_the_seed_and_differ_from_seed_to_seed(exercise: Exercise) -> None:
    several = [str([draw_cases(exercise, seed) for seed in seeds]) for seeds in ((1, 2), (1, 2), (3, 4))]
    assert several[0] == several[1] != several[2]
