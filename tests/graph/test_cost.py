import numpy as np
import pytest

from edgekit.core.affine import QParams
from edgekit.graph import cost, file, ptq
from edgekit.graph.cost import packed
from edgekit.graph.fold import fold
from edgekit.graph.ir import Tensor


def test_macs_by_hand(small_graph):
    assert cost.macs_per_node(small_graph) == {
        "conv": 8 * 4 * 3 * 2,
        "norm": 0,
        "relu": 0,
        "pool": 0,
        "flat": 0,
        "y": 12,
    }


def test_float_weight_bytes_are_four_per_constant(small_graph):
    assert cost.weight_bytes(fold(small_graph)) == 4 * (4 * 3 * 2 + 4 + 3 * 4 + 3)


def test_integer_weight_bytes_count_everything(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch])
    conv = 24 + 4 * (4 + 4 + 5)  # codes; per channel: bias, scale, multiplier and shift
    head = 12 + 3 * (4 + 4 + 5)
    activations = 5 * 8  # scale and zero point of x, relu, pool, flat, y
    assert cost.weight_bytes(graph) == conv + head + activations


def test_integer_constants_can_be_read_back(small_graph, batch):
    graph = ptq.post_training_quantize(small_graph, [batch])
    head = graph.tensors["head.weight"]
    blob = cost.constants(graph)["head.weight"]
    codes, scale, multiplier, shift = (
        np.frombuffer(blob[a:b], kind)
        for a, b, kind in ((0, 12, np.int8), (12, 24, np.float32), (24, 36, np.int32), (36, 39, np.int8))
    )
    assert np.array_equal(codes.reshape(3, 4), head.data)
    assert np.array_equal(scale, head.qparams.scale)
    real = graph.tensors["flat"].qparams.scale * scale.astype(float) / graph.tensors["y"].qparams.scale
    np.testing.assert_allclose(multiplier * 2.0 ** (shift.astype(float) - 31), real, rtol=2.0**-30)


def test_summary_says_where_each_figure_comes_from(small_graph):
    table = cost.summary(small_graph)
    assert table["file_bytes"].value == len(file.to_bytes(small_graph))
    assert {name: quantity.kind for name, quantity in table.items()} == {
        "weight_bytes": "measured",
        "file_bytes": "measured",
        "macs": "modelled",
        "peak_ram_bytes": "modelled",
    }
    with pytest.raises(ValueError, match="kind must be one of"):
        cost.Quantity(1, "B", "guessed", "nowhere")


def test_signs_take_one_bit_and_ternary_codes_a_fifth_of_a_byte():
    def bytes_of(codes):
        grid = QParams(0.5, 0, num_bits=2, narrow=True)
        return len(packed(Tensor("w", (40,), "int8", np.asarray(codes, np.int8), grid)))

    assert bytes_of([1, -1] * 20) == 5
    assert bytes_of([1, -1, 0, 0] * 10) == 8
