"""How hard each set is, judged on its validation split by the shipped models: a linear model on features stays ten
points below the network, no network is above 99 %, every machine's anomalies are heard and some missed, and four bits
per tensor hurt. One table of measured figures is printed with `-rP`."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from edgekit import data, tasks
from edgekit.data.heart import KEEN, find_beats
from edgekit.data.synthetic.acoustic import MACHINES
from edgekit.graph import ptq
from edgekit.graph.run import predict
from edgekit.nn import zoo

STRENGTHS = (1e-4, 1e-2, 1.0)  # the best is chosen on the very examples it is judged by: in its favour


def pulse_features(split):
    """Number and regularity of beats, as a clinician counts, the spectrum, and how the swing is spread: (N, 45)."""
    windows = data.load("ppg", split)
    wave = tasks.get("ppg").front_end(windows.x, windows.fs)[:, 0, :, 0]
    power = np.abs(np.fft.rfft(wave, axis=1))[:, 1:120] ** 2
    share = power / power.sum(axis=1, keepdims=True)
    bands = np.log(np.add.reduceat(share, np.arange(0, 119, 6), axis=1) + 1e-6)
    entropy = -(share * np.log(share + 1e-12)).sum(axis=1, keepdims=True)
    levels = np.quantile(wave, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99], axis=1).T
    swing = np.sort(wave.reshape(len(wave), 10, 100).std(axis=2), axis=1)
    rhythm = np.array([regularity(beats) for beats in find_beats(windows.x, windows.fs, KEEN)])
    return np.concatenate([rhythm, bands, entropy, levels, swing], axis=1), windows.y


def regularity(beats):
    """Number and rate of beats; spread, change, extremes and median deviation of their intervals, in means."""
    if len(beats) < 4:
        return [len(beats), *[0.0] * 6]
    interval = np.diff(beats) / np.diff(beats).mean()
    return [
        len(beats), 60 / np.diff(beats).mean(), interval.std(), np.sqrt(np.mean(np.diff(interval) ** 2)),
        interval.min(), interval.max(), np.median(np.abs(interval - np.median(interval))),
    ]  # fmt: skip


def sound_features(split):
    """Mean, spread and roughness of every band: (N, 120)."""
    x, y = tasks.get("acoustic-fault").inputs(split)
    x = x[..., 0]
    return np.concatenate([x.mean(axis=1), x.std(axis=1), np.abs(np.diff(x, axis=1)).mean(axis=1)], axis=1), y


def picture_features(split):
    """Histograms of oriented gradients in cells of 8 pixels, each scaled by its norm, and mean colours: (N, 1584)."""
    pictures = data.load("camera", split)
    grey = pictures.x.astype(np.float32).mean(-1) / 255
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, :, 1:-1], down[:, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2], grey[:, 2:] - grey[:, :-2]
    strength, turn = np.hypot(across, down), ((np.arctan2(down, across) % np.pi) / np.pi * 8).astype(int) % 8
    cells = [np.where(turn == k, strength, 0).reshape(-1, 12, 8, 12, 8).sum((2, 4)) for k in range(8)]
    cells = np.stack(cells, axis=-1)
    cells /= np.sqrt((cells**2).sum(-1, keepdims=True) + 0.05)
    color = pictures.x.reshape(-1, 12, 8, 12, 8, 3).mean((2, 4)) / 255
    return np.concatenate([cells.reshape(len(cells), -1), color.reshape(len(cells), -1)], axis=1), pictures.y


FEATURES = {"ppg": pulse_features, "acoustic-fault": sound_features, "camera-presence": picture_features}


def best_linear(task, features):
    """The task's metric of logistic regression on standardised features, the best of three strengths."""
    (x, y), (x_val, y_val) = features("train"), features("val")
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-3
    models = [LogisticRegression(C=c, max_iter=150).fit((x - mean) / spread, y) for c in STRENGTHS]
    return max(task.metric(y_val, model.predict((x_val - mean) / spread)) for model in models)


@pytest.fixture(scope="module")
def value():
    """The task's metric on its validation split, of a float model of the zoo, or in 8 bits (per channel) or
    fewer (per tensor); kept."""
    known = {}

    def measure(name, num_bits=32):
        if (name, num_bits) not in known:
            graph = zoo.load(name)
            task = tasks.get(graph.metadata["task"])
            if num_bits < 32:
                batches = task.calibration_batches(256)
                graph = ptq.post_training_quantize(graph, batches, per_channel=num_bits == 8, num_bits=num_bits)
            x, y = task.inputs("val")
            known[name, num_bits] = task.score(y, x, predict(graph, x))
        return known[name, num_bits]

    return measure


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", FEATURES)
def test_a_linear_model_stays_ten_points_below_the_network_which_is_not_perfect(name, value):
    task = tasks.get(name)
    linear, network = best_linear(task, FEATURES[name]), value(task.model)
    print(f"{name}: linear {linear:.3f}, {task.model} {network:.3f} {task.metric_name}")
    assert 1.3 / len(task.class_names) < linear <= network - 0.10
    assert network <= 0.99


def test_the_teacher_is_better_than_the_student_and_not_perfect(value):
    assert value("acoustic-student") + 0.03 < value("acoustic-teacher") <= 0.99


# model -> the least that four bits per tensor cost; measured when written: ppg .030, student .22, presence .37,
# autoencoder .020. Over five seeds the autoencoder loses .013 (95 % interval .003 to .023): its score is a mean over
# 1280 outputs, in which the errors of single weights cancel. Without batch norm it loses nothing measurable.
HURT = {"ppg-cnn": 0.02, "acoustic-student": 0.05, "camera-presence-v1": 0.05, "acoustic-autoencoder": 0.01}


@pytest.mark.parametrize("name", HURT)
def test_four_bits_per_tensor_hurt_and_eight_per_channel_do_not(name, value):
    print(f"{name}: {value(name):.4f}, 8 bits per channel {value(name, 8):.4f}, 4 bits per tensor {value(name, 4):.4f}")
    assert value(name, 4) <= value(name) - HURT[name]
    assert value(name, 8) > value(name) - 0.75 * HURT[name]


def test_the_autoencoder_hears_anomalies_of_every_machine_and_misses_some():
    task = tasks.get("acoustic-anomaly")
    x, truth = task.inputs("val")
    per_unit = task.report(truth, x, predict(zoo.load(task.model), x))["per_group"]
    part = data.load("acoustic-anomaly", "val")
    for place, machine in enumerate(MACHINES):
        units = np.unique(part.group[part.extras["state"] // 3 == place])
        area = np.mean([per_unit[str(unit)]["auc"] for unit in units])
        print(f"{machine}: mean AUC {area:.3f} of {len(units)} units")
        assert 0.75 <= area <= 0.97, machine
