"""Rules for the whole tree: lint, format, types and documentation."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from course_lib import models
from course_lib.folders import LECTURES, NOTEBOOKS, ROOT
from tests import contributing

MODULES = sorted((ROOT / "course_lib").rglob("*.py"))
LONGEST_MODULE = 500
"""A longer module is likely to do two things; one thing is not cut in two to stay below it."""


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check"),
        ("ruff", "format", "--check"),
        ("pyrefly", "check", "--python-interpreter-path", sys.executable),
    ],
    ids=["lint", "format", "types"],
)
def test_code_and_notebooks_are_clean(command):
    program = Path(sys.executable).with_name(command[0])
    result = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]


def test_hooks_before_a_commit_are_of_this_repository_and_exist():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert [hook["id"] for hook in hooks] == ["lint", "format", "types", "javascript", "lectures"]
    words = [word for hook in hooks for word in hook["entry"].split()]
    assert all((ROOT / word).is_file() for word in words if "/" in word)


def undocumented(source):
    """Names of the public functions, classes and methods of a module that have no docstring."""
    tree = ast.parse(source)
    bodies = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_")]
    return [
        node.name
        for body in bodies
        for node in body.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not is_obvious(node)
        and not ast.get_docstring(node)
    ]


def is_obvious(node):
    """A property or a method of few lines whose name says it all, like `values` of a control."""
    return isinstance(node, ast.FunctionDef) and len(node.body) <= 4 and len(node.args.args) <= 1


def test_rule_finds_the_undocumented():
    source = "def act(a, b):\n    return a\n\nclass Thing:\n    def move(self, b):\n        b"
    assert undocumented(source) == [
        "act",
        "Thing",
        "move",
    ]
    assert undocumented("def act(a, b):\n    'Do it.'\n\ndef _hidden(a, b):\n    return a") == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_documented_and_short(path):
    source = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(source)) or not source.strip(), "no module docstring"
    assert undocumented(source) == []
    assert source.count("\n") <= LONGEST_MODULE


PLACES = (
    "moved",
    "files",
    "folders",
    "grading",
    "predictions",
    "typed",
    "data",
    "models",
    "training",
    "generation",
    "explore",
    "exercises",
    "lectures",
    "notebooks",
    "launch",
    "cli",
    "__main__",
)
IN_ORDER = [path.stem[3:] for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
"""The folders of the lectures."""


def uses(path):
    """The modules of the library that a module imports, as tuples of names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (tuple(name.split(".")[1:]) for name in names if name.startswith("course_lib."))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    """Each place uses the places before it, never those after it (see CONTRIBUTING.md)."""
    place, *rest = path.relative_to(ROOT / "course_lib").with_suffix("").parts
    if place == "__init__":
        return
    for used, *within in uses(path):
        assert PLACES.index(used) <= PLACES.index(place), f"{place} imports {used}"
        if used == place == "lectures":
            assert IN_ORDER.index(within[0]) <= IN_ORDER.index(rest[0]), f"{rest[0]} imports {within[0]}"


def test_every_lecture_is_a_notebook_and_a_folder():
    folders = {path.name for path in LECTURES.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(IN_ORDER)


def test_no_module_is_called_like_another():
    names = [path.stem for path in MODULES if path.stem != "__init__"]
    assert sorted(names) == sorted(set(names))


def test_models_lists_its_modules():
    folder = ROOT / "course_lib" / "models"
    assert models.__all__ == sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def test_the_table_of_lectures_is_the_codes():
    """`python -m tests.contributing` writes it."""
    document = contributing.DOCUMENT.read_text("utf-8")
    assert document == contributing.with_table(document)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "course_lib/data/SOURCES.md"])
def test_links_of_documents_resolve(name):
    document = ROOT / name
    for target in re.findall(r"\]\(([^)#\s]+)", document.read_text("utf-8")):
        assert "://" in target or (document.parent / target).exists(), target
