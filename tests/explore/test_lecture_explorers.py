"""The lectures' explorers say what their models compute."""

import math
import re

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from course_lib.data import sunspots
from course_lib.data.words import Alphabet
from course_lib.explore import Arrows, Explorer, Lines, autoregressive, recurrent, sequences
from course_lib.models.autoregressive import fit_least_squares
from course_lib.models.markov import MarkovChain
from course_lib.models.recurrent import RNN, SequencePredictor

TIME, HIDDEN = 12, 5
STATES = ("vowel", "consonant", "end")
TRANSITION = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.4, 0.6, 0.0]])
TRAINED_UNTIL = 1920


def data(explorer: Explorer, title: str, **setting: object) -> NDArray[np.float64]:
    (panel,) = (panel for panel in explorer(**setting) if panel.title.startswith(title))
    return panel.data


def captions(explorer: Explorer, **setting: object) -> str:
    return " ".join(panel.caption for panel in explorer(**setting))


def numbers_in(text: str) -> list[float]:
    """The numbers that a caption tells, in order; the "1" of "x1" is a part of a name."""
    return [float(number.replace(",", "")) for number in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)]


@pytest.fixture(scope="module")
def context() -> Explorer:
    return sequences.context(torch.linspace(3, 25, TIME))


@pytest.fixture(scope="module")
def forecast() -> Explorer:
    return autoregressive.forecast(*sunspots.yearly(), TRAINED_UNTIL, orders=9)


@pytest.fixture(scope="module")
def markov() -> Explorer:
    return autoregressive.markov(MarkovChain(TRANSITION[0], TRANSITION), STATES, longest=6)


@pytest.fixture(scope="module")
def predictor() -> SequencePredictor:
    generator = torch.Generator().manual_seed(3)
    return SequencePredictor(RNN(1, HIDDEN, generator), 1, generator)


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    return torch.sin(torch.arange(TIME) / 2)


@pytest.fixture(scope="module")
def hidden_state(predictor: SequencePredictor, inputs: torch.Tensor) -> Explorer:
    return recurrent.hidden_state(predictor, inputs)


@pytest.fixture(scope="module")
def alphabet() -> Alphabet:
    return Alphabet(["banana", "lemon"])


@pytest.fixture(scope="module")
def reader(alphabet: Alphabet) -> SequencePredictor:
    generator = torch.Generator().manual_seed(4)
    return SequencePredictor(RNN(len(alphabet), HIDDEN, generator), len(alphabet), generator)


@pytest.fixture(scope="module")
def letters(reader: SequencePredictor, alphabet: Alphabet) -> Explorer:
    return recurrent.letters(reader, alphabet, "banana")


@pytest.mark.parametrize("name", ["context", "forecast", "markov", "hidden_state"])
def test_every_control_changes_the_picture(name: str, request: pytest.FixtureRequest):
    explorer = request.getfixturevalue(name)
    start = {"model": "AR(order)"} if name == "context" else {}
    assert not explorer.live
    for control, about in explorer.controls.items():
        pictures = {
            b"".join(panel.codes().tobytes() for panel in explorer(**start | {control: value}))
            for value in about.values
        }
        assert len(pictures) == len(about.values), control


@pytest.mark.parametrize("name", ["context", "forecast", "markov", "hidden_state"])
def test_a_sweep_can_be_made(name: str, request: pytest.FixtureRequest):
    explorer = request.getfixturevalue(name)
    assert explorer.name == name.replace("_", " ")
    frames, deflated = explorer.frames(explorer.settings())
    assert len(frames["captions"]) == math.prod(len(control.values) for control in explorer.controls.values())
    assert len(deflated) < 2**20


# context


@pytest.mark.parametrize(
    ("step", "model", "order", "read"),
    [
        (8, "naive", 2, [1, 2, 3, 4, 5, 6, 7]),
        (8, "AR(order)", 3, [5, 6, 7]),
        (2, "AR(order)", 5, [1]),
        (8, "Markov", 3, [7]),
        (2, "naive", 1, [1]),
        (8, "latent", 3, []),
    ],
)
def test_arrows_come_from_what_is_read(context: Explorer, step: int, model: str, order: int, read: list[int]):
    graph = context(step=step, model=model, order=order)[0]
    assert isinstance(graph, Arrows)
    arrows = {(int(origin) + 1, int(target) + 1) for origin, target in np.argwhere(graph.links > 0)}
    h = TIME
    states = {(k, h + k) for k in range(1, step)} | {(h + k, h + k + 1) for k in range(1, step - 1)}
    states.add((h + step - 1, step))
    assert arrows == (states if model == "latent" else {(k, step) for k in read})
    assert np.isnan(graph.data[step - 1 :]).all()
    assert graph.data[: step - 1] == pytest.approx(np.linspace(3, 25, TIME)[: step - 1])
    if read:
        table = 3 * 4 ** len(read)
        told = [len(read), step - 1, len(read) + 1, 4, table]
        assert numbers_in(graph.caption.replace(f"AR({order})", "AR")) == told
    assert f"x{step} " in graph.caption


def test_parameters_grow_as_counted(context: Explorer):
    table, linear, markov, latent = data(context, "parameters")
    small = SequencePredictor(RNN(1, sequences.HIDDEN), 1)
    for t in range(1, TIME + 1):
        assert table[t - 1] == pytest.approx(sequences.SYMBOLS**t - 1)  # a joint table
        assert linear[t - 1] == pytest.approx(sum(range(1, t + 1)))
        assert markov[t - 1] == pytest.approx(sequences.SYMBOLS * (sequences.SYMBOLS - 1))
        assert latent[t - 1] == pytest.approx(sum(p.numel() for p in small.parameters()))
    assert f"it has {latent[0]:.0f} parameters" in captions(context, model="latent")


def test_models_can_be_left_out():
    explorer = sequences.context(torch.ones(6), models=["naive", "latent"], step=3)
    assert explorer.controls["model"].values == ["naive", "latent"]
    assert "x3 the naive model reads 2 of 2 values" in captions(explorer)


# forecast


@pytest.mark.parametrize(("order", "origin", "horizon"), [(2, 1932, 25), (9, 1920, 45), (1, 1940, 5)])
def test_the_forecast_is_the_models(forecast: Explorer, order: int, origin: int, horizon: int):
    setting = {"order": order, "origin": origin, "horizon": horizon}
    years, series = sunspots.yearly()
    curves = forecast(**setting)[0]
    assert isinstance(curves, Lines)
    observed, predicted, level = curves.data
    shown = years >= int(curves.start)
    past, future = series[years <= origin], series[(years > origin) & (years <= origin + horizon)]
    model = fit_least_squares(series[years <= TRAINED_UNTIL], order)
    ahead = model.forecast(past, horizon)
    begin = origin - int(curves.start) + 1
    np.testing.assert_array_equal(observed, series[shown])
    np.testing.assert_allclose(predicted[begin : begin + horizon], ahead)
    assert predicted[begin - 1] == observed[begin - 1]
    assert np.isnan(predicted[: begin - 1]).all()
    assert np.isnan(predicted[begin + horizon :]).all()
    np.testing.assert_allclose(level, model.fixed_point)
    error = (ahead - future).square().mean().sqrt()
    told = numbers_in(curves.caption)
    assert told == [order, origin, pytest.approx(error.item(), abs=0.05), horizon]


@pytest.mark.parametrize("order", [1, 2, 9])
def test_the_roots_solve_the_characteristic_equation(forecast: Explorer, order: int):
    years, series = sunspots.yearly()
    model = fit_least_squares(series[years <= TRAINED_UNTIL], order)
    points = data(forecast, "roots", order=order)
    assert np.isnan(points[order:]).all()
    roots = points[:order] @ [1, 1j]
    polynomial = np.concatenate([[1], -model.weights.numpy()])
    np.testing.assert_allclose(np.polyval(polynomial, roots), 0, atol=1e-9)
    assert len({complex(*np.round(point, 9)) for point in points[:order]}) == order
    text = captions(forecast, order=order)
    assert f"Largest modulus {abs(roots).max():.3f}" in text
    assert ("no cycle" in text) == (abs(roots.imag).max() == 0)


# markov


@pytest.mark.parametrize(
    ("steps", "start", "chance_to_stay"), [(0, "consonant", 0), (1, "vowel", 0.5), (5, "end", 0.3)]
)
def test_bars_are_the_chains_distribution(markov: Explorer, steps: int, start: str, chance_to_stay: float):
    setting = {"steps": steps, "start": start, "chance_to_stay": chance_to_stay}
    lazy = chance_to_stay * np.eye(3) + (1 - chance_to_stay) * TRANSITION.numpy()
    np.testing.assert_allclose(data(markov, "one step", **setting), lazy)
    now, stationary = data(markov, "after the steps", **setting)
    expected = np.eye(3)[STATES.index(start)]
    distances = []
    for _ in range(7):
        distances.append(abs(expected - stationary).sum() / 2)
        if len(distances) == steps + 1:
            np.testing.assert_allclose(now, expected)
        expected = expected @ lazy
    np.testing.assert_allclose(stationary @ TRANSITION.numpy(), stationary)
    np.testing.assert_allclose(data(markov, "distance", **setting)[0], distances, atol=1e-12)
    told = numbers_in(captions(markov, **setting))
    assert told == pytest.approx([steps, *now, steps, distances[steps]], abs=0.005)


# hidden state


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


# letters


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
    [("", "1 to 24 letters"), ("   ", "1 to 24 letters"), ("a" * 25, "1 to 24 letters"), ("ab!", "!")],
)
def test_words_that_cannot_be_read_are_refused(letters: Explorer, word: str, complaint: str):
    with pytest.raises(ValueError, match=re.escape(complaint)) as error:
        letters(word=word)
    assert "\n" not in str(error.value)
