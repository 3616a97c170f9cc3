"""Sigmoid, tanh and softmax of int16 codes by straight lines between the entries of small tables.

    sigmoid(q, scale_x) -> Q0.15      tanh(q, scale_x) -> Q0.15      256 entries of 1 / (1 + exp(-i / 24))
    softmax(q, scale_x) -> Q0.15      along the last axis            512 entries of exp(x), and of 1 / (1 + x)

A chord runs below a curve that bends down, above one that bends up. So each entry is moved by half of what the chord
misses in the middle: the error is then spread over both sides. Results are int64 on the grid of scale 1/32768. LiteRT
and CMSIS-NN compute so; every code is met (`docs/operator_matrix.md`).

Source: LiteRT, reference kernels `integer_ops/logistic.h`, `integer_ops/tanh.h`, `softmax.h`. The entries of sigmoid
follow from the rule above; those that LiteRT's outputs reveal all agree.
"""

from functools import lru_cache

import numpy as np

from edgekit.core.integer.fixed_point import multiply_fixed, quantize_multiplier

#: entries of sigmoid per unit of its argument, and how many there are
PER_UNIT, ENTRIES = 24, 256
#: fractional bits of an input in Q3.12, and the largest shift that brings one there unmultiplied
FRACTION, SHIFTS = 12, {"sigmoid": (0,), "tanh": (0, 1)}
#: the tables of softmax: exp on [-10, 0] and 1 / (1 + x) on [0, 1], one step for 128 codes
STEPS, DEEPEST = 512, -10.0
#: whose powers, each below 2^15, still sum to less than 2^31
MOST_CLASSES = 2**16
INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1


def raised(function, low, high, steps, unit):
    """Return entries (steps + 1,) of unit * function(x) on [low, high], each moved by half of what its chord misses.

    >>> raised(np.square, 0.0, 1.0, 2, 100.0).tolist()
    [-3.125, 21.875, 100.0]
    """
    x, step = np.linspace(low, high, steps + 1), (high - low) / steps
    y = unit * function(x)
    missed = unit * function(x[:-1] + step / 2) - (y[:-1] + y[1:]) / 2
    return np.append(y[:-1] + missed / 2, y[-1])


def shift_to_q3_12(name, scale_x):
    """Return the left shift that brings codes of `scale_x` to Q3.12 for function `name`, or None where none does.

    As LiteRT decides it: the scale must be a power of two, within a thousandth of its exponent.

    >>> shift_to_q3_12("tanh", 2.0**-11), shift_to_q3_12("sigmoid", 2.0**-11)
    (1, None)
    """
    power = np.log2(np.float32(scale_x))
    shift = FRACTION + int(np.rint(power))
    return shift if abs(power - np.rint(power)) < 1e-3 and shift in SHIFTS[name] else None


def sigmoid(q, scale_x):
    """Return 1 / (1 + exp(-scale_x q)) in Q0.15 for int16 codes q.

    >>> sigmoid(np.array([0, 4096, -4096]), 2.0**-12).tolist()
    [16384, 23956, 8812]
    """
    place = _place("sigmoid", q, scale_x)
    value = np.where(np.abs(place) >= (ENTRIES - 1) << 9, INT16_MAX << 10, _between(np.abs(place), 9))
    return np.where(place >= 0, value + (1 << 9), (1 << 25) - value + (1 << 9) - 1) >> 10


def tanh(q, scale_x):
    """Return tanh(scale_x q) = 2 sigmoid(2 scale_x q) - 1 in Q0.15 for int16 codes q.

    >>> tanh(np.array([0, 4096, -4096]), 2.0**-12).tolist()
    [0, 24956, -24956]
    """
    place = _place("tanh", q, scale_x)
    value = np.where(np.abs(place) >= (ENTRIES - 1) << 8, 0xFFFF << 8, _between(np.abs(place), 8)) - (1 << 23)
    return np.where(place >= 0, value + (1 << 7), -value + (1 << 7) - 1) >> 8


def _place(name, q, scale_x):
    """3/4 of the codes in Q3.12 as raw numbers times 4: 2^9 from one entry of sigmoid to the next."""
    shift, q = shift_to_q3_12(name, scale_x), np.asarray(q, np.int64)
    if shift is not None:
        return q * (3 << shift)
    multiplier, shift = float(np.float32(scale_x)) * (3 << FRACTION), 0
    if not multiplier < 2**31:
        raise ValueError(f"{name}: int16 codes need a scale below {2**31 / (3 << FRACTION):.0f}, got {scale_x}")
    while multiplier <= INT16_MAX / 2 and shift <= 30:
        multiplier, shift = 2 * multiplier, shift + 1
    return (q * int(multiplier) + (1 << shift >> 1)) >> shift


def _between(size, bits):
    """The entry at size / 2^bits, with `bits` fractional bits, straight from one entry to the next."""
    table, i = _sigmoid_table(), np.minimum(size >> bits, ENTRIES - 2)
    return (table[i] << bits) + (size & ((1 << bits) - 1)) * (table[i + 1] - table[i])


@lru_cache
def _sigmoid_table():
    def real(x):
        """The logistic function at x table steps."""
        return 1 / (1 + np.exp(-x / PER_UNIT))

    entries = np.floor(raised(real, 0.0, float(ENTRIES - 1), ENTRIES - 1, 65536.0) + 0.5)
    entries[-1] = 0xFFFF  # which it saturates to from there on
    return _frozen(entries)


def softmax(q, scale_x):
    """Return exp(scale_x (q - max q)) / sum(exp(...)) along the last axis in Q0.15 for int16 codes q.

    What lies 10 and more below the greatest counts as exp(-10).

    >>> softmax(np.array([[0, 0]]), 0.001).tolist()
    [[16384, 16384]]
    """
    q = np.asarray(q, np.int64)
    if q.shape[-1] > MOST_CLASSES:
        raise ValueError(f"softmax: int16 codes have at most {MOST_CLASSES} classes, got {q.shape[-1]}; use profile "
                         "'table'")
    steps = float(np.float32(scale_x)) / (-DEEPEST / 65535)
    depth = multiply_fixed(q - q.max(axis=-1, keepdims=True), *quantize_multiplier(steps), "A").astype(np.int64)
    powers = _look_up(_softmax_tables()[0], depth + INT16_MAX)
    total = powers.sum(axis=-1, keepdims=True)
    zeros = 32 - np.frexp(total.astype(np.float64))[1].astype(np.int64)
    part = ((total << (zeros - 1)) + (1 << 13)) >> 14  # of [1, 2) in 16 bits
    inverse = _look_up(_softmax_tables()[1], part - (1 << 15) - (1 << 16))
    return np.clip((powers * inverse + (1 << (30 - zeros))) >> (31 - zeros), 0, INT16_MAX)


def _look_up(table, codes):
    codes = np.clip(codes, INT16_MIN, INT16_MAX)
    i = (codes - INT16_MIN) >> 7
    return table[i] + (((table[i + 1] - table[i]) * (codes & 127) + 64) >> 7)


@lru_cache
def _softmax_tables():
    return _rounded(np.exp, DEEPEST, 0.0), _rounded(lambda x: 1 / (1 + x), 0.0, 1.0)


def _rounded(function, low, high):
    """As `raised` in Q0.15, each of its numbers rounded half up as it is formed: so LiteRT fills its tables."""
    x, step = np.linspace(low, high, STEPS + 1), (high - low) / STEPS
    y, middle = 2.0**15 * function(x), 2.0**15 * function(x[:-1] + step / 2)
    whole = np.floor(y + 0.5)
    chord = np.floor((y[1:] + whole[:-1]) / 2 + 0.5)
    missed = chord - np.floor(middle + 0.5)
    moved = whole[:-1] - np.sign(missed) * np.floor(np.abs(missed) / 2 + 0.5)
    return _frozen(np.clip(np.append(moved, whole[-1]), INT16_MIN, INT16_MAX))


def _frozen(entries):
    entries = entries.astype(np.int64)
    entries.setflags(write=False)
    return entries
