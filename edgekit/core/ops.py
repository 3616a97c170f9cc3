"""Operators on real numbers, the twins of `edgekit.core.integer`: NHWC, batch first, float32 in and out.

    conv2d(x, w, b, stride, padding, dilation, groups)   w (O, KH, KW, C / groups), b (O,) or None
    dense(x, w, b)                                       w (O, C), along the last axis of x
    avg_pool2d / max_pool2d(x, kernel, stride, padding)  padding never counts
    batch_norm(x, gamma, beta, mean, variance, eps)      per channel, the last axis
    relu(x)  relu6(x)  softmax(x)  add(x1, x2)  mul(x1, x2)

`padding` is 'valid', 'same' or ((top, bottom), (left, right)); a 1-D signal has H = 1.
"""

import numpy as np

from edgekit.core.windows import check_convolution, correlate, pad, pair, resolve_padding, windows


def conv2d(x, w, b=None, stride=1, padding="valid", dilation=1, groups=1):
    """Return y[n, i, j, o] = b[o] + sum x[n, i * s + u * d, j * s + v * d, c] * w[o, u, v, c].

    `groups` cuts the channels into independent convolutions; groups == C is depthwise. Raises ValueError when
    the shapes do not fit.

    >>> x = np.arange(6, dtype=np.float32).reshape(1, 1, 6, 1)
    >>> conv2d(x, np.ones((1, 1, 3, 1), np.float32), padding="same").ravel().tolist()
    [1.0, 3.0, 6.0, 9.0, 12.0, 9.0]
    """
    x, w = np.asarray(x), np.asarray(w)
    check_convolution("conv2d", x, w, b, groups)
    stride, dilation, kernel = pair(stride), pair(dilation), w.shape[1:3]
    padding = resolve_padding(padding, x.shape[1:3], kernel, stride, dilation)
    y = correlate(pad(x, padding), w, stride, dilation, groups)
    return y if b is None else y + np.asarray(b, y.dtype)


def dense(x, w, b=None):
    """Return y = x w^T + b along the last axis: x (..., C), w (O, C), b (O,), y (..., O).

    >>> dense(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([0.5, 0.0])).tolist()
    [[11.5, 2.0]]
    """
    x, w = np.asarray(x), np.asarray(w)
    check_dense("dense", x, w, b)
    y = x @ w.T
    return y if b is None else y + np.asarray(b, y.dtype)


def check_dense(call, x, w, bias):
    """Raise ValueError unless `x` (..., C), `w` (O, C) and `bias` (O,) or None fit together."""
    if w.ndim != 2 or x.ndim < 1 or x.shape[-1] != w.shape[1]:
        raise ValueError(f"{call}: x must be (..., C) and w (O, C), got {x.shape} and {w.shape}; "
                         "reshape x to (N, C) first")
    if bias is not None and np.shape(bias) != (w.shape[0],):
        raise ValueError(f"{call}: bias must have one value per output, {w.shape[:1]}, got {np.shape(bias)}")


def avg_pool2d(x, kernel, stride=None, padding="valid"):
    """Return the mean of every window, (N, OH, OW, C); padding does not count (as in LiteRT).

    >>> avg_pool2d(np.arange(5.0).reshape(1, 1, 5, 1), (1, 2), (1, 2), "same").ravel().tolist()
    [0.5, 2.5, 4.0]
    """
    x = np.asarray(x)
    kernel, stride, padding = pool_geometry("avg_pool2d", x, kernel, stride, padding)
    total = windows(pad(x, padding), kernel, stride).sum(axis=(3, 4))
    return (total / window_counts(x.shape[1:3], kernel, stride, padding)).astype(x.dtype)


def max_pool2d(x, kernel, stride=None, padding="valid"):
    """Return the greatest element of every window, (N, OH, OW, C); padding never wins.

    >>> max_pool2d(np.array([-3.0, -1.0, -2.0]).reshape(1, 1, 3, 1), (1, 2), (1, 2), "same").ravel().tolist()
    [-1.0, -2.0]
    """
    x = np.asarray(x)
    kernel, stride, padding = pool_geometry("max_pool2d", x, kernel, stride, padding)
    lowest = np.iinfo(x.dtype).min if np.issubdtype(x.dtype, np.integer) else -np.inf
    return windows(pad(x, padding, lowest), kernel, stride).max(axis=(3, 4))


def pool_geometry(call, x, kernel, stride, padding):
    """Return kernel, stride and padding as pairs; raise ValueError for an `x` without four axes."""
    if x.ndim != 4:
        raise ValueError(f"{call}: x must be (N, H, W, C), got {x.shape}; give a 1-D signal the height 1")
    kernel = pair(kernel)
    stride = kernel if stride is None else pair(stride)
    padding = resolve_padding(padding, x.shape[1:3], kernel, stride)
    if any(max(side) >= k for side, k in zip(padding, kernel, strict=True)):
        raise ValueError(f"{call}: padding {padding} must be smaller than the kernel {kernel}")
    return kernel, stride, padding


def window_counts(size, kernel, stride, padding):
    """Return how many real elements each window holds, (OH, OW, 1) integers."""
    ones = pad(np.ones((1, *size, 1), np.int64), padding)
    return windows(ones, kernel, stride).sum(axis=(3, 4))[0]


def batch_norm(x, gamma, beta, mean, variance, eps=1e-5):
    """Return y = gamma * (x - mean) / sqrt(variance + eps) + beta per channel, the last axis.

    Source: Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 1, with the stored statistics.

    >>> x, gamma, beta, mean, variance = (np.array([value]) for value in (3.0, 2.0, 1.0, 1.0, 4.0))
    >>> batch_norm(x, gamma, beta, mean, variance, eps=0.0).tolist()
    [3.0]
    """
    x = np.asarray(x)
    slope = np.asarray(gamma, np.float64) / np.sqrt(np.asarray(variance, np.float64) + eps)
    offset = np.asarray(beta, np.float64) - np.asarray(mean, np.float64) * slope
    return x * slope.astype(x.dtype) + offset.astype(x.dtype)


def relu(x):
    """Return max(x, 0).

    >>> relu(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return np.maximum(x, 0)


def relu6(x):
    """Return min(max(x, 0), 6).

    >>> relu6(np.array([-1.0, 2.0, 9.0])).tolist()
    [0.0, 2.0, 6.0]
    """
    return np.clip(x, 0, 6)


def softmax(x, axis=-1):
    """Return exp(x - max(x)) / sum(exp(x - max(x))) along `axis`.

    >>> softmax(np.array([0.0, np.log(3.0)])).round(6).tolist()
    [0.25, 0.75]
    """
    x = np.asarray(x)
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def add(x1, x2):
    """Return x1 + x2, element by element. Raises ValueError unless the shapes are equal: nothing is
    stretched.

    >>> add(np.array([1.0]), np.array([2.0])).tolist()
    [3.0]
    """
    x1, x2 = np.asarray(x1), np.asarray(x2)
    if x1.shape != x2.shape:
        raise ValueError(f"add: both inputs must have one shape, got {x1.shape} and {x2.shape}")
    return x1 + x2


def mul(x1, x2):
    """Return x1 * x2; without the batch, their shapes stretch as NumPy's do: (N, H, W, C) times (N, C) or (1, 1, 1, C).

    >>> mul(np.ones((2, 3, 1, 2)), np.array([[1.0, 2.0], [3.0, 4.0]])).shape
    (2, 3, 1, 2)
    """
    x1, x2 = stretched("mul", x1, x2)
    return x1 * x2


def stretched(call, x1, x2):
    """Return both arrays with as many axes, new ones right after the batch; raise ValueError if they do not fit."""
    x1, x2 = np.asarray(x1), np.asarray(x2)
    ndim = max(x1.ndim, x2.ndim)
    same = [x.reshape(*x.shape[:1], *[1] * (ndim - x.ndim), *x.shape[1:]) for x in (x1, x2)]
    if any(a != b and 1 not in (a, b) for a, b in zip(*(x.shape for x in same), strict=True)):
        raise ValueError(f"{call}: shapes {x1.shape} and {x2.shape} do not fit; every axis must be equal or 1")
    return same
