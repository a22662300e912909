"""The explorer of lecture 12: scenes, and the boxes and classes that detectors find in them."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data.scenes import NOTHING, Scenes
from course_lib.explore.controls import Control, Slider
from course_lib.explore.explorer import Explorer
from course_lib.explore.panels import Heat, Label, Panel
from course_lib.models.detection import Detections

LABEL_SIZE = (0.25, 0.1)
"""How wide and high a label is at most, as a share of the picture."""
ENLARGED = 4
"""Cells for a pixel of the scene, so that a box need not end at a pixel."""
OUTLINE = 2
"""The number of a box's outline: twice the full ink, which is 1."""
SURE = 0.5
"""Detections that are less probable are not shown."""


def detections(
    scenes: Scenes, found: Mapping[str, Detections], first: int = 1, measured: bool = False
) -> Explorer:
    """Scenes with their objects, and beside them what each detector finds.

    Args:
        scenes: the scenes to choose from.
        found: by the name of a detector, what it found in these scenes.
        first: the scene that is shown first, counted from 1.
        measured: as in `Explorer`.

    Raises:
        ValueError: a detector has not searched as many scenes.
    """
    for name, each in found.items():
        if len(each.scores) != len(scenes.images):
            raise ValueError(f"{name} has searched {len(each.scores)} scenes, not {len(scenes.images)}")

    def picture(scene: float) -> list[Panel]:
        number = int(scene) - 1
        image, labels = scenes.images[number], scenes.labels[number]
        real = labels != NOTHING
        objects = [str(label) for label in labels[real].tolist()]
        boxes = scenes.boxes[number, real]
        shown: list[Panel] = [_outlined("the objects", image, boxes, objects, f"{', '.join(objects)}.")]
        for name, each in found.items():
            chances, kinds = (part[number] for part in each.kinds)
            sure = chances > SURE
            sure_ones = [*zip(kinds[sure], chances[sure], strict=True)]
            told = [f"{kind} ({chance:.2f})" for kind, chance in sure_ones]
            words = [f"{kind} {chance:.2f}" for kind, chance in sure_ones]
            said = f"{', '.join(told)}." if told else "Nothing."
            shown.append(_outlined(name, image, each.boxes[number, sure].detach(), words, said))
        return shown

    controls: dict[str, Control] = {"scene": Slider(1, len(scenes.images), at=first)}
    return Explorer(picture, controls, widths=(1,) * (len(found) + 1), name="detections", measured=measured)


def _outlined(
    title: str,
    image: Float[Tensor, "side side"],
    boxes: Float[Tensor, "objects 4"],
    words: Sequence[str],
    caption: str,
) -> Heat:
    """A scene with the outlines of boxes, and words on each."""
    labels: list[Label] = []
    cells = image.repeat_interleave(ENLARGED, dim=0).repeat_interleave(ENLARGED, dim=1)
    places = torch.arange(len(cells))
    for box, said in zip(boxes, words, strict=True):
        middle, size = box.split(2)
        ends = torch.stack([middle - size / 2, middle + size / 2]) * len(cells)
        (left, top), (right, bottom) = ends.round().long().clamp(0, len(cells) - 1).tolist()
        heights = [height + 0.5 for height in (top, bottom, (top + bottom) / 2)]
        labels.append(_apart(labels, said, (left + right) / 2 + 1, heights, len(cells)))
        across, down = (left <= places) & (places <= right), (top <= places) & (places <= bottom)
        for row in (top, bottom):
            cells[row, across] = OUTLINE
        for column in (left, right):
            cells[down, column] = OUTLINE
    names = [str(place // ENLARGED + 1) for place in places.tolist()]
    return Heat(
        title=title,
        data=cells,
        x="column of pixels",
        y="row of pixels",
        x_names=names,
        y_names=names,
        limits=(0, OUTLINE),
        picture=True,
        labels=labels,
        caption=caption,
    )


def _apart(labels: Sequence[Label], words: str, x: float, heights: Sequence[float], side: int) -> Label:
    """A label at the first of several heights where it covers no other, in a picture of so many cells."""
    wide, high = LABEL_SIZE[0] * side, LABEL_SIZE[1] * side
    free = [
        y for y in heights if all(abs(x - one.x) >= wide or abs(y - (one.y or 0)) >= high for one in labels)
    ]
    return Label(words, x, (free or heights)[0])
