"""The exercise of lecture 12 on cutting pictures into patches."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import unfold

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, MakeCase


def patchify(
    images: Float[Tensor, "batch channels height width"], size: int
) -> Float[Tensor, "batch patches values"]:
    """Cut pictures into squares of `size` x `size` pixels, row after row, and make a vector of each.

    A vector holds the first channel's pixels, row after row, then the second channel's, and so on.
    """
    batch, channels, height, width = images.shape
    squares = images.reshape(batch, channels, height // size, size, width // size, size)
    squares = squares.permute(0, 2, 4, 1, 3, 5)
    return squares.reshape(batch, -1, channels * size**2)


def _case(make_sizes: Callable[[torch.Generator], tuple[int, ...]]) -> MakeCase:
    """Draw pictures of `channels` channels and `rows` x `columns` patches, and the patches' side."""

    def draw_case(generator: torch.Generator) -> tuple[Tensor, int]:
        channels, rows, columns, size = make_sizes(generator)
        batch = 1 if rows == columns == 1 else draw.whole(generator, 2, 3)
        return draw.normal(generator, batch, channels, rows * size, columns * size), size

    return draw_case


def _colours(generator: torch.Generator) -> tuple[int, ...]:
    return 3, *draw.unequal(generator, 2, 4, 6), draw.whole(generator, 2, 3)


def _grey(generator: torch.Generator) -> tuple[int, ...]:
    return 1, *draw.unequal(generator, 2, 2, 5), draw.whole(generator, 2, 4)


def _single_patch(generator: torch.Generator) -> tuple[int, ...]:
    return draw.whole(generator, 2, 4), 1, 1, draw.whole(generator, 2, 4)


def _pixels(generator: torch.Generator) -> tuple[int, ...]:
    return draw.whole(generator, 2, 4), *draw.unequal(generator, 2, 2, 5), 1


MISTAKES = """
    the pixels are cut into pieces as they lie in memory
        squares.reshape -> images.reshape
    Pixels that follow one another in memory come from one row of the picture, not from one square: both axes
    have to be cut.

    each patch is a strip of a row
        squares.reshape -> images.reshape(batch, channels, -1, size ** 2).transpose(1, 2).reshape
    `reshape` alone cuts rows. A patch has `size` rows of `size` pixels: give rows and columns an axis each
    for the patch and for the place in it.

    the patches are listed column after column
        0, 2, 4, 1, 3, 5 -> 0, 4, 2, 1, 3, 5
    First all patches of the top row, from left to right: the patch's row comes before its column.

    the pixels of a patch are listed column after column
        0, 2, 4, 1, 3, 5 -> 0, 2, 4, 1, 5, 3
    Within a patch, too, row comes after row: the row in the patch comes before the column in it.

    patches and their pixels are listed column after column
        0, 2, 4, 1, 3, 5 -> 0, 4, 2, 1, 5, 3
    Height comes before width, both of patches and of pixels: row after row.

    the channels of a pixel are next to each other
        0, 2, 4, 1, 3, 5 -> 0, 2, 4, 3, 5, 1
    Here a vector holds the whole first channel of the patch, then the second: the channel comes before the
    pixels.

    each channel makes patches of its own
        0, 2, 4, 1, 3, 5 -> 0, 1, 2, 4, 3, 5
        channels * size ** 2 -> size ** 2
    A patch is a square of the whole picture: its vector holds the pixels of all channels.

    the place in a patch is taken for the place of the patch
        0, 2, 4, 1, 3, 5 -> 0, 3, 5, 1, 2, 4
    Of the two parts of the height the first, `height // size`, counts the patches and the second, `size`, the
    pixels in one.

    rows of patches and rows in a patch are swapped
        0, 2, 4, 1, 3, 5 -> 0, 3, 4, 1, 2, 5
    A patch has neighbouring rows: the height splits into `height // size` and, then, `size`.

    neighbouring patches overlap
        squares.reshape(batch, -1, channels * size ** 2) -> unfold(images, size).mT
    Every pixel belongs to one patch: the next one begins `size` pixels further on.

    the axes are joined while the channels still come before the patches
        0, 2, 4, 1, 3, 5 -> 0, 1, 2, 4, 3, 5
    Then a vector holds parts of several patches. First bring the axes that count patches in front of the
    channels.

    the permuted axes are joined by `view` and not copied
        squares.reshape -> squares.view
    The error says it: after `permute` neighbours in the tensor are not neighbours in memory. `view` can't
    copy, another function can.

    the numbers of patches are divided by a single slash
        height // size -> height / size
        width // size -> width / size
    `/` makes a float, and shapes are whole numbers: there is another division.

    there are taken to be as many columns of patches as rows
        width // size -> height // size
    The error says that the numbers don't fill the shape: pictures need not be square.

    width and height are swapped
        batch, channels, height, width = -> batch, channels, width, height =
    The height comes first: an image's rows are counted by axis 2, its columns by axis 3.

    the channels are taken to be the last axis
        batch, channels, height, width = -> batch, height, width, channels =
    Pictures in files often are like that. Here the channels are axis 1: read the shape in the text again.

    the values of a patch are counted without its channels
        channels * size ** 2 -> size ** 2
    A patch has `size` times `size` pixels and in each of them a number a channel: so many values has its
    vector.

    every channel is a vector, and nothing is cut
        return squares.reshape(batch, -1, channels * size ** 2) -> return images.flatten(start_dim=2)
    The steps of the sequence are patches, not channels.

    each patch is averaged
        .reshape(batch, -1, channels * size ** 2) -> .mean(dim=(4, 5)).flatten(start_dim=1, end_dim=2)
    A vector holds all pixels of its patch, so that nothing of the picture is lost.

    the patches are listed from the last to the first
        channels * size ** 2) -> channels * size ** 2).flip(dims=[1])
    The first patch is the one at the upper left.

    patches and values are swapped
        channels * size ** 2) -> channels * size ** 2).transpose(1, 2)
    The patches are the steps of the sequence: (batch, patches, values).

    size is taken for the number of patches in a row
        height // size, size, width // size, size -> size, height // size, size, width // size
        -1, channels * size ** 2 -> size ** 2, -1
    `size` is how many pixels a patch has in a row; there are `width // size` patches in one.

    the patches of all pictures are put into one sequence
        batch, -1, channels * size ** 2 -> -1, channels * size ** 2
    The batch stays the first axis: each picture is a sequence of its own.

    the patches are still squares
        .reshape(batch, -1, channels * size ** 2) -> .flatten(start_dim=1, end_dim=2)
    Make one vector of each patch: `flatten(start_dim=...)` joins its last axes.

    the patches are still in rows and columns
        .reshape(batch, -1, channels * size ** 2) -> .flatten(start_dim=3)
    Make one sequence of the patches: `flatten` joins the axes of their rows and columns.

    only the first channel is read
        images.reshape(batch, channels -> images[:, :1].reshape(batch, 1
        channels * size ** 2 -> size ** 2
    A patch's vector holds the pixels of all channels, one channel after the other.
"""

EXERCISE = Exercise(
    reference=patchify,
    cases={
        "pictures with three channels": _case(_colours),
        "grey pictures": _case(_grey),
        "a picture that is a single patch": _case(_single_patch),
        "patches of one pixel": _case(_pixels),
    },
    mistakes=mistakes(patchify, MISTAKES, unfold=unfold),
    hints=(
        "A picture of 4 x 6 pixels, counted from 0 row after row, is cut into squares of 2 x 2. Which four "
        "numbers does the second patch hold?",
        "Split the height into (`height // size`, `size`) and the width likewise: then there are six axes. "
        "Which two count the patches, and which three the values of one?",
        "`images.reshape(batch, channels, height // size, size, width // size, size)` splits both axes. "
        "`permute` brings those that count patches to the front. Then join axes 1 and 2, and the last three.",
    ),
    points=3,
    difficulty=3,
    minutes=15,
    differentiable=True,
    library="`torch.nn.functional.unfold(images, size, stride=size).mT` does the same; with a smaller "
    "stride the patches overlap. `course_lib.models.vision.unpatchify` is the way back.",
)
