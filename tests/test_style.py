"""Rules for the whole tree: lint, format, types, documentation, and words that don't belong in it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "course_lib").rglob("*.py"))
LONGEST_MODULE = 400


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("pyrefly", "check")],
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
    words = [word for hook in hooks for word in hook["entry"].split()]
    assert {"ruff", "pyrefly"} <= set(words)
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


ROOMS = (
    "files",
    "data",
    "models",
    "training",
    "generation",
    "explore",
    "exercises",
    "lectures",
    "launch",
    "cli",
    "__main__",
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    """Each room of the house uses the rooms before it, never those after it (see CONTRIBUTING.md)."""
    room = path.relative_to(ROOT / "course_lib").with_suffix("").parts[0]
    if room == "__init__":
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for used in (name.split(".")[1] for name in names if name.startswith("course_lib.")):
            assert ROOMS.index(used) <= ROOMS.index(room), f"{room} imports {used}"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "course_lib/data/SOURCES.md"])
def test_links_of_documents_resolve(name):
    document = ROOT / name
    for target in re.findall(r"\]\(([^)#\s]+)", document.read_text("utf-8")):
        assert "://" in target or (document.parent / target).exists(), target
