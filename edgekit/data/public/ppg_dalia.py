"""PPG-DaLiA: 15 people, a wristband for two and a half hours each, from sitting to cycling; heart rate from the ECG.

Reiss et al., Sensors 19 (2019) 3079. `PPG_FieldStudy/S{n}/S{n}.pkl`: a dict written by Python 2. `signal.wrist.BVP`
(N, 1) at 64 Hz, `ACC` (N, 3) at 32 Hz; `label`: bpm of windows of 8 s, one every 2 s; `activity` (N, 1) at 4 Hz.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgekit.data import safe_pickle
from edgekit.data.dataset import Dataset
from edgekit.data.public.place import find
from edgekit.data.public.pulse_windows import Windows, cut, gather
from edgekit.data.public.splits import check_split, leave_one_out

FS, ACC_FS, ACTIVITY_FS = 64.0, 32.0, 4.0
LABEL_S, LABEL_STEP_S = 8.0, 2.0
ACTIVITIES = ("transition", "sitting", "stairs", "table_soccer", "cycling", "driving", "lunch", "walking", "working")
CLASSES = ("unlabelled",)
MAX_BYTES = 4 << 30


@dataclass(frozen=True)
class Subject:
    """One person: bvp (L,) at 64 Hz, acc (L/2, 3) at 32 Hz, bpm of 8 s every 2 s, activity (0..8) at 4 Hz or None."""

    number: int
    path: Path
    bvp: np.ndarray
    acc: np.ndarray
    bpm: np.ndarray
    activity: np.ndarray | None


def subjects(folder=None) -> list[int]:
    """The numbers of the people whose files are there."""
    root = find("ppg_dalia", "S[0-9]*/S[0-9]*.pkl", folder)
    return sorted(int(path.stem[1:]) for path in root.glob("S*/S*.pkl") if path.stem[1:].isdigit())


def subject(number: int, folder=None) -> Subject:
    """One person's signals. Raises FileNotFoundError, or ValueError naming the file and what it lacks."""
    root = find("ppg_dalia", "S[0-9]*/S[0-9]*.pkl", folder)
    path = root / f"S{number}" / f"S{number}.pkl"
    content = safe_pickle.load(path, MAX_BYTES)
    bvp = _part(path, content, ("signal", "wrist", "BVP"))
    acc = _part(path, content, ("signal", "wrist", "ACC"))
    bpm = _part(path, content, ("label",)).reshape(-1)
    activity = _part(path, content, ("activity",)).reshape(-1).astype(np.int64) if "activity" in content else None
    found = Subject(number, path, bvp.reshape(-1), acc, bpm, activity)
    _check(found)
    return found


def load(folder=None, split: str = "train", held_out: int = 1, seconds: float = 10.0, step_s: float = 10.0,
         acc: bool = False) -> Dataset:
    """Windows x (N, 64 seconds) of the wrist's pulse; extras: bpm, activity, start_s, dropped; group: the person.

    split: the person `held_out` tests, the next one validates, the others train. bpm is the mean of the published
    labels of the 8 s windows that lie within; `seconds=8, step_s=2` gives the official windows. acc=True adds
    the accelerometer (N, 32 seconds, 3) to the extras. Nobody labelled the rhythm: the one class is "unlabelled".
    Windows with NaN, constant ones and those without a label are dropped and counted.
    """
    check_split("ppg_dalia", split, ("train", "val", "test", "all"))
    if seconds < LABEL_S:
        raise ValueError(f"ppg_dalia: seconds must be at least {LABEL_S:g}, the length of a label, got {seconds!r}")
    numbers = subjects(folder)
    chosen = np.array(numbers)[leave_one_out("ppg_dalia", numbers, split, held_out)]
    parts = [(_windows(subject(int(number), folder), seconds, step_s, acc), 0, int(number)) for number in chosen]
    return gather("ppg_dalia", split, parts, CLASSES, FS)


def _windows(who: Subject, seconds: float, step_s: float, acc: bool) -> Windows:
    found = cut(who.path, who.bvp, FS, seconds, step_s)
    first = np.ceil(found.start_s / LABEL_STEP_S - 1e-9).astype(int)
    last = np.floor((found.start_s + seconds - LABEL_S) / LABEL_STEP_S + 1e-9).astype(int)
    bpm = np.array([who.bpm[a:b + 1].mean() if a <= b < len(who.bpm) else np.nan
                    for a, b in zip(first, last, strict=True)])
    extras = {"bpm": bpm}
    if who.activity is not None:
        extras["activity"] = np.array([_most(who.activity, start, seconds) for start in found.start_s], np.int64)
    if acc:
        places = np.round(found.start_s * ACC_FS).astype(int)[:, None] + np.arange(round(seconds * ACC_FS))
        extras["acc"] = who.acc[np.minimum(places, len(who.acc) - 1)].astype(np.float32)
    return Windows(found.x, found.start_s, found.dropped, extras).keep(np.isfinite(bpm))


def _most(activity: np.ndarray, start_s: float, seconds: float) -> int:
    """The activity of most of a window, 0 (transition) where it has none."""
    part = activity[round(start_s * ACTIVITY_FS):round((start_s + seconds) * ACTIVITY_FS)]
    return int(np.bincount(part).argmax()) if len(part) else 0


def _part(path: Path, content, keys: tuple[str, ...]) -> np.ndarray:
    for key in keys:
        if not isinstance(content, dict) or key not in content:
            raise ValueError(f"ppg_dalia: {path} has no {'.'.join(keys)}; it is another file, fetch it again")
        content = content[key]
    part = np.asarray(content)
    if part.dtype.kind not in "iuf" or part.size == 0:
        raise ValueError(f"ppg_dalia: {path} has {'.'.join(keys)} of {part.dtype} {part.shape}, expected numbers")
    return part.astype(np.float64)


def _check(who: Subject) -> None:
    """The parts must last as long as each other: a wrong rate or a cut shows here."""
    if who.acc.ndim != 2 or who.acc.shape[1] != 3:
        raise ValueError(f"ppg_dalia: {who.path} has ACC of shape {who.acc.shape}, expected (N, 3); fetch it again")
    lasts = {"BVP": len(who.bvp) / FS, "ACC": len(who.acc) / ACC_FS,
             "label": (len(who.bpm) - 1) * LABEL_STEP_S + LABEL_S}
    if max(lasts.values()) - min(lasts.values()) > 4 * LABEL_STEP_S:
        told = ", ".join(f"{key} {seconds:.0f} s" for key, seconds in lasts.items())
        raise ValueError(f"ppg_dalia: {who.path} is of unequal lengths at 64 and 32 Hz ({told}); it is truncated or of "
                         "another rate, fetch it again")
    if who.activity is not None and not ((who.activity >= 0) & (who.activity < len(ACTIVITIES))).all():
        raise ValueError(f"ppg_dalia: {who.path} has activity {who.activity.max()}, expected 0..8; fetch it again")
