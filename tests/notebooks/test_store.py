import json
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.notebooks import store
from course_lib.notebooks.notebook import as_text, read

FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);"
SLIDER = "import ipywidgets\nipywidgets.IntSlider(3)"


def save(path: Path, *sources: str) -> Path:
    cells: list[NotebookNode] = [new_markdown_cell("# Title\n\nOne sentence. Two\nsentences.", id="title")]
    cells += [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources, start=1)]
    path.write_text(as_text(new_notebook(cells=cells)), encoding="utf-8")
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Path:
    path = save(
        tmp_path_factory.mktemp("stored") / "a.ipynb", "print(1)", "print(2)\n'three'", FIGURE, SLIDER
    )
    assert store.run(path)
    return path


def test_normal_form(stored):
    notebook = json.loads(stored.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert notebook["metadata"].keys() == {"kernelspec", "language_info"}
    code = notebook["cells"][1:]
    assert [cell["execution_count"] for cell in code] == [None] * 4
    assert notebook["cells"][0]["source"] == ["# Title\n", "\n", "One sentence.\n", "Two sentences."]
    assert [cell["metadata"] for cell in code] == [{}, {}, {}, {}]
    assert code[1]["outputs"][1]["execution_count"] is None
    assert code[3]["outputs"][0]["data"] == {"text/plain": ["IntSlider(value=3)"]}
    assert stored.read_text(encoding="utf-8").endswith("}\n")


def test_running_again_changes_no_byte(stored):
    before = stored.read_bytes(), stored.stat().st_mtime_ns
    assert not store.run(stored)
    assert (stored.read_bytes(), stored.stat().st_mtime_ns) == before


def test_only_what_changed_is_stored_anew(stored, tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes(stored.read_bytes())
    change(path, "print(2)", "print(22)")
    assert store.run(path)
    old, new = read(stored), read(path)
    assert new.cells[2].outputs[0].text == "22\n"
    assert [cell for i, cell in enumerate(old.cells) if i != 2] == [
        cell for i, cell in enumerate(new.cells) if i != 2
    ]


def test_noise_of_a_run_is_removed(tmp_path):
    path = save(tmp_path / "a.ipynb", "print(1)")
    notebook = read(path)
    notebook.metadata["widgets"] = {"state": {}}
    notebook.cells[1].metadata["execution"] = {"iopub.execute_input": "2020-01-01"}
    assert store.run(path)
    assert "widgets" not in store.normal_form(notebook).metadata
    assert "execution" not in store.normal_form(notebook).cells[1].metadata


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise KeyError('no such word')", "KeyError: 'no such word'"),
        ("1 +", "SyntaxError: invalid syntax"),
        ("import os; os._exit(1)", "the kernel died"),
    ],
)
def test_a_failing_cell_is_named_in_one_line_and_nothing_is_stored(tmp_path, source, reason):
    path = save(tmp_path / "a.ipynb", "print(1)", source, "print(3)")
    before = path.read_bytes()
    with pytest.raises(store.NotebookError) as caught:
        store.run(path)
    assert str(caught.value).startswith(f"a.ipynb, cell cell-2: {reason}")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.ipynb"]


def test_a_cell_that_never_ends_is_stopped(tmp_path):
    notebook = read(save(tmp_path / "a.ipynb", "while True: pass"))
    with store.kernel(notebook, tmp_path, timeout=1) as client, pytest.raises(store.NotebookError) as caught:
        store.execute_cell(client, 1)
    assert str(caught.value) == "cell cell-1: ran longer than 1 s"


def test_the_kernel_runs_beside_the_notebook_in_the_project_environment(tmp_path):
    names = "OMP_NUM_THREADS", "PYTHONHASHSEED", "TQDM_DISABLE"
    source = f"import os\nprint(os.getcwd(), *map(os.environ.get, {names}))"
    path = save(tmp_path / "a.ipynb", source)
    store.run(path)
    assert read(path).cells[1].outputs[0].text == f"{tmp_path} 1 0 1\n"


def test_the_home_of_the_user_is_neither_read_nor_written(tmp_path, monkeypatch):
    home = tmp_path / "home"
    wrong_kernel = '{"argv": ["false"], "display_name": "x", "language": "x"}'
    traps = {
        ".ipython/profile_default/startup/trap.py": "print('startup file of the user')",
        ".ipython/profile_default/ipython_config.py": "raise SystemExit",
        ".config/matplotlib/matplotlibrc": "figure.figsize: 1, 1",
        ".local/share/jupyter/kernels/python3/kernel.json": wrong_kernel,
    }
    for name, text in traps.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    before = sorted(home.rglob("*"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")  # kernels of the user before those of the environment
    for variable in ("IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_DATA_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    path = save(tmp_path / "a.ipynb", "import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize']")
    store.run(path)
    (output,) = read(path).cells[1].outputs
    assert output.data["text/plain"] == "[6.4, 4.8]"
    assert sorted(home.rglob("*")) == before
