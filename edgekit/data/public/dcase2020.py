"""DCASE 2020 Challenge Task 2 (development set): find anomalous machine sound having heard only normal sound.

Koizumi et al., arXiv:2006.05822. `dev_data/<machine>/{train,test}/{normal,anomaly}_id_NN_NNNNNNNN.wav`, mono,
16 kHz, 10 s (ToyCar 11 s); train holds normal clips only.
"""

import re

import numpy as np

from edgekit.core.metrics import auc
from edgekit.data.dataset import Dataset
from edgekit.data.public.clips import reader
from edgekit.data.public.index import Index
from edgekit.data.public.place import find
from edgekit.data.public.splits import check_split, every_tenth

FS = 16000
CLASSES = ("normal", "anomaly")
MACHINES = ("ToyCar", "ToyConveyor", "fan", "pump", "slider", "valve")
NAME = re.compile(r"(normal|anomaly)_id_(\d\d)_(\d{8})\.wav")
MAX_FPR = 0.1


def index(folder=None, split: str = "train", machine: str = "ToyCar") -> Index:
    """The clips of one machine, not yet read; group is the unit.

    test is the official one; of the training folder every tenth clip of each unit validates.
    Raises FileNotFoundError for a missing folder, ValueError for a name that is none of the set, or an anomaly
    in the training folder.
    """
    check_split("dcase2020", split, ("train", "val", "test"))
    if machine not in MACHINES:
        raise ValueError(f"dcase2020: machine must be {' or '.join(MACHINES)}, got {machine!r}")
    kind = "test" if split == "test" else "train"
    root = find("dcase2020", f"{machine}/{kind}/*.wav", folder) / machine / kind
    paths = sorted(root.glob("*.wav"))
    y, unit = np.array([_parse(path, kind) for path in paths]).T
    found = Index("dcase2020", split, tuple(paths), y, CLASSES, reader(FS, 1), float(FS), unit)
    if split == "test":
        return found
    held = every_tenth(unit)
    return found.subset(held if split == "val" else ~held)


def load(folder=None, split: str = "train", machine: str = "ToyCar", limit: int | None = None) -> Dataset:
    """Clips x (N, frames) int16 of one machine; ValueError if all are too many for memory."""
    return index(folder, split, machine).load(limit)


def score(y, scores, group) -> dict[str, float]:
    """The official metric: AUC and pAUC (false positives up to 10 %) of each unit, averaged over the units.

    y: (N,) 1 for anomaly; scores: (N,) higher for more anomalous; group: (N,) units.

    >>> score([0, 1, 0, 1], [0.1, 0.9, 0.5, 0.2], [1, 1, 2, 2])["auc"]
    0.5
    """
    y, scores, group = np.asarray(y), np.asarray(scores), np.asarray(group)
    units = [group == unit for unit in np.unique(group)]
    return {"auc": float(np.mean([auc(y[unit], scores[unit]) for unit in units])),
            "pauc": float(np.mean([auc(y[unit], scores[unit], MAX_FPR) for unit in units]))}


def _parse(path, kind: str) -> tuple[int, int]:
    match = NAME.fullmatch(path.name)
    if not match:
        raise ValueError(f"dcase2020: {path} is no clip of the set, expected normal_id_NN_NNNNNNNN.wav or anomaly_...; "
                         "it does not belong there, move it away")
    if kind == "train" and match[1] == "anomaly":
        raise ValueError(f"dcase2020: {path} is an anomaly in the training folder, which holds normal sound only; "
                         "move it to test, or fetch the set again")
    return CLASSES.index(match[1]), int(match[2])
