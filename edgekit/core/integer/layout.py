"""Integer operators that move codes, and the change of grid that joining tensors may need.

    pad(q_x, padding, zero_point) -> q_y                 real zeros around (N, H, W, C): the grid stays
    resize_nearest(q_x, size, half_pixel=False, align_corners=False, profile="copy") -> q_y      the grid stays
    rescale(q_x, *, scale_x, zero_point_x, scale_y, zero_point_y, qmin, qmax, profile="A") -> q_y
    concat(q_xs, *, scales, zero_points, scale_y, zero_point_y, axis=-1, qmin, qmax, profile="A") -> q_y

A profile is that of `PRESETS[preset]["quantize"]` or `["concat"]`.
"""

import numpy as np

from edgekit.core import shape_ops
from edgekit.core.integer.conv import check_codes, rescale_codes
from edgekit.core.integer.fixed_point import Multiplier

#: elements that LiteRT's builtin kernel takes at once, and fractional bits of XNNPACK's multiplier
BLOCK, COARSE_BITS = 16, 8


def pad(q_x, padding, zero_point):
    """Return q_x (N, H, W, C) with real zeros around it, codes `zero_point`; `padding` ((top, bottom), (left, right)).

    >>> pad(np.array([5, 6], np.int8).reshape(1, 1, 2, 1), ((0, 0), (1, 0)), -3).ravel().tolist()
    [-3, 5, 6]
    """
    q_x = np.asarray(q_x)
    check_codes("pad", q_x)
    return shape_ops.pad(q_x, padding, int(zero_point))


def resize_nearest(q_x, size, half_pixel=False, align_corners=False, profile="copy"):
    """Return the codes nearest to each place of the new `size`; see `edgekit.core.shape_ops.resize_nearest`.

    Profile "divide" finds the places as ONNX Runtime does.

    >>> resize_nearest(np.array([5, 6], np.int8).reshape(1, 1, 2, 1), (1, 4)).ravel().tolist()
    [5, 5, 6, 6]
    """
    q_x = np.asarray(q_x)
    check_codes("resize_nearest", q_x)
    return shape_ops.resize_nearest(q_x, size, half_pixel, align_corners, divide=profile == "divide")


def rescale(q_x, *, scale_x, zero_point_x, scale_y, zero_point_y, qmin=-128, qmax=127, profile="A"):
    """Return the same real numbers on another grid: clip(requantize(q_x - zx, scale_x / scale_y) + zy, qmin, qmax).

    With A and B the error reaches 3/4 of a step, as codes have no bits to spare for the first of two roundings.
    "blocks" is LiteRT's builtin kernel, "coarse" XNNPACK's 8 bits, "even" ONNX Runtime's way through float32.

    >>> rescale(np.array([3, 6], np.int8), scale_x=0.5, zero_point_x=0, scale_y=1.0, zero_point_y=1).tolist()
    [3, 4]
    """
    q_x = np.asarray(q_x)
    check_codes("quantize", q_x)
    x, scales = q_x.astype(np.int32) - int(zero_point_x), [np.float32(scale) for scale in (scale_x, scale_y)]
    if profile == "coarse":
        y = _coarse(x, *scales)
    elif profile == "even":
        y = np.rint(scales[0] * x.astype(np.float32) / scales[1]).astype(np.int64)
    else:
        real = Multiplier(float(scales[0]) / float(scales[1]), scales[0] / scales[1])
        if profile == "blocks":
            return _in_blocks(x, real, zero_point_y, qmin, qmax, q_x.dtype)
        return rescale_codes(x, real, zero_point_y, qmin, qmax, profile, q_x.dtype)
    return np.clip(y + int(zero_point_y), qmin, qmax).astype(q_x.dtype)


def concat(q_xs, *, scales, zero_points, scale_y, zero_point_y, axis=-1, qmin=-128, qmax=127, profile="A"):
    """Return the codes of the tensors joined along a negative `axis`; those on another grid are rescaled first.

    LiteRT joins only tensors of one grid, so a file holds a QUANTIZE before it: the arithmetic is that of `rescale`.

    >>> q_xs = [np.array([[4]], np.int8), np.array([[4]], np.int8)]
    >>> concat(q_xs, scales=[1.0, 0.5], zero_points=[0, 0], scale_y=1.0, zero_point_y=0).tolist()
    [[4, 2]]
    """
    if not len(q_xs) == len(scales) == len(zero_points) > 0:
        raise ValueError(f"concat: every tensor needs a scale and a zero point, got {len(q_xs)} tensors, "
                         f"{len(scales)} scales, {len(zero_points)} zero points")
    target = np.float32(scale_y), int(zero_point_y)
    moved = [
        np.asarray(q) if (np.float32(scale), int(zero)) == target else
        rescale(q, scale_x=scale, zero_point_x=zero, scale_y=scale_y, zero_point_y=zero_point_y, qmin=qmin, qmax=qmax,
                profile=profile)
        for q, scale, zero in zip(q_xs, scales, zero_points, strict=True)
    ]
    check_codes("concat", *moved)
    return shape_ops.concat(*moved, axis=axis)


def _in_blocks(x, real, zero_point_y, qmin, qmax, dtype):
    cut = x.size - x.size % BLOCK
    flat, grid = x.ravel(), (zero_point_y, qmin, qmax)
    parts = (flat[:cut], "B"), (flat[cut:], "A")
    return np.concatenate([rescale_codes(part, real, *grid, how, dtype) for part, how in parts]).reshape(x.shape)


def _coarse(x, scale_x, scale_y):
    ratio = scale_x / scale_y
    if not 2.0**-8 <= ratio <= 2.0**7:
        raise ValueError(f"quantize: XNNPACK takes ratios of scales from 2^-8 to 2^7, got {ratio}; use another profile")
    return (x.astype(np.int64) * int(np.rint(256 * ratio)) + (1 << (COARSE_BITS - 1))) >> COARSE_BITS
