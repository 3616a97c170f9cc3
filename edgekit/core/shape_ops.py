"""Operators that move, join or average elements: batch first, twins of `edgekit.core.integer.layout` and `mean`.

    concat(x1, x2, ..., axis=-1)                                      along a negative axis
    pad(x, padding, value=0)                                          ((top, bottom), (left, right)) of (N, H, W, C)
    resize_nearest(x, size, half_pixel=False, align_corners=False, divide=False)      (N, H, W, C) -> (N, *size, C)
    mean(x, axes=(-3, -2), keepdims=False)                            over negative axes
    channel_shuffle(x, groups)                                        (..., C): one channel of every group in turn
"""

import numpy as np

from edgekit.core import windows


def concat(*arrays, axis=-1):
    """Return the arrays joined along `axis`, which is negative: it counts from the end, so the batch stays.

    Raises ValueError unless all other axes are equal.

    >>> concat(np.array([[1, 2]]), np.array([[3]])).tolist()
    [[1, 2, 3]]
    """
    arrays = [np.asarray(a) for a in arrays]
    check_axes("concat", (axis,), arrays[0].ndim if arrays else 0)
    rest = [a.shape[:axis] + (a.shape[axis:][1:] if a.ndim >= -axis else ()) for a in arrays]
    if len({a.ndim for a in arrays}) > 1 or len(set(rest)) > 1:
        raise ValueError(f"concat: all axes but {axis} must be equal, got {[a.shape for a in arrays]}")
    return np.concatenate(arrays, axis)


def pad(x, padding, value=0):
    """Return x (N, H, W, C) with rows and columns of `value` around it; `padding` is ((top, bottom), (left, right)).

    >>> pad(np.ones((1, 1, 2, 1)), ((0, 0), (1, 0))).ravel().tolist()
    [0.0, 1.0, 1.0]
    """
    x = np.asarray(x)
    if x.ndim != 4 or isinstance(padding, str):
        raise ValueError(f"pad: x must be (N, H, W, C) and padding ((top, bottom), (left, right)), "
                         f"got {x.shape} and {padding!r}")
    return windows.pad(x, windows.resolve_padding(padding, x.shape[1:3], 1), value)


def resize_nearest(x, size, half_pixel=False, align_corners=False, divide=False):
    """Return y (N, *size, C), y[n, i, j, c] = x[n, f(i), f(j), c], where f is `nearest_indices` along each axis.

    >>> resize_nearest(np.array([1, 2]).reshape(1, 1, 2, 1), (1, 4)).ravel().tolist()
    [1, 1, 2, 2]
    """
    x = np.asarray(x)
    if x.ndim != 4:
        raise ValueError(f"resize_nearest: x must be (N, H, W, C), got {x.shape}")
    rows, columns = (nearest_indices(n, m, half_pixel, align_corners, divide)
                     for n, m in zip(x.shape[1:3], windows.pair(size), strict=True))
    return x[:, rows][:, :, columns]


def nearest_indices(inputs, outputs, half_pixel=False, align_corners=False, divide=False):
    """Return for each of `outputs` places the index of the input nearest to it, (outputs,), in float32 as LiteRT.

        f(i) = min(floor((i + h) * step), inputs - 1),   step = inputs / outputs,   h = 1/2 for `half_pixel`, else 0

    `align_corners` rounds half away instead of down, with step = (inputs - 1) / (outputs - 1) for outputs > 1.
    `divide` divides by outputs / inputs in place of multiplying by the step, as ONNX Runtime does, which now and then
    falls on the other side of a whole number; it is for the plain way alone.

    >>> nearest_indices(3, 5).tolist(), nearest_indices(3, 5, align_corners=True).tolist()
    ([0, 0, 1, 1, 2], [0, 1, 1, 2, 2])
    """
    if inputs < 1 or outputs < 1:
        raise ValueError(f"resize_nearest: sizes must be >= 1, got {inputs} -> {outputs}")
    corners = align_corners and outputs > 1
    step = np.float32(inputs - corners) / np.float32(outputs - corners)
    place = np.arange(outputs, dtype=np.float32) + np.float32(0.5 if half_pixel else 0)
    place = place / (np.float32(outputs) / np.float32(inputs)) if divide else place * step
    whole = np.trunc(place.astype(np.float64) + 0.5) if align_corners else np.floor(place)
    return np.minimum(whole.astype(np.int64), inputs - 1)


def mean(x, axes=(-3, -2), keepdims=False):
    """Return the mean over `axes`, negative numbers; (N, H, W, C) -> (N, C) by default: global average pooling.

    >>> mean(np.arange(4.0).reshape(1, 2, 2, 1)).tolist()
    [[1.5]]
    """
    x = np.asarray(x)
    check_axes("mean", axes, x.ndim)
    return x.mean(axis=tuple(axes), keepdims=keepdims, dtype=np.float64).astype(x.dtype)


def channel_shuffle(x, groups):
    """Return x (..., C) with its channels dealt out anew: one of every group in turn, as cards are.

    y[..., j groups + i] = x[..., i n + j],  n = C / groups: a reshape to (groups, n), a transpose, a reshape back.

    After it, the next grouped convolution sees channels of all groups. Raises ValueError unless the groups divide C.
    Source: Zhang et al. 2018, ShuffleNet, section 3.1.

    >>> channel_shuffle(np.array([0, 1, 2, 10, 11, 12]), 2).tolist()
    [0, 10, 1, 11, 2, 12]
    """
    x = np.asarray(x)
    if groups < 1 or x.shape[-1] % groups:
        raise ValueError(f"channel_shuffle: groups must divide the {x.shape[-1]} channels, got {groups}")
    parts = x.reshape(*x.shape[:-1], groups, -1)
    return np.swapaxes(parts, -1, -2).reshape(x.shape)


def check_axes(call, axes, ndim):
    """Raise ValueError unless every axis is negative and leaves the batch, axis 0, alone."""
    bad = [axis for axis in axes if not -ndim < axis < 0]
    if bad or not axes or len(set(axes)) < len(axes):
        raise ValueError(f"{call}: axes must be different, from {1 - ndim} to -1 for {ndim} axes, got {tuple(axes)}")
