import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

from edgekit.core import ops
from edgekit.core.integer.fixed_point import PRESETS
from edgekit.core.metrics import sqnr_db
from edgekit.graph import ptq
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import predict, probabilities, run


def test_float_run_equals_the_operators_one_after_the_other(small_graph, batch):
    t = {name: tensor.data for name, tensor in small_graph.tensors.items()}
    x = ops.conv2d(batch, t["conv.weight"], padding=((0, 0), (1, 1)))
    x = ops.relu(ops.batch_norm(x, t["norm.weight"], t["norm.bias"], t["norm.mean"], t["norm.variance"]))
    expected = ops.dense(x.mean(axis=(1, 2)), t["head.weight"], t["head.bias"])
    np.testing.assert_allclose(run(small_graph, batch), expected, rtol=0, atol=8 * 8 * np.finfo(np.float32).eps)


def test_all_tensors_holds_every_activation(small_graph, batch):
    values = run(small_graph, batch, all_tensors=True)
    assert set(values) == {"x", "conv", "norm", "relu", "pool", "flat", "y"}
    assert all(values[name].shape[1:] == small_graph.tensors[name].shape for name in values)


def test_a_batch_is_its_examples(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch])
    assert np.array_equal(predict(graph, batch), np.concatenate([predict(graph, x[None]) for x in batch]))


def test_probabilities_sum_to_one(small_graph, batch):
    np.testing.assert_allclose(
        probabilities(small_graph, batch).sum(axis=1), 1, rtol=0, atol=3 * np.finfo(np.float32).eps
    )


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 1, 7, 2), np.float32), r"takes shape \(N, 1, 8, 2\).*got \(2, 1, 7, 2\)"),
        (np.zeros((0, 1, 8, 2), np.float32), "with N >= 1"),
        (np.zeros((2, 1, 8, 2), np.int8), "takes float32, got int8"),
        (np.full((2, 1, 8, 2), np.nan, np.float32), "NaN or infinite"),
    ],
)
def test_bad_input_is_a_clear_error(small_graph, x, message):
    with pytest.raises(ValueError, match=message):
        run(small_graph, x)


def test_unknown_rounding_preset_lists_the_known(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch])
    with pytest.raises(ValueError, match="cmsis"):
        run(graph, np.zeros((1, 1, 8, 2), np.int8), preset="mystery")


@pytest.fixture
def residual_graph():
    """A depthwise convolution, a sum that is read twice, and a ReLU6 of its own."""
    rng = np.random.default_rng(5)
    w = rng.normal(size=(8, 3, 3, 1)).astype(np.float32)
    tensors = {
        name: Tensor(name, (6, 6, 4 if name == "x" else 8)) for name in ("x", "wide", "depth", "sum", "six", "y")
    }
    tensors["w1"] = Tensor("w1", (8, 1, 1, 4), "float32", rng.normal(size=(8, 1, 1, 4)).astype(np.float32))
    tensors["w2"] = Tensor("w2", w.shape, "float32", w)
    geometry = {"stride": (1, 1), "dilation": (1, 1)}
    nodes = [
        Node("conv2d", ("x", "w1"), "wide", {**geometry, "padding": ((0, 0), (0, 0)), "groups": 1}),
        Node("conv2d", ("wide", "w2"), "depth", {**geometry, "padding": ((1, 1), (1, 1)), "groups": 8}),
        Node("add", ("wide", "depth"), "sum"),
        Node("relu6", ("sum",), "six"),
        Node("add", ("sum", "six"), "y"),
    ]
    return Graph("residual", tensors, nodes, ("x",), ("y",))


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_residual_graph_in_integers(residual_graph, preset):
    x = np.random.default_rng(6).normal(size=(16, 6, 6, 4)).astype(np.float32)
    graph = ptq.post_training_quantize(residual_graph, [x])
    assert sqnr_db(run(residual_graph, x), predict(graph, x, preset)) > 25
    codes = run(graph, ptq.quantize(x, graph.tensors["x"].qparams), preset, all_tensors=True)
    q = graph.tensors["six"].qparams
    ends = int(q.zero_point), int(q.zero_point) + int(np.rint(6 / q.scale))
    assert np.array_equal(codes["six"], np.clip(codes["sum"], *np.clip(ends, -128, 127)))


def test_what_is_made_ready_belongs_to_one_graph_and_goes_with_it(small_graph):
    """Layers and steps are kept beside a graph: changed weights are a graph of their own, and nothing outlives one."""
    x = np.random.default_rng(0).standard_normal((4, 1, 8, 2)).astype(np.float32)
    graph = ptq.post_training_quantize(small_graph, [x])
    before, name = predict(graph, x), "head.weight"
    tensor = graph.tensors[name]
    other = graph.with_tensors(**{name: replace(tensor, data=-tensor.data)})
    assert not np.array_equal(predict(other, x), before)
    assert np.array_equal(predict(graph, x), before)
    presets = {preset: predict(graph, x, preset).tobytes() for preset in ("reference", "xnnpack", "cmsis")}
    assert {preset: predict(graph, x, preset).tobytes() for preset in presets} == presets
    gone = weakref.ref(graph)
    del graph
    gc.collect()
    assert gone() is None
