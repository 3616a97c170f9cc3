"""Synthetic pulse windows: rhythm -> beats -> vessels -> sensor, from a seed, as many as wanted.

>>> few = make_windows(n_subjects=2, windows_per_subject=6, seed=1)
>>> few.x.shape, few.counts()["ectopic"], few.origin
((12, 1000), 2, 'synthetic')
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from edgekit.data import store
from edgekit.data.dataset import Dataset
from edgekit.data.synthetic import accelerometer
from edgekit.data.synthetic import pulse as pulses
from edgekit.data.synthetic import rhythm as rhythms
from edgekit.data.synthetic import sensor as sensors
from edgekit.data.synthetic.params import PpgParams, uniform

CHUNK = 1024  # windows made at a time: bounds the memory; part of the recipe, since each chunk has its own seed
# split: (subjects, windows per subject, seed)
EMBEDDED = {"train": (128, 12, 20_101), "val": (50, 12, 20_102), "test": (84, 24, 20_103)}


def make_windows(n_subjects: int, windows_per_subject: int, seed: int, params: PpgParams | None = None,
                 split: str = "train") -> Dataset:
    """`n_subjects` x `windows_per_subject` labelled 10 s windows at 100 Hz, raw, in the codes of each sensor.

    Classes take turns within each subject, so that a subject tells nothing about the class. `extras["bpm"]` is
    60 / mean RR of the beats in the window, `extras["beats"]` (N, 64) the moments of their upstrokes in s,
    ascending, NaN where there are no more; `extras["premature"]` marks the beats that came early. `extras["acc"]`
    (N, 250, 3) is the acceleration at 25 Hz in g: gravity and the very movement that disturbs the pulse;
    `extras["perfusion"]` the height of the subject's pulse in parts of the standing light.
    The same seed gives the same windows. Raises ValueError for counts below 1.
    """
    for name, value in (("n_subjects", n_subjects), ("windows_per_subject", windows_per_subject)):
        if value != int(value) or value < 1:
            raise ValueError(f"make_windows: {name} must be a whole number of at least 1, got {value!r}")
    at_once = max(1, CHUNK // windows_per_subject)
    starts = range(0, n_subjects, at_once)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    chunks = [_chunk(min(at_once, n_subjects - first), windows_per_subject, params or PpgParams(), child)
              for first, child in zip(starts, seeds, strict=True)]
    columns = {key: np.concatenate([chunk[key] for chunk in chunks]) for key in chunks[0]}
    group = np.repeat(np.arange(n_subjects), windows_per_subject)
    return Dataset("ppg", split, columns.pop("x"), columns.pop("y"), rhythms.CLASSES, sensors.FS, group, columns)


def _chunk(n_subjects: int, per_subject: int, params: PpgParams, seed: np.random.SeedSequence) -> dict:
    # What lies beside the pulse draws from a stream of its own: the pulse is the same with and without it.
    rng, aside = np.random.default_rng(seed), np.random.default_rng(seed.spawn(1)[0])
    subject = np.repeat(np.arange(n_subjects), per_subject)
    vessels = pulses.draw_vessels(n_subjects, params.pulse, rng).take(subject)
    sensor = sensors.draw_sensors(n_subjects, params.sensor, rng).take(subject)
    kind = draw_classes(n_subjects, per_subject, rng)
    rhythm = rhythms.draw_rhythm(kind, rng.random(n_subjects)[subject], params.rhythm, rng)
    breath = uniform(rng, params.sensor.respiration_strength, n_subjects)[subject]
    strength = pulses.beat_strength(rhythm, vessels, breath, rng)
    length = pulses.duration(rhythm.rr, vessels.stretch)
    onset = rhythm.onset + vessels.transit_jitter_s[:, None] * rng.standard_normal(rhythm.onset.shape)
    wave = pulses.draw_pulses(onset, length, strength, vessels.shape, sensors.FS, sensors.START_S, sensors.SAMPLES)
    x, movement = sensors.sense(wave, kind, rhythm, sensor, params.sensor, rng)
    moments = pulses.upstroke(onset, length, vessels.shape)
    lift, fall = pulses.own_rise(wave, moments, sensors.FS, sensors.START_S)
    beats, premature = seen_beats(moments, lift, fall, rhythm.premature)
    bpm = rate_of(beats)
    acc = accelerometer.accelerate(movement, sensors.WINDOW, subject, params.accelerometer, aside)
    perfusion = sensors.draw_perfusion(sensor.shot_noise[::per_subject], aside).astype(np.float32)[subject]
    return {"x": x.astype(np.float32), "y": label(kind, bpm), "bpm": bpm, "beats": beats, "premature": premature,
            "acc": acc, "perfusion": perfusion}


def draw_classes(n_subjects: int, per_subject: int, rng: np.random.Generator) -> np.ndarray:
    """Classes in turn, from a random first one, shuffled within each subject: (n_subjects x per_subject,)."""
    turn = (np.arange(per_subject) + rng.integers(0, 6, (n_subjects, 1))) % len(rhythms.CLASSES)
    return rng.permuted(turn, axis=1).ravel()


def seen_beats(moments, lift, fall, premature) -> tuple[np.ndarray, np.ndarray]:
    """Beats inside 0..10 s that can be told from the pulse before, in order: moments (N, BEATS), NaN after the last,
    and which of them came early."""
    inside = (moments >= 0) & (moments < 10)
    usual = np.nanpercentile(np.where(inside, lift, np.nan), 75, axis=1, keepdims=True)
    seen = inside & (lift >= pulses.VISIBLE * usual) & (fall >= pulses.DIP * usual)
    moments = np.where(seen, moments, np.nan)
    order = np.argsort(moments, axis=1)
    return np.take_along_axis(moments, order, 1), np.take_along_axis(premature & seen, order, 1)


def rate_of(beats: np.ndarray) -> np.ndarray:
    """60 / mean RR in bpm (N,): (beats - 1) intervals between the first and the last beat; NaN below two beats."""
    count = np.isfinite(beats).sum(axis=1)
    first, last = np.fmin.reduce(beats, axis=1), np.fmax.reduce(beats, axis=1)
    return np.where(count > 1, 60 * (count - 1) / np.where(count > 1, last - first, 1), np.nan)


def label(kind: np.ndarray, bpm: np.ndarray) -> np.ndarray:
    """The class (N,): as drawn for artefact, fibrillation and ectopic; the others by their true rate."""
    by_rate = np.select([bpm < 60, bpm > 100], [rhythms.BRADYCARDIA, rhythms.TACHYCARDIA], rhythms.SINUS)
    return np.where(kind >= rhythms.FIBRILLATION, kind, by_rate).astype(np.int64)


def make_split(split: str) -> Dataset:
    """One embedded split as int16 codes, all extras with it, beats to the millisecond; subjects are numbered across
    splits."""
    n_subjects, per_subject, seed = EMBEDDED[split]
    data = make_windows(n_subjects, per_subject, seed, split=split)
    first = sum(EMBEDDED[name][0] for name in list(EMBEDDED)[:list(EMBEDDED).index(split)])
    codes = np.clip(np.round(data.x), -sensors.CODE_LIMIT, sensors.CODE_LIMIT).astype(np.int16)
    beats = np.round(data.extras["beats"], 3).astype(np.float32)
    extras = data.extras | {"bpm": data.extras["bpm"].astype(np.float32), "beats": beats}
    return replace(data, x=codes, group=data.group + first, extras=extras)


def make(root: Path) -> None:
    """Write train.npz, val.npz and test.npz below `root/ppg`, and their lines of the manifest."""
    grids = {"acc": accelerometer.STEP_G}
    files = {f"{split}.npz": store.to_bytes(make_split(split), grids) for split in EMBEDDED}
    store.write_family(Path(root), "ppg", files)
