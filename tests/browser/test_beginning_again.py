"""In a running JupyterLab an exercise begins again, in the cell that asks for it."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.jupyter import Notebook, copy_project, jupyter_lab

MINE = """import torch

def moving_average(series, window):
    return torch.tensor([[3.0, 7.0]])  # like no mistake that could be named"""


def test_cell_gets_its_stub_back_and_keeps_what_stood_there(browser: Browser, tmp_path: Path) -> None:
    with jupyter_lab(copy_project(tmp_path)) as url:
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        notebook = Notebook(context, url, "00_start_here.ipynb")
        notebook.run_all()
        check = notebook.output("check-moving-average")
        notebook.write("moving-average", MINE)
        notebook.run("moving-average")
        for _ in range(3):
            notebook.run("check-moving-average")
        expect(check).to_contain_text("put %%start_over in the first line")

        notebook.write("moving-average", f"%%start_over\n{MINE}")
        notebook.run("moving-average")
        expect(notebook.cell("moving-average")).to_contain_text("NotImplementedError")
        source = notebook.source("moving-average")
        assert source.endswith("\n".join(f"# {line}".rstrip() for line in MINE.splitlines()))
        notebook.run("moving-average")
        notebook.run("check-moving-average")
        expect(check).to_contain_text("Not done yet: 0 of 2 points")
        notebook.close()
        context.close()
