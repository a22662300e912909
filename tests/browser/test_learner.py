"""A learner's first two sittings: lectures run, an exercise is solved, and the work is there the next day."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from course_lib.files import write
from course_lib.notebooks.notebook import as_text, read
from tests.browser.jupyter import Notebook, copy_project, jupyter_lab
from tests.browser.view import View

START, SEQUENCES = "00_start_here.ipynb", "01_sequences.ipynb"

SOLVED = """def masked_mean(loss, mask):
    return loss[mask].mean() if mask.any() else loss.new_zeros(())"""

MASK_INVERTED = """def pad_batch(sequences, value):
    values = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True, padding_value=value)
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    return values, torch.arange(values.shape[1]) >= lengths[:, None]"""

NEWS = "The course has a new sentence."


def first_sitting(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    start = Notebook(context, url, START)
    start.run_all()
    expect(start.output("check-moving-average")).to_contain_text("Not done yet: 0 of 2 points")
    expect(
        start.output("progress-table").get_by_text(re.compile(r"^0 of \d+ exercises solved"))
    ).to_be_visible()
    start.save()
    start.close()

    lecture = Notebook(context, url, SEQUENCES)
    lecture.run_all()
    lecture.select("context-explorer")
    view = View(lecture.output("context-explorer"))
    before = view.picture("what the prediction reads")
    box = view.slider("step").bounding_box()
    assert box
    lecture.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    lecture.page.mouse.down()
    lecture.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=8)
    lecture.page.mouse.up()
    assert view.picture("what the prediction reads") != before
    assert "x12" in view.caption("what the prediction reads")

    lecture.write("masked-mean", SOLVED)
    lecture.run("masked-mean")
    lecture.run("check-masked-mean")
    expect(lecture.output("check-masked-mean")).to_contain_text("Solved: 3 of 3 points")

    lecture.write("pad-batch-solution", MASK_INVERTED)
    lecture.run("pad-batch-solution")
    lecture.run("check-pad-batch")
    result = lecture.output("check-pad-batch")
    expect(result).to_contain_text("Not solved yet: 0 of 4 points")
    expect(result).to_contain_text("Your result is what you get when the mask is true for the padding.")
    lecture.save()
    assert start.strays + lecture.strays == []
    context.close()


def second_sitting(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    lecture = Notebook(context, url, SEQUENCES)
    assert lecture.source("masked-mean") == SOLVED
    assert lecture.source("pad-batch-solution") == MASK_INVERTED
    expect(lecture.output("check-masked-mean")).to_contain_text("Solved: 3 of 3 points")
    expect(lecture.cell("title")).to_contain_text(NEWS)
    lecture.close()

    start = Notebook(context, url, START)
    start.run_all()
    expect(
        start.output("progress-table").get_by_text(re.compile(r"^1 of \d+ exercises solved"))
    ).to_be_visible()
    row = start.output("progress-table").get_by_role("row", name=re.compile("masked.mean"))
    expect(row).to_contain_text("solved")
    expect(row).to_contain_text("3 of 3")
    context.close()


def change_the_course(project: Path) -> None:
    path = project / "notebooks" / SEQUENCES
    notebook = read(path)
    (title,) = (cell for cell in notebook.cells if cell.id == "title")
    title.source += f"\n\n{NEWS}"
    write(path, as_text(notebook).encode())


def test_a_learners_work_is_checked_and_kept(browser: Browser, tmp_path: Path):
    project = copy_project(tmp_path / "project")
    with jupyter_lab(project) as url:
        first_sitting(browser, url)
    change_the_course(project)
    with jupyter_lab(project) as url:
        second_sitting(browser, url)
    assert sorted(path.name for path in (project / "home").iterdir()) == []
