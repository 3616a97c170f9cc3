"""A row of the study of pruning: points below float and control, and bytes of the int8 model that runs."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit import tasks
from edgekit.core.masks import sparsity as of_masks
from edgekit.course import unstructured
from edgekit.course.study_defs import pruning_unstructured, pruning_unstructured_pulse
from edgekit.graph import sparse_size
from edgekit.graph.fold import fold
from edgekit.nn import zoo
from edgekit.nn.distill import Distillation
from edgekit.nn.prune import MaskedNet
from edgekit.tasks.quantized import quantized
from edgekit.tasks.task import Task


@pytest.fixture
def few(monkeypatch):
    """The task of listening, judged on some validation sounds."""
    inputs = Task.inputs
    monkeypatch.setattr(Task, "inputs", lambda self, split, purpose="select": tuple(
        part[::6] for part in inputs(self, "val")))
    return tasks.get("acoustic-fault")


def test_a_row_by_another_way(few):
    graph, seen = zoo.load("acoustic-student"), []

    def learn(net, final):
        seen.append(final)
        net.prune(final)

    row = unstructured.row(graph, few, learn, 0.3, seed=1)
    assert seen == [0.0, 0.3]
    assert set(row) == set(unstructured.TOLERANCE)
    assert row["control"] == pytest.approx(row["float"], abs=1.0)  # nothing was trained; one or two answers may flip
    assert row["drop"] == pytest.approx(row["float"] - row["pruned"])
    assert row["cost"] == pytest.approx(row["control"] - row["pruned"])
    thin = MaskedNet(graph).prune(0.3)
    assert of_masks(thin.masks) == pytest.approx(0.3, abs=1e-3)
    integer = quantized(fold(thin.to_graph()), few, 1)
    sizes = sparse_size.sizes(integer)
    assert {form: row[f"bytes_{form}"] for form in unstructured.FORMS} == {
        form: sizes[form] for form in unstructured.FORMS}
    assert row["sparsity"] >= 0.3 - 1e-3
    assert row["drop_se"] > 0


def test_learning_prunes_to_the_end_and_leaves_the_control_whole():
    graph = zoo.load("ppg-cnn")
    x = np.random.default_rng(0).standard_normal((130, 1, 1000, 1)).astype(np.float32)
    learn = pruning_unstructured.learner(graph, {"x": x, "y": np.arange(130) % 6}, 2, 1e-3, 0.5, 0)
    for final in (0.0, 0.8):
        net = MaskedNet(graph)
        learn(net, final)
        assert of_masks(net.masks) == pytest.approx(final, abs=1e-4)
        moved = net.to_graph().tensors["features.3.0.weight"].data - graph.tensors["features.3.0.weight"].data
        assert np.abs(moved).max() > 0


def test_the_learner_of_the_pulse_prunes_to_the_end_with_averaged_weights():
    graph = zoo.load("ppg-cnn")
    x = np.random.default_rng(0).standard_normal((130, 1, 1000, 1)).astype(np.float32)
    school = {"recipe": replace(pruning_unstructured_pulse.RECIPE, epochs=2), "loss": Distillation(2.0, 0.3),
              "until": 0.5, "every": 1}
    learn = unstructured.learner(graph, {"x": x, "y": np.arange(130) % 6}, school, 0)
    for final in (0.0, 0.8):
        net = MaskedNet(graph)
        learn(net, final)
        assert of_masks(net.masks) == pytest.approx(final, abs=1e-4)
        assert np.mean([(net.to_graph().tensors[name].data == 0).mean() for name in net.weights]) >= 0.5 * final
