"""A control is greyed exactly where it changes nothing."""

from typing import Any

import numpy as np
import pytest

from course_lib.explore import Explorer
from tests.layout.catalogue import EXPLORERS

EXAMPLES = {make.__name__: example for make, example in EXPLORERS.items()}
GREYED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("context", "order", {"model": "latent"}, {"model": "AR(order)"}),
    ("hidden_state", "changed_step", {"change": 0}, {"change": 1}),
    ("gates", "added_to_forget_bias", {"held_gate": "forget at 1"}, {"held_gate": "input at 1"}),
    ("encoder", "mask", {"padding": False}, {"padding": True}),
    ("typed_encoder", "mask", {"text": "abcdefgh"}, {"text": "abc"}),
    ("typed_encoder", "padding", {"text": "abcdefgh"}, {"text": "abc", "mask": False}),
    ("translation", "word", {"change": "nothing"}, {"change": "drop"}),
    ("translation", "word", {"change": "drop", "text": "May"}, {"change": "swap"}),
    ("paint", "seed", {"temperature": "greedy"}, {"temperature": "1.5"}),
]


def changes(explorer: Explorer, control: str, setting: dict[str, Any]) -> bool:
    """Whether the first and the third value of a control, or its last, give other pictures."""
    values = explorer.controls[control].values
    assert values
    one, other = (
        [
            (panel.caption, panel.labels_placed(), panel.codes())
            for panel in explorer(**setting, **{control: value})
        ]
        for value in (values[0], values[min(2, len(values) - 1)])
    )
    return any(a[:2] != b[:2] or not np.array_equal(a[2], b[2]) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("name", "control", "idle", "at_work"), GREYED)
def test_what_is_greyed_changes_nothing(
    name: str, control: str, idle: dict[str, Any], at_work: dict[str, Any]
):
    explorer = EXAMPLES[name]()
    assert explorer.fits(**explorer.setting | idle)[control] == 0
    assert not changes(explorer, control, idle)
    assert explorer.fits(**explorer.setting | at_work).get(control, 1) > 0
    assert changes(explorer, control, at_work)
