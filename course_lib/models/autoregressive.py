"""Autoregressive models AR(order): the next value as a weighted sum of the last `order` values."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Complex, Float
from torch import Tensor


def lag_matrix(series: Float[Tensor, "time"], order: int) -> Float[Tensor, "row order"]:
    """Collect for every value of `series[order:]` the `order` values before it, the most recent first.

    Row `t` is `series[t + order - 1], ..., series[t]` and belongs to the target `series[t + order]`, so
    that there are time - order rows.

    Raises ValueError if `order` is below 1 or the series has no more than `order` values.
    """
    if order < 1:
        raise ValueError(f"the order must be at least 1, not {order}")
    if len(series) <= order:
        raise ValueError(f"order {order} needs more than {order} values; the series has {len(series)}")
    return series[:-1].unfold(0, order, 1).flip(1)


@dataclass(frozen=True)
class Autoregressive:
    """A fitted model x_t = bias + weights[0] x_(t-1) + ... + weights[order-1] x_(t-order) + noise.

    Attributes:
        weights: shape (order,), the weight of the most recent value first.
        bias: the constant, shape (), in the unit of the series.
        variance: the variance of the noise, shape (), in the squared unit of the series.

    """

    weights: Float[Tensor, "order"]
    bias: Float[Tensor, ""]
    variance: Float[Tensor, ""]

    @property
    def order(self) -> int:
        """How many past values the model reads."""
        return len(self.weights)

    def predict(self, windows: Float[Tensor, "*batch order"]) -> Float[Tensor, "*batch"]:
        """Predict the value after each window; a window holds the most recent value first."""
        return windows @ self.weights + self.bias

    def forecast(self, history: Float[Tensor, "*batch time"], steps: int) -> Float[Tensor, "*batch steps"]:
        """Continue each history (oldest value first) by `steps` values, feeding each prediction back.

        Raises ValueError if `steps` is below 1 or the history has fewer than `order` values.
        """
        if steps < 1:
            raise ValueError(f"a forecast needs at least 1 step, not {steps}")
        if history.shape[-1] < self.order:
            raise ValueError(f"AR({self.order}) needs {self.order} past values; got {history.shape[-1]}")
        window = history[..., -self.order :].flip(-1)
        predictions = []
        for _ in range(steps):
            prediction = self.predict(window)
            predictions.append(prediction)
            window = torch.cat([prediction[..., None], window[..., :-1]], dim=-1)
        return torch.stack(predictions, dim=-1)

    def roots(self) -> Complex[Tensor, "order"]:
        """Return the roots of z^order - weights[0] z^(order-1) - ... - weights[order-1], the largest first.

        All of them lie inside the unit circle exactly when every forecast settles at the fixed point.
        (Some books use the polynomial in 1/z, whose roots lie outside instead.)
        """
        companion = torch.diag(torch.ones(self.order - 1, dtype=self.weights.dtype), -1)
        companion[0] = self.weights
        roots = torch.linalg.eigvals(companion)
        return roots[roots.abs().argsort(descending=True, stable=True)]

    @property
    def spectral_radius(self) -> float:
        """The modulus of the largest root: the factor by which far forecasts shrink or grow a step."""
        return self.roots().abs().max().item()

    @property
    def period(self) -> float:
        """The steps in a cycle of the largest complex root; nan when all roots are real."""
        complex_roots = [root for root in self.roots().tolist() if root.imag != 0]
        if not complex_roots:
            return math.nan
        leading = complex_roots[0]
        return 2 * math.pi / abs(math.atan2(leading.imag, leading.real))

    @property
    def fixed_point(self) -> float:
        """The value that predicts itself: bias / (1 - sum of weights); infinite or nan for a unit root."""
        return (self.bias / (1 - self.weights.sum())).item()


def fit_least_squares(series: Float[Tensor, "time"], order: int) -> Autoregressive:
    """Fit weights and bias by least squares on all windows; the variance is the mean squared residual.

    Raises ValueError if `order` is below 1 or the series has no more than `order` values.
    """
    windows, targets = lag_matrix(series, order), series[order:]
    inputs = torch.cat([windows, torch.ones_like(targets)[:, None]], dim=1)
    solution = torch.linalg.lstsq(inputs, targets[:, None]).solution[:, 0]
    residuals = targets - inputs @ solution
    return Autoregressive(weights=solution[:-1], bias=solution[-1], variance=residuals.square().mean())


def fit_yule_walker(series: Float[Tensor, "time"], order: int) -> Autoregressive:
    """Fit by the Yule-Walker equations, which match the autocovariances up to lag `order`.

    The autocovariances are divided by the length of the series at every lag (the biased estimate, as in
    Brockwell and Davis), so that the fitted model is always stable. Yule 1927, Walker 1931.

    Raises ValueError if `order` is below 1 or the series has no more than `order` values.
    """
    if not 1 <= order < len(series):
        raise ValueError(f"the order must be 1 to {len(series) - 1} for this series, not {order}")
    mean = series.mean()
    centred = series - mean
    covariance = torch.stack(
        [centred[lag:] @ centred[: len(series) - lag] / len(series) for lag in range(order + 1)]
    )
    lags = torch.arange(order)
    weights = torch.linalg.solve(covariance[(lags[:, None] - lags).abs()], covariance[1:])
    return Autoregressive(
        weights=weights,
        bias=mean * (1 - weights.sum()),
        variance=covariance[0] - weights @ covariance[1:],
    )
