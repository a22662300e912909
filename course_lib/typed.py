"""What people type: the words of a text, and how a message names one of them."""

import string
import unicodedata

MARKS = string.punctuation + "“”‘’…"
"""What may stand before and after a word."""
LONGEST = 24
"""Letters of a word that a message repeats."""
JOINER = "\u200d"
"""Joins emoji into one; it alone of what can't be seen is left as it is."""


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, without the marks around them."""
    typed = (word.strip(MARKS) for word in unicodedata.normalize("NFC", text).lower().split())
    return [word for word in typed if word]


def quoted(word: str) -> str:
    """Return a word in quotation marks: cut if it is long, with numbers for letters that can't be seen."""
    shown = "".join(
        letter if letter.isprintable() or letter == JOINER else f"U+{ord(letter):04X}"
        for letter in word[:LONGEST]
    )
    return f"“{shown}…”" if len(word) > LONGEST else f"“{shown}”"


def well_formed(text: str) -> str:
    """Return a text in which "�" stands for halves of letters: they can't be sent or written to a file."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
