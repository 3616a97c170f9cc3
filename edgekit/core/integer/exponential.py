"""exp, 1 / (1 + x), logistic and tanh in 32-bit fixed point, as the reference kernels of LiteRT compute them.

    exp_negative(a, integer_bits)     exp(a) for a <= 0, a raw number with `integer_bits` bits before the point
    reciprocal(a)                     1 / (1 + a) for a in [0, 1)
    logistic(a)  tanh(a)              of a number with 4 integer bits

Results have no integer bit: raw 2^31 - 1 stands for 1. Arrays hold raw numbers in int64. Source: gemmlowp,
fixedpoint/fixedpoint.h.
"""

import numpy as np

ONE = 2**31 - 1

#: exponent k -> exp(-2^k), no integer bit
FACTORS = {-2: 1672461947, -1: 1302514674, 0: 790015084, 1: 290630308, 2: 39332535, 3: 720401, 4: 242}

#: of exp(-1/8) and 1/3 with no integer bit, of 48/17 and -32/17 with two
EXP_EIGHTH, THIRD, START, SLOPE = 1895147668, 715827883, 1515870810, -1010580540


def multiply(a, b):
    """Return the high half of 2 a b, rounded half up and saturated: the product of two raw numbers.

    >>> multiply(np.array([2**30]), 2**30).tolist()
    [536870912]
    """
    return np.minimum((a * b + (1 << 30)) >> 31, ONE)


def shift_right(a, bits):
    """Return a / 2^bits rounded half away from zero.

    >>> shift_right(np.array([-3, 3, 5]), 1).tolist()
    [-2, 2, 3]
    """
    mask = (1 << bits) - 1
    return (a >> bits) + ((a & mask) > ((mask >> 1) + (a < 0)))


def exp_negative(a, integer_bits):
    """Return exp(a) for a <= 0: a polynomial on the last quarter, then one factor per bit that is set above it.

    >>> round(exp_negative(np.array([-(1 << 26)]), 5).item() / 2**31, 5), round(float(np.exp(-1.0)), 5)
    (0.36788, 0.36788)
    """
    a = np.asarray(a, np.int64)
    quarter = 1 << (29 - integer_bits)
    last = (a & (quarter - 1)) - quarter
    result, rest = _exp_quarter(last << integer_bits), last - a
    for exponent, factor in FACTORS.items():
        if exponent < integer_bits:
            chosen = rest & (1 << (31 - integer_bits + exponent)) != 0
            result = np.where(chosen, multiply(result, factor), result)
    return np.where(a == 0, ONE, result)


def reciprocal(a):
    """Return 1 / (1 + a) for a in [0, 1].

    >>> round(reciprocal(np.array([2**30])).item() / 2**31, 7)
    0.6666667
    """
    return np.clip(_newton(a) << 1, -ONE - 1, ONE)


def logistic(a):
    """Return 1 / (1 + exp(-a)) for raw numbers with 4 integer bits.

    >>> logistic(np.array([0, 1 << 29])).tolist()[0] / 2**31
    0.5
    """
    a = np.asarray(a, np.int64)
    positive = reciprocal(exp_negative(-np.abs(a), 4))
    return np.where(a == 0, 1 << 30, np.where(a > 0, positive, ONE - positive))


def tanh(a):
    """Return tanh(a) for raw numbers with 4 integer bits: (1 - x) / (1 + x) with x = exp(-2 |a|).

    >>> tanh(np.array([0])).tolist()
    [0]
    """
    a = np.asarray(a, np.int64)
    value = np.clip((_newton(exp_negative(-np.abs(a), 5)) - (1 << 29)) << 2, -ONE - 1, ONE)
    return np.where(a == 0, 0, np.where(a < 0, -value, value))


def _exp_quarter(a):
    """exp(a) on [-1/4, 0): Taylor's series around -1/8 up to the fourth power."""
    x = a + (1 << 28)
    x2 = multiply(x, x)
    x3, x4 = multiply(x2, x), multiply(x2, x2)
    tail = shift_right(multiply(shift_right(x4, 2) + x3, THIRD) + x2, 1)
    return EXP_EIGHTH + multiply(EXP_EIGHTH, x + tail)


def _newton(a):
    """2 / (1 + a) with two integer bits: three steps of x <- x + x (1 - d x), d = (1 + a) / 2."""
    half = (np.asarray(a, np.int64) + ONE + 1) >> 1
    x = START + multiply(half, SLOPE)
    for _ in range(3):
        x = x + np.clip(multiply(x, (1 << 29) - multiply(half, x)) << 2, -ONE - 1, ONE)
    return x
