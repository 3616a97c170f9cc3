"""Integer operators that work element by element.

    relu(q_x, zero_point, qmin=-128, qmax=127, six=None) -> q_y      a clamp: input and output share a scale
    add(q_a, q_b, *, scale_a, zero_point_a, scale_b, zero_point_b, scale_y, zero_point_y,
        qmin=-128, qmax=127, profile="A") -> q_y
    mul(the same) -> q_y

A profile is that of `PRESETS[preset]["add"]` or `["mul"]`. Both also know "F": ONNX Runtime's float32, which adds the
zero point before it rounds half to even. `add` alone knows "DA" (inputs D, output A, in blocks of 16 elements: LiteRT
builtin), and its "C" is XNNPACK's own fixed point.
"""

from functools import lru_cache

import numpy as np

from edgekit.core.integer.conv import check_codes, rescale_codes
from edgekit.core.integer.fixed_point import Multiplier, make_multiplier, requantize
from edgekit.core.ops import stretched

#: guard bits of `add` in LiteRT and CMSIS-NN, for int8 also bits of a multiplier of `add` in XNNPACK
GUARD_BITS, GUARD_BITS_16 = 20, 15

#: elements that LiteRT's builtin `add` takes at once
VECTOR_ELEMENTS = 16

#: from so many elements on, `add` of int8 reads a table of all pairs
TABLE_ELEMENTS = 2048
_AS_UNSIGNED = (np.arange(256) + 128) % 256


def relu(q_x, zero_point, qmin=-128, qmax=127, six=None):
    """Return the codes clamped to [zero_point, six]: real 0 is the code `zero_point`, real 6 the code `six`.

    >>> relu(np.array([-20, 3, 90], np.int8), -5, six=70).tolist()
    [-5, 3, 70]
    """
    q_x = np.asarray(q_x)
    check_codes("relu", q_x)
    highest = qmax if six is None else min(int(six), qmax)
    return np.clip(q_x, max(int(zero_point), qmin), highest).astype(q_x.dtype)


def add(q_a, q_b, *, scale_a, zero_point_a, scale_b, zero_point_b, scale_y, zero_point_y,
        qmin=-128, qmax=127, profile="A"):
    """Return the codes of a + b: both are brought to the scale T = 2 max(scale_a, scale_b), with 20 guard bits; 15 for
    int16.

        total = requantize((q_a - za) << 20, scale_a / T) + requantize((q_b - zb) << 20, scale_b / T)
        q_y = clip(requantize(total, T / (2^20 scale_y)) + zero_point_y, qmin, qmax)

    >>> codes = np.array([10, -10], np.int8)
    >>> grids = dict(scale_a=0.5, zero_point_a=0, scale_b=0.25, zero_point_b=0, scale_y=1.0, zero_point_y=3)
    >>> add(codes, codes, **grids).tolist()
    [11, -5]
    """
    q_a, q_b = np.asarray(q_a), np.asarray(q_b)
    check_codes("add", q_a, q_b)
    if q_a.shape != q_b.shape:
        raise ValueError(f"add: both inputs must have one shape, got {q_a.shape} and {q_b.shape}")
    scales = tuple(float(np.float32(scale)) for scale in (scale_a, scale_b, scale_y))
    grids = scales, (int(zero_point_a), int(zero_point_b), int(zero_point_y)), (int(qmin), int(qmax))
    if q_a.size < TABLE_ELEMENTS or {q_a.dtype, q_b.dtype} != {np.dtype(np.int8)}:
        return _add(q_a, q_b, *grids, profile)
    if profile != "DA":
        return _look_up(_sum_table(*grids, profile), q_a, q_b)
    y, cut = _look_up(_sum_table(*grids, "blocks"), q_a, q_b).ravel(), q_a.size - q_a.size % VECTOR_ELEMENTS
    y[cut:] = _look_up(_sum_table(*grids, "A"), q_a.ravel()[cut:], q_b.ravel()[cut:])
    return y.reshape(q_a.shape)


@lru_cache(maxsize=256)
def _sum_table(scales, zero_points, ends, profile):
    """The sum of every pair of codes, (65,536,): adding by table gives the same, many times faster from then on."""
    codes = np.arange(-128, 128, dtype=np.int8)
    table = _add(np.repeat(codes, 256), np.tile(codes, 256), scales, zero_points, ends, profile)
    return table.reshape(256, 256)[_AS_UNSIGNED][:, _AS_UNSIGNED].ravel()


def _look_up(table, q_a, q_b):
    """The entries of a table of pairs, in the order of the codes read as unsigned."""
    pairs = np.ascontiguousarray(q_a).view(np.uint8).astype(np.uint16)
    pairs <<= 8
    pairs |= np.ascontiguousarray(q_b).view(np.uint8)
    return table.take(pairs)


def _add(q_a, q_b, scales, zero_points, ends, profile):
    zero_point_a, zero_point_b, zero_point_y = zero_points
    qmin, qmax = ends
    a, b = _centred("add", q_a, q_b, zero_point_a, zero_point_b)
    if profile == "F":
        y = _add_ort(q_a, q_b, scales, (zero_point_a, zero_point_b, zero_point_y))
        return np.clip(np.rint(y), qmin, qmax).astype(np.asarray(q_a).dtype)
    if profile == "C":
        total = _add_xnnpack(a, b, *scales)
        clipped = np.clip(total, qmin - int(zero_point_y), qmax - int(zero_point_y))
        return (clipped + int(zero_point_y)).astype(np.asarray(q_a).dtype)
    common = 2 * max(scales[:2])
    ratios, guard = (scales[0] / common, scales[1] / common), GUARD_BITS if q_a.dtype == np.int8 else GUARD_BITS_16
    if profile == "DA":
        total, profile = _sum_in_blocks(a, b, ratios, guard), "A"
    elif profile == "blocks":
        total, profile = _sum(a, b, ratios, "D"), "A"
    else:
        total = _sum(a, b, ratios, profile, guard)
    multiplier = common / (2**guard * scales[2])
    return rescale_codes(total, multiplier, zero_point_y, qmin, qmax, profile, np.asarray(q_a).dtype)


def mul(q_a, q_b, *, scale_a, zero_point_a, scale_b, zero_point_b, scale_y, zero_point_y,
        qmin=-128, qmax=127, profile="A"):
    """Return clip(requantize((q_a - za) * (q_b - zb), scale_a * scale_b / scale_y) + zero_point_y, qmin, qmax).

    Shapes stretch as in `edgekit.core.ops.mul`. LiteRT takes the product of the scales in float32, here in every
    profile.

    >>> grids = dict(scale_a=0.5, zero_point_a=0, scale_b=0.5, zero_point_b=1, scale_y=1.0, zero_point_y=0)
    >>> mul(np.array([6], np.int8), np.array([3], np.int8), **grids).tolist()
    [3]
    """
    a, b = _centred("mul", *stretched("mul", q_a, q_b), zero_point_a, zero_point_b)
    single = make_multiplier(scale_a, scale_b, scale_y).single
    if profile == "F":
        y = (a * b).astype(np.float32) * single + np.float32(zero_point_y)
        return np.clip(np.rint(y), qmin, qmax).astype(np.asarray(q_a).dtype)
    multiplier = Multiplier(single.astype(np.float64), single)
    return rescale_codes(a * b, multiplier, zero_point_y, qmin, qmax, profile, np.asarray(q_a).dtype)


def _sum(a, b, ratios, profile, guard=GUARD_BITS):
    return requantize(a << guard, ratios[0], profile) + requantize(b << guard, ratios[1], profile)


def _sum_in_blocks(a, b, ratios, guard=GUARD_BITS):
    """LiteRT's x86 build rounds the inputs once in whole blocks of 16 elements, and twice in those left over."""
    total, cut = _sum(a, b, ratios, "D", guard).ravel(), a.size - a.size % VECTOR_ELEMENTS
    total[cut:] = _sum(a.ravel()[cut:], b.ravel()[cut:], ratios, "A", guard)
    return total.reshape(a.shape)


def _add_xnnpack(a, b, scale_a, scale_b, scale_y):
    """Multipliers of 21 bits and one rounding, half up: (a * ma + b * mb + 2^(shift - 1)) >> shift."""
    ratios = [float(np.float32(scale) / np.float32(scale_y)) for scale in (scale_a, scale_b)]
    shift = GUARD_BITS + 1 - int(np.frexp(max(ratios))[1])
    ma, mb = (int(np.rint(ratio * 2.0**shift)) for ratio in ratios)
    if not 12 <= shift <= 30:
        raise ValueError(f"add: XNNPACK takes ratios of scales from 2^-10 to 2^8, got {max(ratios)}; "
                         "use another profile")
    return (a.astype(np.int64) * ma + b.astype(np.int64) * mb + (1 << (shift - 1))) >> shift


def _add_ort(q_a, q_b, scales, zero_points):
    """ratio_a * q_a + (ratio_b * q_b + fixed) in fused float32 steps; `fixed` gathers the three zero points."""
    a, b, y = np.float32(scales)
    zero_a, zero_b, zero_y = np.float32(zero_points)
    ratio_a, ratio_b = a / y, b / y
    fixed = zero_y - _fused(ratio_a, zero_a, ratio_b * zero_b)
    return _fused(ratio_a, q_a, _fused(ratio_b, q_b, fixed))


def _fused(x, y, z):
    """x * y + z rounded once to float32; float64 holds the product of two float32 exactly."""
    return (np.float64(x) * np.asarray(y, np.float64) + np.asarray(z, np.float64)).astype(np.float32)


def _centred(call, q_a, q_b, zero_point_a, zero_point_b):
    """Return q_a - zero_point_a and q_b - zero_point_b in int32."""
    q_a, q_b = np.asarray(q_a), np.asarray(q_b)
    check_codes(call, q_a, q_b)
    return q_a.astype(np.int32) - int(zero_point_a), q_b.astype(np.int32) - int(zero_point_b)
