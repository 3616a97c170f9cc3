"""The exercise on the factors of cross-layer equalization."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant, Rule


def balance(w1, w2):
    """The reference: s = sqrt(r1 / r2) per channel; 1 where a channel is dead."""
    r1, r2 = np.abs(w1).max(axis=1), np.abs(w2).max(axis=0)
    alive = (r1 > 0) & (r2 > 0)
    return np.sqrt(np.where(alive, r1, 1.0) / np.where(alive, r2, 1.0))


def _balance(w1, w2, root=np.sqrt, first=1, second=0, flip=False, size=np.abs, dead=1.0):
    r1, r2 = size(w1).max(axis=first), size(w2).max(axis=second)
    alive = (r1 > 0) & (r2 > 0)
    ratio = np.where(alive, r2 if flip else r1, 1.0) / np.where(alive, r1 if flip else r2, 1.0)
    return np.where(alive, root(ratio), dead)


def _ranges_meet(s, w1, w2):
    s = np.asarray(s, float)
    return s.shape == (len(w1),) and np.allclose(np.abs(w1).max(axis=1) / s, np.abs(w2).max(axis=0) * s)


W1 = np.array([[8.0, -2.0, 1.0], [0.5, -2.0, 0.25]])
W2 = np.array([[2.0, -8.0], [1.0, 4.0]])
SQUARE = np.array([[1.0, -4.0], [3.0, 1.0]])
RNG = np.random.default_rng(5)
DRAWN = RNG.normal(size=(4, 6)) * np.array([[1e-3], [1.0], [50.0], [7.0]]), RNG.normal(size=(5, 4))
MEET = Rule("factors with which both ranges of each channel become equal: r1 / s = s * r2", _ranges_meet)
DEAD = np.array([[0.0, 0.0], [4.0, -1.0]])

BALANCE = Exercise(
    "02/balance", balance,
    cases=(
        Case("literal", (W1, W2), np.array([2.0, 0.5])),
        Case("literal", (SQUARE, 4 * SQUARE), np.sqrt([4 / 12, 3 / 16])),
        Case("property", DRAWN, MEET),
        Case("property", (DRAWN[0] * 256, DRAWN[1]), MEET),
        Case("edge", (DEAD, SQUARE), np.array([1.0, 1.0])),
        Case("edge", (SQUARE, DEAD.T), np.array([1.0, np.sqrt(3 / 4)])),
    ),
    mutants={
        "inverse": Mutant("r2 stands over r1: the ranges move apart instead of together",
                          lambda a, b: _balance(a, b, flip=True)),
        "no_root": Mutant("the square root is missing: the whole difference is moved to the other side",
                          lambda a, b: _balance(a, b, root=lambda v: v)),
        "rows_of_both": Mutant("r2 is taken over the rows of w2; its column i reads channel i",
                               lambda a, b: _balance(a, b[: len(a), : len(a)], second=1)),
        "signed": Mutant("the maximum is taken without the absolute value",
                         lambda a, b: _balance(a, b, size=lambda w: w)),
        "dead_infinite": Mutant("a channel of zeros divides by zero, or gets the factor 0",
                                lambda a, b: np.sqrt(np.abs(a).max(axis=1) / np.abs(b).max(axis=0))),
        "first_only": Mutant("only the first layer is looked at; the second one has ranges too",
                             lambda a, b: np.abs(a).max(axis=1) / np.abs(a).max()),
    },
    hints=(
        "After the change channel i has the range r1_i / s_i in the first layer and s_i * r2_i in the second.",
        "r1 runs over the row that makes channel i, r2 over the column that reads it. Set both equal, solve for s.",
        "r1, r2 = np.abs(w1).max(axis=1), np.abs(w2).max(axis=0); s = np.sqrt(r1 / r2), but 1 where one of them is 0.",
    ),
)
