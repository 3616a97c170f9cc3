import numpy as np
import pytest

from edgekit.core.affine import dequantize, fake_quantize
from edgekit.core.metrics import sqnr_db
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import predict, run
from edgekit.graph.sensitivity import sensitivity
from tests.graph.test_equalize import chain


@pytest.fixture
def pair(small_graph, batch):
    folded = fold(small_graph)
    return folded, ptq.quantize_graph(folded, ptq.calibrate(folded, [batch]), num_bits=4)


def test_one_row_for_each_grid(pair, batch):
    report = sensitivity(*pair, batch)
    assert [(row.name, row.label, row.op) for row in report.rows] == [
        ("x", "x", "input"), ("relu", "features.conv", "conv2d"), ("y", "head", "dense")]


def test_the_input_alone_by_hand(pair, batch):
    folded, integer = pair
    report = sensitivity(*pair, batch)
    on_grid = fake_quantize(batch, integer.tensors["x"].qparams)
    assert report.rows[0].only_db == pytest.approx(sqnr_db(run(folded, batch), run(folded, on_grid)))


def test_a_layer_alone_by_hand(pair, batch):
    """The last layer: its weight, its bias and its output on their grids, what it reads in floats."""
    folded, integer = pair
    node, values = integer.nodes[-1], run(folded, batch, all_tensors=True)
    x, w, b = integer.inputs_of(node)
    bias = (b.data * x.qparams.scale * w.qparams.scale).astype(np.float32)
    y = values["flat"] @ dequantize(w.data, w.qparams).T + bias
    expected = sqnr_db(values["y"], fake_quantize(y, integer.tensors["y"].qparams))
    assert sensitivity(*pair, batch).rows[-1].only_db == pytest.approx(expected, abs=0.01)


def test_everything_on_its_grid_is_the_integer_graph_but_for_rounded_sums(pair, batch):
    """Both sit on the same grid of outputs; the integer graph rounds each of its three sums within half a step."""
    folded, integer = pair
    report = sensitivity(*pair, batch)
    assert report.all_db == pytest.approx(sqnr_db(run(folded, batch), predict(integer, batch)), abs=1.0)


def test_only_and_but_agree_in_a_network_of_one_layer():
    """Input and one layer: sparing the one leaves the other alone on its grid."""
    rng = np.random.default_rng(0)
    w = rng.normal(size=(3, 4)).astype(np.float32)
    tensors = {"w": Tensor("w", w.shape, "float32", w), "x": Tensor("x", (4,)), "y": Tensor("y", (3,))}
    graph = Graph("one", tensors, [Node("dense", ("x", "w"), "y")], ("x",), ("y",))
    x = rng.normal(size=(50, 4)).astype(np.float32)
    rows = sensitivity(graph, ptq.post_training_quantize(graph, [x], num_bits=3), x).rows
    assert (rows[0].only_db, rows[1].only_db) == (rows[1].but_db, rows[0].but_db)


def test_the_layer_that_was_broken_is_found():
    """One layer's weights on 2 bits, the others on 8: it costs most alone, and sparing it wins most back."""
    graph = chain(1, spread=0.2)
    x = np.random.default_rng(2).normal(size=(30, 6, 6, 2)).astype(np.float32)
    for name in ("a", "b", "c", "d"):
        report = sensitivity(graph, ptq.post_training_quantize(graph, [x], num_bits={name: 2}), x)
        assert report.worst().name == name
        assert max(report.rows, key=lambda row: row.but_db).name == name


def test_batches_do_not_matter_and_nothing_is_random(pair, batch):
    reports = [sensitivity(*pair, batch, lambda out: float(out.mean()), batch_size=size) for size in (5, 16, 16)]
    assert reports[1] == reports[2]
    for one, other in zip(reports[0].rows, reports[1].rows, strict=True):
        assert one.only_db == pytest.approx(other.only_db, abs=1e-3)
        assert one.but_metric == pytest.approx(other.but_metric, abs=1e-5)


def test_the_metric_sees_the_outputs(pair, batch, small_graph):
    said = []
    report = sensitivity(*pair, batch, lambda out: float(out[0, 0]), progress=said.append)
    assert report.float_metric == pytest.approx(float(run(small_graph, batch)[0, 0]), rel=1e-5)
    assert said == ["examples 0 to 16 of 16"]
    assert "features.conv" in str(report)


def test_what_does_not_fit_is_refused(pair, batch, small_graph):
    with pytest.raises(ValueError, match="made from exactly this one"):
        sensitivity(small_graph, pair[1], batch)
    with pytest.raises(ValueError, match="x holds no example"):
        sensitivity(*pair, batch[:0])
