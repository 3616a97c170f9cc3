"""The exercise on the straight-through estimator.

Authors differ on values within half a step beyond the ends, so no case holds one: either way is right.
"""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def straight_through(g, x, scale, qmin, qmax):
    """The reference: the gradient passes where the code lies on the grid."""
    code = np.rint(x / scale)
    return g * ((qmin <= code) & (code <= qmax))


def _inside(x, scale, qmin, qmax):
    code = np.rint(x / scale)
    return (qmin <= code) & (code <= qmax)


X = np.array([-9.0, -1.9, -0.3, 0.1, 1.4, 9.0])
ONES, G = np.ones(6), np.array([0.25, -2.0, 1.5, 4.75, -0.5, 3.0])
RNG = np.random.default_rng(11)
DRAWN = RNG.uniform(-7.4, 7.4, (3, 5)).round(1)

THROUGH = Exercise(
    "04/straight_through", straight_through,
    cases=(
        Case("literal", (ONES, X, 0.5, -4, 3), np.array([0.0, 1, 1, 1, 1, 0])),
        Case("literal", (G, X, 0.5, -4, 3), np.array([0.0, -2.0, 1.5, 4.75, -0.5, 0.0])),
        Case("literal", (G, X, 0.01, -128, 127), np.array([0.0, 0, 1.5, 4.75, 0, 0])),
        Case("property", (np.ones((3, 5)), DRAWN, 1.0, -8, 7), np.ones((3, 5))),
        Case("edge", (G, 0 * X, 2.0, -1, 1), G),
        Case("edge", (G, X + 20, 0.5, -4, 3), 0 * G),
    ),
    mutants={
        "true_gradient": Mutant("you take the true gradient of rounding, which is zero everywhere: nothing would learn",
                                lambda g, x, s, a, b: 0 * g),
        "no_clipping": Mutant("the gradient passes beyond the ends too, where no change of x can change the code",
                              lambda g, x, s, a, b: g.copy()),
        "reals_judged": Mutant("x is compared with the codes qmin and qmax without dividing by the scale",
                               lambda g, x, s, a, b: g * ((a <= x) & (x <= b))),
        "ends_left_out": Mutant("the lowest and the highest code get no gradient; they belong to the grid",
                                lambda g, x, s, a, b: g * ((a < np.rint(x / s)) & (np.rint(x / s) < b))),
        "divided": Mutant("the gradient is divided by the scale; scale * round(x / scale) has slope 1, not 1 / scale",
                          lambda g, x, s, a, b: g / s * _inside(x, s, a, b)),
        "rounded": Mutant("the gradient itself is rounded; only the forward pass rounds",
                          lambda g, x, s, a, b: np.rint(g) * _inside(x, s, a, b)),
        "forward": Mutant("the rounded x is returned; asked is the gradient that goes back",
                          lambda g, x, s, a, b: s * np.clip(np.rint(x / s), a, b)),
        "inverted": Mutant("the gradient passes beyond the ends only; it is there that it must stop",
                           lambda g, x, s, a, b: g * ~_inside(x, s, a, b)),
        "only_above": Mutant("the gradient stops above the highest code only; the lowest is an end, too",
                             lambda g, x, s, a, b: g * (np.rint(x / s) <= b)),
        "only_below": Mutant("the gradient stops below the lowest code only; the highest is an end, too",
                             lambda g, x, s, a, b: g * (np.rint(x / s) >= a)),
        "times_scale": Mutant("the gradient is multiplied by the scale; within the grid y = x, with slope 1",
                              lambda g, x, s, a, b: g * s * _inside(x, s, a, b)),
        "times_value": Mutant("the gradient is multiplied by the rounded x; the slope of y = x is 1",
                              lambda g, x, s, a, b: g * s * np.clip(np.rint(x / s), a, b)),
        "code": Mutant("the code is returned; asked is the gradient that goes back",
                       lambda g, x, s, a, b: np.clip(np.rint(x / s), a, b)),
        "g_clipped": Mutant("the gradient is clipped to the grid; it is x that may lie beyond it",
                            lambda g, x, s, a, b: np.clip(g, a, b)),
        "no_upstream": Mutant("the gradient from above, g, is left out", lambda g, x, s, a, b:
                              1.0 * _inside(x, s, a, b)),
    },
    hints=(
        "Within the grid we pretend that y = x. Beyond it y stays at the end, whatever x does.",
        "code = np.rint(x / scale) says on which side of the ends each value lies.",
        "return g * ((qmin <= code) & (code <= qmax))",
    ),
)
