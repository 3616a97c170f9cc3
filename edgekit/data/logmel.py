"""Log-mel features of sound: how strong each band of pitch is, frame by frame, in decibels. NumPy only.

    X_t(f) = sum_n w(n) x(t H + n) exp(-2 pi i f n / N),   P_t(b) = sum_f M(b, f) |X_t(f)|^2,
    L_t(b) = 10 log10(P_t(b)),   N = 1024 (64 ms), H = 480 (30 ms), w Hann, M triangles on the mel scale.

One second at 16 kHz gives 32 frames of 40 bands. `logmel_q15` does the same in integers.
"""

import numpy as np

FS = 16_000
FRAME, HOP, BANDS = 1024, 480, 40
WINDOW_FRAMES = 32  # frames of one second
LOW_HZ, HIGH_HZ = 20.0, 8000.0
FLOOR_DB, STEP_DB = -120.0, 1.0  # codes: code c stands for FLOOR_DB + c STEP_DB


def mel(hz):
    """Pitch in mel, 2595 log10(1 + f / 700). Source: O'Shaughnessy 1987.

    >>> round(float(mel(1000.0)))
    1000
    """
    return 2595 * np.log10(1 + np.asarray(hz, dtype=np.float64) / 700)


def mel_weights(bands: int = BANDS, frame: int = FRAME, fs: float = FS, low_hz: float = LOW_HZ,
                high_hz: float = HIGH_HZ) -> np.ndarray:
    """M (bands, frame // 2 + 1): triangles of height 1 whose corners are equally spaced in mel.

    Raises ValueError unless 0 <= low < high <= fs / 2, or where a band would hold no bin of the transform.
    """
    if not 0 <= low_hz < high_hz <= fs / 2:
        raise ValueError(f"mel_weights: expected 0 <= low_hz < high_hz <= fs / 2, got {low_hz!r}, {high_hz!r} "
                         f"at fs={fs!r}")
    corners = 700 * (10 ** (np.linspace(mel(low_hz), mel(high_hz), bands + 2) / 2595) - 1)
    f = np.arange(frame // 2 + 1) * fs / frame
    left, top, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    weights = np.clip(np.minimum((f - left) / (top - left), (right - f) / (right - top)), 0, None)
    empty = np.flatnonzero(weights.sum(axis=1) == 0)
    if empty.size:
        raise ValueError(f"mel_weights: band {empty[0]} of {bands} holds no bin of a {frame}-point transform; "
                         "take fewer bands or a longer frame")
    return weights


def hann(frame: int = FRAME) -> np.ndarray:
    """The periodic Hann window (frame,): 1/2 - 1/2 cos(2 pi n / N)."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)


def frames(x: np.ndarray, frame: int = FRAME, hop: int = HOP) -> np.ndarray:
    """Overlapping pieces (..., T, frame) of a signal (..., L), T = 1 + (L - frame) // hop.

    Raises ValueError for a signal shorter than one frame.
    """
    x = np.asarray(x)
    if x.shape[-1] < frame:
        raise ValueError(f"frames: the signal has {x.shape[-1]} samples, expected at least {frame} "
                         f"({1000 * frame / FS:.0f} ms at {FS} Hz)")
    return np.lib.stride_tricks.sliding_window_view(x, frame, axis=-1)[..., ::hop, :]


def power_db(x: np.ndarray) -> np.ndarray:
    """Log-mel of sound (..., L) at 16 kHz, full scale 1: (..., T, 40) float64 in dB, at least FLOOR_DB.

    0 dB is about a sine of full scale: powers are divided by (N / 4)^2, the peak of its windowed spectrum.

    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> power_db(tone).shape, round(float(power_db(tone).max()))
    ((32, 40), 1)
    """
    x = np.asarray(x, dtype=np.float64)
    if x.ndim > 1:
        return np.stack([power_db(row) for row in x])
    spectrum = np.fft.rfft(frames(x) * hann(), axis=-1)
    power = (spectrum.real ** 2 + spectrum.imag ** 2) @ mel_weights().T / (FRAME / 4) ** 2
    return 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))


def to_codes(db: np.ndarray) -> np.ndarray:
    """Decibels as uint8 codes of STEP_DB from FLOOR_DB up; what is louder or softer takes the end code.

    >>> to_codes(np.array([-120.0, -50.4, 300.0])).tolist()
    [0, 70, 255]
    """
    return np.clip(np.round((np.asarray(db) - FLOOR_DB) / STEP_DB), 0, 255).astype(np.uint8)


def from_codes(codes: np.ndarray) -> np.ndarray:
    """The decibels (float32) that codes stand for."""
    return (FLOOR_DB + STEP_DB * np.asarray(codes)).astype(np.float32)


def windows(features: np.ndarray) -> np.ndarray:
    """Whole seconds of features (N, T, bands) -> (N, T // 32, 32, bands); the rest at the end is left out."""
    count = features.shape[1] // WINDOW_FRAMES
    if count < 1:
        raise ValueError(f"windows: {features.shape[1]} frames are less than one second ({WINDOW_FRAMES} frames)")
    return features[:, :count * WINDOW_FRAMES].reshape(len(features), count, WINDOW_FRAMES, features.shape[-1])


def model_input(features: np.ndarray) -> np.ndarray:
    """(N, 32, bands) dB -> (N, 32, bands, 1) float32 for a network: (L - mean over the window) / 10 dB.

    The mean goes because it is the gain of the recorder and says nothing about the machine.
    """
    features = np.asarray(features, dtype=np.float32)
    level = features.mean(axis=(1, 2), keepdims=True)
    return ((features - level) / np.float32(10.0))[..., None]
