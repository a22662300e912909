"""Whatever is typed into an explorer of a lecture: a picture, or one line that says what is wrong with it."""

import ast
import json
import time
import unicodedata
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from course_lib.data import backwards, senses
from course_lib.explore import Explorer, Text
from course_lib.explore.live import Live
from course_lib.folders import NOTEBOOKS
from course_lib.lectures.encoder.encoder_explorer import typed_encoder
from course_lib.lectures.lstm.gates_explorer import read_symbols, typed_gates
from course_lib.lectures.multi_head_attention.heads_explorer import typed_heads
from course_lib.lectures.self_attention.attention_explorer import typed_attention
from course_lib.models.attention import MultiHeadAttention, SelfAttention
from course_lib.models.encoder_classifier import EncoderClassifier
from course_lib.models.recurrent import LSTM, SequencePredictor
from course_lib.models.token_classifier import TokenClassifier
from course_lib.models.transformer import make_encoder
from tests.layout.catalogue import EXPLORERS

WITHIN = 1.0
"""Seconds of work that an answer may take."""
LONGEST_LINE = 400
TEXTS = {
    "punctuation": "“The old bank,” she said; near the river!",
    "marks alone": "... , ; !",
    "capitals": "THE OLD BANK",
    "pasted lines": "the old\nbank\r\n\tnear the river\n",
    "Hangul": "오래된 은행",
    "Hangul in letters": unicodedata.normalize("NFD", "2018년 3월 3일"),
    "emoji": "the 👩\u200d👩\u200d👧 🙂 bank",
    "500 words": "the " * 500,
    "500 numbers": "0.5* " * 500,
    "500 dates": "March 3, 2018 " * 500,
    "500 pictures": "a thick seven " * 500,
    "a long word": "abcdefgh" * 1000,
    "a pasted book": "the old bank near the river and the ball " * 20_000,
    "half a letter": "the \ud83d bank",
    "two halves": "\ude42\ud83d",
    "NUL": "a\0b",
    "escapes": "\x1b[31m \x07 \x7f",
    "right to left": "שלום עולם",
    "turned round": "\u202ethe bank",
    "only spaces": " \t ",
    "other spaces": "\u00a0\u2003\u3000\u200b",
    "line separators": "a\u2028b\u2029c",
    "nothing": "",
    "other digits": "٣ ４",
    "far numbers": "1e308 -1e308",
    "no numbers": "nan inf 1e999",
    "markup": "<b>bank</b> & <script>alert(1)</script>",
}


def reader(lecture: str, cell: str, name: str, **globals_: Any) -> Callable[[str], Any]:
    """The function that a cell of a lecture defines to read what is typed."""
    notebook = json.loads((NOTEBOOKS / f"{lecture}.ipynb").read_text("utf-8"))
    (source,) = ("".join(each["source"]) for each in notebook["cells"] if each["id"] == cell)
    tree = ast.parse(source)
    tree.body = [part for part in tree.body if isinstance(part, ast.FunctionDef)]
    exec(compile(tree, cell, "exec"), globals_)
    return globals_[name]


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def symbols() -> Explorer:
    names = ".abcdefghijklmnopqrstuvwxyz"
    model = SequencePredictor(LSTM(len(names), 8, generator()), len(names), generator())
    return typed_gates(model, "won.dong.", read_symbols(names), list(names), list(names))


def attention() -> Explorer:
    embedding = torch.randn(len(senses.VOCABULARY), 6, generator=generator())
    model = SimpleNamespace(embedding=embedding)
    read = reader("07_self_attention", "typed-explorer", "read", senses=senses, model=model)
    return typed_attention(SelfAttention(6, 6, 6, generator()), "the big screen", read)


def heads() -> Explorer:
    model = TokenClassifier(len(senses.VOCABULARY), MultiHeadAttention(8, 4, generator()), 5, generator())
    read = reader("08_multi_head_attention", "typed-sentences", "read_words", senses=senses)
    return typed_heads(model, "old bank near river", read)


def encoder() -> Explorer:
    size = len(backwards.SYMBOLS)
    model = EncoderClassifier(size, 8, make_encoder(2, 16, 2, 8, generator()), size, generator())
    read = reader("10_encoder", "typed-encoder", "read", backwards=backwards)
    return typed_encoder(model, "facade", read, list(backwards.SYMBOLS))


TYPED = {make.__name__: example for make, example in EXPLORERS.items()} | {
    "typed_symbols": symbols,
    "typed_attention": attention,
    "typed_heads": heads,
    "typed_encoder": encoder,
}
"""Examples by their names; those that read with a function of a lecture read with it here."""
NAMES = (
    *("letters", "typed_gates", "typed_symbols", "typed_attention", "typed_heads", "typed_encoder"),
    *("translation", "paint"),
)


def place_of_text(explorer: Explorer) -> int | None:
    """Which of the controls takes a text."""
    controls = explorer.controls.values()
    return next((k for k, control in enumerate(controls) if isinstance(control, Text)), None)


def test_no_explorer_that_takes_a_text_is_forgotten():
    assert {name for name, example in TYPED.items() if place_of_text(example()) is not None} == set(NAMES)


@pytest.fixture(scope="module", params=NAMES)
def live(request: pytest.FixtureRequest) -> Live:
    return Live(TYPED[request.param]())


def ask(live: Live, text: str) -> None:
    """Do what a message of the view does."""
    at = [control["at"] for control in live.shape["controls"]]
    place = place_of_text(live._explorer)
    assert place is not None
    at[place] = text
    live.set_state({"request": {"number": live.answered + 1, "at": at}})


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_text_is_answered_with_a_picture_or_a_line(live: Live, text: str):
    asked, begin = live.answered, time.process_time()
    ask(live, text)
    assert time.process_time() - begin < WITHIN
    assert live.answered == asked + 1
    json.dumps([live.frames, live.complaint], ensure_ascii=False).encode()
    assert len(live.complaint) <= LONGEST_LINE
    assert live.complaint.replace("\u200d", "").isprintable()
    assert "Error" not in live.complaint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("letters", " LEMON! "),
        ("typed_gates", "0.3*\n-0.5\t0.9*"),
        ("typed_symbols", "Won.\nDong."),
        ("typed_attention", "The OLD bank, near the river!\n"),
        ("typed_heads", "“Bank”: the old river..."),
        ("typed_encoder", "FACADE"),
        ("translation", "MARCH 3, 2018\n"),
        ("translation", unicodedata.normalize("NFD", "2018년 3월 3일")),
        ("paint", "A thick SEVEN, tilted left."),
        ("paint", unicodedata.normalize("NFD", "굵은 칠")),
    ],
)
def test_capitals_marks_and_lines_are_read(name: str, text: str):
    live = Live(TYPED[name]())
    ask(live, text)
    assert live.complaint == ""
    assert text in live._explorer.setting.values()


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("letters", "lemon tree", "Type one word of 1 to 24 letters."),
        ("letters", "Leñon", "“ñ” in “leñon” is not one of the letters a, b, c, "),
        ("typed_gates", "0.5 o.3", "“o.3” is not a number; type numbers as in 0.3* 0.5 0.9*"),
        ("typed_gates", "1e30", "“1e30” is too far from zero; type numbers from −1000 to 1000."),
        ("typed_symbols", "won-dong", "“-” is not one of the symbols . a b c "),
        ("typed_attention", "the old 은행", "“은행” is not one of the 31 words: we, saw, the, "),
        ("typed_heads", "a\0b", "“aU+0000b” is not one of the 31 words: "),
        ("typed_heads", "the " * 500, "Type 1 to 40 tokens; these are 500."),
        ("typed_encoder", "abcdefgh" * 9, "Type 1 to 8 tokens; these are 72."),
        ("typed_encoder", "abxyz", "“x” in “abxyz” is not one of the letters a, b, "),
        ("translation", "the" + "e" * 100, "“theeeeeeeeeeeeeeeeeeeeee…” is unknown: there are months, "),
        ("translation", "half \ud83d", "“half” is unknown"),
        ("paint", "a bold \ud83d", "“bold” is not one of the 32 words: a, an, "),
        ("paint", "\ud83d", "“�” is not one of the 32 words: a, an, "),
    ],
)
def test_the_line_names_the_word_and_what_is_possible(name: str, text: str, line: str):
    live = Live(TYPED[name]())
    ask(live, text)
    assert live.complaint.startswith(line)
