"""Resampling and zero-phase filtering of signals along their last axis, by FFT. NumPy only.

Both continue the signal beyond its ends by reflection, tapered to zero, so that the circular FFT meets no step.
"""

from fractions import Fraction

import numpy as np


def resample(x, fs_in: float, fs_out: float) -> np.ndarray:
    """The signal `x` (..., L) at another rate: (..., round(L fs_out / fs_in)), with anti-aliasing.

    The spectrum is cut, or continued with zeros, at half the lower of the two rates (a raised cosine over the
    last tenth), and read back on the new grid. The ratio is taken as the nearest fraction p/q with q <= 1000,
    so the time axis is off by less than 1e-6 of its length for usual rates.
    Raises ValueError for rates that are not positive numbers. Source: the sampling theorem.

    >>> slow = np.sin(2 * np.pi * 1.5 * np.arange(250) / 25)
    >>> fast = resample(slow, 25, 100)
    >>> fast.shape, bool(abs(fast[100] - slow[25]) < 1e-3)
    ((1000,), True)
    """
    x = np.asarray(x, dtype=np.float64)
    _check_rate("resample: fs_in", fs_in)
    _check_rate("resample: fs_out", fs_out)
    length = max(1, round(x.shape[-1] * fs_out / fs_in))
    ratio = Fraction(fs_out / fs_in).limit_denominator(1000)
    if ratio == 1 or x.shape[-1] < 2:
        return x[..., :length].copy()
    up, down = ratio.numerator, ratio.denominator
    left = down * -(-min(x.shape[-1] - 1, round(fs_in)) // down)
    total = down * -(-(left + x.shape[-1] + left) // down)
    extended, middle = extend(x, left, total - left - x.shape[-1])
    spectrum = np.fft.rfft(extended, axis=-1) * _anti_alias(total, fs_in, min(fs_in, fs_out) / 2)
    total_out = total // down * up
    if total % 2 == 0 and total_out > total:
        spectrum[..., -1] *= 0.5  # the bin at the old Nyquist frequency now stands for two, +f and -f
    fitted = _fit_bins(spectrum, total_out // 2 + 1)
    y = np.fft.irfft(fitted, total_out, axis=-1) * (total_out / total)
    start = left // down * up
    return y[..., start:start + length] + middle


def bandpass(x, fs: float, low: float, high: float, order: int = 2) -> np.ndarray:
    """Keep `low`..`high` Hz of the signal (..., L) without shifting it in time.

    Gain |H(f)| = (1 + (low/f)^2n)^-1/2 (1 + (f/high)^2n)^-1/2: Butterworth of order n, phase zero.
    `low = 0` leaves the low end alone (and the mean), `high >= fs / 2` the high end.
    Raises ValueError unless 0 <= low < high.
    """
    x = np.asarray(x, dtype=np.float64)
    _check_rate("bandpass: fs", fs)
    if not 0 <= low < high:
        raise ValueError(f"bandpass: expected 0 <= low < high in Hz, got low={low!r}, high={high!r}")
    pad = min(x.shape[-1] - 1, round(3 * fs))
    extended, middle = extend(x, pad, pad)
    frequency = np.fft.rfftfreq(extended.shape[-1], 1 / fs)
    gain = np.ones_like(frequency)
    if low > 0:
        gain[0] = 0.0
        gain[1:] /= np.sqrt(1 + (low / frequency[1:]) ** (2 * order))
    if high < fs / 2:
        gain /= np.sqrt(1 + (frequency / high) ** (2 * order))
    y = np.fft.irfft(np.fft.rfft(extended, axis=-1) * gain, extended.shape[-1], axis=-1)
    return y[..., pad:pad + x.shape[-1]] + (middle if low == 0 else 0.0)


def extend(x: np.ndarray, left: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """(..., L) -> (..., left + L + right) about zero, reflected at the ends and tapered; and the level removed."""
    middle = x.mean(axis=-1, keepdims=True)
    widths = [(0, 0)] * (x.ndim - 1) + [(left, right)]
    extended = np.pad(x - middle, widths, mode="reflect" if x.shape[-1] > 1 else "edge")
    rise, fall = _half_cosine(left), _half_cosine(right)[::-1]
    extended[..., :left] *= rise
    extended[..., extended.shape[-1] - right:] *= fall
    return extended, middle


def _half_cosine(n: int) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / max(n, 1))


def _anti_alias(total: int, fs: float, nyquist: float) -> np.ndarray:
    """1 up to 0.9 of the new Nyquist frequency, a half cosine down to 0 at it."""
    frequency = np.fft.rfftfreq(total, 1 / fs)
    if nyquist >= fs / 2:
        return np.ones_like(frequency)
    edge = np.clip((frequency - 0.9 * nyquist) / (0.1 * nyquist), 0, 1)
    return 0.5 + 0.5 * np.cos(np.pi * edge)


def _fit_bins(spectrum: np.ndarray, bins: int) -> np.ndarray:
    missing = bins - spectrum.shape[-1]
    if missing <= 0:
        return spectrum[..., :bins]
    return np.concatenate([spectrum, np.zeros((*spectrum.shape[:-1], missing))], axis=-1)


def _check_rate(what: str, value: float) -> None:
    if not (np.isscalar(value) and np.isreal(value) and np.isfinite(value) and value > 0):
        raise ValueError(f"{what} must be a positive rate in Hz, got {value!r}")
