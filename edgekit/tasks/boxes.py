"""Boxes that somebody brings: read, checked, and reduced to what is in a picture."""

from dataclasses import replace

import numpy as np

from edgekit.tasks import own_data

MOST = 20  # detections of a picture that are stored


def presence(boxes):
    """Boxes (N, K, 5), kind first -> 0 empty, 1 person, 2 vehicle, 3 both, (N,).

    >>> presence(np.array([[[0, 1, 1, 5, 5], [-1, 0, 0, 0, 0]], [[1, 1, 1, 5, 5], [0, 2, 2, 6, 6]]])).tolist()
    [1, 3]
    """
    kinds = np.asarray(boxes)[..., 0]
    return (kinds == 0).any(axis=1) + 2 * (kinds == 1).any(axis=1)


def read_labels(class_names, kind_names):
    """Return what `own_data.read` calls for labels that may be boxes (N, K, 5): those keep their place in y, with
    kinds translated to `kind_names`."""

    def read(path, y, names, count):
        if y.ndim != 3:
            return own_data.labels(path, y, names, count, class_names)
        known = range(len(kind_names)) if names is None else own_data.match_names(path, np.ravel(names), kind_names)
        y = checked(f"evaluate {path}: y", y, count, len(known))
        there = y[..., 0] >= 0
        y[there, 0] = np.asarray(known)[y[there, 0].astype(int)]
        return y, tuple(range(len(class_names)))

    return read


def with_truth(path, own, kinds):
    """Return `own` with y (N,) what is in each picture and, where boxes were given, `extras["truth"]` (N, K, 5)."""
    if own.y.ndim == 3:
        return replace(own, y=presence(own.y), extras={**own.extras, "truth": own.y})
    if {"boxes", "kinds"} <= set(own.extras):
        sides, kind = own.extras["boxes"], own.extras["kinds"]
        if sides.ndim != 3 or kind.shape != sides.shape[:2]:
            raise ValueError(
                f"evaluate {path}: boxes must be (N, K, 4) and kinds (N, K), got {sides.shape} and {kind.shape}"
            )
        joined = np.concatenate([kind[..., None], sides], axis=-1)
        joined = checked(f"evaluate {path}: boxes", joined, len(own.x), kinds)
        return replace(own, extras={**own.extras, "truth": joined})
    return own


def checked(what, boxes, count, kinds):
    """Return boxes as float64 (count, K, 5): kind, left, top, right, bottom. Raises ValueError naming the offender."""
    if boxes.dtype.kind not in "iuf" or boxes.ndim != 3 or boxes.shape[::2] != (count, 5):
        raise ValueError(
            f"{what} must be ({count}, K, 5): kind (-1 for none), left, top, right, bottom in pixels, got "
            f"{boxes.dtype} {boxes.shape}"
        )
    boxes = boxes.astype(np.float64)
    kind, there = boxes[..., 0], boxes[..., 0] != -1
    unknown = kind[~np.isin(kind, np.arange(-1, kinds))]
    if unknown.size:
        raise ValueError(f"{what}: kinds must be -1..{kinds - 1}, got {unknown[0]:g}")
    wrong = there & ~((boxes[..., 3] > boxes[..., 1]) & (boxes[..., 4] > boxes[..., 2]))
    if wrong.any():
        i, k = np.argwhere(wrong)[0]
        raise ValueError(
            f"{what}[{i}, {k}] is {boxes[i, k].tolist()}, expected right > left and bottom > top; the order is kind, "
            "left, top, right, bottom"
        )
    return boxes


def table(found):
    """Detections of N pictures, as `decode` gives them, as one array (N, 20, 6): kind, score, left, top, right, bottom;
    rows that hold nothing have kind -1."""
    rows = np.zeros((len(found), MOST, 6), np.float32)
    rows[..., 0] = -1
    for row, (boxes, kinds, scores) in zip(rows, found, strict=True):
        row[: len(kinds)] = np.concatenate([kinds[:, None], scores[:, None], boxes], axis=1)[:MOST]
    return rows
