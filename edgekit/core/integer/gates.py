"""Sigmoid and tanh in 16-bit fixed point, without a table: what the gates of integer recurrent operators are made of.

    sigmoid(q, integer_bits=3) -> Q0.15       q is Q(integer_bits).(15 - integer_bits), 3 means Q3.12, +-8
    tanh(q, integer_bits=3) -> Q0.15
    multiply(a, b, shift=15) -> (a * b) / 2^shift, rounded half away from zero
    saturate(x) -> x clipped to int16

exp(-x) for x > 0 is exp(-(x mod 1/4)) by a polynomial, times exp(-2^k) for every further bit k of x that is set; then
1 / (1 + e) and (1 - e) / (1 + e) by three steps of Newton's iteration. Every step is 16 bits wide: nothing but
integer products and shifts, the same on every machine. Source: gemmlowp, as LiteRT's integer LSTM uses it.
"""

from functools import lru_cache

import numpy as np

INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1
ONE_2_13 = 1 << 13  # 1 in Q2.13
NEWTON_STEPS = 3


def _constant(value, bits=15):
    """A real number in 16 bits, `bits` of them behind the point."""
    return int(np.floor(value * 2**bits + 0.5))


#: exp(-2^k), Q0.15, for k = -2 .. 4
POWERS = {k: _constant(np.exp(-(2.0**k))) for k in range(-2, 5)}


def saturate(x):
    """Return x clipped to the ends of int16, int64.

    >>> saturate(np.array([40000, -3])).tolist()
    [32767, -3]
    """
    return np.clip(x, INT16_MIN, INT16_MAX).astype(np.int64)


def multiply(a, b, shift=15):
    """Return a * b / 2^shift rounded half away from zero, int64.

    >>> multiply(np.array([3, -3]), 16384).tolist()
    [2, -2]
    """
    return shift_right(np.asarray(a, np.int64) * b, shift)


def shift_right(x, shift):
    """Return x / 2^shift rounded half away from zero, int64; shift 0 changes nothing.

    >>> shift_right(np.array([6, -6, 5]), 2).tolist()
    [2, -2, 1]
    """
    x, mask = np.asarray(x, np.int64), (1 << shift) - 1
    return (x >> shift) + ((x & mask) > ((mask >> 1) + (x < 0)))


def sigmoid(q, integer_bits=3):
    """Return 1 / (1 + exp(-x)) in Q0.15 for x = q / 2^(15 - integer_bits); within 2.1e-4 of the real one.

    >>> sigmoid(np.array([0, 4096, -4096, 32767])).tolist()
    [16384, 23952, 8815, 32756]
    """
    return _table(_sigmoid, integer_bits)[_codes("sigmoid", q, integer_bits) - INT16_MIN]


def _sigmoid(q, integer_bits):
    positive = _left(_reciprocal(_exp_negative(-np.abs(q), integer_bits)), 1)
    return np.where(q == 0, 1 << 14, np.where(q > 0, positive, INT16_MAX - positive))


def tanh(q, integer_bits=3):
    """Return tanh(x) in Q0.15 for x = q / 2^(15 - integer_bits), within 3.7e-4 of the real one.

    >>> tanh(np.array([0, 4096, -4096, 32767])).tolist()
    [0, 24964, -24964, 32767]
    """
    return _table(_tanh, integer_bits)[_codes("tanh", q, integer_bits) - INT16_MIN]


def _tanh(q, integer_bits):
    size = _left(_reciprocal(_exp_negative(-np.abs(q), integer_bits + 1)) - ONE_2_13, 2)
    return np.where(q == 0, 0, np.sign(q) * size)


@lru_cache
def _table(function, integer_bits):
    """What `function` gives for every code: computed once, since looking up is many times faster in NumPy."""
    table = function(np.arange(INT16_MIN, INT16_MAX + 1), integer_bits)
    table.setflags(write=False)
    return table


def _codes(call, q, integer_bits):
    q = np.asarray(q).astype(np.int64)
    if not 0 <= integer_bits <= 6:
        raise ValueError(f"{call}: integer_bits must be 0..6, got {integer_bits}")
    if q.size and (q.min() < INT16_MIN or q.max() > INT16_MAX):
        raise ValueError(f"{call}: codes must fit in int16, got {q.min()}..{q.max()}; saturate them first")
    return q


def _high(a, b):
    """a * b in Q0.15 terms, rounded half up; -1 * -1 saturates."""
    return np.minimum((a * b + (1 << 14)) >> 15, INT16_MAX)


def _left(x, shift):
    return saturate(x << shift)


def _exp_negative(q, integer_bits):
    """exp(q / 2^(15 - integer_bits)) for q <= 0, Q0.15; 0 gives the largest code, 1 - 2^-15."""
    fraction = 15 - integer_bits
    quarter = 1 << (fraction - 2)
    within = (q & (quarter - 1)) - quarter  # in [-1/4, 0)
    result = _exp_quarter(_left(within, integer_bits))
    remainder = within - q
    for power, factor in POWERS.items():
        if power < integer_bits:
            result = np.where(remainder & (1 << (fraction + power)), _high(result, factor), result)
    if integer_bits > 5:
        result = np.where(q < -(32 << fraction), 0, result)
    return np.where(q == 0, INT16_MAX, result)


def _exp_quarter(a):
    """exp(a) for a in [-1/4, 0), Q0.15: Taylor's series of degree 4 about -1/8."""
    middle = _constant(np.exp(-1 / 8))
    x = a + (1 << 12)
    x2 = _high(x, x)
    x3, x4 = _high(x2, x), _high(x2, x2)
    tail = shift_right(_high(shift_right(x4, 2) + x3, _constant(1 / 3)) + x2, 1)
    return saturate(middle + _high(np.int64(middle), x + tail))


def _reciprocal(e):
    """2 / (1 + e) for e in [0, 1) of Q0.15, in Q2.13, by Newton's x' = x + x (1 - d x) with d = (1 + e) / 2."""
    half = (e + INT16_MAX + 1) >> 1
    x = _constant(48 / 17, 13) + _high(half, _constant(-32 / 17, 13))
    for _ in range(NEWTON_STEPS):
        x = x + _left(_high(x, ONE_2_13 - _high(half, x)), 2)
    return x
