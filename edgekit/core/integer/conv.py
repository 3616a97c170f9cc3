"""Integer convolution: standard, grouped and depthwise.

    acc = sum((q_x - zero_point_x) * q_w) + bias                    in int32
    q_y = clip(requantize(acc) + zero_point_y, qmin, qmax)

    conv2d(q_x, q_w, bias, *, multiplier, zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127,
           stride=1, padding="valid", dilation=1, groups=1, profile="A") -> q_y, in the type of q_x
    accumulate_conv2d(q_x, q_w, bias, zero_point_x, stride, padding, dilation, groups) -> int32 acc

Codes of int16 are summed in int64 and want profile R. The sums run
through floating-point BLAS whenever that is provably exact (`exact_dtype`).
"""

import numpy as np

from edgekit.core.integer.fixed_point import requantize
from edgekit.core.windows import check_convolution, correlate, pad, pair, resolve_padding


def conv2d(q_x, q_w, bias, *, multiplier, zero_point_x=0, zero_point_y=0, qmin=-128, qmax=127,
           stride=1, padding="valid", dilation=1, groups=1, profile="A"):
    """Return the codes (N, OH, OW, O) of `q_x` (N, H, W, C) convolved with `q_w` (O, KH, KW, C / groups).

    `multiplier` is scale_x * scale_w / scale_y, a scalar or (O,), best from `make_multiplier`. A fused ReLU
    only moves `qmin` and `qmax`. groups == C is depthwise. Raises ValueError when shapes or types do not fit.

    >>> q_x = np.array([1, 2, 3], np.int8).reshape(1, 1, 3, 1)
    >>> conv2d(q_x, np.ones((1, 1, 2, 1), np.int8), None, multiplier=0.5, zero_point_x=1).ravel().tolist()
    [1, 2]
    """
    acc = accumulate_conv2d(q_x, q_w, bias, zero_point_x, stride, padding, dilation, groups)
    return rescale_codes(acc, multiplier, zero_point_y, qmin, qmax, profile, np.asarray(q_x).dtype)


def accumulate_conv2d(q_x, q_w, bias=None, zero_point_x=0, stride=1, padding="valid", dilation=1, groups=1):
    """Return acc = sum((q_x - zero_point_x) * q_w) + bias as int32, (N, OH, OW, O); it wraps as int32 does.

    For int16 codes it is int64. The zero point is folded into the bias, bias' = bias - zero_point_x * sum(q_w),
    so padding holds zero_point_x.

    >>> accumulate_conv2d(np.full((1, 1, 1, 1), 5, np.int8), np.full((1, 1, 1, 1), 3, np.int8)).item()
    15
    """
    q_x, q_w = np.asarray(q_x), np.asarray(q_w)
    check_codes("conv2d", q_x, q_w)
    check_convolution("conv2d", q_x, q_w, bias, groups)
    stride, dilation, kernel = pair(stride), pair(dilation), q_w.shape[1:3]
    padding = resolve_padding(padding, q_x.shape[1:3], kernel, stride, dilation)
    dtype = exact_dtype(q_x.dtype, q_w)
    padded = pad(q_x, padding, zero_point_x).astype(dtype)
    products = correlate(padded, q_w.astype(dtype), stride, dilation, groups)
    return accumulators(products, fold(q_w, bias, zero_point_x), q_x.dtype)


def exact_dtype(x_dtype, q_w):
    """Return the fastest type in which every partial sum is exact: float32 below 2^24, float64 below 2^53.

    No partial sum, in whatever order BLAS takes it, exceeds max|x| * sum|q_w| of one output channel, which is
    at most 128 * 127 * K for int8. `q_w` has the output channels first.

    >>> exact_dtype(np.int8, np.full((1, 1032), 127)), exact_dtype(np.int8, np.full((1, 1033), 127))
    (<class 'numpy.float32'>, <class 'numpy.float64'>)
    """
    if x_dtype == np.int8 and q_w.dtype == np.int8 and q_w[0].size * 128 * 128 < 2**24:
        return np.float32  # whatever the weights are
    greatest = max(-int(np.iinfo(x_dtype).min), int(np.iinfo(x_dtype).max))
    bound = greatest * int(np.abs(q_w.reshape(q_w.shape[0], -1).astype(np.int64)).sum(axis=1).max())
    if bound < 2**24:
        return np.float32
    return np.float64 if bound < 2**53 else np.int64


def fold(q_w, bias, zero_point_x):
    """Return bias - zero_point_x * sum(q_w) per output channel, int64."""
    total = q_w.reshape(q_w.shape[0], -1).sum(axis=1, dtype=np.int64)
    return (0 if bias is None else np.asarray(bias, np.int64)) - int(zero_point_x) * total


def accumulators(products, folded_bias, x_dtype):
    """Return products + folded_bias, whole numbers of any type, in int32, which wraps; in int64 for int16 codes."""
    if x_dtype == np.int16:
        return products.astype(np.int64) + folded_bias
    if products.dtype == np.float32:  # exact and below 2^24, so it fits
        return products.astype(np.int32) + folded_bias.astype(np.int32)
    return (products.astype(np.int64) + folded_bias).astype(np.int32)


def rescale_codes(acc, multiplier, zero_point_y, qmin, qmax, profile, dtype):
    """Return clip(requantize(acc) + zero_point_y, qmin, qmax) as `dtype`; clipped first, so nothing wraps."""
    zero_point_y = int(zero_point_y)
    y = requantize(acc, multiplier, profile, qmin - zero_point_y, qmax - zero_point_y)
    y += zero_point_y
    return y.astype(dtype)


def check_codes(call, *arrays):
    """Raise ValueError unless every array holds integer codes."""
    for array in arrays:
        if not np.issubdtype(array.dtype, np.integer):
            raise ValueError(f"{call}: expected integer codes, got {array.dtype}; quantize the array first")
