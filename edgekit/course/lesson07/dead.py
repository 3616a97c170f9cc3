"""The exercise on a channel of zero weights that is not silent: batch norm and bias make a constant of it."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def without_dead(w, bias, norm, eps, dead):
    """The reference: what dead channels always say, relu(beta - gamma mean / sqrt(var + eps)), goes into the bias."""
    return _folded(w, bias, norm, eps, dead)


def _deviation(variance, eps):
    return np.sqrt(variance + eps)


def _folded(w, bias, norm, eps, dead, relu=True, mean=1, spread=_deviation, gamma=True, keep=True, add=1, every=False):
    g, beta, mu, variance = norm
    says = beta - mean * mu * (g if gamma else 1) / spread(variance, eps)
    says = np.maximum(says, 0) if relu else says
    chosen = np.ones_like(dead) if every else dead
    return (w[:, ~dead] if keep else w), bias + add * w[:, chosen] @ says[chosen]


def _gamma_last(w, bias, norm, eps, dead):
    """Gamma scales beta as well."""
    g, beta, mu, variance = norm
    return _folded(w, bias, np.stack([g, g * beta, mu, variance]), eps, dead)


def _norm(rng, width):
    """gamma, beta, mean, variance of a batch norm that leaves no channel at zero."""
    return np.stack([rng.uniform(0.5, 2, width), rng.normal(size=width), rng.normal(size=width),
                     rng.uniform(0.2, 3, width)])


RNG = np.random.default_rng(31)
#: gamma, beta, mean and variance of the dead channel are 3, 5, -2 and 4: it says 5 + 3 * 2 / 2 = 8
ONE = (np.array([[2.0, 3.0]]), np.array([10.0]), np.array([[1.0, 3.0], [0.5, 5.0], [0.0, -2.0], [1.0, 4.0]]), 0.0,
       np.array([False, True]))
MANY = (RNG.normal(size=(3, 8)), RNG.normal(size=3), _norm(RNG, 8), 0.1, np.arange(8) % 3 == 0)
NARROW = (RNG.normal(size=(2, 4)), RNG.normal(size=2), _norm(RNG, 4), 0.01, np.array([True, True, False, True]))
SILENT = (np.ones((1, 2)), np.zeros(1), np.array([[1.0, 1.0], [-1.0, -1.0], [0.0, 0.0], [1.0, 1.0]]), 0.0,
          np.array([True, False]))

DEAD = Exercise(
    "07/without_dead", without_dead,
    cases=(
        Case("literal", ONE, (np.array([[2.0]]), np.array([34.0]))),
        Case("property", MANY, without_dead(*MANY)),
        Case("property", NARROW, without_dead(*NARROW)),
        Case("edge", SILENT, (np.ones((1, 1)), np.zeros(1))),
        Case("edge", (*MANY[:4], np.zeros(8, bool)), MANY[:2]),
    ),
    mutants={
        "silent": Mutant("a dead channel is thought to say 0; batch norm makes a constant of zeros, which others read",
                         lambda *a: _folded(*a, add=0)),
        "beta_only": Mutant("beta is taken for the constant; the mean is subtracted from the zeros before",
                            lambda *a: _folded(*a, mean=0)),
        "no_spread": Mutant("the mean is not divided by the deviation",
                            lambda *a: _folded(*a, spread=lambda variance, eps: 1)),
        "no_root": Mutant("the mean is divided by the variance; its root is the deviation",
                          lambda *a: _folded(*a, spread=lambda variance, eps: variance + eps)),
        "eps_after": Mutant("eps is added to the deviation; it belongs to the variance, under the root",
                            lambda *a: _folded(*a, spread=lambda variance, eps: np.sqrt(variance) + eps)),
        "no_eps": Mutant("eps is left out", lambda *a: _folded(*a, spread=lambda variance, eps: np.sqrt(variance))),
        "mean_added": Mutant("the mean is added; batch norm subtracts it from the zeros",
                             lambda *a: _folded(*a, mean=-1)),
        "no_gamma": Mutant("gamma is left out, which scales the shift by the mean",
                           lambda *a: _folded(*a, gamma=False)),
        "gamma_on_beta": Mutant("gamma scales beta too; it scales what is normalized, and beta is added after it",
                                _gamma_last),
        "no_relu": Mutant("the constant is read before the ReLU, which takes away what is below 0",
                          lambda *a: _folded(*a, relu=False)),
        "column_stays": Mutant("the bias is right, but the columns that read the dead channels are still there",
                               lambda *a: _folded(*a, keep=False)),
        "taken_away": Mutant("the constant is subtracted from the bias; others still have to hear it, so add it",
                             lambda *a: _folded(*a, add=-1)),
        "inverted": Mutant("the living channels go and the dead ones stay; True means dead",
                           lambda w, bias, norm, eps, dead: _folded(w, bias, norm, eps, ~dead)),
        "living_too": Mutant("constants of living channels are added as well; those still speak for themselves",
                             lambda *a: _folded(*a, every=True)),
    },
    hints=(
        "Put zeros through batch norm and ReLU: what comes out of each dead channel?",
        "says = relu(beta - gamma * mean / sqrt(variance + eps)), for the dead channels only.",
        "return w[:, ~dead], bias + w[:, dead] @ says[dead]",
    ),
)
