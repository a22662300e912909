"""The explorers of lecture 08: what the heads of an attention read, and what is lost without them."""

from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.explore.controls import Control, Text, Toggle
from course_lib.explore.explorer import Explorer
from course_lib.explore.panels import Heat, Panel
from course_lib.explore.tokens import (
    links_of_heads,
    pairs,
    read_out,
    require_length,
    require_names,
    strongest,
)
from course_lib.models.attention import MultiHeadAttention
from course_lib.models.token_classifier import TokenClassifier

TOLD = 12
"""Up to so many tokens, a caption tells the answer for each."""

Model = TokenClassifier | MultiHeadAttention
Tokens = Int[Tensor, "steps"] | Float[Tensor, "steps d_model"]


def heads(
    model: Model,
    tokens: Tokens,
    names: Sequence[str],
    answer_names: Sequence[str] = (),
    answers: Mapping[str, slice] | None = None,
) -> Explorer:
    """Links and a map of what each head reads, and the read-out; heads can be removed.

    Args:
        model: a trained model with its read-out, or an attention alone, which is shown without one.
        tokens: the numbers of the tokens; of an attention alone, their vectors.
        names: what each token is called.
        answer_names: a name for each score of the read-out; not used for an attention alone.
        answers: which scores answer one question, by the title of its map; by default all of them.

    Raises:
        ValueError: if there is not one name for each token, or the model has one head only; when shown, if
            there is not one name for each score.
    """
    require_names(tokens, names)

    def picture(**kept: bool) -> list[Panel]:
        return _panels(model, tokens, names, _removed(kept), answer_names, answers)

    return Explorer(picture, _toggles(model), widths=(1, 1, 1), name="heads")


def typed_heads(
    model: Model,
    text: str,
    read: Callable[[str], tuple[Tokens, Sequence[str]]],
    answer_names: Sequence[str] = (),
    answers: Mapping[str, slice] | None = None,
) -> Explorer:
    """What each head reads in a text that is typed, and the read-out; heads can be removed.

    Args:
        model: as in `heads`.
        text: what is typed at first.
        read: from what is typed to tokens and their names; raises ValueError with one line for what it
            can't read.
        answer_names: as in `heads`.
        answers: as in `heads`.

    Raises:
        ValueError: as `heads`; when shown, if there is no token, or more than 40.
    """

    def picture(text: str, **kept: bool) -> list[Panel]:
        tokens, names = read(text)
        require_names(tokens, names)
        require_length(tokens)
        return _panels(model, tokens, names, _removed(kept), answer_names, answers)

    controls: dict[str, Control] = {"text": Text(text), **_toggles(model)}
    return Explorer(picture, controls, widths=(1, 1, 1), name="typed heads")


def _toggles(model: Model) -> dict[str, Control]:
    attention = model.attention if isinstance(model, TokenClassifier) else model
    if not isinstance(attention, MultiHeadAttention):
        raise ValueError("this model's attention has one head: `attention` shows it")
    return {f"head_{head + 1}": Toggle(True) for head in range(attention.heads)}


def _removed(kept: dict[str, bool]) -> list[int]:
    return [head for head, on in enumerate(kept.values()) if not on]


@torch.no_grad()
def _panels(
    model: Model,
    tokens: Tokens,
    names: Sequence[str],
    removed: list[int],
    answer_names: Sequence[str],
    answers: Mapping[str, slice] | None,
) -> list[Panel]:
    if isinstance(model, MultiHeadAttention):
        return _weight_panels(model(tokens[None], removed=removed).weights[0], names, removed)
    scores, attended = model(tokens[None], removed=removed)
    all_scores, _ = model(tokens[None])
    if answer_names and len(answer_names) != scores.shape[-1]:
        raise ValueError(f"give a name to each of the {scores.shape[-1]} scores, or to none")
    groups = answers or {"read-out, probabilities": slice(None)}
    return _weight_panels(attended.weights[0], names, removed) + [
        _answers(title, scores[0, :, group], all_scores[0, :, group], names, removed, answer_names[group])
        for title, group in groups.items()
    ]


def _weight_panels(
    weights: Float[Tensor, "heads query key"], names: Sequence[str], removed: list[int]
) -> list[Panel]:
    """Links of all heads and a map for each; what belongs to a removed head is missing."""
    weights = weights.clone()
    weights[removed] = torch.nan
    maps = [
        pairs(
            f"head {head + 1}",
            of_head,
            names,
            "Removed." if head in removed else f"{strongest(of_head, names)}.",
        )
        for head, of_head in enumerate(weights)
    ]
    return [links_of_heads(weights, names, _strongest_of_all(weights, names)), *maps]


def _strongest_of_all(weights: Float[Tensor, "heads query key"], names: Sequence[str]) -> str:
    if weights.isnan().all():
        return "All heads are removed: nothing is read."
    head = int(weights.nan_to_num(-1).amax(dim=(1, 2)).argmax())
    return f"{strongest(weights[head], names)}, in head {head + 1}."


def _answers(
    title: str,
    scores: Float[Tensor, "steps classes"],
    all_scores: Float[Tensor, "steps classes"],
    names: Sequence[str],
    removed: list[int],
    answer_names: Sequence[str],
) -> Heat:
    """A map of the answers' probabilities; the caption tells them, and what the removed heads change."""
    chances = scores.softmax(dim=-1)
    answer_names = answer_names or [str(answer + 1) for answer in range(scores.shape[1])]
    chance, answer = chances.max(dim=-1)
    if len(names) <= TOLD:
        told = "; ".join(
            f"{name}: {answer_names[best]} {share:.2f}"
            for name, best, share in zip(names, answer.tolist(), chance.tolist(), strict=True)
        )
        said = f"Most likely: {told}."
    else:
        said = f"On average the most likely answer has probability {chance.mean():.2f}."
    if removed:
        said += _changed(answer != all_scores.argmax(dim=-1), names, removed)
    return read_out(title, chances, names, answer_names, said)


def _changed(changed: Tensor, names: Sequence[str], removed: list[int]) -> str:
    heads = "head " + ", ".join(str(head + 1) for head in removed)
    if not changed.any():
        return f" Without {heads} every token keeps its answer."
    others = ", ".join(f"“{name}”" for name, other in zip(names, changed.tolist(), strict=True) if other)
    return f" Without {heads} the answer changes at {others}."
