"""The exercise on a real number as multiplier and shift."""

from fractions import Fraction

import numpy as np

from edgekit.course.exercises import Case, Exercise, Mutant, Rule


def multiplier_of(real, num_bits):
    """The reference: real ~ multiplier * 2^(shift - num_bits), with all bits of the multiplier in use."""
    fraction, shift = np.frexp(real)
    multiplier = int(np.floor(fraction * 2**num_bits + 0.5))
    if multiplier == 2**num_bits:
        return multiplier // 2, int(shift) + 1
    return multiplier, int(shift)


def _multiplier(real, num_bits, rounding=np.rint, carry=True, turn=lambda shift: shift, normal=True):
    fraction, shift = np.frexp(real) if normal else (real, 0)
    multiplier, shift = int(rounding(fraction * 2**num_bits)), int(shift)
    if carry and multiplier == 2**num_bits:
        multiplier, shift = multiplier // 2, shift + 1
    return multiplier, turn(shift)


def _fits(result, real, num_bits):
    multiplier, shift = (int(n) for n in result)
    error = multiplier * Fraction(2) ** (shift - num_bits) - Fraction(real)
    return 2 ** (num_bits - 1) <= multiplier < 2**num_bits and 2 * abs(error) <= Fraction(2) ** (shift - num_bits)


FITS = Rule("2^(num_bits - 1) <= multiplier < 2^num_bits, and a product within half a step of real", _fits)

MULTIPLIER = Exercise(
    "03/multiplier", multiplier_of, integers=True,
    cases=(
        Case("literal", (0.11, 7), (113, -3)),
        Case("literal", (0.1, 31), (1717986918, -3)),
        Case("literal", (3.0, 15), (24576, 2)),
        Case("property", (0.0037, 15), FITS),
        Case("property", (0.0037, 31), FITS),
        Case("property", (700.3, 7), FITS),
        Case("edge", (0.5, 7), (64, 0)),
        Case("edge", (0.999, 7), (64, 1)),
        Case("edge", (0.1249999, 7), (64, -2)),
    ),
    mutants={
        "truncation": Mutant("the fraction is cut off instead of rounded: the error can be a whole step",
                             lambda *a: _multiplier(*a, rounding=np.floor)),
        "round_up": Mutant("the fraction is always rounded up", lambda *a: _multiplier(*a, rounding=np.ceil)),
        "carry_forgotten": Mutant("rounding up to 2^num_bits is forgotten: that multiplier needs one bit more",
                                  lambda *a: _multiplier(*a, carry=False)),
        "carry_without_shift": Mutant("the multiplier is halved when it reaches 2^num_bits, but the shift stays: "
                                      "the product is half as large",
                                      lambda r, n: (multiplier_of(r, n)[0], int(np.frexp(r)[1]))),
        "shift_sign": Mutant("the shift has the wrong sign: here a positive shift goes left",
                             lambda *a: _multiplier(*a, turn=lambda shift: -shift)),
        "one_to_two": Mutant("the fraction is taken from 1 to 2: the shift is one too small",
                             lambda *a: _multiplier(*a, turn=lambda shift: shift - 1)),
        "no_shift": Mutant("the shift is always 0: a small number keeps only a few bits",
                           lambda *a: _multiplier(*a, normal=False)),
        "only_doubled": Mutant("a number from 1 on is left as it is; halve it until it lies below 1, and count upward",
                               lambda r, n: (int(np.rint(r * 2**n)), 0) if r >= 1 else multiplier_of(r, n)),
        "always_31": Mutant("num_bits is ignored: the multiplier always has 31 bits",
                            lambda real, num_bits: _multiplier(real, 31)),
    },
    hints=(
        "np.frexp(real) splits a number into a fraction from 0.5 to 1 and a power of two.",
        "Multiply the fraction by 2^num_bits and round. What if that gives 2^num_bits itself?",
        "fraction, shift = np.frexp(real); multiplier = int(np.floor(fraction * 2**num_bits + 0.5)); "
        "if it is 2**num_bits: halve it and add 1 to the shift",
    ),
)
