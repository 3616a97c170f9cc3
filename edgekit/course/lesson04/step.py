"""The exercise on the gradient of a learned step size.

Authors differ on values within half a step beyond the ends, so no case holds one: either way is right.
"""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant


def step_gradient(x, scale, qmin, qmax):
    """The reference: the rounding error in steps within the grid, the code of the end beyond it."""
    return _derivative(x, scale, qmin, qmax)


def _derivative(x, scale, qmin, qmax, within=lambda code, ratio: code - ratio, beyond=lambda end, ratio: end):
    ratio = x / scale
    code = np.rint(ratio)
    end = np.clip(code, qmin, qmax)
    return np.where(code == end, within(code, ratio), beyond(end, ratio))


X = np.array([-9.0, -0.3, 0.1, 1.45, 9.0])
RNG = np.random.default_rng(13)
DRAWN = RNG.uniform(-7.4, 6.4, 8).round(2)

STEP = Exercise(
    "04/step_gradient", step_gradient,
    cases=(
        Case("literal", (X, 0.5, -4, 3), np.array([-4.0, -0.4, -0.2, 0.1, 3.0])),
        Case("literal", (X, 0.25, -8, 7), np.array([-8.0, 0.2, -0.4, 0.2, 7.0])),
        Case("property", (DRAWN, 1.0, -8, 7), np.rint(DRAWN) - DRAWN),
        Case("property", (4 * DRAWN, 4.0, -8, 7), np.rint(DRAWN) - DRAWN),
        Case("edge", (0.5 * np.arange(-3, 3), 0.5, -4, 3), np.zeros(6)),
        Case("edge", (X - 100, 0.5, -4, 3), np.full(5, -4.0)),
    ),
    mutants={
        "code_only": Mutant("the code is taken as constant; but a larger step also changes which code is nearest",
                            lambda x, s, a, b: np.clip(np.rint(x / s), a, b)),
        "sign": Mutant("the rounding error has the wrong sign: it is what rounding adds, code - x / scale",
                       lambda x, s, a, b: _derivative(x, s, a, b, within=lambda code, ratio: ratio - code)),
        "no_ends": Mutant("beyond the ends the grid is treated as if it went on",
                          lambda x, s, a, b: np.rint(x / s) - x / s),
        "nothing_beyond": Mutant("clipped values get no gradient; but a larger step lets the grid reach further out",
                                 lambda x, s, a, b: _derivative(x, s, a, b, beyond=lambda end, ratio: 0 * end)),
        "subtracted_beyond": Mutant("x / scale is subtracted beyond the ends too; there y no longer follows x",
                                    lambda x, s, a, b: np.clip(np.rint(x / s), a, b) - x / s),
        "real_units": Mutant("the error is given in the units of x; divided by the scale it is the derivative",
                             lambda x, s, a, b: _derivative(x, s, a, b, lambda code, ratio: s * (code - ratio),
                                                            lambda end, ratio: s * end)),
        "absolute": Mutant("the size of the error is taken without its sign",
                           lambda x, s, a, b: _derivative(x, s, a, b, lambda code, ratio: np.abs(code - ratio),
                                                          lambda end, ratio: np.abs(end))),
    },
    hints=(
        "Write y = x + scale * e with the rounding error e in steps, hold e fixed, and change the scale a little.",
        "Within the grid the derivative is e = code - x / scale. Beyond it y = scale * qmax (or qmin).",
        "np.where(code == np.clip(code, qmin, qmax), code - x / scale, np.clip(code, qmin, qmax))",
    ),
)
