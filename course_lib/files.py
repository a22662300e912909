"""Writing files such that none is ever seen half written."""

import os
import shutil
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file such that at every moment `path` holds either the old or the new content.

    Missing folders are made. A symbolic link stays one: the file that it points to is written. A file that is
    replaced keeps its permissions.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            if target.exists():
                shutil.copymode(target, unfinished)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
