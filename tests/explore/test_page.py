"""The page of a sweep: complete in itself, and safe for any words."""

import base64
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

from course_lib.explore import Explorer, Heat, Slider, page
from tests.explore.samples import every_kind

NASTY = "</script><!-- <script> $picture ${x} \\ & \" ' <b>"


class Tags(HTMLParser):
    """The tags of a page with their attributes, and the text of its script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.script = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags[-1][0] == "script":
            self.script += data


def with_words(words: str) -> Explorer:
    def picture(k: float) -> list[Heat]:
        return [
            Heat(title=words, data=[[k]], x=words, y="query", x_names=[words], limits=(0, 2), caption=words)
        ]

    return Explorer(picture, {"k": Slider(1, 2, at=1)}, name=words)


def html(sample: Explorer) -> str:
    return sample._repr_mimebundle_()[0]["text/html"]


def view(sample: Explorer) -> str:
    """The code of the view that an output carries."""
    (deflated,) = re.findall(r'atob\("(.*)"\)', html(sample))
    return zlib.decompress(base64.b64decode(deflated)).decode()


def test_nothing_is_asked_of_the_network():
    text = html(every_kind()) + view(every_kind())
    assert re.findall(r"https?:[^\"'` ]*", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"url\(|@import|\bimport\s*[({\"']|\bfetch\(|XMLHttpRequest|WebSocket", text)
    addresses = [
        value
        for _, attributes in Tags(text).tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "data", "action")
    ]
    assert [str(address).partition(",")[0] for address in addresses] == ["data:image/png;base64"]


def test_every_module_of_the_view_is_in_the_page():
    assert {path.stem for path in page.VIEW.glob("*.js")} == {*page.MODULES, "sweep", "seat", "load"}
    for name in (*page.MODULES, "sweep"):
        exported = re.findall(r"^export (.*)$", (page.VIEW / f"{name}.js").read_text("utf-8"), flags=re.M)
        assert exported
        for line in exported:
            assert f"\n{line}\n" in f"\n{view(every_kind())}"


def test_what_is_joined_is_free_of_imports_exports_and_comments():
    for place in (page.SWEEP, page.SEAT):
        assert not re.search(r"^\s*(import|export|//|/\*)", page.module(place), flags=re.M)


def test_only_imports_exports_and_comments_are_left_out(tmp_path: Path):
    kept = [
        "/** @type {Look} */ let look;",
        "const text = `/** ${1 * 2} */`; // beside code",
        'import dom from "./dom.js";',
        "exported(1);",
    ]
    left_out = [
        "// A note.",
        "/** One line. */",
        "/**",
        " * @param {number} k",
        " */",
        'import { svg } from "./dom.js";',
        'import { svg } from "../explore/view/dom.js";',
        'import {\n  node,\n  svg,\n} from "./dom.js";',
    ]
    paths = [tmp_path / "one.js", tmp_path / "two.js"]
    for path in paths:
        path.write_text("\n".join([*left_out, *kept, *left_out, f"export const {path.stem} = 1;\n"]))
    text = page.join(*paths)
    assert text.splitlines() == [*kept, "const one = 1;", *kept, "const two = 1;"]


def test_modules_stand_after_those_they_import():
    for k, name in enumerate((*page.MODULES, "sweep", "seat")):
        source = (page.VIEW / f"{name}.js").read_text("utf-8")
        imports = re.findall(r'from "\./(\w+)\.js"', source)
        assert set(imports) <= set(page.MODULES[:k]), name


def test_the_picture_carries_the_words_until_the_view_comes():
    tags = Tags(html(every_kind())).tags
    image = next(attributes for tag, attributes in tags if tag == "img")
    assert image["alt"] == repr(every_kind())


def test_where_no_script_runs_a_line_says_how_to_trust():
    """The view takes its place with all that stands in the seat."""
    assert re.findall(r"""<p class="wake">(.*)</p></div>""", html(every_kind())) == [page.UNTRUSTED]


def test_words_of_any_kind_are_harmless():
    tags = Tags(html(with_words(NASTY)))
    assert [tag for tag, _ in tags.tags] == ["style", "div", "img", "p", "script"]
    assert tags.tags[2][1]["alt"] == repr(with_words(NASTY))
    # A script that holds "<!--" and "<script" would not end at its "</script>".
    assert "<!--" not in tags.script
    assert "<script" not in tags.script
    handed = re.search(r"^sweep\((.*)\);$", tags.script, flags=re.M)
    assert handed
    _, _, frames, _ = json.loads(f"[{handed[1]}]")
    assert frames["captions"] == [[NASTY], [NASTY]]


def test_two_outputs_of_one_explorer_have_seats_of_their_own():
    sample = every_kind()
    first, second = (re.findall(r'data-seat="(\w+)"', html(sample))[0] for _ in range(2))
    assert first != second
