"""One lock for all: conda and Binder install it as course.py does, and Linux gets torch without CUDA."""

import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from course_lib.folders import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
CONDA = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str)]
PIP = next(entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict))


def test_conda_brings_python_and_pip_alone():
    assert [re.split(r"[=<>]", entry)[0] for entry in CONDA] == ["python", "pip"]


def test_python_is_one_that_the_project_allows():
    # repo2docker, which builds for Binder, reads "python=X.Y" and no other form
    name, version = CONDA[0].split("=")
    assert (name, version.count(".")) == ("python", 1)
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)


def test_pip_installs_the_project_by_the_lock_and_nothing_else():
    assert [entry for entry in PIP if not entry.startswith("--")] == ["-c lock.txt", "-e ."]


def test_one_address_for_builds_without_cuda():
    sys.path.insert(0, str(ROOT))
    try:
        import course
    finally:
        sys.path.remove(str(ROOT))
    assert PIP[0] == f"--extra-index-url {course.CPU_BUILDS}"


@pytest.mark.parametrize(
    "name", ["binder", ".binder", "requirements.txt", "runtime.txt", "Dockerfile", "setup.py"]
)
def test_nothing_takes_precedence_over_the_list(name):
    assert not (ROOT / name).exists()


SEEN = """
import os
from jupyter_core.paths import jupyter_config_path
print(os.getcwd(), jupyter_config_path()[0], os.environ["OMP_NUM_THREADS"], sep="\\n")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Binder runs Linux")
def test_binder_starts_in_the_workspace_with_the_courses_settings(tmp_path):
    shutil.copy(ROOT / "start", tmp_path)
    (tmp_path / "workspace").mkdir()
    started = [tmp_path / "start", sys.executable, "-c", SEEN]
    seen = subprocess.run(started, capture_output=True, text=True, check=True).stdout.splitlines()
    assert seen == [str(tmp_path / "workspace"), str(tmp_path / "jupyter"), "1"]


def test_pip_prefers_the_build_without_cuda(tmp_path):
    """Of two builds of a version, pip takes the one with a local label, as on the CPU index."""
    for version in ("2.13.0", "2.13.0+cpu"):
        make_wheel(tmp_path, version)
    report = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-index"),
            *("--quiet", "--no-deps", "--report=-", f"--find-links={tmp_path}", "torch>=2.13,<2.14"),
        ],
        env={"PATH": "", "PIP_CONFIG_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"version": "2.13.0+cpu"' in report.stdout


def make_wheel(folder, version):
    import zipfile

    info = f"torch-{version}.dist-info"
    with zipfile.ZipFile(folder / f"torch-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
