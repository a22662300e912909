"""The explorers of lecture 03: what a hidden state holds, and how long."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib import typed
from course_lib.data.words import Alphabet
from course_lib.explore.controls import Slider, Text
from course_lib.explore.explorer import Explorer, explorer
from course_lib.explore.panels import Heat, Label, Lines, Panel, Path
from course_lib.models.recurrent import SequencePredictor

TIME = "time step"
LONGEST = 24
"""Most letters of a typed word."""


def hidden_state(model: SequencePredictor, inputs: Float[Tensor, "time"]) -> Explorer:
    """The states of a recurrent model on a series; one input can be changed.

    Args:
        model: reads one number a step.
        inputs: the series, in the model's own scale.
    """
    time, hidden = len(inputs), model.layer.hidden
    states = _states(model, inputs)
    project, reach = _principal_components(states)

    @explorer(
        name="hidden state",
        widths=(2, 1),
        scrub=(TIME,),
        fits=lambda change, **_: {} if change else {"changed_step": 0},
        changed_step=Slider(1, time, at=time // 3),
        change=Slider(-2, 2, at=1, step=0.5),
    )
    def picture(changed_step: float, change: float) -> list[Panel]:
        other = inputs.clone()
        other[int(changed_step) - 1] += change
        changed = _states(model, other)
        distance = (changed - states).norm(dim=-1)
        mark = [Label("", changed_step)] if change else []
        peak = distance.max().item()
        return [
            _map(changed, hidden, labels=mark),
            Path(
                title="the state's way, two principal components",
                data=project(changed),
                x="first component",
                y="second component",
                along=TIME,
                limits=(-reach, reach),
            ),
            Lines(
                title="input, as it was and as it is read",
                data=torch.stack([other, inputs]),
                x=TIME,
                y="input",
                names=["read", "as it was"],
                start=1,
                labels=mark,
                limits=(float(inputs.min()) - 2.2, float(inputs.max()) + 2.2),
            ),
            Lines(
                title="what the change did to the state",
                data=distance[None],
                x=TIME,
                y="distance of the two states",
                start=1,
                labels=mark,
                limits=(0, 2),
                caption=_fading(distance, int(changed_step)) if peak else "Nothing was changed.",
            ),
        ]

    return picture


def letters(model: SequencePredictor, alphabet: Alphabet, word: str) -> Explorer:
    """The states of a recurrent model that reads a typed word letter by letter, and what it expects next.

    Args:
        model: reads one-hot letters and gives a score to each possible next symbol.
        alphabet: the model's symbols.
        word: the word at first.
    """

    @explorer(name="letters", widths=(1, 1), scrub=(TIME,), word=Text(word))
    def picture(word: str) -> list[Panel]:
        word = _one_word(word, alphabet)
        sequence = alphabet.encode([word])[0][:-1]
        with torch.no_grad():
            scores, trace = model(torch.eye(len(alphabet))[sequence][None])
        expected = scores[0].softmax(dim=-1)
        read = [alphabet.symbols[number] for number in sequence.tolist()]
        best = alphabet.symbols[int(expected[-1].argmax())]
        return [
            _map(trace.states[0], model.layer.hidden, read),
            Heat(
                title="expected next symbol",
                data=expected.T,
                x=TIME,
                y="symbol",
                x_names=read,
                y_names=alphabet.symbols,
                limits=(0, 1),
                caption=f"After “{word}” the model expects “{best}” most ({expected[-1].max():.2f}).",
            ),
        ]

    return picture


def _one_word(text: str, alphabet: Alphabet) -> str:
    """The word of a text; raises ValueError with a line for who has typed something else."""
    words = typed.words(text)
    if len(words) != 1 or len(words[0]) > LONGEST:
        raise ValueError(f"Type one word of 1 to {LONGEST} letters.")
    letters = alphabet.symbols[1:]
    for letter in words[0]:
        if letter not in letters:
            named = f"{typed.quoted(letter)} in {typed.quoted(words[0])}"
            raise ValueError(f"{named} is not one of the letters {', '.join(letters)}.")
    return words[0]


def _map(
    states: Float[Tensor, "time hidden"],
    hidden: int,
    names: Sequence[str] = (),
    labels: Sequence[Label] = (),
) -> Heat:
    return Heat(
        title=f"the state: {hidden} units over time",
        data=states.T,
        x=TIME,
        y="unit",
        x_names=names,
        labels=labels,
        limits=(-1, 1),
    )


@torch.no_grad()
def _states(model: SequencePredictor, inputs: Float[Tensor, "time"]) -> Float[Tensor, "time hidden"]:
    return model.layer(inputs[None, :, None]).states[0]


def _principal_components(
    states: Float[Tensor, "time hidden"],
) -> tuple[Callable[[Float[Tensor, "time hidden"]], Float[Tensor, "time 2"]], float]:
    """A projection onto the two directions in which the states vary most, and how far it reaches."""
    mean = states.mean(dim=0)
    _, _, directions = torch.linalg.svd(states - mean, full_matrices=False)
    plane = directions[:2]
    # The sign of a direction is arbitrary: let its largest entry be positive.
    plane = plane * plane.gather(1, plane.abs().argmax(dim=1, keepdim=True)).sign()

    def project(states: Float[Tensor, "time hidden"]) -> Float[Tensor, "time 2"]:
        return (states - mean) @ plane.T

    return project, 1.25 * project(states).abs().max().item()


def _fading(distance: Float[Tensor, "time"], changed_step: int) -> str:
    peak, place = distance.max(dim=0)
    below = (distance[place:] < peak / 10).nonzero()
    after = f"{int(below[0])} steps later it is below a tenth" if len(below) else "more than a tenth stays"
    return f"Changed at {changed_step}, the states differ most at {int(place) + 1} ({peak:.2f}); {after}."
