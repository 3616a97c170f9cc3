"""How the pulse models are trained: generated windows, the task's front end, one recipe each."""

import numpy as np
import torch
from torch import nn

from edgekit.data.features import ppg_front_end
from edgekit.data.synthetic.params import PpgParams, RhythmParams, SensorParams
from edgekit.data.synthetic.ppg import make_windows
from edgekit.nn.models import BeatNet, PulseGru, PulseNet
from edgekit.nn.train import Recipe, seeded, train

SUBJECTS, WINDOWS_EACH = 3000, 12
DATA_SEED = 700_000  # far from the seeds of the embedded splits
INPUT_SHAPE = (1, 1000)
RECIPE = Recipe(epochs=12)
HEART_SUBJECTS, HEART_RECIPE = 4000, Recipe(epochs=13)
ARTEFACT = 5
CELLS, CELL_S = 125, 0.08
BPM_CENTRE, BPM_SPREAD = 90.0, 30.0
#: worse sensors and livelier hearts than in the embedded set, so that a sensor that nobody generated is no surprise
WILD = PpgParams(
    rhythm=RhythmParams(strong_sinus_arrhythmia=0.25),
    sensor=SensorParams(
        surge=0.2, surge_height=(1.0, 8.0), swell=0.3, swell_depth=(0.1, 0.6), motion=0.45, motion_height=(0.1, 1.2)
    ),
)


def training_windows(seed=0, subjects=SUBJECTS):
    """Return (x (N, 1, 1000) float32, y (N,)): windows of generated people, none of whom is in an embedded split."""
    data = make_windows(subjects, WINDOWS_EACH, DATA_SEED + seed, WILD)
    return ppg_front_end(data.x, data.fs)[:, None], data.y


def train_pulse_net(seed=0, subjects=SUBJECTS, recipe=RECIPE, progress=None):
    """Return a `PulseNet` that names rhythms; `seed` draws the people, the weights and the order of the batches."""
    return _train_classifier(PulseNet, seed, subjects, recipe, progress)


def train_pulse_gru(seed=0, subjects=SUBJECTS, recipe=RECIPE, progress=None):
    """Return a `PulseGru` that names rhythms, trained on the same windows in the same way."""
    return _train_classifier(PulseGru, seed, subjects, recipe, progress)


def _train_classifier(build, seed, subjects, recipe, progress):
    x, y = training_windows(seed, subjects)
    model = seeded(build, seed)
    train(model, x, y, recipe, seed, progress)
    return model


def train_rate_net(seed=0, subjects=HEART_SUBJECTS, recipe=HEART_RECIPE, progress=None):
    """Return a `PulseNet` with one output, the heart rate in bpm, trained on the readable windows.

    The loss is the absolute error, as the metric is: it ends at the median, which one odd window does not move.
    """
    x, bpm, _ = readable_windows(seed, subjects)
    model = seeded(lambda: PulseNet(classes=1), seed)
    target = ((bpm - BPM_CENTRE) / BPM_SPREAD).astype(np.float32)[:, None]
    train(model, x, target, recipe, seed, progress, nn.L1Loss())
    with torch.no_grad():  # from spreads around the centre to beats per minute
        model.classify.weight *= BPM_SPREAD
        model.classify.bias *= BPM_SPREAD
        model.classify.bias += BPM_CENTRE
    return model


def train_beat_net(seed=0, subjects=HEART_SUBJECTS, recipe=HEART_RECIPE, progress=None):
    """Return a `BeatNet` that marks the upstroke of every beat, trained on the readable windows."""
    x, _, beats = readable_windows(seed, subjects)
    model = seeded(BeatNet, seed)
    train(model, x, beat_targets(beats), recipe, seed, progress, nn.BCEWithLogitsLoss())
    return model


def readable_windows(seed=0, subjects=HEART_SUBJECTS):
    """Return (x (N, 1, 1000), bpm (N,), beats (N, B) in s or NaN) of all generated windows that are no artefact."""
    data = make_windows(subjects, WINDOWS_EACH, DATA_SEED + seed)
    chosen = data.subset((data.y != ARTEFACT) & np.isfinite(data.extras["bpm"]))
    return ppg_front_end(chosen.x, chosen.fs)[:, None], chosen.extras["bpm"], chosen.extras["beats"]


def beat_targets(beats, spread_s=0.05):
    """Return (N, 1, 125): how near each 80 ms cell is to a beat, exp(-d^2 / (2 spread^2)); beats (N, B) in s or NaN."""
    cells = (np.arange(CELLS) + 0.5) * CELL_S
    distance = np.abs(cells[None, :, None] - np.nan_to_num(beats, nan=-9.0)[:, None, :]).min(axis=2)
    return np.exp(-0.5 * (distance / spread_s) ** 2).astype(np.float32)[:, None]
