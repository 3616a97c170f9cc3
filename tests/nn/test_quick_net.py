"""Thinned networks train on: the same answers and gradients as before, and statistics measured anew."""

import numpy as np
import pytest
import torch

from edgekit.graph.fold import fold
from edgekit.graph.run import run
from edgekit.nn import zoo
from edgekit.nn.prune import TunableNet
from edgekit.nn.quick_net import QuickNet, remeasured

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name", ["camera-presence-v1", "camera-detect-v1", "camera-presence-v3", "ppg-cnn"])
def test_it_answers_and_learns_as_the_plain_one(name):
    graph = zoo.load(name)
    x = torch.from_numpy(RNG.normal(size=(2, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32))
    quick, plain = QuickNet(graph), TunableNet(graph)
    for training in (False, True):
        found, wanted = (net.train(training)(x) for net in (quick, plain))
        torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-3 * float(wanted.abs().max()))
    first = next(node for node in graph.nodes if node.op == "conv2d").inputs[1]
    slopes = [torch.autograd.grad(y.sum(), net.constant(first))[0] for net, y in ((quick, found), (plain, wanted))]
    torch.testing.assert_close(*slopes, rtol=0.01, atol=0.01 * float(slopes[1].abs().max()))
    np.testing.assert_allclose(run(quick.to_graph(), x.numpy()), quick.eval()(x).detach(), rtol=1e-3, atol=1e-3)


def test_measured_anew_each_norm_gives_mean_beta_and_deviation_gamma():
    graph = zoo.load("ppg-cnn")
    x = 2 + 3 * RNG.normal(size=(48, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    again = remeasured(graph, x)
    values = run(again, x, all_tensors=True)
    for node in again.nodes:
        if node.op == "batch_norm":
            gamma, beta = (again.tensors[name].data for name in node.inputs[1:3])
            axes = tuple(range(values[node.output].ndim - 1))
            np.testing.assert_allclose(values[node.output].mean(axes), beta, atol=0.02 * np.abs(gamma).max())
            np.testing.assert_allclose(values[node.output].std(axes), np.abs(gamma), rtol=0.05, atol=0.01)
    folded = fold(graph)
    assert remeasured(folded, x).tensors.keys() == folded.tensors.keys()  # none left, nothing to do
