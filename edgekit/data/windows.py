"""10 s windows of a recording: checking, cropping, cutting, turning upright."""

import numpy as np

WINDOW_S = 10.0


def check_windows(caller: str, x, fs: float) -> np.ndarray:
    """`x` as (N, L) float64, or a ValueError that names the first bad window."""
    x = np.asarray(x)
    if x.dtype.kind not in "iufb":
        raise ValueError(f"{caller}: x must hold real numbers, got dtype {x.dtype}")
    if not (np.isscalar(fs) and np.isfinite(fs) and 20 <= fs <= 1000):
        raise ValueError(f"{caller}: fs must be 20..1000 Hz, got {fs!r}; resample the recording first")
    x = np.atleast_2d(x.astype(np.float64))
    if x.ndim != 2 or x.size == 0:
        raise ValueError(f"{caller}: x must be (N, L) windows with at least one sample, got shape {x.shape}")
    bad = np.flatnonzero(~np.isfinite(x).all(axis=1))
    if bad.size:
        raise ValueError(f"{caller}: window {bad[0]} holds NaN or infinite values ({bad.size} of {len(x)} windows "
                         "do); interpolate short gaps and drop windows with long ones")
    flat = np.flatnonzero(np.ptp(x, axis=1) == 0)
    if flat.size:
        raise ValueError(f"{caller}: window {flat[0]} is constant at {x[flat[0], 0]:g} ({flat.size} of {len(x)} "
                         "windows are); there is no pulse in it, drop it")
    return x


def fit_length(x: np.ndarray, length: int) -> np.ndarray:
    """Crop (N, L) at the end, or continue it by reflection, to (N, length)."""
    missing = length - x.shape[1]
    return x[:, :length] if missing <= 0 else np.pad(x, [(0, 0), (0, missing)], mode="reflect")


def split_windows(x, fs: float, step_s: float = WINDOW_S) -> np.ndarray:
    """A recording (L,) as 10 s windows (N, round(10 fs)), one every `step_s`; the rest at the end is left out."""
    x = np.asarray(x)
    length, step = round(WINDOW_S * fs), round(step_s * fs)
    if x.ndim != 1 or len(x) < length:
        raise ValueError(f"split_windows: the recording must be (L,) with at least 10 s = {length} samples at "
                         f"{fs:g} Hz, got shape {x.shape}")
    if step < 1:
        raise ValueError(f"split_windows: step_s must be at least one sample, got {step_s!r} s at {fs:g} Hz")
    return np.lib.stride_tricks.sliding_window_view(x, length)[::step].copy()


def polarity(x: np.ndarray, fs: float) -> np.ndarray:
    """+1 or -1 per window (N, L): the sign that makes the pulse rise faster than it falls.

    The heart ejects in a third of the beat, so the slope of an upright pulse has few large positive and many
    small negative values: it is skewed to the right, mean(d^3) / mean(d^2)^1.5 > 0. The pulse itself, narrow
    above and broad below, has a say of .3. Both are taken over quarters of the window, and the median kept, so
    that one jolt does not decide.
    """
    slope = [_skewness(part) for part in np.array_split(np.diff(x, axis=1), 4, axis=1)]
    level = [_skewness(part - part.mean(axis=1, keepdims=True)) for part in np.array_split(x, 4, axis=1)]
    return np.where(np.median(slope, axis=0) + 0.3 * np.median(level, axis=0) < 0, -1.0, 1.0)


def _skewness(d: np.ndarray) -> np.ndarray:
    return np.mean(d * d * d, axis=1) / (np.mean(d * d, axis=1) ** 1.5 + 1e-30)
