"""What was trained once is kept, and taken over by the same training only."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_lib import training
from course_lib.models.recurrent import RNN
from course_lib.models.transformer import EncoderLayer, Part
from course_lib.training import fit_once


class Once:
    """A layer, what it is trained on, and how often its loss was asked for."""

    PLAN = ((3, 0.1), (2, 0.01))

    def __init__(self, start: float = 0.0):
        self.layer = torch.nn.Linear(2, 1)
        for parameter in self.layer.parameters():
            torch.nn.init.constant_(parameter, start)
        self.data, self.asked = torch.tensor([[1.0, 2.0], [3.0, 5.0]]), 0

    def loss(self, generator: torch.Generator) -> Tensor:
        self.asked += 1
        noise = torch.randn(2, 1, generator=generator)
        return (self.layer(self.data) - noise - 3).square().mean()

    def train(self, plan=PLAN, **seed: Any) -> tuple[list[float], Tensor]:
        losses = fit_once(self.layer, self.loss, plan, reads=[self.data], label="a layer", **seed)
        return losses, self.layer.weight.detach().clone()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".base").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")


def test_what_was_trained_once_is_taken_over(workspace: Path, capsys: pytest.CaptureFixture[str]):
    first, again = Once(), Once()
    (losses, weight), (kept_losses, kept_weight) = first.train(), again.train()
    assert (first.asked, again.asked) == (5, 0)
    assert losses == kept_losses and torch.equal(weight, kept_weight)
    assert [path.name for path in (workspace / "cache").iterdir()] == ["a-layer.pt"]
    assert capsys.readouterr().out == (
        f"a layer: trained before, taken from {Path('cache', 'a-layer.pt')}; "
        "to train again, delete that file first\n"
    )


@pytest.mark.parametrize("label", ["24 of 7/8 bits", 'is "a\\b": <c>|d?*'])
def test_the_name_of_a_file_can_be_one_on_every_system(label: str, workspace: Path):
    once = Once()
    fit_once(once.layer, once.loss, Once.PLAN, reads=[once.data], label=label)
    (file,) = (workspace / "cache").iterdir()
    assert not set(file.name) & set(' /\\:*?"<>|') and file.suffix == ".pt"


@pytest.mark.usefixtures("workspace")
def test_a_loss_may_be_partial():
    def loss(once: Once, power: int, generator: torch.Generator) -> Tensor:
        return once.loss(generator).pow(power)

    asked = []
    for power in (1, 1, 2):
        once = Once()
        fit_once(once.layer, partial(loss, once, power), Once.PLAN, reads=[once.data], label="partial")
        asked.append(once.asked)
    assert asked == [5, 0, 5]


def test_the_seed_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert Once().train(seed=1)[0] != Once().train(seed=0)[0] == Once().train()[0]


def test_outside_of_a_workspace_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    first, again = Once(), Once()
    assert first.train()[0] == again.train()[0]
    assert (first.asked, again.asked) == (5, 5)
    assert not list(tmp_path.iterdir())


def test_with_and_without_the_folder_the_result_is_the_same(workspace: Path):
    kept = [Once().train() for _ in range(2)][1]
    (workspace / ".base").rmdir()
    losses, weight = Once().train()
    assert losses == kept[0] and torch.equal(weight, kept[1])


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    "change",
    [
        "start",
        "plan",
        "seed",
        "reads",
        "loss",
        "structure",
        "models",
        "data",
        "training.py",
        "torch",
        "dtype",
    ],
)
def test_another_training_is_not_taken_over(change: str, monkeypatch: pytest.MonkeyPatch):
    Once().train()
    other = Once(0.5 if change == "start" else 0.0)
    if change == "reads":
        other.data[1, 1] = 5.5
    if change == "loss":
        monkeypatch.setattr(training.inspect, "getsource", lambda _loss: "another loss")
    if change == "structure":
        other.layer.in_features = 3
    if change in ("models", "data", "training.py"):
        read = Path.read_bytes
        comment = {True: b"# changed", False: b""}
        monkeypatch.setattr(
            Path,
            "read_bytes",
            lambda path: read(path) + comment[change in (path.name, path.parent.name)],
        )
    if change == "torch":
        monkeypatch.setattr(torch, "__version__", "0.0")
    if change == "dtype":
        monkeypatch.setattr(torch, "get_default_dtype", lambda: torch.float16)
    other.train(((3, 0.1), (2, 0.02)) if change == "plan" else Once.PLAN, seed=int(change == "seed"))
    assert other.asked == 5


def recurrent(activation: Callable[[Tensor], Tensor]) -> nn.Module:
    return RNN(2, 3, torch.Generator().manual_seed(0), activation=activation)


def encoder_layer(*without: Part) -> nn.Module:
    return EncoderLayer(4, 2, 8, torch.Generator().manual_seed(0), without=without)


class OtherParameters(nn.ParameterList):
    """Of another kind, and nothing else."""


class Scaled(nn.ParameterList):
    """With a tensor that is neither a parameter nor a buffer."""

    def __init__(self, scale: float):
        super().__init__([torch.ones(2)])
        self.scale = torch.tensor([scale])


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("make", "make_other"),
    [
        (lambda: recurrent(torch.tanh), lambda: recurrent(torch.relu)),
        (
            lambda: recurrent(lambda x: x.tanh()),
            lambda: recurrent(lambda x: x.sin()),
        ),
        (lambda: recurrent(partial(torch.clamp, min=0)), lambda: recurrent(partial(torch.clamp, min=-1))),
        (lambda: Scaled(1.0), lambda: Scaled(2.0)),
        (lambda: encoder_layer("residual"), lambda: encoder_layer()),
        (lambda: nn.ParameterList([torch.ones(2)]), lambda: OtherParameters([torch.ones(2)])),
        (lambda: nn.ParameterList([torch.ones(2, 3)]), lambda: nn.ParameterList([torch.ones(3, 2)])),
    ],
    ids=["function", "lambda", "partial", "tensor", "set", "kind", "shape"],
)
def test_another_module_of_the_same_numbers_is_trained(
    make: Callable[[], nn.Module], make_other: Callable[[], nn.Module]
):
    def is_trained(module: nn.Module) -> bool:
        asked = []

        def loss(_generator: torch.Generator) -> Tensor:
            asked.append(module)
            return torch.stack([parameter.square().sum() for parameter in module.parameters()]).sum()

        fit_once(module, loss, [(1, 0.1)], reads=[], label="one")
        return bool(asked)

    assert [is_trained(module) for module in (make(), make(), make_other())] == [True, False, True]


def test_every_process_knows_the_same_training_again():
    """A set of strings has another order in each process, and a function another address."""
    program = (
        "import torch\n"
        "from course_lib import training\n"
        "from course_lib.models import recurrent, transformer\n"
        "layer = transformer.EncoderLayer(4, 2, 8, without={'residual', 'norm', 'feed_forward'})\n"
        "both = torch.nn.Sequential(layer, recurrent.RNN(2, 3, activation=torch.relu))\n"
        "for parameter in both.parameters(): torch.nn.init.zeros_(parameter)\n"
        "print(training._key(both, []))"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(keys) == 1 and len(keys.pop().strip()) == 64


def test_a_damaged_file_is_made_anew_with_a_line(workspace: Path, capsys: pytest.CaptureFixture[str]):
    expected = Once().train()
    file = workspace / "cache" / "a-layer.pt"
    for content in (b"", b"no weights", file.read_bytes()[:-100]):
        file.write_bytes(content)
        damaged = Once()
        losses, weight = damaged.train()
        assert damaged.asked == 5
        assert losses == expected[0] and torch.equal(weight, expected[1])
        line = capsys.readouterr().out
        assert line.startswith("cache/a-layer.pt can't be read (") and line.count("\n") == 1
        again = Once()
        again.train()
        assert again.asked == 0
        capsys.readouterr()


@pytest.mark.usefixtures("workspace")
def test_what_cannot_be_kept_is_returned_with_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    expected = Once().train()
    Path("cache", "a-layer.pt").unlink()
    monkeypatch.setattr(training.files, "write", fail)
    losses, weight = Once().train()
    assert losses == expected[0] and torch.equal(weight, expected[1])
    assert capsys.readouterr().out == (
        f"{Path('cache', 'a-layer.pt')} can't be written (No space left on device): "
        "the result is kept for now and trained again next time\n"
    )


def test_code_in_a_file_is_not_run(workspace: Path, capsys: pytest.CaptureFixture[str]):
    class Code:
        def __reduce__(self):
            return Path.touch, (workspace / "was run",)

    (workspace / "cache").mkdir()
    torch.save({"key": Code()}, workspace / "cache" / "a-layer.pt")
    assert Once().train()[0]
    assert not (workspace / "was run").exists()
    assert "can't be read (UnpicklingError)" in capsys.readouterr().out


def test_an_interrupt_ends_the_plan_and_keeps_nothing(workspace: Path):
    class Interrupted(Once):
        def loss(self, generator: torch.Generator) -> Tensor:
            if self.asked == 2:
                raise KeyboardInterrupt
            return super().loss(generator)

    assert len(Interrupted().train()[0]) == 2
    assert not (workspace / "cache").exists()


def test_an_interrupt_while_a_stage_is_watched_for_the_last_time_ends_the_plan(workspace: Path):
    def interrupt() -> None:
        raise KeyboardInterrupt

    once = Once()
    losses = fit_once(
        once.layer, once.loss, [(50, 0.1), (3, 0.01)], reads=[once.data], label="a layer", watch=interrupt
    )
    assert len(losses) == 49 and once.asked == 50
    assert not (workspace / "cache").exists()


def test_every_stage_is_watched():
    once, seen = Once(), []
    fit_once(
        once.layer,
        once.loss,
        [(50, 0.1), (70, 0.01)],
        reads=[once.data],
        label="a layer",
        watch=lambda: seen.append(once.asked),
    )
    assert seen == [50, 100]
