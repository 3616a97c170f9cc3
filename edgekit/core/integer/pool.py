"""Integer pooling.

    avg_pool2d(q_x, kernel, stride=None, padding="valid", qmin=-128, qmax=127, *, profile="away", scale_x, zero_point_x,
               scale_y, zero_point_y) -> q_y              the four are needed for profile "F" alone
    max_pool2d(q_x, kernel, stride=None, padding="valid", qmin=-128, qmax=127) -> q_y         the grid stays
"""

import math

import numpy as np

from edgekit.core import ops
from edgekit.core.integer.conv import check_codes
from edgekit.core.integer.mean import mean as whole_mean
from edgekit.core.windows import pad, windows

#: beyond so many taps one sum over all is faster
MANY_TAPS = 16


def avg_pool2d(q_x, kernel, stride=None, padding="valid", qmin=-128, qmax=127, *, profile="away", scale_x=1.0,
               zero_point_x=0, scale_y=1.0, zero_point_y=0):
    """Return (total + n / 2) / n of every window of n codes; (total - n / 2) / n below zero; all truncated.

    Padding does not count in n. `q_x` (N, H, W, C), result (N, OH, OW, C). So "away" computes, which keeps the grid:
    LiteRT and CMSIS-NN. "F" is ONNX Runtime's: the mean of real float32 numbers, quantized to the grid of the output; a
    window that is the whole input is a global pool, `mean` with profile "C".

    >>> avg_pool2d(np.array([-1, -2, 1, 2], np.int8).reshape(1, 1, 4, 1), (1, 2)).ravel().tolist()
    [-2, 2]
    """
    q_x = np.asarray(q_x)
    check_codes("avg_pool2d", q_x)
    kernel, stride, padding = ops.pool_geometry("avg_pool2d", q_x, kernel, stride, padding)
    padded = any(map(any, padding))
    count = ops.window_counts(q_x.shape[1:3], kernel, stride, padding).astype(np.int32) if padded else math.prod(kernel)
    if profile == "F" and tuple(kernel) == q_x.shape[1:3] and not padded:
        grids = {"scale_x": scale_x, "zero_point_x": zero_point_x, "scale_y": scale_y, "zero_point_y": zero_point_y}
        return whole_mean(q_x, (-3, -2), True, **grids, qmin=qmin, qmax=qmax, profile="C")
    if profile == "F":
        x = np.float32(scale_x) * (q_x.astype(np.int32) - int(zero_point_x)).astype(np.float32)
        real = _sum(pad(x, padding), kernel, stride) / np.float32(count)
        mean = np.rint(real / np.float32(scale_y) + np.float32(zero_point_y))
    elif profile == "away":
        total = _sum(pad(q_x.astype(np.int32), padding), kernel, stride)
        mean = np.sign(total) * ((np.abs(total) + count // 2) // count)
    else:
        raise ValueError(f"avg_pool2d: profile must be 'away' or 'F', got {profile!r}")
    return np.clip(mean, qmin, qmax).astype(q_x.dtype)


def max_pool2d(q_x, kernel, stride=None, padding="valid", qmin=-128, qmax=127):
    """Return the greatest code of every window, (N, OH, OW, C); padding never wins. `q_x` (N, H, W, C).

    >>> max_pool2d(np.array([-100, -7, -9], np.int8).reshape(1, 1, 3, 1), (1, 2), (1, 1)).ravel().tolist()
    [-7, -7]
    """
    q_x = np.asarray(q_x)
    check_codes("max_pool2d", q_x)
    return np.clip(ops.max_pool2d(q_x, kernel, stride, padding), qmin, qmax).astype(q_x.dtype)


def _sum(x, kernel, stride):
    """The sum of every window, tap by tap: few long additions, and in float32 the order that ONNX Runtime takes."""
    view = windows(x, kernel, stride)
    if x.dtype == np.int32 and kernel[0] * kernel[1] > MANY_TAPS:
        return view.sum(axis=(3, 4), dtype=np.int32)
    total = np.zeros(view.shape[:3] + view.shape[-1:], x.dtype)
    for tap in np.ndindex(*kernel):
        total += view[(..., *tap, slice(None))]
    return total
