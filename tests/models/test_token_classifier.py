"""The token classifier embeds, attends and reads out; positions are added where there are some."""

import pytest
import torch
from torch import Tensor, nn

from course_lib.models.attention import MultiHeadAttention, SelfAttention, causal_mask
from course_lib.models.positions import sinusoidal_encoding
from course_lib.models.token_classifier import TokenClassifier

BATCH, STEPS, SYMBOLS, CLASSES, HIDDEN = 3, 5, 7, 4, 9
HEADS, D_MODEL, D_K, D_V = 2, 8, 3, 6
LONGEST = 11


def some_attention(heads: int, generator: torch.Generator) -> SelfAttention | MultiHeadAttention:
    if heads == 0:
        return SelfAttention(D_MODEL, D_K, D_V, generator)
    return MultiHeadAttention(D_MODEL, heads, generator)


def some_model(generator: torch.Generator, heads: int = HEADS, **options) -> TokenClassifier:
    """A model whose biases are not zero."""
    model = TokenClassifier(SYMBOLS, some_attention(heads, generator), CLASSES, generator, **options)
    for bias in model.biases:
        nn.init.normal_(bias, generator=generator)
    return model


def some_tokens(generator: torch.Generator, steps: int = STEPS) -> Tensor:
    return torch.randint(SYMBOLS, (BATCH, steps), generator=generator)


@pytest.mark.parametrize("heads", [0, HEADS], ids=["one head", "several heads"])
@pytest.mark.parametrize("hidden", [0, HIDDEN])
@pytest.mark.parametrize("placed", [False, True], ids=["unplaced", "placed"])
def test_forward_token_by_token(heads: int, hidden: int, placed: bool, generator: torch.Generator):
    positions = sinusoidal_encoding(LONGEST, D_MODEL) if placed else None
    model = some_model(generator, heads, hidden=hidden, positions=positions)
    tokens = some_tokens(generator)
    scores, attended = model(tokens)
    assert scores.shape == (BATCH, STEPS, CLASSES)
    for row in range(BATCH):
        vectors = [model.embedding[token] for token in tokens[row].tolist()]
        if positions is not None:
            vectors = [vector + positions[step] for step, vector in enumerate(vectors)]
        read = model.attention(torch.stack(vectors)[None]).output[0]
        torch.testing.assert_close(attended.output[row], read)
        for step in range(STEPS):
            known = torch.cat([vectors[step], read[step]])
            if hidden:
                known = torch.clamp(model.weights[0] @ known + model.biases[0], min=0)
            torch.testing.assert_close(scores[row, step], model.weights[-1] @ known + model.biases[-1])


@pytest.mark.parametrize(("heads", "d_out"), [(0, D_V), (HEADS, D_MODEL)])
def test_sizes_of_the_read_out(heads: int, d_out: int, generator: torch.Generator):
    linear, deep = (some_model(generator, heads, hidden=hidden) for hidden in (0, HIDDEN))
    assert [tuple(weight.shape) for weight in linear.weights] == [(CLASSES, D_MODEL + d_out)]
    assert [tuple(weight.shape) for weight in deep.weights] == [(HIDDEN, D_MODEL + d_out), (CLASSES, HIDDEN)]
    assert [len(bias) for bias in deep.biases] == [HIDDEN, CLASSES]


def trained(model: TokenClassifier, tokens: Tensor) -> set[str]:
    """Take one step of gradient descent; return the names of the parameters that it changed."""
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(tokens)[0].square().sum().backward()
    optimizer.step()
    return {name for name, parameter in model.named_parameters() if not torch.equal(parameter, before[name])}


def test_every_parameter_is_trained(generator: torch.Generator):
    model = some_model(generator, hidden=HIDDEN)
    assert trained(model, some_tokens(generator)) == {name for name, _ in model.named_parameters()}
    assert model.positions is None


def test_fixed_positions_are_kept_with_the_model_and_not_trained(generator: torch.Generator):
    positions = sinusoidal_encoding(LONGEST, D_MODEL)
    model = some_model(generator, positions=positions.clone())
    assert [name for name, _ in model.named_buffers()] == ["positions"]
    assert "positions" not in trained(model, some_tokens(generator))
    assert torch.equal(model.state_dict()["positions"], positions)
    assert model.float().state_dict()["positions"].dtype == torch.float32


def test_positions_that_are_a_parameter_are_trained(generator: torch.Generator):
    positions = nn.Parameter(torch.randn(LONGEST, D_MODEL, generator=generator))
    before = positions.detach().clone()
    model = some_model(generator, positions=positions)
    assert "positions" in trained(model, some_tokens(generator))
    assert model.positions is positions
    moved = (positions != before).any(dim=-1)
    assert moved.tolist() == [True] * STEPS + [False] * (LONGEST - STEPS)


def test_sequences_may_be_as_long_as_the_positions_reach(generator: torch.Generator):
    model = some_model(generator, positions=sinusoidal_encoding(LONGEST, D_MODEL))
    assert model(some_tokens(generator, LONGEST))[0].shape == (BATCH, LONGEST, CLASSES)
    with pytest.raises(ValueError, match=r"^there are positions for 11 steps, not 12$"):
        model(some_tokens(generator, LONGEST + 1))


def test_further_arguments_reach_the_attention(generator: torch.Generator):
    tokens, mask = some_tokens(generator), causal_mask(STEPS)
    scale = torch.arange(1.0, STEPS + 1)[:, None]
    for heads, options in ((0, {"scale": scale}), (0, {"scale": 0.5}), (HEADS, {"removed": [1]})):
        model = some_model(generator, heads)
        _, attended = model(tokens, mask, **options)
        expected = model.attention(model.embedding[tokens], mask=mask, **options)
        torch.testing.assert_close(attended.output, expected.output)
        torch.testing.assert_close(attended.weights, expected.weights)
        assert not torch.equal(attended.output, model(tokens, mask)[1].output)
        assert not torch.equal(attended.output, model(tokens, **options)[1].output)


def test_the_generator_decides_the_parameters():
    first, again, other = (some_model(torch.Generator().manual_seed(seed), hidden=2) for seed in (1, 1, 2))
    for one, two, three in zip(first.parameters(), again.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
        assert one.ndim == 1 or not torch.equal(one, three)


def test_parameters_start_as_the_docstring_says(generator: torch.Generator):
    model = TokenClassifier(500, MultiHeadAttention(40, 2, generator), 70, generator, hidden=60)
    assert model.embedding.std().item() == pytest.approx(0.5, rel=0.02)
    for weight, inputs_and_outputs in zip(model.weights, (80 + 60, 60 + 70), strict=True):
        limit = (6 / inputs_and_outputs) ** 0.5
        assert 0.99 * limit < weight.abs().max().item() <= limit
    assert all((bias == 0).all() for bias in model.biases)
