"""Let the learner commit to a prediction before an experiment shows the answer."""

import os
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import DisplayHandle, display

from course_lib import folders, predictions

KEY_LENGTH = 60


def predict(question: str, *choices: str) -> None:
    """Show a question with radio buttons; the committed choice is kept and shown again on the next run.

    In a workspace the choice is stored in `predictions.json`, elsewhere for as long as the form lives. It is
    kept where punctuation, spaces or the end of a long question change, and never graded. Raises ValueError
    unless there are two different choices at least.
    """
    if len(set(choices)) < max(2, len(choices)):
        raise ValueError("a prediction needs two choices at least, all of them different")
    Prediction(question, choices, _predictions_file()).show()


class Prediction(anywidget.AnyWidget):
    """The form behind `predict`; setting `answer` commits to a choice."""

    _esm = Path(__file__).with_name("predict.js").read_text(encoding="utf-8")
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    answer = traitlets.Unicode().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: str, choices: tuple[str, ...], file: Path | None) -> None:
        super().__init__(question=question, choices=list(choices))
        self._file = file
        self._key = _key(question)
        self._handle: DisplayHandle | None = None
        try:
            stored = predictions.load(file).get(self._key)
        except ValueError as problem:
            self.status = str(problem)
        else:
            if stored in choices:
                self.answer = stored
                self.status = f"You predicted: {stored}"
        self.observe(self._commit, "answer")

    def show(self) -> None:
        """Display the form; a commit renews what is displayed, and so what the notebook saves."""
        self._handle = display(self.bundle(), raw=True, display_id=True)

    def bundle(self) -> dict[str, Any]:
        """Return the form, and the same in words for a notebook without a kernel."""
        view = self._repr_mimebundle_()
        words = f"Prediction: {self.question} ({' / '.join(self.choices)})"
        return (view[0] if view else {}) | {"text/plain": words, "text/html": self._html()}

    def _html(self) -> str:
        choices = "".join(f"<li>{escape(choice)}</li>" for choice in self.choices)
        status = f"<p>{escape(self.status)}</p>" if self.status else ""
        body = f"<p>{escape(self.question)}</p><ul>{choices}</ul>{status}"
        return f'<div role="group" aria-label="Prediction">{body}</div>'

    def _commit(self, change: dict[str, Any]) -> None:
        answer = change["new"]
        if answer not in self.choices:
            return
        status = f"You predicted: {answer}"
        try:
            predictions.store(self._file, self._key, answer)
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            status += f" (not stored: {reason})"
        self.status = status
        if self._handle:
            self._handle.update(self.bundle(), raw=True)


def _predictions_file() -> Path | None:
    """The file of this workspace; None outside of one, where nothing is stored."""
    folder = Path.cwd()
    return folder / predictions.NAME if folders.is_workspace(folder) else None


def _key(question: str) -> str:
    """The name of a question's answer: the notebook, where Jupyter tells it, and how the question begins."""
    begin = "".join(filter(str.isalnum, question.casefold()))[:KEY_LENGTH]
    notebook = os.environ.get("JPY_SESSION_NAME")
    return f"{Path(notebook).stem}: {begin}" if notebook else begin
