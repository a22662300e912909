"""Execute notebooks and store them such that running them again without a change changes no byte."""

import copy
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.output_widget import OutputWidget
from nbformat import NotebookNode, from_dict

from course_lib.files import write
from course_lib.folders import STATE
from course_lib.notebooks import equality
from course_lib.notebooks.folding import fold
from course_lib.notebooks.notebook import as_text, read
from course_lib.notebooks.sentences import one_sentence_a_line

CELL_TIMEOUT = 120
"""Longest time in seconds that a cell may run."""


class NotebookError(ValueError):
    """A notebook could not be executed; the message is one line that says where and why."""


def environment() -> dict[str, str]:
    """Return the environment variables of every kernel whose outputs are stored or compared.

    One thread, fixed hashes, no progress bars, and nothing of the user's home: IPython and matplotlib keep
    their settings and caches in the project's own folder.
    """
    return os.environ | {
        "IPYTHONDIR": str(STATE / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(STATE / "matplotlib"),
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TQDM_DISABLE": "1",
    }


@contextmanager
def kernel(notebook: NotebookNode, folder: Path, timeout: float = CELL_TIMEOUT) -> Iterator[NotebookClient]:
    """Run a kernel for one notebook in `folder`, to be used with `execute_cell`; it ends with the block."""
    _cache_fonts()
    with TemporaryDirectory(prefix="kernel-") as sockets:
        client = NotebookClient(
            notebook,
            km=_kernel_manager(Path(sockets)),
            resources={"metadata": {"path": str(folder)}},
            timeout=timeout,
            record_timing=False,
        )
        client.widget_registry["@jupyter-widgets/output"]["OutputModel"] = _SilentOutputWidget
        client.reset_execution_trackers()
        with client.setup_kernel(cleanup_kc=True, env=environment(), stderr=subprocess.DEVNULL):
            yield client


def _kernel_manager(sockets: Path) -> AsyncKernelManager:
    """Make the manager of a kernel of this interpreter, whatever kernels the user has registered.

    Kernels that start at the same time may be given one TCP port; sockets in a folder of their own can't
    collide.
    """
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    if os.name == "posix":
        manager.transport, manager.ip = "ipc", str(sockets / "socket")
    return manager


def execute_cell(client: NotebookClient, index: int) -> None:
    """Execute one cell of the client's notebook, in place.

    Raises `NotebookError`, naming the cell, if it raises, runs too long or ends the kernel.
    """
    cell = client.nb.cells[index]
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}".split("\n")[0]
    except CellTimeoutError:
        reason = f"ran longer than {client.timeout:g} s"
    except DeadKernelError:
        reason = "the kernel died"
    else:
        return
    raise NotebookError(f"cell {cell.id}: {reason}")


def normal_form(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of an executed notebook that holds nothing of the run that made it, one sentence a line.

    Cells that only show something are folded, and no others. Without counts a new cell changes no other cell,
    so that two branches that add cells merge.
    """
    normal = copy.deepcopy(notebook)
    normal.nbformat, normal.nbformat_minor = 4, 5
    normal.metadata = from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in normal.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            fold(cell)
            cell.execution_count = None
            cell.outputs = equality.normalise(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = None
        elif cell.cell_type == "markdown":
            cell.source = one_sentence_a_line(cell.source)
    return normal


def run(path: Path) -> bool:
    """Execute a notebook in its folder, store it in normal form and return whether the file changed.

    Where the new outputs of a cell equal the stored ones, the stored ones stay. Raises `NotebookError` if a
    cell can't be executed and ValueError if the file is no notebook; the file is then left as it was.
    """
    stored = read(path)
    executed = copy.deepcopy(stored)
    with kernel(executed, path.parent) as client:
        for index in range(len(executed.cells)):
            try:
                execute_cell(client, index)
            except NotebookError as error:
                raise NotebookError(f"{path.name}, {error}") from None
    for old, new in zip(stored.cells, executed.cells, strict=True):
        if new.cell_type == "code" and not equality.differences(old.outputs, new.outputs):
            new.outputs = old.outputs
    result = as_text(normal_form(executed)).encode()
    if result == path.read_bytes():
        return False
    write(path, result)
    return True


def _cache_fonts() -> None:
    """Let matplotlib list the fonts now: on a slow machine it prints a message into an output."""
    if not list((STATE / "matplotlib").glob("fontlist-*.json")):
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"], env=environment(), check=True
        )


class _SilentOutputWidget(OutputWidget):
    """An output widget that takes what a cell prints, as in JupyterLab, but does not report it to the kernel.

    Nothing here needs the report, and sending it on the socket on which the reply to the cell is awaited can
    hide that reply until the cell's time is over.
    """

    def sync_state(self) -> None:
        pass
