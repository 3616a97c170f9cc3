"""The studies of few bits on pictures: which layers get few values, what is trained, and what a view is."""

import numpy as np
import pytest
import torch

from edgekit import tasks
from edgekit.course import few_bits
from edgekit.course import few_bits_of_pictures as pictures
from edgekit.data import load
from edgekit.graph.equalize import equalize
from edgekit.graph.fold import fold
from edgekit.graph.ptq import calibrate, quantize_graph
from edgekit.nn import distill, zoo
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.lowbit import LowBitNet
from edgekit.nn.rounded_start import begin_rounded


@pytest.fixture(scope="module")
def graph():
    return equalize(fold(zoo.load("camera-presence-v1")))


@pytest.fixture(scope="module")
def shots():
    return load("camera", "train").subset(np.arange(24))


def test_few_values_go_where_the_weights_are(graph):
    few, sizes = pictures.few_values(graph), weights(graph)
    assert [sizes[name] for name in few["layers"]] == [2048, 4096, 8192, 16384, 16384, 16384, 24576]
    assert [sizes[name] for name in few["others"]] == [64 * 9, 64 * 9, 128 * 9, 128 * 9, 128 * 9, 128 * 9]
    assert sum(sizes[name] for name in few["layers"]) > 0.85 * sum(sizes.values())


def weights(graph):
    """How many weights each layer has."""
    return {node.output: graph.tensors[node.inputs[1]].data.size for node in graph.nodes if len(node.inputs) > 1}


def test_a_view_is_the_front_end_of_a_mirrored_picture_lit_in_another_way(shots, monkeypatch):
    x, y = torch.tensor(shots.x), torch.tensor(shots.y.astype(int))
    monkeypatch.setattr(pictures, "LIGHT", 0.0)
    seen, labels = pictures.see(x, y, torch.Generator().manual_seed(0))
    plain = tasks.get("camera-presence").front_end(shots.x)
    mirrored = [np.array_equal(view, picture[:, ::-1]) for view, picture in zip(seen.numpy(), plain, strict=True)]
    same = [np.array_equal(view, picture) for view, picture in zip(seen.numpy(), plain, strict=True)]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 0 < sum(mirrored) < len(mirrored)
    assert torch.equal(labels, y)


@pytest.mark.parametrize("name", ["tuned", "binary"])
def test_networks_of_few_values_learn_behind_the_cut_alone(graph, shots, name):
    learn = pictures.self_taught(graph, shots.x, shots.y, few_bits.recipes({name: (1, 1e-3)}, 16), 0, [])
    batches = [tasks.get("camera-presence").front_end(shots.x[:3])]
    integer = quantize_graph(graph, calibrate(graph, batches))
    net = GraphNet(graph) if name == "tuned" else LowBitNet(graph, integer, name, pictures.few_values(graph)["layers"])
    learn(net, name)
    weight = {node.output: node.inputs[1] for node in graph.nodes if len(node.inputs) > 1}
    changed = [output for output, name in weight.items()
               if not np.array_equal(net.constant(name).detach(), graph.tensors[name].data)]
    names = list(weight)
    assert changed == names[names.index(pictures.CUT) + 1 if name == "binary" else 0:]


def test_ternary_weights_begin_rounded_together(graph, shots, monkeypatch):
    task, batches, learnt = tasks.get("camera-presence"), [tasks.get("camera-presence").front_end(shots.x[:3])], []
    monkeypatch.setattr(distill, "learn", lambda net, data, recipe, loss, seed: learnt.append((data[0].shape, recipe)))
    monkeypatch.setattr(type(task), "calibration_batches", lambda self, count, seed: batches)
    recipes = few_bits.recipes({"ternary": (1, 1e-3)}, 16)
    learn, few = pictures.self_taught(graph, shots.x, shots.y, recipes, 0, batches), pictures.few_values(graph)
    (_, begun), = few_bits.variants(graph, task, 0, learn, (), ("ternary",), gentle=True, **few)
    (_, rounded), = few_bits.variants(graph, task, 0, lambda net, _: begin_rounded(net, batches), (), ("ternary",),
                                      gentle=True, **few)
    assert learnt == [((len(shots.x), pictures.VIEWS, 12, 12, 32), recipes["ternary"])]
    weight = {node.output: node.inputs[1] for node in begun.nodes if len(node.inputs) > 1}
    for name in weight.values():
        np.testing.assert_array_equal(begun.tensors[name].data, rounded.tensors[name].data)
    largest = {output: np.abs(begun.tensors[name].data.astype(int)).max() for output, name in weight.items()}
    assert {output for output, code in largest.items() if code == 1} == set(few["layers"])
