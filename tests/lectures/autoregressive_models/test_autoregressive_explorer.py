"""The explorers of lecture 02 say what their models compute."""

import numpy as np
import pytest
import torch

from course_lib.data import sunspots
from course_lib.explore import Explorer, Lines
from course_lib.lectures.autoregressive_models import autoregressive_explorer
from course_lib.models.autoregressive import fit_least_squares
from course_lib.models.markov import MarkovChain
from tests.explore.reading import (
    captions,
    data,
    every_control_changes_the_picture,
    is_small_sweep,
    numbers_in,
)

STATES = ("vowel", "consonant", "end")
TRANSITION = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.4, 0.6, 0.0]])
TRAINED_UNTIL = 1920


@pytest.fixture(scope="module")
def forecast() -> Explorer:
    return autoregressive_explorer.forecast(*sunspots.yearly(), TRAINED_UNTIL, orders=9)


@pytest.fixture(scope="module")
def markov() -> Explorer:
    return autoregressive_explorer.markov(MarkovChain(TRANSITION[0], TRANSITION), STATES, longest=6)


@pytest.mark.parametrize("name", ["forecast", "markov"])
def test_a_small_sweep_in_which_every_control_changes_the_picture(name: str, request: pytest.FixtureRequest):
    explorer = request.getfixturevalue(name)
    assert explorer.name == name
    assert every_control_changes_the_picture(explorer)
    assert is_small_sweep(explorer)


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
