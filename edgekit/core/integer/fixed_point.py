"""From the accumulator back to codes: `requantize` multiplies by a real number, in the way of one profile.

    make_multiplier(scale_x, scale_w, scale_y) -> Multiplier(real, single)    scalars, or (C,) per channel
    multiplier_for(preset, op, scale_x, scale_w, scale_y)                     the same, as one runtime takes it
    quantize_multiplier(real) -> (multiplier, shift)                          real ~ multiplier * 2^(shift - 31)
    requantize(acc, multiplier, profile="A") -> int32, round(acc * real)      profile "A" .. "E", "BA" or "R"
    multiply_fixed(acc, multiplier, shift, profile="A")                       the same with integers, A, B, D or R
    profile_of(preset, op) -> profile                                         from `presets`

A positive shift shifts left. Source: Jacob et al., CVPR 2018, section 2.2, and the runtimes named below.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from edgekit.core.integer.presets import PRESETS, PROFILES, profile_of

__all__ = [
    "PRESETS", "PROFILES", "Multiplier", "as_multiplier", "make_multiplier", "multiplier_for", "multiply_fixed",
    "profile_of", "quantize_multiplier", "requantize",
]

#: channels that LiteRT's builtin depthwise kernel takes at once
VECTOR_CHANNELS = 8

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1

#: elements rounded at once, so that they stay in the cache
BLOCK = 1 << 14


class Multiplier(NamedTuple):
    """The factor of a requantization: `real` in float64; `single`, the product rounded to float32 at each
    step.
    """

    real: np.ndarray
    single: np.ndarray


def make_multiplier(scale_x, scale_w, scale_y):
    """Return scale_x * scale_w / scale_y twice: in float64, and in float32 as XNNPACK and ONNX Runtime take
    it.

    Files store scales as float32, so they are rounded to float32 first. Scalars, or (C,) per output channel.
    Raises ValueError unless all are finite and positive.

    >>> float(make_multiplier(0.5, 0.25, 2.0).real)
    0.0625
    """
    scales = [np.asarray(scale, np.float32) for scale in (scale_x, scale_w, scale_y)]
    return _multiplier(*((scale.tobytes(), scale.shape) for scale in scales))


@lru_cache(maxsize=4096)
def _multiplier(*scales):
    """The same of scales as bytes: a network asks for its few multipliers again and again."""
    scales = [np.frombuffer(data, np.float32).reshape(shape) for data, shape in scales]
    for name, scale in zip(("scale_x", "scale_w", "scale_y"), scales, strict=True):
        if not (np.isfinite(scale).all() and (scale > 0).all()):
            raise ValueError(f"make_multiplier: {name} must be finite and positive in float32, got {scale}")
    x, w, y = scales
    real = np.asarray(x.astype(np.float64) * w.astype(np.float64) / y.astype(np.float64))
    single = np.asarray(x * w / y, np.float32)
    real.flags.writeable = single.flags.writeable = False
    return Multiplier(real, single)


def multiplier_for(preset, op, scale_x, scale_w, scale_y, num_bits=8):
    """Return the `Multiplier` as the runtime behind `preset` computes it for operator `op`; see `make_multiplier`.

    One differs: LiteRT's builtin dense of 8 bits with one scale for all weights rounds scale_x * scale_w to float32
    first. It changes about one output in a million.
    """
    profile_of(preset, op)
    multiplier = make_multiplier(scale_x, scale_w, scale_y)
    if (preset, op, num_bits) == ("builtin", "dense", 8) and np.size(scale_w) == 1:
        product = np.asarray(scale_x, np.float32) * np.asarray(scale_w, np.float32)
        return multiplier._replace(real=product.astype(np.float64) / float(np.float32(scale_y)))
    return multiplier


def quantize_multiplier(real):
    """Return integers (multiplier, shift) with real ~ multiplier * 2^(shift - 31) and 2^30 <= multiplier <
    2^31.

    f, e = frexp(real); multiplier = floor(f * 2^31 + 0.5). A rounding up to 2^31 halves it and adds 1 to the
    shift; below 2^-32 both are 0. `real` is a scalar or (C,). Raises ValueError unless finite and >= 0.

    >>> [int(n) for n in quantize_multiplier(0.1)]
    [1717986918, -3]
    >>> [int(n) for n in quantize_multiplier(1 - 1e-12)]
    [1073741824, 1]
    """
    real = np.asarray(real, np.float64)
    return _fixed(real.tobytes(), real.shape)


@lru_cache(maxsize=4096)
def _fixed(data, shape):
    real = np.frombuffer(data, np.float64).reshape(shape)
    if not (np.isfinite(real).all() and (real >= 0).all()):
        raise ValueError(f"quantize_multiplier: real must be finite and >= 0, got {real}; check the scales")
    fraction, exponent = np.frexp(real)
    multiplier, shift = np.floor(fraction * 2.0**31 + 0.5).astype(np.int64), exponent.astype(np.int64)
    carried = multiplier == 2**31
    multiplier, shift = np.where(carried, 2**30, multiplier), shift + carried
    if (shift > 30).any():
        raise ValueError(f"quantize_multiplier: real must be below 2^30, got {real.max()}; raise scale_y")
    vanished = shift < -31
    fixed = np.asarray(np.where(vanished, 0, multiplier)), np.asarray(np.where(vanished, 0, shift))
    for part in fixed:
        part.flags.writeable = False
    return fixed


def requantize(acc, multiplier, profile="A", low=INT32_MIN, high=INT32_MAX):
    """Return acc * multiplier rounded to int32 in the manner of `profile`, clipped to [low, high], those of int32.

    `acc` (..., C) holds int32 values, with R and E up to 48 bits. `multiplier` is a `Multiplier`, or real
    numbers; scalar or (C,).

    >>> {profile: requantize(np.array([-6, -2, 2, 6]), 0.25, profile).tolist() for profile in "ABC"}
    {'A': [-2, -1, 1, 2], 'B': [-1, 0, 1, 2], 'C': [-2, 0, 0, 2]}
    """
    if profile not in PROFILES:
        raise ValueError(f"requantize: profile must be one of {', '.join(PROFILES)}, got {profile!r}")
    real, single = as_multiplier(multiplier)
    acc = np.asarray(acc)
    if not np.issubdtype(acc.dtype, np.integer):
        raise ValueError(f"requantize: expected integer accumulators, got {acc.dtype}")
    if profile == "BA":
        return _vector_then_scalar(acc, real, low, high)
    if profile == "C":
        y = acc.astype(np.float32) * single
        return _to_int32(np.rint(y, out=y), low, high)
    if profile == "E":
        return _to_int32(round_half_away(acc.astype(np.float64) * real), low, high)
    return multiply_fixed(acc, *quantize_multiplier(real), profile, low, high)


def multiply_fixed(acc, multiplier, shift, profile="A", low=INT32_MIN, high=INT32_MAX):
    """Return acc * multiplier * 2^(shift - 31) rounded in the manner of profile A, B, D or R, clipped to [low, high].

    R keeps 15 bits of the multiplier, so that its product with an accumulator of 48 bits fits in 64.

    >>> [multiply_fixed(np.array([-6]), 2**30, np.int64(-1), profile).item() for profile in "ABDR"]
    [-2, -1, -1, -1]
    """
    acc, shift = np.asarray(acc), np.asarray(shift, np.int64)
    if profile != "R" and acc.size and max(int(acc.max()), -int(acc.min())) < 2**21 and shift.max() <= 0:
        power = (2.0 ** shift.astype(np.float64)).astype(np.float32)
        return _in_blocks(acc, multiplier * 2.0**-31, power, profile, low, high)
    acc = acc.astype(np.int64)
    if profile == "R":
        reduced = np.where(multiplier >= 0x7FFF0000, 0x7FFF, (multiplier + (1 << 15)) >> 16)
        y = (acc * reduced + (1 << (14 - shift))) >> (15 - shift)
    elif profile == "D":
        y = (acc * multiplier + (1 << (30 - shift))) >> (31 - shift)
    else:
        y = _round_twice(acc, multiplier, shift, away=profile == "A")
    return np.clip(y, low, high).astype(np.int32)


def as_multiplier(multiplier):
    """Return a `Multiplier` as it is, and real numbers with their float32 rounding beside them."""
    if isinstance(multiplier, Multiplier):
        return multiplier
    real = np.asarray(multiplier, np.float64)
    return Multiplier(real, real.astype(np.float32))


def _round_twice(acc, m, shift, away):
    """First to 31 fractional bits, half up; then the right shift, half away from zero or half up."""
    left, right = np.maximum(shift, 0), np.maximum(-shift, 0)
    shifted = np.clip(acc << left, INT32_MIN, INT32_MAX)
    high = (shifted * m + (1 << 30)) >> 31
    if not away:
        return (high + ((1 << right) >> 1)) >> right
    mask = (1 << right) - 1
    return (high >> right) + ((high & mask) > ((mask >> 1) + (high < 0)))


def _in_blocks(acc, factor, power, profile, low, high):
    """A, B and D in float64, block by block in the cache; exact as long as |acc| < 2^21 and nothing shifts left."""
    y = np.empty(np.broadcast_shapes(acc.shape, np.shape(factor)), np.int32)
    rows = y.reshape(-1, y.shape[-1] if y.ndim else 1)
    offset = 0.0 if profile == "D" else 0.5
    acc, step = np.broadcast_to(acc, y.shape).reshape(rows.shape), max(1, BLOCK // max(1, rows.shape[1]))
    for start in range(0, len(rows), step):
        rows[start:start + step] = in_float64(acc[start:start + step], factor, offset, power, profile, low, high)
    return y


def in_float64(acc, factor, offset, power, profile, low, high):
    """Return round((acc * factor + offset) * power) clipped to [low, high], to be truncated: profile A, B or D.

    factor = m 2^-31 and power = 2^shift, shift <= 0. offset is a half, with profile D 0; a bias times `factor` may be
    added to it. Products of 22 and 31 bits, and their sums, fit in the 53 of float64.

    >>> in_float64(np.array([-6, -2, 2, 6]), 0.5, 0.5, 0.5, "A", -8, 7).astype(int).tolist()
    [-2, -1, 1, 2]
    """
    y = acc * factor
    y += offset
    if profile != "D":
        y = np.floor(y, out=np.empty(y.shape, np.float32), casting="same_kind")  # whole, below 2^23: float32 holds it
    y *= power
    y += np.copysign(0.5, y) if profile == "A" and low < 0 else 0.5  # below zero the clip decides
    if profile != "A":
        np.floor(y, out=y)
    return np.clip(y, low, high, out=y)


def _vector_then_scalar(acc, real, low, high):
    """LiteRT's x86 build takes 8 channels at a time and rounds them half up; the C code takes those left over."""
    real = np.broadcast_to(real, acc.shape[-1:])
    cut = acc.shape[-1] - acc.shape[-1] % VECTOR_CHANNELS
    parts = (slice(None, cut), "B"), (slice(cut, None), "A")
    done = [requantize(acc[..., part], real[part], profile, low, high) for part, profile in parts]
    return np.concatenate(done, axis=-1)


def round_half_away(y):
    """Return y rounded half away from zero; exact also just below a half, where floor(y + 0.5) is not."""
    whole = np.trunc(y)
    return whole + np.copysign(np.abs(y - whole) >= 0.5, y)


def _to_int32(y, low, high):
    """Saturate before the conversion, undefined beyond int32; 2^31 - 128 is the last float32 below 2^31."""
    return np.clip(y, low, min(high, INT32_MAX - 127) if y.dtype == np.float32 else high, out=y).astype(np.int32)
