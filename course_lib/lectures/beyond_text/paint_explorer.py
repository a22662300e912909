"""Pictures side by side, and the explorer of lecture 12 that paints a typed caption patch by patch."""

from math import nan
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import pad

from course_lib.data import captions
from course_lib.explore.controls import Control, Slider, Stops, Text
from course_lib.explore.explorer import Explorer
from course_lib.explore.panels import Bars, Heat, Panel
from course_lib.generation import CachedStep, greedy_decode, sample, scale
from course_lib.models.text_to_image import Codebook, Judge, Painter
from course_lib.models.vision import unpatchify

PATCH = "patch"
GREEDY = "greedy"
TEMPERATURES = (GREEDY, "0.5", "0.7", "1.0", "1.5")
SEEDS = 20
CANDIDATES = 6
NO_END = -1
"""The end symbol of pictures: none, they have their number of codes."""


def painted(
    painter: Painter,
    words: Int[Tensor, "rows words"],
    places: int,
    temperature: float | None,
    generator: torch.Generator,
) -> Int[Tensor, "rows {places}"]:
    """Paint a picture for each caption, and return its codes; without a temperature, the likeliest ones."""
    step, prompts = CachedStep(painter.advance), painter.prompt(words)
    if temperature is None:
        return greedy_decode(step, prompts, NO_END, places, rows=len(prompts))
    return sample(step, prompts, NO_END, places, generator, temperature, rows=len(prompts))


def pictures(title: str, images: Float[Tensor, "image height width"], columns: int, caption: str) -> Heat:
    """Pictures in rows of so many columns, with a gap between them."""
    return _grey(title, _sheet(images, columns), caption)


def _grey(title: str, data: Float[Tensor, "*among rows columns"], caption: str, **among: Any) -> Heat:
    """Ink as a picture."""
    return Heat(
        title=title,
        data=data,
        limits=(0, 1),
        x="column",
        y="row",
        picture=True,
        caption=caption,
        **among,
    )


def _sheet(images: Float[Tensor, "image height width"], columns: int) -> Float[Tensor, "rows columns"]:
    """Lay pictures out in rows, NaN between them and where there is none."""
    missing = -len(images) % columns
    filled = torch.cat([images, torch.full_like(images[:1], nan).expand(missing, -1, -1)])
    framed = pad(filled, (0, 1, 0, 1), value=nan).unflatten(0, (-1, columns))
    return framed.transpose(1, 2).flatten(start_dim=2).flatten(end_dim=1)[:-1, :-1]


def paint(
    painter: Painter, book: Codebook, judge: Judge | None = None, text: str = "a thick seven tilted left"
) -> Explorer:
    """Paint a typed caption: the picture after each patch, and the likeliest candidates for that patch.

    Args:
        painter: a trained painter of 16 codes a picture.
        book: its codebook.
        judge: a trained judge, whose reading is told, if there is one.
        text: what is typed at first.

    Raises:
        ValueError: when shown, if a word is unknown, or there are none or more than 5.
    """

    def picture(text: str, temperature: str, seed: float) -> list[Panel]:
        degree = None if temperature == GREEDY else float(temperature)
        words = captions.encode(text)[None]
        generator = torch.Generator().manual_seed(int(seed))
        places = (captions.SIDE // book.size) ** 2
        codes = painted(painter, words, places, degree, generator)
        with torch.no_grad():
            scores, _ = painter(torch.cat([painter.prompt(words), codes[:, :-1]], dim=1))
        scores = scores[0, words.shape[1] - 1 :]
        chances = scores if degree is None else scale(scores, degree)
        seen = judge and captions.describe(judge.read(book.decode(codes))[0])
        told = f"“{' '.join(text.split())}”" + (f": the judge reads “{seen}”." if seen else ".")
        whole = _grey("the whole picture", book.decode(codes)[0], told)
        return [whole, *_panels(book, codes[0], chances.softmax(dim=-1))]

    controls: dict[str, Control] = {
        "text": Text(text),
        "temperature": Stops(TEMPERATURES, at="0.7"),
        "seed": Slider(0, SEEDS - 1, at=0),
    }
    return Explorer(picture, controls, widths=(1, 1, 1.2, 1.5), scrub=(PATCH,), name="paint", fits=_fits)


def _fits(temperature: str, **_: Any) -> dict[str, int]:
    return {"seed": 0} if temperature == GREEDY else {}


def _panels(
    book: Codebook, codes: Int[Tensor, "places"], chances: Float[Tensor, "places codes"]
) -> list[Panel]:
    best = chances.topk(min(CANDIDATES, chances.shape[1]))
    taken = chances.gather(1, codes[:, None])[:, 0]
    rare = int(taken.argmin())
    place: dict[str, Any] = {"among": PATCH, "place": max(0, len(codes) // 2 - 2)}
    candidates = [_sheet(book.patches[row].unflatten(1, (book.size, -1)), 3) for row in best.indices]
    return [
        _grey("so far", _growing(book, codes), "Row after row, from the upper left.", **place),
        _grey("candidates", torch.stack(candidates), "Row after row, the likeliest first.", **place),
        Bars(
            title="probabilities",
            data=torch.cat([best.values, taken[:, None]], dim=1)[:, None],
            x="candidate",
            y="probability",
            x_names=[*map(str, range(1, best.values.shape[1] + 1)), "taken"],
            limits=(0, 1),
            caption=f"Least likely was patch {rare + 1}: what was taken had probability {taken[rare]:.2g}.",
            **place,
        ),
    ]


def _growing(book: Codebook, codes: Int[Tensor, "places"]) -> Float[Tensor, "places side side"]:
    """The picture after each patch; NaN where nothing has been painted."""
    patches = book.patches[codes].expand(len(codes), -1, -1)
    later = torch.ones(len(codes), len(codes), dtype=torch.bool).triu(diagonal=1)
    side = round(len(codes) ** 0.5) * book.size
    return unpatchify(patches.masked_fill(later[..., None], nan), book.size, side)[:, 0]
