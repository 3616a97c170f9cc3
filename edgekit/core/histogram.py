"""A histogram that grows: it need not know the range of the data beforehand.

Bin i holds the values in [i * width, (i + 1) * width). The width is a power of two, so that doubling it merges
bins two by two without loss: batches give the same histogram in any order, and the same as all data at once.
"""

from dataclasses import dataclass, field

import numpy as np

#: most bins kept; at least half of them cover the range seen
MAX_BINS = 4096


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts per bin from bin `first` on, and the exact `low` and `high` seen, 0 always among them."""

    low: float = 0.0
    high: float = 0.0
    width: float = 0.0
    first: int = 0
    counts: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))

    @property
    def centres(self):
        """The middle of each bin, (bins,)."""
        return (self.first + np.arange(self.counts.size) + 0.5) * self.width

    def add(self, x):
        """Return the histogram with the values of `x` counted too.

        >>> grown = Histogram().add(np.array([0.25, 0.5])).add(np.array([-3.0, 100.0]))
        >>> grown.low, grown.high, int(grown.counts.sum())
        (-3.0, 100.0, 4)
        """
        x = np.asarray(x, np.float64).ravel()
        low, high = min(self.low, float(x.min())), max(self.high, float(x.max()))
        width = _width(low, high)
        first, last = int(np.floor(low / width)), int(np.floor(high / width))
        counts = np.bincount(np.floor(x / width).astype(np.int64) - first, minlength=last - first + 1)
        if self.counts.any():
            halvings = round(np.log2(width / self.width)) if self.high > self.low else 0
            bins = ((self.first + np.arange(self.counts.size)) >> halvings) - first
            np.add.at(counts, bins, self.counts)
        return Histogram(low, high, width, first, counts)

    def quantile(self, share):
        """Return the value below which `share` (0..1) of the values lie, straight within a bin."""
        edges = (self.first + np.arange(self.counts.size + 1)) * self.width
        cumulated = np.append(0, np.cumsum(self.counts)) / self.counts.sum()
        return float(np.clip(np.interp(share, cumulated, edges), self.low, self.high))


def _width(low, high):
    """The smallest power of two with which [low, high] needs at most MAX_BINS bins; 1 when the range is empty."""
    if high == low:
        return 1.0
    width = 2.0 ** (np.frexp(high - low)[1] - np.log2(MAX_BINS))
    fits = np.floor(high / width) - np.floor(low / width) + 1 <= MAX_BINS
    return float(width if fits else 2 * width)


def extremes(x, axis=None):
    """Return the lowest and the highest value of `x`, arrays (C,) with an axis; raise ValueError for unusable data."""
    x = np.asarray(x)
    if x.size == 0:
        raise ValueError(f"observe: x is empty, shape {x.shape}; calibrate with at least one sample")
    if not np.isfinite(x).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        raise ValueError(f"observe: x must be finite, got {x[where]} at index {where}; clean the calibration data")
    if axis is None:
        return float(x.min()), float(x.max())
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"observe: axis {axis} does not exist in an array of {x.ndim} axes")
    others = tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    return x.min(axis=others).astype(np.float64), x.max(axis=others).astype(np.float64)


def check_seen(observer, seen):
    """Raise ValueError unless the observer has `seen` data."""
    if not seen:
        raise ValueError(f"{type(observer).__name__}: no data seen; call update before range")
