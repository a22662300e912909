"""Laying one sentence a line changes no page, and ends lines where sentences end."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from course_lib.folders import NOTEBOOKS
from course_lib.notebooks.notebook import read
from course_lib.notebooks.sentences import DISPLAY, one_sentence_a_line

LECTURES = sorted(NOTEBOOKS.glob("*.ipynb"))
COMMONMARK = MarkdownIt("commonmark").enable("table")


def page(html: str) -> str:
    """Return html as a browser shows it: outside of `<pre>`, all white space is one space."""
    html = re.sub(r"\s*(</?code>)\s*", r"\1", html)
    parts = re.split(r"(<pre>.*?</pre>)", html, flags=re.DOTALL)
    return "".join(part if part.startswith("<pre>") else re.sub(r"[ \t\n]+", " ", part) for part in parts)


def a_line_a_paragraph(source: str) -> str:
    return re.sub(r"(?<=[a-z][.?!])\n *(?=[A-Z][a-z])", " ", source)


def three_words_a_line(source: str) -> str:
    """Lay plain paragraphs as an editor would on a very narrow screen."""
    blocks = source.split("\n\n")
    for index, block in enumerate(blocks):
        if re.fullmatch(r"(?:(?:^|\n)[*\w][^|$`<\n]*)+", block):
            blocks[index] = re.sub(r"((?:[^ \n]+[ \n]){2}[^ \n]+)[ \n](?=[a-zA-Z])", r"\1\n", block)
    return "\n\n".join(blocks)


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("other_layout", [a_line_a_paragraph, three_words_a_line])
def test_a_lecture_is_one_page_in_every_layout(path, other_layout):
    stored = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    others = [other_layout(source) for source in stored]
    assert others != stored
    for source, other in zip(stored, others, strict=True):
        assert one_sentence_a_line(other) == source
        for render in (markdown2html_mistune, COMMONMARK.render):
            assert page(render(other)) == page(render(source))


SENTENCES = [
    ("One. Two! Three? Four", "One.\nTwo!\nThree?\nFour"),
    ("One is\nshort. Two is\nlong.", "One is short.\nTwo is long."),
    ("One.\n\nTwo. Three.", "One.\n\nTwo.\nThree."),
    ("하나다. 둘이다.", "하나다.\n둘이다."),
    ('"Yes." (So did I.) *Then.* **Now.** Go on.', '"Yes."\n(So did I.)\n*Then.*\n**Now.**\nGo on.'),
    ("`x` is $x$. $y$ is not. `x` is.", "`x` is $x$.\n$y$ is not.\n`x` is."),
    ("Open it. **later**: no. [Next](a.ipynb)", "Open it.\n**later**: no.\n[Next](a.ipynb)"),
    ("**1. Scores.** They differ. **2. Scale.**", "**1. Scores.**\nThey differ.\n**2. Scale.**"),
    ("- One.\n  Two. Three\n  is long.\n- Four.", "- One.\n  Two.\n  Three is long.\n- Four."),
    ("1. One. Two.\n\n   Three. Four.", "1. One.\n   Two.\n\n   Three.\n   Four."),
    ("> One. Two\nand more. Three.", "> One.\n> Two and more.\n> Three."),
    ("- > One. Two.", "- > One.\n  > Two."),
    ("One\n$$a. B\n= c$$\nis so. Two.", "One\n$$a. B\n= c$$\nis so.\nTwo."),
    ("One. Two.  \nThree. Four\\\nFive.", "One.\nTwo.  \nThree.\nFour\\\nFive."),
    (
        "<details>\nOne. Two.\n\nThree. Four.\n\n</details>",
        "<details>\nOne. Two.\n\nThree.\nFour.\n\n</details>",
    ),
    ("One.\r\nTwo\r\nand three.", "One.\nTwo and three."),
]


@pytest.mark.parametrize(("source", "laid"), SENTENCES)
def test_each_sentence_has_a_line(source, laid):
    assert one_sentence_a_line(source) == laid
    assert one_sentence_a_line(laid) == laid
    assert page(COMMONMARK.render(laid)) == page(COMMONMARK.render(source.replace("\r\n", "\n")))


@pytest.mark.parametrize(
    "source",
    [
        "Models, e.g. LSTMs, i.e. RNNs with gates, cf. Fig. A and Eq. $x$, beat AR(2), GRUs etc. Do they?",
        "G. Udny Yule and J. S. Bach, vs. Dr. Who; Greff et al. Found in the U.S. Census.",
        "It is 1.5. 2 follows, in 1927. 3. is no item. - + # = > | here. ``` is no fence. $$x$$",
        "Write `a. B`, $x. Y$, [a. B](c. \"D. E\"), ![a. B](c) or <a title='A. B'> on one line",
        "What? asks one, No! the other ... And so on",
        "# A heading. Two sentences.",
        "A heading. Two sentences.\n===",
        "| A. B | c |\n| --- | --- |\n| D. E | F. G |",
        "```\nA. B\n```",
        "    A. B",
        "<div>\nA. B\n</div>",
        "[a]: b. C",
        "[a]: b (C. D)",
        "a | b. C\n--- | --- | ---",
        "one: \n: A. B",
        "**\n*",
        "$$x$$\n1.\nwould begin a list with text",
        "\u00a0\nOne. Two.",
        "A rule would follow. __ _ _",
        "\\begin{align}\nA. B\n\nC. D\n\\end{align}",
        "",
        " \n\u00a0\n",
    ],
)
def test_what_is_no_end_of_a_sentence_or_no_paragraph_stays_as_it_is(source):
    assert one_sentence_a_line(source) == source


PIECES = [
    *("One.", "Two", "three", "e.g.", "Fig. A", "다.", '"A."', "(Yes.", "no?)", "...", "&amp;"),
    *("1.", "2)", "- ", "* ", "+ ", "# ", "> ", "=", "---", "|", ":", "a | b", "\n--- | ---\n", "\n---\n"),
    *("`a. B`", "`", "``", "```", "~~~", "$x. Y$", "$", "$$", "$$x\n+ y$$", "[a. B](c)", "[x]:", "[x]"),
    *("*", "**", "_", "\\", "  ", "\t", "\n", "\n\n", "\n    ", "\n  ", "\n- ", "\n1. ", "\n> "),
    *("<kbd>", "<!-- A. B -->", "<details>", "\n</details>\n"),
]


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " "])), max_size=14))
@settings(max_examples=1500, deadline=None, derandomize=True)
def test_no_text_becomes_another_page(pieces):
    """Formulas are compared as words, since JupyterLab hides them from its Markdown."""
    source = "".join(piece + gap for piece, gap in pieces)
    laid = one_sentence_a_line(source)
    assert one_sentence_a_line(laid) == laid
    before, after = (COMMONMARK.render(DISPLAY.sub("formula", text)) for text in (source, laid))
    assert page(before) == page(after)
