"""The one training loop of the course."""

import math
import os
from collections.abc import Callable, Iterable

import torch
from jaxtyping import Float
from torch import Tensor
from tqdm.auto import tqdm


def fit(
    parameters: Iterable[Tensor],
    loss: Callable[[torch.Generator], Float[Tensor, ""]],
    steps: int,
    *,
    learning_rate: float = 1e-2,
    clip: float = 1.0,
    seed: int = 0,
    label: str = "training",
) -> list[float]:
    """Change the parameters in place to lower the loss, with Adam (Kingma and Ba 2015).

    Args:
        parameters: the tensors to train, for a module `module.parameters()`.
        loss: returns a scalar; it is called once a step with one generator to draw its batch from.
        steps: how many updates to make.
        learning_rate: Adam's step size.
        clip: the largest norm of the gradient over all parameters; `math.inf` clips nothing.
        seed: seeds that generator.
        label: names the training on its progress bar and in its messages.

    Returns:
        The loss before each update; fewer than `steps` when the training was interrupted.

    Raises:
        FloatingPointError: the loss became infinite or nan.

    """
    parameters = list(parameters)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
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
    except KeyboardInterrupt:
        print(f"{label}: stopped after {len(losses)} of {steps} steps; what was learnt so far is kept")
    return losses
