"""Cameras are cut by what harms their answers; arms and control learn from the same views of the same scenes."""

import numpy as np
import pytest

from edgekit import data, tasks
from edgekit.core.detection import GRID
from edgekit.course import pruned_cameras
from edgekit.course.pruned_cameras import FIELDS, School, compared, cut, row
from edgekit.course.pruned_nets import FEWER_MACS
from edgekit.graph.channels import couple
from edgekit.graph.cost import macs
from edgekit.graph.run import run
from edgekit.nn import answer_order, camera_healing, camera_views, zoo
from edgekit.nn.answer_order import class_draws
from edgekit.nn.distill import Distillation
from edgekit.nn.quick_net import remeasured
from edgekit.nn.train import Recipe

CAMERAS = {"presence": ("camera-presence-v1", "camera-presence", class_draws, 0.3),
           "detect": ("camera-detect-v1", "camera-detect", camera_views.grid_draws, 0.8)}


@pytest.fixture(scope="module")
def thin():
    """{key: (whole, thinned, inputs)} with one draw for each of 24 inputs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answer_order, "REPEATS", 1)
        found = {}
        for key, (name, task, draws, apart) in CAMERAS.items():
            graph, x = zoo.load(name), tasks.get(task).calibration_batches(24)[0][:24]
            found[key] = graph, cut(graph, x, draws, apart, macs(graph) / FEWER_MACS), x
        return found


@pytest.mark.parametrize(("key", "shape"), [("presence", (24, 4)), ("detect", (24, GRID, GRID, 6))])
def test_a_cut_keeps_the_budget_and_most_of_the_answer(thin, key, shape):
    graph, smaller, x = thin[key]
    limit = macs(graph) / FEWER_MACS
    assert 0.95 * limit < macs(smaller) <= limit
    whole, answer = run(graph, x), run(smaller, x)
    assert answer.shape == whole.shape == shape
    assert np.corrcoef(whole.ravel(), answer.ravel())[0, 1] > 0.9


def test_late_layers_of_the_presence_network_give_more_than_early_ones(thin):
    """Four logits hang on few of the last channels; every map hangs on the first."""
    whole, smaller = (couple(graph).prunable for graph in thin["presence"][:2])
    left = [b.width / a.width for a, b in zip(whole, smaller, strict=True)]
    assert left[-1] < 0.3 < 0.55 < min(left[:3])


@pytest.fixture
def school(thin, monkeypatch):
    """32 scenes and one epoch; both arms begin with one cut, for torch-pruning takes its time."""
    seeds, some = [], data.load("camera", "train").subset(np.arange(32))

    def pictures(seed):
        seeds.append(seed)
        return some.x, some.y, None

    smaller = thin["presence"][1]
    monkeypatch.setattr(camera_healing, "pictures", pictures)
    monkeypatch.setattr(pruned_cameras, "arms", lambda *_: {"ours": smaller, "theirs": remeasured(smaller, some.x)})
    monkeypatch.setattr(pruned_cameras, "standard_error", lambda a, b: 0.5)
    name, task, draws, apart = CAMERAS["presence"]
    yield School(name, task, Recipe(epochs=1, batch_size=16), Distillation(2, 0), draws, apart)
    assert seeds == [3, 3]  # both arms


def test_a_cell_holds_what_the_study_declares(school, monkeypatch):
    found = compared(school, 13, "val")
    assert found.keys() == FIELDS.keys()
    assert found["ahead"] == pytest.approx(found["theirs_drop"] - found["ours_drop"])
    assert found["ours_macs"] >= FEWER_MACS
    assert found["base"] > 75
    monkeypatch.setattr(pruned_cameras, "compared", lambda school, seed: found)
    assert row({"who": school}, 13) == {f"who_{key}": value for key, value in found.items()}
