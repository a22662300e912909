"""The view as text: one html output for a sweep, one module for a live widget, one style for all."""

import base64
import html as markup
import json
import re
import uuid
import zlib
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

VIEW = Path(__file__).parent / "view"
MODULES = (
    *("dom", "look", "heat", "lines", "bars", "path", "arrows", "diagram", "links"),
    *("axis", "plot", "controls", "view"),
)
"""The view's modules, each after those it imports. Joined they share one scope, so none repeats a name."""
SWEEP, SEAT = VIEW / "sweep.js", VIEW / "seat.js"
"""What gives the view its place: in a page that holds everything, and in an output that has a kernel."""

UNTRUSTED = (
    "This picture does not answer yet: run the cells up to it, or trust the notebook"
    " (View, Activate Command Palette, Trust Notebook)."
)

# What a module says only to other modules and to its readers.
IMPORT = r'^import \{[^}]*\} from "\.[\w./]*\.js";\n'
EXPORT = r"^export "
COMMENT = r"^ *//.*\n|^ */\*\*(?:[^*]|\*(?!/))*\*/\n"
LEFT_OUT = re.compile(f"{IMPORT}|{EXPORT}|{COMMENT}", re.MULTILINE)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s*([{};,])\s*")


@cache
def join(*modules: Path) -> str:
    """Modules as one text that defines what each of them exports; each follows those it imports."""
    return "".join(LEFT_OUT.sub("", module.read_text("utf-8")) for module in modules)


def module(place: Path) -> str:
    """The view's modules as one text that defines `render` and what `place` exports."""
    return join(*(VIEW / f"{name}.js" for name in MODULES), place)


@cache
def _deflated_view() -> str:
    """The body of a function that returns `sweep`, a third as long: each output carries it.

    Outputs can't share it, as any of them may be alone on a page, or run first. The page must allow that text
    becomes a function, as JupyterLab and VS Code do; an import of a blob is not allowed in all editors.
    """
    body = f"{module(SWEEP)}return sweep;\n//# sourceURL=view.js\n"
    return base64.b64encode(zlib.compress(body.encode(), 9)).decode()


@cache
def style(*sheets: str) -> str:
    """Style sheets as one text; `course` is for all that the course shows, and `view` for panels."""
    text = "".join((VIEW / f"{name}.css").read_text("utf-8") for name in sheets)
    return SPACE.sub(r"\1", CSS_COMMENT.sub("", text)).strip()


def styled(body: str) -> str:
    """Html that stands alone in an output: it brings the course's style sheet."""
    return f"<style>{style('course')}</style>{body}"


def html(shape: dict[str, Any], frames: dict[str, Any], numbers: bytes, *, picture: str, words: str) -> str:
    """One output that holds everything: the picture stands in the seat until the view takes it.

    Args:
        shape: controls, layout and colours.
        frames: the panels' descriptions and captions.
        numbers: the panels' numbers at every setting, deflated.
        picture: the paper picture, a PNG in base64.
        words: the picture in words.
    """

    def literal(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")  # no tag inside the script

    return Template((VIEW / "page.html").read_text("utf-8")).substitute(
        seat=uuid.uuid4().hex,
        words=markup.escape(words),
        picture=picture,
        untrusted=UNTRUSTED,
        style=style("course", "view"),
        view=_deflated_view(),
        shape=literal(shape),
        frames=literal(frames),
        numbers=base64.b64encode(numbers).decode(),
    )
