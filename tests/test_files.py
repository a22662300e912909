"""Files hold the old or the new content, whatever happens while they are written."""

from pathlib import Path

import pytest

from course_lib.files import write


def fail(*_arguments: object) -> None:
    raise OSError("disk full")


@pytest.mark.parametrize(("owner", "step"), [("os", "fsync"), ("pathlib.Path", "replace")])
def test_a_failure_keeps_the_old_content_and_leaves_nothing_else(tmp_path, monkeypatch, owner, step):
    path = tmp_path / "a.ipynb"
    write(path, b"old")
    monkeypatch.setattr(f"{owner}.{step}", fail)
    with pytest.raises(OSError, match="disk full"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_content_goes_into_missing_folders_and_nothing_else_stays(tmp_path):
    path = tmp_path / "a" / "b" / "c.ipynb"
    write(path, b"old")
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("target", [Path("elsewhere", "b.ipynb"), Path("b.ipynb")])
def test_a_symbolic_link_stays_one(tmp_path, target):
    link, file = tmp_path / "a.ipynb", tmp_path / target
    link.symlink_to(target)
    for content in (b"old", b"new"):
        write(link, content)
        assert link.readlink() == target
        assert file.read_bytes() == content


def test_a_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "a.ipynb"
    write(path, b"old")
    path.chmod(0o600)
    private = path.stat().st_mode
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode == private
