"""Where the project's files are, and what marks a learner's workspace."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
"""The lectures with solutions and outputs."""
LECTURES = ROOT / "course_lib" / "lectures"
"""A folder for each lecture, with its explorers and exercises."""
WORKSPACE = ROOT / "workspace"
"""The learner's copies of the lectures."""
STATE = ROOT / ".course"
"""All that Jupyter, kernels, IPython and matplotlib write beside notebooks."""
JUPYTER_DATA = STATE / "data"
"""What Jupyter keeps of its own: signatures of the notebooks that it trusts."""

BASE = ".base"
"""Within a workspace: the lectures as the learner was last given them."""
HISTORY = "earlier versions"
"""Within a workspace: the learner's notebooks as they were before the course changed them."""
FORMER_HISTORY = ".history"
"""What `HISTORY` was called before; JupyterLab doesn't show a name with a dot."""


def is_workspace(folder: Path) -> bool:
    """Whether learners work in this folder, so that answers and trained weights are kept there."""
    return (folder / BASE).is_dir()
