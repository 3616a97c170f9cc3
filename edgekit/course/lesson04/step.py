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
        "turned": Mutant("the sign is turned round: it is code - x / scale within, the code of an end beyond",
                         lambda x, s, a, b: -_derivative(x, s, a, b)),
        "code_held": Mutant("only x / scale is derived and the code is left out: within the grid e = code - x / scale",
                            lambda x, s, a, b: _derivative(x, s, a, b, lambda code, ratio: -ratio)),
        "undivided": Mutant("x is subtracted from the code without being divided by the scale",
                            lambda x, s, a, b: _derivative(x, s, a, b, lambda code, ratio: code - s * ratio)),
        "floor": Mutant("the code is cut off instead of rounded",
                        lambda x, s, a, b: _derivative(x, s, a, b, lambda code, ratio: np.floor(ratio) - ratio)),
        "ends_exchanged": Mutant("the ends are exchanged: what lies above gets qmax, what lies below qmin",
                                 lambda x, s, a, b: _derivative(x, s, a, b, beyond=lambda end, ratio: a + b - end)),
        "ends_one": Mutant("beyond the ends the slope is taken for 1 or -1; y = scale * qmax there, so it is qmax",
                           lambda x, s, a, b: _derivative(x, s, a, b, beyond=lambda end, ratio: np.sign(end))),
        "ends_real": Mutant("beyond the ends y itself is given; its derivative is the code",
                            lambda x, s, a, b: _derivative(x, s, a, b, beyond=lambda end, ratio: s * end)),
        "not_clipped": Mutant("beyond the ends the code goes on; the grid ends at qmin and qmax", lambda x, s, a, b:
                              _derivative(x, s, a, b, beyond=lambda end, ratio: np.rint(ratio))),
        "forward": Mutant("the rounded x is returned; asked is its derivative by the scale",
                          lambda x, s, a, b: s * np.clip(np.rint(x / s), a, b)),
        "summed": Mutant("the derivatives are added up; asked is one for each value",
                         lambda x, s, a, b: _derivative(x, s, a, b).sum()),
        "damped": Mutant("it is divided by sqrt(N qmax): that slows training, the derivative itself is larger",
                         lambda x, s, a, b: _derivative(x, s, a, b) / np.sqrt(x.size * b)),
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
