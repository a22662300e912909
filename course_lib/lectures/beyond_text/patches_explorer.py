"""The explorer of lecture 12: which patches each patch of a picture reads, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.explore.controls import Choice, Control, Slider
from course_lib.explore.explorer import Explorer
from course_lib.explore.panels import Heat, Panel
from course_lib.explore.tokens import strongest
from course_lib.models.vision import VisionTransformer, attention_rollout

READER, READ = "reader", "patch that is read"
MEAN = "mean"
DIMMED = 0.35
"""How much ink is left of what is not the reading patch."""


@dataclass(frozen=True)
class _Run:
    """What a model computed of one picture; token 0 is the class token.

    Attributes:
        weights: of all layers; in front of the heads, head 0, stands their mean.
        rollout: shares of the input tokens in the output tokens.
        chances: probabilities of the classes.
    """

    weights: Float[Tensor, "layer head query key"]
    rollout: Float[Tensor, "query key"]
    chances: Float[Tensor, "classes"]


def patches(
    model: VisionTransformer,
    images: Float[Tensor, "pictures side side"],
    labels: Sequence[int],
) -> Explorer:
    """The patches that a patch, or the class token, reads in each layer, and the rollout of all layers.

    Args:
        model: a vision Transformer.
        images: the pictures to choose from.
        labels: the class of each.

    Raises:
        ValueError: if there is not one label for each picture.
    """
    if len(images) != len(labels):
        raise ValueError(f"give a label to each of the {len(images)} pictures, not {len(labels)} labels")
    runs = [_run(model, image) for image in images]
    layers, heads = runs[0].weights.shape[:2]
    rows = model.embedding.side // model.embedding.size
    names = ["class", *(f"{row + 1}·{column + 1}" for row in range(rows) for column in range(rows))]
    options = [MEAN, *(str(head) for head in range(1, heads))]
    reach = _half_of_the_largest(torch.stack([run.weights for run in runs]))
    reach_rollout = _half_of_the_largest(torch.stack([run.rollout for run in runs]))

    def picture(picture: float, head: str) -> list[Panel]:
        number = int(picture) - 1
        run, chosen = runs[number], options.index(head)
        said = "mean of the heads" if head == MEAN else f"head {head}"
        weights = run.weights[:, chosen]

        def grid(layer: str, of_layer: Tensor) -> Heat:
            return _grid(f"{layer} reads", of_layer, names, reach, said)

        def whole(layer: str, of_layer: Tensor) -> Heat:
            return _map(f"{layer}, all tokens", of_layer, names, reach)

        layer_names = [f"layer {layer}" for layer in range(1, layers + 1)]
        return [
            _reading(model, images[number], names, labels[number], run.chances),
            *map(grid, layer_names, weights),
            _grid("rollout of all layers", run.rollout, names, reach_rollout, "all heads"),
            *map(whole, layer_names, weights),
        ]

    controls: dict[str, Control] = {"picture": Slider(1, len(images), at=1), "head": Choice(options)}
    return Explorer(picture, controls, widths=(1,) * (layers + 1), scrub=(READER,), name="patches")


@torch.no_grad()
def _run(model: VisionTransformer, image: Float[Tensor, "side side"]) -> _Run:
    scores, trace = model(image[None])
    weights = [layer.attended.weights for layer in trace.layers]
    heads = torch.cat(weights)
    with_mean = torch.cat([heads.mean(dim=1, keepdim=True), heads], dim=1)
    return _Run(with_mean, attention_rollout(weights)[0], scores[0].softmax(dim=-1))


def _half_of_the_largest(weights: Tensor) -> float:
    """Half of the largest weight, in two digits: from there on the colour is full."""
    return float(f"{weights.max().item() / 2:.1e}")


def _reading(
    model: VisionTransformer,
    image: Float[Tensor, "side side"],
    names: Sequence[str],
    label: int,
    chances: Float[Tensor, "classes"],
) -> Heat:
    """The picture for each reader: the reading patch as it is, all else dimmed."""
    rows, size = model.embedding.side // model.embedding.size, model.embedding.size
    alone = torch.eye(rows**2).view(rows**2, rows, rows)
    alone = alone.repeat_interleave(size, dim=1).repeat_interleave(size, dim=2)
    share = torch.cat([torch.ones_like(image)[None], DIMMED + (1 - DIMMED) * alone])
    chance, answer = chances.max(dim=0)
    return Heat(
        title="the picture",
        data=share * image,
        x="column of pixels",
        y="row of pixels",
        picture=True,
        limits=(0, 1),
        among=READER,
        among_names=names,
        caption=f"A {label}; the model says {answer.item()} with probability {chance.item():.2f}.",
    )


def _grid(
    title: str, weights: Float[Tensor, "query key"], names: Sequence[str], reach: float, said: str
) -> Heat:
    """For each reader its weights, where the patches stand; the class token has a row of its own."""
    rows = round((len(names) - 1) ** 0.5)
    first = torch.full((len(names), 1, rows), torch.nan)
    first[:, 0, 0] = weights[:, 0]
    data = torch.cat([first, weights[:, 1:].unflatten(1, (rows, rows))], dim=1)
    most = int(weights[0].argmax())
    return Heat(
        title=title,
        data=data,
        x="column of patches",
        y="row of patches",
        x_names=[str(column + 1) for column in range(rows)],
        y_names=["class", *(str(row + 1) for row in range(rows))],
        limits=(0, 1),
        colours=(0, reach),
        among=READER,
        among_names=names,
        caption=f"{said.capitalize()}. The class token has most of “{names[most]}” ({weights[0, most]:.2f}).",
    )


def _map(title: str, weights: Float[Tensor, "query key"], names: Sequence[str], reach: float) -> Heat:
    return Heat(
        title=title,
        data=weights,
        x=READ,
        y=READER,
        x_names=names,
        y_names=names,
        limits=(0, 1),
        colours=(0, reach),
        caption=f"{strongest(weights, names)}.",
    )
