"""Beats and heart rate of a pulse recording, without a model.

A beat is a rise of the wave that is tall enough. Two readers look at the same window: a *calm* one, smoothed, for
regular rhythms, and a *keen* one for irregular rhythms, which sees small and early beats too.
Settings were chosen on synthetic subjects of a seed of their own, and against others on the validation split.
"""

from dataclasses import dataclass

import numpy as np

from edgekit.data.signal import bandpass, resample
from edgekit.data.windows import check_windows, fit_length, polarity

FS = 100.0
PIECE_S = 10.0  # a longer recording is judged in pieces, since its amplitude drifts


@dataclass(frozen=True)
class Reader:
    """How to look for beats: the band in Hz, the smallest rise, the rise below which a beat may be an echo, the
    share of beats with an echo from which echoes are dropped (rises in parts of the usual one), the shortest
    interval in s, and by how much a doubled lag must correlate better to say that every beat was counted twice."""

    low_hz: float
    high_hz: float
    smallest: float
    small: float
    echoes: float
    refractory_s: float
    doubled: float


CALM = Reader(0.58, 2.84, 0.41, 0.54, 0.52, 0.32, 0.44)
KEEN = Reader(0.73, 6.85, 0.36, 0.53, 0.88, 0.32, 0.52)
REGULAR, REGULAR_SHARE, LOUD, SLACK, PAIR_S = 0.15, 0.40, 1.65, 0.80, 1.4


def heart_rate(x, fs: float):
    """The heart rate in bpm, 60 / mean interval: (N,) for windows (N, L), a float for one recording (L,).

    Any rate (20..1000 Hz), unit and polarity; at least 4 s. Of a recording of 20 s or more the median over 10 s
    pieces, every 5 s, is given. A window without beats gives NaN.
    Raises ValueError for NaN, infinite or constant windows, and for less than 4 s.
    """
    windows = check_windows("heart_rate", x, fs)
    if windows.shape[1] < 4 * fs:
        raise ValueError(f"heart_rate: need at least 4 s, got {windows.shape[1]} samples at {fs:g} Hz = "
                         f"{windows.shape[1] / fs:.2f} s; join windows or correct fs")
    rates = np.array([_recording_rate(_pieces(window, fs), fs) for window in windows])
    return float(rates[0]) if np.ndim(x) == 1 else rates


def find_beats(x, fs: float, reader: Reader = KEEN) -> list[np.ndarray]:
    """The moments in s at which the pulse rises fastest: one array for each window (N, L) or (1, L)."""
    wave = _prepare(check_windows("find_beats", x, fs), fs, reader)
    return [_moments(one, reader) / FS for one in wave]


def _pieces(window: np.ndarray, fs: float) -> np.ndarray:
    """(P, L): the window itself, or 10 s pieces of a long one without those that are flat."""
    length = round(PIECE_S * fs)
    if len(window) < 2 * length:
        return window[None]
    pieces = np.lib.stride_tricks.sliding_window_view(window, length)[::round(5 * fs)]
    return pieces[np.ptp(pieces, axis=1) > 0]


def _recording_rate(pieces: np.ndarray, fs: float) -> float:
    calm, keen = (_prepare(pieces, fs, reader) for reader in (CALM, KEEN))
    rates = [_window_rate(*waves) for waves in zip(calm, keen, strict=True)]
    found = [rate for rate in rates if np.isfinite(rate)]
    return float(np.median(found)) if found else float("nan")


def _prepare(x: np.ndarray, fs: float, reader: Reader) -> np.ndarray:
    """(N, L) at any rate -> upright, band-passed, at 100 Hz."""
    spread = np.abs(x - np.median(x, axis=1, keepdims=True)).max(axis=1, keepdims=True)
    x = fit_length(resample(x / spread, fs, FS), round(x.shape[1] * FS / fs))
    sign = polarity(bandpass(x, FS, 0.5, 8.0), FS)[:, None]
    return sign * bandpass(x, FS, reader.low_hz, reader.high_hz)


def _window_rate(calm: np.ndarray, keen: np.ndarray) -> float:
    """The regular rate where the calm reader finds one, else the beats that the keen reader counts."""
    rate, regular = rate_of_beats(calm, _moments(calm, CALM), CALM)
    return rate if regular else rate_of_beats(keen, _moments(keen, KEEN), KEEN)[0]


def _moments(wave: np.ndarray, reader: Reader) -> np.ndarray:
    """Samples of the steepest rise of each beat of one `wave` (L,)."""
    slope = np.diff(wave)
    peak = np.flatnonzero((slope[:-1] > 0) & (slope[1:] <= 0)) + 1
    peak = _drop_ripples(wave, peak)
    peak = _drop_close(wave, peak, reader.refractory_s * FS)
    peak = _drop_echoes(wave, peak, reader)
    if len(peak) == 0:
        return peak
    foot, _ = rises(wave, peak)
    return np.array([f + np.argmax(slope[f:p]) if p > f else p for f, p in zip(foot, peak, strict=True)], dtype=int)


def rises(wave: np.ndarray, peak: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The foot before each peak (the lowest sample since the peak before) and the rise from it."""
    since = np.concatenate([[0], peak[:-1]]).astype(int)
    foot = np.array([a + np.argmin(wave[a:b + 1]) for a, b in zip(since, peak, strict=True)], dtype=int)
    return foot, wave[peak] - wave[foot]


def usual_rise(rise: np.ndarray) -> float:
    """The median of the rises weighted by themselves, cut at twice the 85th percentile: ripples hardly count, and
    a few jolts no more than beats."""
    return float(_weighted_median(np.sort(np.minimum(rise, 2 * np.percentile(rise, 85)))))


def _weighted_median(ordered: np.ndarray) -> float:
    total = np.cumsum(ordered)
    return ordered[min(np.searchsorted(total, total[-1] / 2), len(ordered) - 1)]


def _drop_ripples(wave: np.ndarray, peak: np.ndarray) -> np.ndarray:
    while len(peak):
        _, rise = rises(wave, peak)
        ripple = rise < 0.12 * usual_rise(rise)
        if not ripple.any():
            break
        peak = peak[~ripple]
    return peak


def _drop_close(wave: np.ndarray, peak: np.ndarray, closest: float) -> np.ndarray:
    """Of two peaks closer than `closest` samples the smaller goes, the closest pair first."""
    while len(peak) > 1:
        gap = np.diff(peak)
        i = int(np.argmin(gap))
        if gap[i] >= closest:
            break
        _, rise = rises(wave, peak)
        peak = np.delete(peak, i if rise[i] < rise[i + 1] else i + 1)
    return peak


def _drop_echoes(wave: np.ndarray, peak: np.ndarray, reader: Reader) -> np.ndarray:
    """Drop rises that are too small, and the small ones after tall beats where most beats have one: dicrotic waves."""
    if len(peak) < 2:
        return peak
    _, rise = rises(wave, peak)
    usual = usual_rise(rise)
    tall = rise >= reader.small * usual
    if tall.all() or tall.sum() < 2:
        return peak
    before = np.searchsorted(peak[tall], peak) - 1
    soon = peak - peak[tall][np.maximum(before, 0)] < 0.65 * np.median(np.diff(peak[tall]))
    echo = ~tall & (before >= 0) & soon
    habit = len(np.unique(before[echo])) >= reader.echoes * max(1, tall.sum() - 1)
    return peak[(rise >= reader.smallest * usual) & ~(echo & habit)]


def rate_of_beats(wave: np.ndarray, beat: np.ndarray, reader: Reader) -> tuple[float, bool]:
    """(bpm, regular?) of the `beat` samples of one wave; NaN with fewer than three beats.

    Regular: at least 40 % of the quiet time lies in intervals within 15 % of the usual one. Then a disturbed stretch
    counts as many intervals as fit into it. Otherwise 60 x intervals / their time, loud stretches left out.
    """
    beat = _halve_doubled(wave, beat, reader.doubled)
    interval = np.diff(beat) / FS
    if len(interval) < 2:
        return float("nan"), False
    loud = _loud(wave, beat)
    if interval[~loud].sum() < 4:
        loud[:] = False
    usual = _weighted_median(np.sort(interval[~loud]))
    even = (np.abs(interval / usual - 1) < REGULAR) & ~loud
    if not even.any() or interval[even].sum() < REGULAR_SHARE * interval[~loud].sum():
        return float(60 * (~loud).sum() / interval[~loud].sum()), False
    return float(60 * _count(interval, even, loud) / interval.sum()), True


def _count(interval: np.ndarray, even: np.ndarray, loud: np.ndarray) -> float:
    """How many beats a regular window holds: stretches that are not even count by what fits, if that differs."""
    usual, count = interval[even].mean(), even.sum()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], ~even, [0]]).astype(int)))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        fits, seen = interval[start:stop].sum() / usual, stop - start
        trusted = (abs(seen - fits) <= SLACK or seen == 1) and not loud[start:stop].any()
        count += seen if trusted else max(1, round(fits))
    return count


def _loud(wave: np.ndarray, beat: np.ndarray) -> np.ndarray:
    """Which intervals touch a beat much taller than the median: movement."""
    lift = np.array([wave[i:i + 30].max() - wave[max(0, i - 25):i + 1].min() for i in beat])
    tall = lift > LOUD * np.median(lift)
    return tall[1:] | tall[:-1]


def _halve_doubled(wave: np.ndarray, beat: np.ndarray, margin: float) -> np.ndarray:
    """Every second beat, where pairs repeat within 1.4 s and the wave resembles itself after a pair, not after one."""
    if len(beat) < 6:
        return beat
    pair = beat[2:] - beat[:-2]
    two = np.median(pair)
    steady = np.mean(np.abs(pair / two - 1) < 0.1) >= 0.7
    if not steady or two / FS >= PAIR_S or _likeness(wave, two) - _likeness(wave, two / 2) <= margin:
        return beat
    tall = wave[np.minimum(beat + 8, len(wave) - 1)]
    return beat[0 if tall[::2].mean() > tall[1::2].mean() else 1::2]


def _likeness(wave: np.ndarray, lag: float) -> float:
    a, b = wave[:-round(lag)], wave[round(lag):]
    return float(a @ b / np.sqrt((a @ a) * (b @ b) + 1e-12))
