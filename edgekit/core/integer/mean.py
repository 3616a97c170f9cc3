"""Integer mean over axes; over height and width it is global average pooling.

    mean(q_x, axes=(-3, -2), keepdims=False, *, scale_x, zero_point_x, scale_y, zero_point_y, qmin, qmax, profile="A")

Unlike an average pool it may change the grid. A profile is that of `PRESETS[preset]["mean"]`.
"""

import math

import numpy as np

from edgekit.core.integer.conv import check_codes
from edgekit.core.integer.fixed_point import multiply_fixed, quantize_multiplier
from edgekit.core.shape_ops import check_axes

#: channels that LiteRT's builtin kernel takes at once
CHANNELS = 16


def mean(q_x, axes=(-3, -2), keepdims=False, *, scale_x, zero_point_x, scale_y, zero_point_y, qmin=-128, qmax=127,
         profile="A"):
    """Return clip(round(sum(q_x - zx) * scale_x / (n scale_y)) + zy, qmin, qmax) over the n codes of `axes`.

    A, B, D divide the fixed-point multiplier by n. C and F multiply in float32. "rows" is LiteRT's builtin kernel.
    Raises ValueError for axes that are not negative.

    >>> q_x = np.array([1, 2, 4, 4], np.int8).reshape(1, 2, 2, 1)
    >>> mean(q_x, scale_x=0.5, zero_point_x=0, scale_y=0.5, zero_point_y=0).tolist()
    [[3]]
    """
    q_x = np.asarray(q_x)
    check_codes("mean", q_x)
    check_axes("mean", axes, q_x.ndim)
    total = q_x.sum(axis=tuple(axes), dtype=np.int64, keepdims=keepdims)
    n = math.prod(q_x.shape[axis] for axis in axes)
    zeros, scales = (int(zero_point_x), int(zero_point_y)), (np.float32(scale_x), np.float32(scale_y))
    if profile == "rows" and not (keepdims and q_x.ndim == 4 and set(axes) == {-3, -2}):
        profile = "A"
    if profile == "rows":
        y = _rows(total, n, *scales, *zeros)
    elif profile in ("C", "F"):
        y = _single(total, n, *scales, *zeros, profile)
    else:
        y = multiply_fixed(total - n * zeros[0], *_divided(n, *scales), profile) + zeros[1]
    return np.clip(y, qmin, qmax).astype(q_x.dtype)


def _divided(n, scale_x, scale_y):
    """Multiplier and shift of scale_x / scale_y, the multiplier divided by n with as many bits as it keeps."""
    multiplier, shift = (int(part) for part in quantize_multiplier(float(scale_x) / float(scale_y)))
    extra = min(n.bit_length() - 1, 32, 31 + shift)
    return (multiplier << extra) // n, shift - extra


def _single(total, n, scale_x, scale_y, zero_x, zero_y, profile):
    """Float32 and half to even: C adds the output's zero point after rounding, F gathers both zero points before."""
    if profile == "C":
        single = scale_x / (scale_y * np.float32(n))
        return np.rint((total - n * zero_x).astype(np.float32) * single) + zero_y
    single = np.float32(scale_x / scale_y) / np.float32(n)
    return np.rint(total.astype(np.float32) * single + (np.float32(zero_y) - np.float32(n * zero_x) * single))


def _rows(total, n, scale_x, scale_y, zero_x, zero_y):
    """The mean of the raw codes, B in whole groups of channels and A in the rest, and zero points as one number."""
    multiplier, shift = quantize_multiplier(float(scale_x / (np.float32(n) * scale_y)))
    cut = total.shape[-1] - total.shape[-1] % CHANNELS
    parts = (total[..., :cut], "B"), (total[..., cut:], "A")
    y = np.concatenate([multiply_fixed(part, multiplier, shift, how) for part, how in parts], axis=-1)
    offset = np.float32(zero_x) * scale_x / scale_y
    return y + zero_y - int(offset + np.copysign(np.float32(0.5), offset))
