"""What the explorers of attention share: pictures of tokens that read tokens, and what they ask of names."""

from collections.abc import Sequence, Sized

from jaxtyping import Float
from torch import Tensor

from course_lib.explore.codes import Limits
from course_lib.explore.panels import Heat, Links

QUERY, KEY = "query", "key"
LONGEST = 40
"""Most tokens that a typed text may have, if the model sets no other limit."""


def require_names(tokens: Sized, names: Sequence[str]) -> None:
    """Raise ValueError if there is not one name for each token."""
    if len(tokens) != len(names):
        raise ValueError(f"give a name to each of the {len(tokens)} tokens, not {len(names)} names")


def require_length(tokens: Sized, longest: int = LONGEST) -> None:
    """Raise ValueError, with a line for who has typed them, if there is no token, or more than `longest`."""
    if not 1 <= len(tokens) <= longest:
        raise ValueError(f"Type 1 to {longest} tokens; these are {len(tokens)}.")


def pairs(
    title: str,
    data: Float[Tensor, "query key"],
    names: Sequence[str],
    caption: str,
    limits: Limits = (0, 1),
    colours: Limits | None = None,
) -> Heat:
    """A map of every query against every key."""
    return Heat(
        title=title,
        data=data,
        x=KEY,
        y=QUERY,
        x_names=names,
        y_names=names,
        limits=limits,
        colours=colours or limits,
        caption=caption,
    )


def links_of_heads(weights: Float[Tensor, "heads query key"], names: Sequence[str], caption: str) -> Links:
    """Lines from every query to the keys that it reads, for each head."""
    return Links(
        title="what each token reads",
        data=weights,
        x=KEY,
        y=QUERY,
        x_names=names,
        y_names=names,
        names=[f"head {head + 1}" for head in range(len(weights))],
        caption=caption,
    )


def read_out(
    title: str,
    chances: Float[Tensor, "steps classes"],
    names: Sequence[str],
    answer_names: Sequence[str],
    caption: str,
) -> Heat:
    """A map of the probabilities of all answers, a row for each token."""
    return Heat(
        title=title,
        data=chances,
        x="answer",
        y=QUERY,
        x_names=answer_names,
        y_names=names,
        limits=(0, 1),
        stretched=True,
        caption=caption,
    )


def strongest(weights: Float[Tensor, "query key"], names: Sequence[str]) -> str:
    """The largest of the weights in words, without a full stop; missing ones don't count."""
    query, key = divmod(int(weights.nan_to_num(-1).argmax()), len(names))
    return f"Strongest: “{names[query]}” reads “{names[key]}” ({weights[query, key]:.2f})"
