"""The explorers of lecture 03 say what their models compute."""

import re

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from course_lib.data.words import Alphabet
from course_lib.explore import Explorer
from course_lib.lectures.rnn import hidden_state_explorer
from course_lib.models.recurrent import RNN, SequencePredictor
from tests.explore.reading import (
    captions,
    data,
    every_control_changes_the_picture,
    is_small_sweep,
    numbers_in,
)

TIME, HIDDEN = 12, 5


@pytest.fixture(scope="module")
def predictor() -> SequencePredictor:
    generator = torch.Generator().manual_seed(3)
    return SequencePredictor(RNN(1, HIDDEN, generator), 1, generator)


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    return torch.sin(torch.arange(TIME) / 2)


@pytest.fixture(scope="module")
def hidden_state(predictor: SequencePredictor, inputs: torch.Tensor) -> Explorer:
    return hidden_state_explorer.hidden_state(predictor, inputs)


@pytest.fixture(scope="module")
def alphabet() -> Alphabet:
    return Alphabet(["banana", "lemon"])


@pytest.fixture(scope="module")
def reader(alphabet: Alphabet) -> SequencePredictor:
    generator = torch.Generator().manual_seed(4)
    return SequencePredictor(RNN(len(alphabet), HIDDEN, generator), len(alphabet), generator)


@pytest.fixture(scope="module")
def letters(reader: SequencePredictor, alphabet: Alphabet) -> Explorer:
    return hidden_state_explorer.letters(reader, alphabet, "banana")


def test_a_small_sweep_in_which_every_control_changes_the_picture(hidden_state: Explorer):
    assert every_control_changes_the_picture(hidden_state)
    assert is_small_sweep(hidden_state)


def states_after(model: SequencePredictor, inputs: torch.Tensor) -> NDArray[np.float64]:
    with torch.no_grad():
        return model.layer(inputs[None, :, None]).states[0].numpy()


@pytest.mark.parametrize(("changed_step", "change"), [(4, 1), (1, -2), (TIME, 0.25)])
def test_the_map_is_the_models_trace(
    hidden_state: Explorer,
    predictor: SequencePredictor,
    inputs: torch.Tensor,
    changed_step: int,
    change: float,
):
    setting = {"changed_step": changed_step, "change": change}
    other = inputs.clone()
    other[changed_step - 1] += change
    changed, states = states_after(predictor, other), states_after(predictor, inputs)
    np.testing.assert_allclose(data(hidden_state, "the state:", **setting), changed.T)
    np.testing.assert_array_equal(data(hidden_state, "input", **setting), [other.tolist(), inputs.tolist()])
    distance = np.linalg.norm(changed - states, axis=1)
    np.testing.assert_allclose(data(hidden_state, "what the change", **setting)[0], distance, atol=1e-12)
    assert (distance[: changed_step - 1] == 0).all()
    told = numbers_in(captions(hidden_state, **setting))
    peak = int(distance.argmax())
    assert told[:3] == [changed_step, peak + 1, pytest.approx(distance[peak], abs=0.005)]


def test_the_fading_is_told_as_it_is(hidden_state: Explorer):
    (distance,) = data(hidden_state, "what the change", changed_step=3, change=1)
    peak = int(distance.argmax())
    later = int(numbers_in(captions(hidden_state, changed_step=3, change=1))[3])
    assert distance[peak + later] < distance[peak] / 10 < distance[peak + later - 1]
    assert numbers_in(captions(hidden_state, change=0)) == []


def test_the_way_runs_in_the_plane_of_most_variance(
    hidden_state: Explorer, predictor: SequencePredictor, inputs: torch.Tensor
):
    way = data(hidden_state, "the state's way", change=0)
    states = states_after(predictor, inputs)
    values = np.linalg.svd(states - states.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose((way**2).sum(axis=0), values[:2] ** 2)


@pytest.mark.parametrize("word", ["banana", "lemon", "m"])
def test_expected_letters_are_the_models(
    letters: Explorer, reader: SequencePredictor, alphabet: Alphabet, word: str
):
    one_hot = torch.nn.functional.one_hot(alphabet.encode([word])[0][:-1], len(alphabet)).double()
    with torch.no_grad():
        scores, trace = reader(one_hot[None])
    expected = data(letters, "expected", word=word)
    np.testing.assert_allclose(expected, scores[0].softmax(dim=-1).T)
    np.testing.assert_allclose(data(letters, "the state:", word=word), trace.states[0].T)
    best = alphabet.symbols[int(expected[:, -1].argmax())]
    assert f"After “{word}” the model expects “{best}” most ({expected[:, -1].max():.2f})." in captions(
        letters, word=word
    )


def test_letters_answers_to_typing(letters: Explorer):
    assert letters.live
    np.testing.assert_array_equal(
        data(letters, "expected", word=" Banana "), data(letters, "expected", word="banana")
    )


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("", "1 to 24 letters"),
        ("   ", "1 to 24 letters"),
        ("a" * 25, "1 to 24 letters"),
        ("ab?a", "“?” in “ab?a”"),
    ],
)
def test_words_that_cannot_be_read_are_refused(letters: Explorer, word: str, complaint: str):
    with pytest.raises(ValueError, match=re.escape(complaint)) as error:
        letters(word=word)
    assert "\n" not in str(error.value)
