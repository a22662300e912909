"""What a learner's own cells import by an old name goes on working."""

import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import pytest

from course_lib import models
from course_lib.folders import LECTURES, NOTEBOOKS
from course_lib.moved import FOLDERS, MOVED
from course_lib.notebooks.notebook import read


@pytest.mark.parametrize("old", MOVED)
def test_both_names_give_one_module(old: str) -> None:
    new = import_module(MOVED[old])
    specification = new.__spec__
    assert import_module(old) is new
    assert new.__spec__ is specification
    assert new.__name__ == MOVED[old]


CELLS = """
from course_lib.explore import autoregressive as explorers
from course_lib.explore.gates import gates, read_marked_numbers, read_symbols, typed_gates
from course_lib.explore.attention import attention, soft_look_up, typed_attention
from course_lib.lectures import store
from course_lib.models.transformer import encoder
explorers.forecast, gates, attention, store.run
"""


@pytest.mark.kernel
def test_imports_of_old_cells_work_in_a_fresh_kernel() -> None:
    subprocess.run([sys.executable, "-c", CELLS], check=True)


def test_what_never_was_is_not_found() -> None:
    assert find_spec("course_lib.explore.nothing") is None


@pytest.mark.parametrize("old", FOLDERS)
def test_modules_of_exercises_say_where_their_parts_are(old: str) -> None:
    name = old.rpartition(".")[2]
    for statement in (f"import {old}", f"from course_lib.exercises import {name}", f"from {old} import x"):
        with pytest.raises(ImportError, match=f"{old} is gone: see course_lib/lectures/{FOLDERS[old]}/, or"):
            exec(statement)
    assert list((LECTURES / FOLDERS[old]).glob("*_exercise.py"))


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("SelfAttention", models.attention),
        ("EncoderLayer", models.transformer),
        ("TransformerTranslator", models.translation),
        ("Mask", models.attention),
        ("EPSILON", models.transformer),
        ("Advance", models.translation),
    ],
)
def test_models_gives_what_its_modules_make(name: str, module: ModuleType) -> None:
    assert getattr(models, name) is getattr(module, name)


def test_models_gives_nothing_else() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(models, "nothing")  # noqa: B009


OLD_IMPORTS = {
    "07_self_attention": "from course_lib.models import attention as models",
    "08_multi_head_attention": "import course_lib.models.attention as models",
    "10_encoder": "from course_lib.models import transformer as models",
    "11_decoder": "from course_lib.models import translation as models",
}


@pytest.mark.parametrize("lecture", OLD_IMPORTS)
def test_present_cells_work_below_an_imports_cell_that_a_learner_kept(lecture: str) -> None:
    cells = read(NOTEBOOKS / f"{lecture}.ipynb").cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    used = set(re.findall(r"\bmodels\.\w+\.\w+", source))
    assert used
    known: dict[str, object] = {}
    exec(OLD_IMPORTS[lecture], known)
    for expression in used:
        assert eval(expression, known) is eval(expression, {"models": models})
