"""Observers that search: of many ranges within the extremes, the one whose codes lose least over the histogram.

    MSE(num_bits=8, scheme="affine")       least squared error
    Entropy(num_bits=8, scheme="affine")   least Kullback-Leibler divergence

`_loss` is the definition, for one range. `_losses` gives the same for many ranges at once: the bins of a code lie side
by side, so sums over them are differences of running sums over the histogram.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from edgekit.core.affine import SCHEMES, check_num_bits, choose_qparams, quantize
from edgekit.core.histogram import Histogram, check_seen, extremes

#: halvings of each end that the search tries in its first round, down to about one bin of the histogram
COARSE = 2.0 ** -np.arange(0, 12, 0.5)
#: and around the best of them in its second
FINE = 2.0 ** np.linspace(0.5, -0.5, 25)
#: below so many values `Entropy` takes the extremes: the histogram is then mostly holes and has no shape to keep
ENTROPY_COUNT = 1000
#: greatest part of the largest loss that rounding adds to a loss; smaller differences are ties
ROUNDING = 1e-14


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
        check_num_bits(type(self).__name__, self.num_bits)
        if self.scheme not in SCHEMES:
            raise ValueError(f"{type(self).__name__}: scheme must be one of {SCHEMES}, got {self.scheme!r}")

    def update(self, x):
        """Return the observer that has seen `x` too. Raises ValueError for NaN, infinite or no values."""
        x = np.asarray(x)
        extremes(x)
        return replace(self, histogram=self.histogram.add(x[x != 0] if x.any() else x))

    def range(self):
        """Return (low, high)."""
        return _search(self)

    def _loss(self, codes, qparams):
        restored = qparams.scale * (codes - qparams.zero_point)
        return float(self.histogram.counts @ (self.histogram.centres - restored) ** 2)

    def _losses(self, qparams):
        """sum (x - r)^2 = sum x^2 - 2 r sum x + r^2 n over the bins of each restored value r, in bin widths."""
        places, edges = self.histogram.centres / self.histogram.width, _edges(self.histogram, qparams)
        counts = np.diff(_running(self.histogram.counts)[edges])
        sums = np.diff(_running(self.histogram.counts * places)[edges])
        squares = float(self.histogram.counts @ places**2)
        restored = _codes(qparams) * (qparams.scale / self.histogram.width)[:, None]
        return squares + (restored * (restored * counts - 2 * sums)).sum(axis=1), ROUNDING * squares


class Entropy(MSE):
    """The range that keeps most information: least divergence sum p log(p / q).

    p is the histogram with what lies outside moved to the outermost bins inside, q its quantized form: the mass of
    each code spread evenly over the bins that it stands for. A range must hold half of the values. Fewer than
    `ENTROPY_COUNT` values give the extremes. Source: Migacz, "8-bit inference with TensorRT", 2017.

    >>> x = np.append(np.random.default_rng(0).standard_normal(100_000), 40.0)
    >>> low, high = Entropy().update(x).range()
    >>> high < 20
    True
    """

    def range(self):
        """Return (low, high)."""
        few = 0 < self.histogram.counts.sum() < ENTROPY_COUNT
        return _ends(self) if few else _search(self)

    def _loss(self, codes, qparams):
        counts = self.histogram.counts
        start, stop = (int(end) for end in _inside(self.histogram, qparams))
        inside = np.arange(start, stop)
        if inside.size < 2**self.num_bits or 2 * counts[inside].sum() < counts.sum():
            return np.inf
        p = counts[inside].astype(np.float64)
        q = _spread(p, codes[inside])
        p[0] += counts[:start].sum()
        p[-1] += counts[stop:].sum()
        return _divergence(p, q)

    def _losses(self, qparams):
        """sum p log p - sum p log q; q is one number for all bins of a code, and moving mass changes two bins of p."""
        counts = self.histogram.counts.astype(np.float64)
        start, stop = _inside(self.histogram, qparams)
        edges = np.clip(_edges(self.histogram, qparams), start[:, None], stop[:, None])
        mass, filled = (np.diff(_running(values)[edges]) for values in (counts, counts > 0))
        kept, everything = mass.sum(axis=1), counts.sum()
        q = np.maximum(mass / np.maximum(filled * kept[:, None], 1), 1e-9)
        cross = (mass * np.log(q)).sum(axis=1)
        own = np.diff(_running(_times_log(counts))[np.stack([start, stop], axis=1)])[:, 0]
        for bins, code, moved in ((start, 0, _running(counts)[start]),
                                  (stop - 1, -1, everything - _running(counts)[stop])):
            was = counts[np.clip(bins, 0, counts.size - 1)]
            own += _times_log(was + moved) - _times_log(was)
            outer = (edges[:, 1:] > bins[:, None]).argmax(axis=1) if code == 0 else _last_code(edges)
            cross += moved * np.log(np.where(was > 0, q[np.arange(len(q)), outer], 1e-9))
        losses = (own - cross) / everything - np.log(everything)
        allowed = (stop - start >= 2**self.num_bits) & (2 * kept >= everything)
        return np.where(allowed, losses, np.inf), ROUNDING * np.log(everything)


def _search(observer):
    """Shrink both ends of the range seen, coarsely and then finely, to where the loss is least; ties keep the wider."""
    ends, best = _ends(observer), (1.0, 1.0)
    for factors in (COARSE, FINE):
        pairs = _pairs(observer.scheme, ends, best, factors)
        losses, rounding = _losses_of(observer, *(np.array(ends) * pairs).T)
        best = pairs[int(np.argmax(losses <= losses.min() + rounding))]
    return float(ends[0] * best[0]), float(ends[1] * best[1])


def _ends(observer):
    """The extremes seen; the greater of the two on both sides for symmetric codes."""
    check_seen(observer, observer.histogram.counts.any())
    low, high = observer.histogram.low, observer.histogram.high
    return (-max(-low, high), max(-low, high)) if observer.scheme == "symmetric" else (low, high)


def _pairs(scheme, ends, around, factors):
    """Factors for both ends, the widest first and none above 1; an end at 0 stays there, symmetric ends move as one."""
    low, high = (np.minimum(f * factors, 1) if end else np.ones(1) for f, end in zip(around, ends, strict=True))
    return [(f, f) for f in high] if scheme == "symmetric" else [(a, b) for a in low for b in high]


def _losses_of(observer, low, high):
    """Losses of the ranges, (ranges,), and the difference that counts as none; one by one for more codes than bins."""
    if 2**observer.num_bits <= observer.histogram.counts.size:
        return observer._losses(choose_qparams(low, high, observer.num_bits, observer.scheme, axis=0))
    each = [choose_qparams(a, b, observer.num_bits, observer.scheme) for a, b in zip(low, high, strict=True)]
    codes = [quantize(observer.histogram.centres, qparams).astype(np.int64) for qparams in each]
    return np.array([observer._loss(*both) for both in zip(codes, each, strict=True)]), 0.0


def _codes(qparams):
    """Whole steps from zero of every code, (ranges, codes)."""
    return np.arange(qparams.qmin, qparams.qmax + 1) - qparams.zero_point[..., None]


def _edges(histogram, qparams):
    """The first bin of each code, and at last the number of bins, (ranges, codes + 1): all bins have a code."""
    first = np.ceil(_place(histogram, qparams, _codes(qparams)[..., :-1] + 0.5)).clip(0, histogram.counts.size)
    return np.pad(first.astype(np.int64), ((0, 0), (1, 1)), constant_values=((0, 0), (0, histogram.counts.size)))


def _inside(histogram, qparams):
    """First bin that the grid reaches, half a step beyond its ends, and the one after the last; (ranges,) each."""
    low = np.ceil(_place(histogram, qparams, _codes(qparams)[..., :1] - 0.5))
    high = np.floor(_place(histogram, qparams, _codes(qparams)[..., -1:] + 0.5)) + 1
    return (end[..., 0].clip(0, histogram.counts.size).astype(np.int64) for end in (low, high))


def _place(histogram, qparams, steps):
    """Where the value `steps` * scale lies, counted in bins from the centre of the first bin."""
    return steps * (qparams.scale / histogram.width)[..., None] - (histogram.first + 0.5)


def _last_code(edges):
    """The last code that has a bin, (ranges,)."""
    return edges.shape[1] - 2 - (np.diff(edges)[:, ::-1] > 0).argmax(axis=1)


def _running(values):
    return np.append(0, np.cumsum(values))


def _times_log(values):
    return values * np.log(np.maximum(values, 1))


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
