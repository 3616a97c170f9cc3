"""Do two lists put the same things first? The rank correlation of Spearman, ties shared."""

import numpy as np


def ranks(values):
    """Return the rank of each value (N,), 1 for the least; equal values share the mean of their ranks.

    >>> ranks([0.3, 0.1, 0.3]).tolist()
    [2.5, 1.0, 2.5]
    """
    values = np.asarray(values, np.float64)
    below = (values < values[:, None]).sum(axis=1)
    equal = (values == values[:, None]).sum(axis=1)
    return below + (equal + 1) / 2


def spearman(a, b):
    """Return the rank correlation of `a` (N,) and `b` (N,), from -1 (opposite order) to 1 (the same order).

        rho = sum (r - mean r)(s - mean s) / sqrt(sum (r - mean r)^2 sum (s - mean s)^2),   r, s: ranks

    Raises ValueError for fewer than two values, other lengths, values that are not finite, or a list of equal values,
    whose order means nothing. Source: Spearman, Am. J. Psychology 15(1), 1904.

    >>> spearman([1, 2, 3, 4], [10, 20, 40, 30])
    0.8
    """
    a, b = (np.asarray(values, np.float64) for values in (a, b))
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError(f"spearman: needs two lists of the same length >= 2, all finite, got {a.shape} and {b.shape}")
    r, s = (ranks(values) - (len(values) + 1) / 2 for values in (a, b))
    scale = np.sqrt((r @ r) * (s @ s))
    if scale == 0:
        raise ValueError("spearman: all values of one list are equal; their order means nothing")
    return float(r @ s / scale)
