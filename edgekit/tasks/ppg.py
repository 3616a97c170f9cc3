"""Wearable pulse: name the rhythm of a 10 s window, and count its heart rate."""

import numpy as np

from edgekit.core.metrics import macro_f1
from edgekit.data import features
from edgekit.data.features import TOLERANCE_S, ppg_front_end
from edgekit.data.windows import WINDOW_S, split_windows
from edgekit.graph.run import predict
from edgekit.tasks.beats import THRESHOLDS, beat_times, fine_marks, rate
from edgekit.tasks.task import Task

DOUBT_BPM = 6.0  # one beat in 10 s
CLASS_NAMES = ("sinus", "bradycardia", "tachycardia", "atrial_fibrillation", "ectopic", "artefact")


def front_end(x, fs):
    """Raw windows (N, L) at `fs` Hz -> model input (N, 1, 1000, 1): 100 Hz, band-passed, upright, scaled."""
    return ppg_front_end(x, fs)[:, None, :, None]


def cut(x, fs):
    """Recordings (N, L) or (N, L, 1) -> (windows of 10 s with 5 s hop, index of the recording of each)."""
    x = x[..., 0] if x.ndim == 3 and x.shape[2] == 1 else x
    if x.ndim != 2:
        raise ValueError(f"ppg: x must hold one pulse signal per example, shape (N, L), got {x.shape}")
    if x.shape[1] <= (WINDOW_S + TOLERANCE_S) * fs:
        return x, np.arange(len(x))
    pieces = [split_windows(row, fs, WINDOW_S / 2) for row in x]
    return np.concatenate(pieces), np.repeat(np.arange(len(x)), [len(part) for part in pieces])


def heart_rate(x, fs):
    """Return the heart rate in bpm of each raw window (N, L) of 10 s at `fs` Hz, (N,) float64.

    One beat too many is 6 bpm in a window of 10 s: several count, one judges. `features.heart_rate` counts
    upstrokes; the network `ppg-beats` marks beats, read boldly and carefully. The network `ppg-rate`, trained to name
    the rate alone, judges: the count nearest to its rate is taken, and where even that is more than 6 bpm away, the
    mean of both.
    """
    from edgekit.nn import zoo

    inputs = front_end(x, fs)
    judge = predict(zoo.load("ppg-rate-int8"), inputs)[:, 0].astype(np.float64)
    marks = fine_marks(zoo.load("ppg-beats-int8"), inputs)
    readings = [[rate(beat_times(row, threshold)) for row in marks] for threshold in THRESHOLDS]
    return settle(np.stack([features.heart_rate(x, fs), *readings]), judge)


def settle(counted, judge):
    """Return one rate per window from rates `counted` (methods, N), NaN where none was found, and `judge` (N,).

    >>> settle(np.array([[60.0, 72.0, np.nan], [66.0, 80.0, np.nan]]), np.array([61.0, 90.0, 75.0])).tolist()
    [60.0, 85.0, 75.0]
    """
    distance = np.where(np.isfinite(counted), np.abs(counted - judge), np.inf)
    nearest = np.take_along_axis(counted, distance.argmin(axis=0)[None], axis=0)[0]
    least = distance.min(axis=0)
    return np.where(least <= DOUBT_BPM, nearest, np.where(np.isfinite(least), (nearest + judge) / 2, judge))


TASK = Task(
    "ppg",
    "Rhythm from a wearable pulse sensor",
    "ppg",
    "ppg-cnn",
    CLASS_NAMES,
    "macro_f1",
    lambda y, predicted: macro_f1(y, predicted, len(CLASS_NAMES)),
    0.01,
    front_end,
    cut,
    ("ppg-rate", "ppg-beats"),
)
