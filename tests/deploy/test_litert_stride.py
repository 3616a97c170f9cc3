"""A stride folded into channels gives the same output, in integers to the last code."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.affine import QParams
from edgekit.deploy.litert_stride import LONGEST_STRIDE, fold_strides
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.graph.shapes import check_shapes, infer


def strided(rng, width, stride, taps, padding, channels, height=1, down=1, dilation=1, groups=1):
    """A convolution of random codes, a bias among them."""
    attrs = {"stride": (down, stride), "padding": ((0, 0), padding), "dilation": (1, dilation), "groups": groups}
    w = rng.integers(-127, 128, (4, 1, taps, channels // groups)).astype(np.int8)
    tensors = {
        "x": Tensor("x", (height, width, channels), "int8", None, QParams(0.02, int(rng.integers(-128, 128)))),
        "w": Tensor("w", w.shape, "int8", w, QParams(np.full(4, 0.01), np.zeros(4, int), axis=0)),
        "b": Tensor("b", (4,), "int32", rng.integers(-500, 500, 4).astype(np.int32)),
    }
    shape = infer("conv2d", [tensors[name].shape for name in ("x", "w", "b")], attrs)
    tensors["y"] = Tensor("y", shape, "int8", None, QParams(0.1, 3))
    return Graph("strided", tensors, [Node("conv2d", ("x", "w", "b"), "y", attrs)], ("x",), ("y",))


@given(st.integers(0, 2**32), st.integers(4, 7), st.integers(2, 6), st.integers(1, 12), st.integers(0, 9),
       st.integers(0, 9), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2))
def test_every_output_stays_equal(seed, stride, groups_of_columns, taps, left, right, channels, height, down):
    rng, width = np.random.default_rng(seed), stride * groups_of_columns
    taps = min(taps, width)
    graph = strided(rng, width, stride, taps, (left, right), channels, height, down)
    folded = fold_strides(graph)
    check_shapes(folded)
    assert [node.op for node in folded.nodes] == ["reshape", "conv2d"]
    assert max(folded.nodes[1].attrs["stride"]) <= LONGEST_STRIDE
    x = rng.integers(-128, 128, (3, *graph.tensors["x"].shape), np.int8)
    assert np.array_equal(run(graph, x), run(folded, x))


@pytest.mark.parametrize("case", [
    {"width": 21, "stride": 4}, {"width": 20, "stride": 3}, {"width": 20, "stride": 4, "dilation": 2},
    {"width": 20, "stride": 4, "channels": 2, "groups": 2},
])
def test_what_cannot_be_folded_stays(case):
    graph = strided(np.random.default_rng(0), **{"taps": 3, "padding": (1, 1), "channels": 2, **case})
    assert fold_strides(graph) is graph
