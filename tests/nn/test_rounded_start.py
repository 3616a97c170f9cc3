"""A training that begins with codes rounded together has exactly these codes, and answers more like the floats."""

import numpy as np
import pytest

from edgekit import tasks
from edgekit.graph.fold import fold
from edgekit.graph.ptq import calibrate, quantize_graph
from edgekit.graph.rounding import round_adaptively
from edgekit.graph.run import predict
from edgekit.nn import zoo
from edgekit.nn.lowbit import LowBitNet
from edgekit.nn.rounded_start import begin_rounded


@pytest.fixture(scope="module")
def made():
    graph, batches = fold(zoo.load("acoustic-student")), tasks.get("acoustic-fault").calibration_batches(96, 0)
    net = LowBitNet(graph, quantize_graph(graph, calibrate(graph, batches)), "ternary", learn_steps=False)
    return graph, batches, net.eval().to_integer(), net


def test_the_codes_are_those_rounded_together(made):
    graph, batches, by_threshold, net = made
    begin_rounded(net, batches)
    together, found = round_adaptively(graph, by_threshold, batches), net.to_integer()
    for tensor in found.constants:
        twin = together.tensors[tensor.name]
        if tensor.qparams is not None:
            np.testing.assert_array_equal(tensor.data, twin.data)
        else:  # a bias, rounded once more in float32, which holds 24 bits
            np.testing.assert_allclose(tensor.data, twin.data, rtol=2.0**-23, atol=1)
    moved = sum((tensor.data != by_threshold.tensors[tensor.name].data).sum() for tensor in found.constants)
    assert moved > 100


def test_the_network_answers_more_like_the_floats(made):
    graph, batches, by_threshold, net = made
    begin_rounded(net, batches)
    x = np.concatenate(tasks.get("acoustic-fault").calibration_batches(96, 1))
    wanted = predict(graph, x)
    before, after = (np.mean((predict(integer, x) - wanted) ** 2) for integer in (by_threshold, net.to_integer()))
    print(f"mean squared distance to the floats: {before:.3f} by threshold, {after:.3f} rounded together")
    assert after < 0.7 * before
