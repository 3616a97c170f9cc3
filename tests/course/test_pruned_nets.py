"""Both arms start from one network, learn from the same views, and are judged on the same examples."""

import json

import numpy as np
import pytest
import torch

from edgekit import data, tasks
from edgekit.course import pruned_nets
from edgekit.course.pruned_nets import FEWER_MACS, TOLERANCE, School, arms, compared, row
from edgekit.course.study_defs import pruning_structured_acoustic
from edgekit.graph.channels import couple
from edgekit.graph.cost import macs
from edgekit.nn import zoo
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.train import Recipe


@pytest.mark.parametrize("name", ["ppg-cnn", "acoustic-autoencoder"])
def test_ours_never_takes_more_macs_than_theirs(name):
    limit = macs(zoo.load(name)) / FEWER_MACS
    ours, theirs = (macs(arms(name)[arm]) for arm in ("ours", "theirs"))
    assert 0.9 * limit < ours <= theirs <= limit
    whole = [group.width for group in couple(zoo.load(name)).prunable]
    assert all(group.width <= n for group, n in zip(couple(arms(name)["ours"]).prunable, whole, strict=True))


def test_a_cell_holds_what_the_study_declares_and_repeats():
    """A school of 48 windows and one epoch."""
    seeds = []

    def examples(seed):
        seeds.append(seed)
        x, y = tasks.get("ppg").inputs("val")
        return x[:48], y[:48], None

    schools = {"pulse": School("ppg-cnn", "ppg", examples, Recipe(epochs=1, batch_size=16))}
    found = row(schools, 3)
    assert set(found) == {f"pulse_{field}" for field in TOLERANCE} == set(pruned_nets.tolerance(schools))
    assert found["pulse_ahead"] == pytest.approx(found["pulse_theirs_drop"] - found["pulse_ours_drop"])
    assert found["pulse_base"] > 85
    assert found["pulse_theirs_drop"] > 5  # one epoch on 48 windows heals little
    assert found["pulse_ours_drop"] < found["pulse_theirs_drop"] - 5  # ours was fitted before
    assert found["pulse_ours_macs"] >= found["pulse_theirs_macs"] >= FEWER_MACS
    assert {f"pulse_{field}": value for field, value in compared(schools["pulse"], 3).items()} == found
    assert seeds == [3, 3]


SCHOOLS = {school.network: school for school in pruning_structured_acoustic.SCHOOLS.values()}


@pytest.mark.parametrize("name", SCHOOLS)
def test_views_are_what_the_network_takes(name, monkeypatch):
    """Of the small embedded data: the shapes and the scale of the inputs of the graph."""
    def machines(seed):
        return data.load("acoustic", "train").subset(np.arange(12))

    monkeypatch.setattr(pruned_nets, "_units", machines)
    x, y, vary = SCHOOLS[name].examples(0)
    draw = torch.Generator().manual_seed(0)
    seen, labels = vary(torch.as_tensor(np.asarray(x[:4])), torch.as_tensor(y[:4]), draw)
    graph = zoo.load(name)
    assert seen.shape == (4, *graph.tensors[graph.inputs[0]].shape)
    assert labels.tolist() == y[:4].tolist()
    assert 0.05 < float(seen.std()) < 3


def test_a_study_is_told_in_json():
    told = json.loads(json.dumps(pruned_nets.config(pruning_structured_acoustic.SCHOOLS)))
    assert told["healing"]["fault"]["epochs"] == SCHOOLS["acoustic-teacher"].recipe.epochs
    assert told["networks"]["anomaly"] == "acoustic-autoencoder"


def test_ours_takes_half_of_the_way_to_what_the_errors_say():
    """The pulse network's wide ends can be spared: narrower than one ratio leaves them, the dilated middle wider."""
    ours, theirs = ([group.width for group in couple(graph).prunable] for graph in arms("ppg-cnn").values())
    assert ours[0] < theirs[0]
    assert ours[-1] < theirs[-1]
    assert ours[3] > theirs[3]


def test_a_flat_answer_holds_the_same_numbers():
    graph = zoo.load("camera-detect-v1")
    x = torch.zeros(2, 96, 96, 3)
    flat = pruned_nets.flattened(GraphNet(graph))(x)
    assert flat.shape == (2, 864)
    assert torch.equal(flat.reshape(2, 12, 12, 6), GraphNet(graph)(x))
