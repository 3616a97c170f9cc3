"""The exercise on ternary weights: a threshold, codes, and the best scale for them."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant

THRESHOLD = 0.7


def ternarize(w):
    """The reference: per row, zero below 0.7 of the mean size, and the mean size of what is kept."""
    return _ternary(w)


def _ternary(w, size=np.abs, statistic=np.mean, share=THRESHOLD, axis=1, scale=None):
    delta = share * statistic(size(w), axis=axis, keepdims=True)
    codes = np.sign(w) * (np.abs(w) > delta)
    kept = np.abs(codes).sum(axis=axis)
    best = (w * codes).sum(axis=axis) / np.where(kept > 0, kept, 1)
    best = np.where(kept > 0, best, 1.0) if scale is None else scale(w, codes)
    return codes.astype(int), np.broadcast_to(best, (len(w),))


W = np.array([[0.9, -0.1, 1.1, -1.0], [0.2, 4.0, -2.0, -0.6]])
UNEVEN = np.array([[8.0, -1.0, 1.0, 2.0, 3.0], [-0.5, -0.5, -0.5, -0.5, -1.0]])
DRAWN = np.random.default_rng(19).normal(size=(4, 9)) * np.array([[0.01], [1.0], [3.0], [50.0]])
NEAR = np.array([[7.2, -12.8, 10.0, -10.0], [6.8, -13.2, 10.0, 10.0]])  # mean 10: just above and below 0.7 of it
DEAD = np.array([[0.0, 0.0, 0.0], [1.0, 5.0, -6.0]])

TERNARY = Exercise(
    "05/ternarize", ternarize,
    cases=(
        Case("literal", (W,), (np.array([[1, 0, 1, -1], [0, 1, -1, 0]]), np.array([1.0, 3.0]))),
        Case("literal", (UNEVEN,), (np.array([[1, 0, 0, 0, 1], [-1, -1, -1, -1, -1]]), np.array([5.5, 0.6]))),
        Case("property", (NEAR,), (np.array([[1, -1, 1, -1], [0, -1, 1, 1]]), np.array([10.0, 33.2 / 3]))),
        Case("property", (DRAWN,), ternarize(DRAWN)),
        Case("edge", (DEAD,), (np.array([[0, 0, 0], [0, 1, -1]]), np.array([1.0, 5.5]))),
    ),
    mutants={
        "of_largest": Mutant("the threshold is a share of the largest weight; it is a share of the mean size",
                             lambda w: _ternary(w, statistic=np.max)),
        "signed_mean": Mutant("the mean is taken without absolute values: positive and negative weights cancel",
                              lambda w: _ternary(w, size=lambda w: w)),
        "scale_of_all": Mutant("the scale is the mean size of all weights; those that became 0 must not count",
                               lambda w: _ternary(w, scale=lambda w, c: np.where(
                                   np.abs(c).sum(axis=1) > 0, np.abs(w).mean(axis=1), 1.0))),
        "one_threshold": Mutant("one threshold serves all rows; each output channel has its own",
                                lambda w: (_of_all(w), _scales(w, _of_all(w)))),
        "no_threshold": Mutant("nothing becomes 0: that is binary, not ternary", lambda w: _ternary(w, share=0.0)),
        "scale_sum": Mutant("the sizes are added up and not divided by how many there are",
                            lambda w: _ternary(w, scale=lambda w, c: np.where(
                                np.abs(c).sum(axis=1) > 0, (w * c).sum(axis=1), 1.0))),
        "columns": Mutant("the mean runs along the columns; each row is an output channel with its own threshold",
                          lambda w: (_along_columns(w), _scales(w, _along_columns(w)))),
        "whole_mean": Mutant("the threshold is the mean size itself; it is 0.7 of it",
                             lambda w: _ternary(w, share=1.0)),
        "half_mean": Mutant("the threshold is half the mean size; it is 0.7 of it", lambda w: _ternary(w, share=0.5)),
        "three_quarters": Mutant("the threshold is 0.75 of the mean size; it is 0.7 of it",
                                 lambda w: _ternary(w, share=0.75)),
        "scale_threshold": Mutant("the threshold is returned as the scale; that is the mean size of what is kept",
                                  lambda w: (ternarize(w)[0], THRESHOLD * np.abs(w).mean(axis=1))),
        "scale_largest": Mutant("the scale is the largest size; the squared error wants the mean of what is kept",
                                lambda w: (ternarize(w)[0], np.where(w.any(axis=1), np.abs(w).max(axis=1), 1.0))),
        "scale_signed": Mutant("the kept weights are averaged with their signs, so that they cancel",
                               lambda w: _ternary(w, scale=lambda w, c: _each(w, c, np.mean, size=lambda kept: kept))),
        "scale_median": Mutant("the scale is the median size of what is kept; the squared error wants the mean",
                               lambda w: _ternary(w, scale=lambda w, c: _each(w, c, np.median))),
        "scale_rms": Mutant("the scale is the root of the mean square; the squared error wants the mean",
                            lambda w: _ternary(w, scale=lambda w, c: _each(
                                w, c, lambda kept: np.sqrt(np.mean(kept**2))))),
        "unsigned": Mutant("the codes have lost their signs; they are -1, 0 and 1",
                           lambda w: (np.abs(ternarize(w)[0]), ternarize(w)[1])),
        "real_values": Mutant("the codes are multiplied by the scale already; return -1, 0 and 1",
                              lambda w: (ternarize(w)[0] * ternarize(w)[1][:, None], ternarize(w)[1])),
        "codes_only": Mutant("the scales are missing; return both", lambda w: ternarize(w)[0]),
        "order": Mutant("the scales come first; asked is (codes, scales)", lambda w: ternarize(w)[::-1]),
        "scales_upright": Mutant("the scales stand in a column; asked is a flat array, one number for each row",
                                 lambda w: (ternarize(w)[0], ternarize(w)[1][:, None])),
        "dead_nan": Mutant("a row of zeros gets the scale NaN, 0 / 0; a scale must be positive, take 1",
                           lambda w: _ternary(w, scale=lambda w, c: (w * c).sum(axis=1) / np.abs(c).sum(axis=1))),
        "dead_zero": Mutant("a row of zeros gets the scale 0; a scale must be positive, take 1",
                            lambda w: _ternary(w, scale=lambda w, c: (w * c).sum(axis=1)
                                               / np.maximum(np.abs(c).sum(axis=1), 1))),
    },
    hints=(
        "First the threshold of each row, then the codes, and only then the scale: it depends on the codes.",
        "delta = 0.7 * np.abs(w).mean(axis=1, keepdims=True); a code is np.sign(w) where np.abs(w) > delta, else 0.",
        "The best scale of a row is (w * codes).sum() / np.abs(codes).sum(); 1 where all codes are 0.",
    ),
)


def _of_all(w):
    return (np.sign(w) * (np.abs(w) > THRESHOLD * np.abs(w).mean())).astype(int)


def _along_columns(w):
    return (np.sign(w) * (np.abs(w) > THRESHOLD * np.abs(w).mean(axis=0))).astype(int)


def _each(w, codes, statistic, size=np.abs):
    """A statistic of what is kept, row by row; 1 where nothing is."""
    return np.array([statistic(size(row[code != 0])) if code.any() else 1.0
                     for row, code in zip(w, codes, strict=True)])


def _scales(w, codes):
    kept = np.abs(codes).sum(axis=1)
    return np.where(kept > 0, (w * codes).sum(axis=1) / np.maximum(kept, 1), 1.0)
