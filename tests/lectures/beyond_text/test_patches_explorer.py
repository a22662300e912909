"""The explorer of patches shows the weights of the model, where the patches stand."""

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.explore import Explorer, Heat
from course_lib.lectures.beyond_text.patches_explorer import DIMMED, patches
from course_lib.models.vision import PatchEmbedding, VisionTransformer, attention_rollout
from tests.explore.reading import panel

SIDE, SIZE, LAYERS, HEADS, CLASSES = 6, 2, 3, 2, 4
LABELS = [3, 0]
READER_TITLE, ROLLOUT = "the picture", "rollout"


@pytest.fixture(scope="module")
def model() -> VisionTransformer:
    generator = torch.Generator().manual_seed(1)
    embedding = PatchEmbedding(SIDE, SIZE, 8, generator)
    return VisionTransformer(embedding, CLASSES, layers=LAYERS, heads=HEADS, generator=generator)


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.rand(2, SIDE, SIDE, generator=torch.Generator().manual_seed(2))


@pytest.fixture(scope="module")
def explorer(model: VisionTransformer, images: Tensor) -> Explorer:
    return patches(model, images, LABELS)


def all_weights(model: VisionTransformer, image: Tensor) -> list[Tensor]:
    with torch.no_grad():
        return [layer.attended.weights for layer in model(image[None])[1].layers]


def assert_grid(shown: Heat, expected: Tensor) -> None:
    """A picture for each reader: the class token's weight alone in the first row, then the patches'."""
    for reader, weights in enumerate(expected):
        first, *rows = shown.data[reader]
        assert first[0] == weights[0] and np.isnan(first[1:]).all()
        np.testing.assert_array_equal(rows, weights[1:].view(3, 3))


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("head", ["mean", "1", "2"])
def test_weights_are_the_models(
    explorer: Explorer, model: VisionTransformer, images: Tensor, number: int, head: str
):
    setting = {"picture": number, "head": head}
    for layer, weights in enumerate(all_weights(model, images[number - 1]), start=1):
        expected = weights[0].mean(dim=0) if head == "mean" else weights[0, int(head) - 1]
        grid = panel(explorer, f"layer {layer} reads", **setting)
        whole = panel(explorer, f"layer {layer}, all tokens", **setting)
        assert isinstance(grid, Heat)
        assert_grid(grid, expected)
        np.testing.assert_array_equal(whole.data, expected)
        most = int(expected[0].argmax())
        name = "class" if most == 0 else f"{(most - 1) // 3 + 1}·{(most - 1) % 3 + 1}"
        said = "Mean of the heads" if head == "mean" else f"Head {head}"
        assert grid.caption == f"{said}. The class token has most of “{name}” ({expected[0, most]:.2f})."
        assert f"({expected.max():.2f})" in whole.caption


@pytest.mark.parametrize("number", [1, 2])
def test_rollout_is_that_of_the_picture_for_every_head(
    explorer: Explorer, model: VisionTransformer, images: Tensor, number: int
):
    expected = attention_rollout(all_weights(model, images[number - 1]))[0]
    for head in ("mean", "2"):
        shown = panel(explorer, ROLLOUT, picture=number, head=head)
        assert isinstance(shown, Heat)
        assert_grid(shown, expected)
        np.testing.assert_allclose(np.nansum(shown.data, axis=(1, 2)), 1)


def test_the_reader_is_seen_in_the_picture(explorer: Explorer, images: Tensor):
    shown = panel(explorer, READER_TITLE, picture=2)
    np.testing.assert_array_equal(shown.data[0], images[1])  # the class token stands nowhere
    for reader in range(1, 10):
        top, left = SIZE * ((reader - 1) // 3), SIZE * ((reader - 1) % 3)
        expected = DIMMED * images[1]
        expected[top : top + SIZE, left : left + SIZE] = images[1, top : top + SIZE, left : left + SIZE]
        np.testing.assert_allclose(shown.data[reader], expected)


def test_the_answer_is_told(explorer: Explorer, model: VisionTransformer, images: Tensor):
    for number, label in enumerate(LABELS):
        with torch.no_grad():
            chances = model(images[number][None])[0][0].softmax(dim=-1)
        said = f"A {label}; the model says {chances.argmax()} with probability {chances.max():.2f}."
        assert panel(explorer, READER_TITLE, picture=number + 1).caption == said


def test_one_cursor_moves_all_panels(explorer: Explorer):
    names = ["class", *(f"{row}·{column}" for row in (1, 2, 3) for column in (1, 2, 3))]
    assert explorer.scrub == ("reader",)
    for shown in explorer():
        assert isinstance(shown, Heat)
        if shown.among:
            assert (shown.among, shown.among_names) == ("reader", names)
        else:
            assert (shown.y, shown.y_names) == ("reader", names)
        low, high = shown.limits
        assert low <= np.nanmin(shown.data) and np.nanmax(shown.data) <= high


def test_it_is_a_sweep_of_pictures_and_heads(explorer: Explorer):
    assert not explorer.live
    frames, _ = explorer.frames(explorer.settings())
    assert len(frames["captions"]) == 2 * (HEADS + 1)
    assert len(frames["panels"]) == 2 * (LAYERS + 1)


def test_a_picture_without_label_gets_a_line(model: VisionTransformer, images: Tensor):
    with pytest.raises(ValueError, match=r"^give a label to each of the 2 pictures, not 1 labels$"):
        patches(model, images, LABELS[:1])
