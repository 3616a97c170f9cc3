"""What the studies of few bits share: every variant is what its name says, and learns from the float network alone."""

import numpy as np
import pytest
import torch

from edgekit import tasks
from edgekit.course import few_bits, study_runs
from edgekit.data import load
from edgekit.graph.fold import fold
from edgekit.nn import zoo
from edgekit.nn.acoustic import seconds
from edgekit.nn.distill import kl
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.lowbit import LowBitNet
from edgekit.nn.qat import QatNet
from edgekit.nn.straight_through import Grid
from edgekit.nn.train import outputs

BITS, KINDS, EXAMPLES = (4,), ("ternary",), 192


@pytest.fixture(scope="module")
def student():
    return zoo.load("acoustic-student")


@pytest.fixture(scope="module")
def data():
    return load("acoustic", "train").subset(np.arange(EXAMPLES))


def see(x, y, draw):
    return seconds(x, draw).movedim(1, -1), y


def test_few_values_suit_the_layers_that_mix_channels(student):
    few, folded = few_bits.separable(student), fold(student)
    shape = {node.output: folded.tensors[node.inputs[1]].shape for node in folded.nodes if len(node.inputs) > 1}
    assert [shape[name] for name in few["layers"]] == [(16, 1, 1, 8), (24, 1, 1, 16), (32, 1, 1, 24), (32, 1, 1, 32)]
    assert [shape[name] for name in few["others"]] == [(8, 3, 3, 1), (16, 3, 3, 1), (24, 3, 3, 1), (32, 3, 3, 1)]
    assert set(few["others"].values()) == {4}


def test_a_row_has_a_value_for_every_tolerance_and_each_variant_is_trained_once(student, monkeypatch):
    trained, task = [], tasks.get("acoustic-fault")
    monkeypatch.setattr(type(task), "inputs", lambda self, split, purpose: tiny(task, split, purpose))
    row = few_bits.row(student, task, 0, lambda net, name: trained.append((type(net), name)), BITS, kinds=KINDS,
                       **few_bits.separable(student))
    assert trained == [(GraphNet, "tuned"), (QatNet, "trained4"), (LowBitNet, "ternary")]
    assert set(row) == set(few_bits.tolerances(BITS, kinds=KINDS))
    assert row["tuned"] == row["float"]  # nothing was learnt
    assert row["bytes_ternary"] < row["bytes_nearest4"] == row["bytes_trained4"] < row["bytes_float"]


def tiny(task, split, purpose):
    """The inputs of a few examples of the training split, whatever split is asked for on purpose."""
    assert (split, purpose) == ("test", "report")
    chosen = load(task.dataset, "train").subset(np.arange(0, 600, 10))
    return task.front_end(chosen.x, chosen.fs), chosen.y


def test_only_the_layers_named_get_few_values(student):
    few, task = few_bits.separable(student), tasks.get("acoustic-fault")
    ((name, integer),) = few_bits.variants(student, task, 0, lambda net, name: None, (), KINDS, **few)
    assert name == "ternary"
    largest = {node.output: np.abs(integer.tensors[node.inputs[1]].data.astype(int)).max() for node in integer.nodes
               if node.op in ("conv2d", "dense")}
    assert {name for name, code in largest.items() if code == 1} == set(few["layers"])
    assert {name for name, code in largest.items() if code == 7} == set(few["others"])
    assert [code for code in largest.values() if code not in (1, 7)] == [127, 127]


@pytest.mark.parametrize("gentle", [False, True])
def test_training_starts_where_it_is_told(student, gentle):
    task, learns = tasks.get("acoustic-fault"), []
    found = dict(few_bits.variants(student, task, 0, lambda net, name: learns.extend(steps_of(net)), BITS, KINDS,
                                   gentle=gentle))
    start = "together" if gentle else "nearest"
    assert set(learns) == {not gentle}
    for tensor in found["trained4"].constants:
        twin = found[f"{start}4"].tensors[tensor.name]
        if tensor.qparams is not None:
            np.testing.assert_array_equal(tensor.data, twin.data)
            np.testing.assert_allclose(tensor.qparams.scale, twin.qparams.scale, rtol=1e-6)
        else:  # a bias, rounded once more in float32, which holds 24 bits
            np.testing.assert_allclose(tensor.data, twin.data, rtol=2.0**-23, atol=1)


def steps_of(net):
    """Whether each grid of `net` learns, but for those of fixed operators and of few values."""
    return [grid.change.requires_grad for grid in (*net.grids.values(), *net.weight_grids.values())
            if isinstance(grid, Grid)]


def test_the_recipe_is_that_of_the_name_and_labels_do_not_matter(student, data):
    recipes, found = few_bits.recipes({"tuned": (1, 1e-3), "ternary": (2, 1e-3)}, 64), []
    for labels in (data.y, np.zeros_like(data.y)):
        learn = few_bits.self_taught(zoo.load("acoustic-teacher"), data.x, labels, see, 1, recipes, 0)
        assert [len(learn(GraphNet(student), name)) for name in recipes] == [1, 2]
        net = GraphNet(student)
        learn(net, "tuned")
        found.append([value.detach().numpy() for value in net.parameters()])
    for first, second in zip(*found, strict=True):
        np.testing.assert_array_equal(first, second)


def test_a_network_comes_nearer_to_the_one_that_teaches_it(student, data):
    recipes = few_bits.recipes({"tuned": (6, 1e-3)}, 64)
    learn = few_bits.self_taught(zoo.load("acoustic-teacher"), data.x, data.y, see, 1, recipes, 0)
    x = see(torch.tensor(data.x), None, torch.Generator().manual_seed(0))[0]
    net, theirs = GraphNet(student), torch.tensor(outputs(GraphNet(zoo.load("acoustic-teacher")), x))

    def gap():
        return kl(theirs, torch.tensor(outputs(net, x)), few_bits.TEMPERATURE).item()

    before = gap()
    learn(net, "tuned")
    print(f"KL to the teacher on what it learnt from: {before:.4f} before, {gap():.4f} after")
    assert gap() < 0.9 * before


PLANS = {name: study_runs.find(name)[0] for name in study_runs.declared()}
PLANS = {name: study for name, study in PLANS.items() if "epochs_and_learning_rate" in study.config}


@pytest.mark.parametrize("name", PLANS)
def test_every_variant_that_is_trained_has_a_plan(name):
    definition = PLANS[name]
    plan = definition.config["epochs_and_learning_rate"]
    metrics = {key for key in definition.tolerance if not key.startswith(("bytes", "float", "nearest", "together"))}
    assert set(plan) == metrics
    assert plan["tuned"] == plan["trained4"], "the control trains as long, and as fast"
