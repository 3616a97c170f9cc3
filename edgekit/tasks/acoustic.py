"""Machine listening: name the fault of a machine from a second of its sound; say whether it sounds as it should."""

import numpy as np

from edgekit import data
from edgekit.core.metrics import auc, macro_f1
from edgekit.data import logmel
from edgekit.data.signal import resample
from edgekit.data.synthetic.acoustic.units import CLASSES
from edgekit.tasks.task import Task

CLASS_NAMES = CLASSES
FULL_SCALE = 32768.0
MAX_FPR = 0.1
STEADY = 2.0  # weight of a lasting error in the score: makes the worst machine of the validation split best


def features(x, fs):
    """Sound, or log-mel features as they are -> log-mel (N, T, 40) in dB.

    Sound is (N, L) or, of several microphones, (N, L, C), of which the first is heard; integers are 16-bit codes,
    floats have full scale 1. Another rate than 16 kHz is resampled.
    """
    x = np.asarray(x)
    if x.ndim == 3 and x.shape[2] == logmel.BANDS:
        return x.astype(np.float32)
    if x.ndim == 3 and x.shape[2] <= 16:
        x = x[:, :, 0]
    if x.ndim != 2 or x.dtype.kind not in "iuf":
        raise ValueError(
            f"acoustic: x must be sound (N, L) or (N, L, C), or log-mel (N, T, {logmel.BANDS}), got {x.dtype} {x.shape}"
        )
    sound = x / FULL_SCALE if x.dtype.kind in "iu" else x
    return logmel.power_db(resample(sound, fs, logmel.FS)).astype(np.float32)


def cut(x, fs):
    """Recordings (N, ...) -> (their log-mel windows of one second (M, 32, 40), index of the recording of each)."""
    pieces = logmel.windows(features(x, fs))
    owner = np.repeat(np.arange(len(pieces)), pieces.shape[1])
    return pieces.reshape(-1, *pieces.shape[2:]), owner


def front_end(x, fs):
    """Sound or log-mel of at least one second -> model input (N, 32, 40, 1) of the first second.

    The mean over the window is taken away, because it is the gain of the recorder.
    """
    return logmel.model_input(logmel.windows(features(x, fs))[:, 0])


def reference(x, fs):
    """What a unit sounds like when all is well: the mean log-mel (40,) of healthy recordings, in dB."""
    return features(x, fs).mean(axis=(0, 1))


def relative_input(x, fs, healthy):
    """Recordings and the `reference` of their unit, (40,) or (N, 40) -> (model input (M, 32, 40, 1), owner (M,)).

    What is left of the sound after the unit's healthy spectrum is taken away: a detector that need not know every
    unit beforehand listens to it for some seconds when it is mounted.
    """
    heard = features(x, fs)
    pieces, owner = cut(heard - np.reshape(healthy, (-1, 1, logmel.BANDS)), fs)
    return logmel.model_input(pieces), owner


def errors(x, answers):
    """Anomaly score of each window (M,): how badly an autoencoder gave it back.

    With r the difference at frame t and band b: mean_tb r^2 + 2 mean_b (mean_t r)^2. The first part sees swells and
    knocks; the second a spectrum that stays wrong, in which the noise of single frames has been averaged away.
    """
    x, answers = (np.asarray(part, np.float64).reshape(-1, logmel.WINDOW_FRAMES, logmel.BANDS) for part in (x, answers))
    r = x - answers
    return np.mean(r ** 2, axis=(1, 2)) + STEADY * np.mean(r.mean(axis=1) ** 2, axis=1)


def per_unit(truth, scores):
    """{unit: (AUC, pAUC)} of window scores (M,); truth (M, 3): 0 or 1, unit, recording.

    The score of a recording is the mean over its windows; pAUC is up to a false-positive rate of 0.1, standardised.
    """
    truth = np.asarray(truth)
    _, first, owner = np.unique(truth[:, 2], return_index=True, return_inverse=True)
    pooled = np.bincount(owner, scores) / np.bincount(owner)
    anomaly, unit = truth[first, 0], truth[first, 1]
    return {
        int(name): (
            float(auc(anomaly[unit == name], pooled[unit == name])),
            float(auc(anomaly[unit == name], pooled[unit == name], max_fpr=MAX_FPR)),
        )
        for name in np.unique(unit)
    }


def mean_auc(truth, scores):
    """The mean over units of the AUC; arguments as of `per_unit`."""
    return float(np.mean([pair[0] for pair in per_unit(truth, scores).values()]))


class AnomalyTask(Task):
    """A task whose model gives back its input; the worse it does, the stranger the sound."""

    def inputs(self, split, purpose="select"):
        """Return (model input (M, 32, 40, 1), truth (M, 3): anomaly, unit, recording) of a split."""
        dataset = data.load(self.dataset, split, purpose=purpose)
        x, owner = relative_input(dataset.x, dataset.fs, dataset.extras["reference"])
        return x, np.stack([dataset.y[owner], dataset.group[owner], owner], axis=1)

    def calibration_batches(self, count=512, seed=0, batch_size=64):
        """Return batches of `count` windows of healthy training machines, drawn by `seed` without replacement."""
        x, _ = self.inputs("train")
        x = x[np.random.default_rng(seed).permutation(len(x))[:count]]
        return [x[start : start + batch_size] for start in range(0, len(x), batch_size)]


FAULT = Task(
    "acoustic-fault",
    "Fault of a machine from its sound",
    "acoustic-fault",
    "acoustic-student",
    CLASS_NAMES,
    "macro_f1",
    lambda y, predicted: macro_f1(y, predicted, len(CLASS_NAMES)),
    0.01,
    front_end,
    cut,
)
ANOMALY = AnomalyTask(
    "acoustic-anomaly",
    "A machine that sounds unlike itself",
    "acoustic-anomaly",
    "acoustic-autoencoder",
    ("normal", "anomaly"),
    "mean_auc",
    mean_auc,
    0.01,
    front_end,
    cut,
)
