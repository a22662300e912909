"""The explorers of lecture 07: a soft look-up, and one self-attention, step by step from scores to output."""

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.explore.controls import Choice, Control, Slider, Stops, Text, Toggle
from course_lib.explore.explorer import Explorer
from course_lib.explore.panels import Bars, Heat, Panel, Path, reach, two_digits
from course_lib.explore.tokens import KEY, QUERY, pairs, require_length, require_names
from course_lib.models.attention import Attended, SelfAttention, attention_scores, causal_mask

TEMPERATURES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
MASKS = ("none", "causal")
LONG = (0.5, 1, 2, 4)
"""Lengths that a query in the plane may have, but for 0."""


def soft_look_up(keys: Mapping[str, tuple[float, float]], values: Sequence[float]) -> Explorer:
    """What a query in the plane reads of some values, by the softmax of its dot products with their keys.

    Args:
        keys: the keys by their names.
        values: a value for each key.
    """
    vectors, numbers = torch.tensor(list(keys.values())), torch.tensor([float(value) for value in values])
    far = math.ceil(1.05 * max(*LONG, vectors.abs().max().item()))

    def picture(direction: int, length: float) -> list[Panel]:
        angle = math.radians(direction)
        query = length * torch.tensor([math.cos(angle), math.sin(angle)])
        weights = torch.softmax(vectors @ query, dim=0)
        shares = ", ".join(f"{name} {share:.2f}" for name, share in zip(keys, weights, strict=True))
        return [
            Path(
                title="keys and query",
                data=torch.cat([vectors, query[None]]),
                x="first number",
                y="second number",
                along="vector",
                names=[*(f"{name}: {value:g}" for name, value in zip(keys, values, strict=True)), "query"],
                connected=False,
                limits=(-far, far),
                caption=f"The query points to {direction}°, with length {length:g}.",
            ),
            Bars(
                title="weights",
                data=weights[None],
                x=KEY,
                y="weight",
                x_names=list(keys),
                limits=(0, 1),
                caption=f"Read: {shares}. Output: {weights @ numbers:.1f}.",
            ),
        ]

    controls: dict[str, Control] = {
        "direction": Slider(0, 180, at=30, step=15),
        "length": Stops((0, *LONG), at=2),
    }
    return Explorer(picture, controls, widths=(1, 1), name="soft look-up")


def attention(
    layer: SelfAttention, x: Float[Tensor, "steps d_model"], names: Sequence[str], query: int | None = None
) -> Explorer:
    """Scores, scaled scores and weights of a self-attention, and how one query's output comes about.

    Args:
        layer: the attention.
        x: the tokens' vectors.
        names: what each token is called.
        query: the token whose reading is shown first, counted from 0; the last one by default.

    Raises:
        ValueError: if there is not one name for each token, or no such query.
    """
    require_names(x, names)
    place = len(names) - 1 if query is None else query
    if not 0 <= place < len(names):
        raise ValueError(f"the tokens are counted from 0 to {len(names) - 1}; there is no query {query}")

    def picture(temperature: float, scaled: bool, mask: str) -> list[Panel]:
        return _panels(layer, x, names, place, temperature, scaled, mask)

    return Explorer(picture, _controls(), widths=(1, 1, 1), scrub=(QUERY,), name="attention")


def typed_attention(
    layer: SelfAttention,
    text: str,
    read: Callable[[str], tuple[Float[Tensor, "steps d_model"], Sequence[str]]],
) -> Explorer:
    """The same of a text that is typed.

    Args:
        layer: the attention.
        text: what is typed at first.
        read: from what is typed to the tokens' vectors and names; raises ValueError with one line for what
            it can't read.

    Raises:
        ValueError: when shown, if there is no token, more than 40, or not one name for each.
    """

    def picture(text: str, temperature: float, scaled: bool, mask: str) -> list[Panel]:
        x, names = read(text)
        require_names(x, names)
        require_length(x)
        return _panels(layer, x, names, len(names) - 1, temperature, scaled, mask)

    controls: dict[str, Control] = {"text": Text(text), **_controls()}
    return Explorer(picture, controls, widths=(1, 1, 1), scrub=(QUERY,), name="typed attention")


def _controls() -> dict[str, Control]:
    return {"temperature": Stops(TEMPERATURES, at=1.0), "scaled": Toggle(True), "mask": Choice(MASKS)}


@torch.no_grad()
def _panels(
    layer: SelfAttention,
    x: Float[Tensor, "steps d_model"],
    names: Sequence[str],
    place: int,
    temperature: float,
    scaled: bool,
    mask: str,
) -> list[Panel]:
    d_k = len(layer.weight_key)
    scale = (d_k**-0.5 if scaled else 1.0) / temperature
    allowed = causal_mask(len(x)) if mask == "causal" else None
    attended = layer(x[None], mask=allowed, scale=scale)
    scores = attention_scores(attended.query[0], attended.key[0])
    softmaxed = scores * scale
    if allowed is not None:
        softmaxed = softmaxed.masked_fill(~allowed, torch.nan)
    far = reach(scores)
    usual, most = _round(far * d_k**-0.5), far / min(TEMPERATURES)

    weights = attended.weights[0]
    return [
        pairs("scores", scores, names, _spread("Scores", scores), limits=(-far, far)),
        pairs(
            "scaled scores",
            softmaxed,
            names,
            f"Times {scale:.3g}. {_spread('Scaled scores', softmaxed)}",
            limits=(-most, most),
            colours=(-usual, usual),
        ),
        pairs("weights", weights, names, _sharpness(weights)),
        Bars(
            title="row of weights",
            data=weights[:, None],
            x=KEY,
            y="weight",
            x_names=names,
            limits=(0, 1),
            among=QUERY,
            among_names=names,
            place=place,
        ),
        _weighted_values(attended, names, place),
    ]


def _weighted_values(attended: Attended, names: Sequence[str], place: int) -> Heat:
    """For each query the values times its weights, a row a key, and their sum: its output."""
    value, output = attended.value[0], attended.output[0]
    weighted = attended.weights[0][:, :, None] * value
    far = reach(value)
    return Heat(
        title="weight × value, and the sum",
        data=torch.cat([weighted, output[:, None]], dim=1),
        x="number of the value",
        y=KEY,
        x_names=[str(number + 1) for number in range(value.shape[1])],
        y_names=[*names, "sum"],
        limits=(-far, far),
        colours=(-_round(far / 2), _round(far / 2)),
        stretched=True,
        among=QUERY,
        among_names=names,
        place=place,
        caption=f"The last row adds up the others: it is the output, {value.shape[1]} numbers like a value.",
    )


def _round(number: float) -> float:
    return float(f"{number:.1e}")


def _spread(what: str, numbers: Tensor) -> str:
    known = numbers[~numbers.isnan()]
    deviation = known.std(correction=0).item()
    low, high = two_digits(known.min().item()), two_digits(known.max().item())
    return f"{what} from {low} to {high}, standard deviation {deviation:.2f}."


def _sharpness(weights: Float[Tensor, "query key"]) -> str:
    largest, sums = weights.amax(dim=-1).mean().item(), weights.sum(dim=-1)
    low, high = f"{sums.min():.2f}", f"{sums.max():.2f}"
    added = low if low == high else f"{low} to {high}"
    return (
        f"A query's largest weight is {largest:.2f} on average; the weights of each query add up to {added}."
    )
