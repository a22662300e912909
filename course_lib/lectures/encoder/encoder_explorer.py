"""The explorers of lecture 10: what the layers of an encoder read and add, and what padding does to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import normalize

from course_lib.explore.controls import Control, Slider, Text, Toggle
from course_lib.explore.explorer import Explorer
from course_lib.explore.panels import Bars, Heat, Panel, reach, two_digits
from course_lib.explore.tokens import (
    QUERY,
    links_of_heads,
    pairs,
    read_out,
    require_length,
    require_names,
)
from course_lib.models.encoder_classifier import EncoderClassifier
from course_lib.models.transformer import EncoderLayer

PAD = "·"


@dataclass(frozen=True)
class _Run:
    """What a model computed of some tokens; NaN where there is no token.

    Attributes:
        stream: the residual stream: what goes in, and what there is after each part.
        added: what each part added to it.
        weights: of all heads of all layers.
        chances: probabilities of the answers.
    """

    stream: Float[Tensor, "stage steps d_model"]
    added: Float[Tensor, "part steps d_model"]
    weights: Float[Tensor, "layer heads query key"]
    chances: Float[Tensor, "steps classes"]


def encoder(
    model: EncoderClassifier,
    tokens: Int[Tensor, "steps"],
    names: Sequence[str],
    answer_names: Sequence[str],
    padding: int = 2,
) -> Explorer:
    """The residual stream part by part, the attention of each layer and head, and the read-out.

    Args:
        model: the encoder with its read-out; token 0 is its padding.
        tokens: the numbers of the tokens, without padding.
        names: what each token is called.
        answer_names: a name for each score of the read-out.
        padding: how many tokens of padding may follow the tokens.

    Raises:
        ValueError: if there is not one name for each token or score, or there are not enough positions.
    """
    require_names(tokens, names)
    runs = _runs(model, tokens, answer_names, padding)
    shown = [*names, *[PAD] * padding]

    def picture(layer: float, head: float, padding: bool, mask: bool) -> list[Panel]:
        return _panels(runs, padding, mask, shown, len(names), answer_names, int(layer) - 1, int(head) - 1)

    def fits(**setting: Any) -> dict[str, int]:
        return _fits(padding, setting["padding"])

    return Explorer(picture, _controls(model), widths=(1, 1, 1), scrub=(QUERY,), name="encoder", fits=fits)


def typed_encoder(
    model: EncoderClassifier,
    text: str,
    read: Callable[[str], tuple[Int[Tensor, "steps"], Sequence[str]]],
    answer_names: Sequence[str],
) -> Explorer:
    """The same of a text that is typed, padded to as many tokens as the model has positions.

    Args:
        model: as in `encoder`.
        text: what is typed at first.
        read: from what is typed to tokens and their names; raises ValueError with one line for what it
            can't read.
        answer_names: as in `encoder`.

    Raises:
        ValueError: when shown, as `encoder`, or if there is no token.
    """
    longest = len(model.positions)

    def picture(text: str, layer: float, head: float, padding: bool, mask: bool) -> list[Panel]:
        tokens, names = read(text)
        require_length(tokens, longest)
        whole = encoder(model, tokens, names, answer_names, longest - len(tokens))
        return whole(layer=layer, head=head, padding=padding, mask=mask)

    controls: dict[str, Control] = {"text": Text(text), **_controls(model)}

    def fits(text: str, padding: bool, **_: Any) -> dict[str, int]:
        return _fits(longest - len(read(text)[1]), padding)

    return Explorer(picture, controls, widths=(1, 1, 1), scrub=(QUERY,), name="typed encoder", fits=fits)


def _fits(room: int, padding: bool) -> dict[str, int]:
    """Without room nothing is padded, and without padding there is none to mask."""
    return ({} if room else {"padding": 0}) | ({} if room and padding else {"mask": 0})


def _controls(model: EncoderClassifier) -> dict[str, Control]:
    layers, first = len(model.encoder.layers), model.encoder.layers[0]
    assert isinstance(first, EncoderLayer)
    return {
        "layer": Slider(1, layers, at=layers),
        "head": Slider(1, first.attention.heads, at=1),
        "padding": Toggle(True),
        "mask": Toggle(True),
    }


def _runs(
    model: EncoderClassifier, tokens: Int[Tensor, "steps"], answer_names: Sequence[str], padding: int
) -> dict[tuple[bool, bool], _Run]:
    """Run the model for each setting of the toggles padding and mask."""
    if len(tokens) + padding > len(model.positions):
        raise ValueError(
            f"the model has {len(model.positions)} positions, "
            f"too few for {len(tokens)} tokens and {padding} of padding"
        )
    if len(answer_names) != len(model.weight_output):
        raise ValueError(f"give a name to each of the {len(model.weight_output)} scores")
    padded = torch.cat([tokens, tokens.new_zeros(padding)])
    alone = _fill_up(_run(model, tokens, len(tokens)), padding)
    return {
        (True, True): _run(model, padded, len(tokens)),
        (True, False): _run(model, padded, len(padded)),
        (False, True): alone,
        (False, False): alone,
    }


@torch.no_grad()
def _run(model: EncoderClassifier, tokens: Int[Tensor, "steps"], readable: int) -> _Run:
    """Run the model on tokens of which the first `readable` may be read."""
    scores, trace = model(tokens[None], torch.arange(len(tokens))[None] < readable)
    stream, added = [trace.stream[0]], []
    for layer in trace.layers:
        thought = torch.zeros_like(layer.output) if layer.thought is None else layer.thought
        stream += [layer.between, layer.output]
        added += [layer.attended.output, thought]
    weights = [layer.attended.weights for layer in trace.layers]
    return _Run(torch.cat(stream), torch.cat(added), torch.cat(weights), scores[0].softmax(dim=-1))


def _fill_up(run: _Run, padding: int) -> _Run:
    """Make room for padding, and leave it empty."""

    def more(numbers: Tensor, *axes: int) -> Tensor:
        for axis in axes:
            shape = list(numbers.shape)
            shape[axis] = padding
            numbers = torch.cat([numbers, torch.full(shape, torch.nan)], dim=axis)
        return numbers

    return _Run(more(run.stream, 1), more(run.added, 1), more(run.weights, 2, 3), more(run.chances, 0))


def _panels(
    runs: dict[tuple[bool, bool], _Run],
    padding: bool,
    mask: bool,
    names: Sequence[str],
    real: int,
    answer_names: Sequence[str],
    layer: int,
    head: int,
) -> list[Panel]:
    """The six pictures; of `names` the first `real` are those of tokens, the others of padding."""
    run = runs[padding, mask]
    parts = [f"{name} {number + 1}" for number in range(len(run.weights)) for name in ("att", "ff")]
    far = reach(torch.stack([other.stream for other in runs.values()]), room=1.1)
    after = normalize(run.stream[2 * layer + 2], dim=-1)
    alike = after @ after.T

    return [
        Heat(
            title="residual stream of one token",
            data=run.stream.permute(1, 2, 0),
            x="part that has added last",
            y="number of the vector",
            x_names=["in", *parts],
            limits=(-far, far),
            colours=(-far / 2, far / 2),
            stretched=True,
            among=QUERY,
            among_names=names,
            caption=_growth(run.stream[:, :real]),
        ),
        _lengths(runs, run, names, parts, real),
        pairs(
            "similarity of the tokens' vectors",
            alike,
            names,
            _likeness(alike[:real, :real], layer),
            limits=(-1, 1),
        ),
        links_of_heads(run.weights[layer], names, _padding_read(run.weights[layer, :, :real], layer, real)),
        pairs(
            "weights of one head",
            run.weights[layer, head],
            names,
            _strongest_at(run.weights[layer, head, :real], names, layer, head),
        ),
        _answers(run.chances, runs[False, True].chances, names, answer_names, real),
    ]


def _lengths(
    runs: dict[tuple[bool, bool], _Run], run: _Run, names: Sequence[str], parts: Sequence[str], real: int
) -> Bars:
    """For each token the lengths of the stream before each part and of what the part adds."""
    longest = max(
        vectors.nan_to_num(0).norm(dim=-1).max().item()
        for each in runs.values()
        for vectors in (each.stream, each.added)
    )
    lengths = torch.stack([run.stream[:-1].norm(dim=-1), run.added.norm(dim=-1)], dim=1)
    means = lengths[:, :, :real].mean(dim=-1).tolist()
    told = "; ".join(
        f"{part} adds {added:.1f} to {stream:.1f}" for part, (stream, added) in zip(parts, means, strict=True)
    )
    return Bars(
        title="lengths of stream and addition",
        data=lengths.permute(2, 1, 0),
        x="part",
        y="length of the vector",
        x_names=parts,
        names=["stream before the part", "what it adds"],
        limits=(0, float(f"{1.1 * longest:.1e}")),
        among=QUERY,
        among_names=names,
        caption=f"On average over the tokens: {told}.",
    )


def _growth(stream: Float[Tensor, "stage steps d_model"]) -> str:
    first, *_, last = stream.norm(dim=-1).mean(dim=-1).tolist()
    return f"{stream.shape[2]} numbers. The vectors' length goes from {first:.1f} to {last:.1f} on average."


def _likeness(alike: Float[Tensor, "steps steps"], layer: int) -> str:
    others = alike[~torch.eye(len(alike), dtype=torch.bool)]
    if not len(others):
        return f"After layer {layer + 1}: there is one token only."
    mean = two_digits(others.mean().item())
    return f"After layer {layer + 1}: the cosine of two different tokens is {mean} on average."


def _padding_read(weights: Float[Tensor, "heads query key"], layer: int, real: int) -> str:
    share = weights[:, :, real:].nan_to_num(0).sum(dim=-1).mean().item()
    return f"Layer {layer + 1}, all heads. Of what the tokens read, padding is {share:.0%}."


def _strongest_at(weights: Float[Tensor, "query key"], names: Sequence[str], layer: int, head: int) -> str:
    query, key = divmod(int(weights.nan_to_num(-1).argmax()), len(names))
    reads = f"“{names[query]}” at {query + 1} reads “{names[key]}” at {key + 1} ({weights[query, key]:.2f})"
    return f"Layer {layer + 1}, head {head + 1}. Strongest: {reads}."


def _answers(
    chances: Float[Tensor, "steps classes"],
    alone: Float[Tensor, "steps classes"],
    names: Sequence[str],
    answer_names: Sequence[str],
    real: int,
) -> Heat:
    """A map of the answers' probabilities; the caption says what padding has changed."""
    answers = chances[:real].argmax(dim=-1)
    changed = (answers != alone[:real].argmax(dim=-1)).sum().item()
    said = " ".join(answer_names[answer] for answer in answers.tolist())
    same = torch.allclose(chances[:real], alone[:real], rtol=0, atol=1e-12)
    what = "nothing" if same else f"{changed} of {real} answers, and other probabilities"
    caption = f"Most likely: {said}. Against the tokens without padding, changed: {what}."
    return read_out("read-out, probabilities", chances, names, answer_names, caption)
