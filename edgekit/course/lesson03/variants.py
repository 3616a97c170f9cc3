"""Independent right answers to the exercises of lesson 03, which every check must accept."""

import math
from fractions import Fraction

import numpy as np


def multiplier_by_doubling(real, num_bits):
    """Double or halve until the number has its bits, exactly."""
    value, shift = Fraction(real) * 2**num_bits, 0
    while value >= 2**num_bits:
        value, shift = value / 2, shift + 1
    while value < 2 ** (num_bits - 1):
        value, shift = value * 2, shift - 1
    multiplier = math.floor(value + Fraction(1, 2))
    return (multiplier // 2, shift + 1) if multiplier == 2**num_bits else (multiplier, shift)


def rescale_by_fractions(acc, multiplier, shift):
    """Exact fractions, one accumulator at a time."""
    factor = multiplier * Fraction(2) ** (shift - 31)
    return [math.floor(int(a) * factor + Fraction(1, 2)) for a in acc]


def dense_with_folded_zero_point(q_x, q_w, bias, zero_point_x, multiplier, shift, zero_point_y):
    """The zero point goes into the bias; loops over rows and outputs."""
    q_y = np.zeros((len(q_x), len(q_w)), np.int64)
    for k, weights in enumerate(q_w.astype(int).tolist()):
        folded = int(bias[k]) - zero_point_x * sum(weights)
        acc = [sum(a * b for a, b in zip(row, weights, strict=True)) + folded for row in q_x.astype(int).tolist()]
        q_y[:, k] = rescale_by_fractions(acc, multiplier, shift)
    return np.minimum(np.maximum(q_y + zero_point_y, -128), 127)


VARIANTS = {"03/multiplier": multiplier_by_doubling, "03/rescale": rescale_by_fractions, "03/integer_dense":
            dense_with_folded_zero_point, "03/predict_bits": 23.0, "03/predict_quarter": 1.0, "03/predict_relu": 0.0}
