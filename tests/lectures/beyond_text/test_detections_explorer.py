"""The explorer of detections draws boxes where they are and tells the classes."""

import numpy as np
import pytest
import torch

from course_lib.data.scenes import NOTHING, SIDE, Scenes
from course_lib.explore import Explorer
from course_lib.lectures.beyond_text.detections_explorer import ENLARGED, OUTLINE, detections
from course_lib.models.detection import Detections
from tests.explore.reading import panel

BOX = [0.4, 0.5, 0.2, 0.4]  # from column 6 to 10 and row 6 to 14, in pixels


@pytest.fixture
def explorer() -> Explorer:
    images = torch.zeros(2, SIDE, SIDE)
    images[0, 7:13, 7:9] = 0.8
    boxes = torch.zeros(2, 3, 4)
    boxes[:, 0] = torch.tensor(BOX)
    boxes[1, 1] = torch.tensor([0.9, 0.9, 0.4, 0.4])  # reaches beyond the sheet
    labels = torch.tensor([[7, NOTHING, NOTHING], [2, 5, NOTHING]])
    scores = torch.full((2, 2, 11), -50.0)
    scores[0, 0, 3], scores[0, 1, NOTHING] = 0, 0
    scores[1, 0, 4] = scores[1, 0, NOTHING] = 0  # a half is not sure
    scores[1, 1, NOTHING] = 0
    found = Detections(scores, torch.tensor([BOX, BOX]).expand(2, 2, 4))
    return detections(Scenes(images, boxes, labels), {"a detector": found}, first=2)


def test_outlines_are_drawn_around_the_boxes(explorer: Explorer):
    for title in ("the objects", "a detector"):
        shown = panel(explorer, title, scene=1)
        rows, columns = np.nonzero(shown.data == OUTLINE)
        assert (columns.min(), columns.max()) == (6 * ENLARGED, 10 * ENLARGED)
        assert (rows.min(), rows.max()) == (6 * ENLARGED, 14 * ENLARGED)
        inner = shown.data[6 * ENLARGED + 1 : 14 * ENLARGED, 6 * ENLARGED + 1 : 10 * ENLARGED]
        assert inner.min() == 0 and inner.max() == 0.8
        assert (shown.data == OUTLINE).sum() == 2 * (4 + 8) * ENLARGED


def test_ink_stays_where_it_is(explorer: Explorer):
    inked = panel(explorer, "the objects", scene=1).data == 0.8
    rows, columns = np.nonzero(inked)
    assert (rows.min(), rows.max() + 1) == (7 * ENLARGED, 13 * ENLARGED)
    assert (columns.min(), columns.max() + 1) == (7 * ENLARGED, 9 * ENLARGED)


def test_captions_tell_classes_of_objects_and_of_sure_detections(explorer: Explorer):
    said = [[shown.caption for shown in explorer(scene=scene)] for scene in (1, 2)]
    assert said == [["7.", "3 (1.00)."], ["2, 5.", "Nothing."]]


def test_boxes_carry_classes_and_probabilities(explorer: Explorer):
    real, found = explorer(scene=1)
    assert real.labels_placed() == [("7", pytest.approx(0.4, abs=0.01), pytest.approx(0.3, abs=0.01))]
    assert found.labels_placed() == [("3 1.00", *real.labels_placed()[0][1:])]
    assert [len(shown.labels_placed()) for shown in explorer(scene=2)] == [2, 0]


def test_two_boxes_around_one_object_carry_their_words_apart():
    scores = torch.full((1, 3, 11), -50.0)
    scores[0, :, 7] = 0
    images, boxes = torch.zeros(1, SIDE, SIDE), torch.zeros(1, 3, 4)
    near = torch.tensor([BOX, [0.45, 0.5, 0.2, 0.4], [0.42, 0.5, 0.2, 0.4]])
    scenes = Scenes(images, boxes, torch.full((1, 3), NOTHING))
    found = detections(scenes, {"a detector": Detections(scores, near[None])}, first=1)
    _, shown = found(scene=1)
    heights = [y for _, _, y in shown.labels_placed()]
    assert heights == [pytest.approx(y, abs=0.02) for y in (0.3, 0.7, 0.5)]


def test_nothing_sure_has_no_box_and_boxes_end_at_the_sheet(explorer: Explorer):
    assert (panel(explorer, "a detector", scene=2).data == 0).all()
    edge = panel(explorer, "the objects", scene=2).data[:, -1]
    assert (edge == OUTLINE).sum() == SIDE * ENLARGED - 14 * ENLARGED


def test_all_scenes_are_a_sweep(explorer: Explorer):
    assert not explorer.live
    frames, _ = explorer.frames(explorer.settings())
    assert len(frames["captions"]) == 2
    assert explorer.setting == {"scene": 2}


def test_a_detector_of_other_scenes_gets_a_line():
    scenes = Scenes(torch.zeros(2, SIDE, SIDE), torch.zeros(2, 3, 4), torch.full((2, 3), NOTHING))
    found = Detections(torch.zeros(1, 6, 11), torch.zeros(1, 6, 4))
    with pytest.raises(ValueError, match=r"^a detector has searched 1 scenes, not 2$"):
        detections(scenes, {"a detector": found})
