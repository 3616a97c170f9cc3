import numpy as np
import pytest

from edgekit.core import ops
from edgekit.graph import ptq
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
