"""The exercise on multiplying by a real number with integers alone."""

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant, Rule


def rescale(acc, multiplier, shift):
    """The reference: one rounding, ties upward, in 64 bits."""
    return (acc.astype(np.int64) * multiplier + (1 << (30 - shift))) >> (31 - shift)


def _exactly(acc, multiplier, shift, rounding):
    """acc * multiplier * 2^(shift - 31) in float64, exact for all cases but the widest."""
    return rounding(acc.astype(np.float64) * multiplier * 2.0 ** (shift - 31)).astype(np.int64)


def _half_away(y):
    return np.copysign(np.floor(np.abs(y) + 0.5), y)


def _twice(acc, multiplier, shift):
    left, right = max(shift, 0), max(-shift, 0)
    high = ((acc.astype(np.int64) << left) * multiplier + (1 << 30)) >> 31
    return (high + ((1 << right) >> 1)) >> right


def _in_32_bits(acc, multiplier, shift):
    product = (acc.astype(np.int64) * multiplier).astype(np.int32).astype(np.int64)
    return (product + (1 << (30 - shift))) >> (31 - shift)


def _never_widened(acc, multiplier, shift):
    return (acc * multiplier + (1 << (30 - shift))) >> (31 - shift)


def _shift_left_out(acc, multiplier, shift):
    return rescale(acc, multiplier, 0)


def _whole_step(acc, multiplier, shift):
    return (acc.astype(np.int64) * multiplier + (1 << (31 - shift))) >> (31 - shift)


def _half_a_step_too_small(acc, multiplier, shift):
    return (acc.astype(np.int64) * multiplier + (1 << 30)) >> (31 - shift)


def _nearest(result, acc, multiplier, shift):
    y, bits = [int(n) for n in np.ravel(result)], 31 - shift
    doubled = [2 * int(a) * multiplier - (n << (bits + 1)) for a, n in zip(acc, y, strict=True)]
    return np.shape(result) == acc.shape and all(-(1 << bits) <= d < (1 << bits) for d in doubled)


NEAREST = Rule("the nearest whole number to acc * multiplier * 2^(shift - 31), ties upward", _nearest)
EIGHTHS = np.array([-20, -12, -4, 4, 5, 12, 20], np.int32)
TENTH = 1717986918, -3

RESCALE = Exercise(
    "03/rescale", rescale, integers=True,
    cases=(
        Case("literal", (EIGHTHS, 2**30, -2), np.array([-2, -1, 0, 1, 1, 2, 3])),
        Case("literal", (np.array([100, -100, 7], np.int32), *TENTH), np.array([10, -10, 1])),
        Case("property", (np.arange(-3000, 3000, 7, dtype=np.int32), *TENTH), NEAREST),
        Case("property", (np.arange(-30, 31, dtype=np.int32), 2**30 + 12345, -2), NEAREST),
        Case("edge", (np.array([1, -1, 3], np.int32), 2**30, -1), np.array([0, 0, 1])),
        Case("edge", (np.array([1, -7], np.int32), 3 * 2**29, 2), np.array([3, -21])),
        Case("edge", (np.array([2**30, -(2**31), 2**31 - 1], np.int32), 2**30, -9), np.array([2**20, -(2**21), 2**21])),
    ),
    mutants={
        "truncation": Mutant("the product is cut off towards 0 instead of rounded",
                             lambda *a: _exactly(*a, np.trunc)),
        "floor": Mutant("the half is not added before the shift: everything is rounded down",
                        lambda *a: _exactly(*a, np.floor)),
        "half_away": Mutant("ties go away from 0; here they go up, negative ones towards 0",
                            lambda *a: _exactly(*a, _half_away)),
        "half_even": Mutant("ties go to the even neighbour; here they go up", lambda *a: _exactly(*a, np.rint)),
        "twice": Mutant("it is rounded twice, after 31 bits and after the shift: 0.25 becomes 0.5, and that 1",
                        _twice),
        "shift_sign": Mutant("the shift has the wrong sign: here a positive shift goes left",
                             lambda acc, m, shift: rescale(acc, m, -shift)),
        "half_of_31": Mutant("the half that is added is that of 31 bits; the right shift is 31 - shift bits wide",
                             _half_a_step_too_small),
        "whole_step": Mutant("a whole step is added before the right shift: only half of it rounds to the nearest",
                             _whole_step),
        "never_halved": Mutant("the shift is left out, so nothing is halved after the 31 bits: each step of a negative "
                               "shift halves once more", _shift_left_out),
        "overflow": Mutant("the product is taken in 32 bits, where it wraps round: it needs up to 63",
                           _in_32_bits),
        "never_widened": Mutant("acc stays int32: the product wraps round, and NumPy refuses a half that int32 cannot "
                                "hold; go to int64 first", _never_widened),
    },
    hints=(
        "A right shift by n bits divides by 2^n and rounds down. What must be added before, to round to nearest?",
        "In all it shifts right by 31 - shift bits. Half of that step is 1 << (30 - shift). Mind the type of acc.",
        "return (acc.astype(np.int64) * multiplier + (1 << (30 - shift))) >> (31 - shift)",
    ),
)
