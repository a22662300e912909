"""Every stored lecture keeps the rules, and every rule can be broken."""

import copy
import json
import re

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.folders import NOTEBOOKS, ROOT
from course_lib.notebooks.equality import WIDGET_VIEW
from course_lib.notebooks.notebook import as_text, read
from course_lib.notebooks.store import normal_form
from tests.notebooks import rules

LECTURES = sorted(NOTEBOOKS.glob("*.ipynb"))
README = (ROOT / "README.md").read_text("utf-8")


def test_every_lecture_keeps_the_rules():
    assert LECTURES, "notebooks/ holds no lecture"
    found = [breach for path in LECTURES for breach in rules.breaches(path)]
    assert not found, "\n".join(found)


def test_lectures_are_numbered_from_0_without_gaps():
    assert [path.stem[:3] for path in LECTURES] == [f"{number:02}_" for number in range(len(LECTURES))]


def test_the_readme_lists_every_lecture_as_it_calls_itself():
    """The number, the title and the time are what the notebook's first cell says."""
    rows = re.findall(r"^\| (\d\d) \| \[(.+?)\]\((.+?)\) \|.*\| (\d+) \|$", README, re.MULTILINE)
    expected = []
    for path in LECTURES:
        first = read(path).cells[0].source
        (title,) = re.findall(r"\A# (.+)$", first, re.MULTILINE)
        (minutes,) = re.findall(r"^\*\*Time:\*\* .*?(\d+) minutes", first, re.MULTILINE)
        number, _, words = title.partition(" ")
        expected.append((number, words, f"notebooks/{path.name}", minutes))
    assert rows == expected
    assert [number for number, *_ in rows] == [path.stem[:2] for path in LECTURES]


def good() -> NotebookNode:
    """Make a small lecture that keeps every rule."""
    flags = {"schema_version": 3, "task": False}
    answer = {"grade_id": "double", "grade": False, "solution": True, "locked": False}
    check = {"grade_id": "check-double", "grade": True, "solution": False, "locked": True, "points": 2}
    picture = new_output(
        "display_data",
        data={"image/png": "aGk=", "text/plain": "A rising line."},
        metadata={"image/png": {"alt": "A rising line."}},
    )
    cells = [
        new_markdown_cell("# Title\n\n[below](#A-part) ![a wave](wave.png)", id="title"),
        new_markdown_cell("## A part\n\n`[no link](nowhere)`\n\n```\n# no heading\n```", id="part"),
        new_code_cell("plot()", id="plot", outputs=[picture]),
        new_code_cell(
            "def double():\n    ### BEGIN SOLUTION\n" + "    1\n" * 40 + "    ### END SOLUTION",
            id="double",
            metadata={"nbgrader": flags | answer},
        ),
        new_code_cell(
            "check(double)",
            id="check-double",
            metadata={"nbgrader": flags | check},
            outputs=[new_output("execute_result", {"text/plain": "2", "text/html": "<p>2 of 2 points</p>"})],
        ),
    ]
    return normal_form(new_notebook(cells=cells))


def test_a_good_lecture_keeps_the_rules(tmp_path):
    (tmp_path / "wave.png").touch()
    path = tmp_path / "good.ipynb"
    path.write_text(as_text(good()), encoding="utf-8")
    assert rules.breaches(path) == []


def test_a_measured_figure_may_tell_seconds_and_nothing_else_that_varies():
    def breaches(words: str, **marks: object) -> list[str]:
        notebook = good()
        data = {"image/png": "aGk=", "text/plain": words}
        output("display_data", data=data, metadata={"image/png": {"alt": words} | marks})(notebook)
        return list(rules.clean_outputs(notebook))

    assert breaches("A step takes 1.5 s.", measured=True) == []
    assert breaches("A step takes 1.5 s.") == ["plot: timing in an output: '1.5 s'"]
    assert breaches("1.5 s on <CPU at 0x7f00deadbeef>", measured=True) == [
        "plot: memory address in an output: '0x7f00deadbeef'"
    ]


def by_id(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def text(name: str, source: str):
    def change(notebook: NotebookNode) -> None:
        by_id(notebook, name).source = source

    return change


def output(kind: str = "stream", **fields: object):
    def change(notebook: NotebookNode) -> None:
        by_id(notebook, "plot").outputs.append(new_output(kind, **fields))

    return change


def plain(words: str):
    return output("display_data", data={"text/plain": words})


def picture(alt: str, words: str):
    data, metadata = {"image/png": "aGk=", "text/plain": words}, {"image/png": {"alt": alt}}
    return output("display_data", data=data, metadata=metadata)


def grading(name: str, **fields: object):
    def change(notebook: NotebookNode) -> None:
        by_id(notebook, name).metadata.nbgrader.update(fields)

    return change


def rename(name: str, new: str):
    def change(notebook: NotebookNode) -> None:
        by_id(notebook, name).id = new

    return change


def folded(source: str):
    def change(notebook: NotebookNode) -> None:
        cell = by_id(notebook, "plot")
        cell.source, cell.metadata.jupyter = source, {"source_hidden": True}

    return change


def field(name: str, key: str, value: object):
    def change(notebook: NotebookNode) -> None:
        by_id(notebook, name)[key] = value

    return change


BAD = [
    ("valid", "not a valid notebook", field("plot", "execution_count", "one")),
    ("valid", "not a valid notebook", field("title", "outputs", [])),
    ("valid", "not a valid notebook", rename("title", "part")),
    ("valid", "not a valid notebook", lambda notebook: notebook.cells[0].pop("id")),
    ("in_normal_form", "not in normal form", lambda notebook: notebook.metadata.update(widgets={})),
    ("in_normal_form", "not in normal form", field("plot", "metadata", NotebookNode(execution={}))),
    ("in_normal_form", "not in normal form", field("plot", "execution_count", 1)),
    ("in_normal_form", "not in normal form", text("part", "## A part\nOne sentence. Two sentences.")),
    ("readable_unique_ids", "readable id", rename("plot", "Plot 1")),
    ("readable_unique_ids", "readable id", rename("plot", "3f896b05")),
    ("readable_unique_ids", "readable id", rename("plot", "3f896b05-1c2d-4e5f-8a9b-0c1d2e3f4a5b")),
    ("readable_unique_ids", "two cells", rename("plot", "part")),
    ("clean_outputs", "raised KeyError", output("error", ename="KeyError", evalue="1", traceback=[])),
    ("clean_outputs", "stderr", output(name="stderr", text="careful")),
    ("clean_outputs", "widget view", output("display_data", data={WIDGET_VIEW: {}, "text/plain": "x"})),
    (
        "clean_outputs",
        "explorer's html",
        output("display_data", data={"image/png": "aGk=", "text/html": "<i>"}),
    ),
    ("clean_outputs", "bytes", output(text="x" * 300_001)),
    ("clean_outputs", "memory address", plain("<object at 0x7f00deadbeef>")),
    ("clean_outputs", "absolute path", output(text="saved in /home/ada/model.pt")),
    ("clean_outputs", "absolute path", output(text="saved in C:\\Users\\ada")),
    ("clean_outputs", "absolute path", output("display_data", data={"text/html": "<a href='file:///a'>"})),
    ("clean_outputs", "timing", output(text="took 12 ms")),
    ("clean_outputs", "timing", output(text="took 1.5 s")),
    ("clean_outputs", "timing", output(text="Wall time: 1 min")),
    ("clean_outputs", "timing", output(text="100%| 20/20 [00:01<00:00]")),
    ("pictures_have_alternative_text", "without alternative", picture("", "words")),
    (
        "pictures_have_alternative_text",
        "without alternative",
        output("display_data", data={"image/png": "aGk="}),
    ),
    ("pictures_have_alternative_text", "not in text/plain", picture("A line.", "Another line.")),
    (
        "pictures_have_alternative_text",
        "without words",
        picture("A line.", "A line. <Figure size 3x2 with 1 Axes>"),
    ),
    ("pictures_have_alternative_text", "an image without", text("part", "![](wave.png)")),
    ("pictures_have_alternative_text", "an image without", text("part", "<img src='wave.png'>")),
    ("pictures_have_alternative_text", "an image without", text("part", "<img src='wave.png' alt=''>")),
    ("short_clean_cells", "an empty cell", text("part", " ")),
    ("short_clean_cells", "26 lines", text("plot", "\n".join("1" * 26))),
    ("short_clean_cells", "installs", text("plot", "!pip install torch")),
    ("short_clean_cells", "installs", text("plot", "x = 1\n  %pip install torch")),
    ("short_clean_cells", "sys.path", text("plot", "sys.path.append('..')")),
    ("short_clean_cells", "warnings", text("plot", "warnings.filterwarnings('ignore')")),
    ("short_clean_cells", "nbval", text("plot", "# NBVAL_IGNORE_OUTPUT")),
    ("short_clean_cells", "nbval", field("plot", "metadata", NotebookNode(tags=["nbval-skip"]))),
    ("headings_in_order", "one heading of level 1", text("part", "# Another title")),
    ("headings_in_order", "one heading of level 1", text("title", "## Title")),
    ("headings_in_order", "skips a level", text("part", "### A part")),
    ("grading_metadata", "no answer cell", text("plot", "### BEGIN SOLUTION\n1\n### END SOLUTION")),
    ("grading_metadata", "version 3", grading("double", schema_version=2)),
    ("grading_metadata", "not the cell's id", grading("double", grade_id="other")),
    ("grading_metadata", "true or false", grading("double", task=None)),
    ("grading_metadata", "without a marked solution", text("double", "1")),
    ("grading_metadata", "not locked", grading("check-double", locked=False)),
    ("grading_metadata", "without points", grading("check-double", points=0)),
    ("grading_metadata", "without points", grading("check-double", points="2")),
    ("grading_metadata", "points on a cell", grading("double", points=1)),
    ("in_normal_form", "not in normal form", text("plot", "predict('Which?', 'a', 'b')")),
    ("in_normal_form", "not in normal form", folded("plot()")),
    ("folding", "plot: is folded and prints", folded("print(show(Heat()))")),
    ("folding", "plot: is folded and makes double, which check-double needs", folded("show(double := 1)")),
    ("folding", "9 lines draw", text("plot", "show(\n" + "1,\n" * 7 + ")\n" + "1\n" * 10)),
    ("learners_code_is_only_checked", "plot: uses double", text("plot", "plot(2 * double())")),
    ("plain_words", "simply", text("part", "Simply run it.")),
    ("plain_words", "simply", text("plot", "plot()  # simply")),
]


@pytest.mark.parametrize(
    ("rule", "breach", "change"), BAD, ids=[f"{rule}-{breach}" for rule, breach, _ in BAD]
)
def test_a_bad_lecture_breaks_the_rule(rule, breach, change):
    notebook = copy.deepcopy(good())
    change(notebook)
    found = list(getattr(rules, rule)(notebook))
    assert [line for line in found if breach in line], found


def test_a_lecture_without_heading_breaks_the_rule():
    assert list(rules.headings_in_order(new_notebook())) == ["no heading"]


def test_every_rule_has_a_bad_lecture():
    assert {rule.__name__ for rule in rules.RULES} == {rule for rule, _, _ in BAD}


@pytest.mark.parametrize(
    ("link", "breach"),
    [
        ("[x](02_other.ipynb)", "title: there is no 02_other.ipynb"),
        ("[x](good.ipynb#No-such)", "title: there is no heading 'No-such' in good.ipynb"),
        ("[x](#a-part)", "title: there is no heading 'a-part' in good.ipynb"),
        ("![x](sine.png)", "title: there is no sine.png"),
        ("<a href='sine.png'>x</a>", "title: there is no sine.png"),
    ],
)
def test_links_that_lead_nowhere_are_found(tmp_path, link, breach):
    notebook = good()
    path = tmp_path / "good.ipynb"
    path.write_text(as_text(notebook), encoding="utf-8")
    for target in ("https://a.org/b", "mailto:a@b.org", "good.ipynb", "good.ipynb#A-part", "#A-part"):
        text("title", f"# Title\n[x]({target})")(notebook)
        assert list(rules.links_resolve(notebook, path)) == []
    text("title", f"# Title\n{link}")(notebook)
    assert list(rules.links_resolve(notebook, path)) == [breach]


def test_an_invalid_file_is_found(tmp_path):
    path = tmp_path / "bad.ipynb"
    notebook = good()
    notebook.cells[0]["outputs"] = []
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert rules.breaches(path) == ["bad.ipynb: not a valid notebook of format 4.5 with unlike cell ids"]


def test_a_file_written_by_another_tool_is_found(tmp_path):
    path = tmp_path / "good.ipynb"
    (tmp_path / "wave.png").touch()
    path.write_text(as_text(good()) + "\n", encoding="utf-8")
    assert rules.breaches(path) == ["good.ipynb: the file is not as `course run` writes it"]
