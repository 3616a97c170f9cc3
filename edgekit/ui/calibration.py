"""What a range for an activation costs: rounding inside, clipping outside. Pure computing, no drawing."""

from dataclasses import dataclass

import numpy as np

from edgekit.core.affine import choose_qparams, quantize
from edgekit.core.observers import observe
from edgekit.ui.quantization import Outcome

#: values of an activation that are kept; more would make a slider slow
MOST_VALUES = 1 << 16
BINS = 2048
#: shares of the full range for the curve of errors
SHARES = 2.0 ** np.linspace(-6, 0, 61)


def thinned(x, most=MOST_VALUES):
    """Return activations x (N, ...) as float32 (N, M), evenly thinned to at most about `most` values.

    >>> thinned(np.zeros((4, 10, 10)), most=100).shape
    (4, 25)
    """
    rows = np.asarray(x, np.float32).reshape(len(x), -1)
    return rows[:, :: max(1, -(-rows.size // most))]


def calibrated(x, examples, observer, percent, num_bits):
    """Return the `Outcome` of all values x (N, M) on the grid that `observer` finds on the first `examples` rows."""
    options = {"percentile": {"percent": percent}, "mse": {"num_bits": num_bits}, "entropy": {"num_bits": num_bits}}
    low, high = observe(x[:examples], observer, **options.get(observer, {}))
    return Outcome(x, choose_qparams(low, high, num_bits))


def parts(outcome):
    """Return (rounding, clipping): the parts of the mean squared error from values inside and off the grid."""
    squared, off = np.square(outcome.error, dtype=np.float64), outcome.is_clipped
    return float(squared[~off].sum() / squared.size), float(squared[off].sum() / squared.size)


@dataclass(frozen=True, eq=False)
class Curve:
    """Mean squared errors when the range is a share of the full one; arrays as long as `SHARES`."""

    rounding: np.ndarray
    clipping: np.ndarray

    @property
    def total(self):
        return self.rounding + self.clipping


def error_curve(x, num_bits):
    """Return the `Curve` of x: both ends of its range shrink together. Computed on a histogram of 2,048 bins."""
    counts, edges = np.histogram(x, BINS)
    centres, full = (edges[1:] + edges[:-1]) / 2, (float(x.min()), float(x.max()))
    rounding, clipping = np.zeros(SHARES.size), np.zeros(SHARES.size)
    for i, share in enumerate(SHARES):
        q = choose_qparams(share * full[0], share * full[1], num_bits)
        codes = quantize(centres, q)
        squared = counts * (q.scale * (codes.astype(np.int64) - q.zero_point) - centres) ** 2
        off = np.abs(centres - q.scale * (codes.astype(np.int64) - q.zero_point)) > q.scale / 2 * (1 + 1e-9)
        rounding[i], clipping[i] = squared[~off].sum() / x.size, squared[off].sum() / x.size
    return Curve(rounding, clipping)


def share_of(outcome):
    """Return the width of the outcome's grid as a share of the full range of its values, 1 for a constant."""
    full = max(float(outcome.x.max()), 0.0) - min(float(outcome.x.min()), 0.0)
    q = outcome.qparams
    return min(float(q.scale) * (q.qmax - q.qmin) / full, 1.0) if full else 1.0
