"""A committed prediction is stored, shown again, and saved with the notebook's output."""

import json
import sys
from pathlib import Path

import pytest

from course_lib.exercises.predict import Prediction, predict
from course_lib.explore import seat
from course_lib.predictions import NAME
from tests.explore.shown import Shown

QUESTION = "Does the forecast <decay>?"
KEY = "doestheforecastdecay"
CHOICES = ("yes", "no & never")


@pytest.fixture(autouse=True)
def no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    display = Shown()
    monkeypatch.setattr(seat, "display", display)
    return display


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".base").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def form(folder: Path | None) -> Prediction:
    return Prediction(QUESTION, CHOICES, folder / NAME if folder else None)


def commit(prediction: Prediction, choice: str) -> None:
    """Do what messages of the view do: ask, and have the output renewed when the answer has come."""
    number = prediction.answered + 1
    prediction.set_state({"request": {"number": number, "choice": choice}})
    assert prediction.answered == number
    prediction.set_state({"kept": number})


@pytest.mark.usefixtures("workspace")
def test_bundle_has_the_form_and_its_words(shown: Shown) -> None:
    predict(QUESTION, *CHOICES)
    (bundle,) = shown.bundles
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == "Prediction: Does the forecast <decay>? (yes / no & never)"
    assert "Does the forecast &lt;decay&gt;?" in bundle["text/html"]
    assert "<li>no &amp; never</li>" in bundle["text/html"]
    assert "You predicted" not in bundle["text/html"]
    assert "Run the first code cell and this one to answer." in bundle["text/html"]


def test_commit_is_stored_and_updates_what_is_displayed(shown: Shown, workspace: Path) -> None:
    prediction = form(workspace)
    prediction.show()
    commit(prediction, "no & never")
    assert json.loads((workspace / NAME).read_text()) == {KEY: "no & never"}
    assert (prediction.answer, prediction.complaint) == ("no & never", "")
    assert "You predicted: no &amp; never" in shown.bundles[-1]["text/html"]
    assert shown.bundles[-1]["text/plain"].splitlines()[-1] == "You predicted: no & never"
    assert [path.name for path in workspace.iterdir() if path.suffix == ".tmp"] == []


def test_next_run_shows_the_answer_again_and_it_can_be_changed(workspace: Path) -> None:
    commit(form(workspace), "yes")
    again = form(workspace)
    assert (again.answer, again.complaint) == ("yes", "")
    commit(again, "no & never")
    assert form(workspace).answer == "no & never"


def test_answers_of_other_questions_stay(workspace: Path) -> None:
    commit(form(workspace), "yes")
    commit(Prediction("예측?", ("a", "b"), workspace / NAME), "b")
    assert json.loads((workspace / NAME).read_text("utf-8")) == {KEY: "yes", "예측": "b"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Does the forecast <decay>?", "Does the *Forecast* decay ?"),
        (
            "An AR(2), at lag 7: what comes" + 40 * " next" + "?",
            "An AR(2) at lag 7:\nwhat comes" + 20 * " next",
        ),
    ],
)
def test_a_corrected_question_keeps_its_answer(workspace: Path, before: str, after: str) -> None:
    commit(Prediction(before, CHOICES, workspace / NAME), "yes")
    assert Prediction(after, CHOICES, workspace / NAME).answer == "yes"


@pytest.mark.parametrize(
    ("notebook", "question", "key"),
    [
        ("05_lstm", "Where will its forget gates keep least?", "05_lstm: wherewillitsforgetgateskeepleast"),
        (
            "02_autoregressive_models",
            "AR(2) forecasts 11 years ahead. Against it stands 'last value': in 11 years it will be as now.",
            "02_autoregressive_models: ar2forecasts11yearsaheadagainstitstandslastvaluein11yearsitw",
        ),
        ("08_multi_head_attention", "Größe?\nÉtat, d_k = √2", "08_multi_head_attention: grösseétatdk2"),
        (None, "예측: 11년 뒤에는?", "예측11년뒤에는"),
    ],
)
def test_an_answer_is_found_again_under_the_key_of_long_ago(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, notebook: str | None, question: str, key: str
) -> None:
    """Learners' files hold these keys: with other ones, what they predicted would be lost."""
    if notebook:
        monkeypatch.setenv("JPY_SESSION_NAME", f"workspace/{notebook}.ipynb")
    (workspace / NAME).write_text(json.dumps({key: "yes"}), "utf-8")
    prediction = Prediction(question, CHOICES, workspace / NAME)
    assert prediction.answer == "yes"
    commit(prediction, "no & never")
    assert json.loads((workspace / NAME).read_text("utf-8")) == {key: "no & never"}


def test_numbers_tell_questions_apart(workspace: Path) -> None:
    commit(Prediction("Is 1 right?", CHOICES, workspace / NAME), "yes")
    assert Prediction("Is 2 right?", CHOICES, workspace / NAME).answer == ""


def test_notebooks_tell_equal_questions_apart(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, answer in [("workspace/01_sequences.ipynb", "yes"), ("/home/03_rnn.ipynb", "no & never")]:
        monkeypatch.setenv("JPY_SESSION_NAME", path)
        commit(form(workspace), answer)
    assert json.loads((workspace / NAME).read_text("utf-8")) == {
        f"01_sequences: {KEY}": "yes",
        f"03_rnn: {KEY}": "no & never",
    }


def test_interrupted_replace_keeps_the_old_answers(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(form(workspace), "yes")
    before = (workspace / NAME).read_bytes()

    def fail(*_paths: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    prediction = form(workspace)
    commit(prediction, "no & never")
    assert (prediction.answer, prediction.complaint) == (
        "yes",
        "Not stored, so not taken: No space left on device.",
    )
    assert (workspace / NAME).read_bytes() == before
    assert sorted(path.name for path in workspace.iterdir()) == [".base", NAME]


@pytest.mark.skipif(sys.platform == "win32", reason="other systems name the reason otherwise")
def test_a_folder_that_takes_no_lock_is_named_as_the_reason(workspace: Path) -> None:
    (workspace / ".base" / f"{NAME}.lock").mkdir()
    prediction = form(workspace)
    commit(prediction, "yes")
    assert (prediction.answer, prediction.complaint) == ("", "Not stored, so not taken: Is a directory.")


def test_nothing_is_stored_outside_of_a_workspace(
    tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    predict(QUESTION, *CHOICES)
    commit(form(None), "yes")
    assert list(tmp_path.iterdir()) == []
    assert len(shown.bundles) == 1


@pytest.mark.parametrize("content", [b"{broken", b"[1]", b"\xff\xfe"])
def test_broken_file_is_left_alone_and_named(workspace: Path, content: bytes) -> None:
    (workspace / NAME).write_bytes(content)
    prediction = form(workspace)
    advice = "predictions.json cannot be read: fix or delete it to store predictions."
    assert prediction.complaint == f"Nothing can be stored: {advice}"
    commit(prediction, "yes")
    assert (prediction.answer, prediction.complaint) == ("", f"Not stored, so not taken: {advice}")
    assert (workspace / NAME).read_bytes() == content


def test_choices_that_are_gone_are_forgotten(workspace: Path) -> None:
    (workspace / NAME).write_text(json.dumps({KEY: "perhaps"}))
    prediction = form(workspace)
    assert (prediction.answer, prediction.complaint) == ("", "")
    commit(prediction, "perhaps")
    assert (prediction.answer, prediction.complaint) == ("", "")


@pytest.mark.parametrize("choices", [(), ("yes",), ("yes", "yes")])
def test_too_few_choices_are_refused(choices: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="two choices at least"):
        predict(QUESTION, *choices)
