"""Integer softmax along the last axis.

    softmax(q_x, *, scale_x, scale_y=1 / 256, zero_point_y=-128, qmin=-128, qmax=127, profile="fixed") -> q_y

int16 codes want profile "lines" (`lines`). Every runtime approximates another way. LiteRT's are met exactly, ONNX
Runtime's but for about two outputs in a million, by one step (`docs/operator_matrix.md`). They differ from each other
by one step on a few outputs in a million.
"""

import numpy as np

from edgekit.core.integer import lines
from edgekit.core.integer.conv import check_codes
from edgekit.core.integer.exponential import exp_negative, multiply, reciprocal, shift_right
from edgekit.core.integer.fixed_point import multiply_fixed, quantize_multiplier

#: bits before the point: of scaled differences, and of their sum
DIFFERENCE_BITS, SUM_BITS = 5, 12


def softmax(q_x, *, scale_x, scale_y=1 / 256, zero_point_y=-128, qmin=-128, qmax=127, profile="fixed"):
    """Return the codes of exp(scale_x * (q - max q)) / sum(exp(...)) along the last axis.

    "fixed" is 32-bit fixed point, for an output of scale 1/256 and zero point -128: LiteRT reference, TFLM, CMSIS-NN.
    "table" is a float32 table, rounded half up: LiteRT's optimised kernel. "even" is ONNX Runtime's, which takes
    floor(1 / scale_y) steps for one. "lines", for int16 and an output of scale 1/32768, is LiteRT's with int16.

    >>> softmax(np.array([[0, 0]], np.int8), scale_x=0.1).tolist()
    [[0, 0]]
    >>> softmax(np.array([[100, 0]], np.int8), scale_x=0.1).tolist()
    [[127, -128]]
    """
    q_x = np.asarray(q_x)
    check_codes("softmax", q_x)
    difference = q_x.astype(np.int64) - q_x.max(axis=-1, keepdims=True)
    if profile == "fixed":
        if (float(np.float32(scale_y)), int(zero_point_y)) != (1 / 256, -128):
            raise ValueError(f"softmax: fixed point gives scale 1/256 and zero point -128, asked for {scale_y} and "
                             f"{zero_point_y}; use profile 'table'")
        y = _fixed(difference, float(np.float32(scale_x)))
    elif profile == "lines":
        if (float(np.float32(scale_y)), int(zero_point_y)) != (1 / 32768, 0):
            raise ValueError(f"softmax: lines give scale 1/32768 and zero point 0, asked for {scale_y} and "
                             f"{zero_point_y}; use profile 'table'")
        y = lines.softmax(q_x, scale_x)
    elif profile in ("table", "even"):
        y = _table(difference, np.float32(scale_x), np.float32(scale_y), profile) + int(zero_point_y)
    else:
        raise ValueError(f"softmax: profile must be fixed, lines, table or even, got {profile!r}")
    return np.clip(y, qmin, qmax).astype(q_x.dtype)


def _table(difference, scale_x, scale_y, profile):
    """One exponential per difference that can occur; LiteRT sums in float32, from the first element to the last."""
    steps = np.arange(-int(difference.min()) + 1, dtype=np.float32 if profile == "table" else np.float64)
    table = np.exp((-scale_x * steps).astype(np.float64))
    powers = table.astype(np.float32)[-difference]
    if profile == "even":
        total = powers.sum(axis=-1, keepdims=True, dtype=np.float64).astype(np.float32)
        return np.rint(powers * np.floor(np.float32(1) / scale_y) / total)
    total = np.cumsum(powers, axis=-1, dtype=np.float32)[..., -1:]
    return np.floor((powers * (np.float32(1) / (total * scale_y))).astype(np.float64) + 0.5)


def _fixed(difference, scale_x):
    """exp with 5 integer bits, the sum with 12, and its reciprocal by Newton's method after scaling to [1, 2)."""
    multiplier, shift = quantize_multiplier(min(scale_x * 2.0 ** (31 - DIFFERENCE_BITS), 2.0**31 - 1))
    least = -np.floor((2**DIFFERENCE_BITS - 1) * 2.0 ** (31 - DIFFERENCE_BITS - int(shift)))
    live = difference >= least
    powers = exp_negative(multiply_fixed(difference, multiplier, shift, "A"), DIFFERENCE_BITS)
    total = np.where(live, shift_right(powers, SUM_BITS), 0).sum(axis=-1, keepdims=True)
    zeros = 32 - np.frexp(total.astype(np.float64))[1].astype(np.int64)
    scale = reciprocal((total << zeros) - (1 << 31))
    y = shift_right(multiply(scale, powers), SUM_BITS - zeros + 31 - 8)
    return np.where(live, y, 0) - 128
