"""The transfer exercise: an activation whose upper end is learned.

Source: Choi et al., "PACT", arXiv:1805.06085, section 3.
"""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def clip_gradients(g, x, alpha):
    """The reference: x learns between the ends, alpha from all that lies above it."""
    return g * ((x > 0) & (x < alpha)), (g * (x > alpha)).sum()


X = np.array([-2.0, 0.5, 1.5, 3.0, 8.0])
G = np.array([1.0, 2.0, -4.0, 0.5, 0.25])
RNG = np.random.default_rng(17)
DRAWN = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))

CLIPPING = Exercise(
    "04/clip_gradients", clip_gradients,
    cases=(
        Case("literal", (G, X, 2.0), (np.array([0.0, 2.0, -4.0, 0, 0]), 0.75)),
        Case("literal", (-G, X, 1.0), (np.array([0.0, -2.0, 0, 0, 0]), 3.25)),
        Case("property", (*DRAWN, 0.4), clip_gradients(*DRAWN, 0.4)),
        Case("edge", (G, X, 100.0), (np.array([0.0, 2.0, -4.0, 0.5, 0.25]), 0.0)),
        Case("edge", (G, X - 20, 2.0), (0 * G, 0.0)),
    ),
    mutants={
        "mean": Mutant("alpha gets the mean over all values; one alpha serves all, so their gradients add up",
                       lambda g, x, a: (clip_gradients(g, x, a)[0], clip_gradients(g, x, a)[1] / x.size)),
        "counted": Mutant("clipped values are counted; each pushes alpha with its own gradient g",
                          lambda g, x, a: (clip_gradients(g, x, a)[0], (x > a).sum())),
        "both_ends": Mutant("values below 0 push alpha too; there y = 0, whatever alpha is",
                            lambda g, x, a: (clip_gradients(g, x, a)[0], (g * ((x > a) | (x < 0))).sum())),
        "inside": Mutant("alpha learns from values within the range; there y = x, whatever alpha is",
                         lambda g, x, a: (clip_gradients(g, x, a)[0], (g * ((x > 0) & (x < a))).sum())),
        "no_lower_end": Mutant("the gradient of x passes below 0 too", lambda g, x, a:
                               (g * (x < a), clip_gradients(g, x, a)[1])),
        "no_clipping": Mutant("the gradient of x passes everywhere; above alpha it belongs to alpha",
                              lambda g, x, a: (g.copy(), clip_gradients(g, x, a)[1])),
        "only_x": Mutant("the gradient of alpha is missing; return both", lambda g, x, a: clip_gradients(g, x, a)[0]),
        "order": Mutant("the gradient of alpha comes first; asked is that of x, then that of alpha",
                        lambda g, x, a: clip_gradients(g, x, a)[::-1]),
        "no_upstream": Mutant("the gradient of x is 1 or 0, without g, which arrives from above", lambda g, x, a:
                              (1.0 * ((x > 0) & (x < a)), clip_gradients(g, x, a)[1])),
        "mean_of_clipped": Mutant("alpha gets the mean over the clipped values; their gradients add up", lambda g, x, a:
                                  (clip_gradients(g, x, a)[0], g[x > a].mean() if (x > a).any() else 0.0)),
        "everywhere": Mutant("alpha gets the gradient of all values; only what lies above it depends on it",
                             lambda g, x, a: (clip_gradients(g, x, a)[0], g.sum())),
        "times_x": Mutant("what alpha gets is multiplied by x; there y = alpha, whatever x is",
                          lambda g, x, a: (clip_gradients(g, x, a)[0], (g * x * (x > a)).sum())),
        "times_alpha": Mutant("what alpha gets is multiplied by alpha; y = alpha has the slope 1",
                              lambda g, x, a: (clip_gradients(g, x, a)[0], a * clip_gradients(g, x, a)[1])),
        "sign": Mutant("alpha's gradient has the wrong sign: a larger alpha lets y grow",
                       lambda g, x, a: (clip_gradients(g, x, a)[0], -clip_gradients(g, x, a)[1])),
        "symmetric": Mutant("the gradient of x passes from -alpha on; the lower end is 0", lambda g, x, a:
                            (g * ((x > -a) & (x < a)), clip_gradients(g, x, a)[1])),
        "forward": Mutant("the clipped x is returned; asked are gradients", lambda g, x, a: (np.clip(x, 0, a), a)),
        "one_each": Mutant("alpha gets a gradient for each value; it is one number", lambda g, x, a:
                           (clip_gradients(g, x, a)[0], g * (x > a))),
    },
    hints=(
        "There are three cases: x below 0, between, above alpha. What is y in each, and on what does it depend?",
        "Between the ends y follows x. Above alpha y follows alpha, and alpha is shared by all values: add up.",
        "return g * ((x > 0) & (x < alpha)), (g * (x > alpha)).sum()",
    ),
)
