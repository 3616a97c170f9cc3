"""BIDMC: 53 recordings of 8 minutes from intensive care: pulse, ECG, breath, and the monitor's numbers.

Pimentel et al., IEEE Transactions on Biomedical Engineering 64 (2017). `bidmc_csv/bidmc_NN_Signals.csv` at 125 Hz
(`Time [s], RESP, PLETH, ...`, with spaces after the commas) and `bidmc_NN_Numerics.csv` at 1 Hz (`HR`, `RESP`, ...).
"""

from pathlib import Path

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.place import find
from edgekit.data.public.pulse_windows import Windows, cut, gather
from edgekit.data.public.splits import by_fifth, check_split
from edgekit.data.public.table import check_rate, read_table

FS = 125.0
CLASSES = ("unlabelled",)


def load(folder=None, split: str = "train", seconds: float = 10.0, step_s: float = 10.0) -> Dataset:
    """Windows x (N, 125 seconds) of PLETH; extras: bpm and breaths (per min), start_s, dropped; group: the recording.

    bpm and breaths are the means of the monitor's HR (from the ECG) and RESP over the window. Windows with NaN,
    constant ones and those without any HR are dropped and counted. There is no official split: every fifth
    recording validates, every fifth tests. Nobody labelled the rhythm: the one class is "unlabelled".
    """
    check_split("bidmc", split, ("train", "val", "test", "all"))
    root = find("bidmc", "bidmc_*_Signals.csv", folder)
    numbers = sorted(int(path.name.split("_")[1]) for path in root.glob("bidmc_[0-9][0-9]_Signals.csv"))
    chosen = np.array(numbers)[by_fifth(numbers, split)]
    parts = [(_windows(root, int(number), seconds, step_s), 0, int(number)) for number in chosen]
    return gather("bidmc", split, parts, CLASSES, FS)


def _windows(root: Path, number: int, seconds: float, step_s: float) -> Windows:
    path = root / f"bidmc_{number:02d}_Signals.csv"
    time, pleth = read_table(path, ("Time [s]", "PLETH")).T
    check_rate(path, time, FS)
    found = cut(path, pleth, FS, seconds, step_s)
    numerics = root / f"bidmc_{number:02d}_Numerics.csv"
    second, rate, breaths = read_table(numerics, ("Time [s]", "HR", "RESP")).T
    check_rate(numerics, second, 1.0)
    extras = {"bpm": _means(second, rate, found.start_s, seconds),
              "breaths": _means(second, breaths, found.start_s, seconds)}
    return Windows(found.x, found.start_s, found.dropped, extras).keep(np.isfinite(extras["bpm"]))


def _means(second: np.ndarray, values: np.ndarray, start_s: np.ndarray, seconds: float) -> np.ndarray:
    """The mean of the values within each window, over those that are there; NaN where there is none."""
    known = np.isfinite(values)
    inside = (second >= start_s[:, None]) & (second < start_s[:, None] + seconds) & known
    count = inside.sum(axis=1)
    total = (inside * np.where(known, values, 0.0)).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
