"""The exercise of lecture 12 on cutting pictures into patches."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import unfold

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models.vision import patchify


def _case(make_sizes: Callable[[torch.Generator], tuple[int, ...]]) -> MakeCase:
    """Draw pictures of `channels` channels and `rows` x `columns` patches, and the patches' side."""

    def draw_case(generator: torch.Generator) -> tuple[Tensor, int]:
        channels, rows, columns, size = make_sizes(generator)
        batch = draw.whole(generator, 2, 3)
        return draw.normal(generator, batch, channels, rows * size, columns * size), size

    return draw_case


def _colours(generator: torch.Generator) -> tuple[int, ...]:
    return 3, *draw.unequal(generator, 2, 4, 6), draw.whole(generator, 2, 3)


def _grey(generator: torch.Generator) -> tuple[int, ...]:
    return 1, *draw.unequal(generator, 2, 2, 5), draw.whole(generator, 2, 4)


def _in_order(axes: tuple[int, ...], split: tuple[int, int], images: Tensor, size: int) -> Tensor:
    """Cut, then put the axes (batch, channel, row, in it, column, in it) in order.

    The axes from 1 to `split[0]`, without it, are joined to the patches, those from there to `split[1]` to
    their values.
    """
    batch, channels, height, width = images.shape
    squares = images.reshape(batch, channels, height // size, size, width // size, size).permute(axes)
    count = (height // size) * (width // size)
    if split == (1, 4):  # channels and all patches
        return squares.flatten(start_dim=4).flatten(start_dim=1, end_dim=3)
    return squares.reshape(batch, count, channels * size**2)


_permuted = partial(partial, _in_order)


def _as_they_lie(images: Tensor, size: int) -> Tensor:
    return images.reshape(len(images), -1, images.shape[1] * size**2)


def _strips(images: Tensor, size: int) -> Tensor:
    """Rows of a patch's width, one below the other, as `reshape` without `permute` makes them."""
    return images.reshape(*images.shape[:2], -1, size**2).transpose(1, 2).flatten(start_dim=2)


def _overlapping(images: Tensor, size: int) -> Tensor:
    return unfold(images, kernel_size=size).transpose(1, 2)


def _values_first(images: Tensor, size: int) -> Tensor:
    return patchify(images, size).transpose(1, 2)


def _size_as_count(images: Tensor, size: int) -> Tensor:
    """Cut into `size` rows and `size` columns, as far as that can be done."""
    height, width = images.shape[2] // size, images.shape[3] // size
    return unfold(images, kernel_size=(height, width), stride=(height, width)).transpose(1, 2)


def _one_batch(images: Tensor, size: int) -> Tensor:
    return patchify(images, size).flatten(end_dim=1)


def _squares(images: Tensor, size: int) -> Tensor:
    return patchify(images, size).unflatten(2, (images.shape[1], size, size))


def _grid(images: Tensor, size: int) -> Tensor:
    return patchify(images, size).unflatten(1, (images.shape[2] // size, -1))


def _of_the_first_channel(images: Tensor, size: int) -> Tensor:
    return patchify(images[:, :1], size)


def _by_unfolding_both_axes(images: Tensor, size: int) -> Tensor:
    squares = images.unfold(2, size, size).unfold(3, size, size)
    return squares.movedim(1, 3).flatten(start_dim=3).flatten(start_dim=1, end_dim=2)


def _by_a_loop(images: Tensor, size: int) -> Tensor:
    height, width = images.shape[2:]
    return torch.stack(
        [
            images[:, :, top : top + size, left : left + size].flatten(start_dim=1)
            for top in range(0, height, size)
            for left in range(0, width, size)
        ],
        dim=1,
    )


def _by_torch(images: Tensor, size: int) -> Tensor:
    return unfold(images, kernel_size=size, stride=size).mT


EXERCISE = Exercise(
    reference=patchify,
    cases={"pictures with three channels": _case(_colours), "grey pictures": _case(_grey)},
    mistakes=(
        Mistake(
            "the pixels are cut into pieces as they lie in memory",
            _as_they_lie,
            "Pixels that follow one another in memory stand in one row of the picture, not in one square: "
            "cut both axes first, then `permute`.",
        ),
        Mistake(
            "each patch is a strip of a row",
            _strips,
            "`reshape` alone cuts rows. A patch has `size` rows of `size` pixels: give rows and columns an "
            "axis each for the patch and for the place in it.",
        ),
        Mistake(
            "the patches are listed column after column",
            _permuted((0, 4, 2, 1, 3, 5), (1, 3)),
            "First all patches of the uppermost row, from left to right: the patch's row comes before its "
            "column.",
        ),
        Mistake(
            "the pixels of a patch are listed column after column",
            _permuted((0, 2, 4, 1, 5, 3), (1, 3)),
            "Within a patch, too, row comes after row: the row in the patch comes before the column in it.",
        ),
        Mistake(
            "patches and their pixels are listed column after column",
            _permuted((0, 4, 2, 1, 5, 3), (1, 3)),
            "Height comes before width, both of patches and of pixels: row after row.",
        ),
        Mistake(
            "the channels of a pixel stand together",
            _permuted((0, 2, 4, 3, 5, 1), (1, 3)),
            "Here a vector holds the whole first channel of the patch, then the second: the channel comes "
            "before the pixels.",
        ),
        Mistake(
            "each channel makes patches of its own",
            _permuted((0, 1, 2, 4, 3, 5), (1, 4)),
            "A patch is a square of the whole picture: its vector holds the pixels of all channels.",
        ),
        Mistake(
            "the place in a patch is taken for the place of the patch",
            _permuted((0, 3, 5, 1, 2, 4), (1, 3)),
            "Of the two parts of the height the first, `height // size`, counts the patches and the second, "
            "`size`, the pixels in one.",
        ),
        Mistake(
            "rows of patches and rows in a patch are swapped",
            _permuted((0, 3, 4, 1, 2, 5), (1, 3)),
            "A patch has neighbouring rows: the height splits into `height // size` and, then, `size`.",
        ),
        Mistake(
            "neighbouring patches overlap",
            _overlapping,
            "Every pixel belongs to one patch: the next begins `size` pixels further on.",
        ),
        Mistake(
            "patches and values are swapped",
            _values_first,
            "The patches are the steps of the sequence: (batch, patches, values).",
        ),
        Mistake(
            "size is taken for the number of patches in a row",
            _size_as_count,
            "`size` is how many pixels a patch has in a row; there are `width // size` patches in one.",
        ),
        Mistake(
            "the patches of all pictures are put into one sequence",
            _one_batch,
            "The batch stays the first axis: each picture is a sequence of its own.",
        ),
        Mistake(
            "the patches are still squares",
            _squares,
            "Make one vector of each patch: `flatten(start_dim=...)` joins its last axes.",
        ),
        Mistake(
            "the patches still stand in rows and columns",
            _grid,
            "Make one sequence of the patches: `flatten` joins the axes of their rows and columns.",
        ),
        Mistake(
            "only the first channel is read",
            _of_the_first_channel,
            "A patch's vector holds the pixels of all channels, one channel after the other.",
        ),
    ),
    hints=(
        "A picture of 4 x 6 pixels, counted from 0 row after row, is cut into squares of 2 x 2. Which four "
        "numbers does the second patch hold?",
        "Split the height into (`height // size`, `size`) and the width likewise: then there are six axes. "
        "Which two count the patches, and which three the values of one?",
        "`images.reshape(batch, channels, height // size, size, width // size, size)`, then "
        "`permute(0, 2, 4, 1, 3, 5)`, then join axes 1 and 2, and the last three.",
    ),
    points=3,
    difficulty=3,
    minutes=15,
    variants=(_by_unfolding_both_axes, _by_a_loop, _by_torch),
    differentiable=True,
)
