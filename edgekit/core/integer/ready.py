"""A layer with weights made ready once and run many times: all that does not depend on its input is computed before.

    conv2d(q_w, bias, **how) -> layer         layer(q_x) == conv.conv2d(q_x, q_w, bias, **how) for int8 codes q_x
    dense(q_w, bias, **how) -> layer          layer(q_x) == dense.dense(q_x, q_w, bias, **how)

Weights wait in the floating-point type of their products, and the bias as the real numbers that it becomes:

    high = floor(products * m 2^-31 + (bias' m 2^-31 + 1/2)),      bias' = bias - zero_point_x sum(q_w)

Products of 22 and 31 bits, and their sums, fit in the 53 of float64: exact while |products| + |bias'| < 2^22.
Where the weights do not promise it the products are looked at; beyond, and in other profiles, they go the general way.
"""

from functools import lru_cache

import numpy as np

from edgekit.core.integer import conv as general
from edgekit.core.integer.fixed_point import BLOCK, as_multiplier, in_float64, quantize_multiplier
from edgekit.core.windows import correlate, pair

#: below it accumulators, times a multiplier of 31 bits, are exact in float64
EXACT = 2**22


def conv2d(q_w, bias, *, multiplier, zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127, stride=1,
           padding=((0, 0), (0, 0)), dilation=1, groups=1, profile="A"):
    """Return the function of int8 codes (N, H, W, C) that gives what `conv.conv2d` gives; `padding` in numbers.

    >>> layer = conv2d(np.ones((1, 1, 2, 1), np.int8), None, multiplier=0.5, zero_point_x=1)
    >>> layer(np.array([1, 2, 3], np.int8).reshape(1, 1, 3, 1)).ravel().tolist()
    [1, 2]
    """
    dtype = general.exact_dtype(np.dtype(np.int8), q_w)
    weights, stride, dilation = q_w.astype(dtype), pair(stride), pair(dilation)
    finish = _finish(q_w, bias, multiplier, zero_point_x, zero_point_y, qmin, qmax, profile)

    def layer(q_x):
        """Codes (N, H', W', O) of codes (N, H, W, C)."""
        products = correlate(_padded(q_x, padding, zero_point_x, dtype), weights, stride, dilation, groups)
        return finish(products)

    return layer


def dense(q_w, bias, *, multiplier, zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127, profile="A"):
    """Return the function of int8 codes (..., C) that gives what `dense.dense` gives.

    >>> dense(np.array([[2, 1]], np.int8), np.array([4]), multiplier=0.25)(np.array([[10, -10]], np.int8)).tolist()
    [[4]]
    """
    dtype = general.exact_dtype(np.dtype(np.int8), q_w)
    matrix = q_w.astype(dtype).T
    finish = _finish(q_w, bias, multiplier, zero_point_x, zero_point_y, qmin, qmax, profile)
    return lambda q_x: finish(q_x.astype(dtype) @ matrix)


def _padded(q_x, padding, value, dtype):
    """The codes in another type, with `value` around them, in one pass."""
    (top, bottom), (left, right) = padding
    n, height, width, channels = q_x.shape
    if not any((top, bottom, left, right)):
        return q_x.astype(dtype)
    x = np.full((n, top + height + bottom, left + width + right, channels), value, dtype)
    x[:, top:top + height, left:left + width] = q_x
    return x


def _finish(q_w, bias, multiplier, zero_point_x, zero_point_y, qmin, qmax, profile):
    """The function of the products that adds the bias and gives codes: in float64 where that is exact."""
    folded = general.fold(q_w, bias, zero_point_x)
    real = np.broadcast_to(as_multiplier(multiplier).real, folded.shape)
    grid = zero_point_y, qmin, qmax, profile

    def finish(products):
        """The codes of sums of products (..., O), the general way."""
        acc = general.accumulators(products, folded, np.dtype(np.int8))
        return general.rescale_codes(acc, multiplier, *grid, np.int8)

    if profile not in ("A", "B", "D") or quantize_multiplier(real)[1].max() > 0:
        return finish
    fast, room = _fast(folded, *quantize_multiplier(real), *grid), EXACT - np.abs(folded).max()
    if 128 * np.abs(q_w.reshape(len(q_w), -1).astype(np.int64)).sum(axis=1).max() < room:
        return fast
    return lambda products: (fast if max(products.max(), -products.min()) < room else finish)(products)


def _fast(folded, m, shift, zero_point_y, qmin, qmax, profile):
    """The same in float64, some rows in the cache at a time; several positions side by side make longer loops."""
    factor, power = m * 2.0**-31, (2.0 ** shift.astype(np.float64)).astype(np.float32)
    offset = folded * factor + (0.0 if profile == "D" else 0.5)
    ends = qmin - zero_point_y, qmax - zero_point_y

    @lru_cache(maxsize=4)
    def side_by_side(count):
        """The three rows of constants (O,), `count` times in a row."""
        return [np.tile(part, count) for part in (factor, offset, power)]

    def finish(products):
        """The codes of sums of products (..., O), several positions at a time."""
        beside = products.shape[-2] if products.ndim > 2 else 1
        rows, parts = products.reshape(-1, beside * products.shape[-1]), side_by_side(beside)
        y, step = np.empty(rows.shape, np.int8), max(1, BLOCK // rows.shape[1])
        for start in range(0, len(rows), step):
            codes = in_float64(rows[start:start + step], *parts, profile, *ends).astype(np.int16)
            codes += zero_point_y
            y[start:start + step] = codes
        return y.reshape(products.shape)

    return finish
