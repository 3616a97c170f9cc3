"""The exercise on bias correction."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant, Rule


def corrected_bias(w, w_q, x, bias):
    """The reference: the mean of what the coarse weights miss goes into the bias."""
    return bias + (w - w_q) @ x.mean(axis=0)


def _means_agree(result, w, w_q, x, bias):
    return np.shape(result) == np.shape(bias) and np.allclose((x @ w_q.T + result).mean(axis=0),
                                                              (x @ w.T + bias).mean(axis=0))


W = np.array([[0.5, -1.0], [2.0, 0.25]])
W_Q = np.array([[0.0, -1.0], [2.0, 0.0]])
X = np.array([[1.0, 4.0], [3.0, 0.0]])
BIAS = np.array([10.0, -1.0])
RNG = np.random.default_rng(7)
DRAWN = RNG.normal(size=(3, 5)), RNG.exponential(size=(40, 5)), RNG.normal(size=3)
AGREE = Rule("a bias with which the mean of every output is that of the float layer", _means_agree)

SHIFT = Exercise(
    "02/corrected_bias", corrected_bias,
    cases=(
        Case("literal", (W, W_Q, X, BIAS), np.array([11.0, -0.5])),
        Case("literal", (W, W_Q, 2 * X, 0 * BIAS), np.array([2.0, 1.0])),
        Case("property", (DRAWN[0], np.rint(DRAWN[0]), DRAWN[1], DRAWN[2]), AGREE),
        Case("property", (DRAWN[0], 0.9 * DRAWN[0], DRAWN[1] - 2, DRAWN[2]), AGREE),
        Case("edge", (W, W, X, BIAS), BIAS),
        Case("edge", (W, W_Q, X - X.mean(axis=0), BIAS), BIAS),
    ),
    mutants={
        "sign": Mutant("the difference has the wrong sign: the shift is doubled instead of taken away",
                       lambda w, q, x, b: b - (w - q) @ x.mean(axis=0)),
        "sum": Mutant("the sum over examples stands where their mean should",
                      lambda w, q, x, b: b + (w - q) @ x.sum(axis=0)),
        "inputs_ignored": Mutant("the errors of the weights are added up without the inputs that they meet",
                                 lambda w, q, x, b: b + (w - q).sum(axis=1)),
        "replaced": Mutant("the old bias is lost", lambda w, q, x, b: (w - q) @ x.mean(axis=0)),
        "one_shift": Mutant("one shift serves all outputs; each has its own",
                            lambda w, q, x, b: b + ((w - q) @ x.mean(axis=0)).mean()),
        "one_example": Mutant("only the first example is looked at", lambda w, q, x, b: b + (w - q) @ x[0]),
        "absolute": Mutant("the size of the shift is taken without its sign",
                           lambda w, q, x, b: b + np.abs((w - q) @ x.mean(axis=0))),
    },
    hints=(
        "Write the mean of the float output and the mean of the coarse output. Their difference must vanish.",
        "mean(w x + b) = w mean(x) + b: only the mean of the inputs counts, one number for each input.",
        "return bias + (w - w_q) @ x.mean(axis=0)",
    ),
)
