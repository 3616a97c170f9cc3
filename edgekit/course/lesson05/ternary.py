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
DEAD = np.array([[0.0, 0.0, 0.0], [1.0, 5.0, -6.0]])

TERNARY = Exercise(
    "05/ternarize", ternarize,
    cases=(
        Case("literal", (W,), (np.array([[1, 0, 1, -1], [0, 1, -1, 0]]), np.array([1.0, 3.0]))),
        Case("literal", (UNEVEN,), (np.array([[1, 0, 0, 0, 1], [-1, -1, -1, -1, -1]]), np.array([5.5, 0.6]))),
        Case("property", (DRAWN,), ternarize(DRAWN)),
        Case("property", (-DRAWN,), (-ternarize(DRAWN)[0], ternarize(DRAWN)[1])),
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
        "dead_zero": Mutant("a row of zeros gets the scale 0 or NaN; a scale must be positive, take 1",
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


def _scales(w, codes):
    kept = np.abs(codes).sum(axis=1)
    return np.where(kept > 0, (w * codes).sum(axis=1) / np.maximum(kept, 1), 1.0)
