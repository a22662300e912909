"""The explorers of lecture 02: forecasts of autoregressive models, and Markov chains."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.explore.controls import Choice, Slider
from course_lib.explore.explorer import Explorer, explorer
from course_lib.explore.panels import Bars, Heat, Label, Lines, Path
from course_lib.models.autoregressive import Autoregressive, fit_least_squares
from course_lib.models.markov import MarkovChain, stationary_distribution


def forecast(
    years: Int[Tensor, "time"], series: Float[Tensor, "time"], trained_until: int, orders: int = 20
) -> Explorer:
    """Forecasts of AR(order) from a chosen year on, beside what came, and the roots behind them.

    Args:
        years: one year after the other.
        series: the number of each year.
        trained_until: the last year that the models are fitted on; forecasts start later.
        orders: the highest order on offer.
    """
    first, last = int(years[0]), int(years[-1])
    horizons = Slider(5, 45, at=25, step=10)
    shown = slice(trained_until - first - 39, None)
    limits = (-40.0, float(series.max()) * 1.1)

    @cache
    def model(order: int) -> Autoregressive:
        return fit_least_squares(series[: trained_until - first + 1], order)

    @cache
    def continued(order: int, origin: int) -> Float[Tensor, "steps"]:
        return model(order).forecast(series[: origin - first + 1], int(horizons.high))

    @explorer(
        name="forecast",
        widths=(2.6, 1),
        order=Slider(1, orders, at=2),
        origin=Slider(trained_until, last - 45, at=trained_until + 12, step=4),
        horizon=horizons,
    )
    def picture(order: float, origin: float, horizon: float) -> list[Lines | Path]:
        order, origin, horizon = int(order), int(origin), int(horizon)
        fitted = model(order)
        predicted = torch.full_like(series, torch.nan)
        begin = origin - first + 1
        ahead = slice(begin, begin + horizon)
        predicted[begin - 1] = series[begin - 1]  # so that the curve starts where the past ends
        predicted[ahead] = continued(order, origin)[:horizon]
        error = (predicted - series)[ahead].square().mean().sqrt().item()
        level = torch.full_like(series, fitted.fixed_point)
        roots = np.full((orders, 2), np.nan)
        roots[:order] = torch.view_as_real(fitted.roots())
        period = "no cycle" if np.isnan(fitted.period) else f"a cycle of {fitted.period:.1f} years"
        return [
            Lines(
                title=f"sunspots and the forecast, fitted up to {trained_until}",
                data=torch.stack([series, predicted, level])[:, shown],
                x="year",
                y="sunspot number",
                names=["observed", "forecast", "fixed point"],
                start=int(years[shown][0]),
                limits=limits,
                labels=[Label("", origin)],
                caption=f"AR({order}) from {origin} on: error (RMS) {error:.1f} over {horizon} years.",
            ),
            Path(
                title="roots",
                data=roots,
                x="real part",
                y="imaginary part",
                along="root",
                connected=False,
                unit_circle=True,
                limits=(-1.15, 1.15),
                caption=f"Largest modulus {fitted.spectral_radius:.3f}; {period}.",
            ),
        ]

    return picture


def markov(chain: MarkovChain, names: Sequence[str], longest: int = 12) -> Explorer:
    """A chain's way from one sure state to its stationary distribution.

    Args:
        chain: its transition matrix is shown; its initial distribution is not used.
        names: a name for each state.
        longest: the highest number of steps.
    """
    states = len(names)
    stationary = stationary_distribution(chain.transition)

    @explorer(
        name="markov",
        widths=(1, 1, 1.4),
        steps=Slider(0, longest, at=1),
        start=Choice(names),
        chance_to_stay=Slider(0, 0.9, at=0, step=0.1),
    )
    def picture(steps: float, start: str, chance_to_stay: float) -> list[Heat | Bars | Lines]:
        transition = chance_to_stay * torch.eye(states) + (1 - chance_to_stay) * chain.transition
        sure = torch.eye(states, dtype=transition.dtype)[names.index(start)]
        moving = MarkovChain(sure, transition)
        now = moving.distribution(int(steps))
        way = torch.stack([(moving.distribution(n) - stationary).abs().sum() / 2 for n in range(longest + 1)])
        shares = ", ".join(f"{name} {share:.2f}" for name, share in zip(names, now.tolist(), strict=True))
        return [
            Heat(
                title="one step",
                data=transition,
                x="next state",
                y="state",
                x_names=names,
                y_names=names,
                limits=(0, 1),
            ),
            Bars(
                title="after the steps",
                data=torch.stack([now, stationary]),
                x="state",
                y="probability",
                x_names=names,
                names=["now", "stationary"],
                limits=(0, 1),
                caption=f"Steps from {start}: {int(steps)}. Now: {shares}.",
            ),
            Lines(
                title="distance to the stationary distribution",
                data=way[None],
                x="steps",
                y="total variation",
                limits=(0, 1),
                labels=[Label("", steps)],
                caption=f"Distance after {int(steps)}: {way[int(steps)]:.3f}.",
            ),
        ]

    return picture
