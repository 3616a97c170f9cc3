"""Several costs at once: which candidates no other beats, and how much of the space of costs they leave behind.

Every column is a cost, less is better; a score enters with its sign turned round. Points are rows (N, D).
Source: Zitzler and Thiele, "Multiobjective evolutionary algorithms", IEEE Trans. Evol. Comp. 3(4), 1999.
"""

import numpy as np


def dominates(a, b):
    """Whether costs `a` (D,) are nowhere higher than `b` (D,) and somewhere lower.

    Equal points do not dominate each other: "nowhere higher" alone would let twins remove one another.

    >>> dominates([1, 2], [1, 3]), dominates([1, 2], [1, 2]), dominates([1, 3], [2, 2])
    (True, False, False)
    """
    a, b = (np.asarray(point, np.float64) for point in (a, b))
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"dominates: both points need the same costs (D,), got shapes {a.shape} and {b.shape}")
    return bool((a <= b).all() and (a < b).any())


def front(points):
    """Return a mask (N,): True where no other row of `points` (N, D) dominates the row; twins stay together.

    Raises ValueError unless `points` are finite with shape (N, D).

    >>> front([[1, 5], [2, 2], [3, 3], [2, 2]]).tolist()
    [True, True, False, True]
    """
    points = _checked("front", points)
    no_worse = (points[:, None] <= points).all(axis=2)
    better = (points[:, None] < points).any(axis=2)
    return ~(no_worse & better).any(axis=0)


def hypervolume(points, reference):
    """Return the volume of what the `points` (N, D) dominate below the `reference` (D,).

        volume { z : p <= z <= reference for some p }

    A front that is larger in this measure leaves less room for something better. Points that do not lie below the
    reference in every cost add nothing. Computed slice by slice along the last cost.

    >>> hypervolume([[1, 2], [2, 1]], [3, 3])
    3.0
    """
    points, reference = _checked("hypervolume", points), np.asarray(reference, np.float64)
    if reference.shape != points.shape[1:]:
        raise ValueError(f"hypervolume: reference needs one value per cost, {points.shape[1:]}, got {reference.shape}")
    return _volume(points[(points < reference).all(axis=1)], reference)


def _volume(points, reference):
    if points.shape[1] == 1:
        return float(reference[0] - points.min(initial=reference[0]))
    levels = np.append(np.unique(points[:, -1]), reference[-1])
    slices = (_volume(points[points[:, -1] <= low][:, :-1], reference[:-1]) for low in levels[:-1])
    return float(sum(area * (high - low) for area, low, high in zip(slices, levels, levels[1:], strict=False)))


def _checked(call, points):
    points = np.asarray(points, np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f"{call}: points must be finite, shape (N, D), got shape {points.shape}; leave out what "
                         "was not measured")
    return points
