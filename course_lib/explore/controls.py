"""Controls: what a learner can change about an explorer.

A control that would start at none of its values raises ValueError.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Slider:
    """Numbers from `low` in equal steps up to `high`; starts at `at`, one of them."""

    low: float
    high: float
    at: float
    step: float = 1

    def __post_init__(self) -> None:
        if not self.step > 0:
            raise ValueError(f"a slider's step is above 0; this is {self.step}")
        if self.at not in self.values:
            run = f"from {self.low} to {self.high} in steps of {self.step}"
            raise ValueError(f"a slider {run} has no stop at {self.at}")

    @property
    def values(self) -> list[float]:
        count = int((self.high - self.low) / self.step + 1e-9) + 1
        return [round(self.low + k * self.step, 6) for k in range(count)]


@dataclass(frozen=True)
class Stops:
    """A slider over given numbers or names, in their order; starts at `at`, one of them."""

    values: Sequence[float] | Sequence[str]
    at: float | str

    def __post_init__(self) -> None:
        if self.at not in self.values:
            raise ValueError(f"{self.at} is none of the stops: {', '.join(map(str, self.values))}")


@dataclass(frozen=True)
class Toggle:
    """Off or on."""

    at: bool = False

    @property
    def values(self) -> list[bool]:
        return [False, True]


@dataclass(frozen=True)
class Choice:
    """One of a few options; starts at the first unless `at` names another."""

    options: Sequence[str]
    at: str = ""

    def __post_init__(self) -> None:
        if not self.options:
            raise ValueError("a choice needs an option")
        object.__setattr__(self, "at", self.at or self.options[0])
        if self.at not in self.options:
            raise ValueError(f"{self.at} is none of the options: {', '.join(self.options)}")

    @property
    def values(self) -> list[str]:
        return list(self.options)


@dataclass(frozen=True)
class Text:
    """Words that the learner types; makes an explorer live, as they can't all be computed before."""

    at: str

    @property
    def values(self) -> None:
        return None


Control = Slider | Stops | Toggle | Choice | Text
