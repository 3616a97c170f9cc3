"""Boxes, grid targets and mAP against worked tables, properties and a slow definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.detection import average_precision, decode, grid_targets, iou, mean_average_precision


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((0, 0, 4, 4), (0, 0, 4, 4), 1.0),
        ((0, 0, 4, 4), (2, 2, 6, 6), 4 / 28),
        ((0, 0, 4, 4), (4, 0, 8, 4), 0.0),
        ((0, 0, 10, 1), (0, 0, 1, 10), 1 / 19),
        ((3, 3, 3, 3), (0, 0, 9, 9), 0.0),
        ((3, 3, 3, 3), (3, 3, 3, 3), 0.0),
    ],
)
def test_iou_of_worked_pairs(a, b, expected):
    assert iou([a], [b])[0, 0] == pytest.approx(expected)
    assert iou([b], [a])[0, 0] == pytest.approx(expected)


def test_average_precision_by_hand():
    # recall 1/3 at precision 1, 2/3 at 2/3 (made 3/4 by the later point), 1 at 3/4
    assert average_precision([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 1], 3) == pytest.approx(1 / 3 + 2 / 3 * 3 / 4)
    assert average_precision([], [], 4) == 0.0
    assert np.isnan(average_precision([0.5], [0], 0))


def area_by_definition(scores, hits, positives):
    """The sum over recall levels of the best precision at that recall or beyond, point by point."""
    ranked = [hit for _, hit in sorted(zip(scores, hits, strict=True), key=lambda pair: -pair[0])]
    points = [(sum(ranked[:k]) / positives, sum(ranked[:k]) / k) for k in range(1, len(ranked) + 1)]
    return sum(
        max(p for r, p in points if r >= level / positives - 1e-12) / positives
        for level in range(1, sum(ranked) + 1)
    )


@given(st.lists(st.integers(0, 1), min_size=1, max_size=12), st.integers(0, 5))
def test_average_precision_equals_its_definition(hits, missed):
    scores = [1 - 0.01 * i for i in range(len(hits))]
    positives = sum(hits) + missed
    if positives:
        assert average_precision(scores, hits, positives) == pytest.approx(
            area_by_definition(scores, hits, positives)
        )


BOXES = np.array(
    [[[8, 8, 32, 56], [50, 40, 90, 60], [0, 0, 0, 0]], [[0, 0, 20, 20], [0, 0, 0, 0], [0, 0, 0, 0]]]
)
KINDS = np.array([[0, 1, -1], [1, -1, -1]])


def test_decoded_targets_are_the_boxes_and_score_one():
    heat, sides, weight = grid_targets(BOXES, KINDS)
    assert weight.sum() == 3
    assert heat.shape == (2, 12, 12, 2)
    found = [decode(h, s) for h, s in zip(heat, sides, strict=True)]
    for (boxes, kinds, scores), true, labels in zip(found, BOXES, KINDS, strict=True):
        best = scores == 1
        assert sorted(map(tuple, np.c_[kinds, boxes][best].tolist())) == sorted(
            (float(k), *map(float, b)) for k, b in zip(labels, true, strict=True) if k >= 0
        )
    assert mean_average_precision(found, BOXES, KINDS) == 1.0


@given(st.data())
def test_every_box_survives_the_grid(data):
    left, top = data.draw(st.integers(0, 88)), data.draw(st.integers(0, 88))
    right, bottom = data.draw(st.integers(left + 4, 96)), data.draw(st.integers(top + 4, 96))
    kind = data.draw(st.integers(0, 1))
    heat, sides, _ = grid_targets([[[left, top, right, bottom]]], [[kind]])
    boxes, kinds, scores = decode(heat[0], sides[0])
    assert scores[0] == 1
    assert kinds[0] == kind
    # a centre on the border of the last cell lies up to one cell beside its middle: all sides stay >= 0 for
    # boxes >= 8
    if min(right - left, bottom - top) >= 8:
        np.testing.assert_allclose(boxes[0], [left, top, right, bottom], atol=1e-9)


def test_the_smaller_of_two_boxes_gets_a_shared_cell():
    boxes, kinds = np.array([[[40, 40, 50, 50], [10, 10, 80, 80]]]), np.array([[1, 0]])
    _, sides, weight = grid_targets(boxes, kinds)
    assert weight.sum() == 1
    np.testing.assert_allclose(sides[0, 5, 5] * 8, [4, 4, 6, 6])


def test_a_second_detection_of_one_box_is_false():
    true, kinds = np.array([[[0, 0, 10, 10]]]), np.array([[0]])
    twice = (np.array([[0, 0, 10, 10], [0, 0, 10, 9]]), np.array([0, 0]), np.array([0.5, 0.9]))
    # the hotter one (IoU .9) takes the box at precision 1; the other adds no recall
    assert mean_average_precision([twice], true, kinds) == 1.0
    shifted = (np.array([[6, 0, 16, 10], [0, 0, 10, 10]]), np.array([0, 0]), np.array([0.9, 0.5]))
    assert mean_average_precision([shifted], true, kinds) == 0.5


def test_wrong_class_and_missed_boxes_cost():
    wrong = (BOXES[0, :2].astype(float), np.array([1, 0]), np.array([0.9, 0.9]))
    nothing = (np.zeros((0, 4)), np.zeros(0, int), np.zeros(0))
    assert mean_average_precision([wrong, nothing], BOXES, KINDS) == 0.0


def test_order_of_pictures_does_not_matter():
    rng = np.random.default_rng(4)
    boxes, kinds = np.repeat(BOXES, 10, axis=0), np.repeat(KINDS, 10, axis=0)
    heat, sides, _ = grid_targets(boxes, kinds)
    found = [
        decode(h + 0.3 * rng.random(h.shape), s + 1.2 * rng.normal(size=s.shape))
        for h, s in zip(heat, sides, strict=True)
    ]
    value = mean_average_precision(found, boxes, kinds)
    order = rng.permutation(len(boxes))
    assert 0 < value < 1
    assert mean_average_precision([found[i] for i in order], boxes[order], kinds[order]) == pytest.approx(
        value
    )


def test_faults_are_named():
    with pytest.raises(ValueError, match="1 detections for 2 pictures"):
        mean_average_precision([((), (), ())], BOXES, KINDS)
    with pytest.raises(ValueError, match="no picture has a box"):
        mean_average_precision([(np.zeros((0, 4)), (), ())], BOXES[:1], np.full((1, 3), -1))


def peaks_by_loop(heat, threshold):
    """The definition: a cell, unless a neighbour is hotter, or as hot and met before it."""
    found = set()
    for i, j, kind in np.ndindex(heat.shape):
        around = [(a, b) for a in range(i - 1, i + 2) for b in range(j - 1, j + 2)
                  if (a, b) != (i, j) and 0 <= a < heat.shape[0] and 0 <= b < heat.shape[1]]
        beaten = [heat[a, b, kind] > heat[i, j, kind] or (heat[a, b, kind] == heat[i, j, kind] and (a, b) < (i, j))
                  for a, b in around]
        if heat[i, j, kind] > threshold and not any(beaten):
            found.add((i, j, kind))
    return found


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_equal_neighbours_count_once(seed, levels):
    """Heat from integers has few levels, so that neighbours are often equal."""
    heat = np.random.default_rng(seed).integers(0, levels, (6, 6, 2)) / levels
    sides = np.full((6, 6, 4), 0.25)  # every box lies around the middle of its cell
    boxes, kinds, _ = decode(heat, sides, most=72)
    cells = (boxes[:, :2] // 8).astype(int)
    found = {(i, j, kind) for (j, i), kind in zip(cells.tolist(), kinds.tolist(), strict=True)}
    assert found == peaks_by_loop(heat, 0.05)
    for kind in (0, 1):
        places = cells[kinds == kind]
        apart = np.abs(places[:, None] - places[None]).max(-1)
        assert (apart[~np.eye(len(places), dtype=bool)] > 1).all()
