"""Tasks with a long time lag."""

import pytest
import torch

from course_lib.data import tasks


@pytest.mark.parametrize("steps", [2, 7, 50])
def test_adding_problem_marks_one_step_in_each_half(steps: int, generator: torch.Generator):
    inputs, targets = tasks.adding_problem(500, steps, generator)
    assert inputs.shape == (500, steps, 2)
    numbers, marks = inputs.unbind(dim=2)
    assert set(marks.unique().tolist()) <= {0.0, 1.0}
    assert (marks[:, : steps // 2].sum(dim=1) == 1).all()
    assert (marks[:, steps // 2 :].sum(dim=1) == 1).all()
    assert (marks.sum(dim=0) > 0).all()
    torch.testing.assert_close(targets, (numbers * marks).sum(dim=1))
    assert numbers.min() >= 0
    assert numbers.max() < 1


def test_adding_problem_is_as_hard_as_said(generator: torch.Generator):
    _, targets = tasks.adding_problem(200_000, 6, generator)
    assert (targets - 1).square().mean().item() == pytest.approx(1 / 6, abs=0.002)


def test_adding_problem_needs_two_steps(generator: torch.Generator):
    with pytest.raises(ValueError, match="steps must be at least 2; got 1"):
        tasks.adding_problem(3, 1, generator)


def test_recall_starts_with_its_target(generator: torch.Generator):
    inputs, targets = tasks.first_symbol_recall(300, 3, 5, generator)
    assert inputs.shape == (300, 6, 6)
    assert (inputs.sum(dim=2) == 1).all()
    symbols = inputs.argmax(dim=2)
    assert torch.equal(symbols[:, 0], targets)
    assert targets.unique().tolist() == [0, 1, 2]
    assert symbols[:, 1:].unique().tolist() == [3, 4, 5]


def test_recall_without_distractors(generator: torch.Generator):
    inputs, targets = tasks.first_symbol_recall(4, 2, 0, generator)
    assert inputs.shape == (4, 1, 4)
    assert torch.equal(inputs[:, 0].argmax(dim=1), targets)


@pytest.mark.parametrize("make", [tasks.adding_problem, tasks.first_symbol_recall])
def test_the_generator_decides_the_batch(make):
    sizes = (4, 10) if make is tasks.adding_problem else (4, 3, 10)
    first, again, other = (make(*sizes, torch.Generator().manual_seed(seed))[0] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_reber_strings_repeat_their_second_symbol(generator: torch.Generator):
    strings = tasks.embedded_reber_strings(300, generator)
    assert len(strings) == 300
    assert {string[1] for string in strings} == {"T", "P"}
    assert all(string[0] == "B" and string[-1] == "E" for string in strings)
    assert all(string[1] == string[-2] for string in strings)
    assert all(string[2] == "B" and string[-3] == "E" for string in strings)
    assert min(len(string) for string in strings) == 9


def test_reber_strings_are_as_long_as_asked(generator: torch.Generator):
    assert min(len(string) for string in tasks.embedded_reber_strings(200, generator, shortest=14)) == 14


def test_each_way_of_the_grammar_is_taken_about_as_often(generator: torch.Generator):
    strings = tasks.embedded_reber_strings(4000, generator)
    assert sum(string[1] == "T" for string in strings) / 4000 == pytest.approx(0.5, abs=0.04)
    assert sum(string[3] == "T" for string in strings) / 4000 == pytest.approx(0.5, abs=0.04)
    # The shortest ways, BTXSE and BPVVE, are each three choices of one half.
    assert sum(len(string) == 9 for string in strings) / 4000 == pytest.approx(1 / 4, abs=0.03)


@pytest.mark.parametrize(
    ("string", "legal"),
    [
        ("BTBTXSETE", "TP B TP SX XS E T E"),
        ("BPBPVVEPE", "TP B TP TV PV E P E"),
        ("BTBTSXXTVPSETE", "TP B TP SX SX XS TV TV PV XS E T E"),
        ("BPBPTTVPXVVEPE", "TP B TP TV TV TV PV XS TV PV E P E"),
    ],
)
def test_legal_next_symbols_by_hand(string: str, legal: str):
    assert [set(symbols) for symbols in tasks.legal_next_symbols(string)] == [
        set(symbols) for symbols in legal.split()
    ]


@pytest.mark.parametrize(
    "string", ["", "B", "BTBTXSEPE", "BTBTXSETET", "TTBTXSETE", "BTBTXSET", "BTBZXSETE", "btbtxsete"]
)
def test_other_strings_are_refused(string: str):
    with pytest.raises(ValueError, match="is no embedded Reber string"):
        tasks.legal_next_symbols(string)
    with pytest.raises(ValueError, match="is no embedded Reber string"):
        tasks.encode_reber(["BTBTXSETE", string])


def test_encoded_reber_strings(generator: torch.Generator):
    strings = tasks.embedded_reber_strings(50, generator)
    inputs, targets, legal, mask = tasks.encode_reber(strings)
    assert mask.sum(dim=1).tolist() == [len(string) - 1 for string in strings]
    assert inputs.shape == (50, max(map(len, strings)) - 1, 7)
    assert (inputs[~mask] == 0).all()
    assert not legal[~mask].any()
    assert legal[mask].gather(1, targets[mask][:, None]).all()
    for row, string in enumerate(strings):
        symbols = [tasks.REBER_SYMBOLS[number] for number in inputs[row].argmax(dim=1)[mask[row]]]
        following = [tasks.REBER_SYMBOLS[number] for number in targets[row][mask[row]]]
        assert "".join(symbols) == string[:-1]
        assert "".join(following) == string[1:]


def test_nothing_to_encode():
    with pytest.raises(ValueError, match="at least one sequence"):
        tasks.encode_reber([])
