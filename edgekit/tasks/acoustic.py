"""Machine listening: name the fault of a machine from a second of its sound; say whether it sounds as it should."""

import numpy as np

from edgekit import data
from edgekit.core.metrics import auc, macro_f1
from edgekit.data import logmel
from edgekit.data.signal import resample
from edgekit.data.synthetic.acoustic.units import CLASSES
from edgekit.graph.run import predict
from edgekit.tasks.evaluate import moving, pooling, report
from edgekit.tasks.task import Task, batches

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


def pooled(truth, scores):
    """Window scores (M,) as one per recording: (anomaly (R,), unit (R,), mean score (R,)); truth (M, 3): 0 or 1, unit,
    recording."""
    truth = np.asarray(truth)
    _, first, owner = np.unique(truth[:, 2], return_index=True, return_inverse=True)
    return truth[first, 0], truth[first, 1], np.bincount(owner, scores) / np.bincount(owner)


def per_unit(truth, scores):
    """{unit: (AUC, pAUC)} of window scores (M,); truth (M, 3) as of `pooled`.

    The score of a recording is the mean over its windows; pAUC is up to a false-positive rate of 0.1, standardised.
    """
    anomaly, unit, score = pooled(truth, scores)
    return {int(name): areas(anomaly[unit == name], score[unit == name]) for name in np.unique(unit)}


def areas(anomaly, score):
    """(AUC, pAUC up to a false-positive rate of 0.1) of scores (R,) whose truth is `anomaly` (R,), 0 or 1."""
    return float(auc(anomaly, score)), float(auc(anomaly, score, max_fpr=MAX_FPR))


def mean_auc(truth, scores):
    """The mean over units of the AUC; arguments as of `per_unit`."""
    return float(np.mean([pair[0] for pair in per_unit(truth, scores).values()]))


def healthy_spectra(heard, anomaly, unit):
    """What the unit of each recording sounds like when all is well (N, 40): the mean of its *other* normal recordings.

    heard (N, T, 40) in dB, anomaly (N,) 0 or 1, unit (N,). No recording is compared with itself, which would make
    normal ones look better than they are. Raises ValueError for a unit with fewer than two normal recordings.
    """
    level, spectra = heard.mean(axis=1), np.zeros((len(heard), logmel.BANDS))
    for name in np.unique(unit):
        own = unit == name
        normal = own & (anomaly == 0)
        if normal.sum() < 2:
            raise ValueError(
                f"unit {name} has {normal.sum()} normal recordings, expected at least 2 to know how it sounds; add "
                f"some, or an array 'reference' (N, {logmel.BANDS}) made with edgekit.tasks.acoustic.reference"
            )
        total = level[normal].sum(axis=0)
        spectra[own] = (total - level[own] * normal[own, None]) / (normal.sum() - normal[own, None])
    return spectra


class AnomalyTask(Task):
    """A task whose model gives back its input; the worse it does, the stranger the sound."""

    kind = "anomaly"

    def inputs(self, split, purpose="select"):
        """Return (model input (M, 32, 40, 1), truth (M, 3): anomaly, unit, recording) of a split."""
        dataset = data.load(self.dataset, split, purpose=purpose)
        x, owner = relative_input(dataset.x, dataset.fs, dataset.extras["reference"])
        return x, np.stack([dataset.y[owner], dataset.group[owner], owner], axis=1)

    def calibration_batches(self, count=512, seed=0, batch_size=64):
        """Return batches of `count` windows of healthy training machines, drawn by `seed` without replacement."""
        x, _ = self.inputs("train")
        return batches(x[np.random.default_rng(seed).permutation(len(x))[:count]], batch_size)

    def read(self, x, answers):
        """What the metric takes: the `errors` of each window (M,)."""
        return errors(x, answers)

    def fits(self, graph):
        """What is wrong with the outputs of `graph`: they must be as many numbers as the input has."""
        given, back = (graph.tensors[names[0]].shape for names in (graph.inputs, graph.outputs))
        return "" if np.prod(given) == np.prod(back) else f"its output {back} does not give back its input {given}"

    def report(self, y, x, answers):
        """Figures of recordings: AUC and pAUC, mean and per unit (`per_group`), and the score of each recording."""
        scores = self.read(x, answers)
        anomaly, unit, score = pooled(y, scores)
        return {
            "n": len(score),
            "classes": list(self.class_names),
            **unit_areas(anomaly, unit, score),
            "anomaly": anomaly.tolist(),
            "unit": unit.tolist(),
            "score": score.tolist(),
        }

    def alarm_score(self, graph, preset="cmsis"):
        """The score that one in ten healthy validation recordings exceeds: what lies above it is called an anomaly."""
        x, truth = self.inputs("val")
        anomaly, _, score = pooled(truth, self.read(x, predict(graph, x, preset)))
        return float(np.quantile(score[anomaly == 0], 1 - MAX_FPR))

    def judge(self, graph, own, preset="cmsis"):
        """Evaluate on own recordings; `group` is the unit. See `Task.judge`.

        What is normal for a unit is said by `reference` (N, 40) in the file, else learnt from the unit's other
        normal recordings. The "probability" of an anomaly is s / (s + alarm score): it orders recordings as the
        score s does, and is above one half where the alarm would sound; it is not calibrated.
        """
        heard = features(own.x, own.fs)
        unit = np.zeros(len(heard), int) if own.group is None else own.group
        healthy = own.extras.get("reference")
        healthy = healthy_spectra(heard, own.y, unit) if healthy is None else checked_reference(healthy, len(heard))
        pieces, owner = moving(*cut(heard, own.fs), len(heard))
        x = logmel.model_input(pieces - healthy[owner, None])
        errors_ = self.read(x, predict(graph, x, preset))
        score, limit = np.bincount(owner, errors_) / np.bincount(owner), self.alarm_score(graph, preset)
        chance = score / (score + limit)
        values = np.stack([1 - chance, chance], axis=1).astype(np.float32)
        figures, found = report(values, own.y, self.class_names, own.named, own.group), unit_areas(own.y, unit, score)
        for name, row in figures["per_group"].items():
            row.update(found["per_group"][name])
        figures |= {key: found[key] for key in ("mean_auc", "mean_pauc")} | {"alarm_score": limit}
        figures |= pooling(len(pieces), len(own.y), "anomaly scores")
        return figures, {"scores": values, "y": own.y, "anomaly_score": score}


def unit_areas(anomaly, unit, score):
    """{"mean_auc", "mean_pauc", "per_group": {unit: {"n", "auc", "pauc"}}}; None where a unit has one class only."""
    table = {}
    for name in np.unique(unit):
        own = unit == name
        both = areas(anomaly[own], score[own]) if 0 < anomaly[own].sum() < own.sum() else (None, None)
        table[str(name)] = {"n": int(own.sum()), "auc": both[0], "pauc": both[1]}
    known = [row for row in table.values() if row["auc"] is not None]
    means = {f"mean_{key}": float(np.mean([row[key] for row in known])) if known else None for key in ("auc", "pauc")}
    return {**means, "per_group": table}


def checked_reference(healthy, count):
    """Return `healthy` when it is (count, 40) finite numbers in dB. Raises ValueError."""
    if healthy.shape != (count, logmel.BANDS) or healthy.dtype.kind not in "iuf" or not np.isfinite(healthy).all():
        raise ValueError(
            f"reference must hold finite decibels of shape ({count}, {logmel.BANDS}), one row per recording, got "
            f"{healthy.dtype} {healthy.shape}; edgekit.tasks.acoustic.reference makes a row"
        )
    return healthy


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
