"""The one training loop of the course, and the folder where what takes long is kept."""

import copy
import hashlib
import inspect
import io
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from IPython.core.getipython import get_ipython
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.utils.weak import WeakIdKeyDictionary
from tqdm import tqdm

from course_lib import files, folders

Loss = Callable[[torch.Generator], Float[Tensor, ""]]
"""Returns a scalar; it is called once a step with one generator to draw its batch from."""
CACHE = "cache"
"""The folder of a workspace where `fit_once` keeps weights; it may be deleted at any time."""

_trained = WeakIdKeyDictionary()
"""The tensors that were trained in this notebook, and in which run of a cell."""


def fit(
    parameters: Iterable[Tensor],
    loss: Loss,
    steps: int,
    *,
    learning_rate: float = 1e-2,
    clip: float = 1.0,
    seed: int = 0,
    label: str = "training",
    watch: Callable[[], object] = lambda: None,
) -> list[float]:
    """Change the parameters in place to lower the loss, with Adam (Kingma and Ba 2015).

    Where they were trained by a cell that ran before, a line says that training goes on from there.

    Args:
        parameters: the tensors to train, for a module `module.parameters()`.
        loss: see `Loss`.
        steps: how many updates to make.
        learning_rate: Adam's step size.
        clip: the largest norm of the gradient over all parameters; `math.inf` clips nothing.
        seed: seeds that generator.
        label: names the training on its progress bar and in its messages.
        watch: is called after every 50 updates, to show what was learnt so far.

    Returns:
        The loss before each update; fewer than `steps` when the training was interrupted.

    Raises:
        FloatingPointError: the loss or its gradient became infinite or nan; the parameters are as before
            that update.
        ValueError: the loss is no scalar.

    """
    parameters = list(parameters)
    _say_if_trained_before(parameters, label)
    generator = torch.Generator().manual_seed(seed)
    rows = _updates(
        parameters,
        lambda: loss(generator)[None],
        lambda: torch.nn.utils.clip_grad_norm_(parameters, clip)[None],
        steps=steps,
        learning_rate=learning_rate,
        label=label,
        names=[label],
        watch=watch,
    )
    return [value for (value,) in rows]


def fit_side_by_side(
    models: Sequence[nn.Module],
    draw: Callable[[torch.Generator], tuple[Tensor, ...]],
    loss: Callable[..., Float[Tensor, ""]],
    steps: int,
    *,
    learning_rate: float = 1e-2,
    clip: float = 1.0,
    seeds: Sequence[int] | None = None,
    label: str = "training",
    watch: Callable[[], object] = lambda: None,
) -> list[list[float]]:
    """Train models that differ in their numbers only, in one loop: each as `fit` would, but for rounding.

    Every operation is called once for all models (`torch.func.vmap`). Where calls take longer than the
    arithmetic, as in a recurrent network of few units, that halves the time.

    Args:
        models: what is trained; no parameter has two names, and no buffer changes.
        draw: returns a batch, for each model of the same shapes.
        loss: returns a scalar for a model, which can be called and no more, and the tensors of a batch; it
            draws nothing at random.
        steps: how many updates to make.
        learning_rate: as in `fit`.
        clip: the largest norm of the gradient of each model.
        seeds: each model's seed, as in `fit`; by default 0, 1, 2, ...
        label: as in `fit`.
        watch: as in `fit`; the models have learnt what was learnt so far.

    Returns:
        The losses of each model, as of `fit`.

    Raises:
        FloatingPointError: a loss or its gradient became infinite or nan; models are as when last watched, or
            as at first.
        ValueError: there is no model, one is given twice, they differ in more than numbers, there are not as
            many seeds, or the loss is no scalar.
    """
    if not models or len(set(models)) < len(models):
        raise ValueError("give one model or more, and none of them twice")
    seeds = range(len(models)) if seeds is None else seeds
    if len(seeds) != len(models):
        raise ValueError(f"give one seed for each of the {len(models)} models, not {len(seeds)}")
    if any(_structure(model) != _structure(models[0]) for model in models):
        raise ValueError("models that differ in more than their numbers are to be trained one by one")
    _say_if_trained_before([parameter for model in models for parameter in model.parameters()], label)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    stacked, buffers = stack_module_state(list(models))
    skeleton = copy.deepcopy(models[0]).to("meta")

    def loss_of_one(parameters: dict[str, Tensor], buffers: dict[str, Tensor], *batch: Tensor) -> Tensor:
        def model(*inputs: Any, **options: Any) -> Any:
            return functional_call(skeleton, (parameters, buffers), inputs, options)

        return loss(model, *batch)

    def losses() -> Tensor:
        batches = zip(*(draw(generator) for generator in generators), strict=True)
        return vmap(loss_of_one)(stacked, buffers, *map(torch.stack, batches))

    @torch.no_grad()
    def hand_back() -> None:
        for name, values in stacked.items():
            for model, value in zip(models, values, strict=True):
                model.get_parameter(name).copy_(value)

    def watched() -> None:
        hand_back()
        watch()

    rows = _updates(
        list(stacked.values()),
        losses,
        lambda: _clip_each(list(stacked.values()), clip),
        steps=steps,
        learning_rate=learning_rate,
        label=label,
        names=[f"{label}, seed {seed}" for seed in seeds],
        watch=watched,
    )
    hand_back()
    return [[row[number] for row in rows] for number in range(len(models))]


def _say_if_trained_before(parameters: list[Tensor], label: str) -> None:
    """Within one cell training may have stages; another run of a cell may have been meant to start over."""
    run = getattr(get_ipython(), "execution_count", None)
    if any(_trained.get(parameter, run) != run for parameter in parameters):
        print(f"{label}: trained before, goes on from there; to start over, make the model again first")
    for parameter in parameters:
        _trained[parameter] = run


def _structure(model: nn.Module) -> list[tuple[str, type, dict[str, Any]]]:
    """All modules within a model, with what they hold besides tensors and modules."""
    return [
        (name, type(module), {key: value for key, value in vars(module).items() if key[0] != "_"})
        for name, module in model.named_modules()
    ]


def _clip_each(stacked: list[Tensor], clip: float) -> Float[Tensor, "models"]:
    """Clip the gradient of each model, of which there is one along the first axis; return the norms."""
    gradients = [values.grad.view(len(values), -1) for values in stacked if values.grad is not None]
    norms = torch.linalg.vector_norm(torch.cat(gradients, dim=1), dim=1, keepdim=True)
    for gradient in gradients:
        gradient.mul_((clip / (norms + 1e-6)).clamp(max=1.0))
    return norms[:, 0]


def _updates(
    parameters: list[Tensor],
    losses: Callable[[], Float[Tensor, "models"]],
    clip: Callable[[], Float[Tensor, "models"]],
    *,
    steps: int,
    learning_rate: float,
    label: str,
    names: list[str],
    watch: Callable[[], object],
) -> list[list[float]]:
    """Adam's updates of the parameters, and the losses before each one; there is a name for each loss.

    `clip` clips the gradients and returns their norms before.
    """
    optimizer = torch.optim.Adam(parameters, lr=learning_rate, fused=True)  # a tenth faster for small models
    rows: list[list[float]] = []
    # A bar of text, on a line that is free again at the end: a widget would die with its kernel.
    bar = tqdm(range(steps), label, leave=False, file=sys.stdout, disable="TQDM_DISABLE" in os.environ)
    try:
        for step in bar:
            values = losses()
            if values.shape != (len(names),):
                raise ValueError(
                    f"{label}: the loss must be a scalar, not of shape {tuple(values.shape[1:])}"
                )
            row = values.tolist()
            advice = f"start again with a learning rate below {learning_rate:g}"
            _require_finite("loss", row, names, step, advice)
            optimizer.zero_grad()
            values.sum().backward()
            advice = "the loss is finite, but its gradient exploded or does not exist, as that of a root at 0"
            _require_finite("gradient's norm", clip().tolist(), names, step, advice)
            optimizer.step()
            if (step + 1) % 50 == 0:
                watch()
            rows.append(row)  # after watching, so that an interrupt then doesn't look like the end
    except KeyboardInterrupt:
        bar.close()
        print(f"{label}: stopped after {len(rows)} of {steps} steps; what was learnt so far is kept")
    return rows


def _require_finite(what: str, numbers: list[float], names: list[str], step: int, advice: str) -> None:
    for name, number in zip(names, numbers, strict=True):
        if not math.isfinite(number):
            raise FloatingPointError(f"{name}: the {what} is {number} at step {step}; {advice}")


def fit_once(
    module: nn.Module,
    loss: Loss,
    plan: Sequence[tuple[int, float]],
    *,
    reads: Sequence[Tensor],
    label: str,
    seed: int = 0,
    watch: Callable[[], object] = lambda: None,
) -> list[float]:
    """Train a module by a plan, or take over the weights that the same training gave before.

    In a learner's workspace the weights are kept in the folder `cache`, elsewhere nowhere. They count as the
    same only if the parameters before, the plan, the seed, the loss, what it reads, the course's code and the
    version of PyTorch are; what the loss takes from elsewhere, and is no tensor, is not looked at. A line
    says that they were taken over. A file that can't be read is replaced, one that can't be written is left
    out, and a line says so.

    Args:
        module: what is trained.
        loss: see `Loss`.
        plan: pairs of steps and learning rate, which follow each other.
        reads: all tensors that the loss reads besides the parameters.
        label: names the training and its file.
        seed: as in `fit`.
        watch: as in `fit`.

    Returns:
        The losses, as of `fit`; an interrupt ends the plan, and then nothing is kept.
    """
    file = Path(CACHE, re.sub(r"[^\w.-]", "-", label) + ".pt") if folders.is_workspace(Path()) else None
    key = "" if file is None else _key(module, _told(loss), plan, seed, reads)
    if file is not None and (kept := _kept(file, key)):
        module.load_state_dict(kept["weights"])
        print(f"{label}: trained before, taken from {file}; to train again, delete that file first")
        return kept["losses"]
    losses: list[float] = []
    for steps, rate in plan:
        stage = fit(module.parameters(), loss, steps, learning_rate=rate, seed=seed, label=label, watch=watch)
        losses += stage
        if len(stage) < steps:
            return losses
    if file is not None:
        content = io.BytesIO()
        torch.save({"key": key, "weights": module.state_dict(), "losses": losses}, content)
        try:
            files.write(file, content.getvalue())
        except OSError as error:
            what = "the result is kept for now and trained again next time"
            print(f"{file} can't be written ({error.strerror}): {what}")
    return losses


def _key(module: nn.Module, *about: Any) -> str:
    """A digest of a training: of all that its result depends on."""
    parts = [(name, kind.__name__, _told(held)) for name, kind, held in _structure(module)]
    about_all = (torch.__version__, torch.get_default_dtype(), parts, about[:-1])
    digest = hashlib.sha256(repr(about_all).encode())
    for tensor in (*module.state_dict().values(), *about[-1]):
        digest.update(repr((tensor.dtype, tensor.shape)).encode())
        digest.update(tensor.detach().contiguous().numpy().tobytes())
    folder = Path(__file__).parent
    for path in sorted([Path(__file__), *folder.glob("data/*.py"), *folder.glob("models/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _told(value: Any) -> Any:
    """What every process tells alike of a value: sets in order, functions by their text, objects by name."""
    match value:
        case Tensor():
            return value.dtype, value.shape, value.detach().tolist()
        case partial():
            return _told([value.func, value.args, value.keywords])
        case bool() | int() | float() | str() | None:
            return value
        case dict():
            return [(key, _told(held)) for key, held in value.items()]
        case list() | tuple():
            return [_told(member) for member in value]
        case set() | frozenset():
            return sorted(repr(_told(member)) for member in value)
    named = value if hasattr(value, "__qualname__") else type(value)
    source = inspect.getsource(value) if inspect.isfunction(value) or inspect.ismethod(value) else ""
    return f"{named.__module__}.{named.__qualname__}", source


def _kept(file: Path, key: str) -> dict[str, Any] | None:
    """What a file holds, if it is of this training."""
    try:
        kept = torch.load(file, weights_only=True)
        return kept if kept["key"] == key else None
    except FileNotFoundError:
        return None
    except Exception as error:  # whatever a damaged file makes of the reader
        print(f"{file} can't be read ({type(error).__name__}) and will be rebuilt: the training runs again")
        return None
