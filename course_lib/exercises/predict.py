"""Let the learner commit to a prediction before an experiment shows the answer."""

import os
from html import escape
from pathlib import Path
from typing import Any

import traitlets

from course_lib import folders, predictions
from course_lib.explore import page
from course_lib.explore.seat import Seated

FOLDER = Path(__file__).parent
START = "export default seated(render, 0);"
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


class Prediction(Seated):
    """The form behind `predict`; a request of the view commits to a choice."""

    module = f"{page.join(page.VIEW / 'dom.js', FOLDER / 'predict.js', page.SEAT)}\n{START}\n"
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    answer = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: str, choices: tuple[str, ...], file: Path | None) -> None:
        wake = "Run the first code cell and this one to answer."
        super().__init__(wake, question=question, choices=list(choices))
        self._file = file
        self._key = _key(question)
        try:
            stored = predictions.load(file).get(self._key)
        except ValueError as problem:
            self.complaint = f"Nothing can be stored: {problem}."
        else:
            if stored in choices:
                self.answer = stored

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the question, its choices and the answer, in words and in a seat."""
        words = f"Prediction: {self.question} ({' / '.join(self.choices)})"
        if self.answer:
            words += f"\nYou predicted: {self.answer}"
        return {"text/plain": words, "text/html": self.page(self._html())}, {}

    def _html(self) -> str:
        def item(choice: str) -> str:
            chosen = ' class="chosen"' if choice == self.answer else ""
            return f"<li{chosen}>{escape(choice)}</li>"

        state, word = ("taken", "Your prediction") if self.answer else ("asked", "Prediction")
        answer = f'<p class="answer">You predicted: {escape(self.answer)}</p>' if self.answer else ""
        return (
            f'<div class="course prediction {state}" role="group" aria-label="Prediction">'
            f'<p class="state"><strong>{word}</strong></p><p class="question">{escape(self.question)}</p>'
            f'<ul class="choices">{"".join(map(item, self.choices))}</ul>{answer}</div>'
        )

    @traitlets.observe("request")
    def _commit(self, change: dict[str, Any]) -> None:
        """Store the choice; only what is stored counts as the answer."""
        request = change["new"]
        with self.hold_sync():
            self.complaint = ""
            if request["choice"] in self.choices:
                try:
                    predictions.store(self._file, self._key, request["choice"])
                except (OSError, ValueError) as problem:
                    self.complaint = f"Not stored, so not taken: {_reason(problem)}."
                else:
                    self.answer = request["choice"]
            self.answered = request["number"]


def _reason(problem: Exception) -> str:
    return (isinstance(problem, OSError) and problem.strerror) or str(problem)


def _predictions_file() -> Path | None:
    """The file of this workspace; None outside of one, where nothing is stored."""
    folder = Path.cwd()
    return folder / predictions.NAME if folders.is_workspace(folder) else None


def _key(question: str) -> str:
    """The name of a question's answer: the notebook, where Jupyter tells it, and how the question begins."""
    begin = "".join(filter(str.isalnum, question.casefold()))[:KEY_LENGTH]
    notebook = os.environ.get("JPY_SESSION_NAME")
    return f"{Path(notebook).stem}: {begin}" if notebook else begin
