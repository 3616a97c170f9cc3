"""Welltory: 21 finger-camera pulse recordings of 13 healthy people, with the RR intervals of a chest strap (CC0).

Neshitov et al., Wavelet Analysis and Self-Similarity of Photoplethysmography Signals for HRV Estimation and
Quality Assessment, Sensors 21 (2021) 6798. Layout: `data/subject_NN/PPG.csv` (time in ms, R, G, B camera means at
26-30 frames/s) and `RR.txt` (ms). A frame grows darker with more blood, so the pulse points down.
"""

from pathlib import Path

import numpy as np

from edgekit.data.public.recording import Recording, data_dir, read_columns, read_lines
from edgekit.data.signal import bandpass

CHANNELS = ("R", "G", "B")
FS = 50.0
FASTEST_MS, SLOWEST_MS, PAUSE_MS = 10.0, 100.0, 1000.0  # time between frames: usual, and at most


def subjects(folder=None) -> list[str]:
    """The recordings in the folder `welltory` of the public data: "subject_01" ... in order."""
    root = _root(folder)
    names = sorted(path.name for path in (root / "data").glob("subject_*") if path.is_dir())
    if not names:
        raise FileNotFoundError(f"welltory: no data/subject_NN below {root}; unpack the data set there")
    return names


def load(subject: str, channel: str = "best", folder=None, fs: float = FS) -> Recording:
    """One recording, its frames brought from the camera's irregular times to `fs` Hz by straight lines.

    Pauses of the camera of up to a second are bridged so (the longest in the set lasts .61 s); longer ones are errors.
    channel: "R", "G", "B", or "best", the one with the clearest rhythm. `rr` are the strap's intervals in s.
    Raises ValueError for a malformed file, naming line and offender, and for an unknown channel.
    """
    if channel not in (*CHANNELS, "best"):
        raise ValueError(f"welltory.load: channel must be R, G, B or best, got {channel!r}")
    place = _root(folder) / "data" / subject
    frames = read_columns(place / "PPG.csv", ("time", *CHANNELS))
    time = _rising(place / "PPG.csv", frames[:, 0]) / 1000
    grid = np.arange(time[0], time[-1], 1 / fs)
    colours = [np.interp(grid, time, frames[:, 1 + i]) for i in range(3)]
    chosen = int(np.argmax([clarity(x, fs) for x in colours])) if channel == "best" else CHANNELS.index(channel)
    return Recording(f"welltory {subject} {CHANNELS[chosen]}", colours[chosen], fs, "real", "CC0-1.0",
                     _intervals(place / "RR.txt"))


def clarity(x: np.ndarray, fs: float) -> float:
    """How rhythmic (L,) is: the highest autocorrelation at lags of .33-1.5 s, in the band 0.7-4 Hz; 0 if constant."""
    if np.ptp(x) == 0:
        return 0.0
    y = bandpass(x, fs, 0.7, 4.0)
    power = np.abs(np.fft.rfft(y, 2 * len(y))) ** 2
    correlation = np.fft.irfft(power)[:len(y)] / power.mean()
    return float(correlation[int(0.33 * fs):int(1.5 * fs)].max())


def _root(folder) -> Path:
    root = data_dir(folder, "welltory")
    return root / "welltory" if (root / "welltory").is_dir() else root


def _rising(path: Path, time: np.ndarray) -> np.ndarray:
    bad = np.flatnonzero(np.diff(time) <= 0)
    if bad.size:
        raise ValueError(f"{path}, line {bad[0] + 3}: time {time[bad[0] + 1]:g} ms is not after {time[bad[0]]:g} ms; "
                         "the file is damaged, fetch it again")
    steps = np.diff(time)
    if not SLOWEST_MS >= np.median(steps) >= FASTEST_MS:
        raise ValueError(f"{path}: {1000 / np.median(steps):.4g} frames/s by its times, expected "
                         f"{1000 / SLOWEST_MS:g}..{1000 / FASTEST_MS:g}; times must be in ms, correct them or fetch it "
                         "again")
    if steps.max() > PAUSE_MS:
        raise ValueError(f"{path}, line {int(steps.argmax()) + 3}: a gap of {steps.max():g} ms, expected at most "
                         f"{PAUSE_MS:g}; cut the recording there")
    return time


def _intervals(path: Path) -> np.ndarray:
    words = " ".join(read_lines(path)).split()
    bad = [word for word in words if not word.isdigit() or not 200 <= int(word) <= 3000]
    if bad or not words:
        raise ValueError(f"{path}: expected intervals of 200..3000 ms, got {bad[0] if bad else 'none'!r}; "
                         "correct or fetch it again")
    return np.array(words, dtype=np.float64) / 1000
