"""lock.txt fits the ranges, holds all that is needed on every system and Python, and is what is installed."""

import ast
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from course_lib.folders import NOTEBOOKS, ROOT
from course_lib.notebooks.notebook import read
from tests import lock

CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = CONFIGURATION["project"]
RANGES = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
PINS = {pin.name: pin for pin in lock.pins(lock.LOCK.read_text("utf-8"))}
CUDA = CONFIGURATION["tool"]["uv"]["exclude-dependencies"]

SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
MACHINES = {"linux": ("x86_64", "aarch64"), "macos": ("arm64",), "windows": ("AMD64",)}


def applies(requirement, environment, extras=()):
    marker = requirement.marker
    return not marker or any(marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras))


def needed(environment):
    """All that the project and its packages need without CUDA, as far as installed packages tell."""
    waiting, seen = [Requirement(text) for text in RANGES], set()
    while waiting:
        requirement = waiting.pop()
        if canonicalize_name(requirement.name) in CUDA:
            continue
        yield requirement
        asked = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if asked in seen or not next(iter(metadata.distributions(name=requirement.name)), None):
            continue  # one that is not installed is for another system; another test asks for those of this
        seen.add(asked)
        further = map(Requirement, metadata.requires(requirement.name) or ())
        waiting += [one for one in further if applies(one, environment, requirement.extras)]


@pytest.mark.parametrize("entry", RANGES)
def test_the_lock_fits_the_ranges(entry):
    requirement = Requirement(entry)
    assert requirement.specifier.contains(version(requirement.name))
    assert any(part.operator in ("<", "==") for part in requirement.specifier), (
        "no upper end: may break one day"
    )


def version(name):
    (pin,) = PINS[canonicalize_name(name)].specifier
    assert pin.operator == "=="
    return pin.version


def test_each_package_has_one_version_for_all_systems_and_pythons():
    assert len(PINS) == len(lock.pins(lock.LOCK.read_text("utf-8")))


@pytest.mark.parametrize("python", lock.PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_lock_holds_all_that_is_needed(system, python):
    for machine in MACHINES[system]:
        environment = {
            **SYSTEMS[system],
            "platform_machine": machine,
            "python_version": python,
            "python_full_version": f"{python}.0",
        }
        names = set()
        for requirement in needed(environment):
            name = canonicalize_name(requirement.name)
            assert applies(PINS[name], environment), name
            assert requirement.specifier.contains(version(name)), requirement
            names.add(name)
        assert {"torch", "jupyterlab", "markupsafe"} <= names
        assert ("colorama" in names) == (system == "windows")


def test_the_lock_brings_no_cuda():
    assert not [name for name in PINS if name.startswith(("nvidia", "cuda", "triton"))]
    assert PINS.keys().isdisjoint(CUDA)


def test_it_says_nothing_of_where_packages_come_from():
    text = lock.LOCK.read_text("utf-8")
    assert "make lock" in text
    assert "://" not in text
    assert "--" not in text


@pytest.mark.parametrize("pin", [pin for pin in PINS.values() if applies(pin, {})], ids=lambda pin: pin.name)
def test_what_is_installed_is_what_the_lock_says(pin):
    installed = metadata.version(pin.name).split("+")[0]  # PyTorch's +cpu
    assert installed == version(pin.name), "`make setup` brings it in step"


def sources():
    """The code of all modules and notebooks, with what each may import besides itself."""
    everything = {canonicalize_name(Requirement(entry).name) for entry in RANGES}
    learners = {canonicalize_name(Requirement(entry).name) for entry in PROJECT["dependencies"]}
    for path in sorted((ROOT / "course_lib").rglob("*.py")):
        yield path, path.read_text("utf-8"), learners
    for path in (*ROOT.glob("*.py"), *sorted((ROOT / "tests").rglob("*.py"))):
        yield path, path.read_text("utf-8"), everything
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        cells = read(path).cells
        yield path, "\n".join(cell.source for cell in cells if cell.cell_type == "code"), learners


def imported(source):
    """The packages that a source imports, beside Python's own and the project's."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        else:
            continue
        yield from (
            {name.split(".")[0] for name in names}
            - sys.stdlib_module_names
            - {
                "course",
                "course_lib",
                "tests",
            }
        )


def test_every_package_that_is_imported_is_listed_and_locked():
    distributions = metadata.packages_distributions()
    found = set()
    for path, source, listed in sources():
        for name in imported(source):
            packages = set(map(canonicalize_name, distributions[name]))
            assert packages & listed, f"{path} imports {name}"
            assert packages & PINS.keys(), f"{path} imports {name}"
            found |= packages
    assert {"torch", "pillow", "pyyaml", "playwright"} <= found


def test_what_moved_is_said():
    before = "a==1\nb==1\nc==1\nd==1 ; python_full_version < '3.12'\n"
    after = "# by uv\na==1\nc==2\nd==1 ; python_version < '3.12'\nd==2 ; python_version >= '3.12'\ne==1\n"
    assert lock.what_moved(before, after) == [
        "b 1, removed",
        "c 1 -> 2",
        "d 1 -> 1 and 2",
        "e 1, added",
    ]
    assert lock.what_moved(after, after) == []


def test_both_sides_of_a_merge_are_no_lock():
    with pytest.raises(InvalidRequirement):
        lock.pins("<<<<<<< ours\na==1\n=======\na==2\n>>>>>>> theirs\n")


@pytest.fixture
def fake_uv(tmp_path, monkeypatch):
    """Let `main` move a lock in a folder of its own, by a uv that writes what it is told to."""
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    monkeypatch.setattr(lock, "LOCK", tmp_path / "lock.txt")
    (tmp_path / "lock.txt").write_text("a==1\n")

    def answer(text, code=0):
        (tmp_path / "pip").write_text(  # as in: python pip compile ...
            "import pathlib, sys\n"
            f"pathlib.Path('lock.txt').write_text({text!r})\n"
            "pathlib.Path('asked').write_text(str(sys.argv))\n"
            f"sys.exit({code})\n"
        )
        monkeypatch.setattr(lock, "find_uv_bin", lambda: sys.executable)

    return answer


def test_moving_prints_what_moved(fake_uv, tmp_path, capsys):
    fake_uv("a==2\n")
    assert lock.main() == 0
    assert capsys.readouterr().out == "a 1 -> 2\n"
    assert "--upgrade" in (tmp_path / "asked").read_text()
    assert lock.main("--no-upgrade") == 0
    assert capsys.readouterr().out == "Nothing moved.\n"
    assert "--upgrade" not in (tmp_path / "asked").read_text().replace("--no-upgrade", "")
    fake_uv("", 2)
    assert lock.main() == 2


def test_the_build_is_exact_too():
    """The lock doesn't reach what pip builds the project with."""
    (backend,) = map(Requirement, CONFIGURATION["build-system"]["requires"])
    assert [part.operator for part in backend.specifier] == ["=="]
