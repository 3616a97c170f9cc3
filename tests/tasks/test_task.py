"""One protocol for every task: inputs, what the metric reads, figures, and own data, through the shipped models."""

import numpy as np
import pytest

from edgekit import data, tasks
from edgekit.data import logmel
from edgekit.data.public.npz import to_npz
from edgekit.graph.run import predict
from edgekit.nn import zoo
from edgekit.tasks import acoustic

SHIPPED = [name for name in tasks.TASKS if tasks.get(name).model in zoo.names()]


@pytest.fixture
def few(monkeypatch):
    """The first examples of every split: 60 recordings hold both kinds of the first units."""
    load = data.load
    monkeypatch.setattr(data, "load", lambda *given, **options: load(*given, **options).subset(np.arange(60)))


@pytest.mark.parametrize("name", SHIPPED)
def test_score_is_the_metric_of_the_report(name):
    task = tasks.get(name)
    x, y = task.inputs("val")
    keep = slice(None) if task.kind == "anomaly" else slice(60)  # areas need both kinds in every unit
    x, y = x[keep], y[keep]
    answers = predict(zoo.load(task.shipped), x)
    figures = task.report(y, x, answers)
    assert figures["classes"] == list(task.class_names) or task.kind == "boxes"
    assert task.score(y, x, answers) == pytest.approx(figures[task.metric_name], abs=1e-12)


@pytest.mark.parametrize("name", SHIPPED)
def test_own_data_give_what_the_split_gives(name, tmp_path):
    """The validation split, saved as one's own file, is judged as the split itself is."""
    task = tasks.get(name)
    part = data.load(task.dataset, "val")
    part = part if task.kind == "anomaly" else part.subset(np.arange(60))
    own = task.read_own(to_npz(part, tmp_path / "own.npz"))
    graph = zoo.load(task.shipped)
    figures, arrays = task.judge(graph, own)
    x, y = task.inputs("val")
    if task.kind != "anomaly":
        x, y = x[:60], y[:60]
    expected = task.report(y, x, predict(graph, x))
    assert figures[task.metric_name] == pytest.approx(expected[task.metric_name], abs=1e-12)
    assert figures["n"] == expected["n"] == len(part)
    assert arrays["scores"].shape == (len(part), len(figures["classes"]))
    np.testing.assert_allclose(arrays["scores"].sum(axis=1), 1, rtol=0, atol=16 * np.finfo(np.float32).eps)


@pytest.mark.parametrize("name", tasks.TASKS)
def test_models_of_another_task_are_told_apart(name):
    other = zoo.load("ppg-beats" if name == "ppg" else "ppg-cnn")
    assert "expected" in tasks.get(name).fits(other) or "does not give back" in tasks.get(name).fits(other)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_models_fit(name):
    task = tasks.get(name)
    assert task.fits(zoo.load(task.model)) == task.fits(zoo.load(task.shipped)) == ""


@pytest.mark.parametrize("name", SHIPPED)
def test_calibration_takes_what_there_is_and_no_more(name, few):
    task = tasks.get(name)
    assert sum(map(len, task.calibration_batches(10))) == 10
    most = sum(map(len, task.calibration_batches(10_000)))
    assert most == (120 if name == "acoustic-anomaly" else 60)


def test_no_recording_is_its_own_standard():
    """A normal recording is compared with the mean of the others of its unit, an anomaly with that of all."""
    heard = np.broadcast_to(np.array([1.0, 3.0, 8.0, 50.0, 60.0])[:, None, None], (5, 32, logmel.BANDS))
    anomaly, unit = np.array([0, 0, 1, 0, 0]), np.array(["a", "a", "a", "b", "b"])
    assert acoustic.healthy_spectra(heard, anomaly, unit)[:, 0].tolist() == [3.0, 1.0, 2.0, 60.0, 50.0]
    with pytest.raises(ValueError, match="unit b has 1 normal recordings, expected at least 2"):
        acoustic.healthy_spectra(heard, np.array([0, 0, 1, 0, 1]), unit)


def test_without_a_reference_the_other_normal_recordings_are_the_standard(tmp_path):
    task, part = tasks.get("acoustic-anomaly"), data.load("acoustic-anomaly", "val")
    np.savez(tmp_path / "own.npz", x=part.x, y=part.y, fs=16000, group=part.group)
    figures, arrays = task.judge(zoo.load(task.shipped), task.read_own(tmp_path / "own.npz"))
    assert 0.75 < figures["mean_auc"] < 0.97
    assert (figures["windows"], figures["pooling"][:31]) == (1260, "mean of the anomaly scores of t")
    alarm = arrays["anomaly_score"] > figures["alarm_score"]
    assert np.array_equal(alarm, arrays["scores"].argmax(axis=1) == 1)


def test_one_kind_alone_has_no_area(tmp_path):
    task, part = tasks.get("acoustic-anomaly"), data.load("acoustic-anomaly", "val")
    part = part.subset(part.y == 0)
    figures, _ = task.judge(zoo.load(task.shipped), task.read_own(to_npz(part, tmp_path / "own.npz")))
    assert figures["mean_auc"] is None
    assert {row["auc"] for row in figures["per_group"].values()} == {None}


@pytest.mark.parametrize("reference", [np.zeros((3, 40)), np.full((4, 40), np.nan), np.array([["x"] * 40] * 4)])
def test_a_wrong_reference_is_refused(reference):
    with pytest.raises(ValueError, match=r"reference must hold finite decibels of shape \(4, 40\)"):
        acoustic.checked_reference(reference, 4)


def test_pictures_need_no_rate_and_signals_do(tmp_path):
    np.savez(tmp_path / "own.npz", x=np.zeros((2, 8, 8, 3), np.uint8), y=np.array([0, 1]))
    assert tasks.get("camera-presence").read_own(tmp_path / "own.npz").fs is None
    with pytest.raises(ValueError, match="array 'fs' is missing"):
        tasks.get("acoustic-fault").read_own(tmp_path / "own.npz")
