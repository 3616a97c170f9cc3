"""A network in two parts gives what it gave whole, and training the second part leaves the first as it was."""

import numpy as np
import pytest
import torch

from edgekit.data import load
from edgekit.graph.fold import fold
from edgekit.graph.ptq import calibrate, quantize_graph
from edgekit.nn import zoo
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.parts import answers, parts
from edgekit.nn.qat import QatNet
from edgekit.nn.train import Recipe, train
from edgekit.tasks import acoustic

CUT = "relu_3"


@pytest.fixture(scope="module")
def graph():
    return fold(zoo.load("acoustic-student"))


@pytest.fixture(scope="module")
def x():
    data = load("acoustic", "train").subset(np.arange(0, 320, 10))
    return torch.tensor(acoustic.front_end(data.x, data.fs))


def nets(graph, x):
    return {"float": GraphNet(graph), "integer": QatNet(graph, quantize_graph(graph, calibrate(graph, [x.numpy()])))}


@pytest.mark.parametrize("kind", ["float", "integer"])
@pytest.mark.parametrize("training", [False, True])
def test_the_second_part_goes_on_where_the_first_ends(graph, x, kind, training):
    net = nets(graph, x)[kind]
    first, rest = parts(net, CUT)
    for each in (net, first, rest):
        each.train(training)
    with torch.no_grad():
        between = first(x)
        assert between.shape[1:] == graph.tensors[CUT].shape
        assert torch.equal(rest(between), net(x))


@pytest.mark.parametrize("kind", ["float", "integer"])
def test_training_the_second_part_changes_the_network_behind_the_cut_alone(graph, x, kind):
    net = nets(graph, x)[kind]
    before = {name: value.clone() for name, value in net.state_dict().items()}
    first, rest = parts(net, CUT)
    train(rest, answers(first, x), np.arange(len(x)) % 2, Recipe(epochs=1, batch_size=16))
    changed = {name for name, value in net.state_dict().items() if not torch.equal(value, before[name])}
    early = [name for node in first.graph.nodes for name in node.inputs if name in net.places]
    late = [name for node in rest.graph.nodes for name in node.inputs if name in net.places]
    assert not changed & {f"constants.{net.places[name]}" for name in early}
    assert changed >= {f"constants.{net.places[name]}" for name in late}
    assert len(early) == 2 * 4
    np.testing.assert_array_equal(answers(first, x), answers(parts(net, CUT)[0], x))


def test_batches_do_not_matter(graph, x):
    first = parts(GraphNet(graph), CUT)[0]
    torch.testing.assert_close(answers(first, x, batch_size=5), answers(first, x), atol=1e-5, rtol=1e-5)


def test_an_unknown_activation_is_named(graph):
    with pytest.raises(ValueError, match=r"no activation .nowhere'.*relu, relu_1"):
        parts(GraphNet(graph), "nowhere")
    with pytest.raises(ValueError, match="no activation"):
        parts(GraphNet(graph), graph.outputs[0])


def test_a_cut_that_later_nodes_reach_behind_is_refused():
    net = GraphNet(fold(zoo.load("camera-detect-v1")))
    with pytest.raises(ValueError, match="reads 'relu__20' before it is computed"):
        parts(net, "relu__21")
