"""Observers gather the range (low, high) of a tensor over calibration data; each has its own idea of an outlier.

    MinMax(axis=None)                  the extremes
    MovingAverage(rate=0.1)            a running mean of the extremes of each batch
    Percentile(percent=99.99)          the middle `percent` per cent of the values
    MSE(num_bits=8, scheme="affine")   the range with the least squared error after quantization
    Entropy(num_bits=8, ...)           the range whose quantized histogram is nearest in Kullback-Leibler divergence

    observer = observer.update(x);  low, high = observer.range()
    make_observer("mse", num_bits=4);  observe(x, "percentile", percent=99.9) -> (low, high)

The last two live in `range_search`. `update` returns a new observer and leaves the old one as it was. `range` of
`MinMax` with an axis gives arrays (C,).
"""

from dataclasses import dataclass, field, replace

import numpy as np

from edgekit.core.histogram import Histogram, check_seen, extremes
from edgekit.core.range_search import MSE, Entropy


@dataclass(frozen=True, eq=False)
class MinMax:
    """The lowest and the highest value seen; per slice along `axis` if one is given.

    >>> MinMax().update(np.array([1.0, -2.0])).update(np.array([0.5, 3.0])).range()
    (-2.0, 3.0)
    """

    axis: int | None = None
    low: object = None
    high: object = None

    def update(self, x):
        """Return the observer that has seen `x` too. Raises ValueError for NaN, infinite or no values."""
        low, high = extremes(x, self.axis)
        if self.low is not None:
            if np.shape(low) != np.shape(self.low):
                raise ValueError(f"MinMax: axis {self.axis} had length {np.size(self.low)} before, got {np.size(low)}")
            low, high = np.minimum(low, self.low), np.maximum(high, self.high)
        return replace(self, low=low, high=high)

    def range(self):
        """Return (low, high), numbers or, with an axis, arrays (C,)."""
        check_seen(self, self.low is not None)
        return (float(self.low), float(self.high)) if self.axis is None else (self.low, self.high)


@dataclass(frozen=True, eq=False)
class MovingAverage:
    """low <- (1 - rate) * low + rate * min(x), high likewise: one odd batch counts little.

    >>> MovingAverage(rate=0.5).update(np.array([0.0, 1.0])).update(np.array([0.0, 3.0])).range()
    (0.0, 2.0)
    """

    rate: float = 0.1
    low: float | None = None
    high: float | None = None

    def __post_init__(self):
        if not 0 < self.rate <= 1:
            raise ValueError(f"MovingAverage: rate must be above 0 and at most 1, got {self.rate}")

    def update(self, x):
        """Return the observer that has seen `x` too. Raises ValueError for NaN, infinite or no values."""
        low, high = extremes(x)
        if self.low is not None:
            low, high = self.low + self.rate * (low - self.low), self.high + self.rate * (high - self.high)
        return replace(self, low=low, high=high)

    def range(self):
        """Return (low, high)."""
        check_seen(self, self.low is not None)
        return self.low, self.high


@dataclass(frozen=True, eq=False)
class Percentile:
    """The middle `percent` per cent of all values; each tail loses half of the rest.

    >>> low, high = Percentile(percent=99.0).update(np.append(np.linspace(0, 1, 10_000), 50.0)).range()
    >>> 0.98 < high < 1.02
    True
    """

    percent: float = 99.99
    histogram: Histogram = field(default_factory=Histogram, repr=False)

    def __post_init__(self):
        if not 50 <= self.percent <= 100:
            raise ValueError(f"Percentile: percent must be 50..100, got {self.percent}")

    def update(self, x):
        """Return the observer that has seen `x` too. Raises ValueError for NaN, infinite or no values."""
        extremes(x)
        return replace(self, histogram=self.histogram.add(x))

    def range(self):
        """Return (low, high)."""
        check_seen(self, self.histogram.counts.any())
        tail = (1 - self.percent / 100) / 2
        return self.histogram.quantile(tail), self.histogram.quantile(1 - tail)


OBSERVERS = {
    "minmax": MinMax, "moving_average": MovingAverage, "percentile": Percentile, "mse": MSE, "entropy": Entropy,
}


def make_observer(kind, **options):
    """Return a fresh observer by name, one of `OBSERVERS`. Raises ValueError for an unknown one.

    >>> make_observer("mse", num_bits=4).num_bits
    4
    """
    if kind not in OBSERVERS:
        raise ValueError(f"make_observer: kind must be one of {', '.join(OBSERVERS)}, got {kind!r}")
    return OBSERVERS[kind](**options)


def observe(x, kind="minmax", **options):
    """Return the range (low, high) that one observer finds in `x`.

    >>> observe(np.array([-1.0, 2.0]), "minmax")
    (-1.0, 2.0)
    """
    return make_observer(kind, **options).update(x).range()
