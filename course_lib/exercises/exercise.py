"""What an exercise is: the right answer, inputs to try it on, and the mistakes that learners make."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

Function = Callable[..., Any]
MakeCase = Callable[[torch.Generator], tuple[Any, ...]]


@dataclass(frozen=True)
class Mistake:
    """A wrong way to solve an exercise that learners are known to take.

    Attributes:
        name: completes "your result is what you get when ...".
        function: computes that wrong result; it takes the same arguments as the reference.
        hint: one sentence that teaches what the learner has missed.
        edits: the words of the reference that were replaced, and by what; empty if no edit says it.

    """

    name: str
    function: Function
    hint: str
    edits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exercise:
    """The specification of one exercise; learners write a function with the reference's name.

    Attributes:
        reference: the right answer; its jaxtyping return annotation names the axes in messages.
        cases: maps a title, which completes "passed: ...", to a function that draws random arguments.
        mistakes: wrong answers to recognise; the first that fits is named.
        hints: shown one by one after failing tries: a question, a pointer, nearly the answer.
        points: what a full solution earns.
        difficulty: 1 (a line) to 5 (an evening).
        minutes: how long a learner should expect to need.
        differentiable: whether gradients must flow from the result to every input of floating dtype.
        library: shown after full points: which library function does the same, and what is different in it.

    """

    reference: Function
    cases: Mapping[str, MakeCase]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    points: int
    difficulty: int
    minutes: int
    differentiable: bool = False
    library: str = ""

    @property
    def name(self) -> str:
        """The name that the learner's function must have."""
        return self.reference.__name__
