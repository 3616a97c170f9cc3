"""The exercise on folding a batch norm into the layer before it."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant, Rule


def fold_batch_norm(w, b, gamma, beta, mean, variance, eps):
    """The reference: weights and bias of the one layer that computes both."""
    gain = gamma / np.sqrt(variance + eps)
    return w * gain[:, None], beta + gain * (b - mean)


def _folded(w, b, gamma, beta, mean, variance, eps, root=np.sqrt, forget_mean=False, columns=False, old_bias=True):
    gain = gamma / root(variance + eps)
    weights = w * (gain if columns else gain[:, None])
    return weights, beta + gain * ((b if old_bias else 0 * b) - (0 * mean if forget_mean else mean))


def _computes_the_same(result, w, b, gamma, beta, mean, variance, eps):
    x = np.sin(np.arange(3.0 * w.shape[1])).reshape(3, -1)
    wanted = gamma * ((x @ w.T + b) - mean) / np.sqrt(variance + eps) + beta
    with np.errstate(all="ignore"):  # a wrong answer may divide by zero
        return np.allclose(x @ np.asarray(result[0]).T + np.asarray(result[1]), wanted)


W = np.array([[1.0, -2.0], [0.5, 4.0]])
B, GAMMA, BETA = np.array([1.0, -1.0]), np.array([2.0, 3.0]), np.array([0.5, 0.25])
MEAN, VARIANCE = np.array([3.0, -2.0]), np.array([3.99, 0.99])
RANDOM = np.random.default_rng(3).normal(size=(3, 3))
SAME = Rule("a layer that computes what the layer and its batch norm compute one after the other", _computes_the_same)

FOLDING = Exercise(
    "02/fold_batch_norm", fold_batch_norm,
    cases=(
        Case("literal", (W, B, GAMMA, BETA, MEAN, VARIANCE, 0.01),
             (np.array([[1.0, -2.0], [1.5, 12.0]]), np.array([-1.5, 3.25]))),
        Case("literal", (W, 0 * B, np.ones(2), 0 * BETA, 0 * MEAN, np.array([0.25, 0.25]), 0.0), (2 * W, 0 * B)),
        Case("property", (RANDOM, RANDOM[0], RANDOM[1], RANDOM[2], RANDOM[:, 0], RANDOM[:, 1] ** 2, 1e-5), SAME),
        Case("property", (W, B, -GAMMA, BETA, MEAN, VARIANCE, 1.0), SAME),
        Case("edge", (W, B, GAMMA, BETA, MEAN, np.zeros(2), 0.25), SAME),
        Case("edge", (W, B, np.zeros(2), BETA, MEAN, VARIANCE, 0.01), (0 * W, BETA)),
    ),
    mutants={
        "no_root": Mutant("the gain is divided by the variance; it is divided by its square root",
                          lambda *a: _folded(*a, root=lambda v: v)),
        "no_eps": Mutant("eps is left out: a channel that never varies divides by zero",
                         lambda w, b, g, be, m, v, eps: _folded(w, b, g, be, m, v, 0.0)),
        "mean_kept": Mutant("the running mean is not taken out of the bias",
                            lambda *a: _folded(*a, forget_mean=True)),
        "columns": Mutant("the gain runs along the input channels; it belongs to the outputs, one for each row",
                          lambda *a: _folded(*a, columns=True)),
        "bias_lost": Mutant("the old bias of the layer is forgotten",
                            lambda *a: _folded(*a, old_bias=False)),
        "bias_plain": Mutant("only the weights get the gain; the bias and the mean pass through it too",
                             lambda w, b, g, be, m, v, e: (_folded(w, b, g, be, m, v, e)[0], b - m + be)),
    },
    hints=(
        "Write gamma * (w x + b - mean) / sqrt(variance + eps) + beta and sort it into 'times x' and 'the rest'.",
        "gain = gamma / np.sqrt(variance + eps) multiplies row k of w, and b - mean.",
        "return w * gain[:, None], beta + gain * (b - mean)",
    ),
)
