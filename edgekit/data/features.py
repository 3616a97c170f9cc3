"""From raw pulse recordings of any sensor to what a model or a clinician reads.

`ppg_front_end` gives the model its input; `heart_rate` reads the beats without a model.
"""

import numpy as np

from edgekit.data.heart import find_beats, heart_rate
from edgekit.data.signal import bandpass, resample
from edgekit.data.windows import WINDOW_S, check_windows, fit_length, polarity, split_windows

MODEL_FS = 100.0
WINDOW_SAMPLES = 1000
BAND_HZ = (0.5, 8.0)
TOLERANCE_S = 0.2
CLIP = 4.0
BLOCK = 256  # windows filtered at a time: bounds the memory, changes no number


def ppg_front_end(x, fs: float) -> np.ndarray:
    """Raw 10 s pulse windows (N, L) or one (L,), at `fs` Hz (20..1000) -> (N, 1000) float32 for the model.

    Resampled to 100 Hz, band-passed 0.5-8 Hz without delay, turned so that a pulse rises faster than it
    falls, centred and scaled robustly, clipped to +-4. Units, offset, gain and polarity of the sensor drop out.
    L may differ from 10 s by 0.2 s: then the window is cropped, or continued by reflection, at its end.
    Raises ValueError for other lengths or rates, and names the first window that is not finite or constant.
    """
    x = check_windows("ppg_front_end", x, fs)
    if abs(x.shape[1] / fs - WINDOW_S) > TOLERANCE_S + 1e-9:
        raise ValueError(f"ppg_front_end: a window must last 10 s within {TOLERANCE_S} s, got {x.shape[1]} "
                         f"samples at {fs:g} Hz = {x.shape[1] / fs:.2f} s; cut the recording with "
                         "split_windows, or correct fs")
    blocks = [_front_end_block(x[start:start + BLOCK], fs) for start in range(0, len(x), BLOCK)]
    return np.concatenate(blocks)


def _front_end_block(x: np.ndarray, fs: float) -> np.ndarray:
    spread = np.abs(x - np.median(x, axis=1, keepdims=True)).max(axis=1, keepdims=True)
    x = fit_length(resample(x / spread, fs, MODEL_FS), WINDOW_SAMPLES)
    x = bandpass(x, MODEL_FS, *BAND_HZ)
    x = robust_scale(x * polarity(x, MODEL_FS)[:, None])
    return np.clip(x, -CLIP, CLIP).astype(np.float32)


def robust_scale(x: np.ndarray) -> np.ndarray:
    """(x - median) / (half the distance of the 5th and 95th percentiles), per window."""
    low, middle, high = np.percentile(x, [5, 50, 95], axis=1, keepdims=True)
    return (x - middle) / np.maximum((high - low) / 2, 1e-9)


__all__ = ["bandpass", "check_windows", "find_beats", "heart_rate", "polarity", "ppg_front_end", "resample",
           "robust_scale", "split_windows"]
