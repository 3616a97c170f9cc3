"""Observers gather the range (low, high) of a tensor over calibration data; each has its own idea of an outlier.

    MinMax(axis=None)                  the extremes
    MovingAverage(rate=0.1)            a running mean of the extremes of each batch
    Percentile(percent=99.99)          the middle `percent` per cent of the values
    MSE(num_bits=8, scheme="affine")   the range with the least squared error after quantization
    Entropy(num_bits=8, ...)           the range whose quantized histogram is nearest in Kullback-Leibler divergence

    observer = observer.update(x);  low, high = observer.range()
    make_observer("mse", num_bits=4);  observe(x, "percentile", percent=99.9) -> (low, high)

`update` returns a new observer and leaves the old one as it was. `range` of `MinMax` with an axis gives arrays (C,).
"""

from dataclasses import dataclass, field, replace

import numpy as np

from edgekit.core.affine import SCHEMES, check_num_bits, choose_qparams, quantize
from edgekit.core.histogram import Histogram

#: halvings of each end that the search tries in its first round, down to about one bin of the histogram
COARSE = 2.0 ** -np.arange(0, 12, 0.5)
#: and around the best of them in its second
FINE = 2.0 ** np.linspace(0.5, -0.5, 25)


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
        low, high = _extremes(x, self.axis)
        if self.low is not None:
            if np.shape(low) != np.shape(self.low):
                raise ValueError(f"MinMax: axis {self.axis} had length {np.size(self.low)} before, got {np.size(low)}")
            low, high = np.minimum(low, self.low), np.maximum(high, self.high)
        return replace(self, low=low, high=high)

    def range(self):
        """Return (low, high), numbers or, with an axis, arrays (C,)."""
        _check_seen(self, self.low is not None)
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
        low, high = _extremes(x)
        if self.low is not None:
            low, high = self.low + self.rate * (low - self.low), self.high + self.rate * (high - self.high)
        return replace(self, low=low, high=high)

    def range(self):
        """Return (low, high)."""
        _check_seen(self, self.low is not None)
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
        _extremes(x)
        return replace(self, histogram=self.histogram.add(x))

    def range(self):
        """Return (low, high)."""
        _check_seen(self, self.histogram.counts.any())
        tail = (1 - self.percent / 100) / 2
        return self.histogram.quantile(tail), self.histogram.quantile(1 - tail)


@dataclass(frozen=True, eq=False)
class MSE:
    """The range within the extremes with the least sum of (x - fake_quantize(x))^2 over the histogram.

    Exact zeros are left out: every range keeps them exactly, and after a ReLU they would drown the rest.

    >>> x = np.append(np.random.default_rng(0).standard_normal(10_000), 40.0)
    >>> low, high = MSE(num_bits=4).update(x).range()
    >>> high < 10
    True
    """

    num_bits: int = 8
    scheme: str = "affine"
    histogram: Histogram = field(default_factory=Histogram, repr=False)

    def __post_init__(self):
        _check_grid(self)

    def update(self, x):
        """Return the observer that has seen `x` too. Raises ValueError for NaN, infinite or no values."""
        x = np.asarray(x)
        _extremes(x)
        return replace(self, histogram=self.histogram.add(x[x != 0] if x.any() else x))

    def range(self):
        """Return (low, high)."""
        return _search(self, self._loss)

    def _loss(self, codes, qparams):
        restored = qparams.scale * (codes - qparams.zero_point)
        return float(self.histogram.counts @ (self.histogram.centres - restored) ** 2)


class Entropy(MSE):
    """The range that keeps most information: least divergence sum p log(p / q).

    p is the histogram with what lies outside moved to the outermost bins inside, q its quantized form: the mass of
    each code spread evenly over the bins that it stands for. Source: Migacz, "8-bit inference with TensorRT", 2017.

    >>> x = np.append(np.random.default_rng(0).standard_normal(100_000), 40.0)
    >>> low, high = Entropy().update(x).range()
    >>> high < 20
    True
    """

    def _loss(self, codes, qparams):
        centres, counts = self.histogram.centres, self.histogram.counts
        low, high = (float(qparams.scale * (end - qparams.zero_point)) for end in (qparams.qmin, qparams.qmax))
        inside = np.flatnonzero((centres >= low - qparams.scale / 2) & (centres <= high + qparams.scale / 2))
        if inside.size < 2**self.num_bits:
            return np.inf
        p = counts[inside].astype(np.float64)
        q = _spread(p, codes[inside])
        p[0] += counts[: inside[0]].sum()
        p[-1] += counts[inside[-1] + 1 :].sum()
        return _divergence(p, q)


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


def _search(observer, loss):
    """Shrink both ends of the range seen, coarsely and then finely, to where `loss` is least; ties keep the wider."""
    histogram = observer.histogram
    _check_seen(observer, histogram.counts.any())
    ends = (histogram.low, histogram.high)
    if observer.scheme == "symmetric":
        ends = (-max(-ends[0], ends[1]), max(-ends[0], ends[1]))
    best = (1.0, 1.0)
    for factors in (COARSE, FINE):
        pairs = _pairs(observer.scheme, ends, best, factors)
        losses = [_loss_of(observer, loss, ends[0] * a, ends[1] * b) for a, b in pairs]
        best = pairs[int(np.argmin(losses))]
    return float(ends[0] * best[0]), float(ends[1] * best[1])


def _pairs(scheme, ends, around, factors):
    """Factors for both ends, the widest first and none above 1; an end at 0 stays there, symmetric ends move as one."""
    low, high = (np.minimum(f * factors, 1) if end else np.ones(1) for f, end in zip(around, ends, strict=True))
    return [(f, f) for f in high] if scheme == "symmetric" else [(a, b) for a in low for b in high]


def _loss_of(observer, loss, low, high):
    qparams = choose_qparams(low, high, observer.num_bits, observer.scheme)
    return loss(quantize(observer.histogram.centres, qparams).astype(np.int64), qparams)


def _spread(mass, codes):
    """The mass of each code, shared evenly by those of its bins that hold something."""
    codes = codes - codes.min()
    filled = (mass > 0).astype(np.float64)
    share = np.bincount(codes, mass) / np.maximum(np.bincount(codes, filled), 1)
    return share[codes] * filled


def _divergence(p, q):
    """sum p log(p / q) of the normalised p and q; a bin that q leaves empty costs as if it held 1e-9 of q."""
    held = p > 0
    p, q = p[held] / p.sum(), np.maximum(q[held] / max(q.sum(), 1e-300), 1e-9)
    return float(np.sum(p * np.log(p / q)))


def _extremes(x, axis=None):
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


def _check_seen(observer, seen):
    if not seen:
        raise ValueError(f"{type(observer).__name__}: no data seen; call update before range")


def _check_grid(observer):
    check_num_bits(type(observer).__name__, observer.num_bits)
    if observer.scheme not in SCHEMES:
        raise ValueError(f"{type(observer).__name__}: scheme must be one of {SCHEMES}, got {observer.scheme!r}")
