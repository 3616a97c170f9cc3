"""Wearable pulse: name the rhythm of a 10 s window, and count its heart rate."""

import numpy as np

from edgekit.core.metrics import macro_f1
from edgekit.data.features import TOLERANCE_S, ppg_front_end
from edgekit.data.windows import WINDOW_S, split_windows
from edgekit.tasks.task import Task

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
)
