"""Log-mel features in integers, as a microcontroller without floating point computes them. NumPy only.

Every step fits 32-bit registers, but for the 64-bit sums of the mel bands. Q15 means: q stands for q / 2^15.
Steps: normalise the frame (block floating point) -> window -> real FFT, halved at each stage -> power -> mel ->
log2 by table -> code. The codes are those of `logmel.to_codes(logmel.power_db(x))`, to within a code.
"""

import numpy as np

from edgekit.data import logmel
from edgekit.data.logmel import FRAME, STEP_DB

PEAK_BITS = 14  # frames are scaled to peaks of 2^13..2^14, so that no butterfly can overflow 16 bits
TABLE_BITS = 7
LOG2_TABLE = np.round(np.log2(1 + np.arange(2 ** TABLE_BITS + 1) / 2 ** TABLE_BITS) * 2 ** 16).astype(np.int64)
CODE_PER_LOG2 = round(10 * np.log10(2) / STEP_DB * 2 ** 12)  # Q12
SCALE_LOG2 = 43  # 15 of the mel weights + 30 of Q15 squared + 16 of (N / 4)^2 - 18 of the FFT's (N / 2)^2


def codes(x: np.ndarray) -> np.ndarray:
    """Log-mel codes uint8 (..., T, 40) of int16 samples (..., L) at 16 kHz.

    >>> tone = np.round(12000 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)).astype(np.int16)
    >>> wanted = logmel.to_codes(logmel.power_db(tone / 32768))
    >>> codes(tone).shape, bool(np.all(codes(tone).max(axis=1) == wanted.max(axis=1)))
    ((32, 40), True)
    """
    x = np.asarray(x)
    if x.dtype != np.int16:
        raise ValueError(f"codes: x must be int16 samples, got {x.dtype}; scale to 32767 and round first")
    q, shift = normalise(logmel.frames(x))
    power = power_q(*rfft(window(q)))
    return to_codes(log2_q16(power @ mel_weights_q15().T), shift)


def normalise(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frames (..., N) times 2^shift, so that the peak has PEAK_BITS bits; shift (...,), -2 for the loudest.

    >>> q, shift = normalise(np.array([100, -3], np.int16))
    >>> q.tolist(), int(shift)
    ([12800, -384], 7)
    """
    x = np.asarray(x, dtype=np.int64)
    peak = np.abs(x).max(axis=-1)
    shift = np.where(peak == 0, 0, PEAK_BITS - _bit_length(peak))
    left, right = np.maximum(shift, 0)[..., None], np.maximum(-shift, 0)[..., None]
    return ((x << left) + (1 << right) // 2) >> right, shift


def window(q: np.ndarray) -> np.ndarray:
    """Hann window in Q15, rounded half up: (q w + 2^14) >> 15."""
    return (q * hann_q15(q.shape[-1]) + 2 ** 14) >> 15


def hann_q15(frame: int = FRAME) -> np.ndarray:
    """The Hann window as Q15 integers, at most 32767."""
    return np.minimum(np.round(logmel.hann(frame) * 2 ** 15), 32767).astype(np.int64)


def fft(re: np.ndarray, im: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Complex FFT of Q15 integers (..., N), N a power of two, divided by N: decimation in time, radix 2.

    Each stage computes (a +- w b) / 2 with one rounding: (2^15 a +- w b + 2^15) >> 16. An error of half a code per
    stage, carried on without growth: at most log2(N) codes in each part. Source: Welch 1969, a fixed-point FFT error
    analysis.
    """
    samples = re.shape[-1]
    if samples < 2 or samples & (samples - 1):
        raise ValueError(f"fft: N must be a power of two of at least 2, got {samples}")
    order = _bit_reversed(samples)
    re, im = re[..., order].astype(np.int64), im[..., order].astype(np.int64)
    half = 1
    while half < samples:
        c, s = _twiddles(half, 2 * half)
        re, im = (part.reshape(*part.shape[:-1], -1, 2, half) for part in (re, im))
        (a, b), (u, v) = (np.moveaxis(part, -2, 0) for part in (re, im))
        x, y = b * c - v * s, b * s + v * c
        re = np.concatenate([_halve(a, x), _halve(a, -x)], axis=-1).reshape(*a.shape[:-2], samples)
        im = np.concatenate([_halve(u, y), _halve(u, -y)], axis=-1).reshape(*a.shape[:-2], samples)
        half *= 2
    return re, im


def rfft(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Real FFT of Q15 integers (..., N) divided by N / 2: real and imaginary parts (..., N / 2 + 1).

    Even samples become the real part, odd ones the imaginary part of a signal of half the length, and
    X(k) = E(k) + w^k O(k), 2 E = Z(k) + Z*(N/2 - k), 2i O = Z(k) - Z*(N/2 - k). Needs |q| < 2^14.
    """
    half = q.shape[-1] // 2
    re, im = fft(q[..., 0::2], q[..., 1::2])
    forth, back = np.arange(half + 1) % half, -np.arange(half + 1) % half
    even_re, even_im = re[..., forth] + re[..., back], im[..., forth] - im[..., back]
    odd_re, odd_im = im[..., forth] + im[..., back], re[..., back] - re[..., forth]
    c, s = _twiddles(half + 1, 2 * half)
    return _halve(even_re, odd_re * c - odd_im * s), _halve(even_im, odd_re * s + odd_im * c)


def power_q(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    """re^2 + im^2, which fits 32 bits without sign."""
    return re * re + im * im


def mel_weights_q15() -> np.ndarray:
    """The mel triangles as integers of Q15 (40, 513)."""
    return np.round(logmel.mel_weights() * 2 ** 15).astype(np.int64)


def log2_q16(x: np.ndarray) -> np.ndarray:
    """log2 of positive integers in Q16, to within 2 / 2^16; 0 where x is 0.

    The leading one gives the whole part, the next seven bits a place in a table, the rest a straight line between
    its entries.

    >>> (log2_q16(np.array([1, 8, 12])) / 65536).round(3).tolist()
    [0.0, 3.0, 3.585]
    """
    x = np.asarray(x, dtype=np.int64)
    whole = _bit_length(x) - 1
    mantissa = np.where(whole <= 30, x << np.maximum(30 - whole, 0), x >> np.maximum(whole - 30, 0)) - 2 ** 30
    place = np.clip(mantissa >> (30 - TABLE_BITS), 0, 2 ** TABLE_BITS - 1)
    rest = (mantissa & (2 ** (30 - TABLE_BITS) - 1)) >> (30 - TABLE_BITS - 14)  # Q14
    low, high = LOG2_TABLE[place], LOG2_TABLE[place + 1]
    return np.where(x > 0, (whole << 16) + low + (((high - low) * rest + 2 ** 13) >> 14), 0)


def to_codes(log2_sum: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """uint8 codes of mel sums (..., T, 40) given as log2 in Q16, and of the shifts (..., T) of their frames.

    code = (10 log10(2) log2(P) - FLOOR_DB) / STEP_DB, rounded half up; silence is code 0.
    """
    log2_q10 = (log2_sum >> 6) - ((SCALE_LOG2 + 2 * shift) << 10)[..., None]
    offset = round(-logmel.FLOOR_DB / STEP_DB) << 22
    code = (log2_q10 * CODE_PER_LOG2 + offset + 2 ** 21) >> 22
    return np.where(log2_sum > 0, np.clip(code, 0, 255), 0).astype(np.uint8)


def _halve(a: np.ndarray, product: np.ndarray) -> np.ndarray:
    """(a + product / 2^15) / 2, rounded half up."""
    return ((a << 15) + product + 2 ** 15) >> 16


def _twiddles(count: int, turn: int) -> tuple[np.ndarray, np.ndarray]:
    """cos and sin of -2 pi k / turn in Q15, k = 0..count - 1, at most 32767 in size but for the 1, which is 2^15."""
    angle = -2 * np.pi * np.arange(count) / turn
    return tuple(np.round(part * 2 ** 15).astype(np.int64) for part in (np.cos(angle), np.sin(angle)))


def _bit_reversed(samples: int) -> np.ndarray:
    order = np.zeros(1, dtype=int)
    while len(order) < samples:
        order = np.concatenate([2 * order, 2 * order + 1])
    return order


def _bit_length(x: np.ndarray) -> np.ndarray:
    """Bits of non-negative integers below 2^62, by halving: exact where a floating-point logarithm is not."""
    bits = np.zeros(x.shape, dtype=np.int64)
    for step in (32, 16, 8, 4, 2, 1):
        large = x >= (np.int64(1) << step)
        bits += np.where(large, step, 0)
        x = np.where(large, x >> step, x)
    return bits + (x > 0)
