"""ONNX Runtime's quantizer, called from here: what it makes is read, and runs to the same numbers in both."""

import numpy as np
import pytest

from edgekit.deploy.onnx import from_onnx, quantize_static
from edgekit.deploy.onnx.static import channels_first
from edgekit.deploy.oracle_ort import greatest_weight
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import predict, run

onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture
def net():
    """A convolution with ReLU and a dense layer over 6x5 pictures of 3 channels."""
    rng = np.random.default_rng(5)
    constants = {name: Tensor(name, shape, "float32", rng.standard_normal(shape).astype(np.float32) * 0.3)
                 for name, shape in {"w": (4, 3, 3, 3), "b": (4,), "v": (2, 120), "c": (2,)}.items()}
    geometry = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    nodes = [Node("conv2d", ["x", "w", "b"], "a", {**geometry, "activation": "relu"}),
             Node("reshape", ["a"], "f", {"shape": (120,)}), Node("dense", ["f", "v", "c"], "y")]
    shapes = {"x": (6, 5, 3), "a": (6, 5, 4), "f": (120,), "y": (2,)}
    flow = {name: Tensor(name, shape) for name, shape in shapes.items()}
    return Graph("net", {**constants, **flow}, nodes, ["x"], ["y"])


@pytest.fixture
def batches():
    rng = np.random.default_rng(6)
    return [rng.standard_normal((16, 6, 5, 3)).astype(np.float32) for _ in range(3)]


@pytest.mark.skipif(greatest_weight() < 127, reason="ONNX Runtime saturates 8-bit weights on this processor")
@pytest.mark.parametrize("per_channel", [False, True])
def test_the_model_it_makes_gives_here_what_it_gives_there(net, batches, per_channel):
    model = quantize_static(net, batches, per_channel)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.qdqisint8allowed", "1")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"x": channels_first(batches[0])})[0]
    np.testing.assert_array_equal(predict(from_onnx(model), batches[0], "ort"), theirs)


def test_every_batch_counts(net, batches):
    """Ranges are those of all batches: the input's grid spans the extremes, which lie in different batches."""
    batches[0][0, 0, 0, 0], batches[2][0, 0, 0, 0] = -9.0, 11.0
    graph = from_onnx(quantize_static(net, iter(batches)))
    grid = next(graph.tensors[node.output].qparams for node in graph.nodes if node.op == "quantize")
    assert grid.scale == pytest.approx(20 / 255, rel=1e-5)
    assert grid.zero_point == round(-128 + 9 / (20 / 255))


def test_per_channel_is_passed_on(net, batches):
    sizes = {}
    for per_channel in (False, True):
        graph = from_onnx(quantize_static(net, batches, per_channel))
        conv = next(node for node in graph.nodes if node.op == "conv2d")
        sizes[per_channel] = np.size(graph.tensors[conv.inputs[1]].qparams.scale)
    assert sizes == {False: 1, True: 4}


def test_the_float_graph_is_left_alone(net, batches):
    before = run(net, batches[0])
    quantize_static(net, batches)
    np.testing.assert_array_equal(run(net, batches[0]), before)


def test_an_integer_graph_is_refused(net, batches):
    integer = ptq.quantize_graph(fold(net), ptq.calibrate(net, batches))
    with pytest.raises(ValueError, match="net is an integer graph already; give the folded float graph"):
        quantize_static(integer, batches)
