from dataclasses import replace

import numpy as np
import pytest

from edgekit.core import metrics
from edgekit.core.integer.fixed_point import PRESETS
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import predict, run


def test_integer_graph_stays_close_to_the_float_graph(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch])
    assert metrics.sqnr_db(run(small_graph, batch), predict(graph, batch)) > 30


def test_every_intermediate_tensor_stays_close(small_graph, batch):
    """Each activation is off by at most the steps that its layer and the layers before it can lose."""
    folded = fold(small_graph)
    graph = ptq.quantize_graph(folded, ptq.calibrate(folded, [batch]))
    floats = run(folded, batch, all_tensors=True)
    x = graph.tensors["x"].qparams
    codes = run(graph, ptq.quantize(batch, x), all_tensors=True)
    relu = graph.tensors["relu"].qparams
    weight = graph.tensors["conv.weight.folded"]
    real = np.abs(folded.tensors["conv.weight.folded"].data).reshape(4, -1)
    from_x = x.scale / 2 * real.sum(axis=1)
    from_w = (
        weight.qparams.scale / 2 * np.abs(batch).max() * real.shape[1] + x.scale * weight.qparams.scale * real.shape[1]
    )
    bound = (from_x + from_w).max() + relu.scale * 1.001
    error = np.abs((codes["relu"].astype(float) - relu.zero_point) * relu.scale - floats["relu"])
    assert error.max() <= bound


def test_weights_are_narrow_and_per_channel(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch])
    weight = graph.tensors["conv.weight.folded"]
    assert weight.data.dtype == np.int8
    assert np.abs(weight.data.astype(int)).reshape(4, -1).max(axis=1).tolist() == [127] * 4
    assert weight.qparams.scale.shape == (4,)
    per_tensor = ptq.post_training_quantize(small_graph, [batch], per_channel=False)
    assert per_tensor.tensors["conv.weight.folded"].qparams.scale.shape == ()


def test_bias_is_int32_at_the_scale_of_the_products(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch])
    node = graph.nodes[0]
    x, w, b = graph.inputs_of(node)
    scale = x.qparams.scale * w.qparams.scale
    real = fold(small_graph).tensors[b.name].data
    assert b.data.dtype == np.int32
    assert np.abs(b.data * scale - real).max() <= (scale / 2).max() * 1.0001


def test_pool_and_reshape_keep_the_scale(small_graph, batch):
    tensors = ptq.post_training_quantize(small_graph, [batch]).tensors
    assert tensors["relu"].qparams is tensors["pool"].qparams is tensors["flat"].qparams


def test_scales_are_float32_as_files_keep_them(small_graph, batch):
    for tensor in ptq.post_training_quantize(small_graph, [batch]).tensors.values():
        if tensor.qparams is not None:
            assert np.array_equal(tensor.qparams.scale, tensor.qparams.scale.astype(np.float32))


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets_differ_by_at_most_one_step_per_layer(small_graph, batch, preset):
    graph = ptq.post_training_quantize(small_graph, [batch])
    q = np.random.default_rng(3).integers(-128, 128, (64, 1, 8, 2)).astype(np.int8)
    first = {
        name: run(graph, q, p, all_tensors=True)["relu"].astype(int) for name, p in (("a", preset), ("b", "cmsis"))
    }
    assert np.abs(first["a"] - first["b"]).max() <= 1


def test_a_batch_norm_left_over_is_an_error(small_graph, batch):
    with pytest.raises(ValueError, match="not folded; call fold"):
        ptq.quantize_graph(small_graph, ptq.calibrate(small_graph, [batch]))


def test_calibration_needs_data(small_graph):
    with pytest.raises(ValueError, match="no batch was given"):
        ptq.calibrate(small_graph, [])
    with pytest.raises(ValueError, match="NaN or infinite"):
        ptq.calibrate(small_graph, [np.full((1, 1, 8, 2), np.inf, np.float32)])


def test_a_missing_range_names_the_activation(small_graph, batch):
    folded = fold(small_graph)
    ranges = ptq.calibrate(folded, [batch])
    del ranges["pool"]
    with pytest.raises(ValueError, match="no range for activation 'pool'"):
        ptq.quantize_graph(folded, ranges)


def test_calibration_data_that_say_nothing_or_do_not_fit(small_graph):
    with pytest.raises(ValueError, match=r"every value of the calibration data is 0\.5"):
        ptq.calibrate(small_graph, [np.full((3, 1, 8, 2), 0.5, np.float32)] * 2)
    with pytest.raises(ValueError, match=r"takes shape \(N, 1, 8, 2\)"):
        ptq.calibrate(small_graph, [np.zeros((3, 8, 2), np.float32)])
    with pytest.raises(ValueError, match="N >= 1"):
        ptq.calibrate(small_graph, [np.zeros((0, 1, 8, 2), np.float32)])


@pytest.mark.parametrize("options", [{}, {"rounding": "adaptive"}, {"correct": True}])
@pytest.mark.parametrize("kind", ["uint8", "int32", "float64"])
def test_pictures_in_whole_numbers_calibrate_as_their_floats_do(small_graph, kind, options):
    codes = np.random.default_rng(5).integers(0, 256, (6, 1, 8, 2)).astype(kind)
    same = codes.astype(np.float32)
    assert ptq.calibrate(small_graph, [codes]) == ptq.calibrate(small_graph, [same])
    ours, expected = (ptq.post_training_quantize(small_graph, [batch], **options) for batch in (codes, same))
    np.testing.assert_array_equal(predict(ours, same), predict(expected, same))


@pytest.mark.parametrize("batch", [np.array([["a"]]), [None], np.array([1j])])
def test_calibration_data_that_are_no_numbers(small_graph, batch):
    with pytest.raises(ValueError, match="calibrate: a batch must hold real or whole numbers, got "):
        ptq.post_training_quantize(small_graph, [batch])


@pytest.mark.parametrize("equalize", [False, True])
@pytest.mark.parametrize("options", [{}, {"correct": True}, {"rounding": "adaptive"}])
def test_options_compose(small_graph, batch, equalize, options):
    graph = ptq.post_training_quantize(small_graph, [batch], "mse", False, 4, weight_observer="mse",
                                       equalize=equalize, **options)
    assert graph.tensors["conv.weight.folded"].qparams.num_bits == 4
    assert metrics.sqnr_db(run(small_graph, batch), predict(graph, batch)) > 12


def test_bits_layer_by_layer(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch], num_bits={"relu": 4})
    assert [graph.tensors[n].qparams.num_bits for n in ("conv.weight.folded", "head.weight")] == [4, 8]


@pytest.mark.parametrize("per_channel", [True, False])
def test_the_bias_of_a_dead_channel_survives(per_channel):
    """A channel whose weights have decayed away keeps its bias: its step grows until the bias fits in int32."""
    weight = np.ones((2, 4), np.float32)
    weight[1] *= 1e-9
    tensors = {"x": Tensor("x", (4,)), "y": Tensor("y", (2,)), "w": Tensor("w", (2, 4), "float32", weight),
               "b": Tensor("b", (2,), "float32", np.array([0.25, 0.5], np.float32))}
    graph = Graph("dead", tensors, [Node("dense", ["x", "w", "b"], "y")], ["x"], ["y"])
    x = np.random.default_rng(0).uniform(-1, 1, (64, 4)).astype(np.float32)
    integer = ptq.post_training_quantize(graph, [x], per_channel=per_channel)
    step = integer.tensors["y"].qparams.scale
    assert np.abs(predict(integer, x) - predict(graph, x))[:, 1].max() <= step


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["conv.weight", "head.bias", "norm.weight"])
def test_weights_that_are_not_finite_are_named_and_not_taken_for_data(small_graph, batch, bad, name):
    data = small_graph.tensors[name].data.copy()
    data.flat[0] = bad
    broken = small_graph.with_tensors(**{name: replace(small_graph.tensors[name], data=data)})
    for call in (ptq.calibrate, ptq.post_training_quantize):
        with pytest.raises(ValueError, match=f"the model's own tensor '{name}' holds NaN or infinite") as caught:
            call(broken, [batch])
        assert "calibration data" not in str(caught.value)


def test_activations_that_overflow_are_named(small_graph, batch):
    huge = replace(small_graph.tensors["conv.weight"], data=np.full((4, 1, 3, 2), 3e38, np.float32))
    finite = pytest.raises(ValueError, match=r"activation '\w+' is not finite")
    with np.errstate(over="ignore", invalid="ignore"), finite:
        ptq.calibrate(small_graph.with_tensors(**{"conv.weight": huge}), [batch])


def two_inputs():
    """dense(a) + b: two inputs of different ranges."""
    w = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    tensors = {"a": Tensor("a", (3,)), "b": Tensor("b", (4,)), "w": Tensor("w", (4, 3), "float32", w),
               "h": Tensor("h", (4,)), "y": Tensor("y", (4,))}
    nodes = [Node("dense", ["a", "w"], "h"), Node("add", ["h", "b"], "y")]
    return Graph("pair", tensors, nodes, ["a", "b"], ["y"])


@pytest.mark.parametrize("options", [{}, {"rounding": "adaptive"}, {"correct": True}])
def test_a_graph_of_two_inputs_is_calibrated_and_predicted_with_tuples(options):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((40, 3)).astype(np.float32), 50 * rng.standard_normal((40, 4)).astype(np.float32)
    integer = ptq.post_training_quantize(two_inputs(), [tuple(part[:20] for part in x), tuple(p[20:] for p in x)],
                                         **options)
    grids = [integer.tensors[name].qparams for name in ("a", "b")]
    for grid, part in zip(grids, x, strict=True):
        np.testing.assert_allclose(float(grid.scale), (part.max() - part.min()) / 255, rtol=1e-6)
    expected = run(two_inputs(), x)
    ours = predict(integer, x, batch_size=7)
    np.testing.assert_array_equal(predict(two_inputs(), x, batch_size=7), expected)
    assert np.abs(ours - expected).max() < 3 * float(grids[1].scale)


def test_one_array_for_two_inputs_is_an_error():
    one = np.ones((2, 3), np.float32)
    for call in (lambda: ptq.calibrate(two_inputs(), [one]), lambda: predict(two_inputs(), one)):
        with pytest.raises(ValueError, match="takes 2 inputs, a, b, got 1; pass a tuple of arrays"):
            call()
    with pytest.raises(ValueError, match="one batch size"):
        predict(two_inputs(), (one, np.ones((3, 4), np.float32)))
