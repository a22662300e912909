"""A training cell that runs again, even after the whole lecture, starts over: it gives what it gave."""

import contextlib
import hashlib
import io
import symtable
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_lib import training
from course_lib.folders import NOTEBOOKS
from course_lib.notebooks.notebook import read

LECTURES = sorted(NOTEBOOKS.glob("*.ipynb"))
TRAINING = {"fit", "fit_once", "fit_side_by_side"}
STEPS = 2


def bound(table: symtable.SymbolTable) -> set[str]:
    """The names that a cell binds."""
    return {
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    }


def read_by(table: symtable.SymbolTable) -> set[str]:
    """The names of the notebook that are read there, also within functions."""
    is_cell = table.get_type() == "module"
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (is_cell or symbol.is_global())
    }
    return names.union(*map(read_by, table.get_children()))


class Lecture:
    """What a lecture trains, and all that this needs."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = sources
        tables = {cell: symtable.symtable(source, cell, "exec") for cell, source in sources.items()}
        functions = {
            table.get_name(): read_by(table)
            for cell in tables.values()
            for table in cell.get_children()
            if isinstance(table, symtable.Function)
        }
        self.bound = {cell: bound(table) for cell, table in tables.items()}
        self.read = {cell: set(_reach(read_by(table), functions)) for cell, table in tables.items()}
        loops = {cell for cell, source in sources.items() if "torch.optim" in source}
        self.training = [cell for cell, names in self.read.items() if names & TRAINING or cell in loops]
        self.cells = self._needed()

    def _needed(self) -> list[str]:
        cells, wanted = [], set[str]()
        for cell in reversed(self.sources):
            if cell in self.training or self.bound[cell] & wanted:
                cells.insert(0, cell)
                wanted = (wanted | self.read[cell]) - self.bound[cell]
        return cells

    def changes(self) -> list[str]:
        """Run it all, then each cell that trains again; say what is not as it was."""
        namespace: dict[str, Any] = {"__name__": "__main__"}

        def run(cell: str) -> str:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(self.sources[cell], cell, "exec"), namespace)
            return printed.getvalue()

        printed = {cell: run(cell) for cell in self.cells}
        end = dict(namespace)
        before = {name: digest(value) for name, value in end.items()}
        found = []
        for cell in self.training:
            if run(cell) != printed[cell]:
                found.append(f"{cell} prints something else")
            elsewhere = set().union(*(self.bound[other] for other in self.cells if other != cell))
            found += [
                f"{cell} changes {name}"
                for name, was in before.items()
                if digest(end[name]) != was or (name not in elsewhere and digest(namespace[name]) != was)
            ]
            namespace.clear()
            namespace.update(end)
        return found


def _reach(names: set[str], functions: dict[str, set[str]]) -> Iterator[str]:
    """These names, and what the functions among them read when they are called."""
    open_, seen = list(names), set(names)
    while open_:
        name = open_.pop()
        yield name
        new = functions.get(name, set()) - seen
        seen |= new
        open_ += new


def digest(value: Any) -> str:
    """The numbers that a value holds, in short."""
    sha = hashlib.sha256()

    def add(value: Any) -> None:
        match value:
            case Tensor():
                sha.update(f"{value.dtype}{value.shape}".encode())
                sha.update(value.detach().contiguous().numpy().tobytes())
            case nn.Module():
                add(value.state_dict())
            case torch.Generator():
                add(value.get_state())
            case dict():
                for pair in value.items():
                    add(pair)
            case list() | tuple():
                for member in value:
                    add(member)
            case bool() | int() | float() | complex() | str() | None:
                sha.update(repr(value).encode())
            case _:
                sha.update(type(value).__name__.encode())

    add(value)
    return sha.hexdigest()


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all training take two steps, and the clock stand still."""
    whole = training._updates

    def updates(*given: Any, steps: int, watch: Callable[[], object], **options: Any) -> list[list[float]]:
        rows = whole(*given, steps=min(steps, STEPS), watch=watch, **options)
        for _ in range(steps // 50):
            watch()
        return rows + rows[-1:] * (steps - len(rows))

    monkeypatch.setattr(training, "_updates", updates)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.setattr(time, "process_time", lambda: 0.0)


IMPORTS = """import torch
from course_lib.training import fit
def new():
    return torch.ones(2, requires_grad=True)
def train(weight):
    return fit([weight], lambda _: (weight - 3).square().sum(), 5)[0]"""


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(
    ("cells", "changes"),
    [
        (["weight = new()\nlosses = train(weight)"], []),
        (["weight = new()", "losses = train(weight)"], ["1 changes weight", "1 changes losses"]),
        (["weight = new()", "print(train(weight))"], ["1 prints something else", "1 changes weight"]),
        (
            ["g = torch.Generator()", "w = torch.rand(2, generator=g).requires_grad_()\ntrain(w)"],
            ["1 changes g", "1 changes w"],
        ),
        (
            ["kept = [new(), new()]\nlosses = train(kept[0])", "kept[1] = new()\nlosses = train(kept[1])"],
            ["0 changes kept"],
        ),
        (
            [
                "size = 2\nlosses = train(torch.ones(size, requires_grad=True))",
                "size = 3\nmore = train(torch.ones(size, requires_grad=True))",
            ],
            [],
        ),
        (
            [
                "size = 2",
                "losses = train(torch.ones(size, requires_grad=True))",
                "size = 3\nmore = train(torch.ones(size, requires_grad=True))",
            ],
            ["1 changes losses"],
        ),
        (
            ["weight = new()", "weight.sum().backward()\ntorch.optim.SGD([weight]).step()"],
            ["1 changes weight"],
        ),
        (["weight = new()", "weight = weight.detach() + 1"], []),
    ],
)
def test_rule_finds_training_that_goes_on(cells, changes):
    sources = {"imports": IMPORTS} | {str(number): source for number, source in enumerate(cells)}
    assert Lecture(sources).changes() == changes


@pytest.mark.kernel
@pytest.mark.usefixtures("few_steps", "unchecked_shapes")
@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_training_again_gives_the_same(path):
    cells = [
        cell for cell in read(path).cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata
    ]
    assert Lecture({cell.id: cell.source for cell in cells}).changes() == []
