"""One sentence a line in Markdown, so that a changed word changes a short line and two changes merge.

Only line breaks within paragraphs move. The page shows each of them as a space, so it stays the same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt

BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")

HIDDEN = "\ufffc"
DISPLAY = re.compile(
    rf"""\$\$ (?:(?!\n[ \t]*\n).)*? \$\$
      | \\begin\{{(\w+\*?)\}} .*? \\end\{{\1\}}
      | {HIDDEN}""",
    re.VERBOSE | re.DOTALL,
)
"""A displayed formula. Like JupyterLab, we hide it before the rest is read as Markdown."""

WORD = re.compile(
    r"""(?: \\.                             # an escaped mark
          | (`+)(?!`) .*? (?<!`)\1(?!`)     # code
          | \$(?!\s) [^$]+ (?<!\s)\$        # a formula
          | \[ [^\[\]]* \]\( [^()]* \)      # a link or a picture
          | < [/!a-zA-Z] [^<>]* >           # HTML
          | [^ \t] )+""",
    re.VERBOSE,
)
"""A run of text that stays on one line."""

END = re.compile(r"""[^\s.][.!?…]+["'”’»)\]*_]*$""")
START = re.compile(
    r"""["'“‘«(\[*_]*
        (?: (?<=[*_]) [^\W_]               # emphasised
          | (?![a-z]) [^\W\d_]              # a letter that is not small
          | `(?!`) | \$ )""",
    re.VERBOSE,
)
"""How a sentence may start. Nothing here would start a list, a heading or a fence on a line of its own."""

ABBREVIATION = re.compile(
    r"""\W* (?: (?-i:[A-Z])                 # an initial
              | (?:[^\W\d_]\.)+[^\W\d_]     # like e.g.
              | (?<=[*_(]) \d+              # the number of what follows
              | al | approx | cf | dr | eqs? | etc | figs? | mrs? | prof | resp | sec | vs )\.""",
    re.VERBOSE | re.IGNORECASE,
)
"""A word that ends in a full stop and no sentence."""

FIXED = re.compile(rf".*{HIDDEN}.*|[ \t]*(?:[*+-]|\d+[.)])[ \t]*")
"""A line that stays alone: a displayed formula, or a mark that would start a list if text followed."""

HARD_BREAK = re.compile(r"(?: {2,}|\\)$")
LEFT_ALONE = re.compile(
    r"""\A \[ (?:[^\]\\]|\\.)+ \]:           # the target of a link, or nearly one
      | \A [\W_]* \Z                        # nothing but marks
      | ^ [ \t]* (?: [:|] | [-\ \t|]+ $ )   # nearly a table, or a list of definitions""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
"""Paragraphs that another line break could turn into something else."""


@lru_cache(maxsize=10_000)
def one_sentence_a_line(markdown: str) -> str:
    """Return the text with each sentence of its paragraphs, also in lists and quotes, on a line of its own.

    Headings, tables, code, HTML, displayed formulas and hard line breaks stay as they are.
    """
    formulas: list[str] = []

    def hide(formula: re.Match[str]) -> str:
        formulas.append(formula[0])
        return HIDDEN

    text = DISPLAY.sub(hide, re.sub(r"\r\n?", "\n", markdown))
    lines = text.split("\n")
    for opening, inline in reversed(list(pairwise(BLOCKS.parse(text)))):
        if opening.type == "paragraph_open" and opening.map:
            first, end = opening.map
            lines[first:end] = _lay(lines[first:end], inline.content)
    hidden = iter(formulas)
    return re.sub(HIDDEN, lambda _: next(hidden), "\n".join(lines))


def _lay(lines: list[str], content: str) -> list[str]:
    """Lay the lines of one paragraph; its content is without the marks of the lists and quotes around it."""
    texts = content.split("\n")
    lacks_white_lines = len(texts) < len(lines)
    if lacks_white_lines or LEFT_ALONE.search(content):
        return lines
    margins = [line.rstrip().removesuffix(text.strip()) for line, text in zip(lines, texts, strict=True)]
    further_margin = re.sub(r"[^> \t]", " ", margins[0])
    laid: list[str] = []
    for first, end in _stretches(texts):
        if FIXED.fullmatch(texts[first]):
            laid.append(lines[first])
            continue
        *joined, last = (text.lstrip(" \t") for text in texts[first:end])
        text = " ".join([*(text.rstrip(" \t") for text in joined), last])
        sentence, *further = _sentences(text)
        laid += [margins[first] + sentence, *(further_margin + sentence for sentence in further)]
    return laid


def _stretches(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the first line and the end of each stretch of a paragraph in which line breaks may move."""
    first = 0
    for end, line in enumerate(lines, start=1):
        stays = FIXED.fullmatch(line) or HARD_BREAK.search(line)
        if stays or end == len(lines) or FIXED.fullmatch(lines[end]):
            yield first, end
            first = end


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for word, following in pairwise(WORD.finditer(text)):
        ends = END.search(word[0]) and not ABBREVIATION.fullmatch(word[0])
        if ends and START.match(following[0]):
            yield text[start : word.end()]
            start = following.start()
    yield text[start:]
