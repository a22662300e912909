"""What nbconvert does for the course when it writes Markdown, where no picture can live."""

import re
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

STYLE = re.compile(r"<style>.*?</style>\s*", re.DOTALL)


class Still(Preprocessor):
    """Leaves out html that has a script, as the picture or the words beside it stay; and all style sheets."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with still outputs."""
        for cell in nb.cells:
            for output in cell.get("outputs", ()):
                html = output.get("data", {}).get("text/html", "")
                if "<script" in html:
                    del output.data["text/html"]
                elif html:
                    output.data["text/html"] = STYLE.sub("", html)
        return nb, resources
