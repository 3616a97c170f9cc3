"""The exercise on choosing scale and zero_point."""

import numpy as np

from edgekit.core.affine import choose_qparams
from edgekit.course.exercises import Case, Exercise, Mutant, Rule
from edgekit.course.lesson01.grids import STEP, signed_grid

NAN = float("nan")


def affine_qparams(low, high, num_bits):
    """The reference: the affine map of the kit, on a signed grid."""
    qparams = choose_qparams(low, high, num_bits)
    return float(qparams.scale), int(qparams.zero_point)


def _affine(low, high, num_bits, steps=None, widen=True, rounding=np.rint, sign=-1, unsigned=False):
    """The affine map with one thing that can be got wrong in each argument."""
    if not np.isfinite([low, high]).all():
        raise ValueError("low and high must be finite")
    qmin, qmax = signed_grid(num_bits)
    if widen:
        low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / (steps or qmax - qmin) or 1.0
    zero_point = rounding((0 if unsigned else qmin) + sign * low / scale)
    return scale, int(zero_point if unsigned else np.clip(zero_point, qmin, qmax))


def _without_guards(low, high, num_bits):
    qmin, qmax = signed_grid(num_bits)
    low, high = np.float64(min(0.0, low)), np.float64(max(0.0, high))  # min(0.0, nan) is 0.0
    scale = (high - low) / (qmax - qmin)
    return scale, np.rint(qmin - low / scale)


def _covers(result, low, high, num_bits):
    """Both ends of the range, and 0, come back from the grid: the ends within scale / 2, and 0 exactly."""
    (scale, zero_point), (qmin, qmax) = result, signed_grid(num_bits)
    reach = scale / 2 * (1 + 1e-9)
    return (scale > 0 and float(zero_point).is_integer() and qmin <= zero_point <= qmax
            and scale * (qmin - zero_point) <= low + reach and scale * (qmax - zero_point) >= high - reach)


COVERS = Rule(
    "a positive scale and a zero_point on the grid, so that low and high come back within scale / 2",
    _covers)

AFFINE = Exercise(
    "01/affine_qparams", affine_qparams,
    cases=(
        Case("literal", (-1.0, 1.2, 8), (STEP, -12)),
        Case("literal", (0.0, 6.0, 8), (6 / 255, -128)),
        Case("literal", (-1.0, 1.2, 4), (2.2 / 15, -1)),
        Case("literal", (-0.3, 0.9, 3), (1.2 / 7, -2)),
        Case("property", (-2.37, 0.41, 8), COVERS),
        Case("property", (-0.013, 5.9, 6), COVERS),
        Case("edge", (10.0, 12.0, 8), (12 / 255, -128)),
        Case("edge", (-12.0, -10.0, 8), (12 / 255, 127)),
        Case("edge", (2.0, 2.0, 8), (2 / 255, -128)),
        Case("edge", (0.0, 0.0, 8), COVERS),
        Case("edge", (NAN, 1.0, 8), ValueError),
        Case("edge", (-1.0, float("inf"), 8), ValueError),
    ),
    mutants={
        "divide_by_256": Mutant("the range is divided by the number of codes (256); between 256 codes lie 255 steps",
                                lambda low, high, b: _affine(low, high, b, steps=2**b)),
        "not_widened": Mutant("the range is not widened to hold 0, so that clamping moves the zero_point off its place",
                              lambda low, high, b: _affine(low, high, b, widen=False)),
        "always_8_bits": Mutant("num_bits is ignored and the grid always has 8 bits",
                                lambda low, high, b: _affine(low, high, 8)),
        "always_3_bits": Mutant("num_bits is ignored and the grid has 3 bits: 8 codes",
                                lambda low, high, b: _affine(low, high, 3)),
        "truncated": Mutant("the zero_point is cut off (int) instead of rounded",
                            lambda low, high, b: _affine(low, high, b, rounding=np.trunc)),
        "sign": Mutant("low / scale is added instead of subtracted",
                       lambda low, high, b: _affine(low, high, b, sign=1)),
        "unsigned": Mutant("the zero_point is counted from code 0, as on an unsigned grid, instead of from qmin",
                           lambda low, high, b: _affine(low, high, b, unsigned=True)),
        "symmetric": Mutant("the map is symmetric: max(|low|, |high|) / qmax, with zero_point 0",
                            lambda low, high, b: (max(abs(low), abs(high)) / signed_grid(b)[1], 0)),
        "no_guard": Mutant("nothing is done about a range without width, or about NaN",
                           _without_guards),
    },
    hints=(
        "Three steps: widen the range so that it holds 0, then the scale, then the zero_point.",
        "Between 2**num_bits codes lie 2**num_bits - 1 steps. Code qmin stands for low: solve "
        "low = scale * (qmin - zero_point) for zero_point, and round.",
        "low, high = min(low, 0.0), max(high, 0.0); scale = (high - low) / (qmax - qmin), or 1.0 if that is 0; "
        "zero_point = round(qmin - low / scale). Before all that: raise ValueError unless both ends are finite.",
    ),
)
