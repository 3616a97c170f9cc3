"""Sliding windows: what convolution and pooling share, for real and for integer operators alike.

    correlate(x, w)[n, i, j, o] = sum_{u, v, c} x[n, i * s + u * d, j * s + v * d, c] * w[o, u, v, c]

with stride s and dilation d.

Activations are NHWC, weights OHWI with I = C / groups; a 1-D signal has H = 1.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

#: elements of the copied windows held at once, in one buffer, so that they stay near the cache
CHUNK = 1 << 18


def pair(value):
    """Return (vertical, horizontal) of an integer or of a pair.

    >>> pair(2), pair((1, 3))
    ((2, 2), (1, 3))
    """
    if isinstance(value, (int, np.integer)):
        return int(value), int(value)
    vertical, horizontal = value
    return int(vertical), int(horizontal)


def resolve_padding(padding, size, kernel, stride=(1, 1), dilation=(1, 1)):
    """Return ((top, bottom), (left, right)) for 'valid', 'same', or numbers, which are only checked.

    'same' gives ceil(size / stride) outputs and puts the odd one at the bottom and at the right, as LiteRT
    does. `size`, `kernel`, `stride`, `dilation` are pairs (vertical, horizontal), or integers.

    >>> resolve_padding("same", (1, 1000), (1, 9), (1, 2))
    ((0, 0), (3, 4))
    """
    kernel, stride, dilation = pair(kernel), pair(stride), pair(dilation)
    if min(*kernel, *stride, *dilation) < 1:
        raise ValueError(f"windows: kernel {kernel}, stride {stride}, dilation {dilation} must be >= 1")
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ValueError("windows: padding must be 'same', 'valid' or ((top, bottom), (left, right)), "
                             f"got {padding!r}")
        geometry = zip(pair(size), kernel, stride, dilation, strict=True)
        totals = [max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in geometry]
        return tuple((t // 2, t - t // 2) if padding == "same" else (0, 0) for t in totals)
    padding = tuple(tuple(int(n) for n in side) for side in padding)
    if [len(side) for side in padding] != [2, 2] or min(min(side) for side in padding) < 0:
        raise ValueError(f"windows: padding ((top, bottom), (left, right)) must be >= 0, got {padding}")
    return padding


def pad(x, padding, value=0):
    """Return `x` (N, H, W, C) with rows and columns of `value` around it; `x` itself when there are none."""
    if not any(map(any, padding)):
        return x
    (top, bottom), (left, right) = padding
    n, height, width, channels = x.shape
    padded = np.full((n, top + height + bottom, left + width + right, channels), value, x.dtype)
    padded[:, top:top + height, left:left + width] = x
    return padded


def windows(x, kernel, stride=(1, 1), dilation=(1, 1)):
    """Return the view (N, OH, OW, KH, KW, C) of every window of a padded `x` (N, H, W, C); nothing is copied.

    >>> windows(np.arange(5).reshape(1, 1, 5, 1), (1, 3), (1, 2)).squeeze().tolist()
    [[0, 1, 2], [2, 3, 4]]
    """
    (kh, kw), (sh, sw), (dh, dw) = kernel, stride, dilation
    n, height, width, channels = x.shape
    rows, columns = (height - (kh - 1) * dh - 1) // sh + 1, (width - (kw - 1) * dw - 1) // sw + 1
    if min(rows, columns) < 1:
        raise ValueError(f"windows: kernel {kernel} with dilation {dilation} does not fit in the padded "
                         f"{height}x{width} input; pad more or take a smaller kernel")
    step_n, step_h, step_w, step_c = x.strides
    return as_strided(x, (n, rows, columns, kh, kw, channels),
                      (step_n, step_h * sh, step_w * sw, step_h * dh, step_w * dw, step_c), writeable=False)


def correlate(x, w, stride=(1, 1), dilation=(1, 1), groups=1):
    """Return the sliding products of a padded `x` (N, H, W, C) with `w` (O, KH, KW, C / groups): (N, OH, OW,
    O).

    Works in the type of its arguments, which must be equal: a matrix product over copied windows (BLAS for
    floating point), or, where every group has one channel, a sum over the taps of the kernel.
    """
    view = windows(x, w.shape[1:3], stride, dilation)
    if groups == x.shape[-1] and groups > 1:
        return _correlate_depthwise(x, w, stride, dilation, *view.shape[1:3])
    n, rows, columns = view.shape[:3]
    if groups == 1 and view.size <= CHUNK:
        matrix = w.reshape(len(w), -1).T
        return (view.reshape(-1, len(matrix)) @ matrix).reshape(n, rows, columns, -1)
    y = np.empty((n, rows, columns, w.shape[0]), np.result_type(x, w))
    for mine, theirs in _group_slices(x.shape[-1], w.shape[0], groups):
        matrix = w[theirs].reshape(theirs.stop - theirs.start, -1).T
        buffer = np.empty(min(max(CHUNK, columns * len(matrix)), n * rows * columns * len(matrix)), x.dtype)
        for images, lines in _parts(n, rows, columns * len(matrix)):
            part = view[images, lines, ..., mine]
            patches = buffer[:part.size].reshape(part.shape)
            patches[...] = part
            y[images, lines, :, theirs] = (patches.reshape(-1, len(matrix)) @ matrix).reshape(*part.shape[:3], -1)
    return y


def check_convolution(call, x, w, bias, groups):
    """Raise ValueError unless x (N, H, W, C), w (O, KH, KW, C / groups) and bias (O,) or None fit
    together.
    """
    if x.ndim != 4 or w.ndim != 4:
        raise ValueError(f"{call}: x must be (N, H, W, C) and w (O, KH, KW, C / groups), got {x.shape} and "
                         f"{w.shape}; give a 1-D signal the height 1")
    if groups < 1 or x.shape[3] % groups or w.shape[0] % groups or w.shape[3] * groups != x.shape[3]:
        raise ValueError(f"{call}: {x.shape[3]} channels in {groups} groups need w of shape (O, KH, KW, "
                         f"channels / groups) and O a multiple of groups, got {w.shape}")
    if bias is not None and np.shape(bias) != (w.shape[0],):
        raise ValueError(f"{call}: bias must have one value per output channel, {w.shape[:1]}, "
                         f"got {np.shape(bias)}")


def _correlate_depthwise(x, w, stride, dilation, rows, columns):
    """One channel per group: channel c of the input meets the kernels c * m .. c * m + m - 1.

    Rows are laid out flat, (columns * channels), so that each tap is one long product.
    """
    (sh, sw), (dh, dw), (outputs, kh, kw, _) = stride, dilation, w.shape
    x = np.repeat(x, outputs // x.shape[-1], axis=-1)
    n, flat = x.shape[0], columns * outputs
    y = np.zeros((n, rows, flat), np.result_type(x, w))
    for v in range(kw):
        shifted = x[:, :, v * dw:v * dw + (columns - 1) * sw + 1:sw].reshape(n, -1, flat)
        for u in range(kh):
            y += shifted[:, u * dh:u * dh + (rows - 1) * sh + 1:sh] * np.tile(w[:, u, v, 0], columns)
    return y.reshape(n, rows, columns, outputs)


def _parts(n, rows, row_elements):
    """Slices of images, and of rows of one image where a whole one exceeds CHUNK elements."""
    lines = min(rows, max(1, CHUNK // max(1, row_elements)))
    images = max(1, CHUNK // max(1, rows * row_elements)) if lines == rows else 1
    return [(slice(i, i + images), slice(r, r + lines)) for i in range(0, n, images) for r in range(0, rows, lines)]


def _group_slices(inputs, outputs, groups):
    take, give = inputs // groups, outputs // groups
    return [(slice(g * take, (g + 1) * take), slice(g * give, (g + 1) * give)) for g in range(groups)]
