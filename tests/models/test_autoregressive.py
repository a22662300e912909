"""Autoregressive models against known series, known roots and published coefficients."""

import cmath
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.data import sunspots
from course_lib.data.sequences import sine
from course_lib.models.autoregressive import Autoregressive, fit_least_squares, fit_yule_walker, lag_matrix


def model(*weights: float, bias: float = 0.0) -> Autoregressive:
    return Autoregressive(torch.tensor(weights), torch.tensor(bias), torch.tensor(0.0))


def simulate(weights: list[float], bias: float, steps: int, generator: torch.Generator) -> Tensor:
    series = [0.0] * len(weights)
    for noise in torch.randn(steps, generator=generator).tolist():
        past = series[: -len(weights) - 1 : -1]
        series.append(bias + sum(w * x for w, x in zip(weights, past, strict=True)) + noise)
    return torch.tensor(series)


def between(first: int, last: int) -> Tensor:
    years, numbers = sunspots.yearly()
    return numbers[(years >= first) & (years <= last)]


def test_lag_matrix_puts_the_most_recent_value_first():
    assert lag_matrix(torch.tensor([1.0, 2, 3, 4, 5]), 3).tolist() == [[3, 2, 1], [4, 3, 2]]


@pytest.mark.parametrize(
    ("order", "message"), [(0, "at least 1"), (4, "needs more than 4 values"), (5, "has 4")]
)
def test_orders_that_do_not_fit(order: int, message: str):
    with pytest.raises(ValueError, match=message):
        lag_matrix(torch.ones(4), order)


@pytest.mark.parametrize("order", [0, 4])
def test_yule_walker_needs_a_longer_series(order: int):
    with pytest.raises(ValueError, match="must be 1 to 3"):
        fit_yule_walker(torch.tensor([1.0, 4, 2, 3]), order)


@pytest.mark.parametrize("fit", [fit_least_squares, fit_yule_walker])
def test_fits_find_the_weights_of_a_long_series(fit, generator: torch.Generator):
    fitted = fit(simulate([0.6, -0.5, 0.2], bias=2.0, steps=20000, generator=generator), 3)
    assert fitted.weights.tolist() == pytest.approx([0.6, -0.5, 0.2], abs=0.03)
    assert fitted.bias.item() == pytest.approx(2, abs=0.1)
    assert fitted.variance.item() == pytest.approx(1, abs=0.03)


def test_least_squares_residuals_are_orthogonal_to_the_inputs():
    series = between(1749, 1924)
    fitted = fit_least_squares(series, 4)
    residuals = series[4:] - fitted.predict(lag_matrix(series, 4))
    assert residuals.sum().item() == pytest.approx(0, abs=1e-8)
    assert (residuals @ lag_matrix(series, 4)).tolist() == pytest.approx([0] * 4, abs=1e-6)
    assert fitted.variance.item() == pytest.approx(residuals.square().mean().item())


def test_yule_walker_gives_the_published_coefficients():
    """Brockwell and Davis, sunspots of 1770 to 1869."""
    fitted = fit_yule_walker(between(1770, 1869), 2)
    assert fitted.weights.tolist() == pytest.approx([1.317, -0.634], abs=5e-4)
    assert fitted.fixed_point == pytest.approx(47.011)


def test_yule_walker_is_always_stable():
    growing = 1.2 ** torch.arange(30.0)
    assert fit_least_squares(growing, 1).spectral_radius > 1
    assert fit_yule_walker(growing, 1).spectral_radius < 1
    assert fit_yule_walker(growing, 5).spectral_radius < 1


def test_least_squares_on_yules_years():
    fitted = fit_least_squares(between(1749, 1924), 2)
    assert fitted.weights.tolist() == pytest.approx([1.336, -0.650], abs=5e-4)
    assert fitted.period == pytest.approx(10.57, abs=0.01)


def test_forecast_feeds_predictions_back():
    assert model(0.5, 0.25, bias=1.0).forecast(torch.tensor([7.0, 4, 8]), 3).tolist() == [6, 6, 5.5]


def test_forecast_of_a_batch_equals_forecasts_one_by_one(generator: torch.Generator):
    fitted = model(0.7, -0.4, 0.1, bias=0.3)
    histories = torch.randn(2, 4, 5, generator=generator)
    batch = fitted.forecast(histories, 6)
    assert batch.shape == (2, 4, 6)
    torch.testing.assert_close(batch[1, 2], fitted.forecast(histories[1, 2], 6))


@pytest.mark.parametrize(
    ("length", "steps", "message"), [(2, 5, "needs 3 past values; got 2"), (3, 0, "at least 1 step")]
)
def test_forecasts_that_can_not_be_made(length: int, steps: int, message: str):
    with pytest.raises(ValueError, match=message):
        model(0.1, 0.2, 0.3).forecast(torch.ones(length), steps)


def test_roots_are_sorted_and_solve_their_polynomial():
    fitted = model(0.4, -0.5, 0.3, 0.1)
    roots = fitted.roots()
    powers = roots[:, None] ** torch.arange(3, -1, -1)
    torch.testing.assert_close(roots**4, powers @ fitted.weights.to(roots.dtype))
    assert roots.abs().tolist() == sorted(roots.abs().tolist(), reverse=True)
    assert fitted.spectral_radius == roots.abs().max().item()


def test_period_of_the_leading_complex_root():
    assert model(2 * math.cos(0.5), -1.0).period == pytest.approx(2 * math.pi / 0.5)
    assert math.isnan(model(1.5, -0.5).period)
    assert math.isnan(model(-0.9).period)
    # (z - 0.9)(z^2 - 2 * 0.8 cos(0.7) z + 0.64): the largest root is real
    twice = 2 * 0.8 * math.cos(0.7)
    assert model(0.9 + twice, -(0.64 + 0.9 * twice), 0.9 * 0.64).period == pytest.approx(2 * math.pi / 0.7)


def with_roots(pairs: list[tuple[float, float]], reals: list[float]) -> Autoregressive:
    """The model whose roots are these: pairs of conjugates by modulus and angle, and real ones."""
    roots = [*reals, *(cmath.rect(modulus, sign * angle) for modulus, angle in pairs for sign in (1, -1))]
    return model(*(-np.poly(roots)[1:].real).tolist())


@pytest.mark.parametrize(
    ("pairs", "reals"),
    [
        ([(0.9, 0.5)], []),
        ([(0.9, 2.8)], []),
        ([(0.6, 0.7)], [0.95]),
        ([(0.6, 1.9)], [-0.95]),
        ([(0.9, 0.3), (0.7, 1.2)], []),
        ([(0.9, 1.2), (0.7, 0.3)], []),
        ([(0.9, 2.0), (0.7, 0.3)], [0.8]),
        ([(0.9, 0.6), (0.7, 2.5), (0.5, 0.2)], []),
        ([(0.8, 1.1), (0.6, 0.4), (0.5, 2.9)], [0.95, -0.7, 0.3]),
    ],
)
def test_the_period_is_that_of_the_largest_complex_root_at_every_order(
    pairs: list[tuple[float, float]], reals: list[float]
):
    fitted = with_roots(pairs, reals)
    assert fitted.order == 2 * len(pairs) + len(reals)
    assert fitted.period == pytest.approx(2 * math.pi / pairs[0][1])


@pytest.mark.parametrize("order", range(1, 6))
def test_without_a_complex_root_there_is_no_period(order: int):
    assert math.isnan(with_roots([], [0.9, -0.7, 0.5, -0.3, 0.1][:order]).period)


def test_far_forecasts_settle_at_the_fixed_point_from_anywhere():
    fitted = fit_least_squares(between(1700, 1920), 9)
    assert fitted.spectral_radius < 1
    for history in (torch.zeros(9), torch.full((9,), 500.0), between(1950, 2008)):
        assert fitted.forecast(history, 1000)[-1].item() == pytest.approx(fitted.fixed_point, abs=1e-9)


@pytest.mark.parametrize("period", [7.0, 11.0, 12.5])
def test_exact_weights_keep_a_sine_exact(period: float):
    series = sine(1002, period, phase=0.3)
    exact = model(2 * math.cos(2 * math.pi / period), -1.0)
    torch.testing.assert_close(exact.forecast(series[:2], 1000), series[2:], atol=1e-10, rtol=0)
    fitted = fit_least_squares(series[:50], 2)
    torch.testing.assert_close(fitted.forecast(series[:2], 1000), series[2:], atol=1e-9, rtol=0)
