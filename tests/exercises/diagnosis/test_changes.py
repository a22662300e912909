"""Small changes of an answer do what their words say."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, tensor

from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.diagnosis import around
from course_lib.exercises.diagnosis.candidates import small_changes
from course_lib.exercises.diagnosis.change import Candidate, Kind
from course_lib.exercises.exercise import Exercise
from course_lib.exercises.outcome import is_same
from course_lib.exercises.panel import LONGEST_LINE

SMALL = 0.5
MAP = tensor([[1.0, 2.0, 3.0], [4.0, 6.0, 8.0]])
SQUARE = tensor([[1.0, 2.0], [3.0, 5.0]])
ROW = tensor([1.0, 4.0, 9.0])


def of_calls(x: Tensor, y: Tensor) -> Tensor:
    shares = x.softmax(dim=-1)
    rounded = torch.clamp(x, min=2.0)
    return torch.where(shares > SMALL, rounded, y)


def of_sums(x: Tensor) -> Tensor:
    return x.sum(dim=0, keepdim=True)


def of_terms(x: Tensor, y: Tensor) -> Tensor:
    return 3.0 * x - y / 2


def of_products(x: Tensor, y: Tensor) -> Tensor:
    product = x @ y.T
    return product.transpose(0, 1)


def of_functions(x: Tensor, y: Tensor) -> Tensor:
    return (x + y).sqrt() * 2 + y.sqrt()


def of_norms(x: Tensor) -> Tensor:
    return x.norm() * torch.arange(3)


def of_powers(x: Tensor) -> Tensor:
    return -(x**3)


def of_blocks(x: Tensor) -> tuple[Tensor, Tensor]:
    first, second = x.chunk(2)
    return first, second


def of_loops(series: Tensor, order: int) -> list[float]:
    total, sums = 0.0, []
    for t in range(order, len(series)):
        total += series[t].item()
        sums.append(total)
    return sums


def of_parts(series: Tensor, order: int) -> Tensor:
    return torch.cat([series[order:], series[:-1]])


def of_conditions(n: int, m: int) -> int:
    if n > m and not (n % 4 == 0 or m == 9):
        return n // 2
    return m if n < m else 7


def of_steps(x: Tensor) -> Tensor:
    x = x + 1
    x = 2 * x
    y = x
    return y


CHANGES = [
    (
        of_calls,
        "`softmax` goes along axis 0, where `shares` is made",
        (MAP, 0 * MAP),
        tensor([[0.0, 0, 0], [4, 6, 8]]),
    ),
    (
        of_calls,
        "`log_softmax` stands where another function belongs, where `shares` is made",
        (MAP, 0 * MAP),
        0 * MAP,
    ),
    (of_calls, "`SMALL` is 0.001, in what is returned", (MAP, 0 * MAP), tensor([[2.0, 2, 3], [4, 6, 8]])),
    (of_sums, "`sum` takes all axes together, in what is returned", (MAP,), tensor(24.0)),
    (of_sums, "`sum` goes along axis 1, in what is returned", (MAP,), tensor([[6.0], [18.0]])),
    (of_sums, "`sum` is called with `keepdim=False`, in what is returned", (MAP,), tensor([5.0, 8, 11])),
    (of_sums, "`sum` is left out, in what is returned", (MAP,), MAP),
    (of_terms, "the quotient is not subtracted, in what is returned", (ROW, ROW), 3 * ROW),
    (of_terms, "nothing is divided by `2`, in what is returned", (ROW, ROW), 2 * ROW),
    (of_terms, "the product counts twice, in what is returned", (ROW, ROW), 5.5 * ROW),
    (of_terms, "`1.5` stands where another number belongs, in what is returned", (ROW, ROW), ROW),
    (
        of_terms,
        "the product and the quotient make a sum, not a difference, in what is returned",
        (ROW, ROW),
        3.5 * ROW,
    ),
    (
        of_terms,
        "the product and the quotient change places in the difference, in what is returned",
        (ROW, ROW),
        -2.5 * ROW,
    ),
    (of_terms, "`y` is used in a place of `x`, in what is returned", (ROW, 2 * ROW), 5 * ROW),
    (of_terms, "`x` and `y` change places everywhere", (ROW, 2 * ROW), 5.5 * ROW),
    (
        of_products,
        "the transpose of `y` is left out of the matrix product, where `product` is made",
        (MAP, MAP),
        MAP.T,
    ),
    (of_products, "`y` is not transposed, where `product` is made", (SQUARE, SQUARE), (SQUARE @ SQUARE).T),
    (of_products, "`transpose` is left out, in what is returned", (MAP, 2 * MAP[:1]), MAP @ (2 * MAP[:1]).T),
    (
        of_products,
        "`y` is reshaped, not transposed, where `product` is made",
        (MAP, MAP),
        (MAP @ MAP.reshape(3, 2)).T,
    ),
    (
        of_functions,
        "`sqrt` is applied to `x` alone, in what is returned",
        (ROW, ROW),
        3 * ROW.sqrt() + 2 * ROW,
    ),
    (of_functions, "`sqrt` is left out in all places", (ROW, ROW), 5 * ROW),
    (
        of_functions,
        "`sqrt` is applied twice, in what is returned",
        (0 * ROW, ROW),
        2 * ROW**0.25 + ROW.sqrt(),
    ),
    (
        of_norms,
        "the squares are summed, and no root is taken, in what is returned",
        (2 * ROW[:1],),
        tensor([0.0, 4, 8]),
    ),
    (of_norms, "the largest value is taken for the norm, in what is returned", (MAP,), tensor([0.0, 8, 16])),
    (
        of_norms,
        "the numbers of `arange` are counted from 1, in what is returned",
        (ROW[:1],),
        tensor([1.0, 2, 3]),
    ),
    (of_powers, "`x` is multiplied by the exponent, in what is returned", (ROW,), -3 * ROW),
    (of_powers, "the power keeps its sign, in what is returned", (ROW,), ROW**3),
    (of_powers, "`2` stands where another number belongs, in what is returned", (ROW,), -(ROW**2)),
    (
        of_blocks,
        "the blocks of `x` are taken to alternate",
        (tensor([1.0, 2, 3, 4]),),
        (tensor([1.0, 3]), tensor([2.0, 4])),
    ),
    (of_blocks, "`first` and `second` change places", (tensor([1.0, 2]),), (tensor([2.0]), tensor([1.0]))),
    (of_blocks, "`first` is returned alone", (tensor([1.0, 2]),), tensor([1.0])),
    (of_loops, "the loop leaves out its first round", (ROW, 1), [9.0]),
    (of_loops, "the loop runs in the opposite order", (ROW, 1), [9.0, 13.0]),
    (of_loops, "`total` keeps only what came last", (ROW, 1), [4.0, 9.0]),
    (of_loops, "nothing is added to `total`", (ROW, 1), [0.0, 0.0]),
    (of_loops, "the previous entry of `series` is taken, where `total` is made", (ROW, 1), [1.0, 5.0]),
    (
        of_parts,
        "the part of `series` begins one place later, in what is returned",
        (ROW, 1),
        tensor([9.0, 1, 4]),
    ),
    (
        of_parts,
        "the other part of `series` is taken, in what is returned",
        (ROW, 1),
        tensor([1.0, 1, 4]),
    ),
    (
        of_parts,
        "a part of `series` is missing in a list, in what is returned",
        (ROW, 1),
        tensor([1.0, 4]),
    ),
    (of_conditions, "it is asked whether `n` is at least `m`", (3, 3), 1),
    (of_conditions, "the condition is always true", (2, 5), 1),
    (of_conditions, "the condition is used as it is, not its opposite", (4, 2), 2),
    (of_conditions, "a part of the condition, number 2, does not count", (4, 2), 2),
    (of_conditions, "the quotient is rounded otherwise, in what is returned", (5, 2), 2.5),
    (of_conditions, "`7` is taken whatever the condition says, in what is returned", (2, 5), 7),
    (of_steps, "`x` stays as it was", (ROW,), 2 * ROW),
    (of_steps, "two of the steps are done in the other order", (ROW,), 2 * ROW + 1),
]


def candidates(function: Callable[..., Any]) -> dict[str, Candidate]:
    return {candidate.words: candidate for candidate in reversed(small_changes(function))}


@pytest.mark.parametrize(
    ("function", "words", "arguments", "result"),
    [pytest.param(*row, id=f"{row[0].__name__}-{row[1]}") for row in CHANGES],
)
def test_a_change_does_what_its_words_say(
    function: Callable[..., Any], words: str, arguments: tuple[Any, ...], result: object
) -> None:
    found = candidates(function)
    assert words in found, sorted(found)
    assert is_same(result, found[words].function(*arguments))
    assert not is_same(function(*arguments), result), "a row that could not fail"


def test_every_kind_of_small_change_is_tried() -> None:
    tried = {candidates(row[0])[row[1]].kind for row in CHANGES}
    elsewhere = {Kind.INPUT, Kind.RESULT, Kind.CALLED, Kind.PAIR, Kind.CHANGED_MISTAKE}
    assert set(Kind) - tried == elsewhere


AROUND = [
    ("the right result changes its sign", [-9.0, -7.0]),
    ("the right result is reversed along its first axis", [7.0, 9.0]),
    ("the right result loses its first entry", [7.0]),
    ("the right result is divided by the length of `weights`", [4.5, 3.5]),
    ("`order` is added to the right result", [12.0, 10.0]),
    ("`weights` is read in the wrong direction along its first axis", [7.0, 5.0]),
    ("`weights` is taken to be all one", [5.0, 3.0]),
    ("`order` is one too large", [10.0, 8.0]),
    ("`mask` is not used", [9.0, 9.0]),
    ("`mask` comes back moved one place to the right", [2.0, 0.0]),
    ("`mask` itself is added to the right result", [9.0, 9.0]),
    ("`mask` is returned as well, in front of the right result", [0.0, 2.0, 9.0, 7.0]),
]


@pytest.mark.parametrize(("words", "result"), AROUND, ids=[row[0] for row in AROUND])
def test_a_changed_input_or_result_is_what_its_words_say(words: str, result: list[float]) -> None:
    def scores(weights: Tensor, order: int, mask: Tensor | None = None) -> Tensor:
        total = weights @ tensor([1.0, 2.0]) + order - 1
        return total - torch.zeros(2) if mask is None else total - mask

    weights, mask = tensor([1.0, 3.0]), tensor([0.0, 2.0])
    found = {candidate.words: candidate for candidate in around.candidates(scores)}
    assert scores(weights, 3, mask).tolist() == [9.0, 7.0]
    assert found[words].function(weights, 3, mask).tolist() == result


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
def test_words_fit_into_a_sentence_and_show_no_line(exercise: Exercise) -> None:
    told = [*small_changes(exercise.reference), *around.candidates(exercise.reference)]
    assert len(told) > 20
    for candidate in told:
        assert len(candidate.words) < LONGEST_LINE
        assert candidate.words[-1].isalnum() or candidate.words[-1] in "`"
        assert candidate.advice[-1] in ".?"
        for code in re.findall("`([^`]*)`", candidate.words):
            assert re.fullmatch(r"[\w.\-=&|^]+", code), candidate.words
