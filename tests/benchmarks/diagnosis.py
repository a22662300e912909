"""How many listed mistakes the search finds when each is left out by turns, and how long it takes."""

import statistics
import sys
import time
from dataclasses import dataclass, replace

import torch

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.exercise import Exercise, Function, Mistake
from course_lib.exercises.outcome import is_same, outcome
from tests.benchmarks.machine import machine

SEED = 1
FRESH_SEEDS = range(1000, 1010)
"""A found mistake is right if it ends as the one that was left out does on these as well."""


@dataclass(frozen=True)
class Trial:
    """What became of one mistake that was left out."""

    exercise: str
    mistake: str
    found: str
    is_right: bool
    seconds: float
    always_raises: bool


def trial(exercise: Exercise, mistake: Mistake) -> Trial:
    """Leave one mistake out, and look for it."""
    others = tuple(other for other in exercise.mistakes if other is not mistake)
    began = time.perf_counter()
    found = examine(replace(exercise, mistakes=others), mistake.function, SEED).mistake
    seconds = time.perf_counter() - began
    return Trial(
        exercise.name,
        mistake.name,
        found.name if found else "",
        bool(found) and _are_equal(exercise, found.function, mistake.function),
        seconds,
        examine(exercise, mistake.function, SEED).difference is None,
    )


def _are_equal(exercise: Exercise, first: Function, second: Function) -> bool:
    for seed in FRESH_SEEDS:
        generator = torch.Generator().manual_seed(seed)
        for make in exercise.cases.values():
            arguments = make(generator)
            if not is_same(outcome(first, arguments), outcome(second, arguments)):
                return False
    return True


def main(names: list[str]) -> None:
    """Print a line for each exercise, what was found wrongly, and the sums."""
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    print(machine())
    print(f"{'exercise':28} {'listed':>6} {'found':>6} {'wrong':>6} {'median':>8} {'most':>8}")
    trials: list[Trial] = []
    for name in names or EXERCISES:
        own = [trial(EXERCISES[name], mistake) for mistake in EXERCISES[name].mistakes]
        print(_line(name, own), flush=True)
        trials += own
    print(_line("all", trials))
    print(_line("those that return a value", [one for one in trials if not one.always_raises]))
    for one in trials:
        if one.found and not one.is_right:
            print(f"wrong: {one.exercise}: {one.mistake}: taken for: {one.found}")
    if "-v" in sys.argv:
        for one in trials:
            print(f"{one.exercise}: {one.mistake} => {one.found or '---'} {one.seconds:.2f}")


def _line(name: str, trials: list[Trial]) -> str:
    found = sum(one.is_right for one in trials)
    wrong = sum(bool(one.found) and not one.is_right for one in trials)
    seconds = [one.seconds for one in trials] or [0.0]
    share = f"{found / max(1, len(trials)):.1%}"
    times = f"{1000 * statistics.median(seconds):5.0f} ms {1000 * max(seconds):5.0f} ms"
    return f"{name:28} {len(trials):6} {share:>6} {wrong:6} {times}"


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if not name.startswith("-")])
