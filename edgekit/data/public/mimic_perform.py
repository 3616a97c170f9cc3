"""MIMIC PERform AF: 35 patients for 20 minutes, 19 in atrial fibrillation, 16 in sinus rhythm, pulse at 125 Hz.

Charlton et al., Physiological Measurement 43 (2022). `mimic_perform_{af,non_af}_csv/mimic_perform_*_NNN_data.csv`
with the header `Time,PPG,ECG,resp` and gaps as NaN.
"""

import re
from pathlib import Path

import numpy as np

from edgekit.data.dataset import Dataset
from edgekit.data.public.place import find
from edgekit.data.public.pulse_windows import Windows, cut, gather
from edgekit.data.public.splits import by_fifth, check_split
from edgekit.data.public.table import check_rate, read_table

FS = 125.0
CLASSES = ("sinus", "atrial_fibrillation")
NAME = re.compile(r"mimic_perform_(af|non_af)_(\d{3})_data\.csv")
AF_GROUP = 1000  # patients are numbered twice; those in atrial fibrillation lie above


def load(folder=None, split: str = "train", seconds: float = 10.0, step_s: float = 10.0) -> Dataset:
    """Windows x (N, 125 seconds) of PPG; extras: start_s, dropped; group: the patient (1000 + number with AF).

    The label is that of the patient: "sinus" also holds rates below 60 and above 100, and no window was looked at
    by itself. Windows with NaN and constant ones are dropped and counted. There is no official split: within each
    rhythm every fifth patient validates and every fifth tests.
    """
    check_split("mimic_perform_af", split, ("train", "val", "test", "all"))
    parts = []
    for label, kind in enumerate(("non_af", "af")):
        patients = _patients(kind, folder)
        chosen = np.array(sorted(patients))[by_fifth(sorted(patients), split)]
        parts += [(_windows(patients[n], seconds, step_s), label, label * AF_GROUP + int(n)) for n in chosen]
    return gather("mimic_perform_af", split, parts, CLASSES, FS)


def _patients(kind: str, folder) -> dict[int, Path]:
    """Number -> file, for one of the two groups."""
    root = find("mimic_perform_af", f"mimic_perform_{kind}_[0-9]*_data.csv", folder)
    found = {}
    for path in sorted(root.glob("mimic_perform_*_data.csv")):
        match = NAME.fullmatch(path.name)
        if not match:
            raise ValueError(f"mimic_perform_af: {path} is no file of the set, expected "
                             f"mimic_perform_{kind}_NNN_data.csv; move it away")
        if match[1] == kind:
            found[int(match[2])] = path
    return found


def _windows(path: Path, seconds: float, step_s: float) -> Windows:
    time, x = read_table(path, ("Time", "PPG")).T
    check_rate(path, time, FS)
    return cut(path, x, FS, seconds, step_s)
