"""The acoustic tasks are neither trivial nor hopeless, judged on the validation split by the shipped models."""

import numpy as np
import pytest
import torch

from edgekit import data
from edgekit.data.synthetic.acoustic import MACHINES
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.run import predict
from edgekit.nn import acoustic, zoo
from edgekit.nn.export import to_graph
from edgekit.tasks import acoustic as tasks

BUILD = {"teacher": acoustic.teacher, "student": acoustic.student, "autoencoder": acoustic.Autoencoder}


def shipped(name):
    return zoo.load_state(BUILD[name](), f"acoustic-{name}.safetensors")


@torch.no_grad()
def answers(model, x):
    return model(torch.from_numpy(np.ascontiguousarray(x[..., 0]))[:, None]).numpy()


@pytest.fixture(scope="module")
def val():
    return tasks.FAULT.inputs("val")


@pytest.fixture(scope="module")
def score(val):
    """macro-F1 on the validation split of the shipped classifier `name`."""
    return {name: tasks.FAULT.metric(val[1], answers(shipped(name), val[0]).argmax(axis=1))
            for name in ("teacher", "student")}


def test_teacher_is_good_not_perfect_and_better_than_the_student(score):
    assert 0.80 < score["teacher"] <= 0.99
    assert 0.70 < score["student"] < score["teacher"] - 0.03


def test_a_linear_model_stays_ten_points_below_the_student(val, score):
    """Ridge regression on mean, spread and roughness of every band, the better of four strengths."""
    def features(x):
        x = x[..., 0]
        columns = [x.mean(axis=1), x.std(axis=1), np.abs(np.diff(x, axis=1)).mean(axis=1)]
        return np.concatenate([*columns, np.ones((len(x), 1))], axis=1).astype(float)
    x, y = tasks.FAULT.inputs("train")
    a, target, b = features(x), np.eye(15)[y], features(val[0])
    best = max(tasks.FAULT.metric(val[1], (b @ np.linalg.solve(a.T @ a + k * np.eye(a.shape[1]), a.T @ target)
                                           ).argmax(axis=1)) for k in (0.1, 1, 10, 100))
    assert 0.2 < best < score["student"] - 0.10


def test_four_bits_per_tensor_hurt_the_student(val, score):
    graph = fold(to_graph(shipped("student"), acoustic.INPUT_SHAPE, "acoustic-student", {}))
    ranges = ptq.calibrate(graph, tasks.FAULT.calibration_batches(256))
    measured = {bits: tasks.FAULT.metric(val[1], predict(ptq.quantize_graph(graph, ranges, False, bits), val[0])
                                         .argmax(axis=1)) for bits in (8, 4)}
    assert measured[8] > score["student"] - 0.03
    assert measured[4] < score["student"] - 0.05


def test_autoencoder_hears_anomalies_of_every_machine_and_misses_some():
    x, truth = tasks.ANOMALY.inputs("val")
    per_unit = tasks.per_unit(truth, tasks.errors(x, answers(shipped("autoencoder"), x)))
    part = data.load("acoustic-anomaly", "val")
    for place, machine in enumerate(MACHINES):
        units = np.unique(part.group[part.extras["state"] // 3 == place])
        assert 0.75 <= np.mean([per_unit[unit][0] for unit in units]) <= 0.97, machine
