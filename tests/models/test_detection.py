"""Overlap, matching, the loss of a set, the detector and its average precision."""

from itertools import permutations

import pytest
import torch
from torch import Tensor

from course_lib.models.detection import (
    Detections,
    Detector,
    average_precision,
    match_objects,
    matching_cost,
    overlap,
    set_loss,
)

CLASSES, QUERIES, D_MODEL = 3, 5, 8
NOTHING = CLASSES


def box(left: float, top: float, right: float, bottom: float) -> list[float]:
    return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]


def some_detections(generator: torch.Generator, batch: int = 4) -> Detections:
    scores = torch.randn(batch, QUERIES, CLASSES + 1, generator=generator)
    boxes = 0.1 + 0.8 * torch.rand(batch, QUERIES, 4, generator=generator)
    return Detections(scores.requires_grad_(), boxes.requires_grad_())


def some_objects(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Boxes and classes of scenes with two, three, none and one object."""
    labels = torch.tensor([[0, 2, NOTHING], [1, 1, 2], [NOTHING] * 3, [2, NOTHING, NOTHING]])
    boxes = 0.2 + 0.3 * torch.rand(4, 3, 4, generator=generator)
    return boxes.masked_fill((labels == NOTHING)[..., None], 0), labels


def found(*pictures: list[tuple[int, float, list[float]]]) -> Detections:
    """Detections from (class, probability, box); what is left of the probability is nothing's."""
    scores, boxes = [], []
    for detections in pictures:
        rows = torch.full((len(detections), CLASSES + 1), 1e-12)
        for row, (label, chance, _) in zip(rows, detections, strict=True):
            row[label], row[NOTHING] = chance, 1 - chance
        scores.append(rows.log())
        boxes.append(torch.tensor([where for *_, where in detections]))
    return Detections(torch.stack(scores), torch.stack(boxes))


# overlap


@pytest.mark.parametrize(
    ("first", "second", "ratio", "generalised"),
    [
        (box(0, 0, 2, 2), box(0, 0, 2, 2), 1, 1),
        (box(0, 0, 2, 2), box(1, 1, 3, 3), 1 / 7, 1 / 7 - 2 / 9),
        (box(0, 0, 4, 2), box(1, 0, 2, 2), 1 / 4, 1 / 4),
        (box(0, 0, 1, 1), box(2, 0, 3, 1), 0, -1 / 3),
        (box(0, 0, 1, 1), box(1, 0, 2, 1), 0, 0),
        (box(0, 0, 1, 1), box(9, 9, 10, 10), 0, -98 / 100),
        (box(0, 0, 2, 1), box(0, 2, 2, 3), 0, -1 / 3),
    ],
)
def test_overlap_of_boxes_counted_by_hand(
    first: list[float], second: list[float], ratio: float, generalised: float
):
    for one, other in ((first, second), (second, first)):
        got = overlap(torch.tensor(one), torch.tensor(other))
        assert [value.item() for value in got] == pytest.approx([ratio, generalised])


def test_a_box_of_no_size_overlaps_nothing():
    point = torch.tensor(box(1, 1, 1, 1))
    assert all(value.isfinite() for value in overlap(point, point))
    assert overlap(point, torch.tensor(box(0, 0, 2, 2)))[0] == 0


# matching


@pytest.mark.parametrize(("queries", "objects"), [(5, 3), (3, 3), (4, 1), (2, 0)])
def test_matching_is_as_good_as_the_best_of_all_ways(queries: int, objects: int, generator: torch.Generator):
    for _ in range(20):
        cost = torch.randn(queries, objects, generator=generator)
        matched = match_objects(cost)
        places = torch.arange(objects)
        best = min(cost[list(way), places].sum().item() for way in permutations(range(queries), objects))
        assert cost[matched, places].sum().item() == pytest.approx(best)
        assert len(set(matched.tolist())) == objects


def test_matching_may_give_an_object_its_second_choice():
    cost = torch.tensor([[1.0, 2.0], [3.0, 9.0], [8.0, 9.0]])
    assert match_objects(cost).tolist() == [1, 0]


def test_more_objects_than_queries_get_a_line():
    with pytest.raises(ValueError, match=r"^3 objects can't have a query of their own each: there are 2$"):
        match_objects(torch.zeros(2, 3))


def test_cost_of_a_pair_by_hand():
    predicted = found([(1, 0.8, [0.5, 0.5, 0.2, 0.2]), (0, 0.6, [0.1, 0.2, 0.1, 0.1])])
    boxes, labels = torch.tensor([[[0.5, 0.6, 0.2, 0.2]]]), torch.tensor([[1]])
    cost = matching_cost(predicted, boxes, labels)
    assert cost.shape == (1, 2, 1)
    # Boxes 0.2 x 0.2, moved by 0.1: half of each is shared, a third of both together; nothing is between.
    assert cost[0, 0, 0].item() == pytest.approx(5 * 0.1 - 2 / 3 - 0.8)
    # Apart: the box around both is 0.55 x 0.55.
    far = 5 * (0.4 + 0.4 + 0.1 + 0.1) + 2 * (0.55**2 - 0.01 - 0.04) / 0.55**2
    assert cost[0, 1, 0].item() == pytest.approx(far)


# the loss


def test_loss_of_one_picture_by_hand():
    where = [0.5, 0.6, 0.2, 0.2]
    predicted = found([(0, 0.6, [0.1, 0.2, 0.1, 0.1]), (1, 0.8, [0.5, 0.5, 0.2, 0.2])])
    loss = set_loss(predicted, torch.tensor([[where, [0.0] * 4]]), torch.tensor([[1, NOTHING]]))
    # Query 1 has the object, query 0 should have said nothing, which counts 0.3.
    chances = torch.tensor([0.8, 0.4])
    classes = -(chances.log() * torch.tensor([1, 0.3])).sum() / 1.3
    assert loss.item() == pytest.approx(classes.item() + 5 * 0.1 + 2 * (1 - 1 / 3))


def test_loss_is_that_of_a_set(generator: torch.Generator):
    predicted, (boxes, labels) = some_detections(generator), some_objects(generator)
    expected = set_loss(predicted, boxes, labels)
    for order in permutations(range(3)):
        torch.testing.assert_close(set_loss(predicted, boxes[:, order], labels[:, order]), expected)
    turned = Detections(predicted.scores.flip(1), predicted.boxes.flip(1))
    torch.testing.assert_close(set_loss(turned, boxes, labels), expected)


def test_loss_depends_on_boxes_and_classes(generator: torch.Generator):
    predicted, (boxes, labels) = some_detections(generator), some_objects(generator)
    expected = set_loss(predicted, boxes, labels).item()
    assert set_loss(predicted, 0.9 * boxes, labels).item() != pytest.approx(expected)
    other = torch.where(labels == NOTHING, labels, (labels + 1) % CLASSES)
    assert set_loss(predicted, boxes, other).item() != pytest.approx(expected)


def test_gradients_reach_all_scores_and_the_boxes_that_have_an_object(generator: torch.Generator):
    predicted, (boxes, labels) = some_detections(generator), some_objects(generator)
    set_loss(predicted, boxes, labels).backward()
    assert predicted.scores.grad is not None and predicted.boxes.grad is not None
    assert (predicted.scores.grad.abs().sum(dim=-1) > 0).all()
    moved = (predicted.boxes.grad.abs().sum(dim=-1) > 0).sum(dim=1)
    assert moved.tolist() == [2, 3, 0, 1]


def test_boxes_of_queries_without_object_do_not_count(generator: torch.Generator):
    predicted, (boxes, labels) = some_detections(generator), some_objects(generator)
    set_loss(predicted, boxes, labels).backward()
    assert predicted.boxes.grad is not None
    idle = (predicted.boxes.grad == 0).all(dim=-1, keepdim=True)
    far = torch.where(idle, torch.tensor([0.95, 0.95, 0.01, 0.01]), predicted.boxes.detach())
    expected = set_loss(predicted, boxes, labels)
    torch.testing.assert_close(set_loss(Detections(predicted.scores, far), boxes, labels), expected)


def test_a_picture_without_objects_asks_for_nothing_everywhere(generator: torch.Generator):
    predicted, labels = some_detections(generator), torch.full((4, 3), NOTHING)
    loss = set_loss(predicted, torch.zeros(4, 3, 4), labels)
    assert loss.item() == pytest.approx(-predicted.scores.log_softmax(dim=-1)[..., NOTHING].mean().item())
    loss.backward()
    assert predicted.scores.grad is not None and predicted.scores.grad.isfinite().all()


# the detector


@pytest.fixture
def detector(generator: torch.Generator) -> Detector:
    return Detector(6, 4, CLASSES, queries=QUERIES, d_model=D_MODEL, heads=2, layers=2, generator=generator)


def test_a_detector_answers_for_each_query(detector: Detector, generator: torch.Generator):
    features = torch.randn(3, 6, 4, generator=generator)
    predicted, trace = detector(features)
    assert predicted.scores.shape == (3, QUERIES, CLASSES + 1)
    assert predicted.nothing == NOTHING
    assert (predicted.boxes > 0).all() and (predicted.boxes < 1).all()
    memory = features @ detector.weight_features.T + detector.bias_features + detector.positions
    again = detector.decoder(detector.queries.expand(3, -1, -1), memory, causal=False)
    torch.testing.assert_close(trace.output, again.output)
    torch.testing.assert_close(predicted.scores, trace.output @ detector.weight_class.T + detector.bias_class)
    hidden = (trace.output @ detector.weight_hidden.T + detector.bias_hidden).clamp(min=0)
    torch.testing.assert_close(
        predicted.boxes, (hidden @ detector.weight_box.T + detector.bias_box).sigmoid()
    )


def test_queries_read_one_another_and_the_picture(detector: Detector, generator: torch.Generator):
    _, trace = detector(torch.randn(3, 6, 4, generator=generator))
    for layer in trace.layers:
        assert layer.attended.weights.shape == (3, 2, QUERIES, QUERIES)
        assert layer.attended.weights.min() > 0, "no mask"
        assert layer.crossed is not None and layer.crossed.weights.shape == (3, 2, QUERIES, 6)


def test_the_order_of_the_queries_makes_no_difference(detector: Detector, generator: torch.Generator):
    features = torch.randn(3, 6, 4, generator=generator)
    before, _ = detector(features)
    order = torch.randperm(QUERIES, generator=generator)
    detector.queries.data = detector.queries.data[order]
    after, _ = detector(features)
    torch.testing.assert_close(after.boxes, before.boxes[:, order])
    torch.testing.assert_close(after.scores, before.scores[:, order])


def test_a_detector_knows_where_a_feature_stands(detector: Detector, generator: torch.Generator):
    features = torch.randn(3, 6, 4, generator=generator)
    assert (detector(features)[0].boxes - detector(features.flip(1))[0].boxes).abs().max() > 1e-3


def test_every_parameter_is_trained(detector: Detector, generator: torch.Generator):
    predicted, _ = detector(torch.randn(4, 6, 4, generator=generator))
    set_loss(predicted, *some_objects(generator)).backward()
    without = [name for name, weight in detector.named_parameters() if weight.grad is None]
    assert not without


def test_kinds_leave_nothing_out():
    chances, kinds = found([(1, 0.2, [0.5] * 4), (2, 0.9, [0.5] * 4)]).kinds
    assert kinds.tolist() == [[1, 2]]
    assert chances[0].tolist() == pytest.approx([0.2, 0.9])


# average precision

HERE, THERE, AWAY = [0.3, 0.3, 0.2, 0.2], [0.7, 0.7, 0.2, 0.2], [0.3, 0.7, 0.2, 0.2]
BOXES, LABELS = torch.tensor([[HERE, THERE]]), torch.tensor([[0, 0]])


@pytest.mark.parametrize(
    ("detections", "expected"),
    [
        ([(0, 0.9, HERE), (0, 0.8, THERE)], 1),
        ([(0, 0.9, HERE)], 1 / 2),
        ([(0, 0.9, AWAY), (0, 0.8, AWAY)], 0),
        ([(1, 0.9, HERE), (2, 0.8, THERE)], 0),  # wrong class
        ([(0, 0.9, HERE), (0, 0.8, HERE)], 1 / 2),  # the second finds what was found before
        ([(0, 0.9, HERE), (0, 0.8, HERE), (0, 0.7, THERE)], 1 / 2 + 1 / 2 * 2 / 3),
        ([(0, 0.9, AWAY), (0, 0.8, HERE), (0, 0.7, THERE)], 2 / 3),  # precision 1/2, then 2/3: the larger
        ([(0, 0.7, AWAY), (0, 0.9, HERE), (0, 0.8, THERE)], 1),  # the wrong one comes last
        ([(0, 0.9, THERE), (0, 0.6, HERE), (0, 0.8, AWAY)], 1 / 2 + 1 / 2 * 2 / 3),
    ],
)
def test_average_precision_of_cases_counted_by_hand(
    detections: list[tuple[int, float, list[float]]], expected: float
):
    assert average_precision(found(detections), BOXES, LABELS) == pytest.approx(expected)


def test_average_precision_is_the_mean_over_the_classes():
    detections = found([(0, 0.9, HERE), (1, 0.8, AWAY), (2, 0.7, AWAY)])
    labels = torch.tensor([[0, 1]])
    assert average_precision(detections, BOXES, labels) == pytest.approx(1 / 2)


def test_a_box_around_an_object_of_another_class_is_wrong():
    detections = found([(1, 0.9, HERE), (0, 0.8, THERE)])
    assert average_precision(detections, BOXES, torch.tensor([[0, 1]])) == 0


def test_ranks_run_over_all_pictures():
    detections = found([(0, 0.6, HERE)], [(0, 0.9, AWAY)])
    boxes, labels = torch.tensor([[HERE], [HERE]]), torch.tensor([[0], [0]])
    assert average_precision(detections, boxes, labels) == pytest.approx(1 / 2 * 1 / 2)


def test_equally_likely_detections_keep_their_order():
    first = found([(0, 0.9, HERE), *[(0, 0.9, AWAY)] * 39])
    last = found([*[(0, 0.9, AWAY)] * 39, (0, 0.9, HERE)])
    boxes, labels = torch.tensor([[HERE]]), torch.tensor([[0]])
    assert average_precision(first, boxes, labels) == 1
    assert average_precision(last, boxes, labels) == pytest.approx(1 / 40)


def test_an_object_is_found_in_its_own_picture_only():
    detections = found([(0, 0.9, THERE)], [(0, 0.8, HERE)])
    boxes, labels = torch.tensor([[HERE], [THERE]]), torch.tensor([[0], [0]])
    assert average_precision(detections, boxes, labels) == 0


def test_the_threshold_decides_what_is_near_enough():
    half = [0.3, 0.35, 0.2, 0.2]  # 3/4 of each box is shared, 3/5 of both together
    detections = found([(0, 0.9, half), (0, 0.8, THERE)])
    assert average_precision(detections, BOXES, LABELS, threshold=0.59) == 1
    assert average_precision(detections, BOXES, LABELS, threshold=0.61) == pytest.approx(1 / 4)


def test_an_overlap_of_just_the_threshold_is_near_enough():
    whole, half = torch.tensor([[[0.5, 0.5, 0.5, 0.5]]]), [0.5, 0.5, 0.5, 0.25]
    found_half, label = found([(0, 0.9, half)]), torch.tensor([[0]])
    assert overlap(found_half.boxes, whole)[0].item() == 0.5
    assert average_precision(found_half, whole, label) == 1
    assert average_precision(found_half, whole, label, threshold=0.5 + 1e-9) == 0
    less = found([(0, 0.9, [0.5, 0.5, 0.5, 0.249])])
    assert average_precision(less, whole, label) == 0


def test_places_without_an_object_are_found_by_no_one():
    labels = torch.tensor([[0, NOTHING]])
    detections = found([(0, 0.9, HERE), (0, 0.8, [0.0] * 4)])
    assert average_precision(detections, torch.tensor([[HERE, [0.0] * 4]]), labels) == 1


def test_average_precision_needs_an_object():
    detections = found([(0, 0.9, HERE), (0, 0.8, THERE)])
    with pytest.raises(ValueError, match="there is no object to find"):
        average_precision(detections, BOXES, torch.tensor([[NOTHING, NOTHING]]))
