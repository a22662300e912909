"""Start JupyterLab on the learner's workspace, with every setting and file inside the project's folder."""

import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from course_lib.folders import BASE, JUPYTER_DATA, NOTEBOOKS, ROOT, STATE, WORKSPACE
from course_lib.notebooks import workspace

RUNTIME = "runtime"
"""Within the state: what JupyterLab says of itself while it runs."""
ENDING = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
"""The signals that end a program, of which each system has some; SIGHUP comes when a terminal is closed."""


def jupyter_environment(state: Path = STATE) -> dict[str, str]:
    """The environment of JupyterLab and its kernels: what they write goes to `state`, not to the home."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": JUPYTER_DATA.name,
        "JUPYTER_RUNTIME_DIR": RUNTIME,
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
    }
    own = {name: str(state / folder) for name, folder in folders.items()}
    for folder in own.values():
        Path(folder).mkdir(parents=True, exist_ok=True)
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("JUPYTER_PATH", "MPLBACKEND")
    }
    return (
        inherited
        | own
        | {
            "JUPYTER_CONFIG_PATH": str(ROOT / "jupyter"),
            "OMP_NUM_THREADS": "1",  # a second thread slows networks as small as ours
            "PYTHONNOUSERSITE": "1",
            "PYTHONUTF8": "1",
        }
    )


@contextmanager
def workspace_to_ourselves(folder: Path) -> Generator[None]:
    """Keep a workspace from being rewritten by another `course lab` or `course workspace` meanwhile.

    Raises BlockingIOError, with the address where one is known, if JupyterLab is running on it.
    """
    (folder / BASE).mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / BASE / "lab.lock", blocking=False):
            if address := running_lab(folder):  # it outlived the `course lab` that started it
                raise BlockingIOError(f"JupyterLab is already running: {address}")
            yield
    except Timeout:
        place = running_lab(folder) or "it is just starting or ending"
        raise BlockingIOError(f"JupyterLab is already running: {place}") from None


def running_lab(folder: Path, state: Path = STATE) -> str | None:
    """Return the address of the JupyterLab that runs on a workspace, None if there is none to be found."""
    if not any((state / RUNTIME).glob("jpserver-*.json")):
        return None
    from jupyter_server.serverapp import list_running_servers  # takes seconds, which most need not wait

    for server in list_running_servers(str(state / RUNTIME)):
        if Path(server["root_dir"]).resolve() == folder.resolve():
            token = f"?token={server['token']}" if server["token"] else ""
            return f"{server['url']}lab{token}"
    return None


def lab(*arguments: str) -> int:
    """Bring the workspace up to date and open JupyterLab on it; returns JupyterLab's exit code.

    `arguments` go to JupyterLab, such as `--no-browser` or `--port=8889`. Where one is running already, that
    one is opened. Ctrl-C is JupyterLab's to answer: it asks before it ends the learner's kernels. Any other
    signal that would end `course lab` ends JupyterLab.
    """
    if address := running_lab(WORKSPACE):
        print(f"JupyterLab is already running: {address}", flush=True)
        if "--no-browser" not in arguments:
            webbrowser.open(address)
        return 0
    with workspace_to_ourselves(WORKSPACE):
        for line in workspace.update(NOTEBOOKS, WORKSPACE, JUPYTER_DATA):
            print(line, flush=True)
        command = [
            *(sys.executable, "-m", "jupyterlab"),
            f"--ServerApp.root_dir={WORKSPACE}",
            *arguments,
        ]
        with subprocess.Popen(command, env=jupyter_environment()) as server:
            for name in ENDING:
                if hasattr(signal, name):
                    signal.signal(getattr(signal, name), lambda *_: server.terminate())
            while True:
                try:
                    return server.wait()
                except KeyboardInterrupt:
                    continue
