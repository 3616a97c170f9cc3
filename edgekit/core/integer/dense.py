"""Integer dense layer.

    dense(q_x, q_w, bias, *, multiplier, zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127,
          profile="A") -> q_y, in the type of q_x
    accumulate_dense(q_x, q_w, bias, zero_point_x) -> int32 acc
"""

import numpy as np

from edgekit.core.integer.conv import accumulators, check_codes, exact_dtype, fold, rescale_codes
from edgekit.core.ops import check_dense


def dense(q_x, q_w, bias, *, multiplier, zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127, profile="A"):
    """Return the codes (..., O) of codes `q_x` (..., C) times `q_w` (O, C), plus int32 `bias` (O,) or None.

    q_y = clip(requantize(sum((q_x - zero_point_x) * q_w) + bias) + zero_point_y, qmin, qmax). `multiplier` is
    a scalar or (O,). Raises ValueError when shapes or types do not fit.

    >>> q_x, q_w = np.array([[10, -10]], np.int8), np.array([[2, 1]], np.int8)
    >>> dense(q_x, q_w, np.array([4]), multiplier=0.25, zero_point_y=-1).tolist()
    [[3]]
    """
    acc = accumulate_dense(q_x, q_w, bias, zero_point_x)
    return rescale_codes(acc, multiplier, zero_point_y, qmin, qmax, profile, np.asarray(q_x).dtype)


def accumulate_dense(q_x, q_w, bias=None, zero_point_x=0):
    """Return acc = sum((q_x - zero_point_x) * q_w) + bias as int32, (..., O); it wraps as int32 does; int64 for int16.

    >>> accumulate_dense(np.array([[1, 2]], np.int8), np.array([[3, 4]], np.int8), None, 1).tolist()
    [[4]]
    """
    q_x, q_w = np.asarray(q_x), np.asarray(q_w)
    check_codes("dense", q_x, q_w)
    check_dense("dense", q_x, q_w, bias)
    dtype = exact_dtype(q_x.dtype, q_w)
    products = q_x.astype(dtype) @ q_w.astype(dtype).T
    return accumulators(products, fold(q_w, bias, zero_point_x), q_x.dtype)
