"""Start JupyterLab on the learner's workspace, with every setting and file inside the project's folder."""

import os
import subprocess
import sys
from pathlib import Path

from course_lib.folders import JUPYTER_DATA, NOTEBOOKS, ROOT, STATE, WORKSPACE
from course_lib.notebooks import workspace

FIRST_LECTURE = "00_start_here.ipynb"


def jupyter_environment(state: Path = STATE) -> dict[str, str]:
    """The environment of JupyterLab and its kernels: what they write goes to `state`, not to the home."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": JUPYTER_DATA.name,
        "JUPYTER_RUNTIME_DIR": "runtime",
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


def lab(*arguments: str) -> int:
    """Bring the workspace up to date and open JupyterLab on it; returns JupyterLab's exit code.

    `arguments` go to JupyterLab, such as `--no-browser` or `--port=8889`. Ctrl-C is JupyterLab's to answer:
    it asks before it ends the learner's kernels.
    """
    for line in workspace.update(NOTEBOOKS, WORKSPACE, JUPYTER_DATA):
        print(line, flush=True)
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={WORKSPACE}",
        f"--LabApp.default_url=/lab/tree/{FIRST_LECTURE}",
        *arguments,
    ]
    with subprocess.Popen(command, env=jupyter_environment()) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue
