"""The exercise on one scale per output channel."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant, Rule
from edgekit.course.lesson01.grids import signed_grid


def per_channel_scales(w, num_bits):
    """The reference: symmetric scales along axis 0; an all-zero channel gets 1."""
    largest = np.abs(w).reshape(len(w), -1).max(axis=1)
    return np.where(largest > 0, largest / (2 ** (num_bits - 1) - 1), 1.0)


def _by_channel(w, num_bits, largest=lambda w: np.abs(w).max(axis=1), steps=None, dead=1.0):
    scales = np.asarray(largest(w.reshape(len(w), -1))) / (steps or signed_grid(num_bits)[1])
    return np.where(scales > 0, scales, dead)


W = np.array([[0.5, -1.27, 0.25], [0.01, -0.002, 0.004], [3.0, 2.0, 1.0], [-7.0, -0.1, 0.2]])
DEAD = np.array([[0.0, 0.0], [0.5, -1.0]])

PER_CHANNEL = Exercise(
    "01/per_channel_scales", per_channel_scales,
    cases=(
        Case("literal", (W, 8), np.array([1.27, 0.01, 3.0, 7.0]) / 127),
        Case("literal", (W, 4), np.array([1.27, 0.01, 3.0, 7.0]) / 7),
        Case("literal", (np.arange(-12.0, 12.0).reshape(2, 3, 2, 2), 8), np.array([12.0, 11.0]) / 127),
        Case("property", (np.sin(np.arange(60.0)).reshape(5, 12) * np.arange(1, 6)[:, None], 8),
             Rule("one scale per channel, such that the largest weight of each channel gets code 127 or -127",
                  lambda s, w, b: np.shape(s) == (5,) and np.allclose(np.abs(w).max(axis=1) / s, 127))),
        Case("edge", (np.array([[-4.0, 1.0], [-1.0, -0.5]]), 8), np.array([4.0, 1.0]) / 127),
        Case("edge", (DEAD, 8), Rule("positive scales, also for a channel of zeros",
                                     lambda s, w, b: np.shape(s) == (2,) and np.isfinite(s).all() and (s > 0).all())),
    ),
    mutants={
        "per_tensor": Mutant("one range serves all channels; take the maximum of each channel by itself",
                             lambda w, b: np.full(len(w), np.abs(w).max() / signed_grid(b)[1])),
        "wrong_axis": Mutant("the maximum runs over the output channels; it must leave axis 0 and run over the others",
                             lambda w, b: np.abs(w).reshape(-1, w.shape[-1]).max(axis=0) / signed_grid(b)[1]),
        "signed_maximum": Mutant("the maximum is taken without the absolute value: a large negative weight is clipped",
                                 lambda w, b: _by_channel(w, b, lambda w: w.max(axis=1))),
        "divide_by_128": Mutant("the divisor is 2**(num_bits-1); the symmetric grid ends one code earlier",
                                lambda w, b: _by_channel(w, b, steps=2 ** (b - 1))),
        "full_range": Mutant("max - min is divided by 2**num_bits - 1: that is the affine scale",
                             lambda w, b: _by_channel(w, b, lambda w: np.ptp(w, axis=1), 2**b - 1)),
        "always_8_bits": Mutant("num_bits is ignored and the divisor is always 127",
                                lambda w, b: _by_channel(w, 8)),
        "mean": Mutant("the mean of |w| stands where its maximum should: most large weights are clipped",
                       lambda w, b: _by_channel(w, b, lambda w: np.abs(w).mean(axis=1))),
        "dead_channel": Mutant("a channel of zeros gets scale 0, and 0 / 0 is NaN",
                               lambda w, b: _by_channel(w, b, dead=0.0)),
    },
    hints=(
        "Symmetric, so only the largest |w| of each channel matters. Axis 0 counts the output channels.",
        "np.abs(w).reshape(len(w), -1) has one row per channel, whatever the number of axes; take its maximum along "
        "axis 1. qmax is 2**(num_bits - 1) - 1.",
        "largest = np.abs(w).reshape(len(w), -1).max(axis=1); return np.where(largest > 0, largest / qmax, 1.0)",
    ),
)
