"""Boxes on a grid of centres: overlap, targets, decoding, mean average precision.

A box is (left, top, right, bottom) in pixels. A detector answers on a grid of G x G cells of `stride` pixels:
per class the chance that a box has its centre in the cell, and the distances from the cell's middle to the
four sides of that box.
"""

import numpy as np

GRID, STRIDE = 12, 8


def iou(a, b):
    """Intersection over union of every box of `a` (N, 4) with every box of `b` (M, 4): (N, M) in 0..1.

    |A n B| / |A u B|; an empty box overlaps nothing.

    >>> iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [5, 5, 6, 6]]).round(3).tolist()
    [[0.333, 0.0]]
    """
    a, b = np.asarray(a, float).reshape(-1, 1, 4), np.asarray(b, float).reshape(1, -1, 4)
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    both = np.prod(np.maximum(sides, 0), axis=-1)
    union = np.prod(a[..., 2:] - a[..., :2], axis=-1) + np.prod(b[..., 2:] - b[..., :2], axis=-1) - both
    return np.where(union > 0, both / np.maximum(union, 1e-12), 0.0)


def labelled(boxes, kinds):
    """Boxes (..., 4) and kinds (...) as one integer array (..., 5): kind (-1 none), left, top, right, bottom.

    >>> labelled([[8, 8, 32, 56]], [0]).tolist()
    [[0, 8, 8, 32, 56]]
    """
    return np.concatenate([np.asarray(kinds, np.int16)[..., None], np.asarray(boxes, np.int16)], axis=-1)


def grid_targets(boxes, kinds, classes=2, grid=GRID, stride=STRIDE):
    """What a detector should answer: (heat (N, G, G, classes), sides (N, G, G, 4), weight (N, G, G)).

    boxes (N, K, 4), kinds (N, K) with -1 for "no box". heat is 1 in the cell of the centre and falls off
    around it as exp(-r^2 / 2 s^2), r in cells, s a sixth of the box's mean side but at least 0.4 cells; sides
    are the distances left, top, right, bottom from the cell's middle, in strides; weight is 1 where sides
    count. Of two boxes that claim a cell the smaller one gets it.
    """
    boxes, kinds = np.asarray(boxes, float), np.asarray(kinds)
    n = len(boxes)
    heat, sides, weight = (
        np.zeros((n, grid, grid, classes)),
        np.zeros((n, grid, grid, 4)),
        np.zeros((n, grid, grid)),
    )
    middle = (np.arange(grid) + 0.5) * stride
    area = np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1)
    for k in np.argsort(-area, axis=1).T:  # large ones first, so that small ones overwrite
        row = np.arange(n)
        box, kind = boxes[row, k], kinds[row, k]
        x, y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
        i, j = (np.clip(v // stride, 0, grid - 1).astype(int) for v in (y, x))
        spread = np.maximum((box[:, 2:] - box[:, :2]).mean(1) / (6 * stride), 0.4)[:, None, None]
        square = (np.arange(grid)[:, None] - i[:, None, None]) ** 2 + (
            np.arange(grid) - j[:, None, None]
        ) ** 2
        bump = np.exp(-square / (2 * spread**2))
        for label in range(classes):
            own = kind == label
            heat[own, ..., label] = np.maximum(heat[own, ..., label], bump[own])
        own = np.flatnonzero(kind >= 0)
        center = np.stack([middle[j], middle[i]], axis=1)
        sides[own, i[own], j[own]] = (
            np.concatenate([center - box[:, :2], box[:, 2:] - center], axis=1)[own] / stride
        )
        weight[own, i[own], j[own]] = 1
    return heat, sides, weight


def decode(heat, sides, threshold=0.05, stride=STRIDE, most=20):
    """Boxes of one picture from heat (G, G, classes) and sides (G, G, 4): (boxes (M, 4), kinds (M,), scores
    (M,)).

    A cell counts when no neighbour of its class is hotter, nor as hot and before it in reading order: integers are
    often equal, and one object must not count twice. The M <= `most` hottest remain, the best first.
    """
    heat = np.asarray(heat, float)
    padded = np.pad(heat, ((1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    g = heat.shape[0]
    around = [padded[a : a + g, b : b + g] for a in range(3) for b in range(3)]
    peak = (heat > np.max(around[:4], axis=0)) & (heat >= np.max(around[4:], axis=0))
    i, j, kinds = np.nonzero(peak & (heat > threshold))
    order = np.argsort(-heat[i, j, kinds], kind="stable")[:most]
    i, j, kinds = i[order], j[order], kinds[order]
    center = (np.stack([j, i], axis=1) + 0.5) * stride
    reach = np.maximum(np.asarray(sides, float)[i, j], 0) * stride
    boxes = np.concatenate([center - reach[:, :2], center + reach[:, 2:]], axis=1)
    return np.clip(boxes, 0, g * stride), kinds, heat[i, j, kinds]


def average_precision(scores, hits, positives):
    """Area under the precision-recall curve with precision made falling: sum (r_k - r_(k-1)) max_{l >= k}
    p_l.

    scores (M,), hits (M,) 1 where a detection matched a box of its own, positives: number of boxes; NaN
    without boxes. Everingham et al. 2010, section 4.2, in the all-points form.

    >>> average_precision([0.9, 0.8, 0.7], [1, 0, 1], 2)
    0.8333333333333333
    """
    if positives == 0:
        return float("nan")
    order = np.argsort(-np.asarray(scores, float), kind="stable")
    true = np.cumsum(np.asarray(hits, float)[order])
    precision = true / np.arange(1, len(true) + 1)
    recall = true / positives
    best = np.maximum.accumulate(precision[::-1])[::-1] if len(true) else precision
    return float((np.diff(recall, prepend=0.0) * best).sum())


def mean_average_precision(detections, boxes, kinds, classes=2, overlap=0.5):
    """mAP at IoU >= `overlap`: the mean over classes of `average_precisions`; classes without a box do not
    count.

    Raises ValueError when the numbers of pictures differ or no picture has a box.
    """
    table = average_precisions(detections, boxes, kinds, classes, overlap)
    values = [value for value, positives in table.values() if positives]
    if not values:
        raise ValueError(
            "mean_average_precision: no picture has a box; give kinds >= 0 for the boxes that count"
        )
    return float(np.mean(values))


def average_precisions(detections, boxes, kinds, classes=2, overlap=0.5):
    """{class: (average precision at IoU >= `overlap`, number of boxes)}, the former NaN without boxes.

    detections: per picture (boxes (M, 4), kinds (M,), scores (M,)), as `decode` gives; boxes (N, K, 4), kinds
    (N, K), -1 for "no box". Per picture and class, detections take the free box of greatest overlap in the
    order of their scores. Raises ValueError when the numbers of pictures differ.
    """
    if len(detections) != len(boxes):
        raise ValueError(
            f"mean_average_precision: {len(detections)} detections for {len(boxes)} pictures; give one "
            "(boxes, kinds, scores) per picture"
        )
    return {label: _average_precision_of(label, detections, boxes, kinds, overlap) for label in range(classes)}


def _average_precision_of(label, detections, boxes, kinds, overlap):
    scores, hits, positives = [], [], 0
    for (found, found_kinds, found_scores), true, true_kinds in zip(detections, boxes, kinds, strict=True):
        own, wanted = np.asarray(found_kinds) == label, np.asarray(true_kinds) == label
        positives += int(wanted.sum())
        scores.append(np.asarray(found_scores, float)[own])
        hits.append(
            match(np.asarray(found, float).reshape(-1, 4)[own], scores[-1], np.asarray(true)[wanted], overlap)
        )
    return average_precision(np.concatenate(scores), np.concatenate(hits), positives), positives


def match(found, scores, true, overlap=0.5):
    """(M,) 1 where a detection of `found` (M, 4), `scores` (M,) takes a free box of `true` (K, 4): the hottest first.

    >>> match(np.array([[0, 0, 8, 8], [0, 0, 8, 9]]), np.array([0.5, 0.9]), np.array([[0, 0, 8, 8]])).tolist()
    [0.0, 1.0]
    """
    hits, table = np.zeros(len(found)), iou(found, true)
    for index in np.argsort(-scores, kind="stable"):
        if table.shape[1] and table[index].max() >= overlap:
            hits[index] = 1
            table[:, table[index].argmax()] = -1
    return hits
