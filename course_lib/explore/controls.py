"""Controls: what a learner can change about an explorer."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Slider:
    """Numbers from `low` in equal steps up to `high`; starts at `at`, one of them."""

    low: float
    high: float
    at: float
    step: float = 1

    @property
    def values(self) -> list[float]:
        count = int((self.high - self.low) / self.step + 1e-9) + 1
        return [round(self.low + k * self.step, 6) for k in range(count)]


@dataclass(frozen=True)
class Stops:
    """A slider over given numbers or names, in their order; starts at `at`, one of them."""

    values: Sequence[float] | Sequence[str]
    at: float | str


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
        object.__setattr__(self, "at", self.at or self.options[0])

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
