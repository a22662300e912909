"""The one training loop of the course, and the folder where what takes long is kept."""

import hashlib
import inspect
import io
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from tqdm.auto import tqdm

from course_lib import files

Loss = Callable[[torch.Generator], Float[Tensor, ""]]
"""Returns a scalar; it is called once a step with one generator to draw its batch from."""
CACHE = "cache"
"""The folder of a workspace where `fit_once` keeps weights; it may be deleted at any time."""


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
        FloatingPointError: the loss became infinite or nan.

    """
    parameters = list(parameters)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(parameters, lr=learning_rate, fused=True)  # a tenth faster for small models
    losses: list[float] = []
    try:
        for step in tqdm(range(steps), desc=label, leave=False, disable="TQDM_DISABLE" in os.environ):
            value = loss(generator)
            if not math.isfinite(value.item()):
                raise FloatingPointError(
                    f"{label}: the loss is {value.item()} at step {step}; make the model anew and "
                    f"train it with a learning rate below {learning_rate:g}"
                )
            losses.append(value.item())
            optimizer.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(parameters, clip)
            optimizer.step()
            if len(losses) % 50 == 0:
                watch()
    except KeyboardInterrupt:
        print(f"{label}: stopped after {len(losses)} of {steps} steps; what was learnt so far is kept")
    return losses


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
    version of PyTorch are. A file that can't be read is replaced, and a line says so.

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
    file = Path(CACHE, f"{label.replace(' ', '-')}.pt") if Path(".base").is_dir() else None
    key = "" if file is None else _key(module, inspect.getsource(loss), plan, seed, reads)
    if file is not None and (kept := _kept(file, key)):
        module.load_state_dict(kept["weights"])
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
        files.write(file, content.getvalue())
    return losses


def _key(module: nn.Module, *about: Any) -> str:
    """A digest of a training: of all that its result depends on."""
    digest = hashlib.sha256(repr((torch.__version__, torch.get_default_dtype(), about[:-1])).encode())
    for tensor in (*module.state_dict().values(), *about[-1]):
        digest.update(repr((tensor.dtype, tensor.shape)).encode())
        digest.update(tensor.detach().contiguous().numpy().tobytes())
    folder = Path(__file__).parent
    for path in sorted([Path(__file__), *folder.glob("data/*.py"), *folder.glob("models/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _kept(file: Path, key: str) -> dict[str, Any] | None:
    """What a file holds, if it is of this training."""
    try:
        kept = torch.load(file, weights_only=True)
        return kept if kept["key"] == key else None
    except FileNotFoundError:
        return None
    except Exception as error:  # whatever a damaged file makes of the reader
        print(f"{file} can't be read ({type(error).__name__}) and is made anew: the training runs again")
        return None
