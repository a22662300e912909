"""What the explorers of attention share: the axes' names, and what they ask of tokens and of their names."""

from collections.abc import Sequence, Sized

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
