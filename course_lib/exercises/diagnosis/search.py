"""Find the mistake that explains a wrong answer."""

import ast
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Any

from torch import Tensor

from course_lib.exercises import edits, literals
from course_lib.exercises.attempt import Attempt
from course_lib.exercises.compare import is_dense
from course_lib.exercises.diagnosis.candidates import small_changes, stages
from course_lib.exercises.diagnosis.change import Candidate
from course_lib.exercises.exercise import Exercise, Function, Mistake
from course_lib.exercises.outcome import Raised, is_same, outcome
from course_lib.exercises.time_limit import TimeLimitReached, time_limit

SECONDS = 0.7
"""How long a search may compute; what explains all by then is named."""
LONGEST = 2.0
"""How long a single candidate may take before the whole search is given up, in seconds."""
GLANCE = 1000
"""So many numbers of a result tell whether it says anything."""


def diagnosis(
    exercise: Exercise, attempts: Sequence[Attempt], further: Callable[[], Sequence[Attempt]]
) -> Mistake | None:
    """Name the mistake with which every attempt ends as the learner's did.

    A listed mistake wins over one that is found. `further` makes more attempts, which a found mistake must
    explain as well; none is found for what only raises, nor for a result without information, nor outside
    the main thread, where nothing could stop a candidate that never ends.
    """
    if not any(a.problem for a in attempts) or not all(a.was_made for a in attempts):
        return None
    for mistake in exercise.mistakes:
        if _explains(mistake.function, attempts):
            return mistake
    if threading.current_thread() is not threading.main_thread():
        return None
    if not _is_telling(attempts) or _is_of_another_kind(exercise, attempts):
        return None
    found = _found(exercise, _telling_first(attempts))
    if found and _explains(found.function, further()):
        return Mistake(found.words, found.function, found.advice + _names_explained(exercise, found.words))
    return None


def _names_explained(exercise: Exercise, words: str) -> str:
    """Say which names in the words the learner can't know."""
    definition = edits.answer(exercise.reference)
    stored = {
        one.id for one in ast.walk(definition) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    unknown = sorted(stored & set(re.findall("`([^`]+)`", words)) - {one.arg for one in definition.args.args})
    if not unknown:
        return ""
    told = " and ".join(f"`{name}`" for name in unknown)
    return f" ({told} {'is a name' if len(unknown) == 1 else 'are names'} in our own solution.)"


def _explains(function: Function, attempts: Sequence[Attempt]) -> bool:
    return all(is_same(outcome(function, a.arguments), a.got) for a in attempts)


def _found(exercise: Exercise, attempts: Sequence[Attempt]) -> Candidate | None:
    """The likeliest candidate of the first stage in which some explain all attempts."""
    small_changes(exercise.reference)  # made once, and not in this search's time
    ends = time.process_time() + SECONDS
    fitting: list[Candidate] = []
    with suppress(TimeLimitReached), time_limit(LONGEST):
        for stage in stages(exercise):
            in_time = takewhile(lambda _: time.process_time() < ends, stage)
            fitting += [candidate for candidate in in_time if _explains(candidate.function, attempts)]
            if fitting:
                break
    return min(fitting, key=lambda one: one.kind, default=None)


def _telling_first(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Wrong values first, the smallest before: they refuse most candidates soonest."""
    return sorted(
        attempts, key=lambda a: (not a.problem, isinstance(a.got, Raised), literals.count(a.arguments))
    )


def _is_telling(attempts: Sequence[Attempt]) -> bool:
    """Whether wrong results hold two different numbers at least: many changes raise the same error."""
    wrong = [one.got for one in attempts if one.problem]
    return len({value for got in wrong for value in _numbers(got) if value == value}) > 1


def _is_of_another_kind(exercise: Exercise, attempts: Sequence[Attempt]) -> bool:
    """Whether a list stands for a tensor, or the other way round: that says it all."""
    wrong = next(one for one in attempts if one.problem and not isinstance(one.got, Raised))
    expected = outcome(exercise.reference, wrong.arguments)
    return isinstance(expected, tuple | list) != isinstance(wrong.got, tuple | list)


def _numbers(value: Any) -> list[float]:
    if isinstance(value, Tensor):
        return value.detach().flatten()[:GLANCE].tolist() if is_dense(value) else []
    if isinstance(value, tuple | list):
        return [number for part in value for number in _numbers(part)]
    return [value] if isinstance(value, int | float) else []
