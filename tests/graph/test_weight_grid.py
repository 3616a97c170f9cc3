import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.affine import choose_qparams, fake_quantize
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.ir import Tensor
from edgekit.graph.weight_grid import SHARES, bits_per_layer, weight_range


def tensor(data):
    return Tensor("w", data.shape, "float32", data.astype(np.float32))


@given(st.integers(0, 1000), st.integers(2, 8))
def test_least_squared_error_over_all_shares_tried(seed, num_bits):
    w = np.random.default_rng(seed).standard_t(3, (5, 40))
    low, high = weight_range(tensor(w), True, num_bits, "mse")

    def loss(end, row):
        qparams = choose_qparams(-end, end, num_bits, "symmetric")
        return np.square(fake_quantize(row.astype(np.float32), qparams).astype(float) - row.astype(np.float32)).sum()

    for row, end in zip(w, high, strict=True):
        top = float(np.abs(row.astype(np.float32)).max())
        assert loss(end, row) <= min(loss(top * share, row) for share in SHARES) * (1 + 1e-4)
    np.testing.assert_array_equal(low, -high)


def test_a_few_bits_clip_and_eight_hardly_do():
    w = tensor(np.random.default_rng(0).normal(size=(1, 4000)))
    top = np.abs(w.data).max()
    assert weight_range(w, False, 2, "mse")[1] < 0.6 * top
    assert weight_range(w, False, 8, "mse")[1] > 0.9 * top
    assert weight_range(w, False, 8)[1] == top


def test_bits_of_each_layer(small_graph):
    graph = fold(small_graph)
    assert bits_per_layer(graph, 4) == {"relu": 4, "y": 4}
    assert bits_per_layer(graph, {"y": 2}) == {"relu": 8, "y": 2}


@pytest.mark.parametrize(("num_bits", "message"), [
    (1, "2..8 bits, got 1"), (9, "2..8 bits, got 9"), (4.0, "got 4.0"), (True, "got True"), ({"y": 16}, "layer 'y'"),
    ({"nowhere": 4}, "'nowhere', which is no layer with weights; there are relu, y"),
])
def test_bits_out_of_range(small_graph, batch, num_bits, message):
    with pytest.raises(ValueError, match=message):
        ptq.post_training_quantize(small_graph, [batch], num_bits=num_bits)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("per_channel", [True, False])
def test_weights_that_are_not_finite(small_graph, batch, value, per_channel):
    folded = fold(small_graph)
    data = folded.tensors["head.weight"].data.copy()
    data[1, 2] = value
    broken = folded.with_tensors(**{"head.weight": Tensor("head.weight", data.shape, "float32", data)})
    with pytest.raises(ValueError, match=r"'head\.weight' holds NaN or infinite"):
        ptq.quantize_graph(broken, ptq.calibrate(folded, [batch]), per_channel)


def test_an_unknown_observer(small_graph, batch):
    with pytest.raises(ValueError, match="weight_observer must be one of"):
        ptq.post_training_quantize(small_graph, [batch], weight_observer="guess")
