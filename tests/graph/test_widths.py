"""Activations of 16 bits, everywhere or in some layers: nearly all noise that is left comes from the weights."""

import numpy as np
import pytest
import torch

from edgekit.core.affine import dequantize
from edgekit.core.metrics import sqnr_db
from edgekit.graph import file, ptq
from edgekit.graph.check import check_graph
from edgekit.graph.fold import fold
from edgekit.graph.run import predict
from edgekit.graph.widths import node_widths
from edgekit.nn.camera import build
from edgekit.nn.models import PulseNet
from edgekit.nn.trace import trace

NETS = {"pulse": (PulseNet, (1, 200)), "squeeze and excite": (lambda: build("camera-presence", "v3"), (3, 32, 32)),
        "detector": (lambda: build("camera-detect", "v1"), (3, 32, 32))}


@pytest.fixture(scope="module", params=NETS)
def net(request):
    """A folded graph, its ranges, inputs."""
    model, shape = NETS[request.param]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        graph = fold(trace(model().eval(), torch.zeros(2, *shape)))
    x = np.random.default_rng(1).standard_normal((16, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    return graph, ptq.calibrate(graph, [x]), x


def rounded_weights(floating, integer):
    """The float graph with the weights that the integer graph holds: what is left of a difference is activations."""
    coded = [t for t in integer.constants if t.qparams is not None]
    held = {t.name: dequantize(t.data, t.qparams).astype(np.float32) for t in coded}
    return floating.with_tensors(**{
        name: type(floating.tensors[name])(name, data.shape, "float32", data)
        for name, data in held.items() if name in floating.tensors
    })


def layers(graph):
    return [node.output for node in graph.nodes if node.op in ("conv2d", "dense")]


def test_sixteen_bits_leave_almost_no_noise(net):
    graph, ranges, x = net
    noise = {}
    for bits in (8, 16):
        integer = ptq.quantize_graph(graph, ranges, activation_bits=bits)
        check_graph(integer)
        noise[bits] = sqnr_db(predict(rounded_weights(graph, integer), x), predict(integer, x))
    assert noise[16] > noise[8] + 30, "eight more bits are 48 dB; the last steps of weights and products take some"


def test_some_layers_in_sixteen_bits_with_rescaling_between(net):
    graph, ranges, x = net
    names = layers(graph)
    integer = ptq.quantize_graph(graph, ranges, activation_bits={names[1]: 16, names[-1]: 16})
    check_graph(integer)
    wide = {node.output for node in integer.nodes if integer.tensors[node.output].dtype == "int16"}
    assert {names[1], names[-1]} <= wide
    assert integer.tensors[names[0]].dtype == "int8"
    for node in integer.nodes:
        kinds = {t.dtype for t in integer.inputs_of(node) if not t.is_constant} | {integer.tensors[node.output].dtype}
        assert len(kinds) == 1 or node.op == "quantize"
    assert sqnr_db(predict(graph, x), predict(integer, x)) > 5
    back = file.from_bytes(file.to_bytes(integer), "wide.edge")
    np.testing.assert_array_equal(predict(back, x), predict(integer, x))


def test_the_bias_has_the_width_of_the_sum(net):
    graph, ranges, _ = net
    integer = ptq.quantize_graph(graph, ranges, activation_bits={layers(graph)[0]: 16})
    types = {node.output: integer.tensors[node.inputs[2]].dtype for node in integer.nodes if node.op == "conv2d"}
    assert types.pop(layers(graph)[0]) == "int64"
    assert set(types.values()) == {"int32"}


@pytest.mark.parametrize(("bits", "words"), [
    (12, "activation_bits has 12 bits; give 8, 16"),
    ({"nowhere": 16}, "activation_bits names 'nowhere'"),
])
def test_other_widths_and_layers_are_refused(net, bits, words):
    with pytest.raises(ValueError, match=words):
        ptq.quantize_graph(net[0], net[1], activation_bits=bits)


def test_a_recurrent_layer_stays_at_eight_bits():
    from edgekit.nn import zoo

    graph = fold(zoo.load("ppg-gru"))
    gru = next(node.output for node in graph.nodes if node.op == "gru")
    with pytest.raises(ValueError, match="takes 8 bits of activations, got 16"):
        node_widths(graph, {gru: 16})


@pytest.mark.parametrize("how", [{"correct": True}, {"rounding": "adaptive"}])
def test_correction_and_adaptive_rounding_take_one_width(net, how):
    graph, _, x = net
    integer = ptq.post_training_quantize(graph, [x], activation_bits=16, **how)
    check_graph(integer)
    assert sqnr_db(predict(graph, x), predict(integer, x)) > 5
    with pytest.raises(ValueError, match="needs one width of activations"):
        ptq.post_training_quantize(graph, [x], activation_bits={layers(graph)[1]: 16}, **how)
