"""Each way in which a gradient can be wrong is a finding of its own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import examine
from course_lib.exercises.gradients import ABSENT
from course_lib.models.recurrent import rnn_step


def with_nan(x: Any, *others: Any) -> Any:
    h = rnn_step(x, *others)
    zero = x.sum() - x.sum()
    return h + torch.where(zero == 0, 0, zero.sqrt())


def of_numpy(*arguments: Any) -> Any:
    return torch.as_tensor(np.asarray(rnn_step(*arguments)))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (of_numpy, ABSENT),
        (lambda *a: rnn_step(*a).detach(), ABSENT),
        (lambda *a: torch.tensor(rnn_step(*a).tolist()), ABSENT),
        (torch.no_grad()(rnn_step), ABSENT),
        (lambda *a: rnn_step(*a).detach().requires_grad_(), ABSENT),
        (lambda x, h, *w: rnn_step(x, h.detach(), *w), "no gradient reaches `h`: is it cut off by"),
        (with_nan, "the gradient of your result by `x` is NaN: a division by 0 or the root of 0"),
        (
            lambda x, *others: rnn_step((x + x.detach()) / 2, *others),
            "the gradient of your result by `x` is 0.5 times as large as it should be",
        ),
        (
            lambda x, *others: rnn_step(torch.cat([x[:, :1].detach(), x[:, 1:]], dim=1), *others),
            "the gradient of your result by `x` has wrong values",
        ),
    ],
)
def test_each_finding_has_a_line_of_its_own(value: Callable[..., Any], message: str) -> None:
    result = examine(EXERCISES["rnn_step"], value, seed=1)
    assert result.message.startswith(message)
    assert not result.failed
    assert result.points == 1.5


def test_all_that_cuts_a_gradient_is_named_in_one_breath() -> None:
    for way in ("NumPy", ".detach()", ".data", ".item()", ".tolist()", "torch.tensor(", "torch.no_grad()"):
        assert way in ABSENT


def test_gradients_are_not_looked_at_where_the_values_are_wrong() -> None:
    result = examine(EXERCISES["rnn_step"], lambda *a: rnn_step(*a).detach() + 1, seed=1)
    assert "gradient" not in " ".join([result.message, *result.notes])
