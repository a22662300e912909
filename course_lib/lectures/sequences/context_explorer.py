"""The explorer of lecture 01: what a prediction reads."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from torch import Tensor

from course_lib.explore.controls import Choice, Slider
from course_lib.explore.explorer import Explorer, explorer
from course_lib.explore.panels import Arrows, Label, Lines
from course_lib.models.recurrent import rnn_parameter_count

MODELS = ("naive", "AR(order)", "Markov", "latent")
SYMBOLS = 4
HIDDEN = 3
LATENT_PARAMETERS = rnn_parameter_count(1, HIDDEN) + HIDDEN + 1


def context(series: Float[Tensor, "time"], models: Sequence[str] = MODELS, step: int = 8) -> Explorer:
    """Which values the prediction of a step reads, and how many parameters that takes.

    Args:
        series: a few numbers to stand for the sequence.
        models: which of "naive", "AR(order)", "Markov" and "latent" can be chosen; the first is shown first.
        step: the step that is predicted at first, from 2.
    """
    time = len(series)
    places = [(k, 0.0) for k in range(time)] + [(k, -1.6) for k in range(time)]
    names = [f"x{k}" for k in range(1, time + 1)] + [f"h{k}" for k in range(1, time + 1)]
    limits = (min(0.0, series.min().item()), series.max().item())

    @explorer(
        name="context",
        fits=lambda model, **_: {} if model == "AR(order)" else {"order": 0},
        step=Slider(2, time, at=step),
        model=Choice(models),
        order=Slider(1, 5, at=2),
    )
    def picture(step: float, model: str, order: float) -> list[Arrows | Lines]:
        step, order = int(step), int(order)
        values = np.full(2 * time, np.nan)
        values[: step - 1] = series[: step - 1]
        read = read_by(model, step, order)
        links = np.zeros((2 * time, 2 * time))
        links[[k - 1 for k in read], step - 1] = 1
        if model == "latent":
            for k in range(1, step):  # x1 -> h1, h1 -> h2, x2 -> h2, ..., h(step-1) -> x(step)
                links[k - 1, time + k - 1] = 1
                links[time + k - 1, time + k if k + 1 < step else step - 1] = 1
        return [
            Arrows(
                title="what the prediction reads",
                data=values,
                links=links,
                places=places,
                names=names,
                along="step",
                limits=limits,
                caption=_sentence(model, step, order, len(read)),
            ),
            Lines(
                title="parameters needed, up to each step",
                data=_growth(time),
                x="step t",
                y="parameters",
                names=["naive table", "naive linear", f"Markov table, {SYMBOLS} symbols", "latent"],
                start=1,
                limits=(1, 1e8),
                log=True,
                labels=[Label("", step)],
            ),
        ]

    return picture


def read_by(model: str, step: int, order: int) -> list[int]:
    """The steps (from 1) of the values that `model` reads directly to predict `step`."""
    past = range(1, step)
    reads = {"naive": step - 1, "AR(order)": order, "Markov": 1, "latent": 0}[model]
    return list(past[max(0, len(past) - reads) :])


def _growth(time: int) -> np.ndarray:
    """The parameters up to each step (model, step)."""
    t = np.arange(1, time + 1)
    return np.array(
        [
            np.cumsum(float(SYMBOLS) ** (t - 1) * (SYMBOLS - 1)),
            np.cumsum(t),
            np.full(time, SYMBOLS * (SYMBOLS - 1)),
            np.full(time, LATENT_PARAMETERS),
        ]
    )


def _sentence(model: str, step: int, order: int, inputs: int) -> str:
    if model == "latent":
        return (
            f"To predict x{step} the latent model reads one state, h{step - 1}: all earlier values are in "
            "it. "
            f"With {HIDDEN} hidden units it has {LATENT_PARAMETERS} parameters, the same at every step."
        )
    name = model.replace("order", str(order))
    linear = f"a linear layer for that has {inputs + 1} parameters"
    table = f"a table over {SYMBOLS} symbols {SYMBOLS**inputs * (SYMBOLS - 1):,}"
    shared = "the next step needs new ones" if model == "naive" else "every step shares them"
    reads = f"To predict x{step} the {name} model reads {inputs} of {step - 1} values"
    return f"{reads}; {linear}, {table}; {shared}."
