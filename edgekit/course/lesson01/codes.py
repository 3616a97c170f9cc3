"""The exercises on quantizing to codes and coming back."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant, Rule
from edgekit.course.lesson01.grids import SIX, SIX_CODES, STEP

NAN = float("nan")


def quantize(x, scale, zero_point, qmin, qmax):
    """The reference: round half to even, then add, then clip."""
    if not np.isfinite(x).all():
        raise ValueError("quantize: x must be finite")
    return np.clip(np.rint(x / scale) + zero_point, qmin, qmax).astype(np.int64)


def dequantize(q, scale, zero_point):
    """The reference: the difference in a type that can hold it."""
    return scale * (q.astype(np.int64) - zero_point)


def _near(q, x, scale, zero_point, qmin, qmax):
    error = np.abs(scale * (np.asarray(q, float) - zero_point) - x)
    return np.shape(q) == x.shape and (error <= scale / 2 + 1e-9).all()


NEAR = Rule("codes whose values lie within scale / 2 of x", _near)
TIES = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])


def _codes(x, scale, zero_point, qmin, qmax, rounding=np.rint, finish=np.clip):
    if not np.isfinite(x).all():
        raise ValueError("x must be finite")
    return finish(rounding(x / scale) + zero_point, qmin, qmax).astype(np.int64)


def _half_away(x):
    return np.copysign(np.floor(np.abs(x) + 0.5), x)


def _wrapped(codes, qmin, qmax):
    return (codes - qmin) % (qmax - qmin + 1) + qmin


QUANTIZE = Exercise(
    "01/quantize", quantize, integers=True,
    cases=(
        Case("literal", (SIX, STEP, -12, -128, 127), SIX_CODES),
        Case("literal", (TIES, 1.0, 0, -128, 127), np.array([-2, -2, 0, 0, 2, 2])),
        Case("literal", (TIES, 1.0, 3, -128, 127), np.array([1, 1, 3, 3, 5, 5])),
        Case("property", (np.linspace(-0.99, 1.19, 50), STEP, -12, -128, 127), NEAR),
        Case("property", (np.linspace(-0.7, 0.6, 6), 0.1, 0, -8, 7), NEAR),
        Case("edge", (np.array([-9.0, 9.0]), 0.1, -3, -8, 7), np.array([-8, 7])),
        Case("edge", (np.array([-9.0, 9.0]), 0.5, 5, -128, 127), np.array([-13, 23])),
        Case("edge", (np.array([0.0, 300.0]), 1.0, 0, 0, 255), np.array([0, 255])),
        Case("edge", (np.array([1.0, NAN, -1.0]), 0.1, 0, -128, 127), ValueError),
    ),
    mutants={
        "truncation": Mutant("the quotient is cut off towards 0 instead of rounded: the error doubles",
                             lambda x, s, z, lo, hi: _codes(x, s, z, lo, hi, np.trunc)),
        "floor": Mutant("the quotient is rounded down instead of to the nearest: every value drifts downward",
                        lambda x, s, z, lo, hi: _codes(x, s, z, lo, hi, np.floor)),
        "half_away": Mutant("ties go away from 0; here they go to the even neighbour, as np.rint does",
                            lambda x, s, z, lo, hi: _codes(x, s, z, lo, hi, _half_away)),
        "add_then_round": Mutant("the zero_point is added before rounding: if it is odd, every tie goes the other way",
                                 lambda x, s, z, lo, hi: _codes(x, s, 0, lo, hi, lambda r: np.rint(r + z))),
        "no_clip": Mutant("codes beyond the grid are not clipped to its ends",
                          lambda x, s, z, lo, hi: _codes(x, s, z, lo, hi, finish=lambda q, a, b: q)),
        "wraps": Mutant("codes beyond the grid wrap round to its other end, as a cast to int8 does; clip them",
                        lambda x, s, z, lo, hi: _codes(x, s, z, lo, hi, finish=_wrapped)),
        "clip_too_early": Mutant("the clip comes before the zero_point is added",
                                 lambda x, s, z, lo, hi: _codes(x, s, 0, lo, hi) + z),
        "always_8_bits": Mutant("qmin and qmax are ignored: the clip is always to -128..127",
                                lambda x, s, z, lo, hi: _codes(x, s, z, -128, 127)),
        "three_bits": Mutant("the clip is to a 3-bit grid, -4..3, whatever qmin and qmax say",
                             lambda x, s, z, lo, hi: _codes(x, s, z, -4, 3)),
        "no_zero_point": Mutant("the zero_point is forgotten",
                                lambda x, s, z, lo, hi: _codes(x, s, 0, lo, hi)),
        "minus_zero_point": Mutant("the zero_point is subtracted; on the way to codes it is added",
                                   lambda x, s, z, lo, hi: _codes(x, s, -z, lo, hi)),
        "times_scale": Mutant("x is multiplied by the scale; on the way to codes it is divided",
                              lambda x, s, z, lo, hi: _codes(x, 1 / s, z, lo, hi)),
        "nan_passes": Mutant("NaN is let through; no code stands for it",
                             lambda x, s, z, lo, hi: _codes(np.nan_to_num(x), s, z, lo, hi)),
    },
    hints=(
        "Four steps in this order: refuse what is not finite, divide and round, add the zero_point, clip.",
        "np.rint rounds half to even. np.clip(codes, qmin, qmax) comes last, so that no code leaves the grid.",
        "np.clip(np.rint(x / scale) + zero_point, qmin, qmax).astype(int), after: "
        "if not np.isfinite(x).all(): raise ValueError(...)",
    ),
)


DEQUANTIZE = Exercise(
    "01/dequantize", dequantize,
    cases=(
        Case("literal", (np.array([-12, 23, 81], np.int8), STEP, -12), np.array([0.0, 35 * STEP, 93 * STEP])),
        Case("literal", (np.array([3, 4], np.int8), 0.5, 3), np.array([0.0, 0.5])),
        Case("edge", (SIX_CODES.astype(np.int8), STEP, -12), STEP * (SIX_CODES + 12)),
        Case("edge", (np.array([-128, 127], np.int8), 0.1, 100), np.array([-22.8, 2.7])),
        Case("edge", (np.array([0, 255], np.uint8), 0.1, 130), np.array([-13.0, 12.5])),
        Case("property", (np.arange(-128, 128, dtype=np.int8).reshape(16, 16), 0.01, -12),
             Rule("an array of the same shape in which neighbouring codes lie one scale apart",
                  lambda x, q, s, z: np.shape(x) == q.shape and np.allclose(np.diff(np.ravel(x)), s))),
    ),
    mutants={
        "int8_difference": Mutant("q - zero_point is taken in the type of q, where it wraps round: convert q first",
                                  lambda q, s, z: s * (q - np.array(z).astype(q.dtype)).astype(q.dtype)),
        "saturates": Mutant("q - zero_point is clipped to the grid; the difference needs one bit more than the codes",
                            lambda q, s, z: s * np.clip(q.astype(int) - z, *_limits(q))),
        "plus_zero_point": Mutant("the zero_point is added; on the way back it is subtracted",
                                  lambda q, s, z: s * (q.astype(int) + z)),
        "no_zero_point": Mutant("the zero_point is forgotten", lambda q, s, z: s * q.astype(int)),
        "zero_point_last": Mutant("the zero_point is subtracted after scaling: it is a code, not a value",
                                  lambda q, s, z: s * q.astype(int) - z),
        "divides": Mutant("the difference is divided by the scale; on the way back it is multiplied",
                          lambda q, s, z: (q.astype(int) - z) / s),
        "integers": Mutant("the result is cast to integers; real values need a floating-point type",
                           lambda q, s, z: (s * (q.astype(int) - z)).astype(int)),
    },
    hints=(
        "It is equation (1). The only trap is the type in which the difference is taken.",
        "127 - (-12) is 139, and the largest int8 is 127. Convert q to a wider type before subtracting.",
        "scale * (q.astype(np.int32) - zero_point)",
    ),
)


def _limits(q):
    return np.iinfo(q.dtype).min, np.iinfo(q.dtype).max
