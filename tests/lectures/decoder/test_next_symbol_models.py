"""The small models of the exercises on decoding give what they were made of, and refuse what is no prefix."""

import pytest
import torch

from course_lib.lectures.decoder.next_symbol_models import LETTERS, RARE, Tree, table_step, tree_step

TREE: Tree = {"": {"a": 0.5, "b": 0.3}, "b": {".": 0.9}, "ba": {"a": 0.4, "c": 0.4}}
SYMBOLS = len(LETTERS) + 1


def test_a_tree_is_followed_symbol_by_symbol(generator: torch.Generator):
    step, start, end = tree_step(generator, TREE)
    root = step(torch.tensor([[start]]))[0].softmax(dim=0)
    b = int(root.argsort()[-2])
    expected = torch.tensor([0.2 / 5] * 5 + [0.3, 0.5])
    torch.testing.assert_close(root.sort().values, expected, rtol=0.03, atol=0)
    after = step(torch.tensor([[start, b], [start, end]])).softmax(dim=-1)
    assert after[0, end].item() == pytest.approx(0.9, rel=0.03)
    unnamed = torch.full((SYMBOLS,), (1 - RARE) / (SYMBOLS - 1))
    unnamed[end] = RARE
    torch.testing.assert_close(after[1], unnamed, rtol=0.03, atol=0)


def test_scores_are_no_log_probabilities_and_belong_to_a_prefix(generator: torch.Generator):
    step, start, end = tree_step(generator, TREE)
    prefixes = torch.tensor([[start, symbol] for symbol in range(SYMBOLS)])
    scores = step(prefixes)
    assert scores.exp().sum(dim=-1).sub(1).abs().min() > 1e-3
    assert torch.equal(step(prefixes[[end]])[0], scores[end])


def test_symbols_are_numbered_at_random(generator: torch.Generator):
    assert len({tree_step(generator, TREE)[1:] for _ in range(20)}) > 5


def test_a_table_belongs_to_a_length(generator: torch.Generator):
    tables = torch.randn(2, 4, 4, generator=generator)
    step = table_step(tables)
    assert torch.equal(step(torch.tensor([[3], [1]])), tables[0, [3, 1]])
    assert torch.equal(step(torch.tensor([[3, 2]])), tables[1, [2]])
    assert torch.equal(step(torch.tensor([[3, 2, 0]])), tables[0, [0]])


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("prefixes", "message"),
    [
        ([[1, 2]], "such as `torch.tensor.*not a list"),
        (torch.tensor([1, 2]), r"a tensor of shape \(rows, steps\).*not \(2,\)"),
        (torch.zeros(2, 0, dtype=torch.long), r"not \(2, 0\)"),
        (torch.tensor([[0.5]]), "whole numbers, and not scores or probabilities"),
    ],
)
def test_what_is_no_prefix_is_refused(prefixes: torch.Tensor, message: str, generator: torch.Generator):
    for step in (table_step(torch.zeros(2, 4, 4)), tree_step(generator, TREE)[0]):
        with pytest.raises(ValueError, match=message):
            step(prefixes)
