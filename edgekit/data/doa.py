"""Where a sound comes from: delays between microphones, and the direction that explains them best.

GCC-PHAT: the cross-correlation of two channels whose spectrum is set to modulus 1, so that every frequency counts
alike and the peak is sharp. Source: Knapp and Carter 1976; summed over pairs: DiBiase 2000 (SRP-PHAT).
"""

from itertools import combinations

import numpy as np

SPEED_OF_SOUND = 343.0  # m/s


def cross_spectrum(x: np.ndarray, y: np.ndarray, frame: int = 1024, band_hz=(200.0, 7000.0),
                   fs: float = 16_000) -> np.ndarray:
    """Mean of X Y* over half-overlapping frames, then modulus 1 inside the band and 0 outside: (frame + 1,).

    Frames are padded with as many zeros, so that delays up to `frame` samples do not wrap.
    """
    pieces = [np.lib.stride_tricks.sliding_window_view(np.asarray(s, dtype=np.float64), frame)[::frame // 2]
              for s in (x, y)]
    shape = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)
    first, second = (np.fft.rfft(p * shape, 2 * frame) for p in pieces)
    mean = (first * second.conj()).mean(axis=0)
    hz = np.fft.rfftfreq(2 * frame, 1 / fs)
    inside = (hz >= band_hz[0]) & (hz <= band_hz[1])
    return np.where(inside, mean / np.maximum(np.abs(mean), 1e-30), 0.0)


def delay_s(x: np.ndarray, y: np.ndarray, fs: float = 16_000, longest_s: float = 0.001, step_s: float = 1e-6,
            band_hz=(200.0, 7000.0)) -> float:
    """By how many seconds `x` comes after `y`: the highest point of GCC-PHAT within +-longest_s, to step_s.

    Raises ValueError for channels of different or too short length.

    >>> noise = np.random.default_rng(0).standard_normal(8000)
    >>> round(delay_s(np.roll(noise, 3), noise) * 16000, 1)
    3.0
    """
    x, y = _channels("delay_s", np.stack(np.broadcast_arrays(x, y)) if np.shape(x) == np.shape(y) else (x, y))
    lags = np.arange(-longest_s, longest_s + step_s / 2, step_s)
    return float(lags[np.argmax(_at(cross_spectrum(x, y, fs=fs, band_hz=band_hz), lags, fs))])


def azimuth_deg(audio: np.ndarray, positions: np.ndarray, fs: float = 16_000, step_deg: float = 1.0,
                band_hz=(200.0, 7000.0)) -> float:
    """Direction of the strongest source in degrees counter-clockwise from the x axis of the array, in 0..360.

    audio (C, L), positions (C, 3) or (C, 2) in m about the centre, C >= 3. For each direction u the delays of a plane
    wave, -p . u / v, are looked up in the GCC-PHAT of every pair; the direction with the largest sum wins.
    Raises ValueError for fewer than three channels, or shapes that disagree.
    """
    audio, positions = _channels("azimuth_deg", audio), np.asarray(positions, dtype=np.float64)[:, :2]
    if len(audio) < 3 or len(positions) != len(audio):
        raise ValueError(f"azimuth_deg: expected three or more channels and a position for each, got {len(audio)} "
                         f"channels and {len(positions)} positions")
    grid = np.deg2rad(np.arange(0.0, 360.0, step_deg))
    delays = -np.stack([np.cos(grid), np.sin(grid)], axis=1) @ positions.T / SPEED_OF_SOUND
    score = sum(_at(cross_spectrum(audio[a], audio[b], fs=fs, band_hz=band_hz), delays[:, a] - delays[:, b], fs)
                for a, b in combinations(range(len(audio)), 2))
    return float(np.rad2deg(grid[np.argmax(score)]))


def _at(spectrum: np.ndarray, lags_s: np.ndarray, fs: float) -> np.ndarray:
    """The correlation that belongs to the cross spectrum, at any lags: Re sum_f S(f) exp(2 pi i f lag)."""
    hz = np.arange(len(spectrum)) * fs / (2 * (len(spectrum) - 1))
    used = np.flatnonzero(spectrum)
    return (np.exp(2j * np.pi * np.outer(lags_s, hz[used])) @ spectrum[used]).real


def _channels(caller: str, audio) -> np.ndarray:
    lengths = {len(channel) for channel in audio}
    if len(lengths) != 1 or min(lengths) < 1024:
        raise ValueError(f"{caller}: channels must be equally long, at least 1024 samples, got {sorted(lengths)}")
    return np.asarray(audio, dtype=np.float64)
