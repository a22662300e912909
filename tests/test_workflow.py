"""The hosted workflow, which runs elsewhere: its form, and that it covers each system and Python."""

import subprocess
import sys
from itertools import product

import pytest
import yaml

from course_lib.folders import ROOT
from tests.lock import PYTHONS

WORKFLOW = ROOT / ".github" / "workflows" / "test.yml"
JOBS = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]
SYSTEMS = ("ubuntu-latest", "macos-latest", "windows-latest")


def check(path):
    """Compare a workflow with the schema that the validator carries."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", path]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_workflow_keeps_the_schema():
    result = check(WORKFLOW)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("right", "wrong"), [("runs-on:", "run-on:"), ("continue-on-error: true", "continue-on-error: [1]")]
)
def test_the_schema_finds_what_is_wrong(tmp_path, right, wrong):
    text = WORKFLOW.read_text("utf-8")
    assert right in text
    (tmp_path / "test.yml").write_text(text.replace(right, wrong), "utf-8")
    assert check(tmp_path / "test.yml").returncode == 1


def test_every_system_and_every_python_is_covered():
    matrix = JOBS["locked"]["strategy"]["matrix"]
    assert set(product(matrix["system"], matrix["python"])) == set(product(SYSTEMS, PYTHONS))
    for more in matrix["include"]:
        assert more["system"] in SYSTEMS
        assert more["python"] in PYTHONS
    assert JOBS["newest"]["steps"][1]["with"]["python-version"] in PYTHONS


def test_the_newest_packages_may_fail():
    assert JOBS["newest"]["continue-on-error"] is True
    assert [step["run"] for step in JOBS["newest"]["steps"] if "run" in step] == [
        "python course.py lock",
        "python course.py test",
    ]
