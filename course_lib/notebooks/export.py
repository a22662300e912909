"""What nbconvert does for the course when it writes Markdown, where no picture can live."""

from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode


class Still(Preprocessor):
    """Leaves out html that has a script: the picture or the words beside it stay."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with still outputs."""
        for cell in nb.cells:
            for output in cell.get("outputs", ()):
                if "<script" in output.get("data", {}).get("text/html", ""):
                    del output.data["text/html"]
        return nb, resources
