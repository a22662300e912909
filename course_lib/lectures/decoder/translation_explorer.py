"""The explorer of lecture 11: a typed date is translated word by word, and each word shows what it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.data import dates
from course_lib.explore import paper
from course_lib.explore.controls import Choice, Control, Slider, Text
from course_lib.explore.explorer import Explorer
from course_lib.explore.panels import Bars, Heat, Links, Panel
from course_lib.generation import CachedStep, greedy_decode
from course_lib.models.translation import Translated, Translator, shift_right

SOURCE, TARGET = "source", "target"
LONGEST = 20
"""Most words of a source and of its translation."""
CHANGES = ("nothing", "drop", "swap")
LIKELY = 0.02
"""A candidate is shown if it is so likely at some step."""

IN_LATIN = {
    "년": "nyeon",
    "월": "wol",
    "화": "hwa",
    "수": "su",
    "목": "mok",
    "금": "geum",
    "토": "to",
    "일": "il",
    "월요일": "woryoil",
    "화요일": "hwayoil",
    "수요일": "suyoil",
    "목요일": "mogyoil",
    "금요일": "geumyoil",
    "토요일": "toyoil",
    "일요일": "iryoil",
}
"""The Korean words in Latin letters (Revised Romanization), for paper: matplotlib's font has no others."""


class _Translation(Explorer):
    def figure(self, **setting: Any) -> Figure:
        """The panels on paper, with Korean words in Latin letters."""
        return paper.draw([_in_latin(panel) for panel in self(**setting)], self.widths)


def _in_latin(panel: Panel) -> Panel:
    names: dict[str, Any] = {
        field: [IN_LATIN.get(word, word) for word in getattr(panel, field)]
        for field in ("x_names", "y_names")
        if hasattr(panel, field)
    }
    return replace(panel, **names)


def translation(models: Translator | Mapping[str, Translator], text: str = "") -> Explorer:
    """Translate a typed date by greedy decoding: what each word reads, and the candidates at every step.

    A word of the source can be dropped, or swapped with the next one.

    Args:
        models: a trained model with attention to the source, or several by their names, to choose from.
        text: what is typed at first; by default an English date.

    Raises:
        ValueError: when shown, if the model has no attention, a word is unknown, or there are none or more
            than 20.
    """
    named = {"": models} if isinstance(models, Translator) else dict(models)

    def picture(text: str, change: str, word: float, model: str = "") -> list[Panel]:
        return _panels(named[model or next(iter(named))], _changed(dates.split(text), change, int(word)))

    controls: dict[str, Control] = {
        "text": Text(text or "Saturday, March 3, 2018"),
        "change": Choice(CHANGES),
        "word": Slider(1, LONGEST, at=1),
    }
    if len(named) > 1:
        controls["model"] = Choice(list(named))
    return _Translation(picture, controls, widths=(1, 1, 1), scrub=(TARGET,), name="translation", fits=_fits)


def _fits(text: str, change: str, **_: Any) -> dict[str, int]:
    count = len(dates.split(text))
    return {"change": len(CHANGES) if count > 1 else 1, "word": _changeable(count, change)}


def _changeable(count: int, change: str) -> int:
    """How many of so many words can be changed: the last has none to be swapped with, an only one stays."""
    return {"nothing": 0, "drop": count, "swap": count - 1}[change] if count > 1 else 0


def _changed(words: list[str], change: str, number: int) -> list[str]:
    """The words with one dropped or moved, counted from 1; the last that can be, if there aren't so many."""
    number = min(number, _changeable(len(words), change))
    if number == 0:
        return words
    before, word, after = words[: number - 1], words[number - 1], words[number:]
    return before + after if change == "drop" else [*before, after[0], word, *after[1:]]


@torch.no_grad()
def _panels(model: Translator, words: list[str]) -> list[Panel]:
    if len(words) > LONGEST:
        raise ValueError(f"Type at most {LONGEST} words; these are {len(words)}.")
    source = dates.encode(words)[None]
    target = greedy_decode(CachedStep(model.advance(source)), dates.START, dates.END, LONGEST)
    translated = model(source, shift_right(target, dates.START))
    return _pictures(translated, dates.decode(source[0]), target[0])


def _pictures(translated: Translated, read: Sequence[str], written: Int[Tensor, "steps"]) -> list[Panel]:
    if translated.crossed is None:
        raise ValueError("this model has no attention to the source that could be shown")
    names = ["end" if token == dates.END else dates.VOCABULARY[token] for token in written.tolist()]
    weights = translated.crossed.weights[0]
    axes = {"x": SOURCE, "y": TARGET, "x_names": read, "y_names": names}
    mean = weights.mean(dim=0)
    return [
        Links(
            title="what each word reads",
            data=weights,
            names=[f"head {head + 1}" for head in range(len(weights))],
            caption=_said(dates.join(read), written),
            **axes,
        ),
        Heat(
            title="mean of the heads",
            data=mean,
            limits=(0, 1),
            caption=_most_read(mean, read, names),
            **axes,
        ),
        _candidates(translated.scores[0].softmax(dim=-1), written, names),
    ]


def _said(source: str, written: Int[Tensor, "steps"]) -> str:
    says = f"“{source}” becomes “{dates.join(dates.decode(written))}”"
    return f"{says}." if dates.END in written else f"{says}, and no end after {len(written)} words."


def _most_read(mean: Float[Tensor, "target source"], read: Sequence[str], names: Sequence[str]) -> str:
    told = [
        f"“{name}” “{read[int(row.argmax())]}” ({row.max():.2f})"
        for name, row in zip(names, mean, strict=True)
    ]
    return f"Each reads most: {', '.join(told)}."


def _candidates(
    chances: Float[Tensor, "steps symbols"], written: Int[Tensor, "steps"], names: Sequence[str]
) -> Bars:
    """For each step the probabilities of all words that are likely at some step."""
    likely = chances.amax(dim=0) >= LIKELY
    likely[written] = True
    tokens = likely.nonzero()[:, 0]
    taken = chances.gather(1, written[:, None])[:, 0]
    unsure = int(taken.argmin())
    return Bars(
        title="candidates for the next word",
        data=chances[:, None, tokens],
        x="candidate",
        y="probability",
        x_names=["end" if token == dates.END else dates.VOCABULARY[token] for token in tokens],
        limits=(0, 1),
        among=TARGET,
        place=unsure,
        caption=f"Least sure at word {unsure + 1}, “{names[unsure]}”, with probability {taken[unsure]:.2f}.",
    )
