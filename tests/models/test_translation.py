"""Models that translate: what they may see, and that step by step they compute the same."""

import pytest
import torch
from torch import Tensor

from course_lib.generation import CachedStep, beam_search, greedy_decode
from course_lib.models.translation import (
    Encoded,
    RecurrentTranslator,
    TransformerTranslator,
    Translator,
    shift_right,
    translation_loss,
)

SYMBOLS, START, END = 11, 1, 2
SOURCE = torch.tensor([[5, 3, 4, 7, 9, 6], [8, 10, 3, 0, 0, 0], [4, 4, 5, 6, 0, 0]])
TARGET = torch.tensor([[START, 6, 7, 8, 9], [START, 3, 3, 10, 4], [START, 9, 5, 6, 3]])
MODELS = {
    "recurrent": lambda generator: RecurrentTranslator(SYMBOLS, 6, generator, attention=False),
    "attention": lambda generator: RecurrentTranslator(SYMBOLS, 6, generator, attention=True),
    "Transformer": lambda generator: TransformerTranslator(SYMBOLS, 6, 3, generator, layers=2),
}


@pytest.fixture(params=MODELS)
def model(request, generator: torch.Generator) -> Translator:
    return MODELS[request.param](generator)


def mask_of(source: Tensor) -> Tensor:
    return source != 0


@torch.no_grad()
def scores(model: Translator, source: Tensor, target: Tensor) -> Tensor:
    return model(source, target, mask_of(source)).scores


def test_scores_have_a_row_for_each_step(model: Translator):
    assert scores(model, SOURCE, TARGET).shape == (3, 5, SYMBOLS)


def test_padding_does_not_leak(model: Translator):
    together = scores(model, SOURCE, TARGET)
    for row, length in enumerate([6, 3, 4]):
        alone = model(SOURCE[row : row + 1, :length], TARGET[row : row + 1]).scores
        torch.testing.assert_close(together[row : row + 1], alone.detach(), rtol=0, atol=1e-12)
    other = SOURCE.clone()
    other[~mask_of(SOURCE)] = 7
    with torch.no_grad():
        filled = model(other, TARGET, mask_of(SOURCE)).scores
    torch.testing.assert_close(filled, together, rtol=0, atol=0)


def test_every_word_of_the_source_counts(model: Translator):
    before = scores(model, SOURCE[:1], TARGET[:1])
    for place in range(SOURCE.shape[1]):
        changed = SOURCE[:1].clone()
        changed[0, place] = 10
        assert (scores(model, changed, TARGET[:1]) - before).abs().max() > 1e-6


def test_no_step_reads_what_comes_after_it(model: Translator):
    before = scores(model, SOURCE, TARGET)
    for step in range(1, TARGET.shape[1]):
        changed = TARGET.clone()
        changed[:, step] = 0
        after = scores(model, SOURCE, changed)
        torch.testing.assert_close(after[:, :step], before[:, :step], rtol=0, atol=1e-12)
        assert ((after - before)[:, step].abs().amax(dim=-1) > 1e-6).all()


def test_a_transformer_without_the_mask_reads_the_answer(generator: torch.Generator):
    model = TransformerTranslator(SYMBOLS, 6, 3, generator, causal=False)
    changed = TARGET.clone()
    changed[:, -1] = 0
    assert (
        (scores(model, SOURCE, changed) - scores(model, SOURCE, TARGET))[:, 0].abs().amax(dim=-1) > 1e-6
    ).all()


def test_teacher_forcing_equals_steps_of_a_cache(model: Translator):
    together = scores(model, SOURCE, TARGET)
    step = CachedStep(model.advance(SOURCE, mask_of(SOURCE)))
    for steps in range(1, 6):
        found = step(TARGET[:, :steps])
        torch.testing.assert_close(found, together[:, steps - 1], rtol=0, atol=1e-12)
        assert not found.requires_grad
    assert step.computed == TARGET.numel()


def test_several_tokens_can_follow_a_past(model: Translator):
    with torch.no_grad():
        encoded = model.encode(SOURCE, mask_of(SOURCE))
        first = model.decode(TARGET[:, :2], encoded)
        rest = model.decode(TARGET[:, 2:], encoded, first.past)
    parts = torch.cat([first.scores, rest.scores], dim=1)
    torch.testing.assert_close(parts, scores(model, SOURCE, TARGET), rtol=0, atol=1e-12)
    if first.crossed is not None and rest.crossed is not None:
        assert rest.crossed.key.shape == first.crossed.key.shape


def test_greedy_decoding_with_and_without_a_cache(model: Translator):
    cached = CachedStep(model.advance(SOURCE, mask_of(SOURCE)))
    expected = greedy_decode(lambda prefixes: scores(model, SOURCE, prefixes)[:, -1], START, END, 9, rows=3)
    assert torch.equal(greedy_decode(cached, START, END, 9, rows=3), expected)
    assert cached.computed == expected.numel()


@pytest.mark.parametrize("row", range(3))
def test_beam_search_with_and_without_a_cache(model: Translator, row: int):
    source = SOURCE[row : row + 1]
    cached = CachedStep(model.advance(source, mask_of(source)), one_source=True)

    def whole(prefixes: Tensor) -> Tensor:
        return scores(model, source.expand(len(prefixes), -1), prefixes)[:, -1]

    found, expected = (beam_search(step, START, END, 4, 7) for step in (cached, whole))
    assert [one.symbols for one in found] == [one.symbols for one in expected]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1e-12)
    assert cached.computed < 4 * 7


def test_weights_of_the_source_add_up_to_one_without_its_padding(model: Translator):
    crossed = model(SOURCE, TARGET, mask_of(SOURCE)).crossed
    if crossed is None:
        assert isinstance(model, RecurrentTranslator) and model.attention is None
        return
    assert crossed.weights.shape == (3, crossed.weights.shape[1], 5, 6)
    torch.testing.assert_close(crossed.weights.sum(dim=-1), torch.ones_like(crossed.weights[..., 0]))
    hidden = ~mask_of(SOURCE)[:, None, None].expand_as(crossed.weights)
    assert (crossed.weights[hidden] == 0).all()


def test_the_attention_shown_is_that_of_the_last_layer(generator: torch.Generator):
    model = TransformerTranslator(SYMBOLS, 6, 3, generator, layers=2)
    encoded = model.encode(SOURCE, mask_of(SOURCE))
    trace = model.transformer.decoder(model._embed(TARGET), encoded.vectors, encoded.mask)
    shown, expected = model.decode(TARGET, encoded).crossed, trace.layers[1].crossed
    assert shown is not None and expected is not None
    assert torch.equal(shown.weights, expected.weights)


def test_without_attention_only_the_last_state_is_handed_over(generator: torch.Generator):
    plain, attending = MODELS["recurrent"](generator), MODELS["attention"](generator)
    for model, uses in ((plain, False), (attending, True)):
        encoded = model.encode(SOURCE, mask_of(SOURCE))
        other = Encoded(torch.zeros_like(encoded.vectors), encoded.mask, encoded.last)
        change = (model.decode(TARGET, other).scores - model.decode(TARGET, encoded).scores).abs().max()
        assert (change > 1e-6) == uses


def test_the_loss_ignores_padding():
    drawn = torch.Generator().manual_seed(0)
    targets = torch.tensor([[4, 5, END, 0, 0], [3, 6, 7, 8, END]])
    logits = torch.randn(2, 5, SYMBOLS, generator=drawn)
    rows, steps = (targets != 0).nonzero().T
    expected = -logits.log_softmax(dim=-1)[rows, steps, targets[rows, steps]].mean()
    torch.testing.assert_close(translation_loss(logits, targets), expected)
    logits[0, 3:] += 100 * torch.randn(2, SYMBOLS, generator=drawn)
    torch.testing.assert_close(translation_loss(logits, targets), expected)
    assert translation_loss(logits, targets, padding=5) != expected


def test_targets_are_shifted_right():
    targets = torch.tensor([[4, 5, END], [3, END, 0]])
    assert shift_right(targets, START).tolist() == [[START, 4, 5], [START, 3, END]]
    assert targets.tolist() == [[4, 5, END], [3, END, 0]]


def test_all_parameters_learn(model: Translator):
    translation_loss(model(SOURCE, TARGET, mask_of(SOURCE)).scores, TARGET).backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    assert all(gradient is not None and gradient.abs().sum() > 0 for gradient in gradients)


def test_a_seed_makes_the_same_model():
    for make in MODELS.values():
        first, second = (make(torch.Generator().manual_seed(1)) for _ in range(2))
        assert torch.equal(scores(first, SOURCE, TARGET), scores(second, SOURCE, TARGET))


def test_too_long_texts_are_refused(generator: torch.Generator):
    model = TransformerTranslator(SYMBOLS, 6, 3, generator, longest=5)
    with pytest.raises(ValueError, match="there are positions for 5 tokens, not 6"):
        model(SOURCE, TARGET)
    past = model(SOURCE[:, :5], TARGET).past
    with pytest.raises(ValueError, match="there are positions for 5 tokens, not 6"):
        model.decode(TARGET[:, :1], model.encode(SOURCE[:, :5]), past)
