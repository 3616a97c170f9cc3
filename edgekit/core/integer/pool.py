"""Integer pooling; input and output share scale and zero point.

    avg_pool2d(q_x, kernel, stride=None, padding="valid", qmin=-128, qmax=127) -> q_y
    max_pool2d(q_x, kernel, stride=None, padding="valid", qmin=-128, qmax=127) -> q_y
"""

import numpy as np

from edgekit.core import ops
from edgekit.core.integer.conv import check_codes
from edgekit.core.windows import pad, windows


def avg_pool2d(q_x, kernel, stride=None, padding="valid", qmin=-128, qmax=127):
    """Return (total + n / 2) / n of every window of n codes; (total - n / 2) / n below zero; all truncated.

    Padding does not count in n. `q_x` (N, H, W, C), result (N, OH, OW, C).

    >>> avg_pool2d(np.array([-1, -2, 1, 2], np.int8).reshape(1, 1, 4, 1), (1, 2)).ravel().tolist()
    [-2, 2]
    """
    q_x = np.asarray(q_x)
    check_codes("avg_pool2d", q_x)
    kernel, stride, padding = ops.pool_geometry("avg_pool2d", q_x, kernel, stride, padding)
    total = windows(pad(q_x, padding), kernel, stride).sum(axis=(3, 4), dtype=np.int32)
    count = ops.window_counts(q_x.shape[1:3], kernel, stride, padding).astype(np.int32)
    mean = np.sign(total) * ((np.abs(total) + count // 2) // count)
    return np.clip(mean, qmin, qmax).astype(q_x.dtype)


def max_pool2d(q_x, kernel, stride=None, padding="valid", qmin=-128, qmax=127):
    """Return the greatest code of every window, (N, OH, OW, C); padding never wins. `q_x` (N, H, W, C).

    >>> max_pool2d(np.array([-100, -7, -9], np.int8).reshape(1, 1, 3, 1), (1, 2), (1, 1)).ravel().tolist()
    [-7, -7]
    """
    q_x = np.asarray(q_x)
    check_codes("max_pool2d", q_x)
    return np.clip(ops.max_pool2d(q_x, kernel, stride, padding), qmin, qmax).astype(q_x.dtype)
